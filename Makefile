# make run    install what is missing, then run the mirror      make check   style, types and import rules
# make test   the whole test suite, on all cores                make train   train narcissus-128's inverter anew
# make soak   let everything fail for SECONDS=600, and say what was survived
# make doctor look the installation over: what is there, what is missing, what mends it
# make demo   the mirror off-screen, with the demo viewer       make bench   measure how fast everything is
# make desk   the desk in a browser: turn everything while the mirror runs; starts the mirror too if none runs
# make page   the page in a browser: a portrait in, assumed colours out
# make clean  remove the environment                            make wheelhouse   packages for a machine without internet
# The newest of the three that runs: a pyenv shim without its version is named, and does not.
PYTHON ?= $(or $(shell for python in python3.13 python3.12 python3.11; do $$python -c "import venv" 2>/dev/null && echo $$python && break; done),python3.11)
VENV   := .venv
BIN    := $(VENV)/bin
# A GPU that answers gets TensorFlow with its CUDA libraries; otherwise the processor draws.
CUDA   := $(shell command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1 && echo yes)
# A folder of packages is enough to install from where there is no internet; see docs/offline.md.
WHEELHOUSE ?= $(wildcard wheelhouse)
PACKAGES   := $(if $(WHEELHOUSE),--no-index --find-links "$(WHEELHOUSE)")
UNFITTING  := echo "Narcissus: $(WHEELHOUSE)/ was made for: $$(cat "$(WHEELHOUSE)/made-for.txt" 2>/dev/null || echo another machine); make it anew on a machine like this one: make wheelhouse"
PIP        := $(BIN)/python -m pip --disable-pip-version-check
NVIDIA     := $(if $(CUDA),"tensorflow[and-cuda]==2.21.*")
ARGS   ?=
# Tests in several processes, a module in one; WORKERS=0 runs all of them in this one.
WORKERS ?= auto
SECONDS ?= 600

.PHONY: run desk page test check demo train bench soak doctor wheelhouse clean
.DELETE_ON_ERROR:

run: $(VENV)/ready
	@$(BIN)/python run_mirror.py $(ARGS)

desk: $(VENV)/ready
	@$(BIN)/python scripts/desk.py $(ARGS)

page: $(VENV)/ready
	@$(BIN)/python scripts/page.py $(ARGS)

demo: $(VENV)/ready
	@$(BIN)/python run_mirror.py --source demo --offscreen out $(ARGS)

train: $(VENV)/ready
	@$(BIN)/python train_inverter.py $(ARGS)

bench: $(VENV)/ready
	@$(BIN)/python scripts/bench.py $(or $(ARGS),--markdown docs/performance.md)

soak: $(VENV)/ready
	@$(BIN)/python scripts/soak.py --seconds $(SECONDS) --report report.json $(ARGS)

doctor: $(VENV)/ready
	@$(BIN)/python scripts/doctor.py $(ARGS)

test: $(VENV)/ready-dev
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/ready-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m pytest -q tests/test_house.py

$(VENV)/bin/python:
	@echo "Narcissus: making a Python environment in $(VENV)"
	@command -v $(PYTHON) >/dev/null || { echo "Narcissus needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=/path/to/python3.13"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/ready: requirements.txt | $(VENV)/bin/python
	@echo "Narcissus: installing its packages $(if $(WHEELHOUSE),from $(WHEELHOUSE)/,(TensorFlow is large; a few minutes on a slow line))"
	@$(PIP) install --progress-bar on --quiet $(PACKAGES) -r requirements.txt $(NVIDIA) $(if $(WHEELHOUSE),|| { $(UNFITTING); exit 1; })
	@touch $@

$(VENV)/ready-dev: requirements-dev.txt requirements-cluster.txt $(VENV)/ready
	@echo "Narcissus: installing what the tests need"
	@$(PIP) install --quiet $(PACKAGES) -r requirements-dev.txt $(if $(WHEELHOUSE),|| { $(UNFITTING); exit 1; })
	@touch $@

# Beside the old one until it is whole. CUDA=yes adds the libraries of a graphics card that this machine has not.
wheelhouse: | $(VENV)/bin/python
	@echo "Narcissus: gathering packages for a machine like this one without internet (about 1 GB)"
	@rm -rf wheelhouse.part
	@$(PIP) wheel --quiet --wheel-dir wheelhouse.part -r requirements-dev.txt $(NVIDIA)
	@$(BIN)/python -c 'import platform, sysconfig; print(f"Python {platform.python_version()}, {sysconfig.get_platform()}")' > wheelhouse.part/made-for.txt
	@rm -rf wheelhouse && mv wheelhouse.part wheelhouse
	@echo "Narcissus: done: $$(du -sh wheelhouse | cut -f1) in wheelhouse/, for $$(cat wheelhouse/made-for.txt)"

clean:
	rm -rf $(VENV) out
