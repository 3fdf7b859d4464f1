"""Wire to receive: which wire message was this receive?

A lane (one direction of a TCP connection) is first in, first out, and each received message names its lane, so the n-th
receive from a lane is its n-th message. A socket that skips messages in silence (REP without a delimiter, REQ with a
late reply) is seen by the content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .events import MAX_FRAMES, Frames, Sizes
from .model import Message, Work
from .state import EVER, KILLED, LOCK_STEP, UNREAD, Lane, Receive, same

PIPE = 50_000_000  # ns that a message may need from the connection to where its socket looks, at the worst
DISCONNECTED = "its socket was disconnected before it was read"
NO_DELIMITER = "no delimiter"
PICKY = {  # sockets that throw away what they cannot use, and tell nobody
    "REP": NO_DELIMITER,
    "REQ": "not the reply it waits for",
    "SUB": "not subscribed to",
    "XSUB": "not subscribed to",
}


class Arrivals:
    """`deliver(lane, receive)` finds the send of a receive of which no wire message is known."""

    def __init__(
        self,
        deliver: Callable[[Lane | None, Receive], None],
        end: Callable[[Message, str, int, str], None],
        touch: Callable[[Message | Work], None],
    ) -> None:
        self._deliver = deliver
        self._end = end
        self._touch = touch
        self.reported = 0  # the relay has reported everything up to this time
        self._only: list[tuple[Lane, Message, Receive]] = []  # taken for what CONFLATE had kept at that time
        self._asking: dict[str, Lane] = {}  # those whose REQ may have thrown its next message away, or not

    def wire(self, lane: Lane, message: Message, number: int, left: int) -> None:
        """It is on the way; receives may have been waiting for it."""
        lane.on_the_way[number] = message
        lane.seen = number
        self.reported = max(self.reported, left)
        if self._only:
            self._confirm(lane, message)
        if lane.early:
            self._retry(lane)
        if self._asking:
            for other in list(self._asking.values()):
                self._retry(other)
        socket = lane.receiver.socket
        if socket is not None and socket.closed is not None:
            self.bury(lane, socket.closed)
        elif lane.deserted is not None and lane.bound:
            self.bury(lane, max(lane.deserted, left), DISCONNECTED)
        elif lane.deserted is not None:
            self._too_late(lane, message, lane.deserted)

    def desert(self, lane: Lane, time: int) -> None:
        """Its receiver has unbound or disconnected. Who disconnects throws away what it has not read."""
        lane.deserted = time
        if lane.bound:
            self.bury(lane, time, DISCONNECTED)

    def _too_late(self, lane: Lane, message: Message, deserted: int) -> None:
        """It has come to a socket that has unbound; or it was received just before."""
        if lane.early or message.received is not None or message.end:
            return
        if message.arrived is not None and message.arrived > deserted:
            self._end(message, "lost", message.arrived, "its socket had unbound before it came")

    def arrived(self, lane: Lane, number: int, time: int) -> None:
        message = lane.on_the_way.get(number) or lane.landed.pop(number, None)
        if message is not None:
            message.arrived = time
            self._touch(message)

    def subscription(self, lane: Lane, number: int) -> None:
        """On the wire it has the form of a message, and counts as one."""
        lane.subscriptions.add(number)
        lane.seen = number
        self._retry(lane)

    def settle(self, lanes: Sequence[Lane]) -> None:
        """Everything is reported. What still waits for its report came by the relay of another process, or the report
        is missing: the receive alone tells of it."""
        self.reported = EVER
        self._confirm(None, None)
        for lane in lanes:
            self._retry(lane)
        for lane in lanes:
            while lane.early:
                receive = lane.early.popleft()
                if not receive.subscription:
                    self._deliver(lane if lane.opened else None, receive)
            if lane.receiver.closed is not None:
                self.bury(lane, lane.receiver.closed)
            elif lane.receiver.socket is None:  # its process was killed before it had told anything
                for message in lane.on_the_way.values():
                    message.watched = False
                    self._touch(message)

    def receive(self, lane: Lane, receive: Receive) -> None:
        if lane.early or not self._received(lane, receive):
            lane.early.append(receive)

    def bury(self, lane: Lane, time: int, why: str = UNREAD) -> None:
        """The lane's receiver is closed, or has disconnected: what lay unread in it is gone."""
        type = lane.receiver.type
        if lane.early:
            return
        messages, lane.on_the_way = lane.on_the_way, {}
        for number, message in messages.items():
            if message.end:
                continue
            if type in LOCK_STEP and message.wire_frames is not None and b"" not in message.wire_frames:
                self._end(message, "dropped", time, f"{type}: {NO_DELIMITER}")
            elif lane.receiver.conflates and number + 1 in messages:
                self._end(message, "dropped", time, lane.receiver.conflated)
            elif lane.receiver.proxied:
                self._end(message, "lost", time, "its socket was closed, and the proxy had passed it to nobody")
            elif lane.receiver.killed:
                self._end(message, "lost", time, f"{KILLED}, and nobody saw whether it had been read")
            else:
                self._end(message, "lost", time, why)

    def _retry(self, lane: Lane) -> None:
        early = lane.early
        self._asking.pop(lane.id, None)
        while early and self._received(lane, early[0]):
            early.popleft()

    def _received(self, lane: Lane, receive: Receive) -> bool:
        """Close the journey of the wire message that this receive was; False while it is not reported yet."""
        type = receive.socket.type
        got, sizes = payload(receive)
        if receive.subscription:
            return self._told(lane, receive)
        if receive.socket.conflates:
            return self._newest(lane, receive, got, sizes)
        while True:
            place = receive.data.number + lane.skipped
            message = lane.on_the_way.get(place)
            if message is None:
                if lane.seen < place:
                    return False
                self._deliver(lane, receive)  # the report is missing: the relay had too many
            elif message.arrived is not None and message.arrived < receive.asked:
                # REQ has thrown it away, unless it came at the very moment of the request.
                receive.certain = receive.certain and message.arrived < receive.asked - PIPE
                later = lane.on_the_way.get(place + 1)
                if later is not None and (later.arrived or receive.time) <= receive.time:
                    self._skip(lane, place, receive, "REQ: it was there before the request was sent")
                    continue
                if later is None and self.reported <= receive.time:
                    self._asking[lane.id] = lane
                    return False
                self._land(lane, place, receive)
            elif _says(message, got, sizes):
                self._land(lane, place, receive)
            elif type not in PICKY:
                self._deliver(lane, receive)
            elif place + 1 in lane.on_the_way:
                self._skip(lane, place, receive, f"{type}: {PICKY[type]}")
                continue
            else:
                return False
            return True

    def _told(self, lane: Lane, receive: Receive) -> bool:
        """Was a subscription that the program got a command on the wire, or did it have the form of a message?"""
        place = receive.data.number + lane.skipped
        if place in lane.subscriptions:
            lane.subscriptions.discard(place)
        elif place <= lane.seen or self.reported >= receive.time:
            lane.skipped -= 1
        else:
            return False
        return True

    def _newest(self, lane: Lane, receive: Receive, got: Frames, sizes: Sizes) -> bool:
        """CONFLATE: the socket has given the newest that it had, and forgotten those before."""
        reported = self.reported >= receive.time
        saying = [(number, m) for number, m in lane.on_the_way.items() if _says(m, got, sizes)]
        alike = [number for number, m in saying if m.arrived is not None and m.arrived <= receive.time]
        held = any(m.arrived is None and (m.left or 0) <= receive.time for _, m in saying)  # or it is let go by now
        if (held or not alike) and not reported:
            self._asking[lane.id] = lane
            return False
        if not alike:
            self._deliver(lane, receive)
            return True
        only = receive.certain and len(alike) == 1 and lane.on_the_way[alike[0]].certain
        if only and not reported:  # a newer one that says the same may be reported yet
            self._only.append((lane, lane.on_the_way[alike[0]], receive))
        receive.certain = only and reported
        for number in [number for number in lane.on_the_way if number < alike[-1]]:
            self._end(lane.on_the_way.pop(number), "dropped", receive.time, receive.socket.conflated)
        self._land(lane, alike[-1], receive)
        return True

    def _confirm(self, lane: Lane | None, newer: Message | None) -> None:
        """Of what was taken for the newest, some is so for certain now, and `newer` may show that some is not."""
        waiting, self._only = self._only, []
        for there, message, receive in waiting:
            in_time = there is lane and newer is not None and (newer.left or 0) <= receive.time
            if in_time and newer is not None and _says(newer, *payload(receive)):
                continue
            if self.reported < receive.time:
                self._only.append((there, message, receive))
            else:
                message.certain = True
                self._touch(message)

    def _land(self, lane: Lane, place: int, receive: Receive) -> None:
        message = lane.on_the_way.pop(place)
        if message.arrived is None:  # the relay held it back for a while; its report that it let go comes late
            lane.landed[place] = message
        close_journey(message, receive, self._touch)

    def _skip(self, lane: Lane, place: int, receive: Receive, reason: str) -> None:
        """The receiving socket threw a message away and told nobody."""
        lane.skipped += 1
        self._end(lane.on_the_way.pop(place), "dropped", receive.time, reason)


