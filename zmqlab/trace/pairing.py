"""Pairing: which send was this wire message, and which wire message was this receive?

Two steps, because they are of different certainty.

*Wire to receive* is exact. A lane (one direction of a TCP connection) is FIFO, and each received message names its
lane, so the n-th receive from a lane is its n-th message. A socket that skips messages in silence (REP without a
delimiter, REQ with a late reply) is seen by the content.

*Send to wire* is exact where the sender had one way to go: one unbroken connection, or a ROUTER, which obeys the
routing id. Elsewhere (several peers, a connection that died with messages under way) a message is certain only
when a single send can have been it; the others are inferred, in FIFO order, and marked so.

Without a relay the receive itself plays the part of the wire message, on a *direct* lane named "3.17→3.4".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from .events import Frames, RecvData, SendData, UnsentData, WireData
from .model import Link, Message, Socket, Work

PIPE = 50_000_000  # ns that a message may need from the connection to where its socket looks, at the worst
LANES = 50  # lanes that a stream remembers; that it had more than one, it never forgets
SCAN = 100  # how many waiting sends are looked at for one wire message, at most
FANOUT = ("PUB", "XPUB")
PROXIED = ("ROUTER", "DEALER", "PUSH")  # sockets that send by themselves only what a proxy passes on
KNOWS_PEER = ("ROUTER", "REP")  # sockets that send to a peer that is there, or drop the message
LOCK_STEP = ("REQ", "REP")  # sockets that no proxy reads, and that take nothing without a delimiter
NO_DELIMITER = "no delimiter"
PICKY = {  # sockets that throw away what they cannot use, and tell nobody
    "REP": NO_DELIMITER,
    "REQ": "not the reply it waits for",
    "SUB": "not subscribed to",
    "XSUB": "not subscribed to",
}


@dataclass(slots=True)
class _Receive:
    socket: str
    time: int
    data: RecvData
    work: Work | None
    asked: int  # when a REQ sent its request; 0 for the others
    certain: bool = True


@dataclass(slots=True)
class _Pending:
    """A send that no lane has shown yet. `heard`: the lane back to the peer that ROUTER had last heard from."""

    number: int
    message: Message
    heard: str = ""


@dataclass(slots=True, eq=False)
class _Lane:
    id: str
    sender: str = ""  # "" while unknown
    receiver: str = ""
    opened: int = 0
    closed: int | None = None
    stream: _Stream | None = None
    on_the_way: dict[int, Message] = field(default_factory=dict)  # by wire number, until received
    early: dict[int, _Receive] = field(default_factory=dict)  # received, the relay's report not yet read
    landed: dict[int, Message] = field(default_factory=dict)  # received, the report of their arrival not yet read
    last: int = -1  # number of the send matched last
    sure: bool = True  # was that certain?
    seen: int = -1  # the highest wire number reported
    skipped: int = 0  # messages that the receiving socket dropped in silence
    direct: bool = False


@dataclass(slots=True, eq=False)
class _Stream:
    """The sends of one socket that go to one place (a ROUTER's routing id, a REP's asker) or anywhere (the others)."""

    type: str
    key: tuple[str, object]
    pending: dict[int, _Pending] = field(default_factory=dict)  # by send number, in order
    lanes: list[_Lane] = field(default_factory=list)
    doubt: bool = False  # a guess was made among the sends that wait
    lost_track: bool = False  # the log had a gap: nothing that was sent before is known for certain


def _payload(frames: Frames, type: str) -> Frames:
    return frames[1:] if type == "ROUTER" else frames


def _same(one: Frames | None, other: Frames | None) -> bool:
    """Equal in the frames both have, from the back: a REQ or REP hides the envelope from its program."""
    if one == other or one is None or other is None:
        return True  # encrypted: the relay saw that it passed, not what it says
    n = min(len(one), len(other))
    return one[len(one) - n :] == other[len(other) - n :]


def _shared(frames: Frames, known: Frames | None) -> Frames:
    """The same frames, made of the objects that are kept already where they are equal: a payload is kept once."""
    if not known:
        return frames
    if frames == known:
        return known
    if frames[1:] == known:  # ROUTER has put the routing id in front
        return (frames[0], *known)
    return known[1:] if frames == known[1:] else frames  # ROUTER has taken it off


class Pairing:
    """Turns sends, wire messages and receives into `Message` journeys.

    `create()` makes an empty message with a new id, `touch(item)` is told of each message or work bar that changed.
    """

    def __init__(self, create: Callable[[], Message], touch: Callable[[Message | Work], None]) -> None:
        self._create = create
        self._touch = touch
        self._sockets: dict[str, Socket] = {}
        self._lanes: dict[str, _Lane] = {}
        self._streams: dict[tuple[str, object], _Stream] = {}
        self._sent: dict[str, dict[int, _Stream]] = {}  # socket -> number -> stream, while pending
        self._heard: dict[tuple[str, bytes], str] = {}  # (ROUTER, routing id) -> lane or socket heard from last
        self._asked: dict[str, int] = {}  # REQ -> when it sent its request
        self._asked_before: dict[str, int] = {}
        self._blocked: dict[tuple[str, int], Message] = {}  # (socket, number) of a send that waits, received or not
        self._asker: dict[str, str] = {}  # REP -> lane or socket of the request it is answering
        self._waiting: dict[str, _Lane] = {}  # lanes with receives that no report explains yet
        self._reported = 0  # the relay has reported everything up to this time
        self._readers: set[str] = set()  # sockets that a program has received from
        self._senders: set[str] = set()  # sockets that a program has sent with
        self._proxied: set[str] = set()  # sockets that a proxy uses, and no program
        self._gap = False  # events were missing: who has used a socket is not known
        self._moves: Counter[str] = Counter()
        self._probes: set[str] = set()  # sockets with PROBE_ROUTER
        self._choosy: set[str] = set()  # sockets with an option that makes them throw away good messages
        self._encrypted: set[str] = set()  # lanes whose frames nobody sees

    # -- what the sockets and links are ---------------------------------------------------------------------

    def add_socket(self, socket: Socket) -> None:
        self._sockets[socket.id] = socket

    def moved(self, socket: str) -> None:
        """The socket has bound, connected, unbound or disconnected."""
        self._moves[socket] += 1

    def probes(self, socket: str, on: bool) -> None:
        """PROBE_ROUTER: the socket's first message on each connection is an empty one of libzmq's own."""
        (self._probes.add if on else self._probes.discard)(socket)

    def discards(self, socket: str) -> None:
        """CONFLATE or REQ_CORRELATE: which of several messages the socket has thrown away, nobody sees."""
        self._choosy.add(socket)

    def close_socket(self, socket: str, time: int) -> None:
        """What lay unread in it is gone. (A socket that was never read from Python may have been a proxy's.)"""
        type = self._type(socket)
        if socket in self._readers or type in LOCK_STEP:
            for lane in list(self._lanes.values()):
                if lane.receiver == socket and not lane.early:
                    for number in list(lane.on_the_way):
                        message = lane.on_the_way.pop(number)
                        if type in LOCK_STEP and self._lacks_delimiter(message, lane):
                            self._end(message, "dropped", time, f"{type}: {NO_DELIMITER}")
                        else:
                            self._lose(message, time, "its socket was closed before it was read")

    def _lacks_delimiter(self, message: Message, lane: _Lane) -> bool:
        """As far as anybody can see: frames that are encrypted, or were not seen, may have one."""
        return lane.id not in self._encrypted and message.wire_frames is not None and b"" not in message.wire_frames

    def discard(self, socket: str, time: int) -> None:
        """The socket and its context are gone: what had not left it never will."""
        for number in list(self._sent.get(socket, ())):
            pending = self._pending(socket, number)
            self._take(socket, number)
            self._blocked.pop((socket, number), None)
            if pending is not None and not pending.message.lane:
                self._lose(pending.message, time, "it was thrown away with its socket, before it had left")

    def forget(self, message: Message) -> None:
        """The trace keeps this message no longer."""
        lane = self._lanes.get(message.lane)
        if lane is not None and message.number is not None and lane.on_the_way.get(message.number) is message:
            del lane.on_the_way[message.number]
        sends = self._sent.get(message.sender)
        if sends:
            number, stream = next(iter(sends.items()))  # the oldest go first, here and there
            if stream.pending[number].message is message:
                self._take(message.sender, number)

    def gap(self) -> None:
        """Events are missing from the log: which send a message was can only be guessed from now on."""
        self._gap = True
        for stream in self._streams.values():
            for number in list(stream.pending):
                self._take(stream.key[0], number)
            stream.lost_track = True

    def open_link(self, link: Link) -> None:
        for lane_id, sender, receiver, identity in (
            (f"{link.id}>", link.client, link.server, link.server_identity),
            (f"{link.id}<", link.server, link.client, link.client_identity),
        ):
            if link.encrypted:
                self._encrypted.add(lane_id)
                continue
            lane = self._lane(lane_id)
            lane.sender, lane.receiver, lane.opened = sender, receiver, link.opened
            type = self._type(sender)
            if type == "ROUTER":
                if identity:
                    self._join(lane, self._stream(sender, identity))
            elif type == "REP":
                self._join(lane, self._stream(sender, lane_id))
            elif type:
                self._join(lane, self._stream(sender, None))

    def close_link(self, link: Link) -> None:
        assert link.closed is not None
        for lane_id in (f"{link.id}>", f"{link.id}<"):
            if lane_id in self._encrypted:
                self._encrypted.discard(lane_id)
                self.moved(link.client)
                self.moved(link.server)
            lane = self._lanes.get(lane_id)
            if lane is None:
                continue
            lane.closed = link.closed
            for message in lane.on_the_way.values():
                if message.arrived is None:
                    self._lose(message, link.closed, f"the connection ended: {link.reason}")
            if lane.stream is not None and self._type(lane.sender) in ("ROUTER", "REP"):
                self._lose_queue(lane)
            self._forget_empty(lane)

    # -- what the programs and the wire do ------------------------------------------------------------------

    def send(self, socket: str, time: int, data: SendData) -> Message:
        message = self._create()
        message.sender, message.sent = socket, time
        message.sent_frames, message.sent_sizes = data.frames, data.sizes
        type = self._type(socket)
        key: object = None
        heard = ""
        if type == "ROUTER" and data.frames:
            key = data.frames[0]
            heard = self._heard.get((socket, data.frames[0]), "")
        elif type == "REP":
            key = self._asker.get(socket, "")
        elif type == "REQ":
            self._asked_before[socket] = self._asked.get(socket, 0)
            self._asked[socket] = time
        self._senders.add(socket)
        stream = self._stream(socket, key)
        if stream.type in FANOUT and len(stream.pending) >= SCAN:
            self._take(socket, next(iter(stream.pending)))  # it stays, because every subscriber may get a copy
        stream.pending[data.number] = _Pending(data.number, message, heard)
        self._sent.setdefault(socket, {})[data.number] = stream
        return message

    def blocked(self, socket: str, number: int, time: int) -> None:
        """A send waits: at the high-water mark, or for a peer."""
        pending = self._pending(socket, number)
        if pending and pending.message.returned is None:
            pending.message.blocked = time
            self._blocked[socket, number] = pending.message
            self._touch(pending.message)

    def returned(self, socket: str, number: int, time: int) -> None:
        """A send that had been blocked has returned. The peer may have received the message before that was seen."""
        pending = self._pending(socket, number)
        message = self._blocked.pop((socket, number), pending.message if pending else None)
        if message:
            message.returned = time
            self._touch(message)

    def unsent(self, socket: str, time: int, data: UnsentData, end: str) -> None:
        """A send went nowhere: `end` is "unsent" (it raised) or "dropped" (by ROUTER, in silence)."""
        pending = self._pending(socket, data.number)
        self._blocked.pop((socket, data.number), None)
        if socket in self._asked_before:  # a REQ that did not ask has thrown nothing away
            self._asked[socket] = self._asked_before[socket]
        if pending:
            self._take(socket, data.number)
            self._end(pending.message, end, time, data.reason)

    def wire(self, lane_id: str, data: WireData) -> None:
        if lane_id in self._encrypted:
            return  # it names no send: the receives tell, by their metadata
        lane = self._lane(lane_id)
        probe = data.number == 0 and lane.sender in self._probes and data.frames == (b"",)
        message = None if probe else self._match(lane, data.left, data.frames)
        if message is None:
            message = self._create()
            message.sender = lane.sender
            if not probe:
                self._notice_proxy(lane.sender)
        message.lane, message.number, message.receiver = lane.id, data.number, lane.receiver
        message.left, message.arrived = data.left, data.arrived
        message.wire_frames, message.wire_sizes = _shared(data.frames, message.sent_frames), data.sizes
        lane.on_the_way[data.number] = message
        lane.seen = data.number
        receiver = self._sockets.get(lane.receiver)
        message.watched = (receiver is None or receiver.watched) and lane.receiver not in self._proxied
        self._reported = max(self._reported, data.left)
        self._touch(message)
        if self._waiting:
            for waiting in list(self._waiting.values()):
                self._retry(waiting)
        if receiver is not None and receiver.closed is not None:
            self.close_socket(receiver.id, receiver.closed)
        self._forget_empty(lane)

    def _notice_proxy(self, socket: str) -> None:
        """No send explains a message of this socket, which no program has ever used: `zmq.proxy` does, in C. What lies
        in it is not unread, but passed on unseen."""
        known = self._sockets.get(socket)
        used = socket in self._senders or socket in self._readers or self._gap
        if known is None or not known.watched or known.type not in PROXIED or used or socket in self._proxied:
            return
        self._proxied.add(socket)
        for lane in self._lanes.values():
            if lane.receiver == socket:
                for message in lane.on_the_way.values():
                    message.watched = False
                    self._touch(message)

    def arrived(self, lane_id: str, number: int, time: int) -> None:
        lane = self._lanes.get(lane_id)
        message = (lane.on_the_way.get(number) or lane.landed.pop(number, None)) if lane else None
        if message is not None:
            message.arrived = time
            self._touch(message)

    def recv(self, socket: str, time: int, data: RecvData, work: Work | None = None) -> None:
        receive = _Receive(socket, time, data, work, self._asked.get(socket, 0))
        lane = self._lane(data.peer) if data.peer[-1:] in ("<", ">") else self._direct(socket, data)
        self._readers.add(socket)
        if socket in self._choosy:
            receive.certain = False
        self._hear(socket, data)
        if lane is None or lane.direct:
            self._deliver(lane, receive)
        elif lane.early or not self._received(lane, data.number, receive):
            lane.early[data.number] = receive
            self._waiting[lane.id] = lane

    # -- send to wire ---------------------------------------------------------------------------------------

    def _match(self, lane: _Lane, left: int, frames: Frames | None) -> Message | None:
        """Take the send that this wire message was from its stream, or None when nobody is known to have sent it."""
        stream = lane.stream
        if stream is None or not stream.pending:
            return None
        if stream.type in FANOUT:
            return self._match_fanout(stream, lane, left, frames)
        alone = self._alone(stream, lane)
        found: _Pending | None = None
        certain = alone or len(stream.pending) <= SCAN
        for pending in self._candidates(stream, lane, left, alone):
            if not _same(_payload(pending.message.sent_frames or (), stream.type), frames):
                certain = certain and not alone  # out of order on one pipe: then we do not know it all
            elif found is None:
                found = pending
                if alone or self._bound_for(pending, stream, lane):
                    certain = certain or not alone
                    break
            else:
                certain = False  # a second one fits as well
                break
        if found is None:
            return None
        certain = certain and not (stream.doubt or stream.lost_track) and self._whole(lane, found.message)
        if certain and self._one_pipe(stream, lane) and not lane.direct:
            self._lose_before(stream, found.number, left)
        lane.last, lane.sure = found.number, certain
        self._take(found.message.sender, found.number)
        # A guess may have taken the send of another wire message: until all are told, nothing here is certain.
        stream.doubt = bool(stream.pending) and (stream.doubt or not certain)
        found.message.certain = certain
        return found.message

    def _candidates(self, stream: _Stream, lane: _Lane, left: int, alone: bool) -> Iterator[_Pending]:
        for pending in islice(stream.pending.values(), SCAN):
            assert pending.message.sent is not None
            if pending.message.sent > left:
                return
            if pending.number > lane.last and (alone or self._possible(pending, stream, lane)):
                yield pending

    def _alone(self, stream: _Stream, lane: _Lane) -> bool:
        """Has there never been another way to go? A socket that has connected twice has two queues, even while
        only one of the connections stands."""
        if lane.direct and self._type(lane.receiver) == "REQ":
            return False  # it throws away what was there before its request, and here nobody sees when that was
        return stream.lanes == [lane] and (stream.type in ("ROUTER", "REP") or self._moves[lane.sender] <= 1)

    def _possible(self, pending: _Pending, stream: _Stream, lane: _Lane) -> bool:
        """Can this send have gone out by this lane?"""
        message = pending.message
        assert message.sent is not None
        if stream.type == "ROUTER":
            if pending.heard and self._opened(pending.heard) > lane.opened:
                return False  # ROUTER had moved on to a newer connection of that peer
            return message.sent >= lane.opened  # its pipe did not exist before, and ROUTER does not wait
        return lane.closed is None or message.sent <= lane.closed or lane.direct

    def _one_pipe(self, stream: _Stream, lane: _Lane) -> bool:
        """Does the stream leave by one queue at a time, in order and without gaps?"""
        socket = self._sockets[lane.sender]
        return stream.type in ("ROUTER", "REP") or (len(socket.connects) == 1 and not socket.binds)

    def _bound_for(self, pending: _Pending, stream: _Stream, lane: _Lane) -> bool:
        """Must this send, the first of its stream that can, have gone out by this lane?"""
        if lane.direct or not self._one_pipe(stream, lane):
            return False
        newest = stream.lanes[-1] is lane
        if lane.last >= 0 and lane.sure and newest:
            return True  # the pipe had been in use before: what follows, follows in order
        if stream.type == "ROUTER":
            return pending.heard == lane.id and newest
        message = pending.message
        return newest and message.sent is not None and message.sent > lane.opened

    def _match_fanout(self, stream: _Stream, lane: _Lane, left: int, frames: Frames | None) -> Message | None:
        """PUB: one send may go out by every lane; each lane after the first gets a copy of the message."""
        fits = [
            pending
            for pending in stream.pending.values()
            if pending.number > lane.last
            and lane.opened <= (pending.message.sent or 0) <= left
            and _same(pending.message.sent_frames, frames)
        ]
        if not fits:
            return None
        lane.last = fits[0].number
        message = fits[0].message
        if message.lane:
            original, message = message, self._create()
            message.sender, message.sent = original.sender, original.sent
            message.sent_frames, message.sent_sizes = original.sent_frames, original.sent_sizes
        message.certain = len(fits) == 1 and not stream.lost_track
        return message

    def _lose_before(self, stream: _Stream, number: int, time: int) -> None:
        """What one pipe was given before `number` and did not bring went down with an earlier connection."""
        while (earlier := next(iter(stream.pending))) < number:
            message = stream.pending[earlier].message
            self._take(message.sender, earlier)
            self._lose(message, time, "its connection ended before it was on the wire")

    def _lose_queue(self, lane: _Lane) -> None:
        """ROUTER and REP throw a peer's outbound queue away when its connection ends."""
        stream = lane.stream
        assert stream is not None
        assert lane.closed is not None
        for number, pending in list(stream.pending.items()):
            message = pending.message
            assert message.sent is not None
            known = stream.type == "REP" or pending.heard == lane.id
            if known and message.sent < lane.closed and stream.lanes[-1] is lane:
                self._take(message.sender, number)
                self._lose(
                    message,
                    lane.closed,
                    f"{stream.type} threw the queue away when the peer's connection ended",
                )

    # -- wire to receive ------------------------------------------------------------------------------------

    def _retry(self, lane: _Lane) -> None:
        early = lane.early
        while early:
            number = next(iter(early))  # they came in order
            if not self._received(lane, number, early[number]):
                return
            del early[number]
        del self._waiting[lane.id]

    def settle(self) -> None:
        """No more reports will come. What still waits for one came by the relay of another process, or its report is
        missing: the receive alone tells of it."""
        for lane in self._waiting.values():
            for receive in lane.early.values():
                self._deliver(lane if lane.opened else None, receive)
            lane.early.clear()
        self._waiting.clear()
        for stream in self._streams.values():
            if stream.type in KNOWS_PEER and not any(lane.opened or lane.direct for lane in stream.lanes):
                for pending in stream.pending.values():  # it went to a process outside
                    pending.message.watched = False
                    self._touch(pending.message)

    def _received(self, lane: _Lane, number: int, receive: _Receive) -> bool:
        """Close the journey of the wire message that this receive was; False while it is not reported yet."""
        got = _payload(receive.data.frames, self._type(receive.socket))
        picky = self._type(receive.socket) in PICKY
        while True:
            place = number + lane.skipped
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
                if later is None and self._reported <= receive.time:
                    return False
                self._land(lane, place, receive)
            elif _same(message.wire_frames, got):
                self._land(lane, place, receive)
            elif not picky:
                self._deliver(lane, receive)
            elif place + 1 in lane.on_the_way:
                type = self._type(receive.socket)
                self._skip(lane, place, receive, f"{type}: {PICKY[type]}")
                continue
            else:
                return False
            return True

    def _land(self, lane: _Lane, place: int, receive: _Receive) -> None:
        message = lane.on_the_way.pop(place)
        if message.arrived is None:  # the relay held it back for a while; its report that it let go comes late
            lane.landed[place] = message
        self._close_journey(message, receive)

    def _skip(self, lane: _Lane, place: int, receive: _Receive, reason: str) -> None:
        """The receiving socket threw a message away and told nobody."""
        lane.skipped += 1
        self._end(lane.on_the_way.pop(place), "dropped", receive.time, reason)

    def _deliver(self, lane: _Lane | None, receive: _Receive) -> None:
        """A receive that no relay reported: match the send by the receive itself."""
        got = _payload(receive.data.frames, self._type(receive.socket))
        message = self._match(lane, receive.time, got) if lane is not None else None
        if message is None:
            message = self._create()
            message.sender = lane.sender if lane is not None else ""
        message.lane, message.number = (lane.id if lane else ""), receive.data.number
        self._close_journey(message, receive)

    def _close_journey(self, message: Message, receive: _Receive) -> None:
        message.receiver, message.received = receive.socket, receive.time
        message.received_frames = _shared(receive.data.frames, message.wire_frames or message.sent_frames)
        message.received_sizes = receive.data.sizes
        message.end = message.reason = ""
        message.certain = message.certain and receive.certain
        self._touch(message)
        if receive.work is not None:
            receive.work.message = message.id
            self._touch(receive.work)

    # -- small helpers --------------------------------------------------------------------------------------

    def _type(self, socket: str) -> str:
        known = self._sockets.get(socket)
        return known.type if known else ""

    def _opened(self, lane_id: str) -> int:
        lane = self._lanes.get(lane_id)
        return lane.opened if lane else 0

    def _stream(self, socket: str, key: object) -> _Stream:
        stream = self._streams.get((socket, key))
        if stream is None:
            stream = self._streams[socket, key] = _Stream(self._type(socket), (socket, key))
        return stream

    def _join(self, lane: _Lane, stream: _Stream) -> None:
        if lane not in stream.lanes:
            lane.stream = stream
            stream.lanes.append(lane)
            del stream.lanes[:-LANES]

    def _hear(self, socket: str, data: RecvData) -> None:
        """Learn from a receive where the answers will go."""
        type = self._type(socket)
        if type not in ("ROUTER", "REP") or not data.peer:
            return
        if data.peer[-1] in ("<", ">"):
            answers = self._lane(data.peer[:-1] + ("<" if data.peer[-1] == ">" else ">"))
        else:
            answers = self._direct_lane(socket, data.peer)
        if type == "ROUTER" and data.frames:
            self._heard[socket, data.frames[0]] = answers.id
            self._join(answers, self._stream(socket, data.frames[0]))
        elif type == "REP":
            self._asker[socket] = answers.id
            self._join(answers, self._stream(socket, answers.id))

    def _lane(self, id: str) -> _Lane:
        """A receive may name a lane before the relay's report of its link is here."""
        if id not in self._lanes:
            self._lanes[id] = _Lane(id)
        return self._lanes[id]

    def _direct(self, socket: str, data: RecvData) -> _Lane | None:
        """The lane of a receive that came by no relay, from the socket that its metadata (or inproc) names."""
        peer = data.peer or self._inproc_peer(socket)
        if not peer or peer not in self._sockets:
            return None
        lane = self._direct_lane(peer, socket)
        if lane.stream is None:
            type = self._type(peer)
            routing_id = self._sockets[socket].routing_id
            if type == "ROUTER" and routing_id:
                self._join(lane, self._stream(peer, routing_id))
            elif type and type not in ("ROUTER", "REP"):
                self._join(lane, self._stream(peer, None))
        return lane

    def _direct_lane(self, sender: str, receiver: str) -> _Lane:
        name = f"{sender}→{receiver}"
        if name not in self._lanes:
            self._lanes[name] = _Lane(name, sender, receiver, direct=True)
        return self._lanes[name]

    def _inproc_peer(self, socket: str) -> str:
        """inproc carries no metadata: the peer is known when only one socket shares an inproc endpoint."""
        me = self._sockets.get(socket)
        if me is None:
            return ""
        mine = {e for e in me.binds + me.connects if e.startswith("inproc:")}
        peers = [
            s.id
            for s in self._sockets.values()
            if s is not me and s.actor == me.actor and s.closed is None and mine.intersection(s.binds + s.connects)
        ]
        return peers[0] if len(peers) == 1 else ""

    def _whole(self, lane: _Lane, message: Message) -> bool:
        """Without a relay nobody tells of a broken connection: be certain only where none can have happened, and
        where no earlier socket at that endpoint can have taken the message."""
        if not lane.direct:
            return True
        assert message.sent is not None
        one_way = self._moves[lane.sender] <= 1 and self._moves[lane.receiver] <= 1
        return one_way and message.sent >= self._sockets[lane.receiver].opened

    def _pending(self, socket: str, number: int) -> _Pending | None:
        stream = self._sent.get(socket, {}).get(number)
        return stream.pending.get(number) if stream else None

    def _take(self, socket: str, number: int) -> None:
        stream = self._sent.get(socket, {}).pop(number, None)
        if stream is not None:
            stream.pending.pop(number, None)

    def _lose(self, message: Message, time: int, reason: str) -> None:
        self._end(message, "lost", time, reason)

    def _end(self, message: Message, end: str, time: int, reason: str) -> None:
        message.end, message.ended, message.reason = end, time, reason
        self._touch(message)

    def _forget_empty(self, lane: _Lane) -> None:
        """A lane that ended and was read to the end is not needed any more, nor is what only it was for."""
        if lane.closed is None or lane.on_the_way or lane.early:
            return
        lane.landed.clear()
        self._lanes.pop(lane.id, None)
        stream = lane.stream
        if stream is None or stream.pending:
            return
        socket, key = stream.key
        automatic = isinstance(key, bytes) and key[:1] == b"\0"  # such an id never comes back
        if automatic or stream.type == "REP":
            self._streams.pop(stream.key, None)
            self._heard.pop((socket, key), None)  # type: ignore[arg-type]
