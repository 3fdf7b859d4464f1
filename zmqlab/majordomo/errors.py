"""What a request may end in when it does not end in a reply."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The status byte of an extended header: how a request ended. A request itself carries OK."""

    OK = 0
    FAILED = 1  # the handler raised
    BUSY = 2  # a queue is full, or the broker drains
    TIMEOUT = 3  # it waited too long
    NO_SERVICE = 4  # no worker offers that service
    RETRIES_EXHAUSTED = 5  # no worker that tried it answered


class MajordomoError(Exception):
    """A request ended without a result."""


class HandlerFailed(MajordomoError):
    """The worker's handler raised; the text says what. It is not tried again."""


class Busy(MajordomoError):
    """The broker refused the request: a queue is full, or it is shutting down. Nothing was executed."""


class TooLarge(MajordomoError, ValueError):
    """The request has more frames, or a longer frame, than the broker takes. Nothing was executed."""


class Timeout(MajordomoError, TimeoutError):
    """No answer came in time. It may have been executed or not."""


class NoService(MajordomoError):
    """No worker offers that service. Nothing was executed."""


class RetriesExhausted(MajordomoError):
    """The request was given to a worker as often as the broker allows, and none answered; the text says why."""


class Closed(MajordomoError):
    """The client was closed before the answer came."""


ERRORS: dict[Status, type[MajordomoError]] = {
    Status.FAILED: HandlerFailed,
    Status.BUSY: Busy,
    Status.TIMEOUT: Timeout,
    Status.NO_SERVICE: NoService,
    Status.RETRIES_EXHAUSTED: RetriesExhausted,
}
