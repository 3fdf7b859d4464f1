"""The transcript is the same for every interleaving, and says what became of each message."""

import json

from tests.view.story import ALICE, AUTO, BOB, SERVER, Story, burst, echo, stranger
from zmqlab.trace.source import Source
from zmqlab.trace.trace import Trace
from zmqlab.view.feed import Feed
from zmqlab.view.svg import to_svg
from zmqlab.view.text import MOST, to_text


def test_the_order_of_the_threads_and_the_automatic_ids_do_not_show():
    assert to_text(echo()) == to_text(echo(first="bob", auto=b"\x00abcd"))
    assert to_text(echo()) != to_text(burst(4))


def test_it_reads_well():
    assert (
        to_text(echo())
        == """\
5 messages, 4 received, 1 dropped

alice DEALER → server ROUTER    1 message, received
   1  "Task-0"
      received as  <id of alice> | "Task-0"

server ROUTER → alice DEALER    1 message, received
   1  <id of alice> | "Done: Task-0"
      received as  "Done: Task-0"

bob DEALER → server ROUTER    1 message, received
   1  "Hello"
      received as  "bob" | "Hello"

server ROUTER → bob DEALER    1 message, received
   1  "bob" | "Done: Hello"
      received as  "Done: Hello"

server ROUTER → nobody    1 message, 1 dropped
   1  "ghost" | "boo"
      dropped: ROUTER: no peer with routing id 'ghost'"""
    )


def test_a_long_conversation_is_cut_with_a_count():
    text = to_text(burst(MOST + 30))
    assert "… and 30 more" in text
    assert f'"Task-{MOST}"' not in text
    assert "… and" not in to_text(burst(MOST))


def test_what_nobody_received_is_told_under_its_only_possible_receiver():
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"one")
    text = to_text(story.trace())
    assert "alice DEALER → server ROUTER    1 message, 1 not received" in text
    assert '"one"' in text


def test_a_send_that_raised_names_its_error():
    story = Story()
    story.actor("alice", ALICE, "DEALER")
    number = story.send(1, ALICE, b"one")
    story.at(2, "unsent", ALICE, number, "EAGAIN")
    assert "not sent: EAGAIN" in to_text(story.trace())


def test_bytes_text_and_long_frames():
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    frames = (b"", b"\x00\x00\x00\x08", "naïve\n".encode(), b"x" * 900)
    story.send(1, ALICE, *frames)
    story.wire(1.1, "1>", *frames)
    story.recv(1.3, SERVER, "1>", AUTO, *frames)
    text = to_text(story.trace())
    assert f'(empty) | 00 00 00 08 | "naïve⏎" | "{"x" * 48}…" (900 bytes)' in text
    assert "\x00" not in text


def test_a_delimiter_that_both_ends_hide_is_shown_on_the_wire():
    story = Story()
    story.actor("alice", ALICE, "REQ", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "REP", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"hi")
    story.wire(1.1, "1>", b"", b"hi")
    story.recv(1.3, SERVER, "1>", b"hi")
    assert 'on the wire  (empty) | "hi"' in to_text(story.trace())


def test_sockets_of_one_type_are_numbered():
    story = Story()
    for socket in ("1.10", "1.9"):
        story.at(0, "socket", socket, "opened", "alice", "DEALER")
        story.send(1, socket, b"from " + socket.encode())
    text = to_text(story.trace())
    assert text.index("alice DEALER 1 → nobody") < text.index("from 1.9") < text.index("alice DEALER 2 → nobody")


def test_what_went_outside_left_the_lab():
    text = to_text(stranger())
    assert text.startswith("1 message, 1 left the lab\n\nalice DEALER → a peer outside    1 message, 1 left the lab")
    assert "not received" not in text
    assert text.endswith("left the lab")


def test_what_was_dropped_for_several_reasons_is_counted_apart():
    story = Story()
    story.at(0, "socket", "1.1", "opened", "alice", "ROUTER")
    for number, peer in enumerate((b"bob", b"bob", b"carol")):
        story.at(number, "send", "1.1", number, (peer, b"hi"))
        story.at(number, "drop", "1.1", number, f"no peer {peer.decode()}")
    assert to_text(story.trace()).startswith("3 messages, 3 dropped (2 no peer bob, 1 no peer carol)\n")


def test_a_message_that_waits_says_why():
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:1")
    refused = (ALICE, "", "tcp://127.0.0.1:1", b"", b"", "Connection refused")
    story.at(1, "connection", "1", "refused", *refused)
    story.at(2, "send", ALICE, 0, (b"hi",))
    assert to_text(story.trace()).endswith("not received: Connection refused")


def test_nothing_sent():
    assert to_text(Trace()) == "no messages"


def test_a_message_of_which_only_the_receiver_was_seen():
    story = Story()
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(1, "recv", SERVER, 0, (AUTO, b"hello"), "", 0)
    assert to_text(story.trace()).splitlines()[-1] == '   1  <automatic id> | "hello"'


def test_what_is_received_of_a_sender_that_is_gone_was_not_encrypted():
    """Without links nobody sees whether a message went out before its socket was thrown away."""
    story = Story()
    story.actor("alice", ALICE, "REQ", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "REP", binds="tcp://127.0.0.1:5555")
    story.send(1, ALICE, b"try 1")
    story.at(2, "socket", ALICE, "closed", "alice", "REQ")
    story.at(2.1, "actor", "alice", "gone", "")
    story.at(3, "recv", SERVER, 0, (b"try 1",), ALICE, 0)
    text = to_text(story.trace())
    assert "encrypted" not in text
    assert '"try 1"' in text.splitlines()[-1]


def test_an_automatic_id_that_two_servers_gave_is_nobodys_name():
    """Each new process counts from the same number, so in a merged trace it may stand for two clients."""
    story = Story()
    for client, socket, server, its in (("alice", ALICE, "server", SERVER), ("bob", BOB, "other", "1.4")):
        story.actor(client, socket, "DEALER")
        story.actor(server, its, "ROUTER")
        story.connection(client, socket, its)
        story.send(1, socket, b"Hello")
        story.wire(2, f"{client}>", b"Hello")
        story.recv(3, its, f"{client}>", AUTO, b"Hello")
    text = to_text(story.trace())
    assert "<id of" not in text
    assert text.count('received as  <automatic id> | "Hello"') == 2


def test_in_a_program_that_was_recorded_nothing_leaves_a_lab():
    """Its transcript, its drawing and its page say where a message went that nobody has seen any more."""
    trace = stranger()
    assert "left the lab" in to_text(trace)
    trace.log.sources = (Source("prog"),)
    batch = Feed(trace).everything()
    for told in (to_text(trace), to_svg(trace), json.dumps(batch), to_text(trace.last(1))):
        assert "left the lab" not in told
    assert "left the program" in to_text(trace)
    assert batch["away"] == "left the program"
