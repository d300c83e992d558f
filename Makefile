# The two commands are `make lab` and `make test`; `make help` lists the rest.
# Everything that they write stays in .venv and .cache, save the images in the Keras cache.

PYTHON ?=
VENV := .venv
RUN := $(VENV)/bin/python
CACHE := $(CURDIR)/.cache

export PIP_CACHE_DIR := $(CACHE)/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MPLCONFIGDIR := $(CACHE)/matplotlib
export IPYTHONDIR := $(CACHE)/ipython
export JUPYTER_CONFIG_DIR := $(CACHE)/jupyter/config
export JUPYTER_DATA_DIR := $(CACHE)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CACHE)/jupyter/runtime
export JUPYTERLAB_SETTINGS_DIR := $(CACHE)/jupyter/settings
export JUPYTERLAB_WORKSPACES_DIR := $(CACHE)/jupyter/workspaces

.DEFAULT_GOAL := help
.PHONY: help lab present slides book page test bench train scoreboard pictures figures glossary strip clean

help:
	@echo "make lab          open the notebooks in JupyterLab (installs what is missing)"
	@echo "make present      show the panel of notebook 7 alone, for a lecture"
	@echo "make slides       build a deck of each notebook, to be opened without a network; key S: speaker notes"
	@echo "make book         build the whole series, executed, as pages with a search"
	@echo "make page         write the panel as one file, notebooks/panel.html; ARGS='--with FOLDER' for a pair of your own"
	@echo "make test         run every test and every notebook"
	@echo "make bench        measure and judge what each notebook costs, and how fast the panel and its page answer"
	@echo "make train        train by the full recipe; ARGS=--help lists the options"
	@echo "make scoreboard   measure the networks and the filters on the test part; ARGS=--check compares"
	@echo "make pictures     draw the opening pictures of the notebooks again, from their own cells"
	@echo "make figures      write the lessons' main figures, on both sets of images, into INSTRUCTORS"
	@echo "make glossary     write GLOSSARY from the sentences that define the terms"
	@echo "make strip        take the outputs out of the notebooks, before a commit"
	@echo "make clean        remove what these commands have installed and cached in this folder"

lab: $(VENV)/ready
	@echo "Opening JupyterLab at notebooks/00_start_here.ipynb; Ctrl+C here stops it."
	@$(RUN) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" \
	  --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(ARGS)

present: $(VENV)/ready
	@$(RUN) -m helpers.present $(ARGS)

slides book: $(VENV)/publish
	@echo "Executing what has changed since the last time; at first that takes some minutes."
	@$(RUN) -m tools.publish $@ $(ARGS)

page: $(VENV)/ready
	@$(RUN) -m tools.page $(ARGS)

test: $(VENV)/ready
	@echo "Running the tests and all notebooks; this takes some minutes."
	@mkdir -p .cache
	@$(RUN) -m pytest -n auto --basetemp=.cache/pytest-files $(ARGS)

bench: $(VENV)/browser
	@mkdir -p .cache
	@$(RUN) -m tools.bench $(ARGS)

train: $(VENV)/ready
	@$(RUN) -m helpers.train $(ARGS)

scoreboard: $(VENV)/ready
	@$(RUN) -m pip install --quiet --editable ".[scoreboard]"
	@$(RUN) -m tools.scoreboard $(ARGS)

pictures: $(VENV)/browser
	@$(RUN) -m tools.pictures
	@mkdir -p .cache
	@DENOISING_PICTURES=1 DENOISING_CIFAR10_DIR= $(RUN) -m pytest --basetemp=.cache/pytest-files \
	  tests/test_browser.py -k fits_the_screen

figures: $(VENV)/publish
	@$(RUN) -m tools.figures

glossary: $(VENV)/ready
	@$(RUN) -m tools.glossary

strip: $(VENV)/ready
	@$(RUN) -m jupyter nbconvert --clear-output --inplace notebooks/*.ipynb \
	  --ClearMetadataPreprocessor.enabled=True --ClearMetadataPreprocessor.preserve_cell_metadata_mask=tags \
	  --ClearMetadataPreprocessor.preserve_cell_metadata_mask=slideshow \
	  --ClearMetadataPreprocessor.preserve_cell_metadata_mask=jupyter \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask=kernelspec \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask=language_info

clean:
	rm -rf $(VENV) .cache

$(VENV)/browser: $(VENV)/ready
	@$(RUN) -m pip install --quiet --editable ".[browser]"
	@touch $@

$(VENV)/publish: $(VENV)/ready
	@$(RUN) -m pip install --quiet --editable ".[publish]"
	@touch $@

# Made anew only when pyproject.toml is newer than the last complete installation, or when the
# folder was moved since: the installed package points here.
ifneq ($(shell cat $(VENV)/ready 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/ready
endif
$(VENV)/ready: pyproject.toml
	@python=$$(sh tools/find-python $(PYTHON)) || exit 1; \
	echo "Installing into $(VENV) with $$python: about 1 GB to fetch, some minutes, only once ..."; \
	"$$python" -m venv $(VENV) || { \
	  echo "Python could not make $(VENV). On Debian and Ubuntu: sudo apt install python3-venv"; \
	  rm -rf $(VENV); exit 1; }
	@$(RUN) -m pip install --quiet --editable . || { \
	  echo "The installation stopped; the lines above say why. Run the same command again."; exit 1; }
	@$(RUN) -m jupyter labextension disable --level=sys_prefix \
	  @jupyterlab/apputils-extension:announcements >/dev/null 2>&1 || true  # no news over the lesson
	@echo "$(CURDIR)" > $@
	@echo "Installed."
