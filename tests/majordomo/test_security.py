"""CURVE: who has an allowed key is served, and nobody else gets an answer."""

from __future__ import annotations

import os
import stat
import sys

import pytest
import zmq

from tests.majordomo.support import DEADLINE, Plain, serving, working
from zmqlab.majordomo import Client, Curve, Timeout
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
