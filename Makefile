# The course's commands, for GNU make 3.81 or later. They are listed in README.md.
#
#   PYTHON=...  the Python that makes the environment (default: the first one found that is 3.11 or later)
#   VENV=...    where the environment is (default: .venv)
#   SITE=...    where `make site` puts its pages (default: _site)
#   WORKERS=... how many tests run at once (default: 4; 0: one after the other, which pytest -s and --pdb need)
#   LIVE=...    the folder that `make live` makes (default: live)
#   ARGS=...    more arguments for JupyterLab, for pytest: make test ARGS="-k readme", or parts: make bench ARGS=schedules

VENV := .venv
PYTHON :=
ARGS :=
SITE := _site
LIVE := live
# Most tests wait for processes more than they compute: two workers for each of the two cores of a build machine.
WORKERS := 4

python := $(VENV)/bin/python
install := $(python) -m pip install --quiet --disable-pip-version-check -c constraints.txt
lite := $(VENV)-live/lite
# What JupyterLite's kernel brings: two more stand in for packages that the front end has.
kernel_wheels = $(filter-out %999-py3-none-any.whl,$(wildcard $(VENV)-live/share/jupyter/labextensions/@jupyterlite/*/static/pypi/*.whl))
first_lesson := notebooks/00_start_here.ipynb
root := $(filter 0,$(shell id -u))

# Fails in a Python older than 3.11, in one that cannot make environments, and where there is no Python behind the name.
usable := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

.PHONY: lab bonus site live test check size claims stress test-all test-windows pyodide bench clean

lab: $(VENV)/.installed
	@$(if $(root),echo "Running as root: JupyterLab is started with --allow-root.")
	$(python) -m jupyterlab --LabApp.default_url=/lab/tree/$(first_lesson) $(if $(root),--allow-root) $(ARGS)

# What lesson 13 needs beside the rest.
bonus: $(VENV)/.installed
	@echo "Installing what the bonus lesson needs ..."
	@$(install) -r requirements-bonus.txt

# The lessons as pages to read, made of one run: open $(SITE)/index.html; and its part that is live. About five minutes on two cores.
site: $(VENV)/.installed-test $(VENV)-site/.installed
	$(python) -m docs.site $(SITE) $(VENV)-site/bin/python
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory live LIVE=$(SITE)/live; \
	else echo "There is no npm here: the pages are without their part that is live."; fi

test: $(VENV)/.installed-test
	$(python) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/.installed-test
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(MAKE) --no-print-directory size
	$(python) -m nbstripout --keep-id --verify notebooks/*.ipynb

# Lines of code by room; fails where a ceiling is passed.
size: $(VENV)/.installed-test
	$(python) -m tests.size

claims: $(VENV)/.installed-test
	$(python) -m tests.claims

# Some hours on two cores: make stress ARGS=solutions, ARGS="lessons 04 07" or ARGS=claims for a part.
stress: $(VENV)/.installed-test
	$(python) -m tests.stress $(ARGS)

# Where frontrun cannot be installed, the bench says so and measures the rest.
bench: $(VENV)/.installed-test
	-@$(MAKE) --silent --no-print-directory $(VENV)-frontrun/.installed
	PATH="$(abspath $(VENV))-frontrun/bin:$$PATH" $(python) -m bench $(ARGS)

# All there is to try on the environment's Python, then the tests on each other supported Python that can be found,
# pyenv's included. Up to an hour on two cores.
test-all: $(VENV)/.installed-test
	@here=$$($(python) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); ran=" $$here"; failed=; missing=; \
	COURSE_ALL=1 $(MAKE) test || failed=" $$here"; \
	for version in 3.11 3.12 3.13 3.14; do \
	    if [ $$version = $$here ]; then continue; fi; \
	    found=; \
	    for candidate in python$$version "$$HOME"/.pyenv/versions/$$version.*/bin/python; do \
	        if "$$candidate" -c '$(usable)' >/dev/null 2>&1; then found=$$candidate; break; fi; \
	    done; \
	    if [ -z "$$found" ]; then missing="$$missing $$version"; continue; fi; \
	    echo "Python $$version: $$found"; \
	    ran="$$ran $$version"; \
	    $(MAKE) test VENV=.venv-$$version PYTHON="$$found" || failed="$$failed $$version"; \
	done; \
	echo "Tested on:$$ran. Not found:$${missing:- none}. Failed on:$${failed:- none}."; \
	[ -z "$$failed" ]

# On Windows' own Python, under Wine; it takes half an hour.
test-windows: $(VENV)/.installed-test $(VENV)-windows/.made
	COURSE_WINDOWS="$(abspath $(VENV))-windows" $(python) -m pytest -rP tests/windows/trial.py $(ARGS)

# In the browser's Python, run by node. It needs npm, and the network for the installation only.
pyodide: $(VENV)/.installed-test
	COURSE_ALL=1 $(python) -m pytest -rP tests/test_pyodide.py $(ARGS)

# The course in a browser, with nothing installed: a folder of files for any server, JupyterLite with the Pyodide of `make pyodide`.
# helpers comes as a wheel; of its sources, those that lessons link to stand beside the notebooks.
live: $(VENV)-live/.installed $(VENV)-pyodide/.made
	@rm -rf $(LIVE) $(lite)
	@mkdir -p $(lite)/files $(lite)/static/pyodide
	@tar -cf - --exclude=__pycache__ notebooks/[0-9]*.ipynb docs/*.md docs/*.html docs/pictures/*.svg helpers/workers helpers/programs \
	    helpers/cluster/pausing.py helpers/course/stubs | tar -xf - -C $(lite)/files
	@cp docs/live/*.json binder/overrides.json $(lite)
	@cp $(addprefix $(VENV)-pyodide/node_modules/pyodide/,pyodide.mjs pyodide.asm.mjs pyodide.asm.wasm python_stdlib.zip \
	    pyodide-lock.json) $(VENV)-live/wheels/*.whl $(kernel_wheels) $(lite)/static/pyodide
	@$(VENV)-live/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	    --wheel-dir $(lite)/static/pyodide docs/live
	@$(VENV)-live/bin/python docs/live/lock.py $(lite)/static/pyodide
	@python=$(abspath $(VENV)-live)/bin/python; cd $(lite) && \
	    $$python -m jupyterlite_core build --output-dir $(abspath $(LIVE)) >log 2>&1 || { cat log; exit 1; }
	@cp docs/live/index.html $(LIVE)
	@echo "Serve it with: python3 -m http.server --bind 127.0.0.1 --directory $(LIVE)"

# Never the learner's files (my_*.py).
clean:
	rm -rf .venv .venv-* _site live .pytest_cache .ruff_cache
	find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -exec rm -rf {} +

# A stamp is touched last, so an installation that was broken off is done again.
$(VENV)/.made:
	@for candidate in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11); do \
	    if "$$candidate" -c '$(usable)' >/dev/null 2>&1; then \
	        echo "Making $(VENV) with $$candidate ..."; \
	        "$$candidate" -m venv --clear $(VENV) && touch $@; exit; \
	    fi; \
	done; \
	echo "This course needs Python 3.11 or later, with its venv module. Tried: $(or $(PYTHON),python3 and python3.11 to python3.14)." >&2; \
	echo "Name yours with: make PYTHON=/path/to/python3 ...  On Debian or Ubuntu: sudo apt-get install python3-venv" >&2; \
	exit 1

$(VENV)/.installed: $(VENV)/.made requirements.txt constraints.txt binder/overrides.json
	@echo "Installing the course's packages (about half a minute, once) ..."
	@$(install) -r requirements.txt
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@cp binder/overrides.json $(VENV)/share/jupyter/lab/settings/  # no news, no look for updates: no network
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.txt requirements-bonus.txt
	@echo "Installing the test tools ..."
	@$(install) -r requirements-test.txt
	@touch $@

$(VENV)-windows/.made: tests/windows/setup.sh tests/windows/pins.txt $(VENV)/.made
	@rm -rf $(VENV)-windows
	@bash tests/windows/setup.sh "$(abspath $(python))" $(VENV)-windows
	@touch $@

# Pyodide brings no wheels, and none that is compiled can be had: pip takes pure ones only.
$(VENV)-pyodide/.made: tests/pyodide/wheels.txt constraints.txt
	@echo "Installing Pyodide and pure wheels for it ..."
	@rm -rf $(VENV)-pyodide
	@npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)-pyodide pyodide@314.0.7
	@$(install) --no-deps --only-binary :all: --platform any --implementation py --abi none --python-version 3.14 \
	    --target $(VENV)-pyodide/wheels -r tests/pyodide/wheels.txt
	@touch $@

# pip takes pure wheels only, as for Pyodide under node.
$(VENV)-live/.installed: $(VENV)/.made requirements-live.txt docs/live/wheels.txt tests/pyodide/wheels.txt constraints.txt
	@echo "Installing JupyterLite, and pure wheels for it ..."
	@rm -rf $(VENV)-live
	@$(python) -m venv $(VENV)-live
	@$(VENV)-live/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-live.txt
	@$(VENV)-live/bin/python -m pip download --quiet --disable-pip-version-check -c constraints.txt --no-deps --only-binary :all: \
	    --platform any --implementation py --abi none --python-version 3.14 --dest $(VENV)-live/wheels -r docs/live/wheels.txt
	@touch $@

# An environment of its own: frontrun has a plugin that every pytest beside it would load.
$(VENV)-frontrun/.installed: $(VENV)/.made requirements-bench.txt
	@echo "Installing what the bench compares with ..."
	@$(python) -m venv --clear $(VENV)-frontrun
	@$(VENV)-frontrun/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

$(VENV)-site/.installed: $(VENV)/.made requirements-site.txt constraints.txt
	@echo "Installing what makes the pages ..."
	@$(python) -m venv --clear $(VENV)-site
	@$(VENV)-site/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-site.txt
	@touch $@
