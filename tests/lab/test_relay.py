"""The kernel's side: starting, steering and ending the relay process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
import zmq

from tests.ports import free_port
from tests.relay.support import DEADLINE, Wired, receive, relay_port, socks_connect, until, wired
from zmqlab.lab.relay import GAP, Relay
from zmqlab.lab.spawn import RelayError, RelayProcess
from zmqlab.trace.events import ConnectionData
from zmqlab.trace.log import Log

ROOT = Path(__file__).parents[2]
MINE = psutil.Process()


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.stop()


@pytest.fixture
def lab(relay: Relay) -> Iterator[Wired]:
    with wired(relay) as lab:
        yield lab


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _kill(relay: Relay) -> None:
    os.kill(relay.pid, signal.SIGKILL)
    assert relay._process._over.wait(DEADLINE), "its death was not noticed"


def _python(code: str, **options: object) -> subprocess.Popen[str]:
    """A Python process that finds zmqlab here, and nothing else of ours."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **options,  # type: ignore[call-overload]
    )


# -- start and stop ----------------------------------------------------------------------------------------------


def test_stop_leaves_nothing():
    if Relay._shared is not None:
        Relay._shared.stop()  # that of other tests, which would go to rest meanwhile
    Relay().stop()  # what is loaded on first use is loaded now
    threads, files, children = MINE.num_threads(), MINE.num_fds(), MINE.children()
    relay = Relay()
    relay.attach(1, Log())
    port = relay_port(relay)
    assert _listens(port)
    relay.stop()
    relay.stop()
    until(lambda: MINE.num_threads() <= threads, "the thread is at its end")
    assert MINE.num_fds() == files
    assert MINE.children() == children  # a zombie would be one of them
    until(lambda: not _listens(port), "its port is closed")


def test_shared_is_one_and_starts_again_after_a_stop():
    first = Relay.shared()
    try:
        assert Relay.shared() is first
        first.stop()
        assert not first.alive
        assert Relay.shared() is first
        with wired(first) as lab:
            _exchange(lab)
    finally:
        first.stop()


def _exchange(lab: Wired) -> None:
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    with router, dealer:
        dealer.send(b"hi")
        routing_id, body = router.recv_multipart()
        router.send_multipart([routing_id, body])
        assert dealer.recv() == b"hi"


def test_the_process_loads_nothing_heavy():
    code = """
        import sys, zmqlab.relay.__main__
        heavy = ("IPython", "anywidget", "asyncio")
        print(*[name for name in sys.modules if name.startswith("zmqlab") or name in heavy])
    """
    with _python(code) as process:
        loaded = set(process.communicate(timeout=DEADLINE)[0].split())
    assert "zmqlab.relay.switchboard" in loaded
    assert {name for name in loaded if not name.startswith("zmqlab.relay.")} <= {
        "zmqlab", "zmqlab.relay", "zmqlab.trace", "zmqlab.trace.events",
    }  # fmt: skip


