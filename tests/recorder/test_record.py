"""Programs written without the lab: recorded they behave as before, and leave a page and a trace."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import zmq
import zmq.asyncio

import zmqlab
from tests.recorder.programs import PLAIN, RECORDED, recorded, run, script, texts
from tests.relay.support import until
from zmqlab import Trace
from zmqlab.lab.relay import Relay
from zmqlab.view.feed import Feed
from zmqlab.view.order import Order
from zmqlab.view.peers import Peers

HOOKS = [(context, "_socket_class") for context in (zmq.Context, zmq.asyncio.Context)]
ECHO = """
ctx = Context()  # before the block, and by another name

def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(PORT)
    while True:
        *envelope, text = socket.recv_multipart()
        socket.send_multipart([*envelope, b"Done: " + text])
        if text == b"stop":
            break
    socket.close()

def main():
    thread = threading.Thread(target=server, args=(ctx,), name="the server")
    thread.start()
    with ctx.socket(zmq.REQ) as client:
        client.connect(PORT)
        for text in ("one", "two", "stop"):
            client.send_string(text)
            print(client.recv_string())
    thread.join()
    ctx.term()
"""
PROXY = """
def broker(ctx):
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    front.bind(PORT)
    back.bind(OTHER)
    with contextlib.suppress(zmq.ContextTerminated):
        zmq.proxy(front, back)
    front.close(0)
    back.close(0)

def worker(ctx):
    socket = ctx.socket(zmq.REP)
    socket.connect(OTHER)
    for _ in range(4):
        socket.send(b"Done: " + socket.recv())
    socket.close()

def main():
    ctx = zmq.Context.instance()
    threads = [threading.Thread(target=role, args=(ctx,), name=role.__name__) for role in (broker, worker)]
    for thread in threads:
        thread.start()
    client = zmq.Context.instance().socket(zmq.REQ)
    client.connect(PORT)
    for n in range(4):
        client.send(b"job %d" % n)
        print(client.recv())
    client.close()
    ctx.term()
    for thread in threads:
        thread.join()
"""
ASYNCIO = """
async def server(ctx):
    socket = ctx.socket(zmq.REP)
    socket.bind(PORT)
    while True:
        await socket.send(b"Done: " + await socket.recv())

async def client(ctx, name):
    socket = ctx.socket(zmq.REQ)
    socket.connect(PORT)
    await socket.send(name)
    print(await socket.recv())
    socket.close()

async def run():
    ctx = zmq.asyncio.Context()
    task = asyncio.create_task(server(ctx))
    await client(ctx, b"one")
    await asyncio.gather(asyncio.create_task(client(ctx, b"two")))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    ctx.destroy(linger=0)

def main():
    asyncio.run(run())
"""
HANDED_ON = """
def use(socket):
    print(socket.recv_string())
    socket.close()

def main():
    ctx = zmq.Context()
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(PORT)
    push.connect(PORT)
    push.send_string("made here, used there")
    thread = threading.Thread(target=use, args=(pull,))
    thread.start()
    thread.join()
    push.close()
    ctx.term()
"""
IN_USE = """
def main():
    ctx = zmq.Context()
    one, other = ctx.socket(zmq.PULL), ctx.socket(zmq.PULL)
    one.bind(PORT)
    try:
        other.bind(PORT)
    except zmq.ZMQError as error:
        print(type(error), error.errno == zmq.EADDRINUSE, error)
    print(isinstance(one, zmq.Socket), type(one).__name__, str(one)[:11])
    ctx.destroy()
"""
FAILS = """
def main():
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as socket:
        socket.bind(PORT)
        raise ValueError("a mistake of the program")
"""
EXITS = """
def main():
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as socket:
        socket.bind(PORT)
        sys.exit(3)
"""
FORKS = """
def child():
    ctx = zmq.Context()
    socket = ctx.socket(zmq.PUSH)
    assert type(socket) is zmq.Socket
    socket.connect(PORT)
    socket.send(b"from the child")
    socket.close()
    ctx.term()

