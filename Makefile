# make run      set up, train on the embedded New York flights if there is no model yet, serve API and page; REPLAY=1 plays a day
# make test     set up, lint, types, layers and the tests of minutes; make check without tests
# make test-slow full trainings, containers, notebooks; make test-all every test, and how much of the code they run
# make install  the set-up alone                  make dev      the set-up for tests and notebooks
# make lock     write the lock files anew         make bench    the benchmarks
# make docs     the documents and the API reference as a site in .cache/docs/site, which needs no network
# make deploy-check   everything in deploy/ against its schemas
# make cluster  three replicas behind HAProxy     make cluster-test   a release, accidents, a new model under load: 0 may fail
# make jmeter   the original's plan for JMeter    make containers     image, cluster and JMeter in short, as CI checks them
# MODEL=FILE says which model these use; PORT where run and cluster answer.
PYTHON ?= python3
PORT ?= 8000
GIVEN := $(if $(MODEL),--model $(MODEL))
BIN := .venv/bin
# Nothing is taken from outside the hashed lock files; sources are built with the pinned build tools.
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --no-deps --build-constraints requirements/build.txt

# Tests that wait for servers and browsers leave a core idle, so there is one worker more than cores. What is marked `timed`
# measures time itself and runs alone. Bytecode is kept even where the environment says not to: each worker, each command
# that a test starts and each later run would compile all modules anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
IN_PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: run test test-slow test-all check bench install dev lock docs deploy-check cluster cluster-test jmeter containers
.SUFFIXES:

run: .venv/charts.stamp
	@exec $(BIN)/puntual up --port $(PORT) $(if $(REPLAY),--replay)

install: .venv/charts.stamp

dev: .venv/dev.stamp .venv/charts.stamp

test: dev check
	@$(BIN)/python -m tests.browser
	$(PYTEST) -m "not slow and not timed" $(IN_PARALLEL)
	$(PYTEST) -m "timed and not slow"

test-slow: dev
	@$(BIN)/python -m tests.browser
	$(PYTEST) -m slow

test-all: dev check
	@$(BIN)/python -m tests.browser
	@rm -f .cache/coverage*
	@mkdir -p .cache
	$(PYTEST) -m "not timed and not slow" $(IN_PARALLEL) --cov --cov-report= --cov-fail-under=0
	$(PYTEST) -m "timed or slow" --cov --cov-append --cov-report=

check: .venv/dev.stamp
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: dev
	$(BIN)/python -m benchmarks

docs: .venv/docs.stamp
	@$(BIN)/python -m docs.site

# A test builds the site and looks at it.
test-slow test-all: .venv/docs.stamp

deploy-check: .venv/uv.stamp
	@$(PYTHON) -m deploy.checks

cluster: dev
	@exec $(BIN)/python -m deploy.cluster --port $(PORT) $(GIVEN)

cluster-test: dev
	@$(BIN)/python -m deploy.cluster test $(GIVEN)

jmeter: dev
	@$(BIN)/python -m deploy.checks.jmeter $(GIVEN)

containers: dev
	@$(BIN)/python -m deploy.checks.containers $(GIVEN)

lock: .venv/uv.stamp
	requirements/lock.sh

.venv/uv.stamp: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "puntual needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; exit 2; }
	@echo "Setting up .venv ..." >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/uv.txt
	@touch $@

.venv/run.stamp: .venv/uv.stamp requirements/run.txt requirements/build.txt pyproject.toml
	@echo "Installing the locked dependencies ..." >&2
	@$(INSTALL) -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --no-deps --build-constraints requirements/build.txt --editable .
	@touch $@

# The page's charts, made anew when what draws or words them changes.
.venv/charts.stamp: .venv/run.stamp $(wildcard src/puntual/charts/*.py src/puntual/i18n/*/report.json)
	@$(BIN)/python -m puntual.charts.vega
	@$(BIN)/python -m puntual.charts.web_charts
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

.venv/docs.stamp: .venv/dev.stamp requirements/docs.txt
	@$(INSTALL) -r requirements/docs.txt
	@touch $@
