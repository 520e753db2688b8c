PYTHON ?= python3
REHEARSE = .venv/bin/trainyard sandbox exec --
OLDEST = import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("error: $(PYTHON) is Python %d.%d; Trainyard needs 3.11 or newer. Install one, or name it: make PYTHON=python3.12 $(or $(MAKECMDGOALS),setup)" % v)
.DEFAULT_GOAL := help
.PHONY: help setup up preview down test bench lint lock
.NOTPARALLEL:

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## make .venv and, where PATH has none, the Pulumi CLI: minutes the first time, then nothing
	@command -v $(PYTHON) >/dev/null || { echo "error: there is no $(PYTHON) on PATH; Trainyard needs Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c '$(OLDEST)'
	@$(PYTHON) -m trainyard.sandbox.engine.setup

up: setup  ## bring the two sandbox stacks up on simulated clouds, and show what runs
	@$(REHEARSE) $(MAKE) --no-print-directory rehearsed-up

rehearsed-up:
	@trainyard check sandbox
	@pulumi stack select --create sandbox-base
	@pulumi up --yes --stack sandbox-base
	@pulumi stack select --create sandbox
	@pulumi up --yes --stack sandbox
	@trainyard show sandbox
	@echo "make down removes it all: both stacks, then the sandbox's process"

preview: setup  ## preview the sandbox stack
	@$(REHEARSE) pulumi stack select --create sandbox
	@$(REHEARSE) pulumi preview --stack sandbox

down: setup  ## take both stacks down again, newest first, and end the sandbox
	@$(REHEARSE) pulumi destroy --yes --stack sandbox
	@$(REHEARSE) pulumi destroy --yes --stack sandbox-base
	@.venv/bin/trainyard sandbox stop

test: setup  ## run every test; ends with what did not run here
	@.venv/bin/python -m pytest -n 2 --dist loadfile -q

bench: setup  ## measure against bare Pulumi, and offers against gpuhunt
	@.venv/bin/python -m pip install --quiet --upgrade --target .venv/gpuhunt --require-hashes -r requirements/bench.txt || echo "without gpuhunt: its figures have no reference" >&2
	@.venv/bin/python -m bench

lint: setup  ## ruff and mypy
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy

lock:  ## pin requirements/*.in anew, with hashes (needs uv on PATH)
	@cd requirements && for set in runtime dev bench host go; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header $$( [ $$set = dev ] && echo --constraint runtime.txt; [ $$set = bench ] && echo --constraint dev.txt ) $$set.in --output-file $$set.txt || exit 1; done
