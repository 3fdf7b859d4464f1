"""01-a: a server that knows its clients apart, and answers each of them."""

from __future__ import annotations

import zmq

from ..exercise import Exercise
from ..scenes.play import ENOUGH, Play
from ..scenes.scenario import Scenario, Step

SKELETON = '''
import zmq


def counting_server(ctx, endpoint):
    """Answer each task with b"<n>: <task>": it is the n-th
    task of that client, counted from 1.

    A task is one frame of any bytes, and may be empty.
    """
    raise NotImplementedError("receive, count, reply")
'''

SOLUTION = """
import zmq


def counting_server(ctx, endpoint):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(endpoint)
    seen = {}
    while True:
        routing_id, task = socket.recv_multipart()
        seen[routing_id] = seen.get(routing_id, 0) + 1
        socket.send_multipart([routing_id, b"%d: %s" % (seen[routing_id], task)])
"""

HINTS = (
    "`socket.recv_multipart()` gives two frames. The first one says who has sent the message.",
    "A dictionary may have bytes as its keys: `seen[routing_id]` is how many tasks this client has sent so far.",
    "The reply has two frames too: the routing id, and then the text. `b'%d: %s' % (n, task)` makes the text.",
)

WHY = (
    "The routing id is all that the server knows of a client, so it is the key of the count, and the address of the "
    "reply. It stays bytes from end to end: nobody says that it is text."
)

WRONG_WAYS = {
    "one count for all": (
        "The tasks of all clients then add up to one number. Each routing id needs a count of its own."
    ),
    "replies without the routing id": (
        "A ROUTER takes the first frame for the address. Here nothing is left to send, so it drops the message and "
        "raises nothing, and the client waits."
    ),
    "sends a delimiter too": (
        "The empty frame is for REQ and REP, which put it on and take it off. A DEALER takes nothing off, so the "
        "client would receive one frame more."
    ),
    "decodes the routing id": (
        "A routing id is bytes, and mostly no text. The first one that is none raises an exception, and the server is"
        " gone for all clients."
    ),
    "an empty task ends it": (
        "`if not task:` takes an empty frame for an end. A frame without bytes is a task like any other."
    ),
}

CALL = "counting_server(ctx, endpoint)"
NO_TEXT = (b"\xff\x00\xfe", b"\xfe\x00\xff")
REST = 0.15  # seconds
NEAR = (b"Alice", b"ALICE", b"alice ", b" alice", b"alice\n", b"alice\x00", b"alic", b"alice2")
"""Others than alice, all of them: who takes two of them for one has changed a routing id."""
EQUAL = (
    "Each task counts and is answered, also one that is equal to an earlier one: nothing says that it is the same one."
)
SILENT = "The reply does not begin with the client's routing id, or the server waits or loops and never comes to reply."


def one_client(play: Play) -> None:
    play.actor(play.code, play.endpoint)
    alice = _client(play, "alice", b"alice")
    for n in (1, 2, 3):
        _ask(play, alice, "alice", b"Task-%d" % n, n)


def not_text(play: Play) -> None:
    """Two such ids: who decodes them and leaves out what is no text, takes them for one."""
    play.actor(play.code, play.endpoint)
    clients = {routing_id: _client(play, f"client {routing_id!r}", routing_id) for routing_id in NO_TEXT}
    for n in (1, 2):
        for routing_id, client in clients.items():
            _ask(play, client, f"a client whose routing id is {routing_id!r}", b"Task-%d" % n, n)


def any_task(play: Play) -> None:
    """Then nothing for a moment, in which a server rests."""
    play.actor(play.code, play.endpoint)
    alice = _client(play, "alice", b"alice")
    for n, task in enumerate((b"", b"\xff\x00: 1", b": ", b"Task-4"), 1):
        _ask(play, alice, "alice", task, n)
    for n, task in enumerate((b"Task-4", b""), 5):
        _ask(play, alice, "alice once more", task, n, EQUAL)
    play.rest(REST)
    for n in range(7, 15):
        _ask(play, alice, "alice, after a moment", b"Task-%d" % n, n)


