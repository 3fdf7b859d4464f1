"""Whose fault it is that somebody was late: told from a trace."""

from __future__ import annotations

import pytest

from tests.trace.builder import Script
from zmqlab.course.scenes.pace import connecting_stood_still

MS = 1_000_000


@pytest.mark.parametrize("after", [100, 500])
def test_a_first_connection_that_takes_long_is_the_machines_fault(after: int) -> None:
    script = two_sockets()
    script.time += after * MS
    script.connection("1", "you", "peer")
    assert connecting_stood_still(script.trace()) == (after > 200)


def test_a_socket_that_was_refused_in_time_and_tries_again_is_not() -> None:
    """As a PAIR that has connected to a PUSH."""
    script = two_sockets()
    script.connection("1", "you", "")
    script.unlink("1")
    script.time += 500 * MS
    script.connection("2", "you", "peer")
    assert not connecting_stood_still(script.trace())


def two_sockets() -> Script:
    script = Script()
    script.socket("peer", "PUSH", binds=1)
    script.socket("you", "PAIR", connects=1)
    return script
