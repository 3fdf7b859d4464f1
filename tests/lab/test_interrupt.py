"""The stop button: whichever call of the lab it hits, in a real kernel, the lab stays usable."""

from __future__ import annotations

import random
import threading

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from zmqlab import Lab

SETUP = """
import zmq
from zmqlab import Lab

lab = Lab("stop")

def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(lab.endpoint("door"))
    while True:
        socket.send_multipart(socket.recv_multipart())

def client(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(lab.endpoint("door"))
    socket.send(b"x")
    print(socket.recv().decode())
"""

WAITS = {
    "wait": 'lab.actor(server); print("inside"); lab.wait("server")',
    "a receive in the cell": (
        's = lab.context("me").socket(zmq.DEALER); s.connect(lab.endpoint("door")); print("inside"); s.recv()'
    ),
}

# Every call that takes a moment, over and over, until the interrupt ends it somewhere.
LOOP = """
print("inside")
while True:
    lab = Lab("stop")
    lab.actor(server)
    lab.actor(client)
    lab.wait("client")
    lab.view()
    lab.messages()
    lab.picture()
    lab.context("me").socket(zmq.DEALER).connect(lab.endpoint("door"))
    lab.actor(server)
    lab.close()
"""

# A destructor that takes long enough to be hit for certain. Python prints what it raises, and goes on.
DESTRUCTOR = """
class Slow:
    def __del__(self):
        print("inside")
        while True:
            pass

Slow()
while True:
    pass
"""

USABLE = """
lab = Lab("stop")
lab.actor(server)
lab.actor(client)
lab.wait("client", timeout=20)
print(lab.output("client").strip(), len(lab.messages()))
"""


def execute(
    kernel: tuple[KernelManager, BlockingKernelClient], code: str, stop_after: float | None = None
) -> list[str]:
    """Run code; `stop_after` its first output by so many seconds, press stop. Returns what it printed and raised."""
    manager, client = kernel
    told: list[str] = []

    def hook(message: dict[str, dict[str, str]]) -> None:
        content = message["content"]
        text = (content.get("text") or content.get("ename") or "").strip()
        if not text:
            return
        told.append(text)
        if stop_after is not None and text == "inside":
            threading.Timer(stop_after, manager.interrupt_kernel).start()

    client.execute_interactive(code, timeout=60, output_hook=hook)
    return told


def assert_interrupted(told: list[str]) -> None:
    assert told[0] == "inside"
    assert "KeyboardInterrupt" in told[-1], told  # IPython cannot format every one that hits a function's first line


@pytest.mark.parametrize("what", WAITS)
def test_a_wait_ends_at_once(kernel, what):
    assert execute(kernel, SETUP) == []
    assert execute(kernel, WAITS[what], stop_after=0.2) == ["inside", "KeyboardInterrupt"]
    assert execute(kernel, USABLE) == ["x 2"]


def test_an_interrupt_that_a_destructor_swallows_is_not_lost(kernel):
    assert execute(kernel, SETUP) == []
    assert_interrupted(execute(kernel, DESTRUCTOR, stop_after=0.2))


@pytest.mark.parametrize("seed", range(8))
def test_wherever_it_hits_the_lab_stays_usable(kernel, seed):
    assert execute(kernel, SETUP) == []
    told = execute(kernel, LOOP, stop_after=random.Random(seed).uniform(0.02, 0.4))
    assert_interrupted(told)
    result, *warnings = execute(kernel, USABLE)
    assert result == "x 2"
    assert all("context 'me' of lab 'stop' has ended, but waits" in warning for warning in warnings)  # a slow machine
    threads = execute(kernel, "import threading; lab.close(); print(sorted(t.name for t in threading.enumerate()))")
    assert "zmqlab actor" not in threads[0]


def test_a_view_whose_end_was_interrupted_is_ended_by_the_next_close(monkeypatch):
    """Else it would be followed for ever, by a thread, and nobody would know of it."""
    lab = Lab("interrupted-view", links=False)
    view = lab.view()
    end = view.end
    monkeypatch.setattr(view, "end", raise_interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.close()
    monkeypatch.setattr(view, "end", end)
    lab.close()
    assert not view.live


def raise_interrupt() -> None:
    raise KeyboardInterrupt
