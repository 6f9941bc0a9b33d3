# S-Map: `make demo` shows a city, `make test` proves the house. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WEB := smap/server/viewer/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
JUDGES := tests/conformance/node_modules/.installed-lock

.PHONY: setup demo test check bench long clean browser python-tests web-tests

setup: $(READY) $(WEB)

# Nothing that is installed may need a compiler: wheels only, our own package aside.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "S-Map needs Python 3.11 to 3.13, this is %d.%d: make setup PYTHON=python3.12" % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing packages (a minute or two the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --constraint constraints.txt "hatchling>=1.27" "editables"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-build-isolation --constraint constraints.txt --editable '.[build,dev,pointcloud,cluster]'
	@touch $@

$(WEB): $(READY) $(WEB_SOURCES) hatch_build.py
	@echo "building the viewer …"
	@$(BIN)/python hatch_build.py
	@touch $@

$(JUDGES): $(READY) tests/conformance/package-lock.json
	@$(BIN)/python hatch_build.py judges

demo: setup
	@$(BIN)/smap demo $(DEMO)

browser: $(READY)
	@$(BIN)/python -m tests.browser.install

test: setup $(JUDGES) browser
	@$(BIN)/python hatch_build.py test
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup --ignore tests/browser
	@$(BIN)/python -m pytest -q tests/browser

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python hatch_build.py check
	@$(BIN)/python -m tests.secrets

bench: setup $(JUDGES) browser
	@$(BIN)/python -m bench

long: setup $(JUDGES) browser
	@$(BIN)/python -m bench._long

clean:
	rm -rf var smap/server/viewer
