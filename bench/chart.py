"""The chart of a run: ratios to this layer, one panel a kind of work."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from bench.contenders import CONTENDERS
from bench.measuring import COLD
from bench.report import base_of, label_of
from bench.results import Ratio, Results, Samples, ratio

_CPU = ("page", "tree_10000", "get", "create_10000")
_OURS, _PEER = "#1b7f5c", "#9aa5b1"


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw the chart as PNG and SVG.

    Returns:
        The files; none where nothing was measured that the chart shows.
    """
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "bench"  # the same figures give the same file
    labels = {name: entry.label for name, entry in CONTENDERS.items()}
    programs = {name: cold.label for name, cold in COLD.items()}
    panels = [
        *(_panel(f"CPU: {label_of(work)}", results.cpu, work, labels) for work in _CPU if work in results.cpu),
        *(_panel(f"Peak memory: {label_of(work)}", results.memory, work, labels) for work in results.memory),
        *(_panel("CPU of a fresh process to its first result", results.cold, work, programs) for work in results.cold),
    ]
    if not panels:
        return []
    columns = 2
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(13, 3.4 * rows), squeeze=False, layout="constrained")
    for place, panel in zip(axes.flat, panels, strict=False):
        _draw(place, panel)
    for place in axes.flat[len(panels) :]:
        place.set_visible(False)
    figure.suptitle(f"Ratios within one run, medians of {results.rounds} rounds; shorter is better")
    files = [folder / "latest.png", folder / "latest.svg"]
    for file in files:
        figure.savefig(file, dpi=120, metadata={"Date": None} if file.suffix == ".svg" else {"Software": None})
    plt.close(figure)
    return files


@dataclass(frozen=True)
class _Panel:
    title: str
    bars: list[tuple[str, bool, Ratio]]  # label, whether it is this layer, ratio


def _panel(title: str, samples: Samples, work: str, labels: dict[str, str]) -> _Panel:
    base = base_of(samples, work)
    found = [(labels[name], name.startswith("ours"), ratio(samples, work, name, base)) for name in labels]
    bars = [(label, ours, value) for label, ours, value in found if value]
    return _Panel(title, sorted(bars, key=lambda bar: -bar[2].median))


def _draw(axes: Axes, panel: _Panel) -> None:
    labels, ours, ratios = zip(*panel.bars, strict=True)
    medians = [value.median for value in ratios]
    errors = [[value.median - value.lowest for value in ratios], [value.highest - value.median for value in ratios]]
    colours = [_OURS if own else _PEER for own in ours]
    drawn = axes.barh(labels, medians, xerr=errors, color=colours, error_kw={"elinewidth": 0.8, "ecolor": "#555"})
    axes.bar_label(drawn, [f" {median:.2f}" for median in medians], label_type="edge", fontsize=8, padding=3)
    axes.axvline(1, color="#333", linewidth=0.8)
    axes.set_title(panel.title, fontsize=10, loc="left")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
