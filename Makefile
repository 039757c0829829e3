# Everything here needs only Python 3.11+ and make; what else a target needs, it installs into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The virtual environment is made again when the pinned dependencies change.
READY := $(VENV)/.ready
WHEEL := .venv-wheel
# The scanner and the site generator have many pins of their own.
SCANNER := .venv-checkov/.ready
DOCS := .venv-docs/.ready
SECURITY := .venv-security/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo engine test test-engine test-layout test-slow reliability test-wheel check infra-check infra-scan layer format lock clean ci

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-zA-Z0-9_-]+:.*## /{printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## Make the virtual environment with the pinned dependencies

demo: $(READY) ## Load a requirement hierarchy into the embedded engine and print it (FILE=tree.json)
	$(BIN)/vishmaker-dynamodb demo $(if $(FILE),"$(FILE)")

# In CI the tests run against the built wheel, installed where neither src/ nor this folder is on the path.
ifdef CI
TESTED := $(WHEEL)/.ready
PYTEST := TESTED_WHEEL=1 $(WHEEL)/bin/python -P -m pytest
else
TESTED := $(READY)
PYTEST := $(BIN)/pytest
endif

test: $(TESTED) ## Run the tests (moto; a few minutes at most)
	$(PYTEST) -m "not slow" -n auto $(ARGS)

.PHONY: coverage
coverage: $(READY) ## Run the tests and print which lines they do not reach: twice as long
	$(BIN)/pytest -m "not slow" -n auto --cov --cov-report=term $(ARGS)

# The scan and the site have environments of their own.
SLOW ?= tests
test-slow: $(TESTED) $(if $(filter tests,$(SLOW)),$(SCANNER) $(DOCS) $(SECURITY)) ## Run the slow tests: crashes, faults, real Terraform (SLOW=tests/e2e for a part)
	$(PYTEST) -m slow $(SLOW) $(ARGS)

# A sample (`short`, `medium`) is the same every time; `full` takes an hour or more. A run that is broken off leaves what it
# has tried in docs/reliability.json; `python tools/docs figures` writes it into the page. WRITING=both is a run of its
# own: every write goes to both layouts. The short tier has some of each.
TIER ?= full
WRITING ?= one
reliability: $(TESTED) engine ## Try faults, crashes, concurrency, load on both engines (TIER=short|medium|full WRITING=one|both)
	RELIABILITY_TIER=$(TIER) $(if $(filter short,$(TIER)),, \
		RELIABILITY_WRITING=$(WRITING) RELIABILITY_DATA=docs/reliability$(if $(filter both,$(WRITING)),-both).json) \
		$(PYTEST) -m slow tests/reliability -n $(or $(WORKERS),4) $(ARGS); \
		status=$$?; $(if $(filter short,$(TIER)),,$(BIN)/python tools/docs figures &&) exit $$status

