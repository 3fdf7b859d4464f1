"""A cell that goes on while somebody has failed is told, in a real kernel: once, and a person alone."""

from __future__ import annotations

import threading

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SET_UP = """
import time
import zmq
from zmqlab import Lab

lab = Lab("unheard")

def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(lab.endpoint("door"))
    socket.recv_multipart()
    1 / 0

lab.actor(server)
"""
ASK = """
me = lab.context("me").socket(zmq.DEALER)
me.connect(lab.endpoint("door"))
me.send(b"hi")
"""
RECEIVE = "me.recv()"
TOLD = """
server has failed: ZeroDivisionError: division by zero
(server(), line 11: "1 / 0")
This cell goes on: in <module>(), line 1: "me.recv()". If it
waits for server, the stop button ends the wait.
""".strip()
A_WHILE = 6  # seconds in which it would have been told


class Notebook:
    """What its cells show; `wait` seconds after a cell was run, the stop button is pressed."""

    def __init__(self, kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
        self._manager, self._client = kernel

    def run(self, code: str, *, person: bool = True, stop_after: float = 0, stop_when_told: bool = False) -> list[str]:
        """The lines shown beside the cell's own output, then the name of its error, if it has one."""
        shown: list[str] = []
        stop = threading.Timer(stop_after, self._manager.interrupt_kernel)

        def hear(message: dict[str, object]) -> None:
            content = message["content"]
            assert isinstance(content, dict)
            if message["msg_type"] == "display_data":
                shown.append(content["data"]["text/plain"])
                if stop_when_told:
                    self._manager.interrupt_kernel()
            elif message["msg_type"] == "error":
                shown.append(content["ename"])

        if stop_after:
            stop.start()
        try:
            self._client.execute_interactive(code, allow_stdin=person, output_hook=hear, timeout=60)
        finally:
            stop.cancel()
        return shown


@pytest.fixture
def notebook(kernel: tuple[KernelManager, BlockingKernelClient]) -> Notebook:
    notebook = Notebook(kernel)
    assert notebook.run(SET_UP) == []
    return notebook


def test_a_cell_that_waits_for_who_has_failed_is_told(notebook: Notebook) -> None:
    assert notebook.run(ASK) == []
    assert notebook.run(RECEIVE, stop_when_told=True) == [TOLD, "KeyboardInterrupt"]
    assert notebook.run(RECEIVE, stop_after=A_WHILE) == ["KeyboardInterrupt"], "it is told once"


def test_what_was_shown_already_is_not_told(notebook: Notebook) -> None:
    assert notebook.run(ASK + 'lab.wait("server")') == ["ZeroDivisionError"]
    assert notebook.run(RECEIVE, stop_after=A_WHILE) == ["KeyboardInterrupt"]


def test_a_notebook_that_a_program_runs_is_told_nothing(notebook: Notebook) -> None:
    assert notebook.run(ASK, person=False) == []
    assert notebook.run(RECEIVE, person=False, stop_after=A_WHILE) == ["KeyboardInterrupt"]


def test_cells_that_are_done_in_time_are_told_nothing(notebook: Notebook) -> None:
    assert notebook.run(ASK) == []
    assert [notebook.run("time.sleep(0.5)") for _ in range(8)] == [[]] * 8


def test_the_thread_ends_with_the_lab(notebook: Notebook) -> None:
    ended = """
lab.close()
import threading
end = time.monotonic() + 20
while any(thread.name == "zmqlab unheard" for thread in threading.enumerate()):
    assert time.monotonic() < end
    time.sleep(0.01)
"""
    assert notebook.run(ended) == []
