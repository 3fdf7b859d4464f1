"""However a kernel ends, nothing of the lab stays: no process, no listening port, no temporary file."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

DEADLINE = 10.0  # seconds

CODE = """
import zmq
from zmqlab import Lab

lab = Lab("exit")
DOOR = lab.endpoint("door")

@lab.actor
def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(DOOR)
    while True:
        socket.send_multipart(socket.recv_multipart())

@lab.actor
async def client(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(DOOR)
    await socket.send(b"once")
    await socket.recv()
    print("exchanged")
    await socket.recv()  # for ever

import time
deadline = time.monotonic() + 10
while "exchanged" not in lab.output("client") and time.monotonic() < deadline:
    time.sleep(0.01)
print(lab.output("client"), end="")
"""

End = Callable[[KernelManager], None]


def shut_down(manager: KernelManager) -> None:
    manager.shutdown_kernel()


def kill(manager: KernelManager) -> None:
    """As ``kill -9``: the kernel can do nothing any more."""
    psutil.Process(kernel_pid(manager)).kill()


def restart(manager: KernelManager) -> None:
    manager.restart_kernel()


def restart_at_once(manager: KernelManager) -> None:
    """As JupyterLab's restart of a kernel that does not answer."""
    manager.restart_kernel(now=True)


def kernel_pid(manager: KernelManager) -> int:
    pid = getattr(manager.provisioner, "pid", None)
    assert pid is not None
    return int(pid)


def run(client: BlockingKernelClient, code: str) -> str:
    """What the code prints. Its errors fail the test."""
    printed = []

    def hook(message: dict[str, dict[str, str]]) -> None:
        printed.append(message["content"].get("text", ""))
        assert "ename" not in message["content"], message["content"]

    client.execute_interactive(code, timeout=30, output_hook=hook)
    return "".join(printed)


def listening(processes: list[psutil.Process]) -> set[int]:
    return {
        connection.laddr.port
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


def soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[KernelManager, BlockingKernelClient, Path]]:
    """A kernel whose temporary files go to a folder of their own."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    environment = os.environ | {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    manager, client = start_new_kernel(env=environment, cwd=str(tmp_path))
    yield manager, client, temporary
    client.stop_channels()
    if manager.is_alive():
        manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


@pytest.mark.parametrize("end", [shut_down, kill, restart, restart_at_once], ids=lambda end: end.__name__)
def test_nothing_stays(end: End, kernel: tuple[KernelManager, BlockingKernelClient, Path]) -> None:
    manager, client, temporary = kernel
    kernels_own = listening([psutil.Process(kernel_pid(manager))])
    assert run(client, CODE) == "exchanged\n"
    process = psutil.Process(kernel_pid(manager))
    relay = psutil.Process(int(run(client, "from zmqlab.lab.relay import Relay; print(Relay.shared().pid)")))
    started = [relay, *process.children(recursive=True)]
    ports = listening([process, *started]) - kernels_own
    assert relay not in process.children()
    assert ports, "neither the server nor the relay listens"

    end(manager)

    assert soon(lambda: not any(alive(one) for one in started)), [one.cmdline() for one in started if alive(one)]
    assert soon(lambda: not any(answers(port) for port in ports))
    assert soon(lambda: not list(temporary.iterdir())), list(temporary.iterdir())


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