def main():
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.bind(PORT)
    push.connect(PORT)
    push.send(b"from the parent")
    print(pull.recv())
    if hasattr(os, "fork"):
        pid = os.fork()
        if not pid:
            child()
            return  # and leaves the block as its parent does
        os.waitpid(pid, 0)
        print(pull.recv())
    push.close()
    pull.close()
    ctx.term()
"""


def test_threads_have_lanes_and_the_main_thread_that_of_the_program(tmp_path, ports):
    trace = recorded(ECHO, tmp_path, ports)
    assert sorted(trace.actors) == ["prog", "the server"]
    assert {actor.state for actor in trace.actors.values()} == {"ended"}
    assert texts(trace) == [b"one", b"Done: one", b"two", b"Done: two", b"stop", b"Done: stop"]
    assert all(m.certain and m.left and m.arrived for m in trace.messages.values())


def test_what_a_proxy_carries_is_seen_on_the_wire(tmp_path, ports):
    trace = recorded(PROXY, tmp_path, ports)
    assert sorted(trace.actors) == ["broker", "prog", "worker"]
    assert len(trace.messages) == 16
    assert len(texts(trace)) == 8
    assert sum(message.place == "passed" for message in trace.messages.values()) == 8


def test_asyncio_tasks_have_lanes(tmp_path, ports):
    trace = recorded(ASYNCIO, tmp_path, ports)
    assert sorted(trace.actors) == ["client", "run", "server"]
    assert sorted(texts(trace)) == [b"Done: one", b"Done: two", b"one", b"two"]


def test_a_socket_may_be_handed_to_another_thread(tmp_path, ports):
    trace = recorded(HANDED_ON, tmp_path, ports)
    assert texts(trace) == [b"made here, used there"]


def ways(trace: Trace) -> set[tuple[str, str]]:
    """From whose hands into whose each message went."""
    return {(message.sent_by, message.received_by) for message in trace.messages.values()}


def test_a_lane_is_that_of_who_uses_a_socket(tmp_path, ports):
    """The main thread makes all of them, connects and closes them, and is on no lane for that."""
    program = """
    def serve(socket):
        while (task := socket.recv_multipart())[-1] != b"stop":
            socket.send_multipart(task)

    def ask(socket, text):
        socket.send(text)
        socket.recv()

    def main():
        with Context() as ctx, ctx.socket(zmq.ROUTER) as bound, ctx.socket(zmq.DEALER) as asks:
            bound.bind(PORT)
            asks.connect(PORT)
            clerk = threading.Thread(target=serve, args=(bound,), name="the clerk")
            clerk.start()
            for n in range(2):  # one after the other uses the same socket
                client = threading.Thread(target=ask, args=(asks, b"tea"), name=f"client {n}")
                client.start()
                client.join()
            last = threading.Thread(target=asks.send, args=(b"stop",), name="who closes")
            last.start()
            last.join()
            clerk.join()
    """
    trace = recorded(textwrap.dedent(program), tmp_path, ports)
    there = {("client 0", "the clerk"), ("client 1", "the clerk"), ("who closes", "the clerk")}
    assert ways(trace) == there | {("the clerk", "client 0"), ("the clerk", "client 1")}
    order = Order(trace, Peers.of(trace))
    assert sorted(order.lanes) == ["client 0", "client 1", "the clerk", "who closes"]
    assert {socket.actor for socket in trace.sockets.values()} == {"client 0", "the clerk"}


def test_a_task_that_shares_a_socket_has_a_lane_with_the_name_that_it_was_given(tmp_path, ports):
    """Two tasks ask for messages before any has come, and each gets its own; a third one sends meanwhile."""
    program = """
    async def take(socket):
        assert await socket.recv() == asyncio.current_task().get_name().encode()

    async def give(socket, text):
        await socket.send(text)

    async def run():
        with zmq.asyncio.Context() as ctx, ctx.socket(zmq.PAIR) as one, ctx.socket(zmq.PAIR) as other:
            one.bind(PORT)
            other.connect(PORT)
            takers = [asyncio.create_task(take(one), name=name) for name in ("first", "second")]
            await asyncio.sleep(0)
            await asyncio.create_task(give(one, b"from the third"), name="third")
            await other.recv()
            for name in (b"first", b"second"):
                await other.send(name)
            await asyncio.gather(*takers)
            await asyncio.create_task(give(other, b"unnamed"))
            await one.recv()

    def main():
        asyncio.run(run())
    """
    trace = recorded(textwrap.dedent(program), tmp_path, ports)
    assert ways(trace) == {("third", "run"), ("run", "first"), ("run", "second"), ("give", "run")}
    assert sorted(trace.actors) == ["first", "give", "run", "second", "third"]


def test_errors_and_names_are_those_of_pyzmq(tmp_path, ports):
    recorded(IN_USE, tmp_path, ports)


def test_the_error_of_a_program_is_its_own_and_is_shown(tmp_path, ports):
    trace = recorded(FAILS, tmp_path, ports)
    code, _, errors = run(FAILS, RECORDED, tmp_path, ports)
    assert code == 1
    assert "ValueError: a mistake of the program" in errors
    assert trace.actors["prog"].state == "failed"
    assert trace.actors["prog"].text == "ValueError: a mistake of the program"


def test_an_asyncio_program_that_fails_says_so_on_a_lane(tmp_path, ports):
    program = """
    async def run():
        with zmq.asyncio.Context() as ctx, ctx.socket(zmq.PULL) as socket:
            socket.bind(PORT)
            raise ValueError("in a task")

    def main():
        asyncio.run(run())
    """
    trace = recorded(textwrap.dedent(program), tmp_path, ports)
    assert {name: actor.state for name, actor in trace.actors.items()} == {"run": "ended", "prog": "failed"}


def test_a_program_exits_as_before(tmp_path, ports):
    recorded(EXITS, tmp_path, ports)
    assert run(EXITS, RECORDED, tmp_path, ports)[0] == 3


def test_a_fork_is_not_recorded_and_writes_nothing(tmp_path, ports):
    trace = recorded(FORKS, tmp_path, ports)
    assert sorted(texts(trace)) == [b"from the child", b"from the parent"]


def interrupted(process: subprocess.Popen[str]) -> str:
    """Ctrl-C as a terminal sends it, to the whole group; what the program said then.

    A signal that comes just before `recv` begins to wait does not end the wait, recorded or not: who sits there presses
    again.
    """
    for _ in range(6):
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)[1]
    raise AssertionError("Ctrl-C does not end it")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for a child there")
def test_ctrl_c_ends_the_program_and_the_page_is_written(tmp_path, ports):
    program = """
    def main():
        with zmq.Context() as ctx, ctx.socket(zmq.PULL) as socket:
            socket.bind(PORT)
            print("waiting", flush=True)
            socket.recv()
    """
    program = textwrap.dedent(program)
    codes = {}
    for block in (PLAIN, RECORDED):
        command = script(program, block, tmp_path, ports)
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "waiting\n"
            errors = interrupted(process)
            assert "KeyboardInterrupt" in errors
            codes[block] = process.returncode
    assert codes[RECORDED] == codes[PLAIN]
    assert "</html>" in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert Trace.load(tmp_path / "run.jsonl").actors["prog"].state == "stopped"


def test_what_was_sent_last_still_goes_out(tmp_path, ports):
    """The program ends while its peer, another process, reads nothing. It gets all the same what term() waited for."""
    program = """
    def main():
        ctx = zmq.Context()
        socket = ctx.socket(zmq.PUSH)
        socket.connect(PORT)
        for n in range(COUNT):
            socket.send(b"%d " % n + bytes(1000))
        socket.close()
        ctx.term()
    """
    count = 4000  # more than the system keeps for one connection: the rest is in the relay
    program = textwrap.dedent(program).replace("COUNT", str(count))
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull:
        pull.rcvhwm, pull.rcvbuf, pull.rcvtimeo = 1, 4096, 20_000
        pull.bind(f"tcp://127.0.0.1:{ports['port']}")
        process = subprocess.Popen(script(program, RECORDED, tmp_path, ports), cwd=tmp_path)
        assert process.wait(30) == 0
        assert [int(pull.recv().split()[0]) for _ in range(count)] == list(range(count))


def hooks() -> list[object]:
    return [context.__dict__[name] for context, name in HOOKS]


def test_pyzmq_is_left_as_it_was_found(tmp_path):
    before = hooks()
    outer, inner = zmqlab.record(), zmqlab.record()
    with outer:
        changed = hooks()
        with contextlib.suppress(ZeroDivisionError), inner:
            assert hooks() == changed
            raise ZeroDivisionError
        assert hooks() == changed
    assert hooks() == before
    one, other = zmqlab.record(), zmqlab.record()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)  # not in the order of nesting
    other.__exit__(None, None, None)
    assert hooks() == before


def exchange(ctx: zmq.Context, text: bytes) -> None:
    with ctx.socket(zmq.PAIR) as one, ctx.socket(zmq.PAIR) as other:
        port = one.bind_to_random_port("tcp://127.0.0.1")
        other.connect(f"tcp://127.0.0.1:{port}")
        other.send(text)
        one.recv()


def test_the_innermost_recording_sees_it():
    with zmq.Context() as ctx:
        with zmqlab.record() as outer:
            exchange(ctx, b"outer")
            with zmqlab.record() as inner:
                exchange(ctx, b"inner")
        exchange(ctx, b"unseen")
    assert [texts(one.trace) for one in (outer, inner)] == [[b"outer"], [b"inner"]]


def test_it_decorates_a_function_that_calls_itself(tmp_path):
    recording = zmqlab.record(tmp_path / "run.svg")

    @recording
    def main(depth: int) -> None:
        with zmq.Context() as ctx:
            exchange(ctx, b"%d" % depth)
        if depth:
            main(depth - 1)

    main(2)
    assert texts(recording.trace) == [b"2", b"1", b"0"]
    assert (tmp_path / "run.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_socket_that_outlives_the_block_works_on():
    ctx = zmq.Context()
    with zmqlab.record() as run:
        one, other = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
        port = one.bind_to_random_port("tcp://127.0.0.1")
        other.connect(f"tcp://127.0.0.1:{port}")
        other.send(b"seen")
        assert one.recv() == b"seen"
    other.send(b"not any more")
    assert one.recv() == b"not any more"
    assert len(run.messages()) >= 1
    other.close()
    one.close()
    ctx.term()


def test_the_relay_stays_for_a_socket_that_outlives_the_block_and_no_longer(own_relay, monkeypatch):
    monkeypatch.setattr("zmqlab.lab.relay.GRACE", 0.1)
    ctx = zmq.Context()
    with zmqlab.record() as run:
        one, other = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
        other.connect(f"tcp://127.0.0.1:{one.bind_to_random_port('tcp://127.0.0.1')}")
        other.send(b"seen")
        assert one.recv() == b"seen"
    relay = Relay.shared()
    assert not other.poll(500)
    assert relay.alive
    other.send(b"not any more")
    assert one.recv() == b"not any more"
    ctx.destroy(linger=0)
    until(lambda: not relay.alive, "the relay rests")
    assert texts(run.trace) == [b"seen"]
    assert run.messages()
    with run:  # and once more
        exchange(zmq.Context.instance(), b"again")
    assert texts(run.trace)[-1] == b"again"
    assert run.messages()[-1].left


def test_without_links_connections_go_directly():
    with zmqlab.record(links=False) as run, zmq.Context() as ctx:
        exchange(ctx, b"hello")
    (message,) = run.messages()
    assert message.received
    assert message.left is None


@pytest.mark.parametrize(("transport", "links"), [("ipc", True), ("ipc", False), ("tcp", False)])
@pytest.mark.parametrize(("type", "other"), [(zmq.DEALER, zmq.ROUTER), (zmq.PUSH, zmq.PULL)])
def test_what_somebody_out_of_sight_has_received_is_not_lost(tmp_path, transport, links, type, other):
    """No relay is on these ways."""
    if transport == "ipc" and not zmq.has("ipc"):
        pytest.skip("no ipc here")
    with zmq.Context() as outside, outside.socket(other) as peer:
        peer.bind("tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{tmp_path}/x")
        with zmqlab.record(links=links) as run:
            context = zmq.Context()
            socket = context.socket(type)
            socket.connect(peer.getsockopt_string(zmq.LAST_ENDPOINT))
            socket.send(b"x")
            frames = peer.recv_multipart()
            if type == zmq.DEALER:
                peer.send_multipart(frames)
                socket.recv()
                assert [message.place for message in run.messages()] == ["unseen", "received"]
            socket.close(0)
            context.term()
    assert [message.place for message in run.messages() if message.sent] == ["unseen"]


def test_what_cannot_be_written_is_said_before_the_program_runs(tmp_path):
    with pytest.raises(ValueError, match=r"run\.htm: a recording is written as \.html, \.svg, \.jsonl"):
        zmqlab.record("run.htm")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        zmqlab.record(tmp_path / "nowhere" / "run.html")


def test_a_page_that_cannot_be_written_does_not_end_the_program(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    recording = zmqlab.record(folder / "run.html")
    with pytest.warns(RuntimeWarning, match="could not be written"), recording:
        folder.rmdir()


def test_the_recording_is_seen_in_a_notebook_as_a_lab_is():
    with zmqlab.record(name="mine") as run, zmq.Context() as ctx:
        live = run.view()
        assert live.live
        exchange(ctx, b"hello")
    assert not live.live
    assert repr(live) == "<zmqlab view of 'mine'>"
    assert '"hello"' in run.picture().text
    assert repr(run) == "<Recording 'mine': ended>"


def test_two_processes_that_record_themselves_are_one_story(tmp_path, ports):
    server = """
    def main():
        with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as socket:
            socket.bind(PORT)
            for _ in range(5):
                socket.send_multipart(socket.recv_multipart())
    """
    client = """
    def main():
        with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as socket:
            socket.connect(PORT)
            for n in range(5):
                socket.send(b"%d" % n)
                socket.recv()
    """
    processes = []
    for name, program in (("server", server), ("client", client)):
        (tmp_path / name).mkdir()
        block = f"zmqlab.record('../{name}.jsonl', name='{name}')"
        command = script(textwrap.dedent(program), block, tmp_path / name, ports)
        processes.append(subprocess.Popen(command, cwd=tmp_path / name))
    assert [process.wait(30) for process in processes] == [0, 0]
    trace = Trace.load(tmp_path / "client.jsonl", tmp_path / "server.jsonl")
    assert sorted(trace.actors) == ["client", "server"]
    assert len(trace.messages) == 10
    assert all(m.sent and m.left and m.arrived and m.received and m.certain for m in trace.messages.values())


def test_what_only_the_program_can_read_it_says_in_its_page_and_its_mistakes_are_told_there(tmp_path):
    def decode(frames: tuple[bytes, ...]) -> str:
        return f"{int(frames[-1])} teas"

    with (
        zmqlab.record(tmp_path / "run.html", links=False, decode=decode, label=0, roles=["count"]) as run,
        zmq.Context() as ctx,
        ctx.socket(zmq.PAIR) as one,
        ctx.socket(zmq.PAIR) as other,
    ):
        one.bind("inproc://shop")
        other.connect("inproc://shop")
        for text in (b"3", b"none"):
            other.send(text)
            assert one.recv() == text
    batch = Feed(run.trace, over=True).everything()
    fields = batch["messages"]["fields"]
    assert fields["decoded"][0] == "3 teas"
    assert fields["decoded"][1].startswith("decode failed: ValueError: invalid literal")
    assert fields["label"] == ["3", "none"]
    assert len(batch["trouble"]) == 1
    assert "</html>" in (tmp_path / "run.html").read_text(encoding="utf-8")
