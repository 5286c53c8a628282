# 江仪汇 — `make` alone prints this menu.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup assets demo test check bench bench-full soak browser screens clean

help: ## print this menu
	@echo "江仪汇 · targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## environment in .venv, hash-checked; front-end assets; nothing is fetched the second time
	@$(PYTHON) deploy/setup.py

demo: setup ## eleven simulated provinces, hub and portal (HUB_HOME=./var HUB_PORT=8000); Ctrl-C stops
	@exec $(VENV)/bin/hub demo

test: ## the fast suite on the embedded default (no service, no browser needed); WORKERS=2
	@$(PYTHON) deploy/setup.py --no-assets
	$(PY) -m pytest -n $(WORKERS)

check: ## lint, types, import contracts, specification, adapters, documents
	@$(PYTHON) deploy/setup.py --no-assets
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m schemas
	$(PY) -m adapters.check

browser: setup ## click through the pages in a real Chromium, with axe-core
	$(PY) -m pytest -n $(WORKERS) --dist loadfile -m browser tests/browser

screens: setup ## take the pictures of docs/screens again, from a demo of its own (some minutes)
	$(PY) -m tests.browser.screens

bench: ## the measured table at 34 k, and bench.json (≤ 15 min)
	@$(PYTHON) deploy/setup.py --no-assets
	$(PY) -m tests.bench

bench-full: ## the same with one million instruments
	@$(PYTHON) deploy/setup.py --no-assets
	$(PY) -m tests.bench --full

soak: ## whatever is longer than the fast suite allows
	@$(PYTHON) deploy/setup.py --no-assets
	$(PY) -m pytest -n $(WORKERS) --dist worksteal -m "soak and not services" --timeout=3600

clean: ## remove the environment, the built assets and the demo's data
	rm -rf $(VENV) station_portal/static/dist station_portal/fonts var
