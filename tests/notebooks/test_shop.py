"""The programs of the lessons, run as a reader runs them in terminals: what they print, and how they end on Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from difflib import ndiff
from itertools import pairwise, permutations
from pathlib import Path
from typing import NamedTuple

import pytest
import zmq

from tests.notebooks.paths import lessons
from tests.notebooks.run import read
from tests.notebooks.shop import LIMIT, MAGIC, Program, Written, twice, written

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminal")

Start = Callable[..., Program]

SHOP, WORK = "ipc://shop", "ipc://work"
"""In the folder of the test, which is where its programs run: nobody else is there."""

UNREAD = 4
"""Replies, of a million bytes each, that nobody reads: more than the queues hold."""

QUIET = 200
"""Milliseconds after which nothing more comes."""


class Kind(NamedTuple):
    """How a program is started, whether it binds the first of its endpoints, and its last line after Ctrl-C."""

    arguments: tuple[str, ...]
    binds: bool
    last: str


KINDS = {
    "server.py": Kind((SHOP,), True, "The shop is closed."),
    "client.py": Kind((SHOP, "alice"), False, "No more tasks."),
    "server_ids.py": Kind((SHOP,), True, "The shop is closed."),
    "client_window.py": Kind((SHOP, "3"), False, "In flight at the end: 3"),
    "client_futures.py": Kind((SHOP,), False, "The client ends: KeyboardInterrupt"),
    "proxy.py": Kind((SHOP, WORK), True, "The proxy is closed."),
    "worker.py": Kind((WORK, "ann"), False, "ann goes home."),
    "broker.py": Kind((SHOP, WORK), True, "The broker is closed."),
    "worker_ready.py": Kind((WORK, "ann"), False, "ann goes home."),
    "broker_busy.py": Kind((SHOP, WORK, "3"), True, "The broker is closed."),
    "broker_alive.py": Kind((SHOP, WORK, "3", "1"), True, "The broker is closed."),
    "worker_alive.py": Kind((WORK, "ann", "0.1"), False, "ann goes home."),
    "broker_tokens.py": Kind((SHOP, WORK, "3", "1"), True, "The broker is closed."),
    "broker_leaves.py": Kind((SHOP, WORK, "3", "1"), True, "The broker is closed."),
    "worker_leaves.py": Kind((WORK, "ann", "0.1"), False, "ann goes home."),
}
"""Every program of the lessons."""


@pytest.fixture(scope="module")
def programs() -> list[Written]:
    return [program for path in lessons() for program in written(read(path))]


@pytest.fixture
def start(programs: list[Written], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a program of the shop, and ends it with the test."""
    monkeypatch.chdir(tmp_path)
    for name, text in programs:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with ExitStack() as running:
        yield lambda name, *arguments: running.enter_context(Program(tmp_path / name, *arguments))


@pytest.fixture
def peer() -> Iterator[zmq.Socket[bytes]]:
    """A DEALER that answers nothing."""
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as socket:
        socket.linger = 0
        yield socket


def done(name: str) -> list[str]:
    """What client.py prints."""
    return [f"done: Task-{n} of {name}" for n in range(5)]


def test_no_two_lessons_write_the_same_file(programs: list[Written]) -> None:
    assert twice(programs) == []


def test_a_file_that_is_written_twice_is_seen() -> None:
    assert twice([Written("a.py", "1"), Written("b.py", "1"), Written("a.py", "2")]) == ["a.py"]


def test_programs_are_written_into_the_shop_and_nowhere_else() -> None:
    cells = [cell.source for path in lessons() for cell in read(path).cells if cell.cell_type == "code"]
    writing = [source.partition("\n")[0] for source in cells if source.startswith("%%writefile")]
    assert [line for line in writing if not line.startswith(MAGIC)] == []


