"""What a recorded program prints, logs and fails by is on its lanes, and the program does the same as before."""

from __future__ import annotations

import io
import logging
import sys
import textwrap
import threading

import pytest
import zmq

import zmqlab
from tests.recorder.programs import PLAIN, RECORDED, recorded, run
from zmqlab import Trace
from zmqlab.recorder import recorder

SPEAKS = """
import logging

def clerk(ctx):
    with ctx.socket(zmq.PULL) as socket:
        socket.bind(PORT)
        print("waits for", socket.recv().decode(), end="!\\n")
        logging.getLogger("clerk").warning("%s is out", "tea")
        print("to the other stream", file=sys.stderr)
        try:
            1 / 0
        except ZeroDivisionError:
            logging.exception("cannot divide")
        raise ValueError("the clerk leaves")

def main():
    print("before the first socket")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    with Context() as ctx, ctx.socket(zmq.PUSH) as socket:
        thread = threading.Thread(target=clerk, args=(ctx,), name="the clerk")
        thread.start()
        socket.connect(PORT)
        logging.info("asks")
        logging.debug("is not asked for")
        socket.send(b"tea")
        thread.join()
        sys.stdout.write("one\\ntwo\\nthe rest")
    assert "write" not in repr(sys.stdout)
"""


def said(trace: Trace) -> set[tuple[str, str, str]]:
    return {(mark.actor, mark.kind, mark.text) for mark in trace.marks}


def test_it_is_on_the_lane_of_who_says_it_with_its_level(tmp_path, ports):
    trace = recorded(SPEAKS, tmp_path, ports)
    assert said(trace) == {
        ("the clerk", "print", "waits for tea!"),
        ("the clerk", "warning", "WARNING clerk: tea is out"),
        ("the clerk", "print", "to the other stream"),
        ("the clerk", "severe", "ERROR: cannot divide\nZeroDivisionError: division by zero"),
        ("the clerk", "error", "ValueError: the clerk leaves"),
        ("prog", "log", "INFO: asks"),
        ("prog", "print", "one"),
        ("prog", "print", "two"),
        ("prog", "print", "the rest"),
    }
    assert {name: actor.state for name, actor in trace.actors.items()} == {"prog": "ended", "the clerk": "failed"}
    [message] = trace.messages.values()
    times = {mark.text: mark.time for mark in trace.marks}
    assert message.sent is not None
    assert message.received is not None
    assert times["INFO: asks"] < message.sent < message.received < times["waits for tea!"]


def test_both_streams_are_as_they_were(tmp_path, ports):
    plain, watched = (run(SPEAKS, block, tmp_path, ports) for block in (PLAIN, RECORDED))
    assert watched[:2] == plain[:2]
    told = [line for line in watched[2].splitlines() if not line.startswith("zmqlab: ")]
    assert told == plain[2].splitlines()


def test_afterwards_everything_is_what_it_was(monkeypatch):
    class Stream(io.StringIO):
        pass

    streams = [Stream(), Stream()]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    before = logging.Logger.handle, logging.LogRecord.getMessage, threading.excepthook
    with zmqlab.record(links=False) as one, zmq.Context() as ctx, ctx.socket(zmq.PUSH):
        print("one")
        with zmqlab.record(links=False) as other, ctx.socket(zmq.PUSH):
            print("other")
        print("one again")
    assert [[mark.text for mark in run.trace.marks] for run in (one, other)] == [["one", "one again"], ["other"]]
    assert streams[0].getvalue() == "one\nother\none again\n"
    assert [vars(stream) for stream in streams] == [{}, {}]
    assert (logging.Logger.handle, logging.LogRecord.getMessage, threading.excepthook) == before


class Once:
    """Notices each time that somebody asks what it is."""

    asked = 0

    def __str__(self) -> str:
        self.asked += 1
        return "once"


def logger(name: str, handler: logging.Handler) -> logging.Logger:
    made = logging.getLogger(name)
    made.addHandler(handler)
    made.propagate = False
    return made


def test_a_message_of_a_log_is_made_no_further_time():
    told, untold = Once(), Once()
    heard, silent = logger("heard", logging.StreamHandler(io.StringIO())), logger("silent", logging.NullHandler())
    with zmqlab.record(links=False) as run, zmq.Context() as ctx, ctx.socket(zmq.PUSH):
        heard.warning("%s", told)
        silent.warning("%s", untold)
    assert (told.asked, untold.asked) == (1, 0)
    assert [mark.text for mark in run.trace.marks] == ["WARNING heard: once"]


def test_what_is_too_much_is_left_out_and_counted(monkeypatch, capsys):
    monkeypatch.setattr(recorder, "LINES", 3)

    def speak() -> Trace:
        with zmqlab.record(links=False) as run, zmq.Context() as ctx, ctx.socket(zmq.PUSH):
            for n in range(5):
                print(n, "x" * 5000)
        return run.trace

    with pytest.warns(RuntimeWarning, match="2 lines that .* printed or logged are not in the recording"):
        trace = speak()
    assert [mark.text[:3] for mark in trace.marks] == ["0 x", "1 x", "2 x"]
    assert {len(mark.text) for mark in trace.marks} == {2000}
    assert capsys.readouterr().out.count("\n") == 5


def test_of_many_short_tasks_one_comes_after_another_on_one_lane(tmp_path, ports):
    program = """
    async def handle(socket, n):
        await socket.send(b"%d" % n)

    async def run():
        with zmq.asyncio.Context() as ctx, ctx.socket(zmq.PAIR) as one, ctx.socket(zmq.PAIR) as other:
            one.bind(PORT)
            other.connect(PORT)
            for n in range(20):
                await asyncio.create_task(handle(one, n))
                await other.recv()

    def main():
        asyncio.run(run())
    """
    trace = recorded(textwrap.dedent(program), tmp_path, ports)
    assert len(trace.messages) == 20
    assert sorted(trace.actors) == ["handle", "run"]
