PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet
COMPILE := uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
export AUTOHUB_DATA_DIR ?= data

OP ?= adduser
MINUTES ?= 60
PYTHONS ?= $(PYTHON)

.PHONY: help install serve demo test coverage check bench profile crash drills load upgrade fuzz counterparts openapi-tools wheel pythons texts newman vendor lock clean

help:  ## Show what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/installed  ## Make .venv and install the hub from the locked requirements

# The locks hold everything that is needed, so pip resolves nothing.
$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --no-index --editable .
	touch $@

$(VENV)/tested: requirements-test.lock $(VENV)/installed
	$(PIP) --no-deps --require-hashes -r requirements-test.lock
	touch $@

serve: install  ## Start the hub on http://127.0.0.1:8000
	$(BIN)/autohub serve

demo: install  ## The same with a sample organisation
	$(BIN)/autohub demo --users 500 --seed 1
	$(BIN)/autohub serve

test: $(VENV)/tested  ## Run all tests
	$(BIN)/python -m pytest -n 3

coverage: $(VENV)/tested  ## Run all tests, and refuse less branch coverage than there was
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --skip-covered

check: $(VENV)/tested  ## Lint, check formats and types, and hold imports against what is declared
	$(BIN)/ruff check src tests benchmarks scripts
	$(BIN)/ruff format --check src tests benchmarks scripts
	$(BIN)/biome check --error-on-warnings
	$(BIN)/mypy
	$(BIN)/deptry src
	$(BIN)/deptry tests benchmarks scripts --ignore DEP002,DEP004

bench: $(VENV)/tested  ## Print the table of docs/performance.md anew
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.calls
	$(BIN)/python -m benchmarks.pages

profile: $(VENV)/tested  ## Where the CPU time of one call goes (OP=adduser)
	$(BIN)/python -m benchmarks.profile "$(OP)"

crash: $(VENV)/tested  ## Kill the server 200 times in the middle of writes
	$(BIN)/python -m pytest tests/end_to_end/test_crash.py tests/end_to_end/test_uploads.py --crash-rounds 200 -n 0 -s

drills: $(VENV)/tested  ## Break what is under a hub while people write (disk, lock, PostgreSQL, a process)
	$(BIN)/python -m benchmarks.drills

load: $(VENV)/tested  ## A mixed load for MINUTES=60: memory, descriptors, WAL and p99 stay flat
	$(BIN)/python -m benchmarks.load --minutes $(MINUTES)

upgrade: $(VENV)/tested  ## Upgrade from the last release with a larger sample, on both databases
	$(BIN)/python -m pytest tests/end_to_end/test_upgrade.py --upgrade-size 2000 -n 0 -s

fuzz: $(VENV)/tested  ## Let Schemathesis loose on every call, at length
	$(BIN)/python -m pytest tests/end_to_end/test_schema.py --fuzz-examples 300 -n 2

counterparts: $(VENV)/tested  ## Let programs that others wrote use the hub (needs npm)
	$(BIN)/python -m pytest tests/scim/counterparts.py -n 2 -k "not cursor"
	$(BIN)/python -m tests.scim.probe
	$(BIN)/python -m tests.odata.probe

openapi-tools: $(VENV)/tested  ## Lint the OpenAPI document and make clients of it (needs node, npm and java)
	$(BIN)/python scripts/openapi_tools.py

wheel: $(VENV)/tested  ## Build the wheel into dist/
	$(BIN)/pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --no-index -w dist .

pythons: wheel  ## Install and start the wheel in an empty environment of each of PYTHONS="python3.12 python3.13"
	$(PYTHON) scripts/try_wheel.py $(PYTHONS)

texts: $(VENV)/tested  ## Collect the texts of the pages for translators
	$(BIN)/python scripts/texts.py

newman: $(VENV)/tested  ## Run the Postman collection by Postman's own command line (needs npm)
	$(BIN)/python -m tests.web.newman

vendor:  ## Fetch the browser's files anew (needs npm)
	$(PYTHON) scripts/vendor.py

lock:  ## Resolve the requirements of pyproject.toml anew (needs uv)
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group test -o requirements-test.lock

clean:  ## Remove .venv and caches, not the data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: sbom advisories
SUPPLY := .venv-supply
$(SUPPLY):
	python3 -m venv $@ && $@/bin/pip install -q cyclonedx-bom==7.5.0 pip-audit==2.10.1

sbom: $(SUPPLY)  ## What the hub is built of, as CycloneDX, out of the lock
	$(SUPPLY)/bin/cyclonedx-py requirements requirements.lock --output-reproducible -o sbom.json

advisories: $(SUPPLY)  ## Ask the public advisory service about everything in the lock; needs the internet
	$(SUPPLY)/bin/pip-audit --strict --no-deps --disable-pip -r requirements.lock