def test_files_of_the_learner_are_not_in_the_way(tmp_path, monkeypatch):
    for name in ("queue", "socket", "json", "zmq"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(tmp_path)
    relay = Relay()
    assert relay.alive
    relay.stop()


def test_the_process_runs_the_zmqlab_of_this_process(tmp_path):
    """Found by sys.path alone, in an isolated Python, and even where another zmqlab is installed."""
    for part in ("lab", "relay", "trace"):
        shutil.copytree(ROOT / "zmqlab" / part, tmp_path / "zmqlab" / part)
    (tmp_path / "zmqlab" / "__init__.py").touch()
    with (tmp_path / "zmqlab" / "relay" / "gate.py").open("a") as gate:
        gate.write(f"\nopen({str(tmp_path / 'was here')!r}, 'w').close()\n")
    code = f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        from zmqlab.lab.relay import Relay
        relay = Relay()
        print(relay.alive)
        relay.stop()
    """
    process = subprocess.run([sys.executable, "-I", "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("True\n", "")
    assert (tmp_path / "was here").exists()


def test_a_process_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr("zmqlab.lab.spawn.MODULE", "zmqlab.lab.nothing_here")
    with pytest.raises(RelayError, match="No module named"):
        Relay()


# -- the kernel's death ---------------------------------------------------------------------------------------------

KERNEL = """
    import sys, time, zmq
    from zmqlab.lab.relay import Relay
    from zmqlab.trace.log import Log
    relay = Relay.shared()
    relay.attach(1, Log())
    dealer = zmq.Context().socket(zmq.DEALER)
    dealer.setsockopt_string(zmq.SOCKS_PROXY, relay.address)
    dealer.setsockopt_string(99, "1.1")
    dealer.setsockopt_string(100, relay.token)
    dealer.connect("tcp://127.0.0.1:1")  # nobody is there: it waits at the relay
    print(relay.address.partition(":")[2], relay.pid, flush=True)
    {rest}
"""


def _ended(pid: int) -> bool:
    """It is gone, or dead and waits for the init process to take notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("how", ["SIGKILL", "exit"])
def test_the_relay_ends_with_the_kernel(how):
    rest = "time.sleep(60)" if how == "SIGKILL" else "dealer.linger = 0"
    with _python(KERNEL.format(rest=rest)) as kernel:
        assert kernel.stdout is not None
        port, pid = map(int, kernel.stdout.readline().split())
        if how == "SIGKILL":
            assert _listens(port)
            kernel.kill()
        assert kernel.wait(DEADLINE) == (-signal.SIGKILL if how == "SIGKILL" else 0)
        assert kernel.stderr is not None
        assert not kernel.stderr.read()
        until(lambda: _ended(pid), "the relay is gone")
        until(lambda: not _listens(port), "its port is closed")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_the_stop_button_does_not_reach_the_relay(lab):
    os.kill(lab.relay.pid, signal.SIGINT)
    over = threading.Event()
    threading.Thread(target=_press_until, args=(over,), daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        _flush_for_ever(lab)
    over.set()
    assert lab.relay.alive
    _exchange(lab)
    assert len(lab.wires()) == 2
    assert os.getpgid(lab.relay.pid) != os.getpgid(0)  # out of the reach of Ctrl-C


def _press_until(over: threading.Event) -> None:
    """Press the stop button: again, should it have met a destructor, in which Python loses it outside of a notebook."""
    time.sleep(0.05)
    while not over.is_set():
        os.kill(os.getpid(), signal.SIGINT)
        over.wait(2)


def _flush_for_ever(lab: Wired) -> None:
    while True:
        lab.relay.flush(lab.lab)


# -- the relay's death ------------------------------------------------------------------------------------------------


def test_a_dead_relay_is_reported_and_replaced(lab, caplog):
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    dealer.send(b"1")
    assert router.recv_multipart()[1] == b"1"
    (opened,) = lab.connections("opened")
    address = lab.relay.address

    _kill(lab.relay)
    (closed,) = lab.connections("closed")
    assert closed.subject == opened.subject
    assert closed.data.reason == "the relay process has ended"
    assert closed.data[1:6] == opened.data[1:6]
    assert "the relay process has ended" in caplog.text

    lab.relay.restart()
    assert lab.relay.address == address
    dealer.send(b"2")  # libzmq reconnects by itself
    _, body = router.recv_multipart(copy=False)
    assert body.bytes == b"2"
    again = lab.connections("opened")[1]
    assert body.get("X-Zmqlab") == f"{again.subject}>"
    assert int(again.subject) > int(opened.subject) + GAP  # it may have used some that it did not report


def test_sockets_wait_through_a_restart_and_may_be_closed_meanwhile(lab):
    _kill(lab.relay)
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)  # the kernel keeps the listening socket
    dealer.send(b"patience")
    for _ in range(5):
        lab.pair(zmq.ROUTER, zmq.DEALER)[1].close()
    lab.relay.restart()
    assert router.recv_multipart()[1] == b"patience"


def test_commands_to_a_dead_relay(lab):
    _kill(lab.relay)
    lab.relay.flush(lab.lab)  # all that it had reported is there
    with pytest.raises(RelayError, match="has ended"):
        lab.relay.attach(77, Log())
    lab.relay.detach(lab.lab)


def test_the_sink_is_there_even_when_the_relay_was_dead(lab):
    push = lab.socket(zmq.PUSH, linger=-1)
    push.connect(f"tcp://127.0.0.1:{free_port()}")
    push.send(b"nobody is there")
    until(lambda: lab.connections("refused"))
    _kill(lab.relay)
    push.close()
    lab.relay.sink(lab.lab, lab.ids)
    thread = _term(lab.context)
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_a_relay_that_hangs_is_named(lab):
    process = psutil.Process(lab.relay.pid)
    process.suspend()
    try:
        with pytest.raises(RelayError, match=r"did not answer within 0\.2 s \(flush of lab"):
            lab.relay.flush(lab.lab, timeout=0.2)
    finally:
        process.resume()
    lab.relay.flush(lab.lab)


def test_a_defect_is_told_with_its_traceback(lab):
    with pytest.raises(RelayError, match=r"(?s)Traceback.*AttributeError.*_do_nonsense"):
        lab.relay._process.call("nonsense", lab.lab)
    _exchange(lab)


BROKEN = """
    import sys
    sys.path[:0] = [{root!r}]
    from zmqlab.relay import __main__, connection
    def look(self):
        raise ZeroDivisionError("a planted defect")
    connection.Connection.look = look
    __main__.main()
"""


def test_a_defect_ends_its_link_and_is_told_with_its_traceback(tmp_path, monkeypatch, caplog):
    (tmp_path / "broken_relay.py").write_text(textwrap.dedent(BROKEN.format(root=str(ROOT))))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("zmqlab.lab.spawn.MODULE", "broken_relay")
    relay = Relay()
    with wired(relay) as lab:
        _router, _dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
        (refused,) = until(lambda: lab.connections("refused"))
        assert "a planted defect" in refused.data.reason
        assert relay.alive
    relay.stop()
    for text in (relay.errors, caplog.text):
        assert "Traceback" in text
        assert "ZeroDivisionError: a planted defect" in text


# -- labs ----------------------------------------------------------------------------------------------------------


def test_detach_closes_the_labs_links_and_no_others(relay):
    with wired(relay) as one, wired(relay) as other:
        router, dealer = other.pair(zmq.ROUTER, zmq.DEALER)
        dealer.send(b"1")
        assert router.recv_multipart()[1] == b"1"
        _pull, push = one.pair(zmq.PULL, zmq.PUSH)
        push.send(b"x")
        _pull.recv()
        relay.detach(one.lab)
        links = [event.data for event in one.log.since(0)[0] if isinstance(event.data, ConnectionData)]
        assert [link.state for link in links] == ["opened", "closed"]
        assert links[-1].reason == "the lab was closed"
        dealer.send(b"2")
        assert router.recv_multipart()[1] == b"2"
        assert not other.connections("closed")
        relay.attach(one.lab, one.log)  # for the end of `wired`


def test_events_go_to_the_log_of_their_lab(relay):
    with wired(relay) as one, wired(relay) as other:
        _exchange(one)
        _exchange(other)
        _exchange(other)
        assert (len(one.wires()), len(other.wires())) == (2, 4)


def test_flush_is_a_barrier(lab):
    pull, push = lab.pair(zmq.PULL, zmq.PUSH)
    for i in range(200):
        push.send(b"%d" % i)
        pull.recv()
        assert len(lab.wires()) == i + 1


def test_commands_from_many_threads(lab):
    problems: list[BaseException] = []

    def flush() -> None:
        try:
            for _ in range(50):
                lab.relay.flush(lab.lab)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=flush) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert not problems


