"""The decoder: any split of a stream gives the same messages, and noise gives a reason."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zmqlab.relay.zmtp import (
    COMMAND,
    MAX_COMMAND,
    MAX_FRAME,
    MAX_HANDSHAKE,
    Decoder,
    Message,
    ZmtpError,
    encode_command,
    encode_frame,
    encode_greeting,
    parse_properties,
)
from zmqlab.trace.events import CLIP, MAX_FRAMES

GREETING = encode_greeting()
READY = encode_command(b"READY", [(b"Socket-Type", b"DEALER"), (b"X-Zmqlab", b"3.17"), (b"Identity", b"alice")])
READY_OUT = encode_command(b"READY", [(b"Socket-Type", b"DEALER"), (b"Identity", b"alice"), (b"X-Zmqlab", b"7>")])

bodies = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda size, fill: bytes((fill,)) * size, st.integers(200, 3 * CLIP), st.integers(0, 255)),
)
messages = st.lists(bodies, min_size=1, max_size=5)
commands = st.sampled_from(
    [
        b"\x04PING\0\0",
        b"\x04PONGcontext",
        b"\x09SUBSCRIBEtopic",
        b"\x06CANCELtopic",
        b"\x05ERROR\0",
        b"\x04PING" + b"x" * 300,
    ]
)
traffic = st.lists(st.one_of(messages, commands), max_size=8)


def frame(body: bytes, flags: int, long: bool) -> bytes:
    """A frame as RFC 23 writes it; a short body in the long form is unusual, but allowed."""
    if long or len(body) > 255:
        return bytes((flags | 2,)) + len(body).to_bytes(8, "big") + body
    return bytes((flags, len(body))) + body


def stream(items: list[list[bytes] | bytes], start: int, long: bool = False) -> tuple[bytes, list[Message]]:
    """The bytes of messages (lists of frames) and commands, and what a decoder shall say of them."""
    data, expected = b"", []
    for item in items:
        if isinstance(item, bytes):
            data += frame(item, 4, long)
            continue
        data += b"".join(frame(body, 1, long) for body in item[:-1]) + frame(item[-1], 0, long)
        clipped = any(len(body) > CLIP for body in item)
        sizes = tuple(map(len, item)) if clipped else None
        expected.append((tuple(body[:CLIP] for body in item), sizes, start + len(data)))
    return data, expected


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """The pieces of `data`, cut anywhere (the cuts are taken modulo its length)."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


def decode(pieces: list[bytes], decoder: Decoder | None = None) -> tuple[list[Message], bytes, str]:
    """The messages, the bytes to pass on, and the reason why it ended, if it did."""
    decoder = decoder or Decoder(b"7>")
    found: list[Message] = []
    passed = b""
    for piece in pieces:
        try:
            passed += decoder.feed(piece, found)
        except ZmtpError as error:
            return found, passed + error.good, str(error)
        assert decoder.offset == len(passed)
    return found, passed, ""


cuts = st.lists(st.integers(0, 1 << 20), max_size=12)


@given(traffic, cuts, st.booleans())
def test_any_split_gives_the_same_messages(items, cuts, long):
    data, expected = stream(items, len(GREETING + READY_OUT), long)
    whole = GREETING + READY + data
    for pieces in ([whole], split(whole, cuts)):
        assert decode(pieces) == (expected, GREETING + READY_OUT + data, "")


@settings(max_examples=20)
@given(traffic)
def test_single_bytes_give_the_same_messages(items):
    data, expected = stream(items, len(GREETING + READY_OUT))
    whole = GREETING + READY + data
    assert decode([whole[i : i + 1] for i in range(len(whole))]) == (expected, GREETING + READY_OUT + data, "")


@given(traffic, cuts, st.integers(0, 1 << 20), st.integers(1, 255))
def test_a_wrong_byte_is_passed_on_or_named_in_any_split(items, cuts, place, change):
    whole = bytearray(GREETING + READY + stream(items, 0)[0])
    whole[place % len(whole)] ^= change
    found, passed, reason = decode([bytes(whole)])
    again, _, reason_again = decode(split(bytes(whole), cuts))
    assert found == again
    assert bool(reason) == bool(reason_again)
    if found:
        assert found[-1][2] <= len(passed)  # a message reported before the error may be passed on whole


