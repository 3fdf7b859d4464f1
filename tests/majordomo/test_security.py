"""CURVE: who has an allowed key is served, and nobody else gets an answer."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import pytest
import zmq

from tests.majordomo.processes import cleanup, start
from tests.majordomo.support import DEADLINE, Held, Plain, serving, status_of, until, working
from zmqlab.majordomo import Broker, Client, Curve, Timeout
from zmqlab.majordomo.security import CertificateError, make_certificate

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="this libzmq has no CURVE")


@pytest.fixture
def keys(tmp_path):
    """Certificates of a broker, and of a peer that it allows, and of one that it does not."""
    for name in ("broker", "peer", "stranger"):
        make_certificate(tmp_path, name)
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (tmp_path / "peer.key").rename(allowed / "peer.key")
    return {
        "broker": Curve.load(tmp_path / "broker.key_secret", allowed),
        "peer": Curve.load(tmp_path / "peer.key_secret", tmp_path / "broker.key"),
        "stranger": Curve.load(tmp_path / "stranger.key_secret", tmp_path / "broker.key"),
    }


def test_only_allowed_keys_are_served(keys):
    with (
        serving(curve=keys["broker"]) as broker,
        working(broker, "echo", lambda frame: frame, curve=keys["peer"]),
        Client(broker.endpoint, curve=keys["peer"]) as friend,
        Client(broker.endpoint, curve=keys["stranger"], timeout=1) as stranger,
        Client(broker.endpoint, timeout=1) as naked,
    ):
        for refused in (stranger, naked):
            with pytest.raises(Timeout):
                refused.call("mmi.status")
        assert friend.call("echo", b"secret") == [b"secret"]


def test_a_key_that_is_refused_is_told_once_and_counted(keys, caplog):
    with (
        serving(curve=keys["broker"]) as broker,
        Client(broker.endpoint, curve=keys["stranger"], timeout=DEADLINE),
        Client(broker.endpoint, curve=keys["peer"]) as friend,
    ):
        until(lambda: status_of(friend)["refused"].get("a key", 0) > 2, "the stranger has come three times")
    told = [record for record in caplog.records if record.getMessage().startswith("refused a key")]
    assert [record.facts["key"] for record in told] == [keys["stranger"].public.decode()]
    assert told[0].levelname == "WARNING"


@pytest.mark.parametrize(
    ("ports", "roles", "told"),
    [
        (1, {}, ["no key may come to the endpoint for all"]),
        (2, {}, ["no key may come to the endpoint for clients", "no key may come to the endpoint for workers"]),
        (2, {"clients": (b"x" * 40,)}, ["no key may come to the endpoint for workers"]),
        (2, {"trusted": (b"x" * 40,)}, []),
    ],
)
def test_a_folder_without_keys_is_warned_of(ports, roles, told, keys, caplog):
    curve = replace(keys["broker"], **{"trusted": (), **roles})
    with serving(ports=ports, curve=curve):
        until(lambda: len(caplog.messages) >= len(told), "it is told")
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == told


def test_a_handshake_that_is_refused_is_told_to_the_peer(keys):
    with serving(curve=keys["broker"]) as broker, zmq.Context() as context:
        socket = context.socket(zmq.DEALER)
        socket.linger = 0
        keys["stranger"].call(socket)
        monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        socket.connect(broker.endpoint)
        assert monitor.poll(int(DEADLINE * 1000))
        context.destroy(linger=0)


def test_a_plain_peer_gets_nothing(keys):
    with serving(curve=keys["broker"]) as broker, zmq.Context() as context:
        plain = Plain(context, zmq.REQ, broker.endpoint)
        plain.socket.rcvtimeo = 500
        plain.send(b"MDPC01", b"mmi.service", b"x")
        with pytest.raises(zmq.Again):
            plain.receive()
        plain.close()


def test_certificates(tmp_path):
    public, secret = make_certificate(tmp_path / "new", "me")
    assert "secret" not in public.read_text().partition("curve\n")[2]
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(secret).st_mode) == 0o600
    with pytest.raises(CertificateError, match="exists already"):
        make_certificate(tmp_path / "new", "me")
    with pytest.raises(CertificateError, match="has no secret key"):
        Curve.load(public, public)
    with pytest.raises(CertificateError, match="is no certificate"):
        Curve.load(tmp_path / "missing", public)


def test_a_client_trusts_exactly_one_broker(tmp_path):
    _, secret = make_certificate(tmp_path, "me")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CertificateError, match="exactly one"):
        Client("tcp://127.0.0.1:9", curve=Curve.load(secret, empty))


# -- roles, and other keys -----------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Certificates of a broker and three peers: ann may be a worker alone, alice a client alone, and both both."""
    for name in ("broker", "ann", "alice", "both"):
        make_certificate(tmp_path, name)
    for name, role in (("ann", "workers"), ("alice", "clients"), ("both", "")):
        (tmp_path / "trusted" / role).mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.key").rename(tmp_path / "trusted" / role / f"{name}.key")
    return tmp_path


def own(folder, name):
    return Curve.load(folder / f"{name}.key_secret", folder / "broker.key")


def of_broker(folder):
    return Curve.load(folder / "broker.key_secret", folder / "trusted")


