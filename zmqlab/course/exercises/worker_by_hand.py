"""Exercise 11-a, a worker by hand: it registers, works, shows that it lives, and takes its leave."""

from __future__ import annotations

import json
from threading import Event
from time import monotonic, sleep
from typing import Any

from ...majordomo import Broker, Client, Limits, MajordomoError
from ..exercise import Exercise
from ..scenes.play import ENOUGH, Play
from ..scenes.scenario import Scenario, Step
from ..scenes.scripted_broker import DISCONNECT, HEARTBEAT, SERVICE, ScriptedBroker, start, upper

BEAT = 0.2  # seconds between two heartbeats
SHORT_BEAT = 0.12  # where the broker says nothing, so that nobody can be late
BEATS = 4  # one more than a silent broker is given: who does not hear that it speaks has given it up by then
ASKED = 10  # times at most, until a REPLY comes late in a beat: a machine that is late may miss that moment
QUIET = 0.6  # of the time between two heartbeats, in which none may be said
SLOW, LONG = b"slow", 3.5 * SHORT_BEAT  # what takes long, and how many seconds: longer than a broker may be silent
TOO_RARE = (
    "Let the poller wait for a part of `heartbeat` at most: a HEARTBEAT is due when so much time has passed, in s."
)
NOT_TOLD = "It was not told to stop: go on until a message comes from `control`, whatever credit the broker says."
TOO_LATE = "The broker is gone when it has said nothing for 3 * `heartbeat` seconds. Look at that clock in every round."
LIVES = "A REQUEST is a sign of life of the broker too: note the time of every message, whatever it says."
HEARS_FIRST = "Work took long, and the broker spoke meanwhile: receive what it has said before you judge its silence."
LAST = "When the broker's HEARTBEAT with the credit 0 has come, say DISCONNECT, close both sockets, and return."

SKELETON = '''
import zmq


def worker(
    ctx, endpoint, control, service, credit, work, heartbeat
):
    """Connect a DEALER to the broker at `endpoint`, and a
    PULL to `control`: the PUSH bound there can stop you.

    Every message between the broker and you begins with two
    frames, b"" and b"MDPW01". Then come a command and its
    frames:

    b"\\x01"  READY, from you, before all else:
             service, credit (in digits)
    b"\\x02"  REQUEST, from the broker: address, b"",
             header, payload (one frame or more)
    b"\\x03"  REPLY, from you: address, b"", header (as they
             came), and the frames of work(payload)
    b"\\x04"  HEARTBEAT, from both:
             nothing, or a credit (in digits)
    b"\\x05"  DISCONNECT, from both: nothing

    Answer every REQUEST: work(payload) takes and returns a
    list of frames. An exception of work is not hidden: it
    comes out.

    When you have said nothing for `heartbeat` seconds, and
    work does not run, say HEARTBEAT. When the broker says
    DISCONNECT, or nothing for 3 * `heartbeat` seconds, begin
    anew: close the DEALER, connect a new one, and say READY.

    Any message from `control` says: stop, whatever its frames
    are. Say HEARTBEAT with the credit 0, and go on as before
    until the broker says HEARTBEAT with the credit 0 too: no
    request comes behind it. Then say DISCONNECT, close both
    sockets, and return. If, after you were told to stop, the
    broker says DISCONNECT or nothing for 3 * `heartbeat`
    seconds, return at once.
    """
    raise NotImplementedError("write the worker")
'''

HINTS = (
    "Two clocks and one flag: when you said something last, when you heard something last, and whether you leave. "
    "The loop polls the DEALER and the PULL, but never for longer than until the next HEARTBEAT is due. What is a "
    "conversation, from READY to its end, in your code?",
    "Write a function for one conversation: it makes the DEALER, says READY, loops, and returns whether to begin anew. "
    "`worker` makes the PULL, and calls it again and again. Look at the clocks in every round of the loop, not only "
    "when the poller found nothing: a broker that speaks often would keep you from ever saying HEARTBEAT.",
    "In the loop: `ready = dict(poller.poll(1000 * heartbeat / 4))`. If the PULL has something and you are not leaving "
    'yet: receive it whole, `leaving = True`, say HEARTBEAT with b"0". If the DEALER has something: `_, _, command, '
    "*frames = socket.recv_multipart()`, note the time; work on a REQUEST; on DISCONNECT `return not leaving`; and if "
    'you are leaving and it is a HEARTBEAT whose frames are [b"0"], say DISCONNECT and return False. Then look at both '
    "clocks.",
)