@given(st.binary(max_size=300), st.sampled_from([b"", GREETING, GREETING + READY]), cuts)
def test_garbage_ends_in_a_reason_or_waits_for_more(noise, before, cuts):
    pieces = split(before + noise, cuts)
    found, passed, reason = decode(pieces)
    assert len(passed) <= len(before + noise) + len(READY_OUT) + len(encode_command(b"READY", [(b"X-Zmqlab", b"7>")]))
    assert found == decode([before + noise])[0]
    if before + noise and (before + noise)[0] != 0xFF:
        assert "does not begin as ZMTP does" in reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "does not begin as ZMTP does, but with b'GET / HTTP'"),
        (b"\xff" + bytes(9), "does not begin as ZMTP does"),
        (GREETING[:10] + b"\x01", "speaks ZMTP 1"),
        (encode_greeting("GSSAPI"), "unknown security mechanism b'GSSAPI'"),
        (GREETING + encode_frame(b"hello"), "flags 0x00 where a handshake command is due"),
        (GREETING + encode_command(b"HELLO", []), "unknown handshake command b'HELLO'"),
        (GREETING + encode_frame(b"", 4), "unknown handshake command b''"),
        (GREETING + b"\x06" + (MAX_HANDSHAKE + 1).to_bytes(8, "big"), "a handshake command of 65537 bytes"),
        (GREETING + encode_frame(b"\x05READY\x03abc\0\0\0\x09x", 4), "cut short"),
        (GREETING + encode_frame(b"\x05READY\0\0\0\0\0", 4), "cut short"),
        (GREETING + READY + b"\x08\x01a", "impossible flags 0x08"),
        (GREETING + READY + b"\x05\x01a", "impossible flags 0x05"),  # a command is one frame, never MORE
        (GREETING + READY + b"\x02" + (MAX_FRAME + 1).to_bytes(8, "big"), "a frame of 1099511627777 bytes"),
        (GREETING + READY + b"\x02" + b"\xff" * 8, "a frame of 18446744073709551615 bytes"),
        (GREETING + READY + b"\x06" + (MAX_COMMAND + 1).to_bytes(8, "big"), "a frame of 16777217 bytes"),
    ],
)
def test_what_is_malformed_is_named(data, reason):
    assert reason in decode([data])[2]
    assert reason.partition(",")[0] in decode([data[i : i + 1] for i in range(len(data))])[2]


def test_whole_messages_before_an_error_go_on():
    good, expected = stream([[b"one"], [b"two", b"2"]], len(GREETING + READY_OUT))
    bad = frame(b"half", 1, False) + b"\xff"
    assert decode([GREETING + READY + good + bad])[:2] == (expected, GREETING + READY_OUT + good)
    assert decode([GREETING + READY, good + bad])[:2] == (expected, GREETING + READY_OUT + good)


@pytest.mark.parametrize("name", [b"X-Zmqlab", b"x-zmqlab", b"X-ZMQLAB"])
def test_the_property_is_replaced_whatever_its_case(name):
    decoder = Decoder(b"12<")
    ready = encode_command(b"READY", [(name, b"3.4"), (b"Identity", b"")])
    passed = decode([GREETING + ready], decoder)[1]
    assert parse_properties(passed[64 + 8 :]) == [(b"Identity", b""), (b"X-Zmqlab", b"12<")]
    assert decoder.properties == {"x-zmqlab": b"3.4", "identity": b""}


def test_the_handshake_is_told_as_it_was_sent():
    decoder = Decoder(b"12<")
    nothing = decoder.handshake
    assert nothing == ("0.0", "", False, "", ())
    ready = [(b"Socket-Type", b"DEALER"), (b"identity", b"\xff"), (b"X-Zmqlab", b"3.4")]
    decode([encode_greeting("NULL"), encode_command(b"READY", ready)], decoder)
    sent = (("Socket-Type", b"DEALER"), ("identity", b"\xff"), ("X-Zmqlab", b"3.4"))
    assert decoder.handshake == ("3.1", "NULL", False, "READY", sent)

    server = Decoder(b"12>")
    decode([encode_greeting("PLAIN", as_server=True)], server)
    assert server.handshake == ("3.1", "PLAIN", True, "", ())


def test_the_property_is_added_even_where_the_command_grows_long():
    ready = encode_command(b"READY", [(b"Socket-Type", b"DEALER"), (b"Identity", b"i" * 205)])
    assert ready[0] == 4
    passed = decode([GREETING + ready])[1]
    assert passed[64] == 6
    assert parse_properties(passed[64 + 9 + 6 :])[-1] == (b"X-Zmqlab", b"7>")


def test_the_greeting_goes_on_as_it_comes():
    decoder = Decoder(b"7>")
    assert [decoder.feed(GREETING[i : i + 1], []) for i in range(64)] == [GREETING[i : i + 1] for i in range(64)]


