# Every command a person needs. `make` alone lists them; tools/ does the work.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BUILD ?= build/release
JOBS ?= $(shell nproc)
PYTHON := .forebay/venv/bin/python
RUN_TESTS = BUILD=$(BUILD) JOBS=$(JOBS) $(PYTHON) tools/run_tests.py

help:
	@sed -nE 's/^([a-z][a-z-]*):.*  ## (.*)/\1\t\2/p' Makefile | awk -F'\t' '{printf "  make %-17s %s\n", $$1, $$2}'

demo:  ## the whole way, by both engines: broker, topics, produce, land, verify, query (ENGINE=both RECORDS=1000000 PORT=9092 KEEP=1)
	@began=$$SECONDS; tools/setup && set_up=$$SECONDS && tools/build release $(BUILD) $(JOBS) forebay _core && built=$$SECONDS && \
	  SETUP_SECONDS=$$((set_up - began)) BUILD_SECONDS=$$((built - set_up)) BUILD=$(BUILD) $(PYTHON) tools/demo

test: setup  ## every test, groups side by side; the last line counts them
	@$(RUN_TESTS) all

setup:  ## install missing dependencies: Debian packages, Python environments, the broker's jars
	@tools/setup

build: setup  ## the forebay binary, the Python package and the unit tests, in build/release
	@tools/build release $(BUILD) $(JOBS) all _core

test-tools: setup  ## the rules of this repository, and its tools
	@$(RUN_TESTS) tools
test-unit: setup  ## the C++ unit tests (ROOM=base for those of src/base alone)
	@$(RUN_TESTS) unit
test-python: setup  ## the contract, the Python package and the other tests in Python that need no broker
	@$(RUN_TESTS) python
test-docs: setup  ## every command of the README, run from its own text; the one-page document
	@$(RUN_TESTS) docs
test-readers: setup  ## each line of docs/readers.md, run by its reader on a landed lake
	@$(RUN_TESTS) readers
test-package: setup  ## the Python package as a wheel: built, installed into an empty environment, used
	@$(RUN_TESTS) package
test-integration: setup  ## the binary against a real broker
	@$(RUN_TESTS) integration
test-spark: setup  ## the Spark engine, in real Spark, against a real broker
	@$(RUN_TESTS) spark
test-sanitize: setup  ## the unit tests under AddressSanitizer and UBSan, the threaded ones under ThreadSanitizer
	@$(RUN_TESTS) asan tsan
test-fuzz: setup  ## a short run of each fuzzer (FUZZ_SECONDS=10)
	@$(RUN_TESTS) fuzz
test-airflow: setup  ## the DAGs in a real Airflow, and its UI in a browser
	@$(RUN_TESTS) airflow
test-docker: setup  ## docker-compose.yml: its images, built and run, in a Docker engine that is started if none answers
	@$(RUN_TESTS) docker
test-crash: setup  ## crashes everywhere, power cuts, safeguards switched off (KILLS=100 HISTORIES=1000000 SEED=... NIGHT=1)
	@$(RUN_TESTS) crash

test-faults: setup  ## full disks, failing calls, damaged ledgers, bad networks, topics that change (FAULT_STOPPED_S=15)
	@$(RUN_TESTS) faults

bench: setup  ## how fast it is, for 5,000,000 clicks (RECORDS=5000000); then bench-spark
	@BUILD=$(BUILD) JOBS=$(JOBS) $(PYTHON) tools/bench
	@BUILD=$(BUILD) JOBS=$(JOBS) $(PYTHON) tools/bench_spark
bench-encodings: setup  ## the size and speed of the files in each encoding (RECORDS=1000000)
	@tools/build release $(BUILD) $(JOBS) forebay && $(PYTHON) bench/encodings.py
bench-spark: setup  ## the cost of the Spark engine, beside a plain Spark job and a Python program (RECORDS=2000000)
	@BUILD=$(BUILD) JOBS=$(JOBS) $(PYTHON) tools/bench_spark

broker-start: setup  ## start the development broker on 127.0.0.1:9092 (PORT=9092)
	@tools/broker start $(if $(PORT),--port $(PORT))
broker-stop:  ## stop it; its data stays
	@tools/broker stop
broker-status:  ## print whether it answers, and its address
	@tools/broker status
broker-wipe:  ## stop it and delete its data
	@tools/broker wipe

airflow: setup  ## start Airflow on 127.0.0.1:8080 with the DAGs of dags/ (PORT=8080)
	@tools/build release $(BUILD) $(JOBS) forebay _core && tools/airflow start $(if $(PORT),--port $(PORT))
airflow-stop:  ## stop all of it, and a stream that it runs; its metadata stays
	@tools/airflow stop

demo-clean:  ## delete the demo's lake and receipts; the broker's data stays
	@rm -rf .forebay/demo

fmt: setup  ## format the C++ code, and the Python package
	@git ls-files -co --exclude-standard 'src/*.cc' 'src/*.h' 'bench/*.cc' 'bench/*.h' 'fuzz/*.cc' 'python/*.cc' 'python/*.h' | xargs clang-format-14 -i
	@.forebay/venv/bin/ruff format -q python
diagram: setup  ## draw docs/img/*.svg anew from their sources
	@$(PYTHON) tools/diagram.py
one-page: setup  ## print docs/one-page.md as a PDF, one A4 page
	@$(PYTHON) tools/one_page.py
stub: setup  ## write the stub of the Python extension anew (python/forebay/_core.pyi)
	@tools/build release $(BUILD) $(JOBS) _core
	@PYTHONPATH=$(BUILD)/python $(PYTHON) -m nanobind.stubgen -q -m forebay._core -o python/forebay/_core.pyi
lock: setup  ## lock the Python environments anew from requirements/*.in
	@tools/lock
clean:  ## delete the builds
	@rm -rf build
distclean: airflow-stop broker-stop clean  ## delete all that setup, the demo and the broker made, too
	@rm -rf .forebay

.PHONY: help demo test setup build test-tools test-unit test-python test-package test-integration test-spark test-airflow \
  test-docs test-readers test-docker test-sanitize test-fuzz test-crash test-faults bench bench-encodings bench-spark demo-clean broker-start broker-stop broker-status broker-wipe airflow \
  airflow-stop fmt stub diagram one-page lock clean distclean
