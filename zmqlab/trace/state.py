"""What the pairing knows: one record a socket, the streams of its sends, and the lanes that they leave by.

A send waits in its stream, in order, until a wire message is found to be it. Sends of equal content stand in a group of
their own, so that the next one of a content is found without a look at the others, however many wait.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from operator import attrgetter

from .events import CLIP, MAX_FRAMES, Frames, RecvData, Sizes
from .model import Message, Socket, Work

FANOUT = frozenset(("PUB", "XPUB", "XSUB"))  # every peer may get a copy
KEYED = frozenset(("ROUTER", "REP"))  # sockets that send to a peer that is there, or drop the message
LOCK_STEP = frozenset(("REQ", "REP"))  # sockets that hide the envelope from their program
OWED = 1000  # contents that a stream remembers to be in doubt; beyond that all are
LANES = 50  # lanes that a stream remembers; that it had more than one, it never forgets
KILLED = "its process was killed"
UNREAD = "its socket was closed before it was read"
EVER = 1 << 62  # ns: later than every time
SPARE = 32  # sends that are gone stay in a queue until there are so many, and more than those that wait

_number, _sent = attrgetter("number"), attrgetter("sent")


def same(one: Frames, one_sizes: Sizes, other: Frames, other_sizes: Sizes) -> bool:
    """Equal in the frames both have, from the back: a REQ or REP hides the envelope from its program."""
    if one == other and one_sizes == other_sizes:
        return True
    n = min(len(one), len(other))
    if one[len(one) - n :] != other[len(other) - n :]:
        return False
    return one_sizes is None or other_sizes is None or one_sizes[-n:] == other_sizes[-n:]


def content(frames: Frames, sizes: Sizes, start: int) -> Hashable:
    """What tells messages apart: the frames from `start` on, and their true lengths where one of them was clipped."""
    start = max(start, len(frames) - MAX_FRAMES)  # the wire has kept no more
    if start > 0:
        frames, sizes = frames[start:], sizes and sizes[start:]
        if sizes and max(sizes) <= CLIP:
            sizes = None
    return frames if sizes is None else (frames, sizes)


def envelope(frames: Frames) -> int:
    """How many frames REQ and REP put before the program's: all up to the first empty one."""
    return frames.index(b"") + 1 if b"" in frames else 0


class Send:
    """A send that no lane has shown yet."""

    __slots__ = ("gone", "group", "heard", "message", "next", "number", "sent", "stream")

    def __init__(self, number: int, message: Message, sent: int, stream: Stream, heard: str) -> None:
        self.number = number
        self.message = message
        self.sent = sent
        self.stream = stream
        self.heard = heard  # the lane back to the peer that ROUTER had last heard from
        self.gone = False  # it waits no more
        self.group: Group | None = None
        self.next: Send | None = None  # the next of its group; where that one is gone, one behind it


class Group:
    """The sends of equal content in one stream, in order."""

    __slots__ = ("content", "doubt", "sends", "waiting")

    def __init__(self, content: Hashable, doubt: bool) -> None:
        self.content = content
        self.sends: list[Send] = []
        self.waiting = 0
        self.doubt = doubt  # a guess was made: the send of one wire message may have been taken for another's

    def add(self, send: Send) -> None:
        if self.sends:
            self.sends[-1].next = send
        self.sends.append(send)
        self.waiting += 1
        send.group = self

    def after(self, number: int, since: int = 0) -> Send | None:
        """The first that waits behind that number, and was not sent before `since`."""
        sends = self.sends
        place = bisect_right(sends, number, key=_number) if sends[0].number <= number else 0
        if since and place < len(sends) and sends[place].sent < since:
            place = bisect_left(sends, since, key=_sent)
        return first_waiting(sends[place]) if place < len(sends) else None

    def take(self) -> None:
        """One of them waits no more."""
        self.waiting -= 1
        if not self.waiting:
            self.sends.clear()
        elif len(self.sends) > 2 * self.waiting + SPARE:
            self.sends = [send for send in self.sends if not send.gone]


def first_waiting(send: Send | None) -> Send | None:
    """The first that waits, from that one of its group on. Whoever comes by once more need not pass those again that
    are gone."""
    if send is None or not send.gone:
        return send
    found = send
    while found.gone and found.next is not None:
        found = found.next
    while send is not found:
        assert send is not None
        send.next, send = found, send.next
    return None if found.gone else found


