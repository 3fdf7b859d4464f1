"""What docs/recording.md promises to who looks for a fault: where the answer stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks.paths import ROOT
from zmqlab import Trace

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals there")

DOCS = (ROOT / "docs" / "recording.md").read_text(encoding="utf-8")
SILENT = """
import threading, zmq
ctx = zmq.Context()
ctx.linger = 0
rep, req = ctx.socket(zmq.REP), ctx.socket(zmq.REQ)
port = rep.bind_to_random_port("tcp://127.0.0.1")
req.rcvtimeo = 1000

def serve():
    while True:
        if rep.recv() == b"bad":
            raise ValueError("I cannot do that")
        rep.send(b"ok")

def ask():
    req.connect(f"tcp://127.0.0.1:{port}")
    for word in (b"one", b"two", b"bad"):
        req.send(word)
        try:
            req.recv()
        except zmq.Again:
            print("nobody answers")

threads = [threading.Thread(target=each, name=each.__name__) for each in (serve, ask)]
[each.start() for each in threads]
[each.join() for each in threads]
"""
GONE = """
import zmq
ctx = zmq.Context()
ctx.linger = 0
router, dealer, pub, sub = map(ctx.socket, (zmq.ROUTER, zmq.DEALER, zmq.PUB, zmq.SUB))
dealer.routing_id = b"worker-b"
dealer.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
dealer.send(b"READY")
router.recv_multipart()
router.send_multipart([b"worker_b", b"job"])
port = pub.bind_to_random_port("tcp://127.0.0.1")
pub.send(b"news")
sub.connect(f"tcp://127.0.0.1:{port}")
sub.subscribe(b"")
while not sub.poll(10):
    pub.send(b"more news")
sub.recv()
"""
SHARED = """
import asyncio, zmq, zmq.asyncio

async def main():
    ctx = zmq.asyncio.Context()
    ctx.linger = 0
    server, shared = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    shared.connect(f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}")

    async def ask(word, first):
        await shared.send(word)
        await first.wait()
        print(await shared.recv())

    ann, ben = asyncio.Event(), asyncio.Event()
    asks = [
        asyncio.create_task(ask(word, event), name=word.decode()) for word, event in ((b"ann", ann), (b"ben", ben))
    ]
    for request in [await server.recv_multipart() for _ in range(2)]:
        await server.send_multipart(request)
    ben.set()
    await asks[1]
    ann.set()
    await asks[0]

asyncio.run(main())
"""
SLOW = """
import threading, time, zmq
ctx = zmq.Context()
pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
for n in range(20):
    push.send(b"%d" % n)
for n in range(20):
    time.sleep(0.02)
    pull.recv()
"""


def recorded(folder: Path, program: str) -> tuple[Trace, str]:
    """The trace of that program, and what `summary` prints of it."""
    (folder / "prog.py").write_text(program)
    zmqlab = [sys.executable, "-m", "zmqlab"]
    subprocess.run([*zmqlab, "record", "-o", "run.jsonl", "prog.py"], cwd=folder, timeout=60, capture_output=True)
    told = subprocess.run([*zmqlab, "summary", "run.jsonl"], cwd=folder, timeout=60, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return Trace.load(folder / "run.jsonl"), told.stdout


def row(summary: str, socket: str) -> dict[str, str]:
    """What the table says of a socket. Of the two columns of bytes the last one counts."""
    head, *lines = summary.splitlines()
    names = re.split(r"  +", head)
    [cells] = [re.split(r"  +", line) for line in lines if line.startswith(socket + " ")]
    return dict(zip(names, cells, strict=True))


def test_nobody_answers(tmp_path: Path) -> None:
    trace, summary = recorded(tmp_path, SILENT)
    assert (trace.actors["serve"].state, trace.actors["ask"].state) == ("failed", "ended")
    assert "I cannot do that" in trace.actors["serve"].text
    client = row(summary, "ask REQ")
    assert (client["sent"], client["received"]) == ("3", "2")


def test_a_message_has_gone(tmp_path: Path) -> None:
    _, summary = recorded(tmp_path, GONE)
    [reason] = re.findall(r"`(dropped, sent by main: ROUTER: [^`]+)`", DOCS)
    assert f"1 {reason.replace('main', 'prog')}" in summary
    nobody, _ = re.findall(r"`(PUB: [^`]+)`", DOCS)
    assert f" dropped, sent by prog: {nobody} (" in summary


def test_a_reply_is_another_tasks(tmp_path: Path) -> None:
    """The arrow of the reply to Ann ends at Ben."""
    trace, _ = recorded(tmp_path, SHARED)
    taken = [(m.received_frames, m.received_by) for m in trace.messages.values() if len(m.received_frames or ()) == 1]
    assert taken == [((b"ann",), "ben"), ((b"ben",), "ann")]


def test_who_is_slow(tmp_path: Path) -> None:
    _, summary = recorded(tmp_path, SLOW)
    receiver = row(summary, "prog PULL")
    assert int(receiver["in"]) > 10
    assert float(receiver["unread p50"]) > 100