SOLUTION = """
import time

import zmq

READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = b"\\x01", b"\\x02", b"\\x03", b"\\x04", b"\\x05"


def worker(ctx, endpoint, control, service, credit, work, heartbeat):
    with ctx.socket(zmq.PULL) as told:
        told.connect(control)
        while conversation(ctx, endpoint, told, service, credit, work, heartbeat):
            pass


def conversation(ctx, endpoint, told, service, credit, work, heartbeat):
    \"\"\"From READY to its end. Returns whether another one has to follow.\"\"\"
    said = heard = time.monotonic()
    leaving = False

    def say(command, *frames):
        nonlocal said
        socket.send_multipart([b"", b"MDPW01", command, *frames])
        said = time.monotonic()

    with ctx.socket(zmq.DEALER) as socket:
        socket.linger = 0  # an old conversation leaves nothing behind, not even its READY
        socket.connect(endpoint)
        poller = zmq.Poller()
        for each in (socket, told):
            poller.register(each, zmq.POLLIN)
        say(READY, service, b"%d" % credit)
        while True:
            ready = dict(poller.poll(1000 * heartbeat / 4))
            if told in ready:
                told.recv_multipart()
                leaving = True
                say(HEARTBEAT, b"0")
            if socket in ready:
                _, _, command, *frames = socket.recv_multipart()
                heard = time.monotonic()
                if command == REQUEST:
                    address, empty, header, *payload = frames
                    say(REPLY, address, empty, header, *work(payload))
                elif command == DISCONNECT:
                    return not leaving
                elif leaving and frames == [b"0"]:
                    socket.linger = 1000  # ms for our last word
                    say(DISCONNECT)
                    return False
            elif time.monotonic() - heard > 3 * heartbeat:
                return not leaving
            if time.monotonic() - said > heartbeat:
                say(HEARTBEAT)
"""

WHY = (
    "The worker speaks first: only from its message does the broker learn its automatic routing id. After that both "
    "sides speak at least once per heartbeat, so silence means something: the worker begins anew on a new socket, "
    "where nothing old is left, and the broker gives its requests to somebody else. Beginning anew, and not only "
    "saying READY again, also gives it a new routing id, so no reply of the old conversation is taken for one of the "
    "new. The credit lets the broker send some requests ahead, so the worker never waits for the next one; they lie "
    "in its queue. That is why leaving takes two steps: what the broker sent before it heard of the 0 is still on its"
    " way, and its own 0 comes behind all of that. A worker that just says DISCONNECT loses nothing either, because "
    "the broker gives what it had to others, but that work is begun twice. What this worker does not do: say "
    "HEARTBEAT while `work` runs. That takes a second thread for the work, as in `zmqlab.majordomo.Worker`."
)

WRONG_WAYS = {
    "ends with DISCONNECT": (
        "The broker says DISCONNECT to a worker that it does not know, for example after it was started again. A "
        "worker that ends then is missing, and one that begins anew is back."
    ),
    "READY on the old connection": (
        "For the broker the old connection is no worker any more, and old words may be on their way there. A new "
        "DEALER has a new routing id."
    ),
    "judges before it has heard": (
        "While work took long the broker has spoken, and its words lie unread. Receive them before you judge its "
        "silence."
    ),
    "hides that work has failed": (
        "A worker whose work fails each time then looks healthy. Let the exception out: whoever looks after it "
        "has to hear of it."
    ),
    "DISCONNECT at once": (
        "Requests are still on their way to this worker. None is lost, because the broker gives them to others, but "
        "some are begun twice."
    ),
    "takes any HEARTBEAT for the broker's 0": (
        "A HEARTBEAT without the 0 says only that the broker lives, and requests may come behind it. Behind the 0 "
        "none does."
    ),
}


def registers_and_works(play: Play) -> None:
    """READY, and requests with one payload frame, with several, and with empty ones."""
    broker = ScriptedBroker(play)
    for number, payload in enumerate(([b"hello"], [b"a", b"", b"b"], [b"", b"last"], [b" caf\xe9\n", b"\x02"])):
        broker.asks(number, *payload)
        broker.answered(number, [frame.upper() for frame in payload], f"a REQUEST came with the payload {payload}")


def works_on_all(play: Play) -> None:
    """As many requests at once as the worker has credit."""
    broker = ScriptedBroker(play)
    for number in range(4):
        broker.asks(number, b"job %d" % number)
    for number in range(4):
        broker.answered(number, [b"JOB %d" % number], "four REQUESTs came at once")


