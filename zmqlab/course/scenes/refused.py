"""What a scenario says when the learner's code does something else than it was asked for."""

from __future__ import annotations

from .shown import short


class Refused(Exception):
    """The learner's code did not do what was asked. Four short phrases, the same in every run of the same code.

    `late` says that it did so, but not in time: it is played again, and believed when it is late again. `timed` says
    that it was about a time, too early or `late`: chance has a part in whether that shows, so it says nothing of what
    earlier calls have left. `certain` says that it cannot be the machine's fault.
    """

    def __init__(
        self,
        *,
        called: str,
        got: str,
        wanted: str,
        cause: str,
        late: bool = False,
        timed: bool = False,
        certain: bool = False,
    ) -> None:
        super().__init__(cause)
        self.called = short(called)
        self.got = short(got)
        self.wanted = short(wanted)
        self.cause = cause
        self.late = late
        self.timed = timed or late
        self.certain = certain


class Unsolved(Exception):
    """The skeleton is still there: this function of it raised NotImplementedError."""

    def __init__(self, function: str) -> None:
        super().__init__(function)
        self.function = function
