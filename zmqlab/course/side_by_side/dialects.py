"""What clients and workers of each broker put on the wire. The load generator is the same for all."""

from __future__ import annotations

from dataclasses import dataclass

Frames = list[bytes]
SERVICE = b"work"


@dataclass(frozen=True)
class Dialect:
    """The frames around a body."""

    before: tuple[bytes, ...]  # what a client puts before the body
    ready: tuple[bytes, ...] = ()  # how a worker registers; a proxy's worker does not
    command_at: int = -1  # which frame of a message to a worker is the command
    request: bytes = b""
    reply: bytes = b""
    disconnect: bytes = b""
    heartbeat: tuple[bytes, ...] = ()

    def is_request(self, frames: Frames) -> bool:
        return self.command_at < 0 or frames[self.command_at] == self.request

    def is_disconnect(self, frames: Frames) -> bool:
        return self.command_at >= 0 and frames[self.command_at] == self.disconnect

    def make_reply(self, frames: Frames) -> Frames:
        """An echo: the request's frames with another command."""
        if self.command_at >= 0:
            frames[self.command_at] = self.reply
        return frames


MDP_FRAMES = Dialect(before=(b"", b"MDPC01", SERVICE))
MDP = Dialect(
    before=(b"", b"MDPC01", SERVICE),
    ready=(b"", b"MDPW01", b"\x01", SERVICE),
    command_at=2,
    request=b"\x02",
    reply=b"\x03",
    disconnect=b"\x05",
    heartbeat=(b"", b"MDPW01", b"\x04"),
)


def with_capacity(dialect: Dialect, capacity: int) -> Dialect:
    """A worker that gives our broker some credit."""
    return Dialect(**{**dialect.__dict__, "ready": (*dialect.ready, b"%d" % capacity)})
