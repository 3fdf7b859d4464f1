"""The child of a fork begins anew: it inherits nothing that leads to its parent, and harms nothing that is there."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from tests.recorder.programs import PLAIN, recorded, run, texts
from zmqlab import Trace

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

EXCHANGE = """
import zmqlab

def exchange(text, port):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(port)
        push.connect(port)
        push.send(text)
        return pull.recv()

def work():
    with zmqlab.record("child.jsonl", name="child"):
        exchange(b"child", OTHER)
"""
FORKS = {
    "os": """
def in_a_child(work):
    if not os.fork():
        work()
        os._exit(0)
    os.wait()
""",
    "pty": """
import pty
def in_a_child(work):
    pid, terminal = pty.fork()
    if not pid:
        work()
        os._exit(0)
    with contextlib.suppress(OSError):
        while os.read(terminal, 1000):
            pass
    os.waitpid(pid, 0)
""",
    "multiprocessing": """
import multiprocessing
def in_a_child(work):
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
""",
}
INSIDE = """
def main():
    print(exchange(b"parent", PORT))
    in_a_child(work)
    print(exchange(b"parent", PORT))
"""
AFTER = """
import atexit
def main():
    print(exchange(b"parent", PORT), exchange(b"parent", PORT))

atexit.register(in_a_child, work)
"""


@pytest.mark.parametrize(
    ("how", "where"), [("os", INSIDE), ("os", AFTER), ("pty", INSIDE), ("multiprocessing", INSIDE)]
)
def test_a_child_records_itself(how, where, tmp_path, ports):
    """Inside the recording of its parent, and after it."""
    trace = recorded(EXCHANGE + FORKS[how] + where, tmp_path, ports)
    child = Trace.load(tmp_path / "child.jsonl")
    assert (texts(trace), texts(child)) == ([b"parent", b"parent"], [b"child"])
    assert all(m.left and m.certain for one in (trace, child) for m in one.messages.values())
    assert sorted(child.actors) == ["child"]
    both = Trace.load(tmp_path / "run.jsonl", tmp_path / "child.jsonl")
    assert len(both.sockets) == len(trace.sockets) + len(child.sockets), "two processes gave the same ids"


def test_a_function_that_is_recorded_is_recorded_in_a_child_too(tmp_path, ports):
    """What it did in the parent is in the parent's file alone."""
    program = EXCHANGE + (
        """
@zmqlab.record("child.jsonl", name="child")
def work():
    return exchange(b"%s" % (b"child" if os.getpid() != parent else b"parent"), PORT)

parent = os.getpid()

def main():
    print(work())
    if not os.fork():
        work()
        os._exit(0)
    os.wait()
"""
    )
    assert run(program, PLAIN, tmp_path, ports)[:2] == (0, "b'parent'\nafter the block\n")
    assert texts(Trace.load(tmp_path / "child.jsonl")) == [b"child"]


def test_locks_that_other_threads_hold_are_free_in_the_child(tmp_path, ports):
    program = EXCHANGE + (
        """
def main():
    from zmqlab.lab import output
    from zmqlab.sockets import addresses, hook
    from zmqlab.lab.relay import Relay
    from zmqlab.view import flusher
    exchange(b"parent", PORT)
    relay = Relay.shared()
    held = [addresses._lock, output._lock, hook._lock, Relay._shared_lock, relay._lock, flusher.shared._lock]
    held += [run.log._lock, run.trace._lock, relay._process._context_lock]
    held += [run._lock, run._writer._lock, run._recorder._lock, run._recorder._wiring._lock]
    holding, enough = threading.Event(), threading.Event()
    def hold():
        with contextlib.ExitStack() as stack:
            for lock in held:
                stack.enter_context(lock)
            holding.set()
            enough.wait()
    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait()
    pid = os.fork()
    if not pid:
        sys.modules["signal"].alarm(20)  # or it would hang
        run.messages()
        work()
        os._exit(0)
    print(os.waitpid(pid, 0)[1])
    enough.set()
    thread.join()
"""
    )
    block = "zmqlab.record('run.jsonl') as run"
    code, printed, errors = run(program, block, tmp_path, ports)
    assert (code, printed) == (0, "0\nafter the block\n"), errors
    assert texts(Trace.load(tmp_path / "child.jsonl")) == [b"child"]
    assert texts(Trace.load(tmp_path / "run.jsonl")) == [b"parent"]


LAB = """
from zmqlab import Lab
from zmqlab.lab.errors import LabClosed

def main():
    with Lab("mine") as lab:
        door = lab.endpoint("door")

        @lab.actor
        def server(ctx):
            with ctx.socket(zmq.REP) as socket:
                socket.bind(door)
                while True:
                    socket.send(socket.recv())

        def client(ctx):
            with ctx.socket(zmq.REQ) as socket:
                socket.connect(door)
                socket.send(b"hi")
                socket.recv()

        lab.actor(client)
        lab.wait("client")
        control, link = lab["server"], lab.link("server", "client")
        pid = os.fork()
        if not pid:
            tries = [lambda: lab.actor(client), lambda: lab.wait("server"), lab.hold, lab.step, control.crash, link.cut]
            tries += [lambda: lab.endpoint("other"), lab.context, lambda: lab.process("p", ["true"])]
            for do in tries:
                try:
                    do()
                    print("done")
                except LabClosed as error:
                    assert f"runs in process {os.getppid()}, of which this one is a fork" in str(error), error
            print(len(lab.messages()), lab.output("client"), flush=True)
            with Lab("mine") as own:  # which does not close the parent's
                door = own.endpoint("door")
                own.actor(server)
                own.actor(client)
                own.wait("client")
                print(len(own.messages()), all(message.left for message in own.messages()), flush=True)
            return  # the block of its parent, by its end, and Python's
        print("child:", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        lab.actor(client, name="after")
        lab.wait("after")
        print(len(lab.messages()), all(message.left for message in lab.messages()), lab["server"].state)
"""


def test_a_lab_is_its_own_process_s(tmp_path: Path, ports: dict[str, int]) -> None:
    """A child that uses it is told, and leaves its block without harm to the parent's."""
    code, printed, errors = run(LAB, PLAIN, tmp_path, ports)
    assert (code, errors) == (0, "")
    lines = printed.splitlines()
    assert "done" not in lines
    assert lines[:3] == ["2 ", "2 True", "after the block"]
    assert lines[3:] == ["child: 0", "4 True started", "after the block"]


def test_what_a_child_of_an_actor_prints_is_read(tmp_path, ports):
    program = """
    from zmqlab import Lab

    def main():
        with Lab("mine") as lab:
            @lab.actor
            def forks(ctx):
                print("the actor", flush=True)
                if not os.fork():
                    print("its child", flush=True)
                    os._exit(0)
                os.wait()
            lab.wait("forks")
            print(lab.output("forks"), end="")
    """
    assert run(textwrap.dedent(program), PLAIN, tmp_path, ports)[1] == ("its child\nthe actor\nafter the block\n")
