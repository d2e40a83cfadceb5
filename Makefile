# The one list of verbs; `make` alone explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev train run chat check evaluate bench bench-widget soak test lint lock \
  new-topic faq tour tour-counts backup restore export-questions audit sbom clean

PORT ?= 5005
export PORT
export PYTHONWARNINGS := ignore
PYTHON := .venv/bin/python
TSC := widget/node_modules/.bin/tsc
TRAINING_DATA := config.yml domain.yml $(wildcard data/*.yml) $(shell find components -name '*.py' -o -name '*.json' 2>/dev/null)

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.ready models/.trained  ## start the guide: chat page, server and actions on PORT (5005)
	@MALLOC_ARENA_MAX=2 exec $(PYTHON) -m runtime.launcher

test: .venv/.ready-dev models/.trained widget/node_modules/.ready lint  ## everything tests need, then all tests
	$(PYTHON) -m pytest

chat: .venv/.ready models/.trained  ## talk to the guide in this terminal
	@exec .venv/bin/rasa shell --quiet --model "$(or $(MODEL_DIR),models)" \
	  --endpoints "$(or $(ENDPOINTS),endpoints.yml)"

check: .venv/.ready-dev  ## content and data, in seconds
	@$(PYTHON) -m editorial check

train: .venv/.ready  ## train a model into models/
	@$(MAKE) --no-print-directory --always-make models/.trained

evaluate: .venv/.ready-dev models/.trained  ## score the model on held-out questions
	@$(PYTHON) -m evaluation

bench: .venv/.ready-dev models/.trained  ## speed, memory and size of the running guide
	@$(PYTHON) -m evaluation.bench

bench-widget: .venv/.ready-dev  ## size of the widget, and how soon a phone on a slow line can use it
	@$(PYTHON) -m evaluation.page_speed

soak: .venv/.ready-dev models/.trained  ## an hour of talk: does it stay small and fast?
	@$(PYTHON) -m evaluation.soak

setup: .venv/.ready  ## make .venv with the locked packages

setup-dev: .venv/.ready-dev  ## the same, with what tests and checks need

lint: .venv/.ready-dev  ## ruff, mypy, and the widget's types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@if [ -x $(TSC) ]; then $(TSC) --project widget/jsconfig.json; fi

new-topic: .venv/.ready-dev  ## skeleton of a new topic: make new-topic id=bathing
	@$(PYTHON) -m editorial new-topic --id $(id)

faq: .venv/.ready  ## write the guided FAQ as web pages into results/faq
	@$(PYTHON) -m editorial faq

tour: .venv/.ready  ## write docs/tour.md, the guided tour as it reads
	@$(PYTHON) -m editorial tour

tour-counts: .venv/.ready  ## how often the tour was started, left, resumed and finished
	@$(PYTHON) -m store.tour_counts

backup: .venv/.ready  ## copy conversations and key, while the guide runs: make backup to=backups
	@$(PYTHON) -m store.backup write --to "$(or $(to),backups)"

restore: .venv/.ready  ## put a backup back, while the guide is stopped: make restore from=backups/…
	@$(PYTHON) -m store.backup restore --from "$(from)"

export-questions: .venv/.ready  ## anonymised questions that were not understood, into results/
	@$(PYTHON) -m store.export_questions

# --strict: a package whose advisories cannot be asked for is a failure, not a clean bill.
audit: .venv-audit/.ready  ## known advisories against the locked packages, from the package index
	@.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	  --requirement requirements.lock

sbom: .venv-audit/.ready  ## list of the shipped packages (CycloneDX), into results/sbom.json
	@mkdir -p results
	@.venv-audit/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
	  --output-reproducible --output-file results/sbom.json
	@echo "  The packages are listed in results/sbom.json"

lock: .venv/.ready  ## renew requirements*.lock from pyproject.toml
	@.uv/bin/uv pip compile pyproject.toml --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.lock
	@.uv/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements-dev.lock
	@.uv/bin/uv pip compile --group pyproject.toml:audit --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements-audit.lock
	@.uv/bin/uv pip compile --group pyproject.toml:setup --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements-setup.lock

clean:  ## remove the environment, the models and the conversations
	rm -rf .venv .venv-audit .uv models results conversations.db sender.key .rasa

# What checks the widget: TypeScript and axe-core. Nothing of it is sent to browsers.
widget/node_modules/.ready: widget/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix widget --silent --no-audit --no-fund && touch $@; \
	elif [ -n "$$CI" ]; then echo "npm is missing; CI must have it" >&2; exit 1; \
	else echo "npm is missing: the widget's types and accessibility are not checked"; fi

.venv/.ready: requirements.lock requirements-setup.lock
	@test -e .venv/.ready-dev || runtime/setup.sh requirements.lock
	@touch $@

.venv/.ready-dev: requirements-dev.lock requirements-setup.lock
	@runtime/setup.sh requirements-dev.lock
	@touch $@ .venv/.ready

.venv-audit/.ready: requirements-audit.lock | .venv/.ready
	@.uv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-audit
	@.uv/bin/uv pip sync --quiet --require-hashes --python .venv-audit $<
	@touch $@

models/.trained: $(TRAINING_DATA) | .venv/.ready
	@echo "Training the model (about a minute) …"
	@mkdir -p models
	@$(PYTHON) -m runtime.train
	@touch $@
