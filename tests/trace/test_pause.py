"""Python's collector is kept from what stays, and comes back to all of it.

Each in a process of its own: here pytest has set its objects aside, and another thread may be collecting.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

START = """
import gc, weakref
from zmqlab.trace.pause import old_left_alone, without_collector

class Ring:  # refers to itself, so the collector alone can find it
    def __init__(self):
        self.me = self

def dropped():
    return weakref.ref(Ring())

gc.collect()
"""


def run(program: str) -> None:
    code = START + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_was_there_is_not_looked_at_meanwhile_and_what_is_new_is() -> None:
    run("""
        old = dropped()
        with old_left_alone():
            new = dropped()
            gc.collect()
            assert new() is None
            assert old() is not None
        gc.collect()
        assert old() is None
    """)


def test_what_somebody_has_set_aside_for_longer_stays_so() -> None:
    run("""
        old = dropped()
        gc.freeze()
        with old_left_alone(), without_collector():
            pass
        gc.collect()
        assert old() is not None
    """)


def test_who_makes_much_meanwhile_ends_it_no_sooner() -> None:
    run("""
        old = dropped()
        with old_left_alone():
            with without_collector(), old_left_alone():
                pass
            gc.collect()
            assert old() is not None
        gc.collect()
        assert old() is None
    """)


def test_after_much_was_made_the_collector_is_as_it_was() -> None:
    run("""
        with without_collector():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() == 0
    """)


def test_to_ask_what_threads_do_does_not_stop_the_process() -> None:
    """With the collector, and Python 3.11, it stood still within a second."""
    run("""
        import threading
        from zmqlab.trace.pause import current_frames

        gc.set_threshold(3, 2, 2)
        over = threading.Event()
        threads = [threading.Thread(target=over.wait, daemon=True) for _ in range(30)]
        for thread in threads:
            thread.start()
        for _ in range(50_000):
            local = threading.local()  # when the collector takes it, it asks for the lock that the other has
            local.me = local
            del local
            assert len(current_frames()) == 31
        assert gc.isenabled()
        over.set()
        gc.disable()
        current_frames()
        assert not gc.isenabled()
    """)