def test_a_key_may_be_good_for_one_role_alone(folder):
    with serving(ports=2, curve=of_broker(folder)) as broker, zmq.Context() as context:
        for name, at in (("ann", broker.endpoint), ("alice", broker.backend)):
            refused = Plain(context, zmq.DEALER, broker.endpoint)  # only for its socket
            refused.socket.disconnect(refused.socket.last_endpoint)
            own(folder, name).call(refused.socket)
            monitor = refused.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
            refused.socket.connect(at)
            assert monitor.poll(int(DEADLINE * 1000))
            refused.socket.disable_monitor()
            refused.close()
        with (
            working(broker, "echo", lambda frame: frame, curve=own(folder, "ann")),
            working(broker, "more", lambda frame: frame, curve=own(folder, "both")),
            Client(broker.endpoint, curve=own(folder, "alice")) as alice,
            Client(broker.endpoint, curve=own(folder, "both")) as both,
        ):
            for client in (alice, both):
                assert client.call("echo", b"x") == client.call("more", b"x") == [b"x"]
        context.destroy(linger=0)


def test_keys_with_a_role_need_two_endpoints(folder):
    with pytest.raises(ValueError, match="need two endpoints"):
        Broker("tcp://127.0.0.1:0", curve=of_broker(folder))


@pytest.mark.parametrize("ports", [1, 2])
def test_a_key_that_is_removed_is_out_and_all_others_lose_nothing(folder, ports):
    """The peer's key is taken away while it is connected; somebody else's is new. A job that runs meanwhile is done."""
    handler = Held()

    mine, removed, new = (own(folder, name) for name in ("both", "alice", "ann"))
    before = replace(of_broker(folder), trusted=(mine.public, removed.public), clients=(), workers=())
    with (
        serving(ports=ports, curve=before) as broker,
        working(broker, "slow", handler, curve=mine),
        Client(broker.endpoint, curve=removed, timeout=DEADLINE) as enemy,
        Client(broker.endpoint, curve=mine, retry_every=0.5) as client,
    ):
        future = client.submit("slow", b"x")
        assert handler.begun.wait(DEADLINE)
        assert enemy.call("mmi.service", b"slow") == [b"200"]
        broker.change_keys(replace(before, trusted=(mine.public, new.public)))
        with Client(broker.endpoint, curve=new) as friend:
            assert friend.call("mmi.service", b"slow", timeout=DEADLINE) in ([b"200"], [b"404"])
        with pytest.raises(Timeout):
            enemy.call("mmi.service", b"slow", timeout=0.5)
        handler.go_on.set()
        assert future.result(DEADLINE) == [b"x"]
        assert client.call("slow", b"y") == [b"y"]
    assert handler.calls == [b"x", b"y"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGHUP")
def test_sighup_without_keys_and_without_a_terminal_changes_nothing_and_says_so():
    with cleanup() as processes:
        free, pipe = "--endpoint=tcp://127.0.0.1:0", subprocess.PIPE
        broker = start("broker", "-v", free, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
        processes.append(broker)
        assert broker.stdout
        assert broker.stderr
        endpoint = json.loads(broker.stdout.readline())["endpoint"]
        broker.send_signal(signal.SIGHUP)
        assert any("no keys to be read again" in line for line in iter(broker.stderr.readline, ""))
        with Client(endpoint) as client:
            assert client.call("mmi.service", b"x") == [b"404"]
        for stream in (broker.stdout, broker.stderr):
            stream.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
@pytest.mark.parametrize("what", [("broker", "--endpoint=tcp://127.0.0.1:0"), ("worker", "x", "os:fsencode")])
def test_a_terminal_that_is_closed_ends_a_broker_and_a_worker_as_sigterm_does(what):
    main, terminal = os.openpty()
    with cleanup() as processes:
        process = start(*what, "-v", stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        processes.append(process)
        os.close(terminal)
        stream = process.stdout if what[0] == "broker" else process.stderr
        assert stream
        assert stream.readline()  # it is up
        process.send_signal(signal.SIGHUP)  # what the terminal's end sends to who has it
        assert process.wait(DEADLINE) == 0
        os.close(main)
        for pipe in (process.stdout, process.stderr):
            assert pipe
            pipe.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGHUP")
def test_sighup_reads_the_keys_again(folder):
    shared = ["--endpoint=tcp://127.0.0.1:0", "--backend=tcp://127.0.0.1:0"]
    options = [f"--curve={folder / 'broker.key_secret'}", f"--trust={folder / 'trusted'}"]
    with cleanup() as processes:
        broker = start("broker", "-v", *shared, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        processes.append(broker)
        assert broker.stdout
        assert broker.stderr
        endpoint = json.loads(broker.stdout.readline())["endpoint"]
        with Client(endpoint, curve=own(folder, "alice")) as alice:
            assert alice.call("mmi.service", b"x") == [b"404"]
            (folder / "trusted" / "clients" / "alice.key").unlink()
            broker.send_signal(signal.SIGHUP)
            assert any('"other keys"' in line for line in iter(broker.stderr.readline, ""))
            with pytest.raises(Timeout):
                alice.call("mmi.service", b"x", timeout=1)
        (folder / "trusted" / "clients" / "broken.key").write_text("no certificate")
        broker.send_signal(signal.SIGHUP)
        line = next(line for line in iter(broker.stderr.readline, "") if "the keys stay as they are" in line)
        assert json.loads(line)["level"] == "WARNING"
        with Client(endpoint, curve=own(folder, "both")) as both:
            assert both.call("mmi.service", b"x") == [b"404"]
        for stream in (broker.stdout, broker.stderr):
            stream.close()
