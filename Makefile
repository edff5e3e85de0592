# make demo: the whole batch on the model region; make test: everything CI runs. Both set up .venv by themselves.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
NOTEBOOKS = $(wildcard notebooks/*.ipynb notebooks/dashboards/*.ipynb)

.PHONY: demo test unit faults notebooks browser lab dashboards clean

# A program for the tests, on Debian and as root only.
INSTALL = { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(1); }

demo: $(READY)
	@$(BIN)/kpss demo

test: $(READY) demo unit notebooks browser

# The template is opened in LibreOffice, which is installed where that is allowed; without it those tests are skipped,
# and in CI they fail.
unit: $(READY)
	@command -v soffice >/dev/null || $(call INSTALL,libreoffice-calc-nogui) || true
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --ignore tests/e2e

# Every fault as often as it is listed (make test injects a few of each); at the end a table of them. About two hours.
faults: $(READY)
	KPSS_FAULTS=all $(BIN)/python -m pytest -n 2 tests/faults

# Every page and dashboard runs from top to bottom on the model region, cell by cell.
notebooks: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-cell-timeout=600 $(NOTEBOOKS)

# The dashboard in a browser, and a real register end to end. Chromium is installed where that is allowed; without
# it the browser tests are skipped, and in CI they fail.
CHROMIUM = command -v chromium >/dev/null || command -v chromium-browser >/dev/null
browser: $(READY)
	@$(CHROMIUM) || $(call INSTALL,chromium) || true
	$(BIN)/python -m pytest -rs tests/e2e
	@$(CHROMIUM) || echo "Browser tests were left out: no Chromium here. On Debian: apt-get install chromium, then make browser."

lab: $(READY)
	$(BIN)/jupyter lab

dashboards: $(READY)
	$(BIN)/python -m kpsslib.dashboards

clean:
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
	find outputs -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	rm -rf data/example/returns data/example/archive data/example/register.csv data/example/territory.csv

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it as in: make PYTHON=python3.12 demo"; exit 1; }
	@echo "Setting up .venv (once; about a minute where the packages are cached)"
	@$(PYTHON) -m venv .venv || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
