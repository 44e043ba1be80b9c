# What a person, and the continuous integration, calls. Needs Python 3.11 or later and nothing else.

PYTHON ?= python3
NEST_PYTHON ?= python3.12
REPLAY_PYTHON ?= python3
BIN := .venv/bin
NEST_BIN := .venv-nest/bin
REPLAY_VENV := .venv-replay-$(shell $(REPLAY_PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable

.PHONY: help reference demo test wheel-test replay nest prove prove-two bench bench-compare soundness power format clean

help:
	@echo "make demo    run the scenario on the reference stack and on four broken ones"
	@echo "make test    lint, types and all tests"
	@echo "make wheel-test  the tests against the wheel in an environment of its own, where the checkout cannot be seen"
	@echo "make replay  replay the corpus on another Python, without Hypothesis: REPLAY_PYTHON=python3.13"
	@echo "make prove   run every schedule with at most one deviation on the reference stack"
	@echo "make prove-two  the same with two, where that can be done in half an hour"
	@echo "make nest    the tests of plugins that were written for NEST, in .venv-nest; needs Python 3.12"
	@echo "make bench   measure, and write build/ratios.json"
	@echo "make bench-compare  warn of what takes 15 % more than benchmarks/ratios.json says"
	@echo "make soundness  100,000 runs of the hunt on the reference stack, none of which may break anything"
	@echo "make power   hunt for every planted defect under 20 seeds"
	@echo "make reference  write the generated pages of docs/reference anew"
	@echo "make format  format the code, and apply ruff's automatic fixes"
	@echo "make clean   remove the environment and all caches"

demo: .venv/demo.stamp
	$(BIN)/crosslayer demo

test: .venv/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -n auto

# What ships, tested where nothing of the checkout can be imported. Left out are the tests that read the sources, and those
# that build and install the wheel themselves.
# All of the suite by default; the continuous integration, which has just run it in the checkout, asks for a part.
WHEEL_TESTS ?= tests
wheel-test: .venv/test.stamp
	rm -rf .venv-wheel build/wheel build/suite
	$(BIN)/python -m hatchling build -t wheel -d build/wheel
	$(BIN)/python -m venv --without-pip .venv-wheel
	$(BIN)/python -m pip --python .venv-wheel install --quiet --disable-pip-version-check "$$(echo build/wheel/*.whl)[cluster,otel,ui,http,mcp,a2a]" jsonschema
	mkdir -p build/suite
	cp -R tests benchmarks corpus docs scenarios conftest.py pyproject.toml build/suite
	cd build/suite && ../../.venv-wheel/bin/python -c 'import crosslayer, sys; assert crosslayer.__file__.startswith(sys.prefix)'
	cd build/suite && ../../.venv-wheel/bin/pytest -n auto $(WHEEL_TESTS) \
		--ignore tests/installed --ignore tests/docs --ignore tests/test_architecture.py

# Every digest of the corpus was made on one Python, by a harness that had Hypothesis; here it has another, and has not.
replay: $(REPLAY_VENV)/replay.stamp
	! $(REPLAY_VENV)/bin/python -c 'import hypothesis' 2>/dev/null
	PYTHONHASHSEED=1 $(REPLAY_VENV)/bin/python -m crosslayer corpus verify --allow tests.defects
	PYTHONHASHSEED=4242 $(REPLAY_VENV)/bin/python -m crosslayer corpus verify --allow tests.defects

# NEST needs another Python than we do, and so an environment of its own. Without a test that needs NEST (pytest's exit
# status 5), it fails; the corpus does not count.
nest: .venv-nest/test.stamp
	$(NEST_BIN)/mypy
	$(NEST_BIN)/pytest -q --collect-only -o crosslayer_corpus= tests/systems/commerce/nest_plugins/real >/dev/null
	$(NEST_BIN)/pytest -n auto -o crosslayer_corpus= tests/systems/commerce/nest_plugins

# In both worlds every promise is exercised.
prove: .venv/demo.stamp
	$(BIN)/crosslayer explore
	$(BIN)/crosslayer explore --system escrow
	$(BIN)/crosslayer explore --system delegation

# Two deviations: all of them in a small world; in the larger ones, what the adversary can do in commerce, and lost messages.
# Some 20 minutes of two cores.
IN_COMMERCE := BidUnpaid Buy Complain DeliverLate ForgeReceipt FulfilUnpaid GhostReceipt ReplayReceipt SquatReceipt \
	SquatReference WashTrade Withhold

prove-two: .venv/demo.stamp
	$(BIN)/crosslayer explore --deviations 2 --population 1,0,1,0
	$(BIN)/crosslayer explore --deviations 2 --population 2,0,1,1 --kind Drop $(IN_COMMERCE:%=--kind %)
	$(BIN)/crosslayer explore --deviations 2 --kind Drop $(IN_COMMERCE:%=--kind %)

bench: .venv/test.stamp
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.history --write build/ratios.json

# Under a minute. A warning is no failure: noise only ever adds time, so measure again before you believe it.
bench-compare: .venv/test.stamp
	$(BIN)/python -m benchmarks.history benchmarks/ratios.json

# Ten minutes and more, so not a part of the tests: what they sample, this looks at for long.
soundness: .venv/demo.stamp
	for seed in `seq 0 19`; do $(BIN)/crosslayer hunt --examples 5000 --seed $$seed || exit 1; done
	$(BIN)/crosslayer hunt --system escrow --examples 6000
	$(BIN)/crosslayer hunt --system escrow --engine volume --examples 100000
	$(BIN)/crosslayer hunt --system delegation --examples 6000
	$(BIN)/crosslayer hunt --system delegation --engine volume --examples 100000

# Is every planted defect found, whatever the seed, and blamed on the right part? Some 50 minutes of one core.
power: .venv/test.stamp
	$(BIN)/crosslayer matrix --defects tests.defects.catalogue:DEFECTS --seeds 20
	$(BIN)/crosslayer matrix --system escrow --defects tests.defects.escrow:DEFECTS --seeds 20
	$(BIN)/crosslayer matrix --system delegation --defects tests.defects.delegation:DEFECTS --seeds 20

reference: .venv/test.stamp
	$(BIN)/python -m tests.docs.generated

format: .venv/test.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf .venv .venv-nest .venv-replay-* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip is the last thing that `venv` installs: when it is there, the environment is whole.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Crosslayer needs Python 3.11 or later; $(PYTHON) is `$(PYTHON) --version 2>&1 || true`." \
	    "Name another one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Each stamp says: what pyproject.toml asks for, as of its date, is installed.
.venv/demo.stamp: pyproject.toml | $(BIN)/pip
	$(INSTALL) .
	@touch $@

# The benchmarks are type-checked with everything else, so their extra belongs to both.
.venv/test.stamp: pyproject.toml | $(BIN)/pip
	$(INSTALL) '.[test,bench]'
	@touch $@ .venv/demo.stamp

.venv-nest/test.stamp: pyproject.toml
	@$(NEST_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || { \
	  echo "NEST needs Python 3.12 or later; $(NEST_PYTHON) is `$(NEST_PYTHON) --version 2>&1 || true`." \
	    "Name another one: make nest NEST_PYTHON=python3.13" >&2; exit 1; }
	test -x $(NEST_BIN)/pip || $(NEST_PYTHON) -m venv .venv-nest
	$(NEST_BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench,nest]'
	@touch $@

# All that the harness needs, but for Hypothesis and pytest.
$(REPLAY_VENV)/replay.stamp: pyproject.toml
	@$(REPLAY_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Crosslayer needs Python 3.11 or later; $(REPLAY_PYTHON) is `$(REPLAY_PYTHON) --version 2>&1 || true`." \
	    "Name another one: make replay REPLAY_PYTHON=python3.13" >&2; exit 1; }
	test -x $(REPLAY_VENV)/bin/pip || $(REPLAY_PYTHON) -m venv $(REPLAY_VENV)
	$(REPLAY_VENV)/bin/python -c 'import tomllib; print(*(one for one in tomllib.load(open("pyproject.toml", "rb")) \
	  ["project"]["dependencies"] if not one.startswith(("hypothesis", "pytest"))), sep="\n")' >$(REPLAY_VENV)/needs.txt
	$(REPLAY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $(REPLAY_VENV)/needs.txt
	@touch $@
