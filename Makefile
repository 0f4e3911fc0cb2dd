# make demo   install and run the main job      make test   install and test
# make check  ruff and mypy                     make bench  print timings
# make gate   is anything worse than before?    make baseline  accept things as they are now
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test check bench gate baseline vectors openapi schemas clean

demo: $(VENV)/installed
	$(BIN)/agendum demo

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -q -n 2 $(ARGS)

check: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/installed-test
	$(BIN)/python -m pytest tests/bench -m bench -q -s $(ARGS)

gate: $(VENV)/installed-test
	$(BIN)/agendum eval gate $(ARGS)

baseline: $(VENV)/installed-test
	$(BIN)/agendum eval baseline $(ARGS)

vectors: $(VENV)/installed
	$(BIN)/agendum library embed

openapi: $(VENV)/installed
	$(BIN)/python -m api.openapi

schemas: $(VENV)/installed
	$(BIN)/python -m recommender.schemas

clean:
	rm -rf $(VENV) build *.egg-info

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade "pip>=26"
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[torch,evals]"
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[torch,evals,test]"
	touch $@
