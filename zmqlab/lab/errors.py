"""What the lab raises and warns of."""

from __future__ import annotations


class NoSuchActor(LookupError):
    """The lab has no actor of that name."""


class NotStopped(RuntimeWarning):
    """An actor runs on although the lab was closed, or its context terminated."""


class LabClosed(RuntimeError):
    """The lab was closed; what it saw can still be read, but nothing new can run in it."""
