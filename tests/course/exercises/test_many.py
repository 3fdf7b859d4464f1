"""Brokers of the solutions under more than their checks bring: 1,500 requests at once, which is past a high-water mark,
empty and binary ones, twenty workers that speak all the time, and a broker that is started again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from tests.course.exercises.learner import written
from zmqlab.course.exercises import bounded_queue, free_workers
from zmqlab.lab.endpoints import Endpoints

MANY = 1_500
LIMIT = 30  # seconds
ODD = (b"", b"\0", bytes(range(256)), b"READY", b"BUSY")
CREW = 20


@pytest.fixture
def at() -> Iterator[Callable[[str], str]]:
    endpoints = Endpoints()
    yield endpoints.get
    endpoints.release()


@contextmanager
def running(broker: Callable[..., None], at: Callable[[str], str], *arguments: Any) -> Iterator[None]:
    """The broker in a thread and a context of its own, until the block ends and it is told to stop."""
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as control:
        control.bind(at("control"))
        run = threading.Thread(
            target=broker, args=(ctx, *map(at, ("shop", "work", "control")), *arguments), daemon=True
        )
        run.start()
        yield
        control.send(b"stop")
        run.join(LIMIT)
        assert not run.is_alive()


@contextmanager
def beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """A thread that works until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(LIMIT)
    assert not thread.is_alive()


def answers(endpoint: str, count: int) -> dict[bytes, list[bytes]]:
    """Number -> what came back, of so many requests that are sent at once."""
    came: dict[bytes, list[bytes]] = {}
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as client:
        client.linger = 0
        client.sndhwm = MANY
        client.connect(endpoint)
        for number in range(count):
            client.send_multipart([b"%d" % number, ODD[number % len(ODD)]])
        while len(came) < count and client.poll(LIMIT * 1000):
            number_, *answer = client.recv_multipart()
            assert number_ not in came
            came[number_] = answer
    return came


def done(count: int) -> dict[bytes, list[bytes]]:
    return {b"%d" % number: [b"done", ODD[number % len(ODD)]] for number in range(count)}


def test_a_broker_that_knows_who_is_free(at: Callable[[str], str]) -> None:
    broker = written(free_workers.SOLUTION, "broker")

    def crew(over: threading.Event) -> None:
        """Each says READY three times, and again after each reply."""
        with zmq.Context() as ctx:
            workers = [ctx.socket(zmq.DEALER) for _ in range(CREW)]
            poller = zmq.Poller()
            for worker in workers:
                worker.linger = 0
                worker.connect(at("work"))
                poller.register(worker, zmq.POLLIN)
                for _ in range(3):
                    worker.send(b"READY")
            while not over.is_set():
                for worker, _ in poller.poll(50):
                    client, number, payload = worker.recv_multipart()
                    worker.send_multipart([client, number, b"done", payload])
                    worker.send(b"READY")
            for worker in workers:
                worker.close()

    for count in (MANY, 50):  # the second one is a broker that was started again
        with running(broker, at), beside(crew):
            assert answers(at("shop"), count) == done(count)


def test_a_queue_that_says_busy(at: Callable[[str], str]) -> None:
    broker = written(bounded_queue.SOLUTION, "broker")

    def work(over: threading.Event) -> None:
        with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as worker:
            worker.linger = 0
            worker.bind(at("work"))
            while not over.is_set():
                if worker.poll(50):
                    client, number, payload = worker.recv_multipart()
                    worker.send_multipart([client, number, b"done", payload])

    with beside(work):
        for limit in (MANY, 5):  # the second one is a broker that was started again
            with running(broker, at, limit):
                came = answers(at("shop"), MANY)
            told = {number: answer for number, answer in came.items() if answer == [b"BUSY"]}
            assert came == done(MANY) | told
            assert bool(told) == (limit < MANY)
