"""Endpoints: the same name, the same address; never somebody else's."""

import random
import socket
import threading

import pytest
import zmq

from zmqlab.lab import ports
from zmqlab.lab.endpoints import Endpoints


@pytest.fixture
def endpoints():
    endpoints = Endpoints()
    yield endpoints
    endpoints.release()


def test_a_name_keeps_its_address_and_another_gets_another(endpoints):
    assert endpoints.get("frontend") == endpoints.get("frontend")
    assert endpoints.get("frontend") != endpoints.get("backend")


def test_zeromq_can_bind_it_again_and_again(endpoints):
    for _ in range(3):
        with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as router:
            router.bind(endpoints.get("frontend"))


def test_nobody_else_is_given_a_reserved_port(endpoints):
    port = int(endpoints.get("frontend").rsplit(":", 1)[1])
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))


def test_release_gives_the_port_back(endpoints):
    port = int(endpoints.get("frontend").rsplit(":", 1)[1])
    endpoints.release()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))


def test_it_is_none_that_is_given_to_who_asks_for_any_port(endpoints, monkeypatch, tmp_path):
    given = tmp_path / "range"
    given.write_text("20003\t60999\n")
    monkeypatch.setattr(ports, "_RANGE", given)
    monkeypatch.setattr(ports, "TRIES", 500)
    labs = [Endpoints() for _ in range(3)]
    try:
        taken = [int(lab.get("shop").rsplit(":", 1)[1]) for lab in labs]
    finally:
        for lab in labs:
            lab.release()
    assert sorted(taken) == [20000, 20001, 20002]


@pytest.mark.parametrize("given", ["1024 65535", "", "all of them"])
def test_where_all_ports_are_given_out_it_is_one_of_them(endpoints, monkeypatch, tmp_path, given):
    (tmp_path / "range").write_text(given)
    monkeypatch.setattr(ports, "_RANGE", tmp_path / "range")
    assert int(endpoints.get("shop").rsplit(":", 1)[1]) > 1023


def test_the_learner_s_chance_keeps_its_seed(endpoints):
    random.seed(1)
    first = random.random()
    random.seed(1)
    endpoints.get("shop")
    assert random.random() == first


def test_two_threads_that_ask_at_the_same_time_get_the_same(endpoints):
    for name in range(50):
        asked: list[str] = []
        together = threading.Barrier(4)

        def ask(name=name, asked=asked, together=together):
            together.wait()
            asked.append(endpoints.get(str(name)))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert len(set(asked)) == 1
