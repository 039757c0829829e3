"""Debian's Chromium without a window, driven through its own driver; nothing is downloaded."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.required import cannot_run

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root, in a container of its own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,900",
)
#: A busy machine takes its time.
_SECONDS = 60


class Page:
    """A page in the browser."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, file: Path) -> None:
        self.driver.get_log("performance")  # what the browser's own first page asked for
        self.driver.get(file.as_uri())

    def script(self, code: str, *args: Any) -> Any:
        return self.driver.execute_script(code, *args)

    def click(self, selector: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def press(self, selector: str, *keys: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(*keys)

    def text(self, selector: str) -> str:
        return str(self.script("return document.querySelector(arguments[0]).textContent", selector))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that are shown."""
        code = (
            "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility())"
            ".map((one) => one.textContent)"
        )
        return list(self.script(code, selector))

    def search(self, words: str, *, found: str) -> None:
        """Type into the search field, and wait for the number of hits."""
        self.script("document.getElementById('search').value = ''")
        self.press("#search", words)
        WebDriverWait(self.driver, _SECONDS).until(lambda _: self.text("#found") == found, self.text("#found"))

    def prefer(self, scheme: str) -> None:
        """Let the system prefer light or dark."""
        features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", features)

    def style(self, selector: str, name: str) -> str:
        code = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        return str(self.script(code, selector, name))

    def requests(self) -> list[str]:
        """The addresses of everything that was asked for since the page was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """What the browser's console says."""
        return [entry["message"] for entry in self.driver.get_log("browser")]


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Start Chromium.

    Args:
        profile: A new folder for what it keeps.
    """
    binary, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (binary and chromedriver):
        cannot_run("there is no Chromium with its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    driver.set_page_load_timeout(_SECONDS)
    driver.set_script_timeout(_SECONDS)
    try:
        yield Page(driver)
    finally:
        driver.quit()
