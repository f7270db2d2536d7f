# make demo   the fictional city, a worked command and address for each of the three people,
#             and the service at http://127.0.0.1:8000; DEMO=--no-serve stops before it
# make test   everything that CI runs
# make check  the same in an environment that is already there
# make web    the browser app, to work on; its pages ask the service at JIEBANG_URL
# make screenshots   every page, on a screen and a phone, light and dark: web/screenshots
# make soak   the long runs; make bench and make scale measure; make clean forgets
# make pins   the pins anew from pyproject.toml; PIN=--upgrade takes newer versions

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: help setup app demo test check browser lint types imports pages tests web screenshots \
  bench scale soak pins clean

PYTHON ?= $(firstword $(shell command -v python3.11 python3))
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python

# The browser app; docs/web.md. Without Node.js the service works all the same, without pages.
WEB := web/node_modules/.installed
PAGES := api/static/index.html
NODE_FITS := node -e 'const [a, b] = process.versions.node.split("."); \
  process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null
NO_NODE := 网页要用 Node.js 20.19 或更新的版本（含 npm）来构建，这里没有

help:
	@sed -n 's/^# //p' Makefile

setup: $(VENV)/.core app
	$(BIN)/python -m embeddings.build --cache "$$($(BIN)/python -c \
	  'from api.settings import load_settings; print(load_settings().cache)')"

app:
	@if $(NODE_FITS); then $(MAKE) --silent $(PAGES); \
	else echo '$(NO_NODE)：略过。服务照常，只是没有页面；装好后再运行一遍即可。'; fi

web: $(WEB)
	cd web && npm run dev

demo: setup
	$(BIN)/jiebang demo $(DEMO)

test: $(VENV)/.dev setup $(PAGES) check

check: browser lint types imports pages tests

browser:
	$(BIN)/python -m tests.e2e.browsing

lint:
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

pages: $(WEB)
	cd web && npm run check

tests:
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

screenshots: $(VENV)/.dev setup $(PAGES) browser
	$(BIN)/python -m tests.e2e.screenshots

soak: $(VENV)/.dev setup
	$(BIN)/python -m pytest -m soak
	$(MAKE) bench

DATA ?= ../shared/data
STORE := bench/results/store

bench: $(VENV)/.dev setup
	rm -rf $(STORE)
	time $(BIN)/jiebang load $(DATA) --store $(STORE)
	$(BIN)/python -m bench.match --store $(STORE)
	$(BIN)/python -m bench.serve --store $(STORE)
	$(BIN)/python -m bench.city
	$(BIN)/python -m bench.embedding
	$(BIN)/python -m bench.make_tasks
	for task in $(DATA)/judged/results $(DATA)/judged/firms; do \
	  $(BIN)/jiebang evaluate $$task; done
	for task in .cache/tasks/*; do $(BIN)/jiebang evaluate $$task --qrels test; done

scale: $(VENV)/.bench setup
	$(BIN)/python -m bench.scale $(if $(wildcard $(STORE)),--like $(STORE))

$(UV): requirements/uv.txt
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' \
	  || { echo '需要 Python 3.11 或更新的版本（含 venv），可用 make PYTHON=/路径/python3.11 指定'; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(VENV)/.core: requirements/core.txt pyproject.toml $(UV)
	$(INSTALL) --requirement requirements/core.txt
	$(INSTALL) --no-deps --build-constraints requirements/dev.txt --editable .
	@touch $@

# Torch is held by a constraint, not a requirement: with UV_TORCH_BACKEND=cpu its CUDA parts stay out.
$(VENV)/.dev: requirements/dev.txt requirements/torch.txt $(VENV)/.core
	$(INSTALL) --requirement requirements/dev.txt --constraints requirements/torch.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(INSTALL) --no-deps --requirement requirements/bench.txt
	@touch $@

$(WEB): web/package.json web/package-lock.json web/.npmrc
	@$(NODE_FITS) || { echo '$(NO_NODE)'; exit 1; }
	cd web && npm ci
	@touch $@

$(PAGES): $(WEB) docs/openapi.json \
  $(shell find web -name node_modules -prune -o -type f ! -name schema.d.ts -print)
	cd web && npm run build

COMPILE = $(UV) pip compile --quiet --python-version 3.11 --custom-compile-command 'make pins' $(PIN)
ALL := pyproject.toml --all-extras --group model --group dev

pins: $(UV)
	$(COMPILE) --generate-hashes requirements/uv.in --output-file requirements/uv.txt
	$(COMPILE) --generate-hashes pyproject.toml --group model --output-file requirements/core.txt
	$(COMPILE) --generate-hashes $(ALL) --constraints requirements/core.txt \
	  --excludes requirements/torch.in --output-file requirements/dev.txt
	$(COMPILE) $(ALL) --constraints requirements/dev.txt --output-file requirements/torch.txt \
	  $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements/dev.txt)
	sed -i '/^# The following packages were excluded/,$$d' requirements/torch.txt
	$(COMPILE) --generate-hashes pyproject.toml --extra neo4j --constraints requirements/dev.txt \
	  --output-file requirements/server.txt
	$(COMPILE) --generate-hashes --group bench --constraints requirements/dev.txt \
	  --constraints requirements/torch.txt --output-file requirements/bench.txt \
	  $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements/dev.txt requirements/torch.txt)
	sed -i '/^# The following packages were excluded/,$$d' requirements/bench.txt

clean:
	rm -rf $(VENV) .jiebang dist build api/static web/node_modules web/screenshots \
	  web/src/api/schema.d.ts bench/results .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache
