"""Programs of every shape do recorded what they do alone; what is not recorded is said."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

import zmqlab
from tests.recorder.programs import texts
from tests.recorder.test_command import left, run, without_ours
from zmqlab import Trace
from zmqlab.lab.relay import Relay

CLASSES = """
import zmq
class Mine(zmq.Socket):
    extra = None
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = "set"
    def send(self, data, *args, **kwargs):
        return super().send(b"[" + data + b"]", *args, **kwargs)
    def shout(self, text):
        self.send_string(text.upper())
class Slots(zmq.Socket):
    __slots__ = ("other",)
class Last(zmq.Socket):
    def __init_subclass__(cls):
        raise ValueError("build on another one")
class Context(zmq.Context):
    _socket_class = Mine

ctx, own = zmq.Context(), Context()
pull, c = zmq.Socket(ctx, zmq.PULL), Mine(ctx, zmq.PUSH)
a, b = ctx.socket(zmq.PUSH, socket_class=Mine), own.socket(zmq.PUSH)
port = pull.bind_to_random_port("tcp://127.0.0.1")
d, last = Slots(ctx, zmq.PUSH), Last(ctx, zmq.PUSH)
d.other = "kept"
for socket, text in ((a, "a"), (b, "b"), (c, "c"), (d, d.other), (last, "last")):
    socket.connect(f"tcp://127.0.0.1:{port}")
    socket.shout(text) if isinstance(socket, Mine) else socket.send_string(text)
    kind = socket.__class__
    print(pull.recv(), isinstance(socket, Mine), kind.__name__, kind.__module__, str(socket)[:25])
print(a.extra, Mine.mro()[1:3], isinstance(pull, zmq.Socket), type(pull).__name__, pull.__class__.__module__[:3])
print(issubclass(zmq.Context._socket_class, zmq.Socket), zmq.Context._socket_class.__name__)
class Built(zmq.Context._socket_class):
    pass
e = ctx.socket(zmq.PUSH, socket_class=Built)
e.connect(f"tcp://127.0.0.1:{port}")
e.send(b"built")
print(pull.recv(), type(e).__name__)
saved = zmq.Context._socket_class
zmq.Context._socket_class = Mine
f = ctx.socket(zmq.PUSH)
zmq.Context._socket_class = saved
g = ctx.socket(zmq.PUSH)
for socket in f, g:
    socket.connect(f"tcp://127.0.0.1:{port}")
    socket.send(b"x")
    print(pull.recv(), isinstance(socket, Mine))
for socket in pull, a, b, c, d, e, f, g, last:
    socket.close(0)
ctx.term(); own.term()
"""


def write(folder: Path, program: str) -> str:
    (folder / "prog.py").write_text(program, encoding="utf-8")
    return "prog.py"


def same(folder: Path, program: str, *words: str) -> tuple[Trace, str]:
    """Run it plain and recorded: it prints the same, and ends the same. The trace, and what we say."""
    name = write(folder, program)
    plain, recorded = run(folder, name, record=False), run(folder, *words, "-o", "run.jsonl", name)
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout), recorded.stderr
    assert without_ours(recorded.stderr) == plain.stderr
    assert left(folder) == ["run.jsonl"]
    with warnings.catch_warnings(action="ignore"):  # of what is in what we say
        return Trace.load(folder / "run.jsonl"), recorded.stderr


def test_sockets_of_every_class_are_seen_or_counted(tmp_path: Path) -> None:
    trace, said = same(tmp_path, CLASSES)
    assert texts(trace) == [b"[A]", b"[B]", b"[C]", b"kept", b"last", b"built", b"[x]", b"x"]
    assert [m.frames for m in trace.messages.values() if not m.sender] == [(b"last",)]
    assert "1 socket of Last was not recorded" in said


GREEN = """
from gevent import monkey
monkey.patch_all()
import gevent, threading, zmq.green as zmq
ctx = zmq.Context()
def server():
    with ctx.socket(zmq.REP) as socket:
        socket.bind("tcp://127.0.0.1:*")
        ready.set(socket.LAST_ENDPOINT)
        for _ in range(3):
            socket.send(b"done: " + socket.recv())