def shows_that_it_lives(play: Play) -> None:
    """One REQUEST, and a broker that speaks all the time: heartbeats go out all the same, in time and not too many."""
    broker = ScriptedBroker(play, BEAT)
    for number in range(ASKED):
        play.rest(QUIET * BEAT)
        broker.asks(number, b"hello")
        broker.answered(number, [b"HELLO"], "a REQUEST came")
        before, last = broker.said_at()[-2:]
        if last - before > (1 - QUIET) * BEAT:  # who does not count the REPLY says HEARTBEAT too early now
            break
    called = f"{broker.worker.call}, and it said REPLY, and had no more work; the broker says HEARTBEAT all the time"
    wanted = f"a HEARTBEAT when it has said nothing for {BEAT} s"
    for number in range(BEATS):
        play.expect(
            broker.until_heartbeat(ENOUGH, lambda: broker.says(HEARTBEAT)),
            called=called,
            got=f"{number} HEARTBEATs, and then {play.silence()}",
            wanted=f"a HEARTBEAT every {BEAT} s",
            cause="Look in every round whether a HEARTBEAT is due, not only when the poller has found nothing.",
        )
        before, last = last, broker.said_at()[-1]
        seconds = last - before
        play.expect_soon(seconds, BEAT, called=called, what="it said HEARTBEAT", wanted=wanted, cause=TOO_RARE)
        play.expect(
            seconds > QUIET * BEAT,
            called=called,
            got=f"a HEARTBEAT {seconds:.2f} s after its last word",
            wanted=wanted,
            cause="Note the time whenever you say something, a REPLY too: HEARTBEAT is due `heartbeat` seconds later.",
        )


def only_requests(play: Play) -> None:
    """The broker sends REQUESTs, and never a HEARTBEAT. Some work takes long, and the broker speaks meanwhile."""
    broker = ScriptedBroker(play, SHORT_BEAT, dawdle)
    for number in range(4):
        play.rest(0.9 * SHORT_BEAT)
        broker.asks(number, b"quick")
        broker.answered(number, [b"QUICK"], "the broker sent REQUESTs, and no HEARTBEAT", LIVES)
    broker.asks(5, SLOW)
    for _ in range(7):
        broker.says(HEARTBEAT)
        play.rest(SHORT_BEAT / 2)
    what = f"work took {LONG:g} s, and the broker said HEARTBEAT all the time"
    broker.answered(5, [SLOW.upper()], what, HEARS_FIRST)
    broker.asks(6, b"quick")
    broker.answered(6, [b"QUICK"], what, HEARS_FIRST)


def dawdle(payload: list[bytes]) -> list[bytes]:
    if payload == [SLOW]:
        sleep(LONG)
    return upper(payload)


def failing_work(play: Play) -> None:
    """It raises an exception. Whoever looks after the worker has to hear of it."""
    error = ValueError("work has raised this")
    worked: list[list[bytes]] = []

    def fail(payload: list[bytes]) -> list[bytes]:
        worked.append(payload)
        raise error

    broker = ScriptedBroker(play, work=fail)
    broker.asks(0, b"hello")
    pause, deadline, came_out = Event(), monotonic() + ENOUGH, False
    while not came_out and play.running() and not broker.replied() and monotonic() < deadline:
        pause.wait(0.01)
        came_out = play.let_out(error)
    came_out = came_out or play.let_out(error)
    goes_on = f"it goes on, and the broker received {broker.replied() or 'nothing'}"
    play.expect(
        came_out,
        called=f"{broker.worker.call}, and work raised an exception",
        got=goes_on if play.running() else "it has returned, as if nothing had happened",
        wanted="that the exception comes out",
        cause="An `except` around work hides what is wrong, and nobody knows why there is no result.",
    )
    play.expect(
        len(worked) == 1,
        called=f"{broker.worker.call}, and work raised an exception",
        got=f"work was called {len(worked)} times for one REQUEST",
        wanted="that it is called once, and that the exception comes out",
        cause="To try again hides that work has failed: with luck nobody hears of the first exception.",
    )


def told_that_it_is_unknown(play: Play) -> None:
    """DISCONNECT: it begins anew, twice, and works."""
    broker = ScriptedBroker(play)
    for _ in range(2):
        broker.says(DISCONNECT)
        broker.registered("the broker said DISCONNECT")
    broker.asks(0, b"hello")
    broker.answered(0, [b"HELLO"], "the broker said DISCONNECT, twice; then a REQUEST came")