@pytest.mark.parametrize("name", [b"\x05ERROR", b"^RROR"])  # libzmq 4.3.5 sends the latter under PLAIN
def test_an_error_command_is_kept_and_goes_on(name):
    decoder = Decoder(b"7>")
    error = encode_frame(name + b"\x0eInvalid client", 4)
    assert decode([GREETING + error], decoder)[1:] == (GREETING + error, "")
    assert decoder.refusal == "Invalid client"
    assert not decoder.ready


def test_plain_shows_everything():
    decoder = Decoder(b"7>")
    hello = encode_frame(b"\x05HELLO\x01u\x01p", 4)
    initiate = encode_command(b"INITIATE", [(b"Socket-Type", b"REQ"), (b"X-Zmqlab", b"3.1")])
    data, _ = stream([[b"", b"hi"]], 0)
    found, passed, _ = decode([encode_greeting("PLAIN") + hello + initiate + data], decoder)
    assert found == [((b"", b"hi"), None, len(passed))]
    assert encode_command(b"INITIATE", [(b"Socket-Type", b"REQ"), (b"X-Zmqlab", b"7>")]) in passed
    assert decoder.mechanism == "PLAIN"
    assert not decoder.encrypted


@given(st.lists(st.integers(0, 3000), max_size=6), cuts, st.sampled_from([0, 4]))
def test_curve_shows_that_messages_passed(lengths, cuts, flags):
    decoder = Decoder(b"7>")
    start = encode_greeting("CURVE") + encode_frame(b"\x05HELLO" + bytes(194), 4)
    whole = start + encode_frame(b"\x08INITIATE" + bytes(300), 4)
    expected = []
    for length in lengths:
        whole += encode_frame(b"\x07MESSAGE" + bytes(8 + 16 + 1 + length), flags)
        expected.append(((), (length,), len(whole)))
    assert decode(split(whole, cuts), decoder) == (expected, whole, "")
    assert decoder.encrypted


@pytest.mark.parametrize(
    "bad", [encode_frame(b"hello" * 20), encode_frame(b"\x07MESSAGE"), encode_frame(b"\x07MESSAGE" + bytes(30), 1)]
)
def test_under_curve_nothing_but_messages_follow(bad):
    start = encode_greeting("CURVE") + encode_frame(b"\x05READY" + bytes(60), 4)
    assert decode([start + bad])[2] == "a frame under CURVE that is no MESSAGE"


@pytest.mark.parametrize(
    ("head", "block", "rounds"),
    [
        (b"\x02" + MAX_FRAME.to_bytes(8, "big"), bytes(1 << 16), 1000),  # a frame that hardly ends
        (b"", (b"\x01\x10" + bytes(16)) * 500, 200),  # frames, and no end of the message
        (b"", b"\x03" + (2000).to_bytes(8, "big") + bytes(2000), 3000),  # likewise, and long
    ],
)
def test_memory_stays_bounded(head, block, rounds):
    decoder = Decoder(b"7>")
    found: list[Message] = []
    tracemalloc.start()
    decoder.feed(GREETING + READY + head, found)
    for _ in range(rounds):
        decoder.feed(block, found)
    kept = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept < 2 * MAX_FRAMES * CLIP
    assert not found


@pytest.mark.parametrize("more", [10, 300, 3000])
def test_a_message_of_many_frames_shows_the_last(more):
    frames = [bytes((i % 256,)) for i in range(MAX_FRAMES + more)]
    data, _ = stream([frames, [b"next"]], 0)
    found, passed, _ = decode([GREETING + READY + data])
    assert found[0][0] == tuple(frames[-MAX_FRAMES:])
    assert found[1] == ((b"next",), None, len(passed))


def test_the_lengths_of_many_frames_are_those_of_the_last():
    frames = [b"x" * (CLIP + i) for i in range(MAX_FRAMES + 600)]
    data, _ = stream([frames], 0)
    found, _, _ = decode([GREETING + READY + data])
    assert found[0][1] == tuple(range(CLIP + 600, CLIP + 600 + MAX_FRAMES))


def test_subscriptions_are_told_apart_from_messages():
    decoder = Decoder(b"7>")
    found: list[Message] = []
    commands = encode_frame(b"\x09SUBSCRIBEnews", COMMAND) + encode_frame(b"\x06CANCELnews", COMMAND)
    decoder.feed(GREETING + READY + commands, found)
    assert decoder.subscriptions == [(b"news", True), (b"news", False)]
    assert not found
