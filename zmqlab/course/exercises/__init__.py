"""The exercises of the course, one module each, loaded when they are asked for."""

from __future__ import annotations

from importlib import import_module

from ..exercise import Exercise

MODULES = {
    "01-a": "counting_server",
    "02-a": "patient_asker",
    "03-a": "back_to_anybody",
    "04-a": "sliding_window",
    "05-a": "correlation_threads",
    "05-b": "correlation_asyncio",
    "06-a": "proxy_by_hand",
    "07-a": "free_workers",
    "08-a": "bounded_queue",
    "09-a": "one_answer",
    "11-a": "worker_by_hand",
    "13-a": "own_broker",
}
"""Key -> module of this package, in the order of the course."""

KEYS = tuple(MODULES)


def load(key: str) -> Exercise:
    """The exercise of that key. Raises LookupError when there is none."""
    if key not in MODULES:
        raise LookupError(f"there is no exercise {key!r}; there are {', '.join(KEYS)}")
    exercise: Exercise = import_module(f".{MODULES[key]}", __name__).EXERCISE
    return exercise
