"""Measurements: ``python -m zmqlab.bench NAME``. Both sides always run in one go, and a ratio is what counts.

A measurement is a module here: the first line of its docstring says what it measures, ``main(argv)`` does it.
"""
