"""`check` survives whatever the learner's code does, and says what it was."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from itertools import count
from typing import Any, NoReturn

import pytest
import zmq

from tests.course.exercises.learner import changed, flat, keeps_a_core_busy, replaced, verdict, written
from tests.course.scene import plays
from zmqlab.course import exercises
from zmqlab.course.check import PLAYS, check
from zmqlab.course.scenes.growth import grows
from zmqlab.course.scenes.pace import STILL
from zmqlab.course.scenes.play import PRINTED, Play, take
from zmqlab.course.scenes.refused import Refused
from zmqlab.course.scenes.running import Running
from zmqlab.course.scenes.shown import shown
from zmqlab.course.verdict import Verdict
from zmqlab.lab.relay import Relay

KEY = "01-a"
ALWAYS = 99  # refusals: more than there are plays


def test_the_signature_is_looked_at() -> None:
    assert "TypeError: too many positional arguments" in check(KEY, lambda ctx: None).text


def test_an_object_that_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match=r'check\("01-a", counting_server\), not int'):
        check(KEY, 3)


def test_an_unknown_key_names_those_there_are() -> None:
    with pytest.raises(LookupError, match="no exercise '99-z'; there are 01-a"):
        check("99-z", print)


def test_a_thread_that_dies_is_reported() -> None:
    source = changed(
        KEY, ("seen = {}", "seen = {}\n    import threading\n    threading.Thread(target=lambda: {}[1]).start()")
    )
    text = flat(verdict(KEY, source))
    assert "in a thread that it started" in text
    assert "KeyError" in text


def test_a_server_that_cannot_be_stopped_is_refused() -> None:
    deaf = "\n".join(
        [
            "def counting_server(ctx, endpoint):",
            "    import time",
            *(f"    {line}" for line in exercises.load(KEY).solution.strip().splitlines()),
            "    try:",
            "        counting_server(ctx, endpoint)",
            "    except zmq.ContextTerminated:",
            "        time.sleep(6)",
        ]
    )
    result = verdict(KEY, deaf)
    assert not result.passed
    assert "that it ends when its context is terminated" in result.text


def test_a_warning_of_the_learners_own_is_shown_and_no_reason_to_refuse() -> None:
    forgotten = ("seen = {}", "seen = {}\n    import asyncio\n    asyncio.sleep(0)")
    with pytest.warns(RuntimeWarning, match="was never awaited"):
        assert verdict(KEY, changed(KEY, forgotten)).passed


def test_a_check_leaves_no_thread_and_no_hook() -> None:
    start, hook, before = threading.Thread.start, threading.excepthook, threading.enumerate()
    verdict(KEY, exercises.load(KEY).skeleton)
    assert (threading.Thread.start, threading.excepthook) == (start, hook)
    assert not [thread for thread in threading.enumerate() if thread not in before and "actor" in thread.name]


def refuse(play: Play, late: bool = False, timed: bool = False) -> NoReturn:
    raise Refused(called="it", got="late", wanted="in time", cause="Be in time.", late=late, timed=timed)


def stands_still(pause: float, refusals: int) -> Callable[[Play, int], None]:
    """The first plays refuse, while the machine stands still for `pause` seconds."""

    def scene(play: Play, before: int) -> None:
        play.until(lambda: time.sleep(pause) or True)  # the checking thread cannot look meanwhile, as on such a machine
        if before < refusals:
            refuse(play)

    return scene


def test_a_refusal_while_the_machine_stood_still_is_not_believed() -> None:
    result, played = plays(KEY, stands_still(2 * STILL, refusals=2))
    assert (result.passed, played) == (True, 4)  # and the first one once more, at the end


def test_a_refusal_of_many_requests_is_not_believed_either() -> None:
    result, played = plays(KEY, stands_still(2 * STILL, refusals=2), bulk=True)
    assert (result.passed, played) == (True, 4)


def test_no_machine_is_too_busy_to_see_that_memory_grows() -> None:
    kept: list[bytes] = []

    def scene(play: Play, before: int) -> None:
        play.until(lambda: time.sleep(2 * STILL) or True)
        play.expect_no_growth(100, lambda: kept.extend(os.urandom(8) for _ in range(100)), cause="It is kept.")

    result, played = plays(KEY, scene, bulk=True)
    assert (result.passed, played) == (False, 1)
    assert "so busy" not in result.text


def test_the_time_of_a_scenario_stands_still_while_its_code_has_no_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = count()
    monkeypatch.setattr("zmqlab.course.scenes.pace._own_wait", lambda: next(waited) / 10)  # 0.1 s more at each look
    monkeypatch.setattr("zmqlab.course.scenes.play.SECONDS", 0.05)

    def scene(play: Play, before: int) -> None:
        play.rest(0.2)
        play.expect(not play.time_is_up(), got="no time left", wanted="time", cause="It is over.")

    result, _ = plays(KEY, scene)
    assert result.passed, result


def test_a_refusal_on_a_machine_that_never_moves_says_so() -> None:
    result, played = plays(KEY, stands_still(2 * STILL, refusals=3))
    assert (result.passed, played) == (False, 3)
    assert "but:       This machine is so busy" in result.text


def waits_in_vain(pause: float, refusals: int) -> Callable[[Play, int], None]:
    """The first plays refuse when all their time is up, after the machine has stood still."""

    def scene(play: Play, before: int) -> None:
        play.until(lambda: time.sleep(pause) or True)
        if before < refusals:
            play.until(lambda: False)
            refuse(play)

    return scene


def refused_at_once(scene: Callable[[Play, int], None], code: Any = None) -> Verdict:
    """What is said when the first play is believed. Were the learner's doing taken for the machine's fault, it would be
    so each time; the machine itself may stand still once.
    """
    for _ in range(3):
        result, played = plays(KEY, scene, code)
        assert not result.passed
        if played == 1:
            return result
    pytest.fail(f"played {played} times")


@pytest.mark.parametrize(("refusals", "passed", "times"), [(1, True, 3), (2, False, 2)])
def test_a_wait_in_vain_is_believed_the_second_time(
    refusals: int, passed: bool, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zmqlab.course.scenes.play.SECONDS", 3 * STILL)
    result, played = plays(KEY, waits_in_vain(2 * STILL, refusals))
    assert (result.passed, played) == (passed, times)


def test_a_wait_in_vain_is_believed_at_once_when_the_machine_kept_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zmqlab.course.scenes.play.SECONDS", 3 * STILL)
    refused_at_once(waits_in_vain(0, ALWAYS))


def test_a_refusal_is_believed_at_once_when_the_machine_kept_pace() -> None:
    assert "so busy" not in refused_at_once(stands_still(0, refusals=ALWAYS)).text


def test_a_failed_check_has_a_view_and_a_passed_one_has_none() -> None:
    failed = verdict(KEY, changed(KEY, ("[routing_id, b", "[b")))
    assert repr(failed.view()).startswith("<zmqlab view of 'check 01-a")
    with pytest.raises(LookupError, match="nothing to look at"):
        verdict(KEY, exercises.load(KEY).skeleton).view()


# -- whose fault it is ------------------------------------------------------------------------------------------------


def test_a_relay_that_stood_still_is_the_machines_fault() -> None:
    """The checking thread goes on looking all the time: only what the messages tell shows it."""
    process = Relay.shared()._process._process
    assert process
    relay = process.pid

    def scene(play: Play, before: int) -> None:
        play.actor(play.code, play.endpoint)
        client = play.socket(zmq.DEALER, bind=False, name="client")
        client.send(b"one")
        assert play.receive(client, 2) == [b"1: one"]
        if before == 0:
            os.kill(relay, signal.SIGSTOP)
            threading.Timer(0.3, os.kill, (relay, signal.SIGCONT)).start()
        client.send(b"two")
        play.expect(play.receive(client, 0.15), got="nothing", wanted="a reply", cause="Answer at once.")

    result, played = plays(KEY, scene, solution())
    assert (result.passed, played) == (True, 3)


def test_a_relay_that_stood_still_while_it_connects_is_the_machines_fault() -> None:
    process = Relay.shared()._process._process
    assert process
    relay = process.pid

    def scene(play: Play, before: int) -> None:
        play.actor(play.code, play.endpoint)
        client = play.socket(zmq.DEALER, bind=False, name="client")
        if before == 0:  # the socket has just begun to connect
            os.kill(relay, signal.SIGSTOP)
            threading.Timer(0.3, os.kill, (relay, signal.SIGCONT)).start()
        client.send(b"one")
        play.expect(play.receive(client, 0.25), got="nothing", wanted="a reply", cause="Answer at once.")

    for _ in range(5):  # on a busy machine it may be connected before the relay stands still: then all is well at once
        result, played = plays(KEY, scene, solution())
        assert result.passed
        if played > 2:
            break
    assert played == 3


def test_what_is_passed_and_proves_nothing_is_played_anew() -> None:
    def scene(play: Play, before: int) -> None:
        play.proves(before == 1)
        play.proves(True)

    result, played = plays(KEY, scene)
    assert (result.passed, played) == (True, 2 + PLAYS)  # and the first one once more, at the end, in vain


def test_who_has_passed_by_luck_is_refused_when_it_is_played_anew() -> None:
    result, played = plays(KEY, lambda play, before: refuse(play) if before else play.proves(False))
    assert (result.passed, played) == (False, 2)


@pytest.mark.parametrize(
    "learners",
    [
        pytest.param(lambda ctx: sum(range(30_000_000)), id="holds Python's lock"),
        pytest.param(lambda ctx: time.sleep(0.3), id="sleeps"),
    ],
)
def test_what_the_learners_code_does_is_not_taken_for_the_machines_fault(learners: Callable[..., Any]) -> None:
    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.result()
        refuse(play)

    assert "so busy" not in refused_at_once(scene, learners).text


def test_who_never_gets_a_connection_is_not_the_machines_fault() -> None:
    """The check waits a moment whether there will be one, and that is no gap."""

    def scene(play: Play, before: int) -> None:
        for name in ("client", "peer"):
            play.socket(zmq.ROUTER, endpoint=play.more(name), name=name)
        play.lab.link("client", "peer").cut()
        play.socket(zmq.ROUTER)
        play.socket(zmq.DEALER, bind=False, name="client")
        refuse(play)

    assert "so busy" not in refused_at_once(scene).text


def test_a_server_that_binds_late_is_not_the_machines_fault() -> None:
    def late(ctx: Any, endpoint: str) -> None:
        time.sleep(0.3)
        solution()(ctx, endpoint)

    def scene(play: Play, before: int) -> None:
        play.actor(play.code, play.endpoint)
        client = play.socket(zmq.DEALER, bind=False, name="client")
        client.send(b"one")
        assert play.receive(client, 2) == [b"1: one"]
        refuse(play)

    refused_at_once(scene, late)


def test_who_is_late_is_played_once_more_before_it_is_believed() -> None:
    result, played = plays(KEY, lambda play, before: refuse(play, late=True) if before == 0 else None)
    assert (result.passed, played) == (True, 3)
    result, played = plays(KEY, lambda play, before: refuse(play, late=True))
    assert (result.passed, played) == (False, 2)


def test_who_is_late_without_a_processor_is_played_as_often_as_on_a_machine_that_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited = count()
    monkeypatch.setattr("zmqlab.course.scenes.pace._own_wait", lambda: next(waited) * STILL)

    def scene(play: Play, before: int) -> None:
        play.rest(0.05)
        if before < 2:
            refuse(play, late=True)

    result, played = plays(KEY, scene)
    assert (result.passed, played) == (True, 4)


@pytest.mark.parametrize(("seconds", "passes"), [(0.45, True), (0.75, False)])
def test_a_limit_that_is_kept_and_one_that_takes_twice_as_long(seconds: float, passes: bool) -> None:
    def scene(play: Play, before: int) -> None:
        play.expect_soon(seconds, 0.35, what="an answer", wanted="one in time", cause="Look at the clock.")

    result, _ = plays(KEY, scene)
    assert result.passed == passes
    assert passes or "came back: an answer after 0.8 s" in result.text


# -- what a learner's code may be, and do -----------------------------------------------------------------------------


def solution() -> Any:
    return written(exercises.load(KEY).solution, "counting_server")


ASYNC = """
import asyncio
import functools

