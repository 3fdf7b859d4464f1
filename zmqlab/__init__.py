"""zmqlab: run your own plain pyzmq code in background threads and see where every message is."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .course.check import check
    from .course.doctor import doctor
    from .course.hints import hint, solution
    from .course.predict import predict
    from .course.progress import progress
    from .course.quiz import quiz
    from .course.recall import recall
    from .lab.lab import Lab
    from .recorder.recording import record
    from .trace.trace import Trace

__version__ = "0.1.0"

# Loaded on first use (PEP 562), so that `import zmqlab.majordomo` and the relay process stay light, and do without the
# extras, which have the names of the packages that need them.
_FACE = {
    "Lab": ".lab.lab",
    "Trace": ".trace.trace",
    "check": ".course.check",
    "doctor": ".course.doctor",
    "hint": ".course.hints",
    "predict": ".course.predict",
    "progress": ".course.progress",
    "quiz": ".course.quiz",
    "recall": ".course.recall",
    "record": ".recorder.recording",
    "solution": ".course.hints",
}

__all__ = ["Lab", "Trace", "check", "doctor", "hint", "predict", "progress", "quiz", "recall", "record", "solution"]


def __getattr__(name: str) -> object:
    if name not in _FACE:
        raise AttributeError(f"module 'zmqlab' has no attribute {name!r}; it offers {', '.join(sorted(_FACE))}")
    from .extras import extra

    with extra(_FACE[name].split(".")[1]):
        return getattr(import_module(_FACE[name], __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_FACE])
