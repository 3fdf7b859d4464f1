"""CURVE: who may talk to the broker, and certificates in files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

DOMAIN = "majordomo"  # of ZAP, the protocol by which libzmq asks about a key


class CertificateError(ValueError):
    """A certificate file is missing or is none."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A party's own key pair and the public keys that it trusts, each of 40 characters (Z85).

    A broker lets in those in `trusted`; a client or worker trusts the one broker.
    """

    public: bytes
    secret: bytes
    trusted: tuple[bytes, ...]

    def __post_init__(self) -> None:
        for name, key in (
            ("public", self.public),
            ("secret", self.secret),
            *(("trusted", key) for key in self.trusted),
        ):
            if not isinstance(key, bytes) or len(key) != 40:
                raise CertificateError(f"a key in {name} must be 40 bytes of Z85, as zmq.curve_keypair() makes them")

    @classmethod
    def load(cls, own: Path, trusted: Path) -> Curve:
        """`own`: a secret certificate. `trusted`: a public certificate, or a folder with those of all who may come."""
        public, secret = _load(own)
        if secret is None:
            raise CertificateError(f"{own} has no secret key")
        paths = sorted(trusted.glob("*.key")) if trusted.is_dir() else [trusted]
        return cls(public, secret, tuple(_load(path)[0] for path in paths))

    def serve(self, socket: zmq.Socket[Any]) -> None:
        """Before bind."""
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self.public, self.secret
        socket.zap_domain = DOMAIN.encode()
        socket.handshake_ivl = 5000  # ms until a peer that does not finish its handshake is cut off

    def call(self, socket: zmq.Socket[Any]) -> None:
        """Before connect."""
        if len(self.trusted) != 1:
            raise CertificateError("a client or worker must trust exactly one key: the broker's")
        socket.curve_publickey, socket.curve_secretkey = self.public, self.secret
        socket.curve_serverkey = self.trusted[0]


class _AllowList:
    """What pyzmq's authenticator asks about a key."""

    def __init__(self, trusted: tuple[bytes, ...]) -> None:
        self._trusted = frozenset(trusted)

    def callback(self, domain: str, key: bytes) -> bool:
        return key in self._trusted


def protect(context: zmq.Context[Any], curve: Curve | None) -> ThreadAuthenticator | None:
    """Start to check the keys of those who connect in that context; stop() the result at the end."""
    if curve is None:
        return None
    guard = ThreadAuthenticator(context)
    guard.start()
    guard.configure_curve_callback(DOMAIN, _AllowList(curve.trusted))
    return guard


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write ``name.key`` (public, for others) and ``name.key_secret`` (for its owner's eyes); returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / f"{name}.key_secret").exists():
        raise CertificateError(f"{folder / name}.key_secret exists already")
    mask = os.umask(0o077)
    try:
        public, secret = zmq.auth.create_certificates(folder, name)
    finally:
        os.umask(mask)
    os.chmod(public, 0o644)
    return Path(public), Path(secret)


def _load(path: Path) -> tuple[bytes, bytes | None]:
    try:
        return zmq.auth.load_certificate(path)
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path} is no certificate: {error}") from error
