PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help setup up down preview test bench lint lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## make .venv and, where PATH has none, the Pulumi CLI
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("error: %s is Python %d.%d; Trainyard needs 3.11 or newer. Install one, or name it: make PYTHON=python3.12 setup" % ((sys.executable,) + v))'
	@$(PYTHON) -m trainyard.sandbox.engine.setup