from gevent.event import AsyncResult
ready = AsyncResult()
def client():
    with ctx.socket(zmq.REQ) as socket:
        socket.connect(ready.get())
        for n in range(3):
            socket.send(b"%d" % n)
            print(socket.recv())
gevent.joinall([gevent.spawn(server), gevent.spawn(client)])
ctx.term()
"""


UNCLOSED = """
import zmq
def forget():
    zmq.Context.instance().socket(zmq.PUSH)
forget()
"""


def test_a_socket_that_is_not_closed_is_told_with_the_line_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(UNCLOSED)
    words = sys.executable, "-W", "always"
    plain, watched = (
        subprocess.run([*words, *by, "prog.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60).stderr
        for by in ((), ("-m", "zmqlab", "record"))
    )
    assert "prog.py:4: ResourceWarning: Unclosed socket" in plain
    assert re.sub("0x[0-9a-f]+", "", without_ours(watched)) == re.sub("0x[0-9a-f]+", "", plain)


@pytest.mark.skipif(importlib.util.find_spec("gevent") is None, reason="gevent is not installed")
def test_what_gevent_does_is_not_recorded_and_said(tmp_path: Path) -> None:
    name = write(tmp_path, GREEN)
    plain, recorded = run(tmp_path, name, record=False), run(tmp_path, name)
    assert (recorded.returncode, recorded.stdout) == (0, plain.stdout), recorded.stderr
    assert "2 sockets of zmq.green were not recorded" in recorded.stderr


OTHERS = """
import os, threading, zmq
try:
    os.wait()
except ChildProcessError as error:
    print(error)
ctx = zmq.Context()
pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
pull.maxmsgsize = 70
push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
push.send(b"small")
print(pull.poll(5000) and pull.recv())
def named():
    with ctx.socket(zmq.PUSH) as socket:
        socket.connect(pull.LAST_ENDPOINT)
        socket.send(b"from a thread")
thread = threading.Thread(target=named, name="\\udc80 a name of no text" + "x" * 300)
thread.start()
thread.join()
print(pull.recv(), threading.active_count())
frame = push.send(b"y" * 30, copy=False, track=True)  # for which pyzmq has sockets of its own
print(pull.recv())
"""


def test_programs_of_other_shapes(tmp_path: Path) -> None:
    trace, _ = same(tmp_path, OTHERS)
    assert texts(trace) == [b"small", b"from a thread", b"y" * 30]
    assert len(trace.actors) == 2
    assert {socket.type for socket in trace.sockets.values()} == {"PULL", "PUSH"}
    assert len(trace.sockets) == 3, "pyzmq's own are not the program's"


def test_the_broker_of_the_package_is_recorded_as_any_program(tmp_path: Path) -> None:
    broker = ["-m", "zmqlab.majordomo", "broker", "--endpoint", "tcp://127.0.0.1:*"]
    command = [sys.executable, "-m", "zmqlab", "record", "-o", "run.jsonl", *broker]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    endpoint = process.stdout.readline().split('"')[3]
    status = [sys.executable, "-m", "zmqlab.majordomo", "status", "--endpoint", endpoint]
    assert subprocess.run(status, capture_output=True, timeout=30).returncode == 0
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
    trace = Trace.load(tmp_path / "run.jsonl")
    assert "majordomo" in trace.actors
    assert any(socket.type == "ROUTER" for socket in trace.sockets.values())
    assert trace.messages


def exchange(ctx: zmq.Context, text: bytes) -> None:
    with ctx.socket(zmq.PAIR) as one, ctx.socket(zmq.PAIR) as other:
        other.connect(f"tcp://127.0.0.1:{one.bind_to_random_port('tcp://127.0.0.1')}")
        other.send(text)
        one.recv()


def test_it_decorates_coroutines_and_generators() -> None:
    coroutines, generators = zmqlab.record(), zmqlab.record()

    @coroutines
    async def main(text: bytes) -> bytes:
        await asyncio.sleep(0)
        exchange(zmq.Context.instance(), text)
        return text

    @generators
    def each(text: bytes):
        got = yield 1
        exchange(zmq.Context.instance(), text + got)
        return "returned"

    assert asyncio.run(main(b"coroutine")) == b"coroutine"
    assert texts(coroutines.trace) == [b"coroutine"]
    going = each(b"generator ")
    assert next(going) == 1
    with pytest.raises(StopIteration, match="returned"):
        going.send(b"sent")
    assert texts(generators.trace) == [b"generator sent"]
    with pytest.raises(TypeError, match="asynchronous generator"):

        @coroutines
        async def cannot():
            yield 1


def test_the_relay_is_there_before_the_program_connects(own_relay: None) -> None:
    with zmqlab.record():
        assert Relay._shared is not None
        assert Relay._shared.alive
    with zmqlab.record(links=False):
        pass


def test_after_the_block_nothing_is_recorded() -> None:
    ctx = zmq.Context()
    with zmqlab.record() as recording:
        one, other = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
        other.connect(f"tcp://127.0.0.1:{one.bind_to_random_port('tcp://127.0.0.1')}")
        other.send(b"seen")
        one.recv()
    events = recording.log.next_index
    other.send(b"not seen")
    one.recv()
    with recording:
        other.send(b"seen again")
        one.recv()
        after = threading.active_count()
    one.close()
    other.close()
    ctx.term()
    assert after == threading.active_count()
    assert texts(recording.trace) == [b"seen", b"seen again"]
    assert [m.frames for m in recording.messages()] == [(b"seen",), (b"seen again",)]
    assert events < recording.log.next_index


def test_that_no_socket_was_made_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with zmqlab.record(name="mine", links=False):
        pass
    assert "no socket was made while 'mine' was recorded; those made before are not seen" in capsys.readouterr().err


KILLED = """
import os, pathlib, signal, time, zmq
ctx = zmq.Context()
pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
push.send(b"before")
print(pull.recv())
time.sleep(0.1)  # by then the relay has told of it
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        ours = b"zmqlab.relay" in (folder / "cmdline").read_bytes()
        if ours and f"ZMQLAB={os.environ['ZMQLAB']}".encode() in (folder / "environ").read_bytes():
            os.kill(int(folder.name), signal.SIGKILL)
    except OSError:
        pass