def test_what_a_kernel_that_does_not_read_misses_is_counted(lab, monkeypatch):
    """The relay goes on passing messages in bounded memory; the numbers of those reported tell the holes."""
    pull, push = lab.pair(zmq.PULL, zmq.PUSH)
    stalled, go_on = threading.Event(), threading.Event()
    file = lab.relay.file

    def stall(batch: bytes) -> None:
        stalled.set()
        go_on.wait(DEADLINE)
        file(batch)

    monkeypatch.setattr(lab.relay, "file", stall)
    push.send(b"first")
    pull.recv()
    assert stalled.wait(DEADLINE)
    count = 1
    body = os.urandom(1000)
    end = time.monotonic() + DEADLINE
    while count < 60_000 and time.monotonic() < end:
        for _ in range(500):
            push.send(body)
        for _ in range(500):
            pull.recv()
        count += 500
    go_on.set()
    numbers = [wire.number for wire in lab.wires()]
    assert numbers == sorted(set(numbers))
    assert len(numbers) < count
    push.send(b"last")
    pull.recv()
    assert lab.wires()[-1].number == count
    assert lab.relay.missed(lab.lab) == count - len(numbers)


# -- the sink ------------------------------------------------------------------------------------------------------


def _term(context: zmq.Context[zmq.Socket[bytes]]) -> threading.Thread:
    thread = threading.Thread(target=context.term, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("kind", "count"), [(zmq.DEALER, 5), (zmq.PUSH, 5), (zmq.REQ, 1), (zmq.PAIR, 5), (zmq.XPUB, 0)]
)
def test_the_sink_ends_what_lingers_for_a_dead_peer(lab, kind, count):
    sock = lab.socket(kind, linger=-1)
    sock.connect(f"tcp://127.0.0.1:{free_port()}")
    for _ in range(count):
        sock.send(b"nobody is there")
    until(lambda: lab.connections("refused"))
    sock.close()
    thread = _term(lab.context)
    if count:
        thread.join(0.2)
        assert thread.is_alive()
    lab.relay.sink(lab.lab, lab.ids)
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_the_sink_ends_what_lingers_for_a_peer_that_does_not_read(lab):
    pull, push = lab.socket(zmq.PULL, rcvhwm=1), lab.socket(zmq.PUSH, linger=-1, sndtimeo=200)
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    with pytest.raises(zmq.Again):
        _send_for_ever(push)
    push.close()
    lab.relay.sink(lab.lab, lab.ids)
    (closed,) = lab.connections("closed")
    assert closed.data.reason == "the connecting side was closed, and what it still sends is swallowed"
    pull.close()
    thread = _term(lab.context)
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_the_sink_swallows_the_sockets_it_was_given_alone(lab):
    """Three linger: at a dead peer, connected to one that does not read, and bound. The others go on."""
    server, client = lab.pair(zmq.DEALER, zmq.DEALER)
    _talk(server, client)
    deaf = lab.socket(zmq.PULL, rcvhwm=1)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    before = len(lab.ids)
    dead, full, bound = (lab.socket(zmq.PUSH, context, linger=-1, sndtimeo=200) for _ in range(3))
    dead.connect(f"tcp://127.0.0.1:{free_port()}")
    dead.send(b"nobody is there")
    full.connect(f"tcp://127.0.0.1:{deaf.bind_to_random_port('tcp://127.0.0.1')}")
    second = lab.socket(zmq.PULL, rcvhwm=1)
    second.connect(f"tcp://127.0.0.1:{bound.bind_to_random_port('tcp://127.0.0.1')}")
    for sock in (full, bound):
        with pytest.raises(zmq.Again):
            _send_for_ever(sock)
    for sock in (dead, full, bound):
        sock.close()
    thread = _term(context)
    thread.join(0.2)
    assert thread.is_alive()
    lab.relay.sink(lab.lab, lab.ids[before : before + 3])
    thread.join(DEADLINE)
    assert not thread.is_alive()
    assert {event.data.reason for event in lab.connections("closed")} == {
        "the connecting side was closed, and what it still sends is swallowed",
        "the bound side was closed, and what it still sends is swallowed",
    }
    _talk(server, client)
    _talk(*lab.pair(zmq.DEALER, zmq.DEALER))


