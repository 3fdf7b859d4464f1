"""The page with everything at a glance: each of its cells says what a socket does when it is tried."""

from __future__ import annotations

import errno
import sys
import threading
from collections.abc import Callable
from functools import cache, partial

import pytest
import zmq

from tests.notebooks.paths import NOTEBOOKS
from tests.truths.sockets import LIMIT, QUIET, address, opened, unread
from zmqlab import Lab
from zmqlab.course.detectors import WORK, Desk, hire, watch

PAGE = NOTEBOOKS / "cheatsheet.md"
MET = {zmq.REQ: zmq.ROUTER, zmq.DEALER: zmq.ROUTER, zmq.PUSH: zmq.PULL}
WAITS, DROPPED = "`send` waits", "dropped"
ENDPOINTS = pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://here"], ids=["tcp", "inproc"])
Meet = Callable[[int, str], tuple[zmq.Socket, zmq.Socket]]


@cache
def tables() -> dict[str, dict[str, dict[str, str]]]:
    """Heading -> first cell of a row -> column -> cell."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    columns: list[str] = []
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading, columns = line[3:], []
        elif line.startswith("|") and not line.startswith("|---"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if columns:
                found.setdefault(heading, {})[cells[0]] = dict(zip(columns, cells, strict=True))
            columns = columns or cells
    return found


def of_frames(socket: str) -> dict[str, str]:
    return tables()["What a socket does to the frames"][socket]


def of_ways(socket: str) -> dict[str, str]:
    return tables()["Where a message goes"][socket]


def bound(ctx: zmq.Context, kind: int, endpoint: str, **options: object) -> zmq.Socket:
    return opened(ctx, kind, options, lambda socket: socket.bind(endpoint))


def connected(ctx: zmq.Context, kind: int, to: zmq.Socket, **options: object) -> zmq.Socket:
    return opened(ctx, kind, options, lambda socket: socket.connect(address(to)))


# -- frames ---------------------------------------------------------------------------------------------------


@ENDPOINTS
@pytest.mark.parametrize("name", ["REQ", "DEALER", "PUSH"])
def test_what_is_added_by_who_sends(ctx, name, endpoint):
    peer = bound(ctx, MET[getattr(zmq, name)], endpoint)
    socket = connected(ctx, getattr(zmq, name), peer)
    socket.send(b"x")
    frames = peer.recv_multipart()
    seen = frames if name == "PUSH" else frames[1:]
    said = {(b"x",): "changes nothing", (b"", b"x"): "adds an empty frame in front"}
    assert of_frames(name)["when it sends, it"] == said[tuple(seen)]


@ENDPOINTS
@pytest.mark.parametrize("name", ["REQ", "DEALER"])
def test_what_is_taken_off_by_who_receives(ctx, name, endpoint):
    peer = bound(ctx, zmq.ROUTER, endpoint)
    socket = connected(ctx, getattr(zmq, name), peer)
    socket.send(b"x")
    routing_id, *_ = peer.recv_multipart()
    peer.send_multipart([routing_id, b"", b"y"])
    said = {(b"y",): "takes the empty frame off", (b"", b"y"): "changes nothing"}
    assert of_frames(name)["when it receives, it"] == said[tuple(socket.recv_multipart())]


@ENDPOINTS
def test_a_pull_changes_nothing(ctx, endpoint):
    pull = bound(ctx, zmq.PULL, endpoint)
    push = connected(ctx, zmq.PUSH, pull)
    push.send_multipart([b"", b"y"])
    assert pull.recv_multipart() == [b"", b"y"]
    assert of_frames("PULL")["when it receives, it"] == "changes nothing"


@ENDPOINTS
def test_a_rep_keeps_the_envelope_and_puts_it_back(ctx, endpoint):
    rep = bound(ctx, zmq.REP, endpoint)
    dealer = connected(ctx, zmq.DEALER, rep)
    dealer.send_multipart([b"hop", b"", b"x"])
    assert rep.recv_multipart() == [b"x"]
    rep.send(b"y")
    assert dealer.recv_multipart() == [b"hop", b"", b"y"]
    row = of_frames("REP")
    assert row["when it receives, it"] == "takes the envelope off and keeps it"
    assert row["when it sends, it"] == "puts the envelope back in front"


@ENDPOINTS
def test_a_router_adds_the_routing_id_and_takes_it_off(ctx, endpoint):
    router = bound(ctx, zmq.ROUTER, endpoint)
    dealer = connected(ctx, zmq.DEALER, router, routing_id=b"alice")
    dealer.send(b"x")
    assert router.recv_multipart() == [b"alice", b"x"]
    router.send_multipart([b"alice", b"y"])
    assert dealer.recv_multipart() == [b"y"]
    row = of_frames("ROUTER")
    assert row["when it receives, it"] == "adds the routing id in front"
    assert row["when it sends, it"] == "takes the first frame off"


def errno_of(act: Callable[[], object]) -> str:
    """The name of the error, or ''."""
    try:
        act()
    except zmq.ZMQError as error:
        number = error.errno or 0
        return errno.errorcode.get(number) or zmq.Errno(number).name
    return ""


@pytest.mark.parametrize("name", ["REQ", "REP", "DEALER", "ROUTER", "PUSH", "PULL"])
def test_when_it_may_send_and_receive(ctx, name):
    """First each alone, then REQ and REP in turn, which the other tests do."""
    socket = bound(ctx, getattr(zmq, name), "tcp://127.0.0.1:*")
    sends = errno_of(lambda: socket.send(b"x", zmq.DONTWAIT))
    receives = errno_of(lambda: socket.recv(zmq.DONTWAIT))
    said = {
        ("EAGAIN", "EFSM"): "send, receive, send, …",
        ("EFSM", "EAGAIN"): "receive, send, receive, …",
        ("EAGAIN", "EAGAIN"): "send and receive at any time",
        ("", "EAGAIN"): "send and receive at any time",  # a ROUTER drops
        ("EAGAIN", "ENOTSUP"): "send alone",
        ("ENOTSUP", "EAGAIN"): "receive alone",
    }
    row = of_frames(name)
    assert row["it may"] == said[sends, receives]
    assert (row["when it sends, it"] == "cannot") == (sends == "ENOTSUP")
    assert (row["when it receives, it"] == "cannot") == (receives == "ENOTSUP")


# -- ways -----------------------------------------------------------------------------------------------------


@ENDPOINTS
@pytest.mark.parametrize("name", ["DEALER", "PUSH"])
def test_peers_in_turn(ctx, name, endpoint):
    socket = bound(ctx, getattr(zmq, name), endpoint)
    peers = [connected(ctx, zmq.DEALER if name == "DEALER" else zmq.PULL, socket) for _ in "ab"]
    first: set[zmq.Socket] = set()
    while len(first) < len(peers):  # until both are there
        socket.send(b"here?")
        first |= {peer for peer in peers if peer.poll(QUIET) and peer.recv() is not None}
    for _ in range(4):
        socket.send(b"x")
    assert [unread(peer) for peer in peers] == [2, 2]
    assert of_ways(name)["it sends to"] == "its peers in turn"


@ENDPOINTS
def test_a_req_asks_its_peers_in_turn(ctx, endpoint):
    peers = [bound(ctx, zmq.REP, f"{endpoint}{n}" if "inproc" in endpoint else endpoint) for n in "ab"]
    req = opened(ctx, zmq.REQ, {}, lambda socket: [socket.connect(address(peer)) for peer in peers])
    asked = []
    for _ in range(4):
        req.send(b"x")
        (peer,) = [peer for peer in peers if peer.poll(QUIET)]
        asked.append(peers.index(peer))
        peer.send(peer.recv())
        req.recv()
    assert sorted(asked[:2]) == [0, 1]
    assert asked[2:] == asked[:2]
    assert of_ways("REQ")["it sends to"] == "its peers in turn"


@ENDPOINTS
def test_a_rep_answers_who_asked_and_a_router_obeys_the_first_frame(ctx, endpoint):
    rep = bound(ctx, zmq.REP, endpoint)
    asking, other = (connected(ctx, zmq.REQ, rep) for _ in "ab")
    asking.send(b"x")
    rep.recv()
    rep.send(b"y")
    assert asking.recv() == b"y"
    assert not other.poll(QUIET)
    assert of_ways("REP")["it sends to"] == "who asked"
    for row in ("ROUTER", "ROUTER with ROUTER_MANDATORY"):  # the frames: see above
        assert of_ways(row)["it sends to"] == "whom the first frame names"


def way_of(socket: zmq.Socket, frames: list[bytes]) -> str:
    """What becomes of a message that nobody takes: the words of the page."""
    error = errno_of(lambda: socket.send_multipart(frames, zmq.DONTWAIT))
    what = "reply" if socket.type == zmq.REP else "message"
    return {"": f"the {what} is {DROPPED}", "EAGAIN": WAITS}.get(error, error)


@ENDPOINTS
@pytest.mark.parametrize("row", ["REQ", "DEALER", "ROUTER", "ROUTER with ROUTER_MANDATORY", "PUSH"])
def test_while_nobody_is_connected(ctx, row, endpoint):
    name = row.split()[0]
    socket = bound(ctx, getattr(zmq, name), endpoint)
    if row != name:
        socket.router_mandatory = True
    frames = [b"nobody", b"x"] if name == "ROUTER" else [b"x"]
    assert of_ways(row)["while nobody is connected"] == way_of(socket, frames)


@ENDPOINTS
def test_a_reply_to_who_has_gone_is_dropped(ctx, endpoint):
    rep = bound(ctx, zmq.REP, endpoint)
    with connected(ctx, zmq.REQ, rep) as req:
        req.send(b"x")
        rep.recv()
    assert of_ways("REP")["while nobody is connected"] == way_of(rep, [b"y"])
    assert not rep.poll(QUIET)  # and it is ready for the next one
    again = connected(ctx, zmq.REQ, rep)
    again.send(b"x")
    assert rep.recv() == b"x"


def filled(socket: zmq.Socket, frames: list[bytes], most: int = 10) -> None:
    """Until it takes no more, or drops: with marks of one, within a context."""
    for _ in range(most):
        if errno_of(lambda: socket.send_multipart(frames, zmq.DONTWAIT)):
            return


@pytest.mark.parametrize("row", ["DEALER", "ROUTER", "ROUTER with ROUTER_MANDATORY", "PUSH"])
def test_when_the_only_peer_is_full_and_when_another_has_room(ctx, row):
    name = row.split()[0]
    socket = bound(ctx, getattr(zmq, name), "inproc://here", sndhwm=1)
    if row != name:
        socket.router_mandatory = True
    kind = zmq.PULL if name == "PUSH" else zmq.DEALER
    slow = connected(ctx, kind, socket, rcvhwm=1, **({} if name == "PUSH" else {"routing_id": b"slow"}))
    frames = [b"slow", b"x"] if name == "ROUTER" else [b"x"]
    if name == "ROUTER":
        slow.send(b"here")
        socket.recv_multipart()
    filled(socket, frames)
    assert of_ways(row)["when the only peer's queue is full"] == way_of(socket, frames)
    quick = connected(ctx, kind, socket, **({} if name == "PUSH" else {"routing_id": b"quick"}))
    if name == "ROUTER":
        filled(socket, frames, 1)
    else:
        socket.send_multipart(frames)  # it waits until it knows of the newcomer
    said = "the full one is skipped" if quick.poll(QUIET) else "it does not look"
    assert of_ways(row)["when another peer has room"] == said


def test_a_reply_to_a_full_peer_is_dropped(ctx):
    """A DEALER asks a REP again and again and reads nothing: its queue holds two replies, and no more come."""
    rep = bound(ctx, zmq.REP, "inproc://here", sndhwm=1)
    dealer = connected(ctx, zmq.DEALER, rep, rcvhwm=1)
    for _ in range(10):
        dealer.send_multipart([b"", b"x"])
        rep.recv()
        assert of_ways("REP")["when the only peer's queue is full"] == way_of(rep, [b"y"])
    assert 0 < unread(dealer) < 10


@ENDPOINTS
def test_a_req_has_one_request_under_way_or_with_relaxed_as_many_as_a_dealer(ctx, endpoint):
    """Without a peer that reads: then it cannot be full, as it cannot send a second time."""
    peer = bound(ctx, zmq.ROUTER, endpoint, rcvhwm=1)
    strict = connected(ctx, zmq.REQ, peer, sndhwm=1)
    strict.send(b"x")
    assert errno_of(lambda: strict.send(b"y", zmq.DONTWAIT)) == "EFSM"
    assert of_ways("REQ")["when the only peer's queue is full"] == "cannot be: one request at a time"
    assert of_ways("REQ")["when another peer has room"] == "cannot be: one request at a time"
    with ctx.socket(zmq.REQ) as relaxed:
        relaxed.linger = 0
        relaxed.req_relaxed = relaxed.req_correlate = True
        relaxed.sndhwm = 5
        relaxed.connect("tcp://127.0.0.1:9")  # nobody is there
        relaxed.send(b"x")
        relaxed.send(b"y")
        filled(relaxed, [b"z"])
        assert way_of(relaxed, [b"z"]) == WAITS


@ENDPOINTS
def test_with_correlate_a_req_adds_a_number_too(ctx, endpoint):
    peer = bound(ctx, zmq.ROUTER, endpoint)
    req = connected(ctx, zmq.REQ, peer, req_relaxed=True, req_correlate=True)
    req.send(b"x")
    _id, number, *rest = peer.recv_multipart()
    assert (len(number), rest) == (4, [b"", b"x"])


# -- within a context, and not ---------------------------------------------------------------------------------


@ENDPOINTS
def test_what_shakes_hands(ctx, endpoint):
    """A PULL gets what a ROUTER sends where nobody has asked what it is."""
    dealer = bound(ctx, zmq.DEALER, endpoint, sndtimeo=QUIET)
    pull = connected(ctx, zmq.PULL, dealer)
    sent = errno_of(lambda: dealer.send(b"x")) == ""
    assert sent == bool(pull.poll(QUIET)) == endpoint.startswith("inproc")


@ENDPOINTS
def test_what_connects_again(ctx, endpoint):
    first = bound(ctx, zmq.ROUTER, endpoint)
    there = address(first)
    dealer = connected(ctx, zmq.DEALER, first, sndtimeo=QUIET)
    dealer.send(b"x")
    first.recv_multipart()
    first.close()
    second = again(ctx, there)
    heard = False
    for _ in range(LIMIT // QUIET):  # more than once: what goes out just before the end is noticed is lost
        heard = heard or (errno_of(lambda: dealer.send(b"y")) == "" and bool(second.poll(QUIET)))
    assert heard == endpoint.startswith("tcp")


def again(ctx: zmq.Context, there: str) -> zmq.Socket:
    """Bound where another one has just been: it needs a moment to go."""
    socket = opened(ctx, zmq.ROUTER, {}, lambda _: None)
    while (error := errno_of(lambda: socket.bind(there))) == "EADDRINUSE":
        pass
    assert not error
    return socket


@pytest.mark.parametrize(("endpoint", "queued"), [("tcp://127.0.0.1:9", 0), ("inproc://nobody", 10)])
def test_where_immediate_does_something(ctx, endpoint, queued):
    dealer = opened(ctx, zmq.DEALER, {"immediate": True, "sndhwm": 20}, lambda socket: socket.connect(endpoint))
    taken = [errno_of(lambda: dealer.send(b"x", zmq.DONTWAIT)) for _ in range(10)]
    assert taken.count("") == queued


@ENDPOINTS
def test_a_probe_comes_once_for_each_connect(ctx, endpoint):
    first = bound(ctx, zmq.ROUTER, endpoint)
    there = address(first)
    dealer = opened(ctx, zmq.DEALER, {"probe_router": True}, lambda socket: socket.connect(there))
    assert first.recv_multipart()[1:] == [b""]
    monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    first.close()
    second = again(ctx, there)
    if endpoint.startswith("tcp"):
        assert monitor.poll(LIMIT)
    assert not second.poll(QUIET)
    dealer.disable_monitor()


def test_a_host_that_does_not_exist_is_no_error_of_connect(ctx):
    with ctx.socket(zmq.DEALER) as socket:
        socket.connect("tcp://no-such-host.invalid:5555")
        assert errno_of(lambda: socket.bind("tcp://no-such-host.invalid:5555")) == "ENODEV"


# -- who notices ----------------------------------------------------------------------------------------------

PATIENCE = 0.6  # seconds: as long as a heartbeat, or the program, may be silent
PEER = """
import sys, time, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(sys.argv[1])
socket.send(b"READY")
while True:
    if not socket.poll(50):
        socket.send(b"ALIVE")
        continue
    time.sleep(float(socket.recv()))
    socket.send(b"done")
