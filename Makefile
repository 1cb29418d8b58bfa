# FaceHealth. `make` lists what there is. Another Python: make run PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# More for pytest: make test OPTIONS=--durations=20. With --cov, each target has a coverage file of its own.
PYTEST = COVERAGE_FILE=.coverage.$@ $(BIN)/python -m pytest $(OPTIONS)
ON_POSTGRES = COVERAGE_FILE=.coverage.$@ tests/with_postgres.sh $(BIN)/python -m pytest $(OPTIONS)
SLOW := browser or process
QUICK := --numprocesses=auto --maxprocesses=4 -m 'not ($(SLOW))'
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/pip-compile --quiet --no-strip-extras --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.PHONY: help run editor dev test test-postgres test-slow test-slow-sqlite test-slow-postgres
.PHONY: lint walk screenshots audit bench lock clean

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Bring everything up to date and serve the site on http://127.0.0.1:8000/.
	@exec $(BIN)/python manage.py serve

editor: $(VENV)/.run ## Make a login for the admin.
	@$(BIN)/python manage.py editor

dev: export DEBUG = 1
dev: $(VENV)/.dev ## Serve while developing: code, templates and static files reload by themselves.
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py loaddata
	@exec $(BIN)/python manage.py runserver $${HOST:-127.0.0.1}:$${PORT:-8000}

test: $(VENV)/.dev ## Run the quick tests, on SQLite. At the end they say what they left out.
	@$(PYTEST) $(QUICK)

test-postgres: $(VENV)/.dev ## Run the quick tests on a PostgreSQL of their own, thrown away afterwards.
	@$(ON_POSTGRES) $(QUICK)

test-slow: $(VENV)/.dev ## Run the rest on both databases: browsers, servers, backups, kills, crowds, full disks.
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target test-slow-sqlite test-slow-postgres

test-slow-sqlite: $(VENV)/.dev
	@$(PYTEST) -m '$(SLOW)'

# What a browser makes of pages and forms is the same on either database; what it sends is tested without one on both.
test-slow-postgres: $(VENV)/.dev
	@$(ON_POSTGRES) -m '$(SLOW)' --ignore=tests/browser --ignore=tests/admin

walk: $(VENV)/.dev ## Walk at random over all that editors and files do: make walk OPTIONS="--seconds 1800 --seed 5"
	@$(BIN)/python -m tests.walker $(OPTIONS)

lint: $(VENV)/.dev ## Check style, types, migrations, templates, and packages for known vulnerabilities.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest --quiet tests/test_templates.py
	@.ci/audit || [ $$? -eq 2 ]

screenshots: $(VENV)/.dev ## Take the pictures in docs/screenshots/ again (needs Chromium).
	@$(BIN)/python -m docs.screenshots

audit: $(VENV)/.dev ## Ask on the network whether a package has a known vulnerability. No answer means nothing is known.
	@.ci/audit

bench: $(VENV)/.run ## Measure loading, search, serving beside others, and pages on a phone. With MedQuAD: make bench MEDQUAD=folder
	@$(BIN)/python benchmarks/loading.py
	@$(BIN)/python benchmarks/find_speed.py
	@$(BIN)/python benchmarks/asked.py
	@$(BIN)/python benchmarks/search_speed.py $(MEDQUAD)
	@$(if $(MEDQUAD),$(BIN)/python benchmarks/search_relevance.py $(MEDQUAD))
	@$(BIN)/python benchmarks/growth.py
	@$(BIN)/python benchmarks/serving
	@$(BIN)/python benchmarks/load.py
	@$(BIN)/python benchmarks/lighthouse.py
	@if command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then \
		tests/with_postgres.sh $(BIN)/python benchmarks/serving; \
		tests/with_postgres.sh $(BIN)/python benchmarks/load.py; \
	else echo 'PostgreSQL is not installed: serving was measured on SQLite alone.'; fi

lock: $(VENV)/.dev ## Compile the lists of packages, *.txt, from *.in (with Python 3.11).
	@$(LOCK) --output-file=requirements.txt requirements.in
	@$(LOCK) --output-file=requirements-dev.txt requirements-dev.in
	@$(LOCK) --output-file=benchmarks/requirements-peers.txt benchmarks/requirements-peers.in

clean: ## Remove the environment and caches. Database and secret key stay in var/.
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

# The environment, with a mark for each list of packages that is installed in it.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'FaceHealth needs Python 3.11 or newer; $(PYTHON) is older, or is not there.'; \
		echo 'Install one and name it: make run PYTHON=python3.12'; exit 1; } >&2
	@echo 'Making the Python environment in $(VENV) (once)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.txt | $(BIN)/python
	@echo 'Installing packages from requirements.txt'
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo 'Installing packages from requirements-dev.txt'
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $(VENV)/.run $@
