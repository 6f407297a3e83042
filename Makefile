# Every target sets up what it needs. Environments are built anew only when their pins change: each
# carries a stamp that is named after the hash of its requirement files.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
FRESH ?=
STACK ?= meterportal
NAME ?= default
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0

hash = $(shell cat $(1) | sha256sum | cut -c1-16)
PYTHON_BIN = $(shell infra/find_python.sh)

LAYER_PINS := layers/dependencies/requirements.txt
RUN := .venv/.run-$(call hash,$(LAYER_PINS) requirements/run.txt pyproject.toml)
DEV := .venv/.dev-$(call hash,$(LAYER_PINS) requirements/run.txt requirements/dev.txt pyproject.toml)
MUTATION := .venv/.mutation-$(call hash,$(LAYER_PINS) requirements/run.txt requirements/dev.txt requirements/mutation.txt pyproject.toml)
MINISTACK := .venv-ministack/.ministack-$(call hash,requirements/ministack.txt)
SAM := .venv-sam/.sam-$(call hash,requirements/sam.txt)

PY := .venv/bin/python
# What is checked: everything of ours that is Python.
CODE := layers/shared functions infra tests

##@ Using it

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(RUN) $(DEV) $(MINISTACK) $(SAM) ## All environments at once (the other targets do it by themselves)

.PHONY: run
run: $(RUN) $(MINISTACK) ## The whole application on http://127.0.0.1:8000 (PORT=8001; FRESH=1 starts over)
	@PORT=$(PORT) FRESH=$(FRESH) exec $(PY) -m infra.local

##@ Checking it

.PHONY: check
check: lint types template test-deploy test ## Everything that CI runs

.PHONY: test
test: $(DEV) $(MINISTACK) ## Unit, integration, template and browser tests
	$(PY) -m pytest $(ARGS)

.PHONY: test-deploy
test-deploy: $(DEV) $(MINISTACK) $(SAM) ## Deploys the unchanged template into a fresh MiniStack with IAM, then tests/smoke
	$(PY) -m infra.local.deployment $(ARGS)

.PHONY: smoke
smoke: $(DEV) ## tests/smoke against a deployed stack of your AWS account (STACK=name)
	$(PY) -m pytest tests/smoke --stack $(STACK) --force-enable-socket $(ARGS)

.PHONY: bench
bench: $(DEV) ## Measures speed and quality beside references (ARGS=10: only that row); writes build/bench.json
	$(PY) -m tests.benchmarks $(ARGS)

.PHONY: mutation
mutation: $(MUTATION) ## Plants errors into the plausibility rules and counts those no test notices (six minutes; not in CI)
	# A copy, because mutmut leaves its mutants beside the code and names modules by their path.
	rm -rf build/mutation
	mkdir -p build/mutation/tests/unit
	cp -r layers/shared/meterportal pyproject.toml build/mutation/
	cp tests/__init__.py tests/builders.py build/mutation/tests/
	cp tests/unit/__init__.py tests/unit/plausibility_examples.py build/mutation/tests/unit/
	cp tests/unit/test_plausibility_*.py build/mutation/tests/unit/
	cd build/mutation
	# These measure shares over whole fleets: slow, and no proof of a single rule.
	rm tests/unit/test_plausibility_{demo,models,quality}.py
	../../$(PY) -m mutmut run --max-children 1 $(ARGS)
	../../$(PY) -m mutmut results
	../../$(PY) -m mutmut export-cicd-stats
	cat mutants/mutmut-cicd-stats.json

.PHONY: lint
lint: $(DEV) ## ruff, and the format
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)

.PHONY: format
format: $(DEV) ## Brings the code into its format
	$(PY) -m ruff check --fix-only $(CODE)
	$(PY) -m ruff format $(CODE)

.PHONY: types
types: $(DEV) ## mypy, strict
	MYPYPATH=layers/shared:functions $(PY) -m mypy --explicit-package-bases layers/shared/meterportal functions infra

.PHONY: template
template: $(SAM) ## sam validate --lint and cfn-lint
	AWS_DEFAULT_REGION=eu-central-1 .venv-sam/bin/sam validate --lint
	.venv-sam/bin/cfn-lint template.yaml

.PHONY: screenshots
screenshots: $(DEV) $(MINISTACK) ## Takes the README's pictures anew, from the demo data, into docs/images
	$(PY) -m tests.e2e.screenshots

##@ Shipping it

.PHONY: openapi
openapi: $(RUN) ## Writes static_site/api/openapi.json from both routers
	$(PY) -m infra.openapi

.PHONY: deploy
deploy: $(RUN) $(SAM) ## Builds, deploys, uploads the site (NAME=section of samconfig.toml)
	$(PY) -m infra.aws.deploy $(NAME)

.PHONY: clean
clean: ## Removes environments, builds and caches; local data (var/) stay
	rm -rf .venv .venv-ministack .venv-sam .aws-sam build .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- environments --------------------------------------------------------------------------------

# One environment for running and developing; running needs the smaller half only.
$(RUN):
	@echo "Setting up .venv (first start only) ..."
	test -x $(PY) && $(PY) -c 'import pip' 2>/dev/null || { rm -rf .venv; "$(PYTHON_BIN)" -m venv .venv; }
	$(PY) -m pip install -qq --requirement requirements/run.txt
	$(PY) -m pip install -qq --no-deps --no-build-isolation --editable .
	rm -f .venv/.run-*
	touch $@

$(DEV): $(RUN)
	@echo "Adding the tools to .venv ..."
	$(PY) -m pip install -qq --requirement requirements/dev.txt
	rm -f .venv/.dev-*
	touch $@

$(MUTATION): $(DEV)
	@echo "Adding mutmut to .venv ..."
	$(PY) -m pip install -qq --requirement requirements/mutation.txt
	rm -f .venv/.mutation-*
	touch $@

$(MINISTACK):
	@echo "Setting up .venv-ministack ..."
	rm -rf .venv-ministack
	"$(PYTHON_BIN)" -m venv .venv-ministack
	.venv-ministack/bin/python -m pip install -qq --requirement requirements/ministack.txt
	touch $@

$(SAM):
	@echo "Setting up .venv-sam ..."
	rm -rf .venv-sam
	"$(PYTHON_BIN)" -m venv .venv-sam
	.venv-sam/bin/python -m pip install -qq --requirement requirements/sam.txt
	touch $@
