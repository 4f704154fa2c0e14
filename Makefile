# make run | make demo | make test | make serve: each sets up what it needs.
# Needs Python 3.11 or newer and the package registries. PYTHON=... names another interpreter.

PYTHON ?= python3
ARCHIVE ?= data
SOAK_MINUTES ?= 60
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: help run demo serve bench test soak lint clean

help:
	@echo "make run     crawl the shipped catalogue on schedule, into data/"
	@echo "make demo    crawl a newsroom on this machine twice and search it; offline"
	@echo "make serve   open the archive in a browser (ARCHIVE=data)"
	@echo "make bench   extraction beside its peers (WARC=... TRUTH=...)"
	@echo "make test    check style and types and run all tests"
	@echo "make soak    the slow tests, then weeks of faults and kills in SOAK_MINUTES=60"

$(READY): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kiosque needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(READY_DEV): requirements-dev.txt $(READY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	sh tests/install-chromium.sh
	sh tests/install-postgresql.sh
	@touch $@

run: $(READY)
	exec $(PY) scheduler.py

demo: $(READY)
	$(PY) scheduler.py --demo

serve: $(READY)
	exec $(PY) -m archive serve --archive $(ARCHIVE)

bench:
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --upgrade pip
	.venv-bench/bin/pip install --quiet -r requirements.txt -r benchmarks/requirements.txt
	.venv-bench/bin/python -m benchmarks.extraction $(WARC) --truth $(TRUTH) --markdown

lint: $(READY_DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

# four, since tests wait half of their time, and files in their order, since those that take longest come first
test: lint
	$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# SOAK_SEED=n has the same faults again
soak: $(READY_DEV)
	$(PY) -m pytest -m soak
	$(PY) -m tests.soak --minutes $(SOAK_MINUTES) $(if $(SOAK_SEED),--seed $(SOAK_SEED))

clean:
	rm -rf $(VENV) .venv-bench demo-data .pytest_cache .mypy_cache .ruff_cache
