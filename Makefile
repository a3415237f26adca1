# Everything happens in .venv and build/; `make demo` and `make test` need nothing prepared.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CPC := $(BIN)/cpc

.PHONY: demo test check test-lab setup clean

demo: setup
	@$(BIN)/python -m cpc.guests.demo

test: setup check
	$(BIN)/pytest -q -n 2 --dist loadfile tests

test-lab: setup
	$(BIN)/pytest -q -m lab --durations=0 --durations-min=10 tests

check: setup
	@.ci/check.sh

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml .ci/setup-system.sh
	@.ci/setup-system.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Python packages into $(VENV)"
	@$(BIN)/pip install -qq --disable-pip-version-check -e '.[test]'
	@touch $@

clean:
	rm -rf build $(VENV)