def silence(play: Play) -> None:
    """The broker says nothing any more, then it is back; and once more: who begins anew too early may be late once."""
    broker = ScriptedBroker(play, SHORT_BEAT)
    limit, called = 3 * SHORT_BEAT, f"{broker.worker.call}, and the broker said nothing for a moment"
    for _ in range(2):
        began = monotonic()
        broker.registered("the broker said nothing any more")
        seconds = monotonic() - began
        play.expect(
            seconds > 0.9 * limit,
            called=called,
            got=f"READY after {seconds:.1f} s",
            wanted=f"READY after {limit:g} s",
            cause="One heartbeat that is late is no reason to begin anew. The clock starts when the broker says "
            "something.",
            timed=True,
        )
        play.expect_soon(seconds, limit, called=called, what="READY", wanted=f"READY after {limit:g} s", cause=TOO_LATE)
    play.expect(
        broker.longest_silence() > 1.3 * SHORT_BEAT,
        called=called,
        got="no HEARTBEAT while the broker was silent",
        wanted=f"a HEARTBEAT when it has said nothing for {SHORT_BEAT} s",
        cause="Say HEARTBEAT when you have said nothing for so long, also while the broker is silent.",
        late=True,
    )
    broker.asks(0, b"hello")
    broker.answered(0, [b"HELLO"], "the broker was silent, and is back with a REQUEST")


def leaves_idle(play: Play) -> None:
    """Told to stop while it has nothing to do. The credit that the broker confirmed earlier is no leave, and nor is a 0
    that comes before it was told."""
    broker = ScriptedBroker(play)
    broker.says(HEARTBEAT, b"0")
    broker.asks(1, b"hello")
    broker.answered(1, [b"HELLO"], "the broker said HEARTBEAT with the credit 0, and then sent a REQUEST", NOT_TOLD)
    what = "it was told to stop"
    broker.tells_to_stop(b"")
    broker.says(HEARTBEAT, b"4")
    broker.says(HEARTBEAT)
    broker.asks(0, b"hello")
    broker.answered(0, [b"HELLO"], f"{what}; the broker has not heard it yet, and sent a REQUEST")
    broker.says(HEARTBEAT, b"0")
    say_farewell(broker, what)


def leaves_with_work(play: Play) -> None:
    """Told to stop with three requests in its queue, and two more that were on their way."""
    broker = ScriptedBroker(play)
    what = "it had work, and was told to stop"
    broker.asks(0, b"job 0")
    broker.answered(0, [b"JOB 0"], "a REQUEST came")
    broker.tells_to_stop(b"\xffgo home", b"", b"\xfe")
    for number in range(1, 4):
        broker.asks(number, b"job %d" % number)
    broker.says(HEARTBEAT, b"0")
    for number in range(1, 4):
        broker.answered(number, [b"JOB %d" % number], f"{what}; REQUESTs came before the broker's 0")
    say_farewell(broker, what)


def say_farewell(broker: ScriptedBroker, what: str) -> None:
    broker.hears([DISCONNECT], f"{what}; the broker said HEARTBEAT with the credit 0", LAST)
    broker.worker.expect_the_end(what)


def leaves_slowly(play: Play) -> None:
    """The broker lets it wait for its 0, and says that it lives. Until then the worker does so too."""
    broker = ScriptedBroker(play, SHORT_BEAT)
    what = "it was told to stop; the broker says HEARTBEAT, and not yet its 0"
    broker.tells_to_stop(b"")
    play.expect(
        broker.until_heartbeat(ENOUGH, lambda: broker.says(HEARTBEAT)),
        called=f"{broker.worker.call}, and {what}",
        got=play.silence(),
        wanted="a HEARTBEAT",
        cause="Until the broker's 0 has come, go on as before: say HEARTBEAT when it is due.",
    )
    broker.says(HEARTBEAT, b"0")
    say_farewell(broker, what)


def leaves_nobody(play: Play) -> None:
    """Told to stop while the broker is silent: there is nobody whose 0 could come."""
    broker = ScriptedBroker(play, SHORT_BEAT)
    began = monotonic()
    what = "it was told to stop while the broker was silent"
    broker.tells_to_stop(b"")
    broker.worker.expect_the_end(what)
    called, limit = f"{broker.worker.call}, and {what}", 3 * SHORT_BEAT
    wanted = f"that it returns after {limit:g} s"
    seconds = monotonic() - began
    play.expect_soon(seconds, limit, called=called, what="it has returned", wanted=wanted, cause=TOO_LATE)