import zmq
import zmq.asyncio


async def serve(ctx, endpoint):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(endpoint)
    seen = {}
    while True:
        routing_id, task = await socket.recv_multipart()
        seen[routing_id] = seen.get(routing_id, 0) + 1
        await socket.send_multipart([routing_id, b"%d: %s" % (seen[routing_id], task)])

"""
STYLES = {
    "async def": "counting_server = serve",
    "a partial of an async def": "counting_server = functools.partial(serve)",
    "an object with an async call": """
class Server:
    __slots__ = ()
    __hash__ = None

    async def __call__(self, ctx, endpoint):
        await serve(ctx, endpoint)

counting_server = Server()""",
    "an event loop of its own": """
def counting_server(ctx, endpoint):
    asyncio.run(serve(zmq.asyncio.Context(shadow=ctx), endpoint))""",
}


@pytest.mark.parametrize("style", STYLES)
def test_a_coroutine_is_run(style: str) -> None:
    result = verdict(KEY, ASYNC + STYLES[style], scenario="one client, three tasks")
    assert result.passed, result


def test_a_driver_runs_plain_and_async_functions() -> None:
    async def asynchronous(ctx: Any, given: list[int]) -> int:
        return given.pop()

    def plain(ctx: Any, given: list[int]) -> int:
        return given.pop()

    def scene(play: Play, before: int) -> None:
        given = [3]
        Running(play, given, call="pop(ctx, [3])")
        assert (play.result(), given) == ((0, 3), [3])  # what it got was its own

    for code in (asynchronous, plain):
        assert plays(KEY, scene, code)[0].passed


def test_a_socket_that_nobody_closes_is_counted_although_nobody_refers_to_it() -> None:
    def scene(play: Play, before: int) -> None:
        running = Running(play, call="f(ctx)")
        left, _ = play.result()
        running.expect_none_open(left, "f(ctx)")

    result, _ = plays(KEY, scene, lambda ctx: ctx.socket(zmq.DEALER) and None)
    assert "sockets that are still open: 1" in flat(result)


RUNS_NOTHING = {
    "a coroutine": (
        "async def serve():\n    pass\ndef counting_server(ctx, endpoint):\n    return serve()",
        "`async def`",
    ),
    "a generator": ("def counting_server(ctx, endpoint):\n    yield", "There is a yield in it"),
    "input() without anybody to ask": (
        "from IPython.core.error import StdinNotImplementedError\n"
        "def counting_server(ctx, endpoint):\n    raise StdinNotImplementedError('raw_input was called')",
        "input(). Nobody does while a check runs",
    ),
    "its own NotImplementedError": (
        "def counting_server(ctx, endpoint):\n    raise NotImplementedError('later')",
        "A part of the code is still to be written",
    ),
    "a name for bytes": (
        "def counting_server(ctx, endpoint):\n    'a' + b'b'",
        "A str was used where bytes are needed",
    ),
    "sys.exit()": ("def counting_server(ctx, endpoint):\n    raise SystemExit", "must not end the program"),
    "a signal handler": (
        "import signal\ndef counting_server(ctx, endpoint):\n    signal.signal(signal.SIGINT, signal.SIG_DFL)",
        "leave signals alone",
    ),
    "a call of itself": (
        "def counting_server(ctx, endpoint):\n    counting_server(ctx, endpoint)",
        "calls itself without an end",
    ),
    "an error that cannot be said": (
        "class Odd(Exception):\n    def __str__(self):\n        return 3 / 0\n"
        "def counting_server(ctx, endpoint):\n    raise Odd",
        "Odd: (its __str__ raises ZeroDivisionError)",
    ),
    "somebody else's endpoint": (
        "def counting_server(ctx, endpoint):\n    sockets = [ctx.socket(zmq.REP), ctx.socket(zmq.REP)]\n"
        "    for socket in sockets:\n        socket.bind(endpoint)",
        "Somebody is bound there already",
    ),
}


@pytest.mark.parametrize("what", RUNS_NOTHING)
def test_what_is_no_server_is_named(what: str) -> None:
    source, words = RUNS_NOTHING[what]
    result = verdict(KEY, source)
    assert not result.passed
    assert words in flat(result), result


def test_a_context_of_its_own_is_named() -> None:
    source = changed(KEY, ("    socket = ctx.", "    ctx = zmq.Context()\n    socket = ctx."))
    ended = (
        "    while True:\n",
        "    socket.linger, socket.rcvtimeo = 0, 2500\n    while True:\n",
    )  # not to outlive the test
    result = verdict(KEY, replaced(source, ended), scenario="one client, three tasks")
    assert "It made its sockets with a context of its own" in flat(result), result


def test_a_warning_is_no_error_although_the_kernel_asks_for_errors() -> None:
    forgotten = ("seen = {}", "seen = {}\n    import asyncio\n    asyncio.sleep(0)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert verdict(KEY, changed(KEY, forgotten)).passed


def test_filters_and_streams_of_the_learners_own_do_no_harm() -> None:
    before = sys.stdout
    own = (
        "seen = {}",
        "seen = {}\n    import io, sys, warnings\n    warnings.simplefilter('error')\n    sys.stdout = io.StringIO()",
    )
    assert verdict(KEY, changed(KEY, own)).passed
    assert sys.stdout is before


def test_a_busy_loop_passes_with_a_remark() -> None:
    def spin(ctx: Any) -> None:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            pass

    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.rest(0.15)
        play.result()

    assert keeps_a_core_busy(lambda: plays(KEY, scene, spin)[0])
    idle = plays(KEY, scene, lambda ctx: time.sleep(0.3))[0]
    assert idle.passed
    assert "but:" not in idle.text


def test_a_verdict_is_short_whatever_it_shows() -> None:
    enough = threading.Event()

    def scene(play: Play, before: int) -> None:
        enough.clear()
        play.actor(play.code)
        play.until(lambda: len(play.printed()) >= PRINTED)
        enough.set()
        big = [b"x" * 20_000_000, "y" * 20_000_000]
        play.expect(False, got=big, wanted="z" * 20_000_000, cause="It is long.")

    def endless(ctx: Any) -> None:
        while not enough.is_set():
            print("z" * 1000)

    result, _ = plays(KEY, scene, endless)
    assert "(20,000,000 bytes)" in result.text
    assert len(result.text) < 5000


def test_a_message_that_cannot_be_received_is_not_waited_for() -> None:
    """As a REP has it that got a request without an envelope."""

    class Odd:
        def poll(self, timeout: int) -> int:
            return zmq.POLLIN

        def recv_multipart(self, flags: int = 0) -> list[bytes]:
            assert flags == zmq.DONTWAIT
            raise zmq.Again

    assert take(Odd()) is None  # type: ignore[arg-type]


def test_nobody_who_takes_what_is_sent_is_a_refusal() -> None:
    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        socket = play.socket(zmq.PUSH)
        socket.sndtimeo = 10
        socket.send(b"hello?")

    assert "nobody who takes what is sent" in plays(KEY, scene, lambda ctx: None)[0].text


@pytest.mark.parametrize(
    ("shape", "cause"),
    [
        (("socket.bind", "socket.connect"), "Here you bind, and others connect"),
        (("socket.bind(endpoint)", "socket.bind('tcp://127.0.0.1:*')"), "Nobody is bound at this endpoint"),
    ],
)
def test_nobody_at_the_endpoint_is_named(shape: tuple[str, str], cause: str) -> None:
    def scene(play: Play, before: int) -> None:
        play.actor(play.code, play.endpoint)
        play.socket(zmq.DEALER, bind=False).send(b"hello")
        play.until(lambda: bool(play.lab.trace.update() and play.lab.trace.sockets), 1)
        play.rest(0.05)
        play.expect(False, got=play.silence(), wanted="an answer", cause=play.why_silent("It is silent."))

    result, _ = plays(KEY, scene, written(changed(KEY, shape), "counting_server"))
    told = flat(result)
    assert "nobody is bound at tcp://127.0.0.1:" in told
    assert cause in told


# -- what stays of an earlier call ------------------------------------------------------------------------------------


def test_what_only_a_second_call_shows_is_found() -> None:
    calls: list[int] = []

    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.expect(play.result() == 1, got=len(calls), wanted=1, cause="Count anew.")

    def count(ctx: Any) -> int:
        calls.append(1)
        return len(calls)

    result, played = plays(KEY, scene, count)
    assert not result.passed
    assert 3 <= played <= 5  # twice more: by chance it is not; and again while the machine stands still, twice at most
    assert "NO  the only one, once more" in result.text
    assert "State left from an earlier call" in result.text


@pytest.mark.parametrize(("late", "timed", "refusals"), [(True, False, 9), (False, True, 9), (False, False, 1)])
def test_what_passed_by_luck_is_no_state(late: bool, timed: bool, refusals: int) -> None:
    """It was about a time, or passes when it is played yet again: the refusal has its own words."""

    def scene(play: Play, before: int) -> None:
        if 1 <= before <= refusals:
            refuse(play, late=late, timed=timed)

    text = plays(KEY, scene)[0].text
    assert "NO  the only one, once more" in text
    assert "Be in time." in text


def test_what_an_earlier_check_has_left_is_named() -> None:
    calls: list[int] = []

    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.expect(play.result() < 3, got=len(calls), wanted="1 or 2", cause="Count anew.")

    def count(ctx: Any) -> int:
        calls.append(1)
        return len(calls)

    assert plays(KEY, scene, count)[0].passed
    assert "State left from an earlier call" in plays(KEY, scene, count)[0].text


def test_what_stays_of_each_request_is_seen() -> None:
    kept: list[bytes] = []
    assert grows(100, lambda: kept.extend(os.urandom(8) for _ in range(100)))
    assert not grows(100, lambda: [os.urandom(8) for _ in range(100)].clear())


def test_what_is_made_in_the_first_rounds_is_no_growth() -> None:
    """So an event loop has grown, round by round, with a client that keeps nothing."""
    made = iter([300, 148, 103, 90, 73, 61, 52])
    kept: list[bytes] = []
    assert not grows(100, lambda: kept.extend(os.urandom(8) for _ in range(next(made))))


def test_what_somebody_else_gives_back_hides_no_growth() -> None:
    """Of two rounds nothing seems to stay, because threads of the lab have just ended."""
    kept: list[bytes] = []
    others = {number: [os.urandom(8) for _ in range(1000)] for number in (2, 4)}
    rounds = count()

    def one_round() -> None:
        kept.extend(os.urandom(8) for _ in range(100))
        others.pop(next(rounds), None)

    assert grows(100, one_round)


@pytest.mark.parametrize("value", [b"\xff" * 3, "text", [b"", b"a"], (1,), None, {"a": 1}])
def test_a_short_value_is_shown_as_it_is(value: object) -> None:
    assert shown(value) == repr(value)


def test_a_value_that_cannot_be_shown_is_named() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError

    assert shown(Odd()) == "a Odd whose repr() raises ValueError"
