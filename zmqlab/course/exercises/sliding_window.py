"""Exercise 04-a, the sliding window: as many tasks in flight as allowed, and never one more."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import accumulate
from statistics import median
from typing import Any

import zmq

from ..exercise import Exercise
from ..scenes.play import ENOUGH, Driver, Play
from ..scenes.running import CLOSES, expect_alive
from ..scenes.scenario import Scenario, Step
from ..scenes.shown import shown

QUIET = 0.06  # seconds in which no further task may come, once the window is full for the first time
SLOW = 1.1  # seconds for which a slow server says nothing: who has a limit has mostly one of a second or less
SLEPT = 0.03  # seconds from a reply to the task that it makes room for, half of the times: no machine is so slow
OFTEN = 4  # times that this has to be seen
ONE_SOCKET = "One DEALER sends all tasks: make it once, before the loop."
TOO_MANY = "A task went out while the window was full: it has to wait for a reply."
SLEEPS = "Who sleeps hears no reply: let recv() or poll() wait, which return as soon as one comes."
NO_LIMIT = "A reply may take as long as the server likes. Nobody has set a limit."
EQUAL = TOO_MANY + " Two tasks may be equal, so count what is in flight, and do not look for a task in the list."

SKELETON = '''
import zmq


def fetch(ctx, tasks, window, endpoint):
    """Send every task to the server at `endpoint`, and return
    the list of all replies, in the order in which they come.

    `tasks` is a list of bytes, some of which may be equal, or
    empty. Each is sent as a message of one frame, in this
    order, over one DEALER that connects. The server answers
    each task once, with one frame, which may be empty; in
    whatever order it likes, and whenever it likes.
    No socket stays open.

    At most `window` tasks are in flight: sent, and their
    reply not yet received. And never fewer than that while
    tasks are left: as soon as one reply has come, one more
    task goes out.
    """
    raise NotImplementedError("write the sliding window")
'''

HINTS = (
    "When may the next task go out? At once, as long as fewer than `window` are in flight. After that each task "
    "has to wait for one reply, no matter which.",
    "Go through the tasks in order. If `window` tasks are in flight, receive one reply first; then send. After "
    "the last task some replies are still missing.",
    "`for sent, task in enumerate(tasks):` has in `sent` how many tasks went out before this one. In the loop: if "
    "`sent - len(replies) == window`, append `socket.recv()` to `replies`; then `socket.send(task)`. After the loop, "
    "receive until `replies` is as long as `tasks`.",
)

SOLUTION = """
import zmq


def fetch(ctx, tasks, window, endpoint):
    replies = []
    with ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        for sent, task in enumerate(tasks):
            if sent - len(replies) == window:
                replies.append(socket.recv())
            socket.send(task)
        while len(replies) < len(tasks):
            replies.append(socket.recv())
    return replies
