"""What people believe of ZeroMQ, what is true, the cell that shows it, and the test that keeps it true.

To add one: a row in `BELIEFS`, then ``python -m tests.notebooks map``.
"""

from __future__ import annotations

from typing import NamedTuple


class Belief(NamedTuple):
    number: int
    believed: str
    true: str  # one sentence
    lesson: str  # "05", or "A" for an appendix
    cell: str  # the code cell whose saved output shows it
    test: str  # pytest's name of the test, below tests/truths/


BELIEFS = [
    Belief(
        number=1,
        believed="`send` returned, so the message was delivered.",
        true="It lies in the queue of the sending socket, and may never leave it.",
        lesson="00",
        cell="nobody",
        test="test_00_send.py::test_send_returns_though_nobody_ever_gets_the_message",
    ),
    Belief(
        number=31,
        believed="After `connect`, somebody is there.",
        true="It returns before there is a connection, also where nobody is: a thread in the background tries on.",
        lesson="00",
        cell="nobody",
        test="test_00_send.py::test_connect_returns_where_nobody_is_and_what_was_sent_waits_for_who_comes",
    ),
    Belief(
        number=2,
        believed="ROUTER raises an error when the routing id is wrong.",
        true="It drops the message in silence, unless ZMQ_ROUTER_MANDATORY is set.",
        lesson="01",
        cell="ghost",
        test="test_01_routing_ids.py::test_a_message_to_nobody_is_dropped_in_silence",
    ),
    Belief(
        number=12,
        believed="A routing id is text.",
        true="It is bytes, and the automatic one that a new process gives first cannot be decoded, in any run.",
        lesson="01",
        cell="decode",
        test="test_01_routing_ids.py::test_a_routing_id_is_bytes_and_need_not_be_text",
    ),
    Belief(
        number=25,
        believed="An automatic routing id is unique.",
        true="A ROUTER counts its connections, and each new process begins with the same number.",
        lesson="01",
        cell="twice",
        test="test_01_routing_ids.py::test_each_new_process_gives_the_same_automatic_ids_in_the_same_order",
    ),
    Belief(
        number=30,
        believed="A routing id can be set at any time.",
        true="It is told once, when a connection is made: set after `connect`, it goes nowhere, and nobody complains.",
        lesson="01",
        cell="late",
        test="test_01_routing_ids.py::test_a_name_that_is_set_after_connect_is_too_late",
    ),
    Belief(
        number=19,
        believed="`close()` and `term()` always return.",
        true="`close()` does. `term()` waits for every open socket, and then for unsent messages, by default for ever.",
        lesson="02",
        cell="term",
        test="test_02_lock_step.py::test_term_waits_for_an_unsent_message",
    ),
    Belief(
        number=11,
        believed="ROUTER may speak first to anyone.",
        true="It needs the handshake, and the routing id: a name, or an id from an earlier message or a probe.",
        lesson="03",
        cell="first",
        test="test_03_envelopes.py::test_router_may_speak_first_to_a_name_once_it_is_connected",
    ),
    Belief(
        number=16,
        believed="DEALER adds the empty frame.",
        true="REQ does; DEALER sends what it was given.",
        lesson="03",
        cell="dealer",
        test="test_03_envelopes.py::test_req_adds_the_delimiter_and_dealer_nothing",
    ),
    Belief(
        number=24,
        believed="Text can be sent as a frame, and a send that fails leaves nothing behind.",
        true="Frames are bytes, and after a failed part of a message the next send completes it.",
        lesson="03",
        cell="half",
        test="test_03_envelopes.py::test_half_a_message_is_completed_by_the_next_one",
    ),
    Belief(
        number=29,
        believed="inproc behaves as TCP does.",
        true="It shakes no hands: pairs of sockets that refuse each other over TCP talk over inproc.",
        lesson="03",
        cell="inproc",
        test="test_03_envelopes.py::test_who_may_talk_to_whom",
    ),
    Belief(
        number=31,
        believed="`connect` has returned, so somebody is there.",
        true="It returns before the handshake, in which the peer may refuse, and tells nobody if it does.",
        lesson="03",
        cell="pairs",
        test="test_03_envelopes.py::test_a_connect_that_has_returned_does_not_mean_that_somebody_is_there",
    ),
    Belief(
        number=17,
        believed="Replies come in the order of the requests.",
        true="One connection keeps its order; the replies of several servers come as they are ready.",
        lesson="04",
        cell="order",
        test="test_04_pipelining.py::test_replies_of_two_servers_come_in_the_order_in_which_they_are_ready",
    ),
    Belief(
        number=17,
        believed="A late reply is harmless.",
        true="It lies in front of the next one and is taken for it, unless an id tells them apart.",
        lesson="05",
        cell="late",
        test="test_05_late_replies.py::test_without_an_id_a_late_reply_is_the_next_one",
    ),
    Belief(
        number=18,
        believed="The GIL makes a socket safe to share between threads.",
        true="pyzmq lets go of the GIL while libzmq works; threads that share a socket kill the whole process.",
        lesson="05",
        cell="dies",
        test="test_05_shared_socket.py::test_four_threads_in_one_socket_kill_the_process",
    ),
    Belief(
        number=27,
        believed="Who asks again needs a new id.",
        true="A new one for the attempt, so that a late reply is known; the old one for what is to be done, "
        "so that it is done once.",
        lesson="05",
        cell="paid",
        test="test_05_late_replies.py::test_under_a_new_id_the_same_order_is_another_one",
    ),
    Belief(
        number=28,
        believed="With a lock around `send`, threads may share a socket.",
        true="Messages still come apart, or the process dies: the lock has to stand around every use.",
        lesson="05",
        cell="shared",
        test="test_05_shared_socket.py::test_a_lock_around_send_alone_is_not_enough",
    ),
    Belief(
        number=6,
        believed="A DEALER without a peer always blocks.",
        true="Bound, it does; once it connects it queues up to its high-water mark, with ZMQ_IMMEDIATE nothing.",
        lesson="06",
        cell="dead",
        test="test_06_who_gets_it.py::test_a_dealer_that_connects_to_nobody_queues_up_to_its_high_water_mark",
    ),
    Belief(
        number=7,
        believed="Round-robin skips dead endpoints.",
        true="Whoever connected to an endpoint deals to it, with or without somebody there, until its queue is full.",
        lesson="06",
        cell="skip",
        test="test_06_who_gets_it.py::test_round_robin_does_not_skip_an_endpoint_where_nobody_is",
    ),
    Belief(
        number=8,
        believed="Round-robin is load balancing.",
        true="It shares the number of messages, and does not see who is busy.",
        lesson="06",
        cell="busy",
        test="test_06_who_gets_it.py::test_round_robin_deals_to_a_worker_that_reads_nothing",
    ),
    Belief(
        number=9,
        believed="A proxy can give the next request to the worker that has been free the longest.",
        true="It deals each request when it comes, also to a worker that is busy: it does not know who is free.",
        lesson="06",
        cell="cem",
        test="test_06_who_gets_it.py::test_behind_a_proxy_a_new_worker_gets_nothing_of_what_waits_at_the_others",
    ),
    Belief(
        number=10,
        believed="A ROUTER finds the workers of its backend itself.",
        true="It sends to the peer that the first frame names, and drops the message when there is none.",
        lesson="06",
        cell="router",
        test="test_06_who_gets_it.py::test_a_router_backend_picks_no_worker",
    ),
    Belief(
        number=3,
        believed="With ZMQ_ROUTER_MANDATORY, what `send` accepts is delivered.",
        true="It is queued for a peer that was connected: the worker may be busy, hang or be dead, and never get it.",
        lesson="08",
        cell="promise",
        test="test_08_back_pressure.py::test_mandatory_accepts_for_a_dead_worker_as_long_as_the_network_does_not_tell",
    ),
    Belief(
        number=4,
        believed="ROUTER blocks at the high-water mark.",
        true="It drops what is for the peer that is full; DEALER blocks, and ROUTER with ZMQ_ROUTER_MANDATORY too.",
        lesson="08",
        cell="router",
        test="test_08_back_pressure.py::test_a_router_drops_at_its_high_water_mark",
    ),
    Belief(
        number=5,
        believed="The high-water mark is an exact limit.",
        true="On inproc both sides' marks add up to the most that fits; over TCP thousands more are on their way.",
        lesson="08",
        cell="tcp",
        test="test_08_back_pressure.py::test_over_tcp_far_more_than_both_marks_are_on_their_way",
    ),
    Belief(
        number=13,
        believed="A second peer with the same routing id gets an error.",
        true="Nothing that it sends is ever received; with ZMQ_ROUTER_HANDOVER it replaces the first, in silence.",
        lesson="09",
        cell="second",
        test="test_09_when_workers_die.py::test_a_second_peer_with_the_same_routing_id_is_never_heard_and_gets_no_error",
    ),
    Belief(
        number=14,
        believed="A fixed routing id survives a restart.",
        true="It names a connection: what was for the old worker is gone with it.",
        lesson="09",
        cell="restart",
        test="test_09_when_workers_die.py::test_a_fixed_name_does_not_get_what_was_for_the_one_who_had_it_before",
    ),
    Belief(
        number=15,
        believed="ROUTER reports a peer that has gone.",
        true="It says nothing; only a monitor tells that some connection has ended.",
        lesson="09",
        cell="tells",
        test="test_09_when_workers_die.py::test_a_router_says_nothing_of_a_peer_that_has_gone",
    ),
    Belief(
        number=22,
        believed="A ZMTP heartbeat means a healthy worker.",
        true="libzmq's own thread answers it, also for a program in an endless loop. It notices a stopped process.",
        lesson="09",
        cell="table",
        test="test_09_when_workers_die.py::test_a_zmtp_heartbeat_does_not_notice_a_program_that_is_busy_for_ever",
    ),
    Belief(
        number=23,
        believed="A worker may just close.",
        true="What it has not read is lost; it says goodbye, reads on until it is told goodbye, and then closes.",
        lesson="09",
        cell="leave",
        test="test_09_when_workers_die.py::test_what_a_worker_has_not_read_is_lost_when_it_closes",
    ),
    Belief(
        number=20,
        believed="A fork may share a Context.",
        true="The I/O threads stay behind in the parent: what the child sends goes nowhere. It needs its own Context.",
        lesson="11",
        cell="fork",
        test="test_12_fork.py::test_what_a_forked_child_sends_with_the_old_context_goes_nowhere",
    ),
    Belief(
        number=25,
        believed="An automatic routing id is unique.",
        true="Each new process counts from the same number: after a restart, an old id is the name of another client.",
        lesson="13",
        cell="whose",
        test="test_10_restart.py::test_after_a_restart_the_answer_for_one_client_goes_to_another_one",
    ),
    Belief(
        number=26,
        believed="Whoever is heard to say ALIVE lives.",
        true="It lived when it sent that: a socket queues heartbeats while nobody is there, a thousand by default.",
        lesson="13",
        cell="old",
        test="test_09_when_workers_die.py::test_a_worker_that_is_silent_by_now_is_heard_by_the_new_boss",
    ),
    Belief(
        number=21,
        believed="A socket's file descriptor is readable as long as there are messages.",
        true="It tells once that something has changed; whether messages wait, only the socket itself says.",
        lesson="B",
        cell="fd",
        test="test_B_event_loop.py::test_a_descriptor_tells_of_a_change_and_not_of_the_messages_that_wait",
    ),
]

DUE = {
    "00": (1, 31),
    "01": (2, 12, 25, 30),
    "02": (19,),
    "03": (11, 16, 24, 29, 31),
    "04": (17,),
    "05": (17, 18, 27, 28),
    "06": (6, 7, 8, 9, 10),
    "08": (3, 4, 5),
    "09": (13, 14, 15, 22, 23),
    "11": (20,),
    "13": (25, 26),
    "B": (21,),
}
"""Which lesson has to meet which of them. Number 17 has two: the order of replies, and replies that come late."""


def missing(lessons: list[str], beliefs: list[Belief]) -> list[tuple[str, int]]:
    """(lesson, number) of what is due in these lessons and has no row."""
    there = {(belief.lesson, belief.number) for belief in beliefs}
    return [(lesson, number) for lesson in lessons for number in DUE.get(lesson, ()) if (lesson, number) not in there]
