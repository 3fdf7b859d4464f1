"""What a process writes while it runs is read up to its last whole block; what a bound lets go is counted."""

from __future__ import annotations

import enum
import marshal
from pathlib import Path
from typing import Any

import pytest

from zmqlab.trace import spool, store
from zmqlab.trace.events import ActorData, Handshake, SocketData
from zmqlab.trace.log import Chunk
from zmqlab.trace.source import Source
from zmqlab.trace.spool import Bound, Spool
from zmqlab.trace.trace import Trace

ME = Source("me", pid=7, host="here", wall=10**18, monotonic=0)


class Number(enum.IntEnum):
    ONE = 1


class Text(str):
    """As a program may name its threads."""


def sends(first: int, count: int, size: int = 10) -> Chunk:
    raws: list[Any] = [(n + 1, "send", "1.1", n, (b"%0*d" % (size, n),), None) for n in range(first, first + count)]
    return Chunk.of(raws)


START = Chunk.of(
    [(0, "actor", "me", *ActorData("started", "thread")), (0, "socket", "1.1", *SocketData("opened", "me", "PUSH"))]
)


def events(path: Path) -> list[Any]:
    return [raw for chunk in spool.read(path).chunks for raw in marshal.loads(chunk.blob)]


def written(path: Path, *chunks: Chunk, bound: Bound | None = None) -> Spool:
    made = Spool(path, ME, bound)
    for chunk in chunks:
        made.write([chunk])
    return made


def test_every_event_survives_whatever_it_is_made_of(tmp_path):
    said = Handshake("3.1", "NULL", False, "READY", (("Identity", b"\x00"),))
    raws = [
        (1, "option", "1.1", Text("ROUTING_ID"), Number.ONE),
        (2, "actor", Text("a \udc80 name"), *ActorData("started", "thread")),
        (3, "connection", "7", "opened", "1.1", "", "tcp://x", b"", b"", "", True, said, ()),
        (4, "wait", "1.1", "recv", Number.ONE),
    ]
    path = tmp_path / "a.spool"
    written(path, Chunk.of(raws), sends(0, 3))
    read = spool.read(path)
    stored = events(path)
    assert stored == [*raws, *marshal.loads(sends(0, 3).blob)]
    assert [type(raw[2]) for raw in stored] == [str] * 7
    assert read.source == ME
    assert not read.torn


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_block_that_is_torn_is_left_out_and_said(cut, tmp_path):
    path = tmp_path / "a.spool"
    written(path, START, sends(0, 2))
    whole = path.read_bytes()
    written(path.with_name("b.spool"), START)
    first = len(path.with_name("b.spool").read_bytes())
    path.write_bytes(whole[: first + cut])
    log = store.load(path)
    assert log.next_index == 2
    assert f"{path} was cut off: its last {cut} bytes are no whole block" in log.remarks
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert store.load(path).next_index == 2, "a changed byte was not noticed"


def test_with_a_size_the_oldest_goes_and_what_there_is_stays(tmp_path):
    path = tmp_path / "a.spool"
    size = 10 * spool.SMALLEST
    made = written(path, START, *[sends(n * 100, 100, 1000) for n in range(60)], bound=Bound(size=size))
    made.note("ended", True)
    kept = sum(each.stat().st_size for each in tmp_path.iterdir())
    assert size / 2 < kept < size + 2 * spool.SMALLEST
    log = store.load(path)
    assert [event.kind for event in log.since(0)[0]][:2] == ["actor", "socket"]
    numbers = [event.data[0] for event in log.since(0)[0] if event.kind == "send"]
    assert numbers == list(range(numbers[0], 6000))
    assert log.forgotten == numbers[0] > 0
    (remark,) = log.remarks
    assert f"was not kept, as was asked: {numbers[0]:,} events, {numbers[0]:,} messages sent" in remark
    assert Trace.of([log]).forgotten == numbers[0]


def test_with_a_time_what_is_older_goes(tmp_path, monkeypatch):
    now = [0]
    monkeypatch.setattr(spool, "monotonic_ns", lambda: now[0])
    path = tmp_path / "a.spool"
    made = written(path, START, bound=Bound(seconds=10))
    for second in range(100):
        now[0] = second * 10**9
        made.write([sends(second, 1)])
    numbers = [raw[3] for raw in events(path) if raw[1] == "send"]
    assert numbers == list(range(numbers[0], 100))
    assert 88 <= numbers[0] <= 90
    assert len(list(tmp_path.iterdir())) < 12


def test_nothing_is_made_before_there_is_something_to_write(tmp_path):
    folder = tmp_path / "run.recording"
    made = Spool(folder / "a.spool", ME)
    made.write([])
    assert not folder.exists()
    made.write([START])
    assert folder.stat().st_mode & 0o77 == 0, "others can read it"


@pytest.mark.parametrize("content", [b"", b"{}\n", b"hello\n", b'{"zmqlab": "spool", "version": 99}\n'])
def test_another_file_is_refused(content, tmp_path):
    path = tmp_path / "a.spool"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is no spool"):
        spool.read(path)
