# Everything is in make.py; this file only saves typing. make test WORDS="-k lots" passes words on.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help setup run test test-all check bench crash storm shots sdk words mutate-rules clean

help setup run test test-all check bench crash storm shots sdk words mutate-rules clean:
	@$(PYTHON) make.py $@ $(WORDS)
