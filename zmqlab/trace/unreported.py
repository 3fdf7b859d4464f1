"""Receives that no relay reports: by a direct lane, by inproc, or where its report is missing.

The receive itself plays the part of the wire message: what it says, and who can have sent it, tell which send it was.
"""

from __future__ import annotations

from collections.abc import Callable

from .arrivals import close_journey, payload
from .departures import Departures
from .model import Message, Work
from .proxies import Proxies
from .routes import SOMEBODY, Routes
from .state import KEYED, LOCK_STEP, Lane, Receive


class Unreported:
    """`create()` makes an empty message, `touch` is told of each message or work bar that changed."""

    def __init__(
        self,
        routes: Routes,
        departures: Departures,
        proxies: Proxies,
        create: Callable[[], Message],
        touch: Callable[[Message | Work], None],
    ) -> None:
        self._routes = routes
        self._departures = departures
        self._proxies = proxies
        self._create = create
        self._touch = touch

    def deliver(self, lane: Lane | None, receive: Receive) -> None:
        """A receive that no relay reported: match the send by the receive itself."""
        message = None
        if lane is not None:
            hidden = receive.socket.type in LOCK_STEP
            message = self._departures.match(lane, receive.time, *payload(receive), hidden)
        self._close(lane, message, receive)

    def from_a_pipe(self, receive: Receive) -> None:
        """inproc names nobody: who may have sent it, and what they have sent, tell."""
        state = receive.socket
        origins = self._routes.origins(state, receive.data)
        lane, message = self._departures.find(origins, receive.time, *payload(receive), state.type in LOCK_STEP)
        unseen = [lane for lane, _ in origins if lane.sender.proxied]
        if message is None:  # what a proxy sends, nobody sees
            lane = unseen[0] if len(unseen) == 1 else origins[0][0] if len(origins) == 1 else None
        elif unseen or not state.inside:
            message.certain = False
        if state.type in KEYED:
            if lane is not None and (message.certain if message is not None else len(unseen) == 1):
                self._routes.hear(state, receive.data, lane.sender.id)
            elif state.type == "REP":
                state.asker = SOMEBODY
        self._close(lane, message, receive)

    def _close(self, lane: Lane | None, message: Message | None, receive: Receive) -> None:
        if message is None:
            message = self._create()
            message.sender = lane.sender.id if lane is not None else ""
            if lane is not None:
                lane.unknown = True
                self._proxies.left(lane, *payload(receive), receive.time)
        message.lane, message.number = (lane.id if lane else ""), receive.data.number
        close_journey(message, receive, self._touch)
