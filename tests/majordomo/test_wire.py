"""The codec: what is built is read back, and nothing else makes it fail but `Malformed`."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zmqlab.majordomo import checks, wire
from zmqlab.majordomo.errors import Status
from zmqlab.majordomo.limits import REPLY_ENVELOPE, REQUEST_ENVELOPE, Announced, Limits
from zmqlab.majordomo.wire import Disconnect, Header, Heartbeat, Malformed, Ready, Reply, Wishes, Work

HEADERS = st.builds(
    Header, st.binary(min_size=16, max_size=16), st.integers(0, wire.MAX_TIMEOUT), st.sampled_from(Status)
)
BODIES = st.lists(st.binary(max_size=40), min_size=1, max_size=5).filter(lambda body: Header.unpack(body[0]) is None)
NAMES = st.binary(min_size=1, max_size=20)
NEAR_MISSES = st.lists(
    st.one_of(
        st.sampled_from([b"", b"MDPC01", b"MDPW01", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"1", b"mmi.service"]),
        st.binary(max_size=30),
        HEADERS.map(Header.pack),
    ),
    max_size=10,
)


@given(HEADERS)
def test_headers(header):
    assert Header.unpack(header.pack()) == header


@given(st.binary(max_size=30))
def test_anything_else_is_no_header(frame):
    header = Header.unpack(frame)
    assert header is None or header.pack() == frame


@given(NAMES, HEADERS, BODIES)
def test_requests(service, header, body):
    header = header._replace(status=Status.OK)
    frames = wire.build_request(service, header, body)
    assert wire.read_request([b"id", *frames]) == (b"id", service, header, body)


@given(NAMES, BODIES)
def test_plain_requests(service, body):
    assert wire.read_request([b"id", b"", b"MDPC01", service, *body]) == (b"id", service, None, body)


@given(NAMES, st.none() | HEADERS, BODIES)
def test_answers(service, header, body):
    receiver, *frames = wire.build_answer(b"id", service, header, body)
    assert receiver == b"id"
    assert wire.read_answer(frames) == (service, header, body)


@given(NAMES, st.none() | HEADERS, BODIES)
def test_work(token, header, body):
    receiver, *frames = wire.build_work(b"id", token, header, body)
    assert receiver == b"id"
    assert wire.read_work(frames) == Work(token, header, body)


@given(NAMES, st.none() | HEADERS, BODIES, st.sampled_from(Status))
def test_results(token, header, body, status):
    command = wire.read_command([b"id", *wire.build_result(Work(token, header, []), status, body)])
    assert isinstance(command, Reply)
    back, rest = wire.split_header(command.body)
    assert (command.token, rest) == (token, body)
    if header is None and status is Status.OK:
        assert back is None, "a plain reply stays plain"
    else:
        assert back is not None
        assert (back.id, back.status) == (header.id if header else bytes(16), status)


@given(NAMES, st.integers(0, 999_999))
def test_commands(name, capacity):
    assert wire.read_command([b"id", *wire.build_ready(name, capacity)]) == Ready(name, capacity)
    assert wire.read_command([b"id", b"", b"MDPW01", b"\x01", name]) == Ready(name, None)
    for wishes in (Wishes(), Wishes(2.5), Wishes(math.inf), Wishes(None, (b"", b"\0token"))):
        assert wire.read_command([b"id", *wire.build_ready(name, capacity, wishes)]) == Ready(name, capacity, wishes)
    assert wire.read_command([b"id", *wire.build_sign(wire.HEARTBEAT)]) == Heartbeat()
    assert wire.read_command([b"id", *wire.build_sign(wire.HEARTBEAT, capacity)]) == Heartbeat(capacity)
    assert wire.read_command([b"id", *wire.build_sign(wire.DISCONNECT)]) == Disconnect()
    assert wire.read_work(wire.build_heartbeat(b"id")[1:]) == Heartbeat()
    assert wire.read_work(wire.build_heartbeat(b"id", capacity)[1:]) == Heartbeat(capacity)
    assert wire.read_work(wire.build_heartbeat(b"id", capacity, b"{}")[1:]) == Heartbeat(capacity, b"{}")
    held = wire.build_heartbeat(b"id", capacity, b"{}", [b"one", b"two"])[1:]
    assert wire.read_work(held) == Heartbeat(capacity, b"{}", (b"one", b"two"))
    assert wire.read_work(wire.build_disconnect(b"id")[1:]) == Disconnect()
    assert wire.read_work(wire.build_disconnect(b"id", b"why")[1:]) == Disconnect(b"why")


@given(NEAR_MISSES)
def test_whatever_comes_is_read_or_malformed(frames):
    for read in (wire.read_request, wire.read_command, wire.read_work, wire.read_answer):
        with contextlib.suppress(Malformed):
            read(frames)


@given(st.binary(max_size=300))
def test_service_names(name):
    assert (not checks.why_no_service(name, 255, mmi=True)) == (
        0 < len(name) <= 255 and name.decode("utf-8", "surrogateescape").isprintable()
    )


NO_WISHES = [b"", b"3", b"[]", b'{"busy_timeout": 0}', b'{"busy_timeout": "1"}', b"[" * 100_000]
NO_WISHES += [b'{"held": 1}', b'{"held": [1]}', b'{"held": ["x"]}']


@pytest.mark.parametrize("frame", NO_WISHES)
def test_wishes_that_are_none(frame):
    with pytest.raises(Malformed, match="malformed wishes"):
        wire.read_command([b"id", b"", b"MDPW01", b"\x01", b"s", b"1", frame])


def test_limits_are_told_and_read():
    limits = Limits(max_frames=20, busy_timeout=math.inf)
    told = Announced.read(limits.announce())
    assert told == Announced(20, 4 << 20, 255, 2.5, 3, math.inf)
    assert told.why_too_large([b""] * 13, REPLY_ENVELOPE) == ""
    assert told.why_too_large([b""] * 14, REPLY_ENVELOPE) == "it has 14 frames, and the broker takes at most 13"
    assert told.why_too_large([bytes(4 << 20)], REQUEST_ENVELOPE) == ""
    assert told.why_too_large([b"", bytes((4 << 20) + 1)], REQUEST_ENVELOPE) == (
        "it has a frame of 4194305 bytes, and the broker takes at most 4194304"
    )


@pytest.mark.parametrize("frame", [b"501", b"", b"[]", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_what_another_broker_says_is_no_limits(frame):
    assert Announced.read(frame) is None


def test_limits_that_make_no_sense_count_as_unknown():
    assert Announced.read(b'{"heartbeat": 1e308, "liveness": 1%b}' % (b"0" * 400)) == Announced()
    assert Announced.read(b'{"max_frames": -1, "heartbeat": "soon", "liveness": true, "new": 1}') == Announced()


def test_who_has_seen_an_id_cannot_tell_the_next_one():
    ids = [wire.new_id() for _ in range(100)]
    assert {len(each) for each in ids} == {16}
    for half in (slice(8), slice(8, 16)):
        assert len({each[half] for each in ids}) == len(ids)