class Stream:
    """The sends of one socket that go to one place (a ROUTER's routing id, a REP's asker) or anywhere (the others)."""

    __slots__ = (
        "bare", "doubt", "fanout", "forgotten", "groups", "in_turn", "key", "keyed", "lanes", "leaks", "owed", "owner",
        "queue", "recent", "router", "waiting",
    )  # fmt: skip

    def __init__(self, owner: SocketState, key: Hashable) -> None:
        self.owner = owner
        self.key = key
        self.router = owner.type == "ROUTER"
        self.fanout = owner.type in FANOUT
        self.keyed = owner.type in KEYED
        self.lanes: list[Lane] = []
        self.queue: deque[Send] = deque()
        self.waiting = 0
        self.groups: dict[Hashable, Group] | None = None  # made when they are first asked for
        self.bare = False  # the groups leave the envelope out, because some peers hide it
        self.doubt = False  # a guess was made since nothing waited
        self.leaks = False  # order alone proves nothing: something left by a way that nobody sees
        self.owed: set[Hashable] = set()  # contents of sends that were taken, and may have been another socket's
        self.in_turn = True  # nothing speaks against it that the peers are served in turn
        self.forgotten = -1  # the last send that the trace has forgotten before it was seen anywhere
        self.recent: deque[Message] = deque()  # of a bound socket: those that are certain by their order alone

    def add(self, send: Send) -> None:
        self.queue.append(send)
        self.waiting += 1
        if self.groups is not None:
            self._group(send)

    def first(self) -> Send:
        """The oldest that waits; there must be one."""
        queue = self.queue
        while queue[0].gone:
            queue.popleft()
        return queue[0]

    def take(self, send: Send) -> None:
        """It waits no more."""
        send.gone = True
        self.waiting -= 1
        if not self.waiting:  # each wire message has taken one, so none is left that another should have had
            self.queue.clear()
            self.doubt = False
        elif len(self.queue) > 2 * self.waiting + SPARE:
            self.queue = deque(send for send in self.queue if not send.gone)
        group, send.group = send.group, None
        if group is not None and self.groups is not None:
            group.take()
            if not group.waiting:
                del self.groups[group.content]

    def distrust(self) -> None:
        """Some that wait may have left already, and others taken for them."""
        self.doubt = True
        for group in (self.groups or {}).values():
            group.doubt = True

    def equals(self, frames: Frames, sizes: Sizes, hidden: bool) -> Group | None:
        """The sends that wait and say the same as this message. `hidden`: the receiver has hidden the envelope."""
        if self.groups is None or (hidden and not self.bare):
            self.bare = hidden
            self._regroup()
        assert self.groups is not None
        return self.groups.get(self._content(frames, sizes, hidden))

    def owe(self, said: Hashable) -> None:
        """A send that says this was taken, and may have been another socket's."""
        self.owed.add(said)
        if len(self.owed) > OWED:
            self.owed.clear()
            self.owner.lost = True

    def owes(self, frames: Frames, sizes: Sizes, hidden: bool) -> bool:
        """May there be one more, that was taken for another's?"""
        return bool(self.owed) and self._content(frames, sizes, hidden) in self.owed

    def _content(self, frames: Frames, sizes: Sizes, hidden: bool) -> Hashable:
        start = 0 if hidden or not (self.bare or self.owner.type in LOCK_STEP) else envelope(frames)
        return content(frames, sizes, start)

    def _regroup(self) -> None:
        self.groups = {}
        for send in self.queue:
            if not send.gone:
                send.next = None
                self._group(send, self.doubt)

    def _group(self, send: Send, doubt: bool = False) -> None:
        frames, sizes = send.message.sent_frames, send.message.sent_sizes
        assert frames is not None
        assert self.groups is not None
        start = 1 if self.router else 0
        if self.bare and self.owner.type not in LOCK_STEP:
            hidden = envelope(frames[start:])
            if not hidden:
                return  # REQ and REP throw it away
            start += hidden
        said = content(frames, sizes, start)
        group = self.groups.get(said)
        if group is None:
            group = self.groups[said] = Group(said, doubt)
        group.add(send)


@dataclass(slots=True)
class Receive:
    socket: SocketState
    time: int
    data: RecvData
    work: Work | None
    asked: int  # when a REQ sent its request; 0 for the others
    certain: bool = True
    subscription: bool = False  # an XPUB was told who wants what


