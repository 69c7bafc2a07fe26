# Everything a person types. `make run` and `make test` are all most people need.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test setup check lock bench clean

run: setup
	@$(BIN)/rft demo --port $(PORT)

test: setup $(VENV)/.dev
	@$(BIN)/python -m tests.browser
	$(BIN)/pytest -n 2 --dist loadfile

setup: $(VENV)/.installed

check: setup $(VENV)/.dev
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet src/rft/templates
	$(BIN)/pytest -n 0 tests/architecture

bench: setup $(VENV)/.dev
	$(BIN)/rft bench

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rft needs Python 3.11 or later; set PYTHON= to one.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what rft runs on (once; about a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what checks and tests it ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Needs uv on the PATH. The lists carry hashes and no address of an index. Left out: what only the wheels' own unused parts need.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --no-emit-package fasteners --no-emit-package platformdirs --no-emit-package psutil requirements.in -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  requirements-dev.in -o requirements-dev.lock

clean:
	rm -rf $(VENV) data