def close_journey(message: Message, receive: Receive, touch: Callable[[Message | Work], None]) -> None:
    message.receiver, message.received = receive.socket.id, receive.time
    message.received_frames = shared(receive.data.frames, message.wire_frames or message.sent_frames)
    message.received_sizes = receive.data.sizes
    message.end = message.reason = ""
    message.certain = message.certain and receive.certain
    touch(message)
    if receive.work is not None:
        receive.work.message = message.id
        message.received_by = receive.work.actor
        touch(receive.work)


def payload(receive: Receive) -> tuple[Frames, Sizes]:
    """What was on the wire, as far as the program got it: its frames and their sizes."""
    frames, sizes = receive.data.frames, receive.data.sizes
    if receive.socket.type != "ROUTER":
        return frames, sizes
    return frames[1:], sizes and sizes[1:]


def _says(message: Message, got: Frames, sizes: Sizes) -> bool:
    """Can that have been received of it?"""
    return message.wire_frames is None or same(message.wire_frames, message.wire_sizes, got, sizes)


def shared(frames: Frames, known: Frames | None) -> Frames:
    """The same frames, made of the objects that are kept already where they are equal: a payload is kept once."""
    if not known:
        return frames
    if frames == known:
        return known
    if len(frames) == MAX_FRAMES and frames == known[-MAX_FRAMES:]:  # the wire has kept no more of it
        return known
    if frames[1:] == known:  # ROUTER has put the routing id in front
        return (frames[0], *known)
    return known[1:] if frames == known[1:] else frames  # ROUTER has taken it off