class Lane:
    """One direction of a connection; or, where no relay is between, all that one socket sends to another."""

    __slots__ = (
        "bound", "closed", "deserted", "direct", "early", "endpoint", "fifo", "floor", "id", "identity", "inproc",
        "landed", "last", "mixed", "on_the_way", "opened", "receiver", "refusal", "seen", "sender", "skipped", "stream",
        "subscriptions", "unknown",
    )  # fmt: skip

    def __init__(self, id: str, sender: SocketState, receiver: SocketState, direct: bool = False) -> None:
        self.id = id
        self.sender = sender
        self.receiver = receiver
        self.direct = direct
        self.inproc = False
        self.fifo = not direct or sender.moves <= 1  # one queue, or several, of which nobody tells which
        self.bound = id[-1] == "<"  # its sender is the bound side, whose queue comes and goes with the connection
        self.opened = 0
        self.closed: int | None = None
        self.endpoint = ""  # as its connecting side has named it
        self.deserted: int | None = None  # when its receiver has unbound or disconnected
        self.stream: Stream | None = None
        self.on_the_way: dict[int, Message] = {}  # by wire number, until received
        self.early: deque[Receive] = deque()  # received, the relay's report not yet read
        self.landed: dict[int, Message] = {}  # received, the report of their arrival not yet read
        self.last = -1  # the highest number of a send found on it
        self.mixed = False  # it has belonged to another stream before
        self.floor = -1  # what is found on it now was sent after this one: that is certain
        self.seen = -1  # the highest wire number reported
        self.skipped = 0  # messages that the receiving socket dropped in silence
        self.refusal = ""  # why its receiver takes nothing of it
        self.identity = b""  # what its sender has told of itself
        self.subscriptions: set[int] = set()  # by wire number: messages that are none
        self.unknown = False  # something came by it whose send is not known


@dataclass(slots=True)
class Pipe:
    """What joins two sockets over inproc, as one of them sees it."""

    peer: SocketState
    routing_id: bytes | None  # what the peer is called here, as far as a program has said that
    since: int
    count: int = 1  # a socket may connect twice to one endpoint


