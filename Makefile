# `make` alone lists the targets. Nothing outside this folder is changed, but for Debian packages in `make test`,
# and for those only if the user is root.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1 \2/p' $(MAKEFILE_LIST) | awk '{ printf "  make %-7s", $$2; $$1 = $$2 = ""; print }'

.PHONY: demo
demo: venv ## merge two images into one tag, on a registry of its own
	@scripts/demo

.PHONY: test
test: venv judges check ## everything that guards main: style, types, floors, tests
	$(BIN)/pytest -q -n auto --dist loadgroup

.PHONY: check
check: venv ## style, types and floors alone, in seconds
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo | tail -n 7

.PHONY: format
format: venv ## write Python files in their one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: venv judges ## regtool and its peers at work; JOBS="create start-up" RTT="0 50" RUNS=5 for less of it
	@$(BIN)/python -m benchmarks $(if $(JOBS),--jobs $(JOBS)) $(if $(RTT),--rtt $(RTT)) $(if $(RUNS),--runs $(RUNS))

.PHONY: lock
lock: ## write requirements-dev.txt anew; UPGRADE=1 takes the newest versions
	@scripts/lock $(if $(UPGRADE),--upgrade)

.PHONY: venv
venv: ## the virtual environment in .venv, made once for each state of the lock file
	@scripts/venv

.PHONY: judges
judges:
	@scripts/judges

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
