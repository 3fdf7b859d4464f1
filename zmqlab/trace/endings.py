"""What becomes of messages that wait in a socket, or on their way to one, when sockets are closed.

A report of the relay may come later than what a program tells. So an end is told when everything of its time is
reported, and taken back where the message is seen after all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import Message
from .state import FANOUT, UNREAD, Send, SocketState

THROWN = "it had not left when its socket was thrown away"
UNSEEN = "nobody in sight received it"


@dataclass(slots=True)
class _Closed:
    due: int  # when what it has not sent is thrown away
    time: int
    state: SocketState
    linger: int | None
    how: str


class Endings:
    """`end(message, end, time, reason)` ends one, `touch` is told of each that has changed."""

    def __init__(self, end: Callable[[Message, str, int, str], None], touch: Callable[[Message], None]) -> None:
        self._end = end
        self._touch = touch
        self._closed: list[_Closed] = []

    def closed(self, state: SocketState, time: int, linger: int | None, how: str) -> None:
        due = time + max(linger or 0, 0) * 1_000_000
        self._closed.append(_Closed(due, time, state, linger, how))

    def refused(self, state: SocketState, reason: str) -> None:
        """It gets no connection ("": it has one): that is why its messages wait."""
        if reason == state.refusal:
            return
        state.refusal = reason
        for send in state.sends.values():
            self.wait(state, send.message)

    def wait(self, state: SocketState, message: Message) -> None:
        """It waits in its socket: say why, where that is known."""
        if not (message.end or message.lane) and message.reason != state.refusal and state.one_way:
            message.reason = state.refusal
            self._touch(message)

    def discarded(self, state: SocketState, time: int) -> None:
        """It and its context are gone: what had not left it never will."""
        for send in state.sends.values():
            state.blocked.pop(send.number, None)
            if not (send.message.lane or send.message.end):
                self.lose(send, time, THROWN if _by_relay(state) else UNSEEN)

    def settle(self, until: int, final: bool) -> None:
        """All up to that time is reported; if `final` there is nothing more to come."""
        due, self._closed = (
            [each for each in self._closed if each.due <= until],
            [each for each in self._closed if each.due > until],
        )
        for each in due:
            for peer in [pipe.peer for pipe in each.state.pipes.values()]:
                self._unread(peer, each.time)
            if each.linger is not None and each.linger >= 0:
                self._thrown_away(each)
            elif not final:
                self._closed.append(each)
            elif each.state.unmet and all(_is_closed(peer) for peer in each.state.neighbours.values()):
                self._lose(each.state, each.time, UNSEEN)

    def _thrown_away(self, closed: _Closed) -> None:
        state = closed.state
        if state.inside:  # it lies at its receiver
            return
        words = closed.how
        if _by_relay(state):
            words += ", before it had left" + (f" ({state.refusal})" if state.refusal else "")
        else:
            words += f", and {UNSEEN}"
        self._lose(state, closed.due, words)

    def _unread(self, state: SocketState, time: int) -> None:
        """A socket to which this one has a pipe is closed."""
        if not state.inside or all(_is_closed(pipe.peer) is False for pipe in state.pipes.values()):
            return
        for send in list(state.sends.values()):
            if all(_is_closed(peer) for peer in _receivers(state, send)):
                moved = any(peer.moved > send.sent for peer in _receivers(state, send))  # what it leaves, it forgets
                self.lose(send, time, UNSEEN if moved else UNREAD)

    def _lose(self, state: SocketState, time: int, reason: str) -> None:
        for send in list(state.sends.values()):
            if not send.stream.keyed or send.stream.lanes:  # or else it has answered somebody who is out of sight
                self.lose(send, time, reason)

    def lose(self, send: Send, time: int, reason: str) -> None:
        """It is gone; or it may be one of those that somebody out of sight has received."""
        message, owner = send.message, send.stream.owner
        if owner.feeds_nameless or owner.steers_another or owner.may_speak_outside:
            message.watched = False
            self._touch(message)
        elif not (message.lane or message.end) and owner.type not in FANOUT:
            if owner.conflates and owner.one_pipe and send.number + 1 < owner.next_number:
                self._end(message, "dropped", max(time, send.sent), owner.conflated)
            else:
                self._end(message, "lost", max(time, send.sent), reason)


def _by_relay(state: SocketState) -> bool:
    """Would a relay have told that it has left?"""
    return bool(state.refusal or state.met) and not (state.unmet or state.pipes or state.may_have_guests)


def _receivers(state: SocketState, send: Send) -> list[SocketState]:
    """Those to whom it may have gone."""
    return (
        [lane.receiver for lane in send.stream.lanes]
        if send.stream.keyed and send.stream.lanes
        else [pipe.peer for pipe in state.pipes.values()]
    )


def _is_closed(state: SocketState) -> bool:
    return state.socket is None or state.closed is not None
