"""An answer is remembered as long as its client may ask again, and not without bound."""

from inspect import signature

from zmqlab.majordomo import Client, answered
from zmqlab.majordomo.answered import MOMENT, Answered

TICK = 0.05


def key(number: int) -> tuple[bytes, bytes]:
    return b"work", b"%d" % number


def test_a_client_that_asks_again_on_a_slow_network_finds_its_answer_under_way():
    known = Answered()
    known.tick(0.0)
    known.add(key(1), b"alice")
    for turn in range(1, int(MOMENT / TICK)):
        known.tick(turn * TICK)
        assert known.has(key(1), b"alice")
        assert not known.has(key(1), b"bob")
    assert signature(Client).parameters["retry_every"].default * 2 <= MOMENT


def test_after_two_moments_it_is_forgotten():
    known = Answered()
    known.tick(0.0)
    known.add(key(1), b"alice")
    known.tick(MOMENT)
    known.tick(2 * MOMENT)
    assert not known.has(key(1), b"alice")


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(answered, "MOST", 3)
    known = Answered()
    known.tick(0.0)
    for number in range(8):
        known.add(key(number), b"alice")
        known.tick(TICK)
    assert [known.has(key(number), b"alice") for number in range(8)] == [False] * 3 + [True] * 5