def three_clients(play: Play) -> None:
    play.actor(play.code, play.endpoint)
    clients = {name: _client(play, name, name.encode()) for name in ("alice", "bob", "carol")}
    turns = [name for name in clients for _ in range(3)]
    play.random.shuffle(turns)
    sent = dict.fromkeys(clients, 0)
    for name in turns:
        sent[name] += 1
        _ask(play, clients[name], name, b"Task-%d" % sent[name], sent[name])
    for routing_id in NEAR:
        who = f"a new client whose routing id is {routing_id!r}"
        _ask(play, _client(play, f"client {routing_id!r}", routing_id), who, b"Task-1", 1)
    _ask(play, clients["alice"], f"alice, after {len(NEAR)} other clients,", b"Task-4", 4)


def all_at_once(play: Play) -> None:
    play.actor(play.code, play.endpoint)
    clients = {name: _client(play, name, name.encode()) for name in ("alice", "bob")}
    for n in (1, 2, 3):
        for client in clients.values():
            client.send(b"Task-%d" % n)
    for name, client in clients.items():
        for n in (1, 2, 3):
            _answered(play, client, f"{name}, who does not wait between her tasks", b"Task-%d" % n, n)


def no_name(play: Play) -> None:
    play.actor(play.code, play.endpoint)
    for name in ("first", "second"):
        client = _client(play, name)
        for n in (1, 2):
            _ask(play, client, f"the {name} client without a name", b"Task-%d" % n, n)


def _client(play: Play, name: str, routing_id: bytes = b"") -> zmq.Socket[bytes]:
    return play.socket(zmq.DEALER, bind=False, name=name, routing_id=routing_id)


def _ask(play: Play, client: zmq.Socket[bytes], who: str, task: bytes, number: int, silent: str = SILENT) -> None:
    client.send(task)
    _answered(play, client, who, task, number, silent)


def _answered(play: Play, client: zmq.Socket[bytes], who: str, task: bytes, number: int, silent: str = SILENT) -> None:
    called = f"{CALL}; {who} sends {task!r}"
    wanted = [b"%d: %s" % (number, task)]
    reply = play.receive(client, ENOUGH)
    if reply is None:
        play.expect(False, called=called, got=play.silence(), wanted=wanted, cause=play.why_silent(silent))
    play.expect(reply == wanted, called=called, got=reply, wanted=wanted, cause=_cause(reply or [], task, number))


def _cause(reply: list[bytes], task: bytes, number: int) -> str:
    if len(reply) != 1:
        return "The client gets all frames behind the first one: the reply has too many or too few."
    count, colon, text = reply[0].partition(b": ")
    if not colon:
        return "Behind the count stand a colon and a space, and then the task."
    if text != task and text.startswith(b"Task-"):
        return "It is the reply to another task: tasks are answered in the order in which they come."
    if text != task:
        return "The text of the task is not repeated as it came."
    if count.isdigit() and int(count) > number:
        return "Clients share one count. Each routing id needs its own, byte for byte, whether it is text or not."
    if number > 2 and count == b"1":
        return "The count of this client has begun anew: keep it also while others send, and however many there are."
    return "The count does not go up by one with each task of this client."


EXERCISE = Exercise(
    key="01-a",
    lesson="01-one-file-two-sockets",
    title="a server that knows its clients apart",
    name="counting_server",
    call=CALL,
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "",
            (
                Scenario("one client, three tasks", one_client),
                Scenario("two routing ids that are no text", not_text),
                Scenario("three clients in turn", three_clients),
                Scenario("an empty task, and one that is no text", any_task),
                Scenario("two clients that do not wait", all_at_once),
                Scenario("clients without a name", no_name),
            ),
        ),
    ),
)
