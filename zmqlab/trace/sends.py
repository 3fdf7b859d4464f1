"""What a program tells of its sends: each waits in a stream of its socket, blocks, returns, or goes nowhere.

This stands alone because it needs no relay and no peer: where a send went, `departures` finds, and why one waits or was
thrown away, `endings` and `fanout` say.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from .endings import Endings
from .events import SendData, SubscriptionData, UnsentData
from .fanout import Fanout, is_wish
from .model import Message
from .proxies import Proxies
from .routes import Sockets
from .state import Send, SocketState, Stream


class Sends:
    """`create()` makes an empty message, `end(message, end, time, reason)` ends one, `touch` tells that one changed."""

    def __init__(
        self,
        sockets: Sockets,
        fanout: Fanout,
        endings: Endings,
        proxies: Proxies,
        create: Callable[[], Message],
        end: Callable[[Message, str, int, str], None],
        touch: Callable[[Message], None],
    ) -> None:
        self._sockets = sockets
        self._fanout = fanout
        self._endings = endings
        self._proxies = proxies
        self._create = create
        self._end = end
        self._touch = touch

    def send(self, socket: str, time: int, data: SendData) -> Message | None:
        """None where it is a subscription."""
        state = self._sockets[socket]
        if data.number != state.next_number:
            state.lost = True
        state.next_number = data.number + 1
        if state.type == "XSUB" and is_wish(data.frames):
            self._fanout.wish(socket, time, SubscriptionData.of(data.frames[0]))
            return None
        message = self._create()
        message.sender, message.sent, message.watched = socket, time, not state.speaks_outside
        message.sent_frames, message.sent_sizes = data.frames, data.sizes
        key: Hashable = None
        heard = ""
        if state.type == "ROUTER" and data.frames:
            key = data.frames[0]
            heard = state.heard.get(key, "")
        elif state.type == "REP":
            key = state.asker
        elif state.type == "REQ":
            state.asked_before, state.asked = state.asked, time
        stream = state.stream(key)
        send = state.sends[data.number] = Send(data.number, message, time, stream, heard)
        stream.add(send)
        if stream.fanout:
            self._fanout.sent(state, send)
        elif state.refusal:
            self._endings.wait(state, message)
        if self._proxies.known and (state.pipes or state.unmet):
            self._proxies.sent(send)
        return message

    def blocked(self, socket: str, number: int, time: int) -> None:
        """A send waits: at the high-water mark, or for a peer."""
        state = self._sockets[socket]
        send = state.sends.get(number)
        if send is not None and send.message.returned is None:
            send.message.blocked = time
            if not send.message.lane:
                send.message.watched = True
            state.blocked[number] = send.message
            self._touch(send.message)

    def returned(self, socket: str, number: int, time: int) -> None:
        """A send that had been blocked has returned. The peer may have received the message before that was seen."""
        state = self._sockets[socket]
        send = state.sends.get(number)
        message = state.blocked.pop(number, send.message if send is not None else None)
        if message is not None:
            message.returned = time
            if not message.lane:  # of what has left, others have told
                message.watched = not state.speaks_outside
            self._touch(message)

    def unsent(self, socket: str, time: int, data: UnsentData, end: str) -> None:
        """A send went nowhere: `end` is "unsent" (it raised) or "dropped" (by ROUTER, in silence)."""
        state = self._sockets[socket]
        state.blocked.pop(data.number, None)
        if state.type == "REQ":  # one that did not ask has thrown nothing away
            state.asked = state.asked_before
        send = state.sends.get(data.number)
        if send is not None:
            state.take(send)
            self._end(send.message, end, time, data.reason)

    def forget(self, message: Message) -> None:
        """The trace keeps this message no longer: the oldest goes first, here as there."""
        state = self._sockets.get(message.sender)
        if state is None:
            return
        send = state.oldest_send()
        if send is not None and send.message is message:
            state.take(send)
            send.stream.forgotten = send.number
            return
        recent = state.stream(None).recent
        if recent and recent[0] is message:
            recent.popleft()

    def gap(self) -> None:
        """Events are missing from the log: which send a message was can only be guessed from now on."""
        for state in self._sockets.values():
            for send in list(state.sends.values()):
                state.take(send)
            state.lost = True

    def go_outside(self, state: SocketState) -> None:
        """What waits there is out of sight, but for a send that has not returned."""
        for stream in state.streams.values():
            self._lose_sight(state, stream)

    def settle(self) -> None:
        """Nothing more will be reported: what waits for a peer of which nobody has told went to a process outside."""
        for state in self._sockets.values():
            for stream in state.streams.values():
                keyed = stream.keyed and not state.inside
                if (keyed and not any(lane.opened or lane.direct for lane in stream.lanes)) or state.may_speak_outside:
                    self._lose_sight(state, stream)

    def _lose_sight(self, state: SocketState, stream: Stream) -> None:
        for send in stream.queue:
            if not (send.gone or send.number in state.blocked):
                send.message.watched = False
                self._touch(send.message)
