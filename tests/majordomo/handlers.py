"""Handlers for worker processes."""

from __future__ import annotations

import asyncio
import os
import time


def echo(*frames: bytes) -> tuple[bytes, ...]:
    return frames


def who(frame: bytes) -> bytes:
    """The process that did it."""
    return b"%d" % os.getpid()


def slow(seconds: bytes) -> bytes:
    time.sleep(float(seconds))
    return b"done"


async def later(seconds: bytes) -> bytes:
    await asyncio.sleep(float(seconds))
    return b"done"


def fails(frame: bytes) -> bytes:
    raise ValueError("no")
