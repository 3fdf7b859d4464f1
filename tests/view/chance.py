"""Stories by chance: sockets of all kinds, payloads of all kinds, and all that can become of a message."""

from __future__ import annotations

import random

from tests.view.story import AUTO, Story

PAYLOADS = [
    b"Task-1",
    b"two\nlines",
    b"a\r\nb",
    b"\ttab",
    b"  spaces   between  ",
    b"",
    b"\n",
    AUTO,
    b"\xff\xfe",
    b"\x00\x00\x00\x08",
    "naïve ✓".encode(),
    "経路識別子経路識別子経路識別子".encode(),
    ("\N{GRINNING FACE}" * 20).encode(),
    "a\N{NO-BREAK SPACE}b".encode(),
    "\N{LINE SEPARATOR}x".encode(),
    "\N{RIGHT-TO-LEFT OVERRIDE}evil".encode(),
    b"\xef\xbb\xbfwith a mark",
    b"exactly 14 let",
    b"exactly 15 lett",
    b"x" * 1000,
]
PATTERNS = [
    ("DEALER", "ROUTER"),
    ("SUB", "PUB"),
    ("PULL", "PUSH"),
    ("REQ", "REP"),
    ("PAIR", "PAIR"),
    ("ROUTER", "DEALER"),
]
WAYS = ("received", "unread", "wire", "out", "dropped", "unsent", "lost", "direct")


def by_chance(seed: int) -> Story:
    """Told step by step: `Story.log` has the events in the order of time, as they would come."""
    return _Chance(seed).story


class _Chance:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.story = Story()
        self.now = 1.0
        self.links: list[tuple[str, str, str]] = []  # id, connecting socket, bound socket
        self.sockets: list[str] = []
        for n in range(self.random.randint(1, 3)):
            self._pattern(n)
        for _ in range(self.random.randint(3, 25)):
            self._message()
        self._ends()

    def _pattern(self, n: int) -> None:
        """One binds, one to three connect, some of them never get there; names that the alphabet would not order so."""
        pick = self.random
        asking, bound = pick.choice(PATTERNS)
        transport = pick.choice(("tcp", "tcp", "inproc"))
        here = f"tcp://127.0.0.1:{5550 + n}" if transport == "tcp" else f"inproc://place-{n}"
        there = here.replace("127.0.0.1", pick.choice(("127.0.0.1", "localhost")))
        server = pick.choice((f"server-{n}", "server-0"))
        sides = [(server, f"1.{10 * n + 1}", bound, "binds", here)]
        sides += [
            (f"{pick.choice('zam')}-{n}-{i}", f"1.{10 * n + 2 + i}", asking, "connects", there)
            for i in range(pick.randint(1, 3))
        ]
        pick.shuffle(sides)
        for name, socket, type, does, endpoint in sides:
            self.now += 0.1
            if pick.random() < 0.2:
                type = {"SUB": "PUB", "PUB": "SUB", "PUSH": "PULL", "PULL": "PUSH"}.get(type, type)
            self.story.at(self.now, "actor", name, "started", "thread")
            self.story.at(self.now, "socket", socket, "opened", name, type)
            self.story.at(self.now, "endpoint", socket, does.removesuffix("s"), endpoint)
            self.sockets.append(socket)
        if transport == "inproc":
            return
        server_socket = f"1.{10 * n + 1}"
        for i, (_, socket, *_) in enumerate(side for side in sides if side[3] == "connects"):
            here_too = pick.random()
            self.now += 0.1
            client, server = (
                (socket, server_socket) if here_too < 0.7 else (socket, "") if here_too < 0.85 else ("", server_socket)
            )
            self.links.append((f"{n}{i}", client, server))
            self.story.at(self.now, "connection", f"{n}{i}", "opened", client, server, here)

    def _message(self) -> None:
        pick, story = self.random, self.story
        self.now += pick.choice((0.05, 0.3, 2.0, 20.0))
        frames = tuple(pick.choice(PAYLOADS) for _ in range(pick.randint(1, 3)))
        how = pick.choice(WAYS)
        if how == "direct" or not self.links:
            socket = pick.choice(self.sockets)
            story.recv(self.now, socket, "", *frames)
            return
        id, client, server = pick.choice(self.links)
        forth = pick.random() < 0.5
        sender, receiver = (client, server) if forth else (server, client)
        lane = f"{id}{'>' if forth else '<'}"
        if sender:
            number = story.send(self.now, sender, *frames)
            if how in ("dropped", "unsent"):
                story.at(self.now + 0.01, "drop" if how == "dropped" else "unsent", sender, number, "no peer")
                return
        if how in ("out", "dropped", "unsent"):
            return
        story.wire(self.now + 0.02, lane, *frames, arrived=how in ("received", "unread"))
        if how == "received" and receiver:
            story.recv(self.now + pick.choice((0.2, 5.0)), receiver, lane, *frames)
        if how == "lost":
            self.now += 0.05
            story.at(self.now, "connection", id, "closed", client, server, "", b"", b"", "cut")
            self.links = [link for link in self.links if link[0] != id]

    def _ends(self) -> None:
        """Sockets close, disconnect, and actors run again, one time or the other."""
        pick, story = self.random, self.story
        for socket in self.sockets:
            self.now += 0.1
            if pick.random() < 0.4:
                story.at(self.now, "socket", socket, "closed", "", "")
