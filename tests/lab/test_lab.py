"""The lab: actors, waiting, errors, stopping, running cells again."""

import asyncio
import contextlib
import socket
import threading
import time
import warnings

import pytest
import zmq

from zmqlab.lab import actor as actors
from zmqlab.lab.errors import LabClosed, NoSuchActor
from zmqlab.lab.lab import Lab
from zmqlab.lab.relay import Relay

leaves_a_message = pytest.mark.filterwarnings("ignore::zmqlab.lab.errors.NotStopped")
"""Without links the lab has nobody to take what an actor has sent and no peer receives: it says so when it closes."""


@pytest.fixture(params=[True, False], ids=["links", "bare"])
def lab(request):
    lab = Lab("test", links=request.param)
    yield lab
    lab.close()


def until(condition, timeout=10.0):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.005)


def echo(lab):
    endpoint = lab.endpoint("frontend")

    def server(ctx):
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(endpoint)
        while True:
            routing_id, message = socket.recv_multipart()
            socket.send_multipart([routing_id, b"Processed: " + message])

    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.routing_id = b"alice"
        socket.connect(endpoint)
        for n in range(3):
            socket.send(b"Task-%d" % n)
            print(socket.recv().decode())

    return server, alice


def test_an_exchange_is_seen_from_send_to_receive(lab):
    for function in echo(lab):
        assert lab.actor(function) is function
    lab.wait("alice", timeout=10)
    assert lab.output("alice") == "Processed: Task-0\nProcessed: Task-1\nProcessed: Task-2\n"
    messages = lab.messages()
    assert len(messages) == 6
    for message in messages:
        assert message.certain
        assert message.sent < message.received
        if lab._wiring.on:
            assert message.sent <= message.left <= message.arrived <= message.received
    assert messages[0].received_frames == (b"alice", b"Task-0")


def test_messages_stand_in_the_order_of_time(lab):
    """Also what a proxy sends, of which the relay alone tells, and later than the programs."""

    def proxy(ctx):
        front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
        front.bind(lab.endpoint("front"))
        back.bind(lab.endpoint("back"))
        zmq.proxy(front, back)

    lab.actor(proxy)
    client, worker = (lab.context(name).socket(zmq.DEALER) for name in ("client", "worker"))
    client.connect(lab.endpoint("front"))
    worker.connect(lab.endpoint("back"))
    for task in (b"1", b"2"):
        client.send(task)
        worker.recv_multipart()
    until(lambda: len(lab.messages()) == 4)
    assert [message.frames[-1] for message in lab.messages()] == [b"1", b"1", b"2", b"2"]


