"""The patterns take what is random and leave what a lesson says."""

from __future__ import annotations

import pytest

from tests.notebooks.sanitize import patterns, sanitize

SAME = [
    ("took 12.3 ms", "took 987.65 ms"),
    ("0.103 s for 10", "1.0 s for 10"),
    ("tcp://127.0.0.1:41234", "tcp://127.0.0.1:5555"),
    ("server pid 4711 ends", "server pid 3 ends"),
    ("pid=17", "pid=99999"),
    ("3f0b6a52-17c1-4c0e-9a51-0d6e3c1b2a44", "00000000-17c1-4c0e-9a51-0d6e3c1b2a44"),
    ("id 3f0b6a52-17c14c0e9a510d6e3c1b2a44_123_7", "id 99999999-17c14c0e9a510d6e3c1b2a44_9_1"),
    (repr(b"\x00k\x8bEg"), repr(b"\x00\x01\x02\x03\x04")),
    (repr(b"\x00'\x8bEg"), repr(b"\x00\n\\\x03z")),
    ("id 006b8b4567", "id 00ffffffff"),
    ("00 6b 8b 45 67", "00 01 02 03 04"),
    ("e0 93 44 7e 85 db 50 37 00 00 00 00 00 00 00 01", "25 60 a9 83 df 1c 00 03 00 00 00 00 00 00 00 01"),
    ("ad 49 3b 16 9a 26 44 bf be ba 23 72 a6 36 86 1b", "bf 6a 1a 89 e9 aa 47 82 a9 98 e5 58 62 fc 51 71"),
    ("This machine: Python 3.11.7, Linux", "This machine: Python 3.13.0, Darwin"),
    ("Writing shop/server.py", "Overwriting shop/server.py"),
]

DIFFERENT = [
    ("timeout after 2 s", "timeout after 3 s"),
    ("5 messages", "6 messages"),
    ("Task-1", "Task-2"),
    ("libzmq 4.3.5", "libzmq 4.3.4"),
    (repr(b"alice"), repr(b"bob")),
    (repr(b"\x01abcd"), repr(b"\x01abce")),
    ("68 65 6c 6c 6f", "68 65 6c 6c 70"),
    ("tcp://192.168.0.1:5555", "tcp://192.168.0.1:5556"),
    ("This machine: Linux\nready: 1", "This machine: Linux\nready: 2"),
    ("pid 12 answered 3", "pid 12 answered 4"),
    ("e0 93 44 7e 85 db 50 37 00 00 00 00 00 00 01 01", "e0 93 44 7e 85 db 50 37 00 00 00 00 00 00 02 01"),
    ("ad 49 3b 16 9a 26 54 bf be ba 23 72 a6 36 86 1b", "bf 6a 1a 89 e9 aa 57 82 a9 98 e5 58 62 fc 51 71"),
    ("Writing shop/server.py", "Writing shop/client.py"),
    ("Writing demo/server.py", "Overwriting demo/server.py"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_random_parts_are_not_compared(one: str, other: str) -> None:
    assert sanitize(one) == sanitize(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_everything_else_is_compared(one: str, other: str) -> None:
    assert sanitize(one) != sanitize(other)


def test_every_pattern_is_read() -> None:
    assert len(patterns()) == 10
