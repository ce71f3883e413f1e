# make demo: measure a bundled micrograph, without torch.   make test: everything that CI checks.
PYTHON ?= python3
VENV := .venv
DEV := .venv-dev
PIP := -m pip --disable-pip-version-check --no-input install --quiet
TORCH := torch==2.13.0
EXAMPLE := src/nital/tasks/grains/example/steel_synthetic.tif
DEMO := demo-results
SOURCES := pyproject.toml constraints.txt

export OMP_NUM_THREADS ?= 2

.PHONY: demo test slow docs train benchmarks clean

demo: $(VENV)/.installed
	$(VENV)/bin/nital predict grains $(EXAMPLE) --out $(DEMO)
	@echo
	@echo "Report:  $(DEMO)/steel_synthetic/report.html"
	@echo "Overlay: $(DEMO)/steel_synthetic/overlay.png"

# Stamp files: a second run starts at once.
$(VENV)/.installed: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(PIP) --constraint constraints.txt --editable .
	@touch $@

$(DEV)/.installed: $(SOURCES)
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python $(PIP) --constraint constraints.txt $(TORCH)
	$(DEV)/bin/python $(PIP) --constraint constraints.txt --editable '.[train,pretrained,em,dev,docs]'
	@touch $@

test: $(DEV)/.installed
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/pyright --pythonpath $(DEV)/bin/python
	$(DEV)/bin/lint-imports
	$(DEV)/bin/pytest -m "not slow and not gpu and not network and not browser"

slow: $(DEV)/.installed
	$(DEV)/bin/pytest -m slow --timeout 3600

docs: $(DEV)/.installed
	$(DEV)/bin/sphinx-build -W --keep-going -b html docs docs/_build/html
	@echo "Documentation: docs/_build/html/index.html"

# The bundled models, from nothing: some four hours on two cores. Run it again after an interruption: it resumes.
train: $(DEV)/.installed
	$(DEV)/bin/nital train classes --recipe structures --out runs/classes
	$(DEV)/bin/nital train grains --recipe bundled --out runs/grains
	$(DEV)/bin/nital train phases --recipe pretraining --out runs/phases
	$(DEV)/bin/nital train particles --recipe bundled --out runs/particles
	$(DEV)/bin/nital train inpaint --recipe bundled --out runs/inpaint

benchmarks: $(DEV)/.installed
	for script in benchmarks/*.py; do echo "== $$script"; $(DEV)/bin/python $$script || exit 1; done

clean:
	rm -rf $(VENV) $(DEV) $(DEMO) nital-results build dist docs/_build .pytest_cache .ruff_cache .hypothesis
