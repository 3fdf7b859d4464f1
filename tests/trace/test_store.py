"""Saved and loaded, a trace is the same to the byte."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zmqlab.trace.log import Log
from zmqlab.trace.store import load, save
from zmqlab.trace.trace import Trace

frames = st.lists(st.binary(max_size=40), min_size=1, max_size=4).map(tuple)
times = st.integers(0, 1 << 62)
text = st.text(max_size=20)
said = st.tuples(text, text, st.booleans(), text, st.lists(st.tuples(text, st.binary(max_size=9))).map(tuple))
raws = st.one_of(
    st.tuples(times, st.just("send"), text, st.tuples(st.integers(0, 99), frames)),
    st.tuples(times, st.just("recv"), text, st.tuples(st.integers(0, 99), frames, text, times)),
    st.tuples(times, st.just("wire"), text, st.tuples(st.integers(0, 99), frames, times, st.none() | times)),
    st.tuples(times, st.just("option"), text, st.tuples(st.just("ROUTING_ID"), st.binary(max_size=9))),
    st.tuples(times, st.just("print"), text, st.tuples(text)),
    st.tuples(
        times, st.just("connection"), text, st.tuples(*[text] * 4, *[st.binary()] * 2, text, st.booleans(), *[said] * 2)
    ),
).map(lambda event: (*event[:3], *event[3]))


@given(st.lists(raws, max_size=30))
def test_every_event_survives(tmp_path_factory, events):
    log = Log()
    for event in events:
        log.append(event)
    path = tmp_path_factory.mktemp("trace") / "trace.jsonl"
    save(log, path)
    assert load(path).since(0) == log.since(0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("hello\n", "line 1"),
        ('{"zmqlab": "trace", "version": 99}\n', "line 1"),
        ('{"zmqlab": "trace", "version": 1}\n[1, "nonsense", "x"]\n', "line 2"),
        ('{"zmqlab": "trace", "version": 1}\n[1, "print", "x"]\n', "line 2"),
        ('{"zmqlab": "trace", "version": 1}\n[1, "send", "x", 0, [{"b": "%%%"}], null]\n', "line 2"),
    ],
)
def test_another_file_is_refused_with_the_line(tmp_path, content, says):
    path = tmp_path / "trace.jsonl"
    path.write_text(content)
    with pytest.raises(ValueError, match=says):
        Trace.load(path)


def test_a_file_of_an_earlier_version_names_connections_as_it_did(tmp_path):
    path = tmp_path / "old.jsonl"
    log = Log()
    log.append((1, "connection", "7", "opened", "1.2", "1.1", "tcp://127.0.0.1:5555"))
    save(log, path)
    path.write_text(path.read_text().replace('"connection"', '"link"'))
    assert load(path).since(0) == log.since(0)


def test_what_was_cut_off_is_read_up_to_there_with_a_warning(tmp_path):
    path = tmp_path / "run.jsonl"
    log = Log()
    for n in range(3):
        log.append((n, "print", "me", "é"))
    save(log, path)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) - 1, 0, -1):
        path.write_bytes(whole[:cut])
        torn = whole[cut - 1 : cut] != b"\n"
        with pytest.warns(UserWarning, match="was cut off: its last line") if torn else contextlib.nullcontext():
            trace = Trace.load(path)
        assert len(trace.marks) == max(0, whole[:cut].count(b"\n") - 1)
    path.write_bytes(b"")
    with pytest.warns(UserWarning, match=r"run\.jsonl is empty"):
        assert Trace.load(path).messages == {}
    path.write_bytes(b"".join([*lines[:2], b"nonsense\n", *lines[2:]]))
    with pytest.raises(ValueError, match="line 3"):
        Trace.load(path)