"""
TROUBLES: dict[str, Callable[[Lab, Desk], object]] = {
    "is killed": lambda lab, desk: lab["peer"].crash(),
    "hangs": lambda lab, desk: desk.give(b"1000"),
    "is stopped (SIGSTOP)": lambda lab, desk: lab["peer"].hang(),
    "is behind a link on which nothing passes": lambda lab, desk: lab.link("broker", "peer").cut(),
    "is well, and works long in its only thread": lambda lab, desk: desk.give(b"%.1f" % (1.5 * PATIENCE)),
}
CONNECTION = {"-": "stands", "at once": "ends at once", "at its limit": "ends at its limit"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("beats", [False, True], ids=["without options", "with heartbeats"])
def test_who_notices_a_peer_in_trouble(trouble, beats):
    options = {"heartbeat_ivl": 100, "heartbeat_timeout": int(1000 * PATIENCE)} if beats else {}
    with Lab("cheatsheet") as lab:
        desks = hire(lab, ("peer", "-c", PEER, WORK), **options)
        begin = partial(TROUBLES[trouble], lab, desks["peer"])
        looked = (8 if "is well" in trouble else 2) * PATIENCE  # on a busy machine a work of 1.5 takes longer
        found = watch(desks, begin, limit=PATIENCE, seconds=looked)["peer"]
    row = tables()["Who notices that a peer is in trouble"][trouble]
    column = "its connection, with HEARTBEAT_IVL" if beats else "its connection, without options"
    assert CONNECTION[found.end] == row[column]
    assert found.silence + (", but it is well" if found.answered else "") == row["the silence of its program"]


def test_every_trouble_of_the_page_is_tried():
    assert set(tables()["Who notices that a peer is in trouble"]) == set(TROUBLES)


# -- options and errors ---------------------------------------------------------------------------------------


def test_the_defaults_are_those_of_a_new_socket(ctx):
    unreadable = {"ROUTER_MANDATORY", "ROUTER_HANDOVER", "PROBE_ROUTER", "CONNECT_ROUTING_ID"}
    dealer = ctx.socket(zmq.DEALER)
    for options, row in tables()["Options"].items():
        for option in options.split(", "):
            if option in unreadable or option.startswith("REQ_"):
                assert row["default"] in ("0", "empty")
                continue
            value = dealer.get(getattr(zmq, option))
            assert row["default"] == ("empty" if value == b"" else str(value)), option


def test_what_cannot_be_read_is_off_by_default(ctx):
    router = bound(ctx, zmq.ROUTER, "tcp://127.0.0.1:*")
    router.send_multipart([b"nobody", b"x"])  # no ROUTER_MANDATORY
    first, second = (connected(ctx, zmq.DEALER, router, routing_id=b"name") for _ in "ab")
    first.send(b"x")
    assert router.recv_multipart() == [b"name", b"x"]  # and no probe came before it
    second.send(b"y")
    assert not router.poll(QUIET)  # no ROUTER_HANDOVER
    req = connected(ctx, zmq.REQ, router)
    req.send(b"x")
    assert errno_of(lambda: req.send(b"again")) == "EFSM"  # no REQ_RELAXED
    assert len(router.recv_multipart()) == 3  # no REQ_CORRELATE, which adds a frame


def terminated(ctx: zmq.Context) -> str:
    """What a `recv` that waits gets when its context ends."""
    own = zmq.Context()
    found: list[str] = []

    def wait() -> None:
        with own.socket(zmq.PULL) as socket:
            found.append(errno_of(socket.recv))

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    own.term()
    thread.join(LIMIT / 1000)
    return found[0]


def closed(ctx: zmq.Context) -> str:
    socket = ctx.socket(zmq.DEALER)
    socket.close()
    return errno_of(lambda: socket.send(b"x"))


def taken(ctx: zmq.Context) -> str:
    first = bound(ctx, zmq.DEALER, "tcp://127.0.0.1:*")
    return errno_of(lambda: ctx.socket(zmq.DEALER).bind(address(first)))


ERRORS: dict[str, Callable[[zmq.Context], str]] = {
    "EAGAIN": lambda ctx: errno_of(lambda: ctx.socket(zmq.DEALER).recv(zmq.DONTWAIT)),
    "EFSM": lambda ctx: errno_of(lambda: ctx.socket(zmq.REP).send(b"x")),
    "EHOSTUNREACH": lambda ctx: errno_of(
        lambda: bound(ctx, zmq.ROUTER, "inproc://x", router_mandatory=True).send_multipart([b"nobody", b"x"])
    ),
    "ENOTSUP": lambda ctx: errno_of(lambda: ctx.socket(zmq.PUSH).recv(zmq.DONTWAIT)),
    "EADDRINUSE": taken,
    "EINVAL": lambda ctx: errno_of(lambda: ctx.socket(zmq.DEALER).connect("127.0.0.1:5555")),
    "ENOTSOCK": closed,
    "ETERM": terminated,
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_raised_as_the_page_says(ctx, error):
    assert ERRORS[error](ctx) == error


def test_every_error_of_the_page_is_tried():
    assert set(tables()["Errors"]) == set(ERRORS)