def test_each_program_of_a_lesson_is_run_here(programs: list[Written]) -> None:
    assert sorted(program.name for program in programs) == sorted(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_ctrl_c_ends_it_with_one_last_line(name: str, start: Start, peer: zmq.Socket[bytes]) -> None:
    """Somebody is connected to it, who answers nothing."""
    kind = KINDS[name]
    monitor = peer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    (peer.connect if kind.binds else peer.bind)(kind.arguments[0])
    program = start(name, *kind.arguments)
    assert monitor.poll(int(LIMIT * 1000))
    while peer.poll(QUIET):  # it may ask something, and then it waits
        peer.recv_multipart()
    *_, last = program.interrupt()
    assert last == kind.last


BAD = {
    "KeyboardInterrupt": "import time\nprint('here', flush=True)\ntime.sleep(60)",
    "exit status 3": "import time\ntry:\n    print('here')\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    exit(3)",
}


@pytest.mark.parametrize("problem", BAD)
def test_a_program_that_ends_badly_is_seen(problem: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD[problem], encoding="utf-8")
    with Program(tmp_path / "bad.py") as program:
        assert program.line() == "here"
        with pytest.raises(AssertionError, match=problem):
            program.interrupt()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("many", [False, True], ids=["too few arguments", "too many arguments"])
def test_it_says_how_it_is_used(name: str, many: bool, start: Start) -> None:
    arguments = KINDS[name].arguments
    status, lines = start(name, *arguments, "one more").ended() if many else start(name, *arguments[1:]).ended()
    [line] = lines
    used = line.removeprefix("use: python ").split()
    assert (status, Path(used[0]).name, len(used)) == (1, name, 1 + len(arguments))


def test_ctrl_c_ends_the_server_while_replies_wait_for_a_client_that_does_not_read(
    start: Start, peer: zmq.Socket[bytes]
) -> None:
    server = start("server.py", SHOP)
    peer.rcvhwm = 1
    peer.connect(SHOP)
    for _ in range(UNREAD):
        peer.send(b"x" * 1_000_000)
    for _ in range(UNREAD):
        assert " asks for " in server.line()
    *_, last = server.interrupt()
    assert last == "The shop is closed."


def test_server_and_clients(start: Start) -> None:
    """The client that comes first waits until somebody is there."""
    early = start("client.py", SHOP, "alice")
    server = start("server.py", SHOP)
    late = start("client.py", SHOP, "bob")
    assert early.rest() == done("alice")
    assert late.rest() == done("bob")
    *lines, last = server.interrupt()
    asked = [f"b'{name}' asks for b'Task-{n} of {name}'" for name in ("alice", "bob") for n in range(5)]
    assert sorted(lines) == asked
    assert last == "The shop is closed."


MIDDLES = {"proxy.py": ("worker.py", "The proxy is open."), "broker.py": ("worker_ready.py", "")}
"""Program between clients and workers -> its workers, and what it prints at first."""


@pytest.mark.parametrize("middle", MIDDLES)
@pytest.mark.parametrize("order", list(permutations(["middle", "worker", "client"])), ids="-".join)
def test_clients_two_workers_and_a_program_between_them(order: tuple[str, ...], middle: str, start: Start) -> None:
    """In whatever order they are started; then each ends on Ctrl-C."""
    worker, opening = MIDDLES[middle]
    names = {"middle": [""], "worker": ["ann", "ben"], "client": ["alice", "bob"]}
    programs = {"middle": (middle, SHOP), "worker": (worker, WORK), "client": ("client.py", SHOP)}
    running = {name: start(*programs[part], name or WORK) for part in order for name in names[part]}
    for client in ("alice", "bob"):
        assert running[client].rest() == done(client)
    did = []
    for name in ("ann", "ben"):
        assert running[name].line() == f"{name} is here."  # it may have come late
        *tasks, last = running[name].interrupt()
        assert last == f"{name} goes home."
        did += [task.removeprefix(f"{name} does ") for task in tasks]
    assert sorted(did) == sorted(f"Task-{n} of {client}" for client in ("alice", "bob") for n in range(5))
    *lines, last = running[""].interrupt()
    assert (lines, last) == ([opening] if opening else [], KINDS[middle].last)


def test_a_worker_says_ready_once_and_then_answers(start: Start, peer: zmq.Socket[bytes]) -> None:
    peer.bind(WORK)
    worker = start("worker_ready.py", WORK, "ann")
    assert peer.recv_multipart() == [b"READY"]
    for task in (b"Task-0", b"Task-1"):
        peer.send_multipart([b"alice", task])
        assert peer.recv_multipart() == [b"alice", b"done: " + task]
    assert not peer.poll(QUIET)
    assert worker.interrupt()[-1] == "ann goes home."


def test_a_broker_with_a_request_and_no_worker_ends(start: Start, peer: zmq.Socket[bytes]) -> None:
    broker = start("broker.py", SHOP, WORK)
    monitor = peer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    peer.connect(SHOP)
    peer.send(b"Task-0")
    assert monitor.poll(int(LIMIT * 1000))
    assert not peer.poll(QUIET)
    assert broker.interrupt() == ["The broker is closed."]


@pytest.mark.parametrize("window", ["1", "8"])
def test_a_window_and_the_server(window: str, start: Start) -> None:
    client = start("client_window.py", SHOP, window)
    server = start("server.py", SHOP)
    assert client.rest() == [f"done: Task-{n}" for n in range(20)]
    assert server.interrupt()[-1] == "The shop is closed."


@pytest.mark.parametrize("first", ["client_futures.py", "server_ids.py"])
def test_futures_and_their_server(first: str, start: Start) -> None:
    running = {name: start(name, SHOP) for name in sorted(("client_futures.py", "server_ids.py"), key=first.__ne__)}
    assert running["client_futures.py"].rest() == [f"done: Task-{n}" for n in range(8)]
    assert running["server_ids.py"].interrupt() == ["The shop is closed."]


def test_futures_are_answered_by_two_workers_too(start: Start) -> None:
    """An id that the client puts in front of its task comes back, although no worker knows of it."""
    start("proxy.py", SHOP, WORK)
    for worker in ("ann", "ben"):
        start("worker.py", WORK, worker)
    assert start("client_futures.py", SHOP).rest() == [f"done: Task-{n}" for n in range(8)]


def test_a_proxy_without_a_worker_ends_though_somebody_asks(start: Start, peer: zmq.Socket[bytes]) -> None:
    """`zmq.proxy` comes back to Python for no signal then: it looks again and again for a worker."""
    peer.connect(SHOP)
    peer.send(b"Task-0")
    proxy = start("proxy.py", SHOP, WORK)
    assert proxy.line() == "The proxy is open."
    assert not peer.poll(QUIET)
    assert proxy.interrupt() == ["The proxy is closed."]


def test_a_worker_ends_though_nobody_takes_its_reply(start: Start, peer: zmq.Socket[bytes]) -> None:
    peer.bind(WORK)
    worker = start("worker.py", WORK, "ann")
    peer.send_multipart([b"alice", b"Task-0"])
    assert [worker.line(), worker.line()] == ["ann is here.", "ann does Task-0"]
    peer.close()
    assert worker.interrupt() == ["ann goes home."]


def test_never_more_is_in_flight_than_the_window_allows(start: Start, peer: zmq.Socket[bytes]) -> None:
    peer.bind(SHOP)
    client = start("client_window.py", SHOP, "3")
    assert [peer.recv() for _ in range(3)] == [b"Task-0", b"Task-1", b"Task-2"]
    assert not peer.poll(QUIET)
    peer.send(b"Task-1")  # any reply lets one more task go
    assert peer.recv() == b"Task-3"
    assert not peer.poll(QUIET)
    assert client.interrupt() == ["Task-1", "In flight at the end: 3"]


GROWS = {
    "08": ("broker.py", "broker_busy.py"),
    "09": ("broker_busy.py", "broker_alive.py"),
    "10": ("broker_alive.py", "broker_tokens.py", "broker_leaves.py"),
}
"""Lesson -> the broker that it begins with, and those that it makes of it, one after another."""


@pytest.mark.parametrize("lesson", GROWS)
def test_what_a_lesson_shows_as_a_diff_is_between_each_of_its_brokers_and_the_one_before(
    lesson: str, programs: list[Written]
) -> None:
    text = {program.name: program.text.splitlines() for program in programs}
    [path] = [path for path in lessons() if path.name.startswith(lesson)]
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    shown = [part.partition("```")[0] for cell in cells for part in cell.split("```diff\n")[1:]]
    changes = [line for names in pairwise(GROWS[lesson]) for line in changed(*(text[name] for name in names))]
    assert sorted(line for part in shown for line in part.splitlines() if line[0] in "+-") == sorted(changes)


def changed(before: list[str], after: list[str]) -> list[str]:
    """The lines of a diff, but for imports, and how the program is called."""
    changes = [f"{line[0]}{line[2:]}" for line in ndiff(before, after) if line[0] in "+-"]
    program = next((place for place, line in enumerate(changes) if "sys.argv" in line), len(changes))
    return [line for line in changes[:program] if not line.startswith("+import")]


@pytest.mark.parametrize("limit", [1, 3])
def test_so_many_tasks_wait_in_the_broker_and_the_next_one_is_told_busy(
    limit: int, start: Start, peer: zmq.Socket[bytes]
) -> None:
    """The worker has one more. What waits is done in its order, and then there is room again."""
    start("broker_busy.py", SHOP, WORK, str(limit))
    worker = peer.context.socket(zmq.DEALER)
    worker.linger = 0
    worker.connect(WORK)
    worker.send(b"READY")
    peer.connect(SHOP)
    peer.send_multipart([b"0", b"Task"])
    *envelope, _ = worker.recv_multipart()
    for number in range(1, limit + 3):
        peer.send_multipart([b"%d" % number, b"Task"])
    assert [peer.recv_multipart() for _ in range(2)] == [[b"%d" % (limit + n), b"BUSY"] for n in (1, 2)]
    for number in range(limit + 1):
        worker.send_multipart([*envelope, b"done"])
        assert peer.recv_multipart() == [b"%d" % number, b"done"]
        if number < limit:
            *envelope, _ = worker.recv_multipart()
    peer.send_multipart([b"again", b"Task"])
    assert worker.recv_multipart()[-2:] == [b"again", b"Task"]


@pytest.fixture
def ben(peer: zmq.Socket[bytes]) -> Iterator[zmq.Socket[bytes]]:
    """A worker whom the test plays, on its way to the workers' side."""
    with peer.context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.rcvtimeo = int(LIMIT * 1000)
        socket.connect(WORK)
        yield socket


def opened(start: Start, client: zmq.Socket[bytes], patience: str) -> None:
    """The broker of lesson 09 is there, and the client is connected."""
    there = client.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    start("broker_alive.py", SHOP, WORK, "3", patience)
    client.connect(SHOP)
    assert there.poll(int(LIMIT * 1000))


def test_a_task_of_a_silent_worker_goes_to_another_one_and_is_answered_once(
    start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    """Ben gets it, says nothing more, and answers when Ann has done it."""
    start("broker_alive.py", SHOP, WORK, "3", "0.5")
    peer.connect(SHOP)
    ben.send(b"READY")
    peer.send_multipart([b"0", b"Task-0"])
    *request, task = ben.recv_multipart()
    ann = start("worker_alive.py", WORK, "ann", "0")
    assert peer.recv_multipart() == [b"0", b"done: Task-0"]
    assert [ann.line(), ann.line()] == ["ann is here.", "ann does Task-0"]
    ben.send_multipart([*request, b"late: " + task])
    assert not peer.poll(QUIET)
    peer.send_multipart([b"1", b"Task-1"])
    assert peer.recv_multipart() == [b"1", b"done: Task-1"]


def test_a_worker_says_alive_while_it_works(start: Start, peer: zmq.Socket[bytes]) -> None:
    peer.bind(WORK)
    start("worker_alive.py", WORK, "ann", "0.5")
    assert peer.recv_multipart() == [b"READY"]
    peer.send_multipart([b"alice", b"Task-0"])
    heard = []
    while [b"alice", b"done: Task-0"] not in heard:
        heard.append(peer.recv_multipart())
    assert heard.count([b"ALIVE"]) >= 2
    assert peer.recv_multipart() == [b"ALIVE"]  # and when it has nothing to do


def test_who_is_free_and_silent_gets_no_task_until_it_is_heard_again(
    start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    opened(start, peer, "0.3")
    ben.send(b"READY")
    assert not ben.poll(500)  # longer than the patience
    peer.send_multipart([b"0", b"Task-0"])
    assert not ben.poll(QUIET)
    ben.send(b"ALIVE")
    assert ben.recv_multipart()[1:] == [b"0", b"Task-0"]


def test_tasks_without_an_id_overwrite_each_other(
    start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    """Lesson 09 says so, and lesson 10 mends it."""
    opened(start, peer, "60")
    for number in range(2):
        peer.send(b"Task-%d" % number)
    assert not peer.poll(QUIET)  # both are in the broker
    ben.send(b"READY")
    *request, task = ben.recv_multipart()
    assert task == b"Task-1"
    ben.send_multipart([*request, b"done: " + task])
    assert peer.recv_multipart() == [b"done: Task-1"]
    assert not ben.poll(QUIET)


def test_a_free_worker_is_a_stranger_to_a_broker_that_is_started_again(
    start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    """Lesson 09 says so, and lesson 10 mends it."""
    broker = start("broker_alive.py", SHOP, WORK, "3", "60")
    peer.connect(SHOP)
    ben.send(b"READY")
    peer.send_multipart([b"0", b"Task"])
    *request, _ = ben.recv_multipart()  # so the first broker has heard READY
    ben.send_multipart([*request, b"done"])
    assert peer.recv_multipart() == [b"0", b"done"]
    again = [socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED) for socket in (peer, ben)]
    broker.kill()
    start("broker_alive.py", SHOP, WORK, "3", "60")
    for monitor in again:  # what is sent before may go with the old connection
        assert monitor.poll(int(LIMIT * 1000))
    ben.send(b"ALIVE")
    peer.send_multipart([b"1", b"Task"])
    assert not ben.poll(QUIET)
    ben.send(b"READY")
    assert ben.recv_multipart()[1:] == [b"1", b"Task"]


def test_futures_are_answered_by_a_broker_whose_worker_is_killed(start: Start) -> None:
    start("broker_alive.py", SHOP, WORK, "100", "0.5")
    ann = start("worker_alive.py", WORK, "ann", "1")
    client = start("client_futures.py", SHOP)
    assert [ann.line(), ann.line()] == ["ann is here.", "ann does Task-0"]
    start("worker_alive.py", WORK, "ben", "0")
    ann.kill()
    assert client.rest() == [f"done: Task-{n}" for n in range(8)]


TOKENS = pytest.mark.parametrize("broker", ["broker_tokens.py", "broker_leaves.py"])


@TOKENS
def test_an_answer_finds_its_client_by_its_token_alone(
    broker: str, start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    start(broker, SHOP, WORK, "3", "60")
    peer.connect(SHOP)
    tokens = set()
    for number in (b"1", b"1"):  # the same, as two clients may have
        ben.send(b"READY")
        peer.send_multipart([number, b"Task-0"])
        token, task = ben.recv_multipart()
        tokens.add(token)
        ben.send_multipart([b"another token", b"wrong"])
        ben.send_multipart([token, b"done: " + task])
        assert peer.recv_multipart() == [number, b"done: Task-0"]
    assert not peer.poll(QUIET)
    assert [len(token) for token in tokens] == [16, 16]


@TOKENS
def test_a_worker_is_free_once_whatever_tokens_it_brings(
    broker: str, start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    start(broker, SHOP, WORK, "3", "60")
    peer.connect(SHOP)
    ben.send(b"READY")
    for _ in range(2):
        ben.send_multipart([b"a token of an earlier broker", b"done"])
    for number in (b"0", b"1"):
        peer.send_multipart([number, b"Task"])
    token, _ = ben.recv_multipart()
    ben.send_multipart([b"a token of an earlier broker", b"done"])
    assert not ben.poll(QUIET)  # one task at a time
    ben.send_multipart([token, b"done"])
    assert peer.recv_multipart() == [b"0", b"done"]
    assert ben.recv_multipart()[1] == b"Task"


@TOKENS
def test_a_task_is_not_forgotten_because_its_worker_brings_an_answer_to_another_token(
    broker: str, start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    start(broker, SHOP, WORK, "3", "0.3")
    peer.connect(SHOP)
    ben.send(b"READY")
    peer.send_multipart([b"0", b"Task"])
    job = ben.recv_multipart()
    ben.send_multipart([b"a token of an earlier broker", b"done"])  # and then ben says nothing more
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as ann:
        ann.linger, ann.rcvtimeo = 0, int(LIMIT * 1000)
        ann.connect(WORK)
        ann.send(b"READY")
        while not ann.poll(QUIET):
            ann.send(b"ALIVE")
        assert ann.recv_multipart() == job


def test_a_client_without_ids_may_have_several_requests_open_where_each_has_a_token(start: Start) -> None:
    start("broker_tokens.py", SHOP, WORK, "9", "60")
    start("worker_leaves.py", WORK, "ann", "0")
    assert start("client_window.py", SHOP, "3").rest() == [f"done: Task-{n}" for n in range(20)]


def test_a_stranger_is_asked_whether_it_is_ready_and_is_free_once(
    start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    start("broker_leaves.py", SHOP, WORK, "3", "60")
    peer.connect(SHOP)
    for _ in range(3):  # they have waited, let us say, while no broker was there
        ben.send(b"ALIVE")
    assert [ben.recv_multipart() for _ in range(3)] == [[b"READY?"]] * 3
    for _ in range(3):
        ben.send(b"READY")
    for number in (b"0", b"1"):
        peer.send_multipart([number, b"Task"])
    token, _ = ben.recv_multipart()
    assert not ben.poll(QUIET)  # one task at a time
    ben.send_multipart([token, b"done"])
    assert ben.recv_multipart()[1] == b"Task"


def test_a_worker_that_says_bye_gets_nothing_more_and_is_told_bye_when_it_has_answered(
    start: Start, peer: zmq.Socket[bytes], ben: zmq.Socket[bytes]
) -> None:
    start("broker_leaves.py", SHOP, WORK, "3", "60")
    peer.connect(SHOP)
    ben.send(b"READY")
    peer.send_multipart([b"0", b"Task"])
    token, _ = ben.recv_multipart()
    ben.send(b"BYE")
    peer.send_multipart([b"1", b"Task"])
    assert not ben.poll(QUIET)
    ben.send_multipart([token, b"done"])
    assert peer.recv_multipart() == [b"0", b"done"]
    assert ben.recv_multipart() == [b"BYE"]
    assert not ben.poll(QUIET)


def test_a_worker_leaves_at_ctrl_c_and_no_task_is_lost(start: Start, peer: zmq.Socket[bytes]) -> None:
    start("broker_leaves.py", SHOP, WORK, "60", "60")  # nobody is taken for dead
    ann = start("worker_leaves.py", WORK, "ann", "0.1")
    peer.connect(SHOP)
    tasks = [[b"%d" % number, b"Task"] for number in range(5)]
    for task in tasks:
        peer.send_multipart(task)
    assert [ann.line(), ann.line()] == ["ann is here.", "ann does Task"]
    assert ann.interrupt()[-1] == "ann goes home."
    start("worker_leaves.py", WORK, "ben", "0")
    assert sorted(peer.recv_multipart() for _ in tasks) == [[number, b"done: Task"] for number, _ in tasks]
