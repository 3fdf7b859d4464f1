"""What processes and hosts have recorded apart is read as one story by ``python -m zmqlab merge``."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recorder.test_command import run
from zmqlab import Trace
from zmqlab.recorder import gather
from zmqlab.trace import store
from zmqlab.trace.log import UNBOUNDED, Log
from zmqlab.trace.merge import _moved

HOUR = 3_600 * 10**9

SERVER = """
import sys, zmq
with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as socket:
    socket.bind(sys.argv[1])
    for _ in range(20):
        routing_id, task = socket.recv_multipart()
        socket.send_multipart([routing_id, b"done: " + task])
"""
CLIENT = """
import sys, zmq
with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as socket:
    socket.connect(sys.argv[1])
    for n in range(20):
        socket.send(b"Task-%d" % n)
        socket.recv()
"""


@pytest.fixture
def recorded(tmp_path: Path, ports: dict[str, int]) -> Path:
    """A folder with server.jsonl and client.jsonl, of two programs that were recorded apart."""
    place, programs = f"tcp://127.0.0.1:{ports['port']}", {"server": SERVER, "client": CLIENT}
    started = []
    for name, program in programs.items():
        (tmp_path / f"{name}.py").write_text(program)
        command = [sys.executable, "-m", "zmqlab", "record", "-o", f"{name}.jsonl", f"{name}.py", place]
        started.append(subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL))
    assert [process.wait(60) for process in started] == [0, 0]
    return tmp_path


def merge(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zmqlab", "merge", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def elsewhere(path: Path, shift: int, wrong: int) -> None:
    """As if it had been recorded on another host, whose monotonic clock and whose time of day are other ones, in ns."""
    log = store.load(path)
    moved = Log.of([_moved(raw, {}, shift) for raw in log.raws(0, UNBOUNDED)[0]])
    moved.sources = tuple(
        replace(source, host="far", boot="other", monotonic=source.monotonic + shift, wall=source.wall + wrong)
        for source in log.sources
    )
    store.save(moved, path)


def complete(trace: Trace) -> bool:
    return len(trace.messages) == 40 and all(
        m.certain and m.sent and m.left and m.arrived and m.received and m.sent < m.left <= m.arrived < m.received
        for m in trace.messages.values()
    )


def test_two_programs_are_one_story(recorded: Path) -> None:
    done = merge(recorded, "client.jsonl", "server.jsonl", "-o", "both.jsonl", "-o", "both.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        f"zmqlab: both.{kind} has 40 messages of 2 processes" for kind in ("jsonl", "html")
    ]
    trace = Trace.load(recorded / "both.jsonl")
    assert sorted(trace.actors) == ["client", "server"]
    assert complete(trace)
    assert {source.name for source in trace.log.sources} == {"client", "server", ""}


@pytest.mark.parametrize("wrong", [-50_000_000, 2_000_000_000])
def test_the_clocks_of_two_hosts_are_set_and_that_is_said(wrong: int, recorded: Path) -> None:
    elsewhere(recorded / "server.jsonl", HOUR, wrong)
    done = merge(recorded, "client.jsonl", "server.jsonl", "-o", "both.jsonl")
    said = re.search(r"the clock of far is ([\d,.]+) ms (behind|ahead of) that of ", done.stderr)
    assert said is not None, done.stderr
    assert abs(float(said[1].replace(",", "")) - abs(wrong) / 1e6) < 20
    assert said[2] == ("behind" if wrong < 0 else "ahead of")
    with pytest.warns(UserWarning, match="by the messages between them"):
        trace = Trace.load(recorded / "both.jsonl")
    assert len(trace.messages) == 40
    assert all(message.certain and message.received for message in trace.messages.values())
    asked = [m for m in trace.messages.values() if m.frames and m.frames[-1].startswith(b"Task")]
    assert all(m.sent and m.received and m.sent < m.received for m in asked)


def test_a_mistake_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.txt").write_text("hello\n")
    for words, says in (
        (["none.jsonl"], "there is no file none.jsonl"),
        (["empty"], "nothing was recorded in empty"),
        (["other.txt"], "other.txt, line 1: not a zmqlab trace"),
        (["other.txt", "-o", "x.doc"], "x.doc: a recording is written as .html"),
    ):
        done = merge(tmp_path, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_long_run_is_bounded_and_says_what_it_did_not_keep(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(
        "import time, zmq\n"
        "ctx = zmq.Context()\n"
        "pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)\n"
        "pull.bind('inproc://a'); push.connect('inproc://a')\n"
        "for n in range(40_000):\n"
        "    push.send(b'%d' % n); pull.recv()\n"
        "    if not n % 500: time.sleep(0.01)\n"
    )
    done = run(tmp_path, "--max-size", "1M", "--no-links", "-o", "run.jsonl", "long.py")
    assert done.returncode == 0
    kept = Trace.of([store.load(tmp_path / "run.jsonl")])
    assert 2_000 < len(kept.messages) < 39_000
    gone = kept.forgotten
    assert f"{gone:,} messages sent" in done.stderr
    assert "was not kept, as was asked" in done.stderr
    assert abs(gone + len(kept.messages) - 40_000) <= 1  # a message whose two ends are on both sides of the border
    assert list(kept.actors) == ["long"], "who it was is kept"


def test_who_waits_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    progress = gather.Progress()
    progress.say("nothing yet")
    monkeypatch.setattr(gather, "PATIENCE", 0.0)
    progress.say("half of it")
    progress.clear()
    assert capsys.readouterr().err == "zmqlab: half of it\n"
