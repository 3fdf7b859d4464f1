"""The stop button, also where Python would lose it.

The stop button raises KeyboardInterrupt wherever the main thread is just then. Inside a destructor or a weak
reference's callback, and every socket that is thrown away runs both, Python only prints the exception ("Exception
ignored in …") and goes on: the learner's endless loop would run on as if nobody had pressed. Here it is pressed again.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from typing import Any

from ..trace.pause import current_frames
from .kernel import kernel


def never_lost() -> None:
    """From now on an interrupt that Python ignores is raised again a moment later. Idempotent; for notebooks alone:
    other programs may have a hook of their own there."""
    if kernel() is not None and sys.unraisablehook is not _hook:
        global _before
        _before = sys.unraisablehook
        sys.unraisablehook = _hook


_before: Any = sys.__unraisablehook__


def _hook(unraisable: Any, /) -> None:
    try:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            _before(unraisable)
            return
    except KeyboardInterrupt:  # it hit the hook
        pass
    # By another thread, or it would hit this very hook; by the low-level call, which takes no locks: the main thread
    # may hold any of them.
    _thread.start_new_thread(_press, ())


def _press() -> None:
    main = threading.main_thread().ident or 0
    while _is_in_hook(main):  # what is raised there is ignored once more, and nobody would hear of it
        time.sleep(0.001)
    if hasattr(signal, "pthread_kill"):  # a real signal also ends a blocking call
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _is_in_hook(ident: int) -> bool:
    frame = current_frames().get(ident)
    while frame is not None:
        if frame.f_code is _hook.__code__:
            return True
        frame = frame.f_back
    return False
