"""One thread for all views; it ends with them, and no view can take it down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from zmqlab.view.flusher import Flusher


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


class View:
    def __init__(self, error: Exception | None = None) -> None:
        self.flushes = 0
        self.error = error

    def flush(self) -> None:
        self.flushes += 1
        if self.error:
            raise self.error


def test_it_flushes_until_the_last_view_is_gone_and_starts_again():
    flusher, view = Flusher(), View()
    for _ in range(2):
        before = view.flushes
        flusher.add(view)
        flusher.add(view)
        assert until(lambda before=before: view.flushes >= before + 2)  # type: ignore[misc]
        flusher.remove(view)
        assert until(lambda: flusher._thread is None)


def test_a_view_that_fails_is_let_go_and_the_others_go_on(caplog: pytest.LogCaptureFixture):
    flusher, good, bad = Flusher(), View(), View(ValueError("broken"))
    flusher.add(bad)
    flusher.add(good)
    assert until(lambda: good.flushes >= 3)
    assert bad.flushes == 1
    assert "broken" in caplog.text
    flusher.stop()


def test_after_stop_nothing_is_flushed_any_more():
    flusher, view = Flusher(), View()
    flusher.add(view)
    assert until(lambda: view.flushes > 0)
    flusher.stop()
    count, threads = view.flushes, threading.active_count()
    flusher.add(view)
    assert (view.flushes, threading.active_count()) == (count, threads)


def test_a_view_may_be_collected_while_the_flusher_holds_its_lock():
    flusher, view = Flusher(), View()
    flusher.add(view)
    with flusher._lock:
        flusher.remove(view)
    assert until(lambda: flusher._thread is None)
