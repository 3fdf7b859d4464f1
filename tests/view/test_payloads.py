"""What binary frames seem to be, told by their bytes: right for what is so, silent about what only looks like it."""

from __future__ import annotations

import os
import pickle
import random

import pytest

from zmqlab.view.payloads import hex_and_size, kind_of


class Trap:
    """Who loads it has lost."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.abort, ()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("value", [{"n": 7}, [1, "two", b"three"], "x" * 500, Trap()])
def test_a_pickle_is_named_and_not_loaded(protocol, value):
    frame = pickle.dumps(value, protocol)
    assert kind_of(frame, len(frame)) == "pickle"
    assert kind_of(frame + b"more", len(frame) + 4) == ""


def test_a_pickle_that_was_clipped_is_one_too():
    frame = pickle.dumps([f"item {n}" for n in range(500)])
    assert kind_of(frame[:1024], len(frame)) == "pickle"


@pytest.mark.parametrize(
    "hex",
    [
        "82a4646f6e65c3a16e07",  # {"done": true, "n": 7}
        "93a3736179c0cb400921fb54442d18",  # ["say", nil, 3.14…]
        "81a16193c4020001d90161de0000",  # {"a": [bin, str8, {}]}
        "92a1 61 c7020501ff".replace(" ", ""),  # ["a", ext]
        "dc0002a161ce00010000",  # array16
        "91df00000001a1619181a162d0ff",  # nested
    ],
)
def test_msgpack_is_named_whole_and_clipped(hex):
    frame = bytes.fromhex(hex)
    assert kind_of(frame, len(frame)) == "msgpack"
    assert kind_of(frame + b"\0", len(frame) + 1) == "", "something is left over"
    assert kind_of(frame[:-1], len(frame) - 1) == "", "something is missing"
    assert kind_of(frame[:-1], len(frame)) == "msgpack", "it was clipped there"


@pytest.mark.parametrize("hex", ["80", "90", "93010203", "91c1", "92a1ffa161", "07000000", "", b"\x85hello".hex()])
def test_what_only_looks_like_it_is_not_named(hex):
    frame = bytes.fromhex(hex)
    assert kind_of(frame, len(frame)) == ""


def test_of_what_is_random_hardly_anything_is_named_and_nothing_takes_long():
    chance = random.Random(1)
    named = sum(kind_of(chance.randbytes(n % 40 + 1), n % 40 + 1) != "" for n in range(4000))
    assert named < 8
    deep = b"\x91" * 1024
    assert kind_of(deep, 1024) == ""
    assert kind_of(b"\xdd\xff\xff\xff\xff" + b"\xa1a" * 500, 10**9) == "msgpack"


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "ff 1 B"), (3, "ff ff ff 3 B"), (4, "ff ff ff… 4 B"), (16, "ff ff… 16 B"), (70_000, "ff… 70,000 B")],
)
def test_hex_and_size_fit_into_the_room(size, words):
    assert hex_and_size(b"\xff" * min(size, 9), size, 13) == words
    assert len(words) <= 13
