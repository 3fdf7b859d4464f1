"""The learner's broker in a scene: what it is told gets there."""

from __future__ import annotations

import zmq

from tests.course.exercises.learner import written
from tests.course.scene import plays
from zmqlab.course import exercises
from zmqlab.course.scenes.learners_broker import Broker
from zmqlab.course.scenes.play import ENOUGH, Play

KEY = "06-a"


def test_a_stop_that_a_dead_peer_gets_is_said_again() -> None:
    """A PUSH gives each message to one of its peers, and for a moment a dead one is among them."""

    def scene(play: Play, before: int) -> None:
        told = play.socket(zmq.PUSH, endpoint=play.more("control"), name="control")
        with zmq.Context() as unseen, unseen.socket(zmq.PULL) as dead:
            dead.connect(play.more("control"))
            assert play.until(lambda: bool(told.poll(0, zmq.POLLOUT)), ENOUGH)
            broker = Broker(play, told=told)
            broker.expect_stop(b"enough", after="nothing else")
            assert dead.recv() == b"enough"

    result, played = plays(KEY, scene, written(exercises.load(KEY).solution, "broker"))
    assert (result.passed, played) == (True, 2), result
