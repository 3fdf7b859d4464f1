"""The programs of the lessons, run as a reader runs them in terminals: what they print, and how they end on Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import zmq

from tests.notebooks.paths import lessons
from tests.notebooks.run import read
from tests.notebooks.shop import LIMIT, MAGIC, Program, Written, twice, written

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process")

Start = Callable[..., Program]

ENDPOINT = "ipc://shop"
"""In the folder of the test, which is where its programs run: nobody else is there."""


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


def test_no_two_lessons_write_the_same_file(programs: list[Written]) -> None:
    assert programs
    assert twice(programs) == []


def test_a_file_that_is_written_twice_is_seen() -> None:
    assert twice([Written("a.py", "1"), Written("b.py", "1"), Written("a.py", "2")]) == ["a.py"]


def test_programs_are_written_into_the_shop_and_nowhere_else() -> None:
    cells = [cell.source for path in lessons() for cell in read(path).cells if cell.cell_type == "code"]
    writing = [source.partition("\n")[0] for source in cells if source.startswith("%%writefile")]
    assert [line for line in writing if not line.startswith(MAGIC)] == []


def test_server_and_clients(start: Start) -> None:
    """The client that comes first waits until somebody is there."""
    early = start("client.py", ENDPOINT, "alice")
    server = start("server.py", ENDPOINT)
    late = start("client.py", ENDPOINT, "bob")
    for client, name in ((early, "alice"), (late, "bob")):
        assert client.rest() == [f"done: Task-{n} of {name}" for n in range(5)]
    *lines, last = server.interrupt()
    asked = [f"b'{name}' asks for b'Task-{n} of {name}'" for name in ("alice", "bob") for n in range(5)]
    assert sorted(lines) == asked
    assert last == "The shop is closed."


def test_a_client_ends_though_nobody_answers(start: Start) -> None:
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as server:
        server.rcvtimeo = int(LIMIT * 1000)
        server.bind(ENDPOINT)
        client = start("client.py", ENDPOINT, "alice")
        assert server.recv_multipart() == [b"alice", b"Task-0 of alice"]
        assert client.interrupt() == ["No more tasks."]


def test_a_client_with_a_window_works_with_the_server_of_lesson_01(start: Start) -> None:
    server = start("server.py", ENDPOINT)
    assert start("client_window.py", ENDPOINT, "8").rest() == [f"done: Task-{n}" for n in range(20)]
    assert server.interrupt()[-1] == "The shop is closed."


def test_never_more_is_in_flight_than_the_window_allows(start: Start) -> None:
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as server:
        server.rcvtimeo = int(LIMIT * 1000)
        server.bind(ENDPOINT)
        client = start("client_window.py", ENDPOINT, "3")
        requests = [server.recv_multipart() for _ in range(3)]
        assert not server.poll(100)
        server.send_multipart(requests[1])  # any reply lets one more task go
        assert server.recv_multipart()[1] == b"Task-3"
        assert not server.poll(100)
        assert client.interrupt() == ["Task-1", "In flight at the end: 3"]


def test_the_client_of_futures_and_its_server(start: Start) -> None:
    client = start("client_futures.py", ENDPOINT)  # it waits until somebody is there
    server = start("server_ids.py", ENDPOINT)
    assert client.rest() == [f"done: Task-{n}" for n in range(8)]
    assert server.interrupt() == ["The shop is closed."]


def test_the_client_of_futures_ends_though_nobody_answers(start: Start) -> None:
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as server:
        server.rcvtimeo = int(LIMIT * 1000)
        server.bind(ENDPOINT)
        client = start("client_futures.py", ENDPOINT)
        tasks = [server.recv_multipart()[-1] for _ in range(8)]
        assert tasks == [b"Task-%d" % n for n in range(8)]
        assert client.interrupt() == ["The client ends: KeyboardInterrupt"]
