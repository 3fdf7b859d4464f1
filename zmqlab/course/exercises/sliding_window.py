"""Exercise 04-a, the sliding window: as many tasks in flight as allowed, and never one more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import zmq

from ..exercise import Exercise, Scenario
from ..play import ENOUGH, Play

QUIET = 0.1  # seconds in which no further task may come

SKELETON = '''
import zmq


def fetch(ctx, tasks, window, endpoint):
    """Send every task to the server at `endpoint`, and return the list of all replies, in the order in which they come.

    `tasks` is a list of bytes. Each is sent as a message of one frame, in this order, over one DEALER.
    The server answers each task once, in whatever order it likes.

    At most `window` tasks are in flight: sent, and their reply not yet received. And never fewer than that
    while tasks are left: as soon as one reply has come, one more task goes out.
    """
    raise NotImplementedError("write the sliding window")
'''

HINTS = (
    "When may the next task go out? At once, as long as fewer than `window` are in flight. After that each task "
    "has to wait for one reply, whichever.",
    "Go through the tasks in order. If `window` tasks are in flight, receive one reply first; then send. After "
    "the last task some replies are still missing.",
    "`for sent, task in enumerate(tasks):` has in `sent` how many tasks went out before this one. In the loop: if "
    "`sent - len(replies) == window`, append `socket.recv()` to `replies`; then `socket.send(task)`. After the loop, "
    "receive until `replies` is as long as `tasks`.",
)

SOLUTION = """
import zmq


def fetch(ctx, tasks, window, endpoint):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(endpoint)
    replies = []
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


class Server:
    """The scripted other side. It has seen which tasks came, and which of them it has not answered."""

    def __init__(self, play: Play, tasks: int, window: int) -> None:
        self.play = play
        self.tasks = [b"task %d" % n for n in range(tasks)]
        self.window = window
        self.call = f"fetch(ctx, {tasks} tasks, window={window}, endpoint)"
        self.open: list[bytes] = []
        self.came: list[bytes] = []
        self.sent: list[bytes] = []
        self._client = b""
        self._socket = play.socket(zmq.ROUTER, name="server")
        play.actor(play.code, self.tasks, window, play.endpoint, call=self.call)

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
                cause=self._too_few(),
            )
            assert frames is not None
            self._client, *task = frames
            self._expect_task(task)
        early = self.play.receive(self._socket, QUIET) if len(self.came) < len(self.tasks) else None
        self.play.expect(
            early is None,
            called=self.call,
            got=f"{self._situation()}; then one more task",
            wanted=f"{self.window} in flight at most",
            cause="A task went out while the window was full: it has to wait for a reply.",
        )

    def _expect_task(self, task: Sequence[bytes]) -> None:
        wanted = self.tasks[len(self.came)]
        self.play.expect(
            list(task) == [wanted],
            called=self.call,
            got=f"task number {len(self.came)} came as {list(task)}",
            wanted=[wanted],
            cause="Each task is one frame, as it stands in the list, and they go out in the order of the list.",
        )
        self.came.append(wanted)
        self.open.append(wanted)

    def _situation(self) -> str:
        return f"tasks that came: {len(self.came)}, answered: {len(self.sent)}"

    def _too_few(self) -> str:
        if not self.sent:
            return "Fewer tasks are in flight than the window allows: send before you wait for a reply."
        return "One reply makes room for one task. Do not wait for more replies than that one."

    def answer(self, count: int) -> None:
        """Answer so many of the open tasks, any of them."""
        for task in self.play.random.sample(self.open, min(count, len(self.open))):
            self.open.remove(task)
            self.sent.append(b"done: " + task)
            self._socket.send_multipart([self._client, self.sent[-1]])

    def expect_all(self) -> None:
        """The function returns what was sent, in the order of arrival."""
        replies = self.play.result(timeout=ENOUGH)
        self.play.expect(
            replies == self.sent,
            called=self.call,
            got=f"it returned {self._returned(replies)}",
            wanted=f"the {len(self.tasks)} replies as they came",
            cause=self._why_other(replies),
        )

    def _returned(self, replies: object) -> str:
        if not isinstance(replies, list):
            return repr(replies)
        return f"a list of {len(replies)}" + ("" if len(replies) != len(self.sent) else ", in another order")

    def _why_other(self, replies: object) -> str:
        if not isinstance(replies, list):
            return "Return the list of the replies."
        if len(replies) < len(self.sent):
            return "When the last task is sent, a whole window is still in flight: receive those replies too."
        return "Keep the order of arrival, and each reply as it came: the server answers in any order."


def exchange(play: Play, tasks: int, window: int, burst: Callable[[], int]) -> None:
    """Until all tasks are answered: all that are due come, and `burst()` of them are answered at once."""
    server = Server(play, tasks, window)
    while len(server.sent) < len(server.tasks):
        server.take()
        server.answer(burst())
    server.expect_all()


def small(play: Play) -> None:
    exchange(play, tasks=3, window=5, burst=lambda: 3)


def one_for_one(play: Play) -> None:
    exchange(play, tasks=7, window=3, burst=lambda: 1)


def bursts(play: Play) -> None:
    exchange(play, tasks=40, window=8, burst=lambda: play.random.randint(1, 8))


def lock_step(play: Play) -> None:
    exchange(play, tasks=3, window=1, burst=lambda: 1)


def nothing(play: Play) -> None:
    exchange(play, tasks=0, window=4, burst=lambda: 1)


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
    scenarios=(
        Scenario("3 tasks, a window of 5", small),
        Scenario("7 tasks, a window of 3, one reply at a time", one_for_one),
        Scenario("40 tasks, a window of 8, replies in bursts and in any order", bursts),
        Scenario("a window of 1", lock_step),
        Scenario("no tasks", nothing),
    ),
    causes=(
        (ValueError, "A reply is one frame: recv() returns its bytes."),
        (IndexError, "A task was taken from the list when none was left."),
        (StopIteration, "A task was taken from the list when none was left."),
    ),
    stuck="It waits for a reply that does not come: each task is answered once, and only if it was sent.",
)