time.sleep(0.3)
push.send(b"after")
print(pull.poll(10_000) and pull.recv())
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="how is the relay found here?")
def test_a_relay_that_is_killed_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZMQLAB", str(tmp_path))
    trace, _ = same(tmp_path, KILLED)
    assert texts(trace) == [b"before", b"after"]
    assert next(iter(trace.connections.values())).reason.startswith("the relay ")
    assert all(message.left for message in trace.messages.values())


NARROW = """
import zmq
ctx = zmq.Context()
early = ctx.socket(zmq.PUSH)  # made before anybody has said how little it takes
for limit in 28, 34, 48, 63:
    for there, here in (zmq.PULL, zmq.PUSH), (zmq.ROUTER, zmq.DEALER), (zmq.SUB, zmq.PUB):
        with ctx.socket(there) as narrow, early if here == zmq.PUSH and not early.closed else ctx.socket(here) as wide:
            narrow.maxmsgsize = limit
            narrow.rcvtimeo = 1000
            if there == zmq.SUB:
                narrow.subscribe(b"")
                wide.bind("tcp://127.0.0.1:*")
                narrow.connect(wide.LAST_ENDPOINT)
                narrow.poll(200)
            else:
                narrow.bind("tcp://127.0.0.1:*")
                wide.connect(narrow.LAST_ENDPOINT)
            wide.linger = 0
            wide.send(b"Task")
            try:
                print(limit, narrow.type, narrow.recv_multipart()[-1])
            except zmq.Again:
                print(limit, narrow.type, "nothing")
ctx.term()
"""


@pytest.mark.parametrize("words", [(), ("--no-links",)])
def test_a_socket_that_takes_little_is_greeted_as_it_is_without_us(tmp_path: Path, words: tuple[str, ...]) -> None:
    trace, said = same(tmp_path, NARROW, *words)
    assert "MAXMSGSIZE" in said
    assert {(m.place, bool(m.sender)) for m in trace.messages.values()} == {
        ("received", False),  # which of them it was, nobody tells
        ("unseen", True),
        ("lost", True),  # two ROUTERs refuse the handshake of any DEALER, also without us
    }
