"""The relay is no child of the program that is recorded, and nothing of it is the program's to meet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest
import zmq

import zmqlab
from tests.recorder.programs import RECORDED, recorded, script, texts
from tests.relay.support import DEADLINE, until, wired
from zmqlab.lab import apart
from zmqlab.lab.relay import Relay

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork, and nobody waits for any child")

EXCHANGE = """
def exchange():
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(PORT)
        push.connect(PORT)
        push.send(b"through the relay")
        return pull.recv()
"""
WAITS_FOR_ALL = (
    EXCHANGE
    + """
def main():
    print(exchange())
    for code in (1, 2):
        if not os.fork():
            os._exit(code)
    codes = []
    with contextlib.suppress(ChildProcessError):
        while True:
            codes.append(os.waitstatus_to_exitcode(os.wait()[1]))
    print(sorted(codes))
    try:
        print(os.waitpid(-1, os.WNOHANG))
    except ChildProcessError as error:
        print(error)
"""
)
WAITS_MEANWHILE = (
    EXCHANGE
    + """
def main():
    reaped = []
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    waiting = threading.Thread(target=lambda: reaped.append(os.wait()[0]))
    waiting.start()
    print(exchange())  # the relay starts while a thread waits for any child
    os.close(writing)
    waiting.join()
    print(reaped == [pid])
"""
)
IS_TOLD = (
    "import signal\ntold = []\nsignal.signal(signal.SIGCHLD, lambda *_: told.append(1))"
    + EXCHANGE
    + """
def main():
    print(exchange(), told)
"""
)
FORGETS = (
    "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    + EXCHANGE
    + """
def main():
    print(exchange())
"""
)
COUNTS = (
    EXCHANGE
    + """
import psutil
def main():
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    print(exchange())
    print(psutil.Process().children(), [thread.name for thread in threading.enumerate()])
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
    os.close(writing)
    print(os.read(reading, 1))  # the end, for nobody else has it
"""
)
ON_GREENLETS = """
def main():
    import time
    def server(ctx):
        with ctx.socket(zmq.REP) as socket:
            socket.bind(PORT)
            while not socket.poll(0):
                time.sleep(0.01)
            socket.send(b"Done: " + socket.recv())
    def client(ctx):
        with ctx.socket(zmq.REQ) as socket:
            socket.connect(PORT)
            socket.send(b"one")
            while not socket.poll(0):
                time.sleep(0.01)
            print(socket.recv())
    with zmq.Context() as ctx:
        threads = [threading.Thread(target=role, args=(ctx,), name=role.__name__) for role in (server, client)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
"""


@pytest.mark.parametrize("program", [WAITS_FOR_ALL, WAITS_MEANWHILE, IS_TOLD, FORGETS, COUNTS])
def test_a_program_meets_its_own_children_alone(program, tmp_path, ports):
    trace = recorded(program, tmp_path, ports)
    (message,) = trace.messages.values()
    assert message.left
    assert message.received


def test_greenlets_in_the_place_of_threads(tmp_path, ports):
    pytest.importorskip("gevent")
    trace = recorded("from gevent import monkey; monkey.patch_all()\n" + ON_GREENLETS, tmp_path, ports)
    assert texts(trace) == [b"one", b"Done: one"]
    assert sorted(trace.actors) == ["client", "server"]
    assert all(message.left for message in trace.messages.values())


def test_it_ends_with_the_program_although_a_fork_lives_on(tmp_path, ports):
    program = (
        EXCHANGE
        + """
def main():
    import time
    from zmqlab.lab.relay import Relay
    exchange()
    child = os.fork()
    if not child:
        time.sleep(60)
    print(Relay.shared().pid, child, flush=True)
    time.sleep(60)
"""
    )
    with subprocess.Popen(script(program, RECORDED, tmp_path, ports), cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        relay, child = (psutil.Process(int(pid)) for pid in process.stdout.readline().split())
        try:
            assert relay.cwd() == "/", "it keeps the program's folder"
            assert relay not in psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            until(lambda: ended(relay), "the relay is gone")
            assert not ended(child)
        finally:
            child.kill()


def ended(process: psutil.Process) -> bool:
    """Gone, or dead and not yet noticed by whose child it is."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_program_without_standard_streams_is_recorded(tmp_path, ports):
    """Its next files have the numbers that are a process's standard streams."""
    command = script(EXCHANGE + "def main(): exchange()\n", RECORDED, tmp_path, ports)
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&-', "sh", *command], cwd=tmp_path, timeout=DEADLINE, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    (message,) = zmqlab.Trace.load(tmp_path / "run.jsonl").messages.values()
    assert message.left


def test_where_the_helper_cannot_be_hidden_it_is_gone_at_once(monkeypatch):
    monkeypatch.setattr(apart, "_hidden", lambda spawn: False)
    children = psutil.Process().children()
    relay = Relay()
    with wired(relay) as lab:
        pull, push = lab.pair(zmq.PULL, zmq.PUSH)
        push.send(b"hi")
        assert pull.recv() == b"hi"
        assert len(lab.wires()) == 1
    assert psutil.Process().children() == children
    assert os.getsid(relay.pid) != os.getsid(0)
    relay.stop()


def test_a_program_that_is_not_there_is_an_error_and_not_a_word_more(capfd):
    with pytest.raises(FileNotFoundError, match="nothing here"):
        apart._spawn(["/nothing here"], {}, {})
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def no_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be started: no memory, no process more."""
    monkeypatch.setattr("zmqlab.lab.spawn.MODULE", "zmqlab.lab.nothing_here")
    if Relay._shared is not None:
        Relay._shared.stop()


def test_without_room_for_a_relay_the_program_runs_and_the_recording_says_so(no_relay):
    recording = zmqlab.record(name="mine")
    recording.__enter__()
    with zmq.Context() as ctx:
        for _ in range(2):
            with ctx.socket(zmq.PAIR) as one, ctx.socket(zmq.PAIR) as other:
                other.connect(f"tcp://127.0.0.1:{one.bind_to_random_port('tcp://127.0.0.1')}")
                other.send(b"direct")
                assert one.recv() == b"direct"
    with pytest.warns(RuntimeWarning, match="the wire is not seen in the recording of 'mine'.* did not start"):
        recording.__exit__(None, None, None)
    assert texts(recording.trace) == [b"direct", b"direct"]
    assert not any(message.left for message in recording.messages())
