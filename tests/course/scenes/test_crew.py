"""The crew of 09-a and 13-a asks for nothing that their contracts do not say."""

from __future__ import annotations

import threading
import time

import pytest
import zmq

from tests.course.scene import plays
from zmqlab.course import exercises
from zmqlab.course.scenes.crew import TABLES, TALK, TALKERS, Crew, Talkers
from zmqlab.course.scenes.pace import STILL
from zmqlab.course.scenes.play import Play
from zmqlab.course.scenes.running import Running


@pytest.mark.parametrize("key", ["09-a", "13-a"])
def test_the_contract_says_how_much_is_said(key: str) -> None:
    contract = " ".join(exercises.load(key).skeleton.split())
    assert f"these {TALKERS / TALK:,.0f} messages a second" in contract


def test_talkers_whom_the_machine_lets_stand_still_are_not_the_learners_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """They fall silent as the dead do. The checking thread is in time meanwhile, and sees nothing of it."""
    stands_still = iter([True])
    wait = threading.Event.wait

    def slow(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout == TALK / (TALKERS // len(TABLES)) and next(stands_still, False):
            time.sleep(3 * STILL)
        return wait(event, timeout)

    def scene(play: Play, before: int) -> None:
        running = Running(play, play.endpoint, call="listen(ctx, endpoint)")
        if before == 0:
            monkeypatch.setattr(threading.Event, "wait", slow)
            with Talkers(Crew(running, play.endpoint), play.endpoint):
                play.rest(5 * STILL)
            play.expect(False, got="", wanted="", cause="")

    def listen(ctx: zmq.Context[zmq.Socket[bytes]], endpoint: str) -> None:
        with ctx.socket(zmq.ROUTER) as socket:
            socket.bind(endpoint)
            while True:
                socket.recv_multipart()

    result, played = plays("09-a", scene, listen)
    assert (result.passed, played) == (True, 3), result
