"""`Trace`: the fold of a log. Everything that is drawn, printed or asserted about a run is read from here."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Reversible, Sequence
from itertools import count, takewhile
from typing import TypeVar

from . import events, forks, store
from .actions import ACTIONS, Settings
from .events import DATA, Handshake, Raw
from .fanout import is_wish
from .log import BLOCK, UNBOUNDED, Log
from .merge import merge
from .model import Actor, Changes, Connection, Hang, Mark, Message, Socket, Wait, Work
from .pairing import Pairing
from .pause import without_collector
from .reading import Decode, Label, Reading, Roles
from .state import KILLED
from .users import Users
from .waits import Waits

SLICE = BLOCK  # events of a log that grows no more are folded at a time
EARLIER = 200  # runs of an actor that are remembered beside its last one

Item = TypeVar("Item", Message, Mark, Work, Hang)


def _newer(items: Reversible[Item], since: int) -> list[Item]:
    """The last of the items, those changed after revision `since`; the latest first."""
    return list(takewhile(lambda item: item.rev > since, reversed(items)))


def _subscription(frame: bytes) -> str:
    """What an XSUB says, in words."""
    said = events.SubscriptionData.of(frame)
    topic = said.topic.decode("utf-8", "backslashreplace")
    does = "subscribes to" if said.on else "does not want any more"
    return f"{does} {topic!r}" if topic else f"{does} everything"


def _weight(message: Message) -> int:
    """Bytes of its frames, which the three forms share as far as they are equal."""
    sent, wire, received = message.sent_frames, message.wire_frames, message.received_frames
    weight = sum(map(len, sent)) if sent else 0
    if wire and wire is not sent:
        weight = max(weight, sum(map(len, wire)))
    if received and received is not sent and received is not wire:
        weight = max(weight, sum(map(len, received)))
    return weight


class Trace:
    """What happened in a lab, folded from its log; bounded, thread-safe.

    `update()` folds what is new in the log. `keep` bounds how many messages, remarks and work bars are kept, and
    `max_bytes` the frames of the messages; the oldest go first and `forgotten` counts the messages among them. A
    revision is the index of the next event to fold: an item's `rev` is the revision of the update that changed it last.
    """

    def __init__(self, log: Log | None = None, keep: int = 50_000, max_bytes: int = 64 << 20) -> None:
        self.log = log if log is not None else Log()
        self.recorded = False  # nothing more will happen, and no relay has anything more to report
        self.actors: dict[str, Actor] = {}
        self.sockets: dict[str, Socket] = {}
        self.connections: dict[str, Connection] = {}
        self.messages: dict[int, Message] = {}
        self.marks: list[Mark] = []
        self.work: list[Work] = []
        self.hangs: list[Hang] = []
        self.routing_ids: set[bytes] = set()  # that the programs have set
        self.settings = Settings()
        self.reading = Reading()  # how a person wants its messages to be read, in every picture of it
        self.forgotten = 0
        self.missed = 0  # events that the bounded log dropped before they were folded
        self.start: int | None = None
        self.now = 0
        self._ended = False  # it was told to the fold that nothing more will happen
        self._keep = keep
        self._max_bytes = max_bytes
        self._bytes = 0  # of the frames of all messages
        self._weights: dict[int, int] = {}
        self._revision = 0
        self._lock = threading.RLock()
        self._ids = 0
        self._marked, self._worked, self._hung = count(1), count(1), count(1)  # running numbers
        self._busy: dict[str, Work] = {}  # actor -> the work in hand
        self._handlers = {
            kind: (getattr(self, f"_on_{kind}"), data, len(data._fields))  # type: ignore[attr-defined]
            for kind, data in DATA.items()
        }
        self._touched: list[Message | Work] = []  # since the last revision
        self._touch = self._touched.append
        self._recent_messages: dict[int, Message] = {}  # the latest touched last
        self._recent_work: dict[int, Work] = {}
        self._waits = Waits(self._moved)
        self._users = Users()
        self._spoke: set[str] = set()  # actors that something is told of
        self._owned: Counter[str] = Counter()  # sockets that stand on the lane of each actor
        self._pairing = Pairing(self._create, self._touch)
        forks.tell(self)

    def in_child(self) -> None:
        self._lock = threading.RLock()

    @property
    def is_program(self) -> bool:
        """Was it recorded of a program that has no lab?"""
        return any(source.name for source in self.log.sources)

    @property
    def revision(self) -> int:
        return self._revision

    def ends(self, connection: Connection) -> tuple[str, str]:
        """The actors that a connection connects; "" for one outside."""
        return self.actor_of(connection.client), self.actor_of(connection.server)

    def actor_of(self, socket: str) -> str:
        """Whose socket it is; "" for one that is not known, as the sender of a message from outside is."""
        known = self.sockets.get(socket)
        return known.actor if known else ""

    def read(self, label: Label | None = None, roles: Roles | None = None, decode: Decode | None = None) -> None:
        """Say what stands on a message, what its frames are for, and what is in them, in every picture from now on (see
        `Reading`).

        Without a word it stays as it is.
        """
        if label is not None or roles is not None or decode is not None:
            self.reading = Reading(label, roles, decode)

    def update(self) -> int:
        """Fold what the log has got since; returns the revision."""
        if threading.current_thread() is not threading.main_thread():
            return self._update()
        # The stop button interrupts the main thread anywhere; half a fold would lose events. So another thread folds.
        folding = threading.Thread(target=self._update, name="zmqlab fold", daemon=True)
        folding.start()
        folding.join()
        return self._revision

    def _update(self, most: int = UNBOUNDED, total: int = UNBOUNDED) -> int:
        """Fold `most` events, or a few more, of `total` that there will ever be."""
        with self._lock:
            raws, upto, gap = self.log.raws(self._revision, most)
            self.recorded = self.recorded or upto >= total
            self.missed += gap
            if gap:
                self._pairing.gap()
            if raws or (self.recorded and not self._ended):
                self._revision = upto
                self._fold(raws)
                self._stamp()
                self._forget()
            return self._revision

    def changes(self, since: int) -> Changes:
        """Everything that changed after revision `since` (0: everything there is)."""
        with self._lock:
            messages = _newer(self._recent_messages.values(), since)
            work = _newer(self._recent_work.values(), since)
            marks = _newer(self.marks, since)
            return Changes(
                since,
                self._revision,
                [a for a in self.actors.values() if a.rev > since],
                [s for s in self.sockets.values() if s.rev > since],
                [connection for connection in self.connections.values() if connection.rev > since],
                sorted(messages, key=lambda m: m.id),
                marks[::-1],
                sorted(work, key=lambda w: w.n),
                [hang for hang in self.hangs if hang.rev > since],
                [wait for wait in self._waits.all if wait.rev > since],
                self.forgotten,
            )

    def in_time(self) -> list[Message]:
        """All messages, by when they were sent or first seen. They became known in another order: the relay tells
        later of a message than the program that has received it."""
        with self._lock:
            return sorted(self.messages.values(), key=lambda message: message.start or 0)

    def last(self, count: int) -> Trace:
        """The last `count` messages, by when they were sent or first seen, and what has to do with them, apart: it
        grows no more. ValueError for a count below 1.
        """
        if count < 1:
            raise ValueError(f"the last {count} messages: there must be one at least")
        return self._apart(lambda messages: messages[-count:])

    def without(self, payload: bytes) -> Trace:
        """All messages but those whose last frame is `payload`, in their order and apart, as in `last`."""
        return self._apart(lambda messages: [each for each in messages if (each.frames or (b"",))[-1] != payload])

    def _apart(self, choose: Callable[[list[Message]], list[Message]]) -> Trace:
        self.update()
        with self._lock:
            part = Trace()
            part.recorded = part._ended = True
            part.reading = self.reading
            part.log.sources = self.log.sources
            part.start, part.now, part.routing_ids = self.start, self.now, self.routing_ids
            part.messages = {message.id: message for message in choose(self.in_time())}
            ends = {id for message in part.messages.values() for id in (message.sender, message.receiver)}
            on_their_way = {message.sender for message in part.messages.values() if not message.receiver}
            for connection in self.connections.values():  # where those go
                if on_their_way & {connection.client, connection.server}:
                    ends |= {connection.client, connection.server}
            part.sockets = {id: socket for id, socket in self.sockets.items() if id in ends}
            part.connections = {id: each for id, each in self.connections.items() if {each.client, each.server} <= ends}
            there = {socket.actor for socket in part.sockets.values()}
            part.actors = {name: actor for name, actor in self.actors.items() if name in there}
            began = min((message.start or 0 for message in part.messages.values()), default=0)
            part.hangs = [hang for hang in self.hangs if hang.actor in there and (hang.end or self.now) >= began]
            part.marks = [mark for mark in self.marks if mark.actor in there and mark.time >= began]
            return part

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the log as JSON Lines; `load` gives back the same bytes, times and order."""
        store.save(self.log, path)

    @classmethod
    def load(cls, *paths: str | os.PathLike[str]) -> Trace:
        """Read what `save` wrote, or a process while it was recorded: one file, or those of the processes of one
        program. The clocks of several hosts are set by the messages between them.

        Of a file that was cut off what is whole is read, with a warning. Raises ValueError, naming the line, when a
        file is something else.
        """
        trace = cls.of([store.load(path) for path in paths])
        for remark in trace.log.remarks:
            warnings.warn(remark, stacklevel=2)
        return trace

    @classmethod
    def of(
        cls,
        logs: Sequence[Log],
        keep: int = 0,
        progress: Callable[[float], None] = lambda part: None,
    ) -> Trace:
        """The trace of logs that grow no more, with their last `keep` messages (0: all). `progress` hears now and then
        which part of them is folded."""
        with without_collector():
            log = logs[0] if len(logs) == 1 else merge(logs)
            total = log.next_index
            trace = cls(log, keep=keep or max(total, 1), max_bytes=UNBOUNDED)
            trace.forgotten = log.forgotten
            while trace._revision < total:
                trace._update(SLICE, total)
                progress(trace._revision / total)
            trace.recorded = True
        return trace

    # -- the fold -------------------------------------------------------------------------------------------

    def _fold(self, raws: list[Raw]) -> None:
        if raws:
            times = [raw[0] for raw in raws]
            first = min(times)
            self.start = first if self.start is None else min(self.start, first)
            self.now = max(self.now, max(times))
        handlers, make = self._handlers, tuple.__new__  # much faster than to call the class
        for raw in raws:
            handle, data, length = handlers[raw[1]]
            fields = raw[3:]
            handle(raw[0], raw[2], make(data, fields) if len(fields) == length else data(*fields))
        if self.recorded and self.log.over:
            for name in self.actors:
                self._killed(name, self.now)
        self._pairing.settle(self.now, self.recorded)
        self._ended = self.recorded

    def _on_actor(self, time: int, name: str, data: events.ActorData) -> None:
        actor = self.actors.get(name)
        if data.state == "gone":
            self._gone(name, time)
            return
        if data.state == "started" or actor is None:
            first, earlier = time, []
            if actor is not None:
                self._halt(name, time)
                ended = time if actor.ended is None else actor.ended
                first = actor.first
                earlier = [*actor.earlier, (actor.started, ended, actor.state)][-EARLIER:]
            rev = self._revision
            self.actors[name] = Actor(name, data.text, data.state, time, first=first, earlier=earlier, rev=rev)
            return
        actor.state, actor.ended, actor.rev = data.state, time, self._revision
        self._halt(name, time)
        if data.state == "failed":
            actor.text = data.text
            self._mark(name, time, "error", data.text)

    def _killed(self, name: str, time: int) -> None:
        """Nothing of the actor is left, and if it has not said that it ends, it was not asked."""
        actor, how = self.actors[name], "its process ended"
        if actor.ended is None:
            how = KILLED
            actor.state, actor.text, actor.ended, actor.rev = "crashed", how, time, self._revision
            self._halt(name, time)
            self._mark(name, time, "fault", how)
        self._gone(name, time, how)

    def _gone(self, name: str, time: int, how: str = "its process ended") -> None:
        """Nothing of the actor is left."""
        for socket in self.sockets.values():
            if socket.actor == name and socket.watched and socket.closed is None:
                socket.closed, socket.rev = time, self._revision
                self._pairing.close_socket(socket.id, time, 0, how)
            elif socket.actor == name and socket.closed is not None:
                self._pairing.discard(socket.id, time)

    def _on_control(self, time: int, name: str, data: events.ControlData) -> None:
        action = ACTIONS[data.action]
        self.settings.apply(action, data.value, name, data.peer)
        for one, peer in ((name, data.peer), (data.peer, name)):
            if action.words and one:
                self._mark(one, time, "fault", action.words.format(peer=peer))
        actor = self.actors.get(name)
        if actor is None or action.name not in ("hang", "resume"):
            return
        self._awake(name, time)
        if actor.ended is None:
            actor.state, actor.rev = ("hung" if action.name == "hang" else "started"), self._revision
        if actor.state == "hung":
            self.hangs.append(Hang(name, time, n=next(self._hung), rev=self._revision))

    def _halt(self, name: str, time: int) -> None:
        """It has nothing in hand, hangs no more, and waits nowhere."""
        self._rest(name, time)
        self._awake(name, time)
        self._waits.leave(name, time)

    def _awake(self, actor: str, time: int) -> None:
        """An actor that hung does not any more."""
        for hang in self.hangs:
            if hang.actor == actor and hang.end is None:
                hang.end, hang.rev = time, self._revision

    def _on_print(self, time: int, actor: str, data: events.TextData) -> None:
        self._mark(actor, time, "print", data.text)

    def _on_note(self, time: int, actor: str, data: events.TextData) -> None:
        self._mark(actor, time, "note", data.text)

    def _on_log(self, time: int, actor: str, data: events.LogData) -> None:
        name = "" if data.logger == "root" else f" {data.logger}"
        kind = "severe" if data.level >= logging.ERROR else "warning" if data.level >= logging.WARNING else "log"
        self._mark(actor, time, kind, f"{logging.getLevelName(data.level)}{name}: {data.text}")

    def _on_socket(self, time: int, id: str, data: events.SocketData) -> None:
        socket = self.sockets.get(id)
        if socket is None:
            socket = self.sockets[id] = Socket(id, data.actor, data.type, time, watched=bool(data.type))
            socket.context = data.context
            self._pairing.add_socket(socket)
            self._owned[data.actor] += 1
            self._busy_again(data.actor)
        if data.state == "closed":
            socket.closed = time
            self._pairing.close_socket(id, time, data.linger)
        socket.rev = self._revision

    def _on_use(self, time: int, id: str, data: events.UseData) -> None:
        socket = self.sockets.get(id)
        if socket is not None:
            self._stands(socket, self._users.use(socket, data))

    def _stands(self, socket: Socket, actor: str) -> None:
        """The socket is that of an actor, which may be another than before."""
        before = socket.actor
        if actor == before:
            return
        socket.actor, socket.rev = actor, self._revision
        self._owned[before] -= 1
        self._owned[actor] += 1
        self._busy_again(actor)
        maker = self.actors.get(before)
        if maker is not None and not (self._owned[before] or before in self._spoke or self._waits.has_acted(before)):
            maker.idle, maker.rev = True, self._revision

    def _user(self, socket: Socket, called: int | None = None) -> str:
        """The actor that sends there now, or gets what was asked for at `called`."""
        if socket.id not in self._users.shared:
            return socket.actor
        actor = self._users.sends(socket) if called is None else self._users.receives(socket, called)
        self._busy_again(actor)
        self._stands(socket, self._users.acted(socket, actor))
        return actor

    def _busy_again(self, name: str) -> None:
        actor = self.actors.get(name)
        if actor is not None and actor.idle:
            actor.idle, actor.rev = False, self._revision

    def _on_option(self, time: int, id: str, data: events.OptionData) -> None:
        socket = self.sockets.get(id)
        self._pairing.option(id, time, data)
        if socket is not None and data.name == "ROUTING_ID":
            socket.routing_id = data.bytes_value
            self.routing_ids.add(socket.routing_id)
            socket.rev = self._revision

    def _on_endpoint(self, time: int, id: str, data: events.EndpointData) -> None:
        socket = self.sockets.get(id)
        if socket is None:
            return
        self._pairing.moved(id, time, data)
        endpoints = socket.binds if data.action in ("bind", "unbind") else socket.connects
        if data.action in ("bind", "connect"):
            endpoints.append(data.endpoint)
        elif data.endpoint in endpoints:
            endpoints.remove(data.endpoint)
        socket.rev = self._revision

    def _on_send(self, time: int, id: str, data: events.SendData) -> None:
        message = self._pairing.sends.send(id, time, data)
        socket = self.sockets.get(id)
        actor = self._user(socket) if socket is not None else ""
        if message is None:
            self._mark(actor, time, "note", _subscription(data.frames[0]))
        else:
            message.sent_by = actor
            self._touch(message)
        self._rest(actor, time)
        self._waits.acted(actor, time)

    def _on_blocked(self, time: int, id: str, data: events.SentData) -> None:
        self._pairing.sends.blocked(id, data.number, time)
        self._waits.begin(self.actor_of(id), id, "send", time)

    def _on_sent(self, time: int, id: str, data: events.SentData) -> None:
        self._pairing.sends.returned(id, data.number, time)
        self._waits.end(self.actor_of(id), id, time)

    def _on_unsent(self, time: int, id: str, data: events.UnsentData) -> None:
        self._pairing.sends.unsent(id, time, data, "unsent")
        self._waits.end(self.actor_of(id), id, time)

    def _on_drop(self, time: int, id: str, data: events.UnsentData) -> None:
        self._pairing.sends.unsent(id, time, data, "dropped")

    def _on_wait(self, time: int, id: str, data: events.WaitData) -> None:
        actor = self.actor_of(id)
        if not data.call:
            self._waits.end(actor, id, time)
        elif self._waits.begin(actor, id, data.call, data.since) and data.call == "recv":
            self._rest(actor, data.since)

    def _on_recv(self, time: int, id: str, data: events.RecvData) -> None:
        socket = self.sockets.get(id)
        work = None
        if socket is not None:
            actor = self._user(socket, data.called)
            self._rest(actor, data.called)
            self._waits.acted(actor, time)
            if socket.type == "XPUB" and is_wish(data.frames):
                self._mark(actor, time, "note", f"a peer {_subscription(data.frames[0])}")
            else:
                work = self._busy[actor] = Work(actor, time, n=next(self._worked))
                self.work.append(work)
                self._touch(work)
        self._pairing.recv(id, time, data, work)

    def _on_connection(self, time: int, id: str, data: events.ConnectionData) -> None:
        connection = self.connections.get(id)
        if connection is None:
            connection = self.connections[id] = Connection(id, data.client, data.server, data.endpoint, time)
        connection.rev = self._revision
        connection.reason = data.reason
        if data.state == "opened":
            connection.client, connection.server, connection.encrypted = data.client, data.server, data.encrypted
            connection.client_identity, connection.server_identity = data.client_identity, data.server_identity
            for side in ("client", "server"):
                said = getattr(data, f"{side}_handshake")
                setattr(connection, f"{side}_handshake", Handshake(*said) if said else None)
                self._learn_type(getattr(connection, side), getattr(connection, f"{side}_handshake"))
            self._pairing.connections.open(connection)
        elif data.state == "refused":
            connection.closed = time
            self._pairing.connections.refuse(connection)
        else:
            connection.closed = time
            self._pairing.connections.close(connection)

    def _learn_type(self, id: str, said: Handshake | None) -> None:
        """The socket of a process tells its type when it connects."""
        socket = self.sockets.get(id)
        if socket is not None and not socket.type and said is not None:
            types = [value for name, value in said.properties if name.lower() == "socket-type"]
            if types:
                socket.type, socket.rev = types[0].decode("ascii", "replace"), self._revision

    def _on_wire(self, time: int, lane: str, data: events.WireData) -> None:
        self._pairing.wire(lane, data)

    def _on_arrived(self, time: int, lane: str, data: events.ArrivedData) -> None:
        self._pairing.arrived(lane, data.number, time)

    def _on_subscription(self, time: int, lane: str, data: events.SubscriptionData) -> None:
        self._pairing.subscription(lane, time, data)

    def _on_proxy(self, time: int, id: str, data: events.ProxyData) -> None:
        self._pairing.proxy(id, data)

    # -- bookkeeping ----------------------------------------------------------------------------------------

    def _create(self) -> Message:
        self._ids += 1
        message = self.messages[self._ids] = Message(self._ids)
        return message

    def _stamp(self) -> None:
        """Give what was touched the revision that this update ends with."""
        messages, works, revision = self._recent_messages, self._recent_work, self._revision
        for item in self._touched:
            if item.rev == revision:  # it was touched more than once
                continue
            item.rev = revision
            if isinstance(item, Work):
                works.pop(item.n, None)
                works[item.n] = item
                continue
            messages.pop(item.id, None)
            messages[item.id] = item
            if self._max_bytes < UNBOUNDED:
                self._weigh(item)
        self._touched.clear()

    def _weigh(self, message: Message) -> None:
        """It may have more frames now."""
        weight = _weight(message)
        self._bytes += weight - self._weights.get(message.id, 0)
        self._weights[message.id] = weight

    def _moved(self, wait: Wait) -> None:
        wait.rev = self._revision

    def _mark(self, actor: str, time: int, kind: str, text: str) -> None:
        self._spoke.add(actor)
        self._busy_again(actor)
        self.marks.append(Mark(actor, time, kind, text, next(self._marked), self._revision))

    def _rest(self, actor: str, time: int) -> None:
        work = self._busy.pop(actor, None)
        if work is not None:
            work.end = max(time, work.start)
            self._touch(work)

    def _too_old(self) -> list[int]:
        """The messages for which there is no room. They are found in one go, as the first of a dict is not found at
        once."""
        ids: list[int] = []
        size = self._bytes
        for id in self.messages:
            if len(self.messages) - len(ids) <= self._keep and size <= self._max_bytes:
                break
            ids.append(id)
            size -= self._weights.get(id, 0)
        return ids

    def _forget(self) -> None:
        for id in self._too_old():
            self._pairing.forget(self.messages.pop(id))
            self._recent_messages.pop(id, None)
            self._bytes -= self._weights.pop(id, 0)
            self.forgotten += 1
        for work in self.work[: -self._keep]:
            self._recent_work.pop(work.n, None)
        for items in (self.work, self.hangs, self.marks):
            del items[: -self._keep]
