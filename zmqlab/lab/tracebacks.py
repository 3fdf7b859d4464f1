"""Where a thread is, and whose fault an error was: the learner's own lines, without ours and pyzmq's."""

from __future__ import annotations

import linecache
import sys
from types import FrameType, TracebackType

from ..trace.pause import current_frames

_OURS = ("zmqlab.lab.", "zmqlab.sockets.", "zmqlab.trace.", "zmqlab.view.", "zmqlab.course.", "zmq.")


def is_foreign(frame: FrameType) -> bool:
    """Code of the learner: not the lab's, not pyzmq's, not the standard library's."""
    module = str(frame.f_globals.get("__name__", ""))
    if not module:  # since Python 3.13 the frames of compiled code, such as pyzmq's, say nothing of their module
        return False
    return not f"{module}.".startswith(_OURS) and module.partition(".")[0] not in sys.stdlib_module_names


def own_traceback(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback with only the learner's frames; unchanged when there is none of them."""
    kept: list[TracebackType] = []
    step = traceback
    while step is not None:
        if is_foreign(step.tb_frame):
            kept.append(step)
        step = step.tb_next
    result: TracebackType | None = None
    for step in reversed(kept):
        result = TracebackType(result, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return result or traceback


def own_errors(error: BaseException) -> None:
    """Cut the tracebacks of the errors that led to this one; forget those that never touched the learner's code."""
    before = error.__context__
    if before is None:
        return
    own_errors(before)
    if _foreign_part(before.__traceback__):
        before.__traceback__ = own_traceback(before.__traceback__)
    else:
        error.__context__ = before.__context__


def _foreign_part(traceback: TracebackType | None) -> bool:
    while traceback is not None:
        if is_foreign(traceback.tb_frame):
            return True
        traceback = traceback.tb_next
    return False


def where(thread_id: int | None) -> str:
    """What a thread is doing now, in words: ``in recv(), called from line 4: "m = s.recv()"``; "" when it is gone."""
    frame: FrameType | None = current_frames().get(thread_id or -1)
    while frame is not None and not is_foreign(frame):
        frame = frame.f_back
    return place(frame) if frame is not None else ""


def place(frame: FrameType) -> str:
    """Where a frame stands, in words."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return f'in {frame.f_code.co_name}(), line {frame.f_lineno}: "{line}"'


def message_of(error: BaseException) -> str:
    """What an exception says; it may fail to say it."""
    try:
        return str(error)
    except Exception as second:
        return f"(its __str__ raises {type(second).__name__})"


def describe(error: BaseException) -> str:
    """Its type, what it says, and the learner's line that raised, in one line."""
    line = last_line(error)
    return f"{type(error).__name__}: {message_of(error)}" + (f" ({line})" if line else "")


def last_line(error: BaseException) -> str:
    """The learner's line that raised, in words; "" when the traceback has none."""
    step = _last(error)
    if step is None:
        return ""
    code = step.tb_frame.f_code
    line = linecache.getline(code.co_filename, step.tb_lineno).strip()
    return f'{code.co_name}(), line {step.tb_lineno}: "{line}"'


def raised_in(error: BaseException) -> str:
    """The name of the learner's function that raised; "" when the traceback has none."""
    step = _last(error)
    return step.tb_frame.f_code.co_name if step is not None else ""


def _last(error: BaseException) -> TracebackType | None:
    step = own_traceback(error.__traceback__)
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step