class SocketState:
    """All that is known of one socket; also of one that the trace does not know (""): its lanes have an unknown end."""

    __slots__ = (
        "asked", "asked_before", "asker", "blocked", "bound_lanes", "called", "choosy", "conflates", "handover",
        "heard", "id", "incoming", "killed", "lost", "maxmsgsize", "may_have_guests", "met", "moved", "moves",
        "nameless", "neighbours", "next_number", "oldest", "pipes", "probes", "proxied", "reads", "refusal", "sends",
        "socket", "steers", "streams", "type", "unmet", "willful",
    )  # fmt: skip

    def __init__(self, id: str) -> None:
        self.id = id
        self.socket: Socket | None = None
        self.type = ""
        self.moves = 0  # how often it has bound, connected, unbound or disconnected
        self.moved = 0  # when it did so last
        self.bound_lanes = 0  # open lanes to peers that connected
        self.incoming: dict[str, Lane] = {}
        self.pipes: dict[str, Pipe] = {}  # over inproc, by the peer's id
        self.neighbours: dict[str, SocketState] = {}  # who uses an endpoint of its too, other than inproc
        self.called: dict[str, bytes] = {}  # CONNECT_ROUTING_ID, by endpoint
        self.met: set[str] = set()  # those to whom the relay has seen a connection
        self.unmet: set[str] = set()  # the other neighbours: no relay tells of what goes to them
        self.may_have_guests = False  # peers that no relay and no program tells of
        self.streams: dict[Hashable, Stream] = {}
        self.sends: dict[int, Send] = {}  # those that wait, by number
        self.oldest = 0  # none with a smaller number waits
        self.next_number = 0  # of the next send
        self.lost = False  # events are missing: which send a message was, is never certain
        self.blocked: dict[int, Message] = {}  # sends that have not returned, received or not
        self.heard: dict[Hashable, str] = {}  # ROUTER: by routing id, the lane on which that peer was heard last
        self.asker = ""  # REP: the lane of the request that it answers
        self.asked = 0  # REQ: when it sent its request
        self.asked_before = 0
        self.reads = False  # a program has received from it
        self.nameless = False  # it has received something over the network of which nobody tells who sent it
        self.killed = False  # with its process, which has not told all that it has received
        self.proxied = False  # a proxy uses it, and no program
        self.steers = False  # a proxy takes its orders from it
        self.probes = False  # PROBE_ROUTER
        self.choosy = False  # it has an option that makes it throw away good messages
        self.conflates = False  # CONFLATE
        self.willful = False  # PUB, XPUB: what its peers have subscribed to does not say alone what they get
        self.handover = False  # ROUTER_HANDOVER
        self.maxmsgsize = -1  # MAXMSGSIZE
        self.refusal = ""  # why it has no connection, in words

    def set(self, option: str, value: bytes | int) -> None:
        """What that option means for its messages, if it means anything."""
        number = value if isinstance(value, int) else 0
        if option == "PROBE_ROUTER":  # the first message on each connection is an empty one of libzmq's own
            self.probes = bool(number)
        elif option == "REQ_CORRELATE":  # which messages it has thrown away, nobody sees
            self.choosy = self.choosy or bool(number)
        elif option == "CONFLATE" and not self.moves:  # later it says nothing to the connections that there are
            self.conflates = bool(number)
        elif option in ("INVERT_MATCHING", "XPUB_MANUAL", "XPUB_MANUAL_LAST_VALUE"):
            self.willful = self.willful or bool(number)
        elif option == "ROUTER_HANDOVER":
            self.handover = bool(number)
        elif option == "MAXMSGSIZE" and not self.moves:
            self.maxmsgsize = number

    @property
    def closed(self) -> int | None:
        """When that was, where it is closed and the trace knows it."""
        return self.socket.closed if self.socket is not None else None

    def move(self, time: int) -> None:
        """It has bound, connected, unbound or disconnected, or a connection that nobody sees into has ended."""
        self.moves += 1
        self.moved = time

    def take(self, send: Send) -> None:
        """That send waits no more."""
        del self.sends[send.number]
        send.stream.take(send)

    def stream(self, key: Hashable) -> Stream:
        stream = self.streams.get(key)
        if stream is None:
            stream = self.streams[key] = Stream(self, key)
        return stream

    def oldest_send(self) -> Send | None:
        """Of those that wait."""
        while self.oldest < self.next_number and self.oldest not in self.sends:
            self.oldest += 1
        return self.sends.get(self.oldest)

    @property
    def conflated(self) -> str:
        """Why a message was dropped, where it has CONFLATE."""
        return f"{self.type}: CONFLATE keeps the newest alone"

    @property
    def feeds_nameless(self) -> bool:
        """May what it sent be what one of its peers has received, of which nobody tells who sent it?"""
        return any(peer.nameless for peer in self.neighbours.values())

    @property
    def speaks_outside(self) -> bool:
        """Does what it sends go out of sight? Somebody there has answered, and no other peer is known."""
        return self.nameless and not self._has_known_peers

    @property
    def may_speak_outside(self) -> bool:
        """May it? Nobody can tell where what it sent is, or whether it has left."""
        return self.type not in FANOUT and (self.nameless or (self.may_have_guests and not self._has_known_peers))

    @property
    def _has_known_peers(self) -> bool:
        """Are there any of which a relay or a program tells? A socket that stands for a process is told by nobody."""
        programs = any(peer.socket is not None and peer.socket.watched for peer in self.neighbours.values())
        return programs or bool(self.met or self.pipes)

    @property
    def read_in_c(self) -> bool:
        """Does a proxy receive from it, in C?"""
        return self.proxied or self.steers

    @property
    def steers_another(self) -> bool:
        """May what it sent be an order that a proxy has read, unseen?"""
        pipes = [pipe.peer for pipe in self.pipes.values()]
        return any(peer.steers for peer in (*pipes, *self.neighbours.values()))

    def meet(self, other: SocketState) -> None:
        """There is a connection."""
        self.met.add(other.id)
        self.unmet.discard(other.id)

    @property
    def inside(self) -> bool:
        """Has it pipes over inproc, and no other way to a peer?"""
        if not self.pipes or self.socket is None:
            return False
        return all(at.startswith("inproc:") for at in (*self.socket.binds, *self.socket.connects))

    @property
    def one_way(self) -> bool:
        """Has it one endpoint that it connects to, and no other?"""
        return self.socket is not None and len(self.socket.connects) == 1 and not self.socket.binds

    @property
    def one_pipe(self) -> bool:
        """Do its sends leave by one queue, in order?"""
        return len(self.pipes) == 1 if self.inside else self.one_way

    @property
    def ways(self) -> int:
        """How many peers it can send to just now."""
        connects = len(self.socket.connects) if self.socket is not None else 0
        return connects + self.bound_lanes