"""

WHY = (
    "What is sent minus what is received is what is in flight, and no other count is needed. The first `window` tasks "
    "go out at once; from then on each reply lets one task go, so the window slides along the list. The second loop "
    "collects what is in flight at the end. No reply is matched to its task here: they come in any order, and say "
    "nothing of which task they belong to."
)

WRONG_WAYS = {
    "sends all at once": "Then the window limits nothing: all tasks lie in queues until the server comes to them.",
    "works in lock-step": (
        "With one task in flight the server has nothing to do while its reply and the next task are on their way. "
        "Send until the window is full."
    ),
    "waits until all of the window are answered": (
        "The server finishes the tasks of the window, and has nothing to do until the next ones come. One reply "
        "makes room for one task."
    ),
    "forgets the last window": (
        "When the last task is sent, a whole window is still in flight. Those replies have to be received too."
    ),
    "looks for each task in the list": (
        "`tasks.index(task)` finds the first task that is equal, and two tasks may be equal. Count what was sent."
    ),
    "adds a delimiter": "A DEALER adds and removes nothing, so the server would get a task of two frames.",
}


def done(task: bytes) -> bytes:
    return b"done: " + task


async def count_open(ctx: Any, code: Driver, called: str, *args: Any) -> tuple[Any, int]:
    """What the function returned, and how many sockets are open then. What it has dropped, Python has closed."""
    replies = await code(ctx, *args)
    expect_alive(ctx, called)
    gc.collect()
    return replies, len(ctx.open_sockets())


class Server:
    """The scripted other side. It has seen which tasks came, and which of them it has not answered.

    `reply` makes the reply to a task. `early` is the likely cause when the function has returned too early, where the
    scenario knows it.
    """

    def __init__(
        self,
        play: Play,
        tasks: Sequence[bytes],
        window: int,
        reply: Callable[[bytes], bytes] = done,
        *,
        early: str = "",
    ) -> None:
        self.play = play
        self.tasks = list(tasks)
        self.window = window
        what = f"{len(tasks)} tasks" if tasks == numbered(len(tasks)) else shown(self.tasks)
        self.call = f"fetch(ctx, {what}, window={window}, endpoint)"
        self.open: list[bytes] = []
        self.came: list[bytes] = []
        self.sent: list[bytes] = []
        self._reply = reply
        self._early = early
        self._client = b""
        self._quiet = QUIET
        self._socket = play.socket(zmq.ROUTER, name="server")
        play.drive(count_open, self.call, self.tasks, window, play.endpoint, call=self.call)

    def due(self) -> int:
        """How many tasks have to be here by now."""
        return min(len(self.tasks), len(self.sent) + self.window)

    def take(self) -> None:
        """All tasks that are due come, as they are and in order; and not one more."""
        while len(self.came) < self.due():
            frames = self.play.receive(self._socket, ENOUGH)
            self.play.expect(
                frames is not None,
                called=self.call,
                got=f"{self._situation()}; then {self.play.silence()}",
                wanted=f"{self.due()} tasks at the server",
                cause=self.play.absent() or self._too_few(),
            )
            assert frames is not None
            client, *task = frames
            self.play.expect(
                client == (self._client or client),
                called=self.call,
                got="tasks from more than one DEALER",
                wanted="one DEALER that sends them all",
                cause=ONE_SOCKET,
            )
            self._client = client
            self._expect_task(task)
        early = None
        if len(self.came) < len(self.tasks):
            early = self.play.receive(self._socket, self._quiet)
            self._quiet = 0.0
        self._expect_window(early is None, f"{self._situation()}; then one more task")

    def _expect_window(self, kept: bool, got: str) -> None:
        self.play.expect(
            kept,
            called=self.call,
            got=got,
            wanted=f"{self.window} in flight at most",
            cause=TOO_MANY if len(set(self.tasks)) == len(self.tasks) else EQUAL,
        )

    def _most_in_flight(self) -> int:
        """How many tasks were in flight at the same time: the trace has what it sent and received, in its order."""
        messages, actor_of = self.play.lab.messages(), self.play.lab.trace.actor_of
        steps = [(m.sent, 1) for m in messages if actor_of(m.sender) == "you" and m.sent is not None]
        steps += [(m.received, -1) for m in messages if actor_of(m.receiver) == "you" and m.received is not None]
        return max(accumulate(step for _, step in sorted(steps)), default=0)

    def _expect_prompt(self) -> None:
        """Each reply lets one more task go, as soon as it has come."""
        messages, actor_of = self.play.lab.messages(), self.play.lab.trace.actor_of
        came = sorted(m.arrived for m in messages if actor_of(m.receiver) == "you" and m.arrived is not None)
        went = sorted(m.sent for m in messages if actor_of(m.sender) == "you" and m.sent is not None)
        waits = [(sent - arrived) / 1e9 for arrived, sent in zip(came, went[self.window :], strict=False)]
        late = median(waits) if len(waits) >= OFTEN else 0.0
        self.play.expect(
            late < SLEPT,
            called=self.call,
            got=f"the next task goes out {1000 * late:.0f} ms after the reply that makes room for it",
            wanted="one more task as soon as a reply has come",
            cause=SLEEPS,
            late=True,
        )

    def _expect_task(self, task: Sequence[bytes]) -> None:
        wanted = self.tasks[len(self.came)]
        if list(task) == [wanted]:
            self.came.append(wanted)
            self.open.append(wanted)
            return
        if len(task) != 1:
            cause = "Each task is a message of one frame."
        elif self._sockets() > 1:
            cause = ONE_SOCKET
        elif task[0] in self.tasks:
            cause = "That is another task: they go out in the order of the list, and each once."
        else:
            cause = "Each task is sent as it stands in the list, byte for byte."
        got = f"task number {len(self.came)} came as {list(task)}"
        self.play.expect(False, called=self.call, got=got, wanted=[wanted], cause=cause)

    def _sockets(self) -> int:
        """How many the function has made."""
        self.play.lab.messages()  # brings the trace up to date
        return sum(socket.actor == "you" for socket in self.play.lab.trace.sockets.values())

    def _situation(self) -> str:
        return f"tasks that came: {len(self.came)}, answered: {len(self.sent)}"

    def _too_few(self) -> str:
        if not self.play.running():
            return self._early or "The function has returned, although tasks are left."
        if not self.sent:
            return "Fewer tasks are in flight than the window allows: send before you wait for a reply."
        return "One reply makes room for one task. Do not wait for more replies than that one."

    def answer(self, count: int) -> None:
        """Answer so many of the open tasks, any of them."""
        for task in self.play.random.sample(self.open, min(count, len(self.open))):
            self.open.remove(task)
            self.sent.append(self._reply(task))
            self._socket.send_multipart([self._client, self.sent[-1]])

    def expect_all(self) -> None:
        """The function returns what was sent, in the order of arrival."""
        replies, left = self.play.result(timeout=ENOUGH)
        most = self._most_in_flight()
        self._expect_window(most <= self.window, f"{most} tasks in flight at the same time")
        self._expect_prompt()
        self.play.expect(
            isinstance(replies, list) and replies == self.sent,
            called=self.call,
            got=f"it returned {self._returned(replies)}",
            wanted=f"the {len(self.tasks)} replies as they came",
            cause=self._why_other(replies),
        )
        self.play.expect(
            left == 0,
            called=self.call,
            got=f"it has returned; sockets that are still open: {left}",
            wanted="no open socket",
            cause=CLOSES,
        )

    def _returned(self, replies: object) -> str:
        if not isinstance(replies, list):
            return shown(replies)
        same = ", in another order" if is_reordered(replies, self.sent) else f": {shown(replies)}"
        return f"a list of {len(replies)}" + (same if len(replies) == len(self.sent) else "")

    def _why_other(self, replies: object) -> str:
        if not isinstance(replies, list):
            return "Return the list of the replies."
        if len(replies) < len(self.sent):
            return self._early or (
                "When the last task is sent, a whole window is still in flight: receive those replies too."
            )
        if len(replies) > len(self.sent):
            return "There are more replies than tasks: begin with an empty list in each call, and add each reply once."
        if is_reordered(replies, self.sent):
            return "Keep the order of arrival: the server answers in any order, and the list says in which."
        return "Keep each reply as it came, as bytes: recv() returns them."


def is_reordered(replies: list[object], sent: list[bytes]) -> bool:
    """Whether these are the same, in another order."""
    return sorted(map(repr, replies)) == sorted(map(repr, sent))


def numbered(count: int) -> list[bytes]:
    return [b"task %d" % n for n in range(count)]


def exchange(
    play: Play,
    tasks: Sequence[bytes],
    window: int,
    burst: Callable[[], int] = lambda: 1,
    reply: Callable[[bytes], bytes] = done,
) -> None:
    """Until all tasks are answered: all that are due come, and `burst()` of them are answered at once."""
    server = Server(play, tasks, window, reply)
    while len(server.sent) < len(server.tasks):
        server.take()
        server.answer(burst())
    server.expect_all()


def small(play: Play) -> None:
    exchange(play, numbered(3), window=5, burst=lambda: 3)


def one_for_one(play: Play) -> None:
    exchange(play, numbered(7), window=3)


def bursts(play: Play) -> None:
    exchange(play, numbered(40), window=8, burst=lambda: play.random.randint(1, 8))


def lock_step(play: Play) -> None:
    exchange(play, numbered(3), window=1)


def equal(play: Play) -> None:
    """And one that is empty, and one that is no text."""
    exchange(play, [b"same", b"same", b"", b"same", b"\xff\x00", b"", b"same"], window=2)


def empty_replies(play: Play) -> None:
    exchange(play, numbered(5), window=2, reply=lambda task: b"")


def slow(play: Play) -> None:
    """A server that takes its time, after the first reply and before the last ones."""
    server = Server(play, numbered(3), window=2, early=NO_LIMIT)
    for _ in range(2):
        server.take()
        play.rest(SLOW)
        server.take()
        play.expect(
            play.running(),
            called=server.call,
            got=f"it has returned, while a reply took {SLOW} s",
            wanted="that it waits for all replies",
            cause=NO_LIMIT,
        )
        server.answer(2 if server.sent else 1)
    server.expect_all()


def nothing(play: Play) -> None:
    exchange(play, [], window=4)


EXERCISE = Exercise(
    key="04-a",
    lesson="04-pipelining",
    title="the sliding window",
    name="fetch",
    call="fetch(ctx, tasks, window, endpoint)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "",
            (
                Scenario("3 tasks, a window of 5", small),
                Scenario("7 tasks, a window of 3, one reply at a time", one_for_one),
                Scenario("40 tasks, a window of 8, replies in bursts and in any order", bursts),
                Scenario("a window of 1", lock_step),
                Scenario("no tasks", nothing),
                Scenario("equal tasks, empty ones, and one that is no text", equal),
                Scenario("empty replies", empty_replies),
                Scenario("a server that takes its time", slow),
            ),
        ),
    ),
    causes=(
        (ValueError, "A reply is one frame: recv() returns its bytes."),
        (IndexError, "A task was taken from the list when none was left."),
        (StopIteration, "A task was taken from the list when none was left."),
    ),
    stuck="It waits for a reply that does not come: each task is answered once, and only if it was sent.",
)
