# make up    everything on this machine, in the foreground        PORT=8123 HOST=0.0.0.0 DEMO=0 make up
# make test  all tests that this machine allows                   REQUIRE=postgres,redis,browser make test
# make lint  what is judged without running
# make lock  new lock files from pyproject.toml and package.json (needs the network)

# Python and front-end packages are fetched side by side
MAKEFLAGS += --jobs=2

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TEMPLATES := $(wildcard templates)

.PHONY: up test lint lock assets clean

# Only the hand that gives nothing but a HOST gets the laptop; whoever sets a name or TLS has said what he wants.
up: .venv/runtime.stamp assets
	@if [ -z "$$MODE$$ALLOWED_HOSTS$$HTTPS" ] && [ ! -f .env ]; then MODE=local; export MODE; fi; \
	exec $(BIN)/python manage.py up --end-with-parent

test: .venv/dev.stamp assets
	@exec $(BIN)/python -m tests

lint: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --lint --quiet $(TEMPLATES)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新版本（PYTHON=python3.12 make up）"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock | .venv/bin/python
	@echo "正在安装 Python 依赖……"
	@$(PIP) install --no-compile --no-deps --require-hashes -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@echo "正在安装开发和测试依赖……"
	@$(PIP) install --no-compile --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Without npm the pages still work, only plainly.
assets:
	@if ! command -v npm >/dev/null 2>&1; then echo "没有找到 npm：页面可用，但没有样式和图表"; \
	elif [ package-lock.json -nt node_modules/.stamp ] || [ ! -f node_modules/.stamp ]; then \
	echo "正在安装前端资源……"; npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.stamp; fi

lock: .venv/bin/python
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements-dev.lock
	npm install --package-lock-only --no-audit --no-fund

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
