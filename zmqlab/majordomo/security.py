"""CURVE: who may talk to the broker, and certificates in files."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

UNTOLD = 10_000
"""Refused keys that are kept until the broker looks: who comes again and again must not fill its memory."""
DOMAIN = "majordomo"  # of ZAP, the protocol by which libzmq asks about a key; a role of the key follows


class CertificateError(ValueError):
    """A certificate file is missing or is none."""


class Role(Enum):
    """Who comes to an endpoint: clients, workers, or both. The value is the folder of its keys."""

    CLIENT = "clients"
    WORKER = "workers"
    ANY = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A party's own key pair and the public keys that it trusts, each of 40 characters (Z85).

    A broker lets in those in `trusted` as clients and as workers, and those in `clients` and `workers` in this role
    alone; a client or worker trusts the one broker.
    """

    public: bytes
    secret: bytes
    trusted: tuple[bytes, ...]
    clients: tuple[bytes, ...] = ()
    workers: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        for name, key in (
            ("public", self.public),
            ("secret", self.secret),
            *(("trusted", key) for key in self.trusted),
            *(("clients", key) for key in self.clients),
            *(("workers", key) for key in self.workers),
        ):
            if not isinstance(key, bytes) or len(key) != 40:
                raise CertificateError(f"a key in {name} must be 40 bytes of Z85, as zmq.curve_keypair() makes them")

    @classmethod
    def load(cls, own: Path, trusted: Path) -> Curve:
        """`own`: a secret certificate. `trusted`: a public certificate, or a folder with those of all who may come.

        In the folders ``clients`` and ``workers`` of that folder are the certificates of those who may come in this
        role alone.
        """
        public, secret = _load(own)
        if secret is None:
            raise CertificateError(f"{own} has no secret key")
        if not trusted.is_dir():
            return cls(public, secret, (_load(trusted)[0],))
        both, clients, workers = (_folder(trusted / role.value) for role in (Role.ANY, Role.CLIENT, Role.WORKER))
        return cls(public, secret, both, clients, workers)

    def of(self, role: Role) -> frozenset[bytes]:
        """The keys that may come to an endpoint for that role."""
        more = {Role.CLIENT: self.clients, Role.WORKER: self.workers, Role.ANY: ()}
        return frozenset((*self.trusted, *more[role]))

    def lacks(self, role: Role) -> str:
        """What is wrong with it for an endpoint for that role; "" if nothing is."""
        return "" if self.of(role) else f"no key may come to the endpoint for {role.value or 'all'}"

    def serve(self, socket: zmq.Socket[Any], role: Role) -> None:
        """Before bind."""
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self.public, self.secret
        socket.zap_domain = _domain(role).encode()
        socket.handshake_ivl = 5000  # ms until a peer that does not finish its handshake is cut off

    def call(self, socket: zmq.Socket[Any]) -> None:
        """Before connect."""
        if len(self.trusted) != 1:
            raise CertificateError("a client or worker must trust exactly one key: the broker's")
        socket.curve_publickey, socket.curve_secretkey = self.public, self.secret
        socket.curve_serverkey = self.trusted[0]


class Guard:
    """Checks the keys of those who connect in a context. `change` and `stop` in the thread that has made it."""

    def __init__(self, context: zmq.Context[Any], curve: Curve) -> None:
        self._allowed = _allowed(curve)
        self._refused: deque[tuple[Role, bytes]] = deque(maxlen=UNTOLD)
        self._zap = ThreadAuthenticator(context)
        self._zap.start()
        for domain in self._allowed:
            self._zap.configure_curve_callback(domain, self)

    def callback(self, domain: str, key: bytes) -> bool:
        """What pyzmq's authenticator asks, in its own thread."""
        is_right = key in self._allowed[domain]
        if not is_right:
            self._refused.append((_ROLES[domain], key))
        return is_right

    def refused(self) -> Iterator[tuple[Role, bytes]]:
        """Who was refused since the last call: at the endpoint for that role, with that key."""
        while self._refused:
            yield self._refused.popleft()

    def change(self, curve: Curve) -> bool:
        """From now on other keys are let in. Whether some that were are not: who has one may be connected still."""
        before, self._allowed = self._allowed, _allowed(curve)
        return any(keys - self._allowed[domain] for domain, keys in before.items())

    def stop(self) -> None:
        self._zap.stop()


def _allowed(curve: Curve) -> dict[str, frozenset[bytes]]:
    """Domain -> the keys that are let in there."""
    return {_domain(role): curve.of(role) for role in Role}


def _domain(role: Role) -> str:
    return f"{DOMAIN}.{role.name.lower()}"


_ROLES = {_domain(role): role for role in Role}


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


def _folder(folder: Path) -> tuple[bytes, ...]:
    """The keys of all certificates in it; none where it is not there."""
    return tuple(_load(path)[0] for path in sorted(folder.glob("*.key")))


def _load(path: Path) -> tuple[bytes, bytes | None]:
    try:
        return zmq.auth.load_certificate(path)
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path} is no certificate: {error}") from error