def test_an_asyncio_actor(lab):
    server, _ = echo(lab)
    lab.actor(server)
    endpoint = lab.endpoint("frontend")

    @lab.actor
    async def bob(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        await socket.send(b"hi")
        print(await socket.recv())

    lab.wait("bob", timeout=10)
    assert lab.output("bob") == "b'Processed: hi'\n"
    assert [m.received is not None for m in lab.messages()] == [True, True]


def test_a_lab_of_the_same_name_closes_the_first():
    first = Lab("again")
    server, _ = echo(first)
    first.actor(server)
    second = Lab("again")
    assert first._cast.runs["server"].state == "stopped"
    with pytest.raises(LabClosed, match="Make a new one"):
        first.actor(server)
    second.close()
    second.close()


def test_running_a_cell_again_replaces_its_actor(lab):
    server, alice = echo(lab)
    for _ in range(3):
        lab.actor(server)
        lab.actor(alice)
        lab.wait("alice", timeout=10)
    assert lab._cast.runs["server"].state == "started"


def test_arguments_and_names(lab):
    for n in range(3):
        lab.actor(lambda ctx, n: print("worker", n), n, name=f"worker-{n}")
    lab.wait(timeout=10)
    assert [lab.output(f"worker-{n}") for n in range(3)] == [f"worker {n}\n" for n in range(3)]

    @lab.actor(name="decorated")
    def anything(ctx):
        print("yes")

    lab.wait("decorated", timeout=10)
    assert lab.output("decorated") == "yes\n"


def test_an_error_is_raised_by_wait_at_the_learners_line(lab):
    @lab.actor
    def broken(ctx):
        socket = ctx.socket(zmq.REP)
        socket.bind(lab.endpoint("x"))
        socket.send(b"out of turn")

    with pytest.raises(zmq.ZMQError, match="current state") as caught:
        lab.wait("broken", timeout=10)
    names = [entry.name for entry in caught.traceback]
    assert names[1:] == ["wait", "_raise_failure", "broken"]
    assert "actor 'broken' of lab 'test'" in caught.value.__notes__[0]
    lab.messages()
    assert 'socket.send(b"out of turn")' in lab.trace.actors["broken"].text


@leaves_a_message
def test_a_failing_server_ends_the_wait_for_its_client(lab):
    def server(ctx):
        raise ValueError("no good")

    _, alice = echo(lab)
    lab.actor(alice)
    lab.actor(server)
    with pytest.raises(ValueError, match="no good"):
        lab.wait("alice", timeout=10)
    with pytest.raises(TimeoutError):
        lab.wait("alice", timeout=0.1)  # once told, it is not told again by another's wait
    with pytest.raises(ValueError, match="no good"):
        lab.wait("server", timeout=10)


def test_a_port_stays_reserved_as_long_as_somebody_tries_to_deliver_there():
    lab = Lab("bare", links=False)
    endpoint = lab.endpoint("nobody")

    @lab.actor
    def alice(ctx):
        with ctx.socket(zmq.DEALER) as socket:
            socket.connect(endpoint)
            socket.send(b"Task-0")

    lab.wait("alice")
    with pytest.warns(RuntimeWarning, match="waits for a peer"):
        lab.close()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", int(endpoint.rpartition(":")[2])))
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as late:  # so that alice ends after all
        late.bind(endpoint)
        assert late.poll(10_000)


def test_who_has_waited_can_bind_where_an_actor_was_bound(lab, monkeypatch):
    """libzmq frees an endpoint a moment after its socket was closed, and on a busy machine that moment is long."""
    close = actors.close_own

    def close_late(*arguments):
        time.sleep(0.2)
        close(*arguments)

    monkeypatch.setattr(actors, "close_own", close_late)
    endpoint = lab.endpoint("shop")

    kept = []  # or Python closes it when the function returns

    def server(ctx):
        kept.append(ctx.socket(zmq.ROUTER))
        kept[0].bind(endpoint)

    lab.actor(server)
    lab.wait("server")
    with zmq.Context() as plain, plain.socket(zmq.ROUTER) as other:
        other.bind(endpoint)


@leaves_a_message
def test_a_wait_for_an_actor_with_unsent_messages_ends(lab, monkeypatch):
    monkeypatch.setattr("zmqlab.lab.lab.LEAVE", 0.1)
    endpoint = lab.endpoint("shop")

    def client(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.bind(endpoint)
        socket.connect(lab.endpoint("nobody"))
        socket.send(b"Task-0")

    lab.actor(client)
    lab.wait("client", timeout=5)
    assert [message.place for message in lab.messages()] == ["out"]


def test_a_wait_that_is_too_short_says_what_the_actor_does(lab):
    server, _ = echo(lab)
    lab.actor(server)
    until(lambda: "recv_multipart" in lab._cast.runs["server"].where())
    with pytest.raises(TimeoutError, match=r"server: in server\(\), line \d+: \"routing_id, message = "):
        lab.wait("server", timeout=0.05)


def test_until_waits_for_what_the_cell_asks(lab):
    server, client = echo(lab)
    lab.actor(server)
    lab.actor(client)
    lab.until(lambda: len(lab.messages()) == 6, timeout=10)
    lab.until(lambda: "Task-2" in lab.output("alice"), timeout=10)


def test_what_does_not_happen_says_what_the_actors_do(lab):
    server, _ = echo(lab)
    lab.actor(server)
    until(lambda: "recv_multipart" in lab._cast.runs["server"].where())
    with pytest.raises(TimeoutError, match=r"0.05 s it has not happened. Still running:\n  server: in server\(\)"):
        lab.until(lambda: lab.messages(), timeout=0.05)
    lab["server"].crash()
    with pytest.raises(TimeoutError, match="No actor of this lab is running"):
        lab.until(lambda: False, timeout=0.05)


def test_who_waits_for_what_an_actor_never_did_gets_its_error(lab):
    @lab.actor
    def broken(ctx):
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        lab.until(lambda: "never" in lab.output("broken"), timeout=10)


def test_wrong_calls_say_what_to_write(lab):
    server, _ = echo(lab)
    lab.actor(server)
    with pytest.raises(NoSuchActor, match="did you mean 'server'"):
        lab.wait("sever")

    async def coroutine(ctx):
        pass

    with pytest.raises(TypeError, match=r"lab.actor\(coroutine\)"):
        lab.actor(coroutine(None))

    def no_context():
        pass

    with pytest.raises(TypeError, match=r"def no_context\(ctx\)"):
        lab.actor(no_context)
    with pytest.raises(TypeError, match="an actor is a function"):
        lab.actor("server")
    with pytest.raises(RuntimeError, match="functions that run as actors"):
        lab.note("from the cell")


def test_notes_and_prints_are_marks_on_the_lane(lab):
    @lab.actor
    def worker(ctx):
        lab.note("ready: 3")
        print("busy")

    lab.wait("worker", timeout=10)
    lab.messages()
    assert [(m.actor, m.kind, m.text) for m in lab.trace.marks] == [
        ("worker", "note", "ready: 3"),
        ("worker", "print", "busy"),
    ]


def test_a_context_for_the_cell(lab):
    server, _ = echo(lab)
    lab.actor(server)
    for _ in range(2):  # called again it closes the first
        socket = lab.context("me").socket(zmq.REQ)
        socket.connect(lab.endpoint("frontend"))
    other = lab.context("me").socket(zmq.DEALER)
    other.connect(lab.endpoint("frontend"))
    other.send(b"hi")
    assert other.recv() == b"Processed: hi"
    with pytest.raises(ValueError, match="name of a context"):
        lab.actor(server, name="me")
    with pytest.raises(ValueError, match="name of an actor"):
        lab.context("server")
    assert {m.sender for m in lab.messages()} <= set(lab.trace.sockets)
    lab.close()
    assert other.closed


@pytest.mark.parametrize(
    "use",
    [
        lambda socket: socket.send(b"x"),
        lambda socket: socket.recv_multipart(),
        lambda socket: socket.poll(0),
        lambda socket: socket.connect("tcp://127.0.0.1:9"),
        lambda socket: socket.set(zmq.LINGER, 0),
        lambda socket: socket.linger,
    ],
    ids=["send", "recv", "poll", "connect", "set", "get"],
)
def test_a_socket_that_the_lab_has_closed_says_why(lab, use):
    old = lab.context("me").socket(zmq.DEALER)
    last = lab.context("me").socket(zmq.ROUTER)
    with pytest.raises(zmq.ZMQError, match=r"DEALER socket is closed: lab.context\('me'\) was called again") as caught:
        use(old)
    assert caught.value.errno == zmq.ENOTSOCK
    lab.close()
    with pytest.raises(zmq.ZMQError, match=r"ROUTER socket is closed: lab 'test' was closed"):
        use(last)
    last.close()  # once more, and it is nothing


def test_a_socket_that_the_cell_closed_does_not_keep_the_lab_open():
    lab = Lab("cell")
    with lab.context("me").socket(zmq.DEALER) as socket:
        socket.connect(lab.endpoint("nobody"))
        socket.send(b"x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lab.close()


@pytest.mark.parametrize(
    "blocked",
    ["recv", "send", "poll", "poller", "proxy", "asyncio", "asyncio sleep", "try again", "python loop"],
)
def test_every_way_of_waiting_can_be_stopped(lab, blocked):
    inside = threading.Event()
    endpoint = lab.endpoint("x")

    def thread_actor(ctx):
        dealer = ctx.socket(zmq.DEALER)
        router = ctx.socket(zmq.ROUTER)
        router.bind(endpoint)
        poller = zmq.Poller()
        poller.register(router, zmq.POLLIN)
        inside.set()
        if blocked == "recv":
            dealer.recv()
        elif blocked == "send":
            dealer.send(b"x")
        elif blocked == "poll":
            dealer.poll()
        elif blocked == "poller":
            poller.poll()
        elif blocked == "proxy":
            zmq.proxy(router, dealer)
        elif blocked == "try again":
            while True:
                with contextlib.suppress(zmq.Again):
                    dealer.recv(zmq.DONTWAIT)
        while blocked == "python loop":
            with contextlib.suppress(Exception):
                pass

    async def asyncio_actor(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        inside.set()
        if blocked == "asyncio":
            await asyncio.gather(socket.recv(), socket.recv_multipart(), asyncio.sleep(3600))
        await asyncio.sleep(3600)

    lab.actor(asyncio_actor if "asyncio" in blocked else thread_actor, name="stuck")
    assert inside.wait(10)
    lab.close()
    actor = lab._cast.runs["stuck"]
    assert actor.state == "stopped"
    assert actor.gone.is_set()
    actor._thread.join(10)
    assert not actor._thread.is_alive()


def test_an_actor_that_cannot_be_stopped_is_abandoned_and_named():
    lab = Lab("stubborn")
    inside, enough = threading.Event(), threading.Event()

    @lab.actor
    def deaf(ctx):
        while True:
            try:
                inside.set()
                while not enough.is_set():
                    enough.wait(0.05)
                return
            except BaseException:
                pass

    assert inside.wait(10)
    with pytest.warns(RuntimeWarning, match=r"'deaf' of lab 'stubborn'.*in deaf\(\), line"):
        lab.close(patience=0.1)
    assert lab.trace.actors["deaf"].state == "abandoned"
    enough.set()
    assert lab._cast.runs["deaf"].gone.wait(10)


def test_what_an_ended_actor_sent_still_goes_out():
    lab = Lab("late")
    endpoint = lab.endpoint("frontend")

    @lab.actor
    def sender(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        for n in range(20):
            socket.send(b"%d" % n)

    lab.wait("sender", timeout=10)

    @lab.actor
    def receiver(ctx):
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(endpoint)
        for _ in range(20):
            print(socket.recv_multipart()[1].decode())

    lab.wait("receiver", timeout=10)
    assert lab.output("receiver").split() == [str(n) for n in range(20)]
    lab.close()
    assert lab._cast.runs["sender"].gone.is_set()


def test_messages_that_nobody_takes_do_not_keep_the_lab_open():
    lab = Lab("orphan")

    @lab.actor
    def sender(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("nobody"))
        socket.send(b"x")

    lab.wait("sender", timeout=10)
    assert not lab._cast.runs["sender"].gone.wait(0.2)  # it lingers
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lab.close()
    assert lab._cast.runs["sender"].gone.is_set()


def test_address_in_use_names_the_actor_that_holds_it(lab):
    server, _ = echo(lab)
    lab.actor(server)
    until(lambda: lab.trace.update() and any(s.binds for s in lab.trace.sockets.values()))
    lab.actor(server, name="second")
    with pytest.raises(zmq.ZMQError, match="actor 'server'") as caught:
        lab.wait("second", timeout=10)
    assert caught.value.errno == zmq.EADDRINUSE


def test_an_interrupt_leaves_a_usable_lab(lab, monkeypatch):
    server, alice = echo(lab)
    lab.actor(server)

    def interrupt(self, text):
        raise KeyboardInterrupt

    monkeypatch.setattr("zmqlab.lab.progress.Progress.say", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.wait("server", timeout=10)
    monkeypatch.undo()
    lab.actor(alice)
    lab.wait("alice", timeout=10)


def test_an_interrupted_close_can_be_finished(lab, monkeypatch):
    server, _ = echo(lab)
    lab.actor(server)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(actors, "_wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.close()
    monkeypatch.undo()
    lab.close()
    assert lab._cast.runs["server"].gone.is_set()


def lingering(ctx, endpoint):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(endpoint)
    socket.send(b"for a peer that never comes")


def test_replacing_an_actor_that_lingers_leaves_the_others_alone():
    lab = Lab("apart")
    server, alice = echo(lab)
    lab.actor(server)
    dead = lab.endpoint("dead")
    stay = lab.context("stay").socket(zmq.DEALER)
    stay.connect(lab.endpoint("frontend"))
    for _ in range(2):
        lab.actor(lingering, dead, name="early")
        lab.wait("early", timeout=10)
    stay.send(b"still here")
    assert stay.poll(5000)
    lab.actor(alice)
    lab.wait("alice", timeout=10)
    lost = [m for m in lab.messages() if m.sent_frames == (b"for a peer that never comes",)]
    assert [m.end for m in lost] == ["lost", ""]  # the second one still lingers
    lab.close()


def test_an_actor_in_its_own_term_is_stopped():
    lab = Lab("term")
    inside = threading.Event()

    @lab.actor
    def tidy(ctx):
        lingering(ctx, lab.endpoint("dead"))
        inside.set()
        ctx.term()

    assert inside.wait(10)
    lab.close()
    assert lab._cast.runs["tidy"].state in ("stopped", "ended")
    assert lab._cast.runs["tidy"].gone.is_set()


def test_a_monitor_polled_in_a_thread_is_left_to_that_thread(lab):
    inside = threading.Event()
    ended = threading.Event()

    def watch(monitor):
        inside.set()
        try:
            while True:
                monitor.recv_multipart()
        except zmq.ContextTerminated:
            ended.set()

    @lab.actor
    def watched(ctx):
        socket = ctx.socket(zmq.DEALER)
        threading.Thread(target=watch, args=(socket.get_monitor_socket(),)).start()
        socket.connect(lab.endpoint("x"))
        socket.recv()

    assert inside.wait(10)
    lab.close()
    assert ended.wait(10)
    assert lab._cast.runs["watched"].gone.is_set()


def test_a_thread_that_an_actor_has_started_goes_on_until_the_actor_is_stopped(lab):
    server, _ = echo(lab)
    lab.actor(server)
    answered = threading.Event()

    def later(ctx, go):
        with ctx.socket(zmq.DEALER) as socket:
            socket.connect(lab.endpoint("frontend"))
            go.set()
            until(lambda: lab._cast.runs["starter"].over.is_set())
            socket.send(b"x")
            socket.recv()
            answered.set()

    @lab.actor
    def starter(ctx):
        go = threading.Event()
        threading.Thread(target=later, args=(ctx, go)).start()
        go.wait(10)

    assert answered.wait(10)
    lab.close()
    assert lab._cast.runs["starter"].gone.is_set()


def test_an_actor_cannot_stop_itself(lab):
    @lab.actor
    def own_end(ctx):
        lab.close()

    with pytest.raises(RuntimeError, match="return from the function"):
        lab.wait("own_end", timeout=10)


def test_functions_that_would_run_nothing_are_refused(lab):
    def generator(ctx):
        yield

    class Callable:
        async def __call__(self, ctx):
            pass

    with pytest.raises(TypeError, match="yield"):
        lab.actor(generator)
    with pytest.raises(TypeError, match="async def itself"):
        lab.actor(Callable(), name="object")


def test_what_a_view_says_of_messages_holds_for_every_picture(lab):
    endpoint = lab.endpoint("front")
    me = lab.context("me")
    server, client = me.socket(zmq.PULL), me.socket(zmq.PUSH)
    server.bind(endpoint)
    client.connect(endpoint)
    client.send_multipart([b"7", b"Task"])
    assert server.recv_multipart() == [b"7", b"Task"]
    lab.view(label=lambda message: f"job {message.frames[0].decode()}", roles=["job", "payload"])
    lab.view()  # says nothing, changes nothing
    assert lab.view(at=1.5).at == 1.5
    (message,) = lab.messages()
    assert lab.trace.reading.roles(message) == {-2: "job", -1: "payload"}
    assert "job 7" in lab.picture().svg
    client.send_multipart([b"8", b"Task"])
    server.recv_multipart()
    assert "job 8" in lab.picture(last=1).svg
    assert "job 7" not in lab.picture(last=1).svg
    assert lab.picture(without=b"Task").text == "no messages"
    with pytest.raises(TypeError, match="label: a function of the message"):
        lab.view(label="payload")


def test_actors_may_start_actors(lab):
    @lab.actor
    def many(ctx):
        for n in range(30):
            lab.actor(lambda ctx: None, name=f"child-{n}")

    lab.wait("many", timeout=10)
    lab.wait(timeout=10)
    assert len(lab._cast.runs) == 31


@leaves_a_message
def test_a_wait_in_vain_names_the_sockets_that_lead_nowhere(lab):
    @lab.actor
    def forgot(ctx):
        ctx.socket(zmq.DEALER).recv()

    @lab.actor
    def wrong(ctx):
        socket = ctx.socket(zmq.REQ)
        socket.connect("tcp://127.0.0.1:9")
        socket.send(b"x")
        socket.recv()

    until(lambda: "recv" in lab._cast.runs["wrong"].where() and "recv" in lab._cast.runs["forgot"].where())
    with pytest.raises(TimeoutError) as caught:
        lab.wait(timeout=0.05)
    assert "its DEALER socket is neither bound nor connected" in str(caught.value)
    assert "its REQ socket connects to tcp://127.0.0.1:9, where nobody of this lab is bound" in str(caught.value)


def test_a_wait_for_a_server_that_has_ended_names_it(lab):
    door = lab.endpoint("door")

    @lab.actor
    def server(ctx):
        ctx.socket(zmq.ROUTER).bind(door)

    lab.wait()

    @lab.actor
    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(door)
        socket.recv()

    until(lambda: "recv" in lab._cast.runs["alice"].where())
    with pytest.raises(TimeoutError, match="nobody of this lab is bound any more: 'server' was, start it again"):
        lab.wait(timeout=0.05)


def test_what_went_on_inside_the_lab_is_no_part_of_the_learners_error(lab):
    @lab.actor
    def text(ctx):
        ctx.socket(zmq.DEALER).send("a str")

    with pytest.raises(TypeError) as caught:
        lab.wait("text", timeout=10)
    assert caught.value.__context__ is None
    assert caught.traceback[-1].name == "text"


def test_a_typo_is_named_as_by_pyzmq(lab):
    @lab.actor
    def typo(ctx):
        ctx.socket(zmq.DEALER).recv_multpart()

    with pytest.raises(AttributeError, match=r"^Socket has no such option: RECV_MULTPART"):
        lab.wait("typo", timeout=10)


def test_a_source_address_works_as_without_the_lab(lab):
    server, _ = echo(lab)
    lab.actor(server)
    socket = lab.context("me").socket(zmq.DEALER)
    socket.connect(lab.endpoint("frontend").replace("tcp://", "tcp://127.0.0.1:0;"))
    socket.send(b"x")
    assert socket.poll(5000)
    assert socket.recv() == b"Processed: x"


def test_two_threads_may_end_the_same_context(lab):
    context = lab.context("me")
    context.socket(zmq.DEALER).close(linger=0)
    threads = [threading.Thread(target=context.term) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert context.closed


def test_a_send_that_waits_is_told_while_it_waits(lab):
    endpoint = lab.endpoint("door")

    @lab.actor
    def alice(ctx):
        ctx.socket(zmq.DEALER).close()
        socket = ctx.socket(zmq.DEALER)
        socket.bind(endpoint)  # nobody is connected: send has nowhere to go
        socket.send(b"x")

    until(lambda: [m.blocked is not None for m in lab.messages()] == [True])
    assert lab.messages()[0].returned is None

    @lab.actor
    def server(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        print(socket.recv())

    lab.wait("alice", "server", timeout=10)
    [message] = lab.messages()
    assert message.blocked < message.returned


def test_an_asyncio_send_that_waits_is_told_too(lab):
    @lab.actor
    async def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.bind(lab.endpoint("door"))
        await socket.send(b"x")

    until(lambda: [m.blocked is not None for m in lab.messages()] == [True])


def test_quick_sends_are_not_said_to_wait(lab):
    for function in echo(lab):
        lab.actor(function)
    while not lab._cast.runs["alice"].over.is_set():
        lab.messages()
    assert {m.blocked for m in lab.messages()} == {None}


def test_a_wait_in_vain_tells_of_what_is_held_and_who_hangs():
    with Lab("late") as lab:
        server, alice = echo(lab)
        lab.actor(server)
        lab.hold()
        lab.actor(alice)
        until(lambda: any(m.left for m in lab.messages()))
        lab["server"].hang()
        with pytest.raises(TimeoutError) as caught:
            lab.wait(timeout=0.05)
        assert "server: hangs: lab['server'].resume()" in str(caught.value)
        assert "1 message is held back: lab.step() or lab.release()" in str(caught.value)


def test_no_relay_stays_when_the_last_lab_is_closed(own_relay, monkeypatch):
    monkeypatch.setattr("zmqlab.lab.relay.GRACE", 0.2)
    relay = Relay.shared()
    for _ in range(2):  # and it comes again
        one, other = Lab("one"), Lab("other")
        for lab in (one, other):
            for function in echo(lab):
                lab.actor(function)
            lab.wait("alice")
            assert all(message.left for message in lab.messages())
        pid = relay.pid
        one.close()
        one.hold()  # which holds nothing, and needs no relay either
        assert not relay.unused()
        assert relay.pid == pid
        other.close()
        assert len(other.messages()) == 6
        until(lambda: not relay.alive)
        assert len(other.messages()) == 6
        assert not relay.alive


def test_what_was_received_is_not_lost_with_a_context_that_is_opened_anew():
    with Lab("anew") as lab:
        for count in range(1, 21):
            server = lab.context("server").socket(zmq.ROUTER)
            server.bind(lab.endpoint("door"))
            ada = lab.context("ada").socket(zmq.DEALER)
            ada.connect(lab.endpoint("door"))
            ada.send(b"Hello")
            server.send_multipart([server.recv_multipart()[0], b"HELLO"])
            assert ada.recv() == b"HELLO"
            lab.context("server")  # the reports of the relay may still be under way
            assert len(lab.messages()) == 2 * count
        assert all(message.received and not message.end for message in lab.messages())