$(WHEEL)/.ready: $(READY) $(shell find src models -name '*.py' -o -name '*.json' -o -name '*.html')
	rm -rf dist $(WHEEL)
	$(BIN)/python -m build --quiet --wheel --no-isolation
	$(PYTHON) -m venv $(WHEEL)
	# The pinned dependencies come from .venv; a path file there is not followed twice, so src/ stays out.
	$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' > "$$($(WHEEL)/bin/python -c 'import site; print(site.getsitepackages()[0])')/dependencies.pth"
	$(WHEEL)/bin/pip install --quiet --disable-pip-version-check --no-deps --ignore-installed dist/*.whl
	@touch $@

engine: $(READY) ## Fetch DynamoDB Local, AWS's own engine, into the user's cache (needs Java 17 and Maven)
	$(BIN)/python tests/engine/install.py

# Both layouts: six tables, and one.
LAYOUTS ?= six-table single-table
test-engine: engine ## Run the contract tests on DynamoDB Local, in both layouts (LAYOUTS=six-table for one)
	for layout in $(LAYOUTS); do \
		DYNAMODB_TEST_LAYOUT=$$layout $(BIN)/python tests/engine/run.py $(BIN)/pytest -m "engine and not slow" $(ARGS) || exit 1; \
	done

test-layout: $(TESTED) ## Run the contract tests on the single-table layout (moto)
	DYNAMODB_TEST_LAYOUT=single-table $(PYTEST) -m "engine and not slow" -n auto tests/integration $(ARGS)

check: $(READY) infra-check ## The whole gate: format, lint, types, direction of dependencies, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/unit -n auto

infra-check: $(READY) ## Check the Terraform module's format and validity (skipped, with the reason, without Terraform)
	$(BIN)/pytest -q tests/e2e/test_terraform_valid.py

# The scanner's many pins stay out of everybody else's environment.

$(SCANNER): requirements/checkov.txt
	$(PYTHON) -m venv .venv-checkov
	.venv-checkov/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/checkov.txt
	@touch $@

infra-scan: $(READY) $(SCANNER) ## Scan the Terraform module with checkov
	$(BIN)/pytest -q tests/e2e/test_infra_scan.py

.PHONY: bench bench-cost
bench: ## Measure speed, memory and cold start beside the peers, about ten minutes (ROUNDS=5)
	$(PYTHON) -m bench.environments
	.venv-bench/report/bin/python -m bench --rounds $(or $(ROUNDS),5) $(BENCH)

bench-cost: ## Count requests and capacity units of whole trees as they grow, in both layouts (needs `make engine`; COST=--all)
	$(PYTHON) -m bench.environments
	.venv-bench/report/bin/python -m bench.cost $(COST)

# Lambda's; BOTOCORE=bundled takes botocore along, BYTECODE=<interpreter of that version> compiles the modules.
PYTHON_VERSION ?= 3.13
ARCH ?= x86_64
BOTOCORE ?= runtime

.PHONY: bench-migration test-migration
bench-migration: engine ## Measure a migration from PostgreSQL into DynamoDB Local: rows a second, memory (BENCH=--quick)
	PYTHONPATH=tests $(BIN)/python tests/engine/run.py $(BIN)/python -m bench.migration $(BENCH)

test-migration: engine ## Migrate 200,000 rows into DynamoDB Local, and kill a migration twenty times
	$(BIN)/python tests/engine/run.py $(BIN)/pytest -m slow tests/integration/migrate

layer: $(READY) ## Build the Lambda layer (PYTHON_VERSION=3.13 ARCH=arm64|x86_64 BOTOCORE=bundled BYTECODE=python3.13)
	$(BIN)/python tools/layer.py --python $(PYTHON_VERSION) --arch $(ARCH) --botocore $(BOTOCORE) $(if $(BYTECODE),--bytecode "$(BYTECODE)")

$(SECURITY): requirements/security.txt
	$(PYTHON) -m venv .venv-security
	.venv-security/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/security.txt
	@touch $@

.PHONY: audit sbom
audit: $(SECURITY) ## Look for risky code (bandit) and for known vulnerabilities in the pins (pip-audit; says so without network)
	.venv-security/bin/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive src models tools examples infra bench
	.venv-security/bin/python tools/audit.py

sbom: $(SECURITY) ## Write what is in the Lambda layer as CycloneDX JSON (PYTHON_VERSION=3.13 ARCH=… BOTOCORE=bundled)
	.venv-security/bin/python tools/sbom.py --python $(PYTHON_VERSION) --arch $(ARCH) --botocore $(BOTOCORE)

# The site generator's pins stay out of everybody else's environment, too.

$(DOCS): requirements/docs.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

.PHONY: docs docs-generate
docs: $(DOCS) ## Build the documentation into build/site (strictly; no network)
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict

docs-generate: $(READY) ## Write what the documentation takes from code and runs (needs `make engine`; PARTS=names)
	$(BIN)/python tools/docs $(PARTS)

format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

COMPILE := .venv-security/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-strip-extras

lock: $(READY) $(SECURITY) ## Pin the dependencies again (requirements/*.txt)
	$(COMPILE) --all-extras pyproject.toml -o requirements/dev.txt
	$(COMPILE) --extra waitlist pyproject.toml -o requirements/layer.txt
	$(COMPILE) --python-version 3.11 requirements/checkov.in -o requirements/checkov.txt
	$(COMPILE) --python-version 3.11 requirements/docs.in -o requirements/docs.txt
	$(COMPILE) --python-version 3.11 requirements/security.in -o requirements/security.txt
	$(COMPILE) --constraints requirements/dev.txt pyproject.toml -o requirements/bench/ours.txt
	for peer in aiodynamo boto3 floor pydynox pynamodb report; do \
		$(COMPILE) --constraints requirements/dev.txt --group bench-$$peer -o requirements/bench/$$peer.txt || exit 1; \
	done

clean: ## Remove what the targets made
	rm -rf $(VENV) .venv-bench .venv-wheel .venv-checkov .venv-docs .venv-security build dist .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
