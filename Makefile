# Everything one does with this repository; `make help` lists it.
# Each target first makes the virtual environment and installs what it needs, and nothing twice.
#
#   PYTHON=…   the interpreter for a new virtual environment (3.11 to 3.13)
#   ARGS=…     words for the application or for pytest: make run ARGS=nightly.db
#   JOBS=…     how many processes run tests; as many as there are processors unless said
#   ONLY=…     one benchmark: make bench ONLY=build_of_true
#   FAULT_COUNT=…  how often each fault is tried: make faults FAULT_COUNT=500

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run tour test faults lint format bench package messages icons lock clean

python := .venv/bin/python
code := core desktop benchmarks tests migrations
export PYTHON

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: ## Open the application; where there is no screen, give the tour
	@.ci/environment runtime run
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		$(python) -m desktop $(ARGS); \
	else \
		echo "There is no screen here, so this is the tour; pictures come into build/tour."; \
		QT_QPA_PLATFORM=offscreen $(python) -m desktop --tour build/tour; \
	fi

tour: ## Use every part once, offscreen, with pictures in build/tour
	@.ci/environment runtime run
	QT_QPA_PLATFORM=offscreen $(python) -m desktop --tour build/tour

JOBS ?= logical
pytest := $(python) -m pytest -q -n $(JOBS) --dist worksteal

test: ## Run all tests
	@.ci/environment dev test
	$(pytest) $(ARGS)

FAULT_COUNT ?= 100
faults: ## Run the tests of faults, each FAULT_COUNT times (long)
	@.ci/environment dev test
	FAULT_COUNT=$(FAULT_COUNT) $(pytest) tests/faults $(ARGS)

lint: ## Check style, types and the borders between the parts
	@.ci/environment dev run
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy $(code)
	.venv/bin/lint-imports

format: ## Lay out the code and set right what can be
	@.ci/environment dev run
	$(python) -m ruff check --fix-only .
	$(python) -m ruff format .

bench: ## Measure; a table here and build/bench.json
	@.ci/environment dev test
	$(python) -m benchmarks $(if $(ONLY),--only $(ONLY))

package: ## Build dist/buildbench and, where dpkg-deb is, a .deb beside it
	@.ci/environment dev package
	@.ci/package

messages: ## Gather the words that people see into resources/locale/buildbench.pot
	@.ci/environment dev run
	@mkdir -p build resources/locale
	$(python) -m babel.messages.frontend --quiet extract --mapping-file .ci/babel.cfg \
		--project Buildbench --copyright-holder "The Buildbench authors" \
		--sort-by-file --add-location file --output-file build/buildbench.pot core desktop
	@grep -v '^"POT-Creation-Date' build/buildbench.pot >resources/locale/buildbench.pot
	@grep -c '^msgid' resources/locale/buildbench.pot

icons: ## Draw resources/icons/*.png and .ico from the .svg
	@.ci/environment runtime run
	QT_QPA_PLATFORM=offscreen $(python) .ci/draw_icons.py

lock: ## Choose the newest versions that pyproject.toml allows
	@.ci/environment dev run
	@.ci/lock

clean: ## Remove all that was made here, the virtual environment too
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find core desktop benchmarks tests migrations -name __pycache__ -prune -exec rm -rf {} +
