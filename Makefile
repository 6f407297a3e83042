# Every target sets up what it needs. Environments are built anew only when their pins change: each
# carries a stamp that is named after the hash of its requirement files. Anew means empty first: a
# package that no pin names any more would go on being found here and be missed everywhere else.

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
# Tests run on all cores; those of a single file are not worth it.
WORKERS ?= $(if $(findstring .py,$(ARGS)),0,auto)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0
# Compiled once, also where the caller's shell forbids it: the tests start a hundred interpreters.
export PYTHONDONTWRITEBYTECODE :=

hash = $(shell cat $(1) | sha256sum | cut -c1-16)
PYTHON_BIN = $(shell infra/find_python.sh)

RUN := .venv/.run-$(call hash,requirements/run.txt pyproject.toml)
DEV := .venv/.dev-$(call hash,requirements/run.txt requirements/dev.txt pyproject.toml)
MUTATION := .venv/.mutation-$(call hash,requirements/run.txt requirements/dev.txt requirements/mutation.txt pyproject.toml)
MINISTACK := .venv-ministack/.ministack-$(call hash,requirements/ministack.txt)
SAM := .venv-sam/.sam-$(call hash,requirements/sam.txt)
NODE := .venv-node/.node-$(call hash,requirements/node.txt)
PEERS := .venv-peers/.peers-$(call hash,requirements/peers.txt)
PINS := .venv-pins/.pins-$(call hash,requirements/pins.txt)
# Packages of Node.js that check the pages; their lock file names a hash for each.
NODE_MODULES := node_modules/.js-$(call hash,package.json package-lock.json requirements/node.txt)

PY := .venv/bin/python
# Nothing is installed that the pins do not name with its hash.
INSTALL := -m pip install -qq --require-hashes --requirement
# What is checked: everything of ours that is Python.
CODE := layers/shared functions infra tests

##@ Using it

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(RUN) $(DEV) $(MINISTACK) $(SAM) $(NODE_MODULES) $(PINS) ## All environments at once (the other targets do it by themselves)

.PHONY: run
run: $(RUN) $(MINISTACK) ## The whole application on http://127.0.0.1:8000 (PORT=8001; FRESH=1 starts over)
	@PORT=$(PORT) FRESH=$(FRESH) exec $(PY) -m infra.local

##@ Checking it

.PHONY: check
check: browser ## Everything that CI runs
	@# Building and deploying waits more than it computes; each part's output comes in one piece.
	$(MAKE) --jobs 3 --output-sync lint types js template audit test-deploy
	$(MAKE) test

.PHONY: test
test: $(DEV) $(MINISTACK) ## Unit, integration, template and browser tests, on all cores (ARGS=path, ARGS=-n0: on one)
	@$(PY) -m infra.browser $(if $(ARGS),--if-possible)
	$(PY) -m pytest -n $(WORKERS) --dist worksteal $(if $(CI),-p no:randomly) $(ARGS)

.PHONY: coverage
coverage: $(DEV) $(MINISTACK) ## Statements and branches that tests run in this process, by room, each with a floor (not in CI: it doubles the time)
	mkdir -p build
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=json:build/coverage.json tests/unit tests/integration tests/template
	$(PY) -m infra.coverage build/coverage.json

.PHONY: long
long: $(DEV) $(MINISTACK) ## The long forms of tests that `make test` runs short
	$(PY) -m pytest -n $(WORKERS) --dist worksteal -m long $(ARGS)

.PHONY: browser
browser: $(DEV) ## Finds a Chromium for the tests, or fetches one
	@$(PY) -m infra.browser

.PHONY: test-deploy
test-deploy: $(DEV) $(MINISTACK) $(SAM) ## Deploys the unchanged template into a fresh MiniStack with IAM, then tests/smoke
	$(PY) -m infra.local.deployment $(ARGS)

.PHONY: smoke
smoke: $(DEV) ## tests/smoke against a deployed stack of your AWS account (STACK=name)
	$(PY) -m pytest tests/smoke --stack $(STACK) --force-enable-socket $(ARGS)

.PHONY: bench
bench: $(DEV) $(PEERS) ## Measures speed and quality beside references (ARGS=10: only that row); writes build/bench.json
	$(PY) -m tests.benchmarks $(ARGS)

.PHONY: bench-report
bench-report: $(DEV) ## Writes docs/performance.md with bars from what `make bench` has measured last
	$(PY) -m tests.benchmarks.report

.PHONY: cost
cost: $(DEV) ## The bill of a portfolio's readings, from counted units (CONTRACTS= MACHINES= INTERVAL=months RECEIPTS=0 or 1 PRICES=file)
	$(PY) -m tests.benchmarks.cost $(foreach name,CONTRACTS MACHINES INTERVAL RECEIPTS PRICES,$(if $($(name)),--$(shell echo $(name) | tr A-Z a-z) $($(name))))

.PHONY: month
month: $(DEV) ## A month of a portfolio in one process: time line, memory, bill (CONTRACTS=1000 QUARTERS=16); writes build/month.json
	$(PY) -m tests.benchmarks.month $(foreach name,CONTRACTS QUARTERS,$(if $($(name)),--$(shell echo $(name) | tr A-Z a-z) $($(name))))

.PHONY: lighthouse
lighthouse: export PATH := $(CURDIR)/.venv-node/bin:$(PATH)
lighthouse: browser $(DEV) $(MINISTACK) $(NODE) ## Audits the customer's page as a phone, 2,000 machines and every screen (row 12 of make bench; not in CI)
	$(PY) -m tests.benchmarks 12

.PHONY: mutation
mutation: $(MUTATION) ## Plants errors into the plausibility rules and counts those no test notices (six minutes; not in CI)
	# A copy, because mutmut leaves its mutants beside the code and names modules by their path.
	rm -rf build/mutation
	mkdir -p build/mutation/tests/unit build/mutation/tests/support
	cp -r layers/shared/meterportal pyproject.toml build/mutation/
	cp tests/__init__.py build/mutation/tests/
	cp tests/support/__init__.py tests/support/builders.py build/mutation/tests/support/
	cp tests/unit/__init__.py build/mutation/tests/unit/
	cp -r tests/unit/plausibility build/mutation/tests/unit/
	cd build/mutation
	# These measure shares over whole fleets: slow, and no proof of a single rule.
	rm tests/unit/plausibility/test_{demo,models,quality}.py
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
	MYPYPATH=layers/shared:functions $(PY) -m mypy --explicit-package-bases layers/shared/meterportal functions infra tests

.PHONY: js
js: export PATH := $(CURDIR)/.venv-node/bin:$(PATH)
js: $(NODE_MODULES) $(RUN) ## The pages' JavaScript: types (tsc, from openapi.json), lint (eslint), tests of pure functions
	node node_modules/openapi-typescript/bin/cli.js static_site/api/openapi.json --output static_site/types/api.d.ts >/dev/null
	node node_modules/typescript/bin/tsc --project tsconfig.json
	node node_modules/typescript/bin/tsc --project tsconfig.worker.json
	node node_modules/eslint/bin/eslint.js static_site infra/local/pages tests/js eslint.config.js
	node --import ./tests/js/site.js --test --test-reporter=dot 'tests/js/*.test.js'

.PHONY: audit
audit: $(PINS) ## Looks all pins up among known vulnerabilities; says so loudly where it cannot
	.venv-pins/bin/python -m infra.audit

.PHONY: template
template: $(SAM) ## sam validate --lint and cfn-lint
	AWS_DEFAULT_REGION=eu-central-1 .venv-sam/bin/sam validate --lint
	.venv-sam/bin/cfn-lint template.yaml

.PHONY: screenshots
screenshots: browser $(DEV) $(MINISTACK) ## Takes the README's pictures anew (docs/images), and those of all drawn screens (build/screens)
	$(PY) -m tests.e2e.screenshots

.PHONY: hooks
hooks: $(PINS) ## Has git run the quick checks before each commit, and make check before each push (.pre-commit-config.yaml)
	.venv-pins/bin/pre-commit install

.PHONY: pins
pins: $(PINS) ## Compiles requirements/*.in with hashes (ARGS="--upgrade-package NAME" renews one)
	.venv-pins/bin/python -m infra.pins $(ARGS)

##@ Shipping it

.PHONY: openapi
openapi: $(RUN) ## Writes static_site/api/openapi.json from all routers
	$(PY) -m infra.openapi

.PHONY: deploy
deploy: $(RUN) $(SAM) ## Builds, deploys, uploads the site (NAME=section of samconfig.toml)
	$(PY) -m infra.aws.deploy $(NAME)

.PHONY: clean
clean: ## Removes environments, builds and caches; local data (var/) stay
	rm -rf .venv .venv-ministack .venv-sam .venv-node .venv-pins .venv-peers node_modules .aws-sam build .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- environments --------------------------------------------------------------------------------

# One environment for running and developing; running needs the smaller half only.
$(RUN):
	@echo "Setting up .venv (first start only) ..."
	rm -rf .venv
	"$(PYTHON_BIN)" -m venv .venv
	$(PY) $(INSTALL) requirements/run.txt
	$(PY) -m pip install -qq --no-deps --no-build-isolation --editable .
	touch $@

$(DEV): $(RUN)
	@if compgen -G ".venv/.dev-*" >/dev/null; then rm -rf .venv; $(MAKE) $(RUN); fi
	echo "Adding the tools to .venv ..."
	$(PY) $(INSTALL) requirements/dev.txt
	touch $@

$(MUTATION): $(DEV)
	@echo "Adding mutmut to .venv ..."
	$(PY) $(INSTALL) requirements/mutation.txt
	rm -f .venv/.mutation-*
	touch $@

$(MINISTACK):
	@echo "Setting up .venv-ministack ..."
	rm -rf .venv-ministack
	"$(PYTHON_BIN)" -m venv .venv-ministack
	.venv-ministack/bin/python $(INSTALL) requirements/ministack.txt
	touch $@

$(SAM):
	@echo "Setting up .venv-sam ..."
	rm -rf .venv-sam
	"$(PYTHON_BIN)" -m venv .venv-sam
	.venv-sam/bin/python $(INSTALL) requirements/sam.txt
	touch $@

$(NODE):
	@echo "Setting up .venv-node ..."
	rm -rf .venv-node
	"$(PYTHON_BIN)" -m venv .venv-node
	.venv-node/bin/python $(INSTALL) requirements/node.txt
	touch $@

$(NODE_MODULES): $(NODE)
	@echo "Setting up node_modules ..."
	PATH="$(CURDIR)/.venv-node/bin:$$PATH" npm ci --ignore-scripts --silent
	touch $@

$(PEERS):
	@echo "Setting up .venv-peers ..."
	rm -rf .venv-peers
	"$(PYTHON_BIN)" -m venv .venv-peers
	.venv-peers/bin/python $(INSTALL) requirements/peers.txt
	touch $@

$(PINS):
	@echo "Setting up .venv-pins ..."
	rm -rf .venv-pins
	"$(PYTHON_BIN)" -m venv .venv-pins
	.venv-pins/bin/python $(INSTALL) requirements/pins.txt
	touch $@
