# antipode: everything a fresh clone needs, given Python 3.11 or newer and make.
#
# `make` alone lists the targets.  The environment lives in .venv and is installed again only when
# pyproject.toml or constraints.txt has changed; its stamp is written last, so that an interrupted
# installation is repeated.

PYTHON ?=
TORCH_INDEX ?=
ARGS ?=

VENV := .venv
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
INSTALL = $(VENV)/bin/python -m pip install --quiet $(if $(TORCH_INDEX),--extra-index-url '$(TORCH_INDEX)') -c constraints.txt

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install phase-diagram test lint clean check-python

help:
	@echo 'make phase-diagram   draw the phase diagrams of 2 in 1 and 3 in 2 into build/phase_diagram'
	@echo 'make test            run the tests'
	@echo 'make lint            check style, types and the direction of imports'
	@echo 'make install         create .venv and install the project into it (the others do it too)'
	@echo 'make clean           remove .venv, build and caches'
	@echo ''
	@echo 'ARGS=...             more arguments for antipode or pytest, e.g. make test ARGS=--runslow'
	@echo 'PYTHON=...           the Python (3.11 or newer) that .venv is made with'
	@echo 'TORCH_INDEX=...      an extra package index to take torch from when it is installed, e.g.'
	@echo '                     https://download.pytorch.org/whl/cpu (small, no GPU) or .../whl/cu126'

# Says yes if the interpreter runs and is new enough.
RECENT := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
# What an interpreter calls its version; nothing if it does not run.
VERSION := -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'

# A PYTHON that was asked for is never replaced by another in silence.
check-python:
	@test -z '$(PYTHON)' || '$(PYTHON)' $(RECENT) 2>/dev/null || { \
	  version=$$('$(PYTHON)' $(VERSION) 2>/dev/null); \
	  test -n "$$version" && found="is Python $$version" || found='does not run as a Python'; \
	  echo "PYTHON=$(PYTHON) $$found, and antipode needs Python 3.11 or newer; give the path of one, or leave PYTHON out." >&2; \
	  exit 1; }

# An environment that works is kept; half of one, or one of an old Python, is made anew.
$(STAMP): pyproject.toml constraints.txt | check-python
	@rm -f $(STAMP) $(DEV_STAMP)
	@if ! { $(VENV)/bin/python $(RECENT) && $(VENV)/bin/python -m pip --version; } >/dev/null 2>&1; then \
	  chosen=; found=; \
	  for python in $(if $(PYTHON),'$(PYTHON)',python3.11 python3.12 python3.13 python3.14 python3 python); do \
	    version=$$("$$python" $(VERSION) 2>/dev/null) || continue; \
	    if "$$python" $(RECENT) 2>/dev/null; then chosen=$$python; break; fi; \
	    found="$$found, $$python ($$version)"; \
	  done; \
	  if test -z "$$chosen"; then \
	    found=$${found#, }; \
	    echo "antipode needs Python 3.11 or newer and found $${found:-no Python}; install one from https://www.python.org/downloads or run make with PYTHON=/path/to/python3.11." >&2; \
	    exit 1; \
	  fi; \
	  echo "creating $(VENV) with $$chosen ($$version)"; \
	  "$$chosen" -m venv --clear $(VENV) || exit 1; \
	fi
	@echo 'installing into $(VENV) (the first time this takes a few minutes)'
	@$(INSTALL) -e '.[test]'
	@touch $@

$(DEV_STAMP): $(STAMP)
	@echo 'installing the checkers into $(VENV)'
	@$(INSTALL) -e '.[test,dev]'
	@touch $@

install: check-python $(STAMP)

# make reports the command's exit code as "Error N" and itself exits with 2 for every N but 0.
phase-diagram: check-python $(STAMP)
	$(VENV)/bin/antipode phase-diagram 2,1 3,2 --out build/phase_diagram $(ARGS)

test: check-python $(STAMP)
	$(VENV)/bin/python -m pytest --numprocesses=auto --dist=loadfile $(ARGS)

lint: check-python $(DEV_STAMP)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
