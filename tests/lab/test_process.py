"""Real processes in a lab: seen through their links, killed, stopped, and never left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import psutil
import pytest

from tests.lab.crew import DEADLINE, echo, received, sender, text, until
from zmqlab.lab.lab import Lab
from zmqlab.lab.process import ProcessFailed

CLIENT = """
import sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(sys.argv[1])
for n in range(int(sys.argv[2])):
    socket.send(b"job-%d" % n)
    print(socket.recv().decode())
"""

SERVER = """
import sys, zmq
socket = zmq.Context().socket(zmq.ROUTER)
socket.bind(sys.argv[1])
while True:
    socket.send_multipart(socket.recv_multipart())
"""

SLEEPER = "import time; print('up'); time.sleep(1000)"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("processes") as lab:
        yield lab


def client(lab: Lab, count: int, name: str = "client") -> None:
    lab.process(name, [sys.executable, "-c", CLIENT, lab.via(name, lab.endpoint("door")), str(count)])


def pid(lab: Lab, name: str) -> int:
    return int(lab._cast.runs[name].pid)  # type: ignore[attr-defined]


def test_a_process_is_seen_through_its_link(lab):
    echo(lab)
    client(lab, 3)
    lab.wait("client", timeout=DEADLINE)
    assert received(lab, "client") == ["job-0", "job-1", "job-2"]
    messages = sorted(lab.messages(), key=lambda m: m.left)
    assert [text(m) for m in messages] == ["job-0", "job-0", "job-1", "job-1", "job-2", "job-2"]
    actors = {socket.id: socket.actor for socket in lab.trace.sockets.values()}
    assert [(actors[m.sender], actors[m.receiver]) for m in messages] == [
        ("client", "server"),
        ("server", "client"),
    ] * 3
    assert [m.watched for m in messages] == [True, False] * 3
    assert {(socket.actor, socket.type) for socket in lab.trace.sockets.values()} == {
        ("client", "DEALER"),
        ("server", "ROUTER"),
    }
    assert lab["client"].state == "ended"


def test_its_messages_are_held_and_stepped_like_any_other(lab):
    echo(lab)
    lab.hold()
    client(lab, 1)
    assert text(lab.step(timeout=DEADLINE)) == "job-0"
    answer = lab.step(timeout=DEADLINE)
    assert (text(answer), answer.arrived is not None) == ("job-0", True)
    lab.wait("client", timeout=DEADLINE)


def test_a_door_is_there_before_and_after_its_process(lab):
    endpoint = lab.endpoint("door")
    assert lab.via("client", endpoint) == lab.via("client", endpoint)
    assert lab.via("other", endpoint) != lab.via("client", endpoint)
    client(lab, 1)
    echo(lab)  # later than the process
    lab.wait("client", timeout=DEADLINE)
    lab["client"].restart()
    lab.wait("client", timeout=DEADLINE)
    assert received(lab, "client") == ["job-0"]


def test_a_process_that_binds_is_seen_by_its_endpoint(lab):
    endpoint = lab.endpoint("door")
    lab.process("broker", [sys.executable, "-c", SERVER, endpoint], binds=[endpoint])
    sender(lab, "alice", 2, answers=2)
    lab.wait("alice", timeout=DEADLINE)
    messages = lab.messages()
    actors = {socket.id: socket.actor for socket in lab.trace.sockets.values()}
    assert {(actors[m.sender], actors[m.receiver]) for m in messages} == {
        ("alice", "broker"),
        ("broker", "alice"),
    }
    lab.link("alice", "broker").hold()
    sender(lab, "alice", 1)
    assert text(lab.link("alice", "broker").step(timeout=DEADLINE)) == "alice-0"


def test_a_crash_is_a_kill(lab):
    lab.process("sleeper", [sys.executable, "-c", SLEEPER])
    until(lambda: received(lab, "sleeper"))
    process = psutil.Process(pid(lab, "sleeper"))
    lab["sleeper"].crash()
    assert not process.is_running()
    assert lab["sleeper"].state == "crashed"
    lab.wait("sleeper")
    lab["sleeper"].restart()
    until(lambda: received(lab, "sleeper"))
    assert pid(lab, "sleeper") != process.pid


@pytest.mark.skipif(os.name == "nt", reason="the state of a suspended process")
def test_a_hang_stops_it_and_resume_lets_it_go_on(lab):
    lab.process("sleeper", [sys.executable, "-c", SLEEPER])
    until(lambda: received(lab, "sleeper"))
    process = psutil.Process(pid(lab, "sleeper"))
    lab["sleeper"].hang()
    until(lambda: process.status() == psutil.STATUS_STOPPED)
    assert lab["sleeper"].state == "hung"
    lab["sleeper"].resume()
    until(lambda: process.status() != psutil.STATUS_STOPPED)
    lab["sleeper"].hang()
    lab.close()
    assert not process.is_running()


def test_a_failing_process_ends_the_wait_with_its_last_line(lab):
    lab.process("failing", [sys.executable, "-c", "raise SystemExit('no such queue')"])
    with pytest.raises(ProcessFailed, match=r"'failing' has ended: exit code 1 \(no such queue\)"):
        lab.wait("failing", timeout=DEADLINE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import zmq\ndef serve():\n    zmq.nothing\nserve()\n", r"AttributeError.*, in line 3 of .*shop.py\)$"),
        ("x = 1\nx = (\n", r"SyntaxError: .*, in line 2 of .*shop.py\)$"),
        ("raise SystemExit('use: shop.py SHOP')", r"\(use: shop.py SHOP\)$"),
    ],
)
def test_a_failing_program_ends_the_wait_with_its_own_line(text, said, lab, tmp_path):
    (tmp_path / "shop.py").write_text(text)
    lab.process("failing", [sys.executable, str(tmp_path / "shop.py")])
    with pytest.raises(ProcessFailed) as failed:
        lab.wait("failing", timeout=DEADLINE)
    assert re.search(said, str(failed.value).splitlines()[0])


def test_a_program_that_there_is_not(lab):
    with pytest.raises(FileNotFoundError):
        lab.process("nothing", ["no-such-program-anywhere"])
    assert "nothing" not in lab._cast.runs


@pytest.mark.parametrize(("text", "said"), [(None, "shop.py is not there"), ("", "shop.py is empty, as after a full")])
def test_a_program_that_was_never_written_is_said_to_whoever_would_wait_for_it(lab, tmp_path, text, said):
    if text is not None:
        (tmp_path / "shop.py").write_text(text)
    with pytest.raises(FileNotFoundError, match=rf"{said}.* run the cell that writes it"):
        lab.process("shop", [sys.executable, "shop.py"], cwd=tmp_path)
    assert "shop" not in lab._cast.runs
    (tmp_path / "shop.py").write_text("print('open')")
    lab.process("shop", [sys.executable, "shop.py"], cwd=tmp_path)
    lab.wait("shop", timeout=DEADLINE)


def test_a_process_runs_where_and_with_what_it_is_told(lab, tmp_path):
    code = "import os; print(os.getcwd(), os.environ['COLOUR'])"
    lab.process("told", [sys.executable, "-c", code], cwd=tmp_path, env={"COLOUR": "green"})
    lab.wait("told", timeout=DEADLINE)
    assert received(lab, "told") == [str(tmp_path.resolve()), "green"]


@pytest.mark.parametrize("endpoint", ["inproc://x", "tcp://127.0.0.1", "tcp://127.0.0.1:*"])
def test_a_door_leads_to_a_tcp_port(lab, endpoint):
    with pytest.raises(ValueError, match="no TCP address with a port"):
        lab.via("client", endpoint)


def test_without_links_there_are_no_doors():
    with Lab("bare", links=False) as lab, pytest.raises(RuntimeError, match="links=False"):
        lab.via("client", lab.endpoint("door"))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_kill_of_the_kernel_takes_its_processes_along():
    code = f"""
        import sys, time
        from zmqlab import Lab
        lab = Lab("doomed")
        lab.process("sleeper", [sys.executable, "-c", {SLEEPER!r}])
        print(lab._cast.runs["sleeper"].pid, flush=True)
        time.sleep(1000)
    """
    kernel = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    assert kernel.stdout is not None
    with kernel, kernel.stdout:
        sleeper = psutil.Process(int(kernel.stdout.readline()))
        assert sleeper.is_running()
        kernel.kill()
        until(lambda: not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE)
