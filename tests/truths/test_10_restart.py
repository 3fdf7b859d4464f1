"""Lesson 10, with plain pyzmq: an automatic routing id comes again in the next process. Who gets the answer then?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import zmq

from tests.truths.sockets import LIMIT, QUIET, dealer

BROKER = """
import os, sys, zmq
from collections import deque

front, back = map(zmq.Context().socket, (zmq.ROUTER, zmq.ROUTER))
front.bind(sys.argv[1])
back.bind(sys.argv[2])
print(front.last_endpoint.decode(), back.last_endpoint.decode(), flush=True)
run, asked, free = os.urandom(8), {}, deque()

def name(client):
    if not TOKEN:
        return client
    token = run + len(asked).to_bytes(8, "big")
    asked[token] = client
    return token

def client(name):
    return asked.get(name) if TOKEN else name

while True:
    if back.poll(10):
        worker, *rest = back.recv_multipart()
        free.append(worker)
        if rest != [b"READY"] and client(rest[0]):
            front.send_multipart([client(rest[0]), *rest[1:]])
    while free and front.poll(0):
        who, *request = front.recv_multipart()
        back.send_multipart([free.popleft(), name(who), *request])
"""
Start = Callable[..., tuple[str, str]]


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Kills the broker that runs and starts another one, a new process; returns the endpoints of its two sides."""
    running: list[subprocess.Popen[str]] = []

    def end() -> None:
        for process in running:
            process.kill()
            process.communicate()
        running.clear()

    def begin(*endpoints: str) -> tuple[str, str]:
        end()
        program = BROKER.replace("TOKEN", str(request.param))
        process = subprocess.Popen([sys.executable, "-c", program, *endpoints], stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        front, back = process.stdout.readline().split()
        return front, back

    yield begin
    end()


def play(ctx: zmq.Context, start: Start, ann: zmq.Socket) -> tuple[zmq.Socket, bool]:
    """Alice asks and goes; the broker is killed while Ann works for her. Bob asks the next one, and then Ann answers.

    Returns Bob's socket, and whether the name of a client in his job is that of Alice's job.
    """
    front, back = start("tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
    ann.connect(back)
    ann.send(b"READY")
    alice = dealer(ctx, front)
    alice.send(b"my balance?")
    client, text = ann.recv_multipart()
    assert text == b"my balance?"
    alice.close()  # before a new broker is there: it would know her again, under her old id
    start(front, back)
    ben, bob = dealer(ctx, back), dealer(ctx, front)
    ben.send(b"READY")
    bob.send(b"the weather?")
    job = ben.recv_multipart()  # so the broker knows Bob
    assert job[1:] == [b"the weather?"]
    ann.send_multipart([client, b"100 coins"])
    return bob, job[0] == client


@pytest.mark.parametrize("start", [False], indirect=True)
def test_after_a_restart_the_answer_for_one_client_goes_to_another_one(ctx, start):
    with ctx.socket(zmq.DEALER) as ann:
        bob, same = play(ctx, start, ann)
        heard = bob.poll(LIMIT)
    assert same  # both have had the first id of their process
    assert heard
    assert bob.recv() == b"100 coins"


@pytest.mark.parametrize("start", [True], indirect=True)
def test_a_token_that_begins_with_random_bytes_of_the_run_leads_to_nobody_after_a_restart(ctx, start):
    with ctx.socket(zmq.DEALER) as ann:
        bob, same = play(ctx, start, ann)
        heard = bob.poll(QUIET)
    assert not same
    assert not heard