def leaves_unknown(play: Play) -> None:
    """Told to stop, and the broker says DISCONNECT: it does not know the worker any more."""
    broker = ScriptedBroker(play)
    what = "it was told to stop, and said so; the broker said DISCONNECT"
    broker.tells_to_stop(b"")
    broker.says(DISCONNECT)
    play.until(lambda: not play.running() or bool(broker.socket.poll(0)), ENOUGH)
    play.expect(
        not play.running() or not broker.socket.poll(0),
        called=f"{broker.worker.call}, and {what}",
        got=f"the broker received {broker.socket.recv_multipart()[1:] if broker.socket.poll(0) else None}",
        wanted="that it returns at once",
        cause="A worker that was told to stop does not begin anew: after DISCONNECT it returns.",
    )
    broker.worker.expect_the_end(what)


def real_broker(play: Play) -> None:
    """`zmqlab.majordomo`: a request; the broker crashes and is started again; a request; the worker leaves."""
    limits = Limits(heartbeat=BEAT, tick=0.02)
    play.lab.actor(lambda ctx: Broker(play.endpoint, limits=limits, context=ctx).run(), name="broker")
    worker = start(play, BEAT)
    with Client(play.endpoint, context=play.lab.context("client"), timeout=2 * ENOUGH, retry_every=BEAT) as client:
        expect_call(play, worker.call, client, "a request came through zmqlab.majordomo")
        play.lab["broker"].restart()
        expect_call(play, worker.call, client, "the broker crashed, and was started again")
        worker.tell_to_stop(b"", b"no more")
        worker.expect_the_end("it was told to stop")
        lost: dict[str, int] = {}
        play.until(lambda: bool(lost.update(json.loads(client.call("mmi.status")[0])["lost_workers"]) or lost), ENOUGH)
    play.expect(
        lost == {"disconnected": 1},
        called=f"{worker.call}, and it was told to stop",
        got=f"the broker says of its workers: {lost}",
        wanted="it says: one has disconnected",
        cause="DISCONNECT is the last word of the worker, and must still go out when the DEALER is closed.",
    )


def expect_call(play: Play, call: str, client: Client, what: str) -> None:
    came: Any
    try:
        came = client.submit(SERVICE, b"hello", b"again").result(2 * ENOUGH)
    except (MajordomoError, TimeoutError) as error:
        came = f"{type(error).__name__}: {error}"
    play.expect(
        came == [b"HELLO", b"AGAIN"],
        called=f"{call}, and {what}",
        got=f"the client got {came}",
        wanted="the client gets [b'HELLO', b'AGAIN']",
        cause="The worker has to begin anew when the broker does not know it, or is silent, and to work after that.",
    )


EXERCISE = Exercise(
    key="11-a",
    lesson="11-the-full-broker",
    title="a worker by hand",
    name="worker",
    call="worker(ctx, endpoint, control, service, credit, work, heartbeat)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "it registers, works, and answers",
            (
                Scenario("READY, and requests with all sorts of frames", registers_and_works),
                Scenario("four requests at once", works_on_all),
                Scenario("work that raises an exception", failing_work),
            ),
        ),
        Step(
            "it says that it lives, and begins anew if need be",
            (
                Scenario("the broker says DISCONNECT", told_that_it_is_unknown),
                Scenario("hardly any work, and a broker that speaks", shows_that_it_lives),
                Scenario("a broker that is silent", silence),
                Scenario("a broker that sends REQUESTs alone, and work that takes long", only_requests),
            ),
        ),
        Step(
            "it takes its leave without losing a request",
            (
                Scenario("told to stop while it has nothing to do", leaves_idle),
                Scenario("told to stop with work on its way", leaves_with_work),
                Scenario("told to stop, and the broker takes its time", leaves_slowly),
                Scenario("told to stop while the broker is silent", leaves_nobody),
                Scenario("told to stop, and the broker says DISCONNECT", leaves_unknown),
                Scenario("a real broker, which crashes and is back", real_broker),
            ),
        ),
    ),
    causes=(
        (
            UnicodeDecodeError,
            "An address and a header are bytes, and need not be text: do not decode them, nor what says stop.",
        ),
        (ValueError, "A message had another number of frames: HEARTBEAT and DISCONNECT have no address."),
        (IndexError, "A message had fewer frames than the code takes for granted: HEARTBEAT may have a credit or not."),
    ),
    stuck="It was told to stop, or the broker has let it go, and the loop goes on. Which step of the leave is missing?",
)