def _talk(one: zmq.Socket[bytes], other: zmq.Socket[bytes]) -> None:
    for source, target in ((one, other), (other, one)):
        source.send(b"hello")
        assert target.recv() == b"hello"


def _send_for_ever(sock: zmq.Socket[bytes]) -> None:
    while True:
        sock.send(bytes(100_000))


def test_the_sink_meets_a_peer_that_is_no_zmtp(lab):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        push = lab.socket(zmq.PUSH, linger=-1)
        push.connect(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        push.send(b"hello?")
        silent.settimeout(DEADLINE)
        accepted, _ = silent.accept()
        with accepted:
            assert receive(accepted, 10)
            push.close()
            thread = _term(lab.context)
            lab.relay.sink(lab.lab, lab.ids)
            thread.join(DEADLINE)
            assert not thread.is_alive()


def test_strangers_cannot_steer_or_pose_as_the_relay(lab):
    endpoint = lab.relay._process._control
    with zmq.Context() as context, context.socket(zmq.DEALER) as stranger:
        stranger.linger = 0
        stranger.connect(endpoint)
        stranger.send_multipart([b'{"do": "detach", "lab": %d}' % lab.lab])
        stranger.send_multipart([b"", b"{}"])
        stranger.send(b"stop")
        assert not stranger.poll(200)
    _exchange(lab)
    assert len(lab.wires()) == 2


def test_raw_clients_that_vanish_leave_no_file_open(lab):
    process = psutil.Process(lab.relay.pid)
    with socket.create_server(("127.0.0.1", 0)) as server:
        before = process.num_fds()
        for _ in range(20):
            sock, code = socks_connect(lab.relay, f"{lab.lab}.1", server.getsockname()[1])
            assert code == 0
            server.accept()[0].close()
            sock.close()
        until(lambda: process.num_fds() == before, "all file descriptors are closed")


# -- rest ----------------------------------------------------------------------------------------------------------


def test_the_process_ends_when_no_lab_needs_it_and_comes_again_with_the_next(relay, monkeypatch):
    monkeypatch.setattr("zmqlab.lab.relay.GRACE", 0.1)
    for _ in range(2):
        with wired(relay) as lab:
            _exchange(lab)
            pid, port = relay.pid, relay_port(relay)
            assert not relay.unused()
        until(partial(_ended, pid), "the relay is gone")
        until(lambda port=port: not _listens(port), "its port is closed")  # type: ignore[misc]
        assert not relay.alive
        assert not relay.errors


def test_the_process_stays_for_a_lab_that_comes_soon(relay):
    with wired(relay) as lab:
        _exchange(lab)
        pid = relay.pid
    with wired(relay) as lab:
        _exchange(lab)
    assert relay.pid == pid


def test_the_process_stays_for_a_connection_that_is_open(relay, monkeypatch):
    """libzmq 4.3.5 can abort the program when a socket is closed whose proxy went away."""
    monkeypatch.setattr("zmqlab.lab.relay.GRACE", 0.1)
    sock, _ = socks_connect(relay, "99.1", free_port(), answered=False)  # of no lab: its actor could not be stopped
    asked = threading.Event()
    retire = relay.retire
    monkeypatch.setattr(relay, "retire", lambda: asked.set() or retire())
    until(relay.unused)
    assert not asked.wait(0.6), "it would have ended"
    assert relay.alive
    sock.close()
    until(lambda: not relay.alive, "it rests")


def test_no_lab_meets_a_relay_that_goes_to_rest(monkeypatch):
    monkeypatch.setattr("zmqlab.lab.relay.GRACE", 0.0)
    monkeypatch.setattr("zmqlab.lab.spawn.TICK", 1)
    relay = Relay()
    pids: set[int | None] = set()
    began = time.monotonic()
    while time.monotonic() < began + 2 or (len(pids) < 4 and time.monotonic() < began + DEADLINE):
        with wired(relay) as lab:
            _exchange(lab)
            assert len(lab.wires()) == 2
            pids.add(relay.pid)
        time.sleep(0.001 * (len(pids) % 5))  # so that it meets each stage of the way to rest
    relay.stop()
    assert len(pids) > 3


def test_a_relay_that_starts_slowly_does_not_go_to_rest_meanwhile(monkeypatch):
    start = RelayProcess.__init__

    def slowly(process, *arguments):
        start(process, *arguments)
        time.sleep(0.1)

    monkeypatch.setattr("zmqlab.lab.relay.GRACE", 0.0)
    monkeypatch.setattr("zmqlab.lab.spawn.TICK", 1)
    monkeypatch.setattr(RelayProcess, "__init__", slowly)
    relay = Relay()
    with wired(relay) as lab:
        _exchange(lab)
    relay.stop()
