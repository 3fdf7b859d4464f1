"""One thing after the other, each to its end, whatever happens to those who asked."""

from __future__ import annotations

import ctypes
import threading
from functools import partial

import pytest

from zmqlab.lab.caretaker import Caretaker

DEADLINE = 10


def test_it_returns_what_the_work_returns_and_raises_what_it_raises():
    caretaker = Caretaker()
    assert caretaker.do(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        caretaker.do(lambda: 1 / 0)
    assert caretaker.do(lambda: "still here") == "still here"


def test_works_in_order_and_one_at_a_time():
    caretaker = Caretaker()
    done: list[int] = []
    inside = threading.Lock()

    def work(n: int) -> None:
        assert inside.acquire(blocking=False)
        done.append(n)
        inside.release()

    failures: list[BaseException] = []
    for n in range(500):
        caretaker.soon(partial(work, n), failures.append)
    caretaker.do(lambda: None)
    assert done == list(range(500))
    assert failures == []


def test_many_askers_lose_no_job():
    caretaker = Caretaker()
    counted: list[int] = []
    askers = [
        threading.Thread(target=lambda: [caretaker.do(lambda: counted.append(1)) for _ in range(100)]) for _ in range(8)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(DEADLINE)
    assert len(counted) == 800


def test_soon_does_not_wait_and_tells_of_an_error():
    caretaker = Caretaker()
    go, heard = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def failed(error: BaseException) -> None:
        errors.append(error)
        heard.set()

    def work() -> None:
        assert go.wait(DEADLINE)
        raise ValueError("no such link")

    caretaker.soon(work, failed)
    assert not heard.is_set()
    go.set()
    assert heard.wait(DEADLINE)
    assert str(errors[0]) == "no such link"


def test_a_job_that_an_interrupt_left_behind_is_done_before_the_next():
    caretaker = Caretaker()
    done: list[str] = []
    caretaker._jobs.append(lambda: done.append("left behind"))  # as if interrupted before the thread was started
    caretaker.do(lambda: done.append("next"))
    assert done == ["left behind", "next"]


class Stop(Exception):
    pass


def test_an_asker_that_is_interrupted_does_not_stop_the_work():
    caretaker = Caretaker()
    begun, go, finished = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go.wait(DEADLINE)
        finished.set()

    def ask() -> None:
        with pytest.raises(Stop):
            caretaker.do(work)

    asker = threading.Thread(target=ask)
    asker.start()
    assert begun.wait(DEADLINE)
    assert asker.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(asker.ident), ctypes.py_object(Stop))
    asker.join(DEADLINE)
    assert not asker.is_alive()
    assert not finished.is_set()
    go.set()
    assert finished.wait(DEADLINE)
