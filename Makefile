# Two commands are enough: `make run` and `make test`. Each sets up what is missing first.
PORT ?= 8000
DATA ?= data

.PHONY: run test lint format catalogs lock bench clean

run: ## start the demonstration: web, worker and mailbox, all under $(DATA)
	@scripts/setup.sh run
	@.venv/bin/portal demo --data $(DATA) --port $(PORT)

test: ## every check and every test
	@scripts/setup.sh test
	@scripts/check.sh

lint: ## the checks without the tests
	@scripts/setup.sh test
	@scripts/check.sh --no-tests

format: ## lay out the Python files as the checks want them
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/ruff format .

catalogs: ## bring the catalogs up to the sources
	@.venv/bin/python scripts/catalogs.py update

lock: ## resolve pyproject.toml anew into requirements/*.lock (wants uv on the path, and the network)
	@scripts/lock.sh

bench: ## the benchmarks, as ratios against a reference in the same run
	@scripts/setup.sh test
	@.venv/bin/python -m benchmarks

clean: ## remove what set-up and the tools made; the data of a demonstration stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache benchmarks/lighthouse/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete
