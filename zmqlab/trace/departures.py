"""Send to wire: which send was this wire message?

*By order*, where there was one way to go: one unbroken connection of a socket that connected once, or a ROUTER, which
obeys the routing id. The oldest send that waits is it.

*By content*, where there are several: of those that wait, the one that says the same. Where several say the same it is
a guess, and marked so: the peer whose turn it was, then the order on the lane. From then on no message of that content
is certain until none waits any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .events import Frames, Sizes
from .model import Message
from .routes import SOMEBODY
from .state import LOCK_STEP, Group, Lane, Send, SocketState, Stream, first_waiting, same

LATE = 1_000_000_000  # ns after which the relay has surely read what a peer sent while it connected


class Departures:
    """`create()` makes an empty message, `end(message, end, time, reason)` ends one, `touch` tells that one changed."""

    def __init__(
        self,
        lanes: Mapping[str, Lane],
        create: Callable[[], Message],
        end: Callable[[Message, str, int, str], None],
        touch: Callable[[Message], None],
    ) -> None:
        self._lanes = lanes
        self._create = create
        self._end = end
        self._touch = touch

    def match(self, lane: Lane, left: int, frames: Frames, sizes: Sizes, hidden: bool = False) -> Message | None:
        """Take the send that this message was from its stream, or None when nobody is known to have sent it.

        `hidden`: its receiver has hidden the envelope.
        """
        stream = lane.stream
        if lane.direct and lane.fifo and not lane.inproc and max(lane.sender.moves, lane.receiver.moves) > 1:
            lane.fifo, lane.floor = False, -1
        if stream is None:
            return self._unheard(lane, left, frames, sizes, hidden) if lane.sender.lost else None
        if not stream.waiting:
            return None
        if _in_order(stream, lane):
            first = stream.first()
            if first.sent > left:
                return None
            said = first.message.sent_frames
            assert said is not None
            if hidden and stream.owner.type not in LOCK_STEP and b"" not in said[stream.router :]:
                pass  # its receiver throws it away
            elif not same(said[1:] if stream.router else said, first.message.sent_sizes, frames, sizes):
                stream.leaks = True
                stream.distrust()
            elif _whole(lane, first):
                if not (stream.keyed or lane.direct) and stream.owner.bound_lanes:
                    _remember(stream, first.message, left)
                return _take(first, lane, certain=True)
        until = left if lane.closed is None else min(left, lane.closed)
        return self._by_content(stream, lane, stream.equals(frames, sizes, hidden), until)

    def find(
        self, origins: Sequence[tuple[Lane, Stream]], left: int, frames: Frames, sizes: Sizes, hidden: bool
    ) -> tuple[Lane | None, Message | None]:
        """As `match`, for a message that may have come by several lanes: the one by which it did, as far as anybody
        can tell."""
        if len(origins) == 1 and origins[0][0].stream is origins[0][1]:
            return origins[0][0], self.match(origins[0][0], left, frames, sizes, hidden)
        found: list[tuple[bool, int, int, Lane, Stream, Group]] = []
        owed = False
        for lane, stream in origins:
            owed = owed or stream.owes(frames, sizes, hidden)
            group = stream.equals(frames, sizes, hidden) if stream.waiting else None
            send = self._first_possible(stream, lane, group, left) if group is not None else None
            if group is not None and send is not None:
                again = stream.fanout and send.number <= lane.last  # it may have been given that one already
                found.append((again, send.sent, len(found), lane, stream, group))
        if not found:
            return None, None
        if len(found) > 1:
            for *_, stream, group in found:
                stream.doubt = group.doubt = True
        *_, lane, stream, group = min(found, key=lambda each: each[:3])
        floor = lane.floor
        message = self._by_content(stream, lane, group, left)
        if message is not None and (owed or len(found) > 1):
            message.certain, lane.floor = False, floor
            if not stream.fanout:
                stream.owe(group.content)
        elif message is not None and message.certain and lane.stream is None and stream.key != SOMEBODY:
            self.join(lane, stream)  # its routing id is known now
        return lane, message

    def _unheard(self, lane: Lane, left: int, frames: Frames, sizes: Sizes, hidden: bool) -> Message | None:
        """A ROUTER's message to a peer whose routing id it was told before the recording begins: one that says the
        same, to a peer that nobody knows either."""
        streams = [stream for stream in lane.sender.streams.values() if stream.waiting and not stream.lanes]
        groups = [(stream, stream.equals(frames, sizes, hidden)) for stream in streams]
        sends = [self._first_possible(stream, lane, group, left) for stream, group in groups if group is not None]
        found = [send for send in sends if send is not None]
        return _take(min(found, key=lambda send: send.number), lane, certain=False) if found else None

    def _by_content(self, stream: Stream, lane: Lane, group: Group | None, until: int) -> Message | None:
        if group is None:
            return None
        return self._copy(stream, lane, group, until) if stream.fanout else self._choose(stream, lane, group, until)

    def _first_possible(self, stream: Stream, lane: Lane, group: Group, until: int) -> Send | None:
        first = self._possible(group.after(lane.floor), lane, until)
        if stream.fanout:
            return first and (self._possible(group.after(lane.last), lane, until) or first)
        return first or (None if stream.keyed else self._possible(group.after(-1), lane, until))

    def join(self, lane: Lane, stream: Stream) -> None:
        """There is one way more. A bound socket may have sent to a new peer before the relay told of it. Where no relay
        is between, what was sent to an earlier routing id of the peer may still come by the same lane."""
        lane.mixed = lane.mixed or lane.stream not in (None, stream)
        lane.stream = stream
        stream.lanes.append(lane)
        if lane.unknown and stream.waiting:  # one of these may have been received, and nobody knew
            stream.leaks = True
            stream.distrust()
        while stream.recent and (stream.recent[-1].sent or 0) >= lane.opened:
            message = stream.recent.pop()
            message.certain = False
            self._touch(message)
            stream.distrust()

    def _choose(self, stream: Stream, lane: Lane, group: Group, until: int) -> Message | None:
        since = lane.opened if stream.router and lane.bound else 0  # ROUTER does not wait for a peer
        low = self._possible(group.after(lane.floor, since), lane, until)
        if low is None:  # an earlier guess has taken it for another's
            low = None if stream.router else self._possible(group.after(-1), lane, until)
            if low is None:
                return None
            certain = False
        elif self._possible(first_waiting(low.next), lane, until) is None:
            certain = not group.doubt
        else:
            later = self._possible(group.after(lane.last, since), lane, until)
            certain = later is not None and not group.doubt and _next_in_pipe(later, stream, lane)
            low = later if certain and later is not None else _guess(stream, lane, group, until) or later or low
        certain = certain and _known(stream, lane) and group.content not in stream.owed
        if certain:
            self._lose_before(stream, lane, low.number, until)
        else:
            stream.doubt = group.doubt = True
        return _take(low, lane, certain)

    def _copy(self, stream: Stream, lane: Lane, group: Group, until: int) -> Message | None:
        """PUB: one send may go out by every lane; each lane after the first gets a copy of the message."""
        since = lane.opened if lane.bound else 0
        low = self._possible(group.after(lane.floor, since), lane, until)
        if low is None:
            return None
        certain = self._possible(first_waiting(low.next), lane, until) is None and _known(stream, lane)
        send = low if certain else self._possible(group.after(lane.last, since), lane, until) or low
        lane.last = max(lane.last, send.number)
        if stream.forgotten <= lane.floor and lane.fifo:
            lane.floor = low.number  # it was this one or a later one
        message = send.message
        if message.lane:
            original, message = message, self._create()
            message.sender, message.sent = original.sender, original.sent
            message.sent_frames, message.sent_sizes = original.sent_frames, original.sent_sizes
        message.certain = certain
        _reopen(message)
        return message

    def _possible(self, send: Send | None, lane: Lane, until: int) -> Send | None:
        """The send, if it can have gone out by this lane until then."""
        if send is None or send.sent > until:
            return None
        if send.heard:
            heard = self._lanes.get(send.heard)
            if heard is not None and heard.opened > lane.opened:
                return None  # ROUTER had moved on to a newer connection of that peer
        return send

    def _lose_before(self, stream: Stream, lane: Lane, number: int, time: int) -> None:
        """What one pipe was given before `number` and did not bring went down with an earlier connection."""
        if lane.direct or not (stream.keyed or (stream.owner.one_pipe and stream.owner.moves <= 1)):
            return
        while (earlier := stream.first()).number < number:
            if any(other.closed is None for other in stream.lanes if other is not lane):
                return  # it may still come
            stream.owner.take(earlier)
            if stream.owner.conflates:
                self._end(earlier.message, "dropped", time, stream.owner.conflated)
            else:
                self._end(earlier.message, "lost", time, "its connection ended before it was on the wire")


def _take(send: Send, lane: Lane, certain: bool) -> Message:
    if send.number > lane.last:
        lane.last = send.number
    if certain and lane.fifo:
        lane.floor = send.number
    send.stream.owner.take(send)
    send.message.certain = certain
    _reopen(send.message)
    return send.message


def _reopen(message: Message) -> None:
    """It was thought to have ended, or to wait for a connection."""
    message.end = message.reason = ""
    message.ended = None


def _in_order(stream: Stream, lane: Lane) -> bool:
    """Does the order alone tell, because there has never been another way to go? A socket that has connected twice has
    two queues, even while only one of the connections stands."""
    lanes, owner = stream.lanes, stream.owner
    if lanes[0] is not lane or len(lanes) > 1 or stream.leaks or stream.doubt or stream.owed or stream.fanout:
        return False
    if owner.lost or owner.conflates or stream.forgotten > lane.floor:
        return False
    if lane.direct and (lane.receiver.type == "REQ" or lane.receiver.conflates):
        return False  # it throws away what was there before, and here nobody sees when that was
    if stream.keyed:
        return True
    if lane.inproc:
        return lane.fifo and owner.one_pipe
    # Without a relay nobody tells of a bound socket's other peers.
    return owner.moves <= 1 and (not lane.direct or owner.one_pipe or _one_peer(owner))


def _one_peer(owner: SocketState) -> bool:
    """PAIR has one at a time; but another may have had its place before."""
    return owner.type == "PAIR" and len(owner.neighbours) == 1


def _whole(lane: Lane, send: Send) -> bool:
    """Without a relay nobody tells of a broken connection: order proves something only where none can have happened,
    and where no earlier socket at that endpoint can have taken the message."""
    if not lane.direct or (lane.inproc and lane.sender.one_pipe):
        return True
    return lane.sender.moves <= 1 and lane.receiver.moves <= 1 and send.sent >= lane.receiver.moved


def _known(stream: Stream, lane: Lane) -> bool:
    """Are all sends known that can come out of this lane?"""
    return not (stream.owner.lost or lane.mixed) and stream.forgotten <= lane.floor


def _next_in_pipe(send: Send, stream: Stream, lane: Lane) -> bool:
    """Must this send, the first of its content that can, have gone out by this lane?"""
    if lane.direct or stream.lanes[-1] is not lane or stream.owner.conflates:
        return False
    follows = 0 <= lane.last == lane.floor  # the pipe had been in use before: what follows, follows in order
    if stream.keyed:
        return follows or send.heard == lane.id
    return stream.owner.one_pipe and send.sent > stream.owner.moved and (follows or send.sent > lane.opened)


def _guess(stream: Stream, lane: Lane, group: Group, until: int) -> Send | None:
    """The send whose turn it was on this lane, as long as nothing speaks against that."""
    owner = stream.owner
    ways = owner.ways or len(stream.lanes)
    if stream.keyed or lane.last < 0 or not stream.in_turn or lane.last + ways >= owner.next_number:
        return None
    send = owner.sends.get(lane.last + ways)
    if send is None or (send.group is not group and send.sent <= until):
        stream.in_turn = False
        return None
    return send if send.group is group and send.sent <= until else None


def _remember(stream: Stream, message: Message, left: int) -> None:
    recent = stream.recent
    recent.append(message)
    while recent[0].left is not None and recent[0].left < left - LATE:
        recent.popleft()
