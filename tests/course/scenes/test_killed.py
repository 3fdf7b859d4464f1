"""The play's own kill of the learner's code is never taken for a fault of that code, whoever is quicker."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable

import pytest
import zmq

from tests.course.exercises.learner import verdict, written
from tests.course.scene import plays
from zmqlab.course import exercises
from zmqlab.course.scenes.play import ENOUGH, Play

HEAD = """
import asyncio
import threading

import zmq
import zmq.asyncio

"""
WAYS = {
    "plain": """
        def serve(ctx, endpoint):
            with ctx.socket(zmq.ROUTER) as socket:
                socket.bind(endpoint)
                socket.recv_multipart()
        """,
    "async": """
        async def serve(ctx, endpoint):
            with ctx.socket(zmq.ROUTER) as socket:
                socket.bind(endpoint)
                await socket.recv_multipart()
        """,
    "an event loop of its own": """
        async def receive(ctx, endpoint):
            with ctx.socket(zmq.ROUTER) as socket:
                socket.bind(endpoint)
                await socket.recv_multipart()

        def serve(ctx, endpoint):
            asyncio.run(receive(zmq.asyncio.Context(shadow=ctx), endpoint))
        """,
    "raises something else on the way out": """
        def serve(ctx, endpoint):
            try:
                with ctx.socket(zmq.ROUTER) as socket:
                    socket.bind(endpoint)
                    socket.recv_multipart()
            except zmq.ContextTerminated:
                raise RuntimeError("the broker is gone") from None
        """,
    "returns on the way out": """
        def serve(ctx, endpoint):
            try:
                with ctx.socket(zmq.ROUTER) as socket:
                    socket.bind(endpoint)
                    socket.recv_multipart()
            except zmq.ContextTerminated:
                return
        """,
    "a thread of it dies": """
        def receive(ctx, endpoint):
            with ctx.socket(zmq.ROUTER) as socket:
                socket.bind(endpoint)
                socket.recv_multipart()

        def serve(ctx, endpoint):
            receiver = threading.Thread(target=receive, args=(ctx, endpoint))
            receiver.start()
            receiver.join()
        """,
    "a thread of it lives on": """
        def serve(ctx, endpoint):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
            with ctx.socket(zmq.ROUTER) as socket:
                socket.bind(endpoint)
                socket.recv_multipart()
        """,
}


def bound(play: Play) -> bool:
    play.lab.messages()  # it brings the trace up to date
    return any(play.endpoint in each.binds and each.closed is None for each in play.lab.trace.sockets.values())


@pytest.mark.parametrize("way", WAYS)
def test_what_is_killed_has_failed_in_nothing(way: str) -> None:
    """It is looked at for a while between the kill and the new start, and at the end."""

    def scene(play: Play, before: int) -> None:
        for _ in range(2):
            play.actor(play.code, play.endpoint)
            assert play.until(lambda: bound(play), ENOUGH)
            play.kill()
            assert not play.running()
            play.rest(0.05)
            play.expect(True, got="", wanted="", cause="")

    result, played = plays("01-a", scene, written(HEAD + textwrap.dedent(WAYS[way]), "serve"))
    assert (result.passed, played) == (True, 2), result


def test_what_has_failed_before_it_was_killed_is_refused() -> None:
    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.until(lambda: play.lab["you"].state != "started")
        play.kill()

    result, _ = plays("01-a", scene, written("def serve(ctx):\n    ctx.socket(zmq.REQ).recv()", "serve"))
    assert "current state" in result.text, result


def test_what_has_returned_can_be_killed_all_the_same() -> None:
    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.result()
        play.kill()

    assert plays("01-a", scene, lambda ctx: None)[0].passed


def test_a_broker_is_not_refused_when_its_end_is_noted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wait looks for what has failed before it looks for what it waits for: the order that was rare."""
    wait = Play._until

    def failures_first(
        play: Play, condition: Callable[[], bool], timeout: float | None, pause: Callable[[int], object]
    ) -> None:
        play._raise_failures()
        wait(play, condition, timeout, pause)

    monkeypatch.setattr(Play, "_until", failures_first)
    result = verdict("13-a", exercises.load("13-a").solution, scenario="the broker is killed and started again")
    assert result.passed, result


def test_who_ends_late_once_is_played_again_before_it_is_refused() -> None:
    """A machine that is busy may take the seconds in which the lab stops an actor."""
    hold = iter([True, False, False])

    def serve(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        late = next(hold)
        try:
            with ctx.socket(zmq.PULL) as socket:
                socket.recv()
        except zmq.ContextTerminated:
            if late:
                threading.Event().wait(2.5)  # longer than all rungs of the ladder

    def scene(play: Play, before: int) -> None:
        play.actor(play.code)
        play.rest(0.05)

    result, played = plays("01-a", scene, serve)
    assert (result.passed, played) == (True, 3), result
