"""The learner's own frames, and what a thread is doing."""

import threading

import pytest
import zmq

from zmqlab.lab.tracebacks import last_line, own_traceback, where


def fail_inside_pyzmq():
    with zmq.Context() as ctx, ctx.socket(zmq.REP) as socket:
        socket.send_string("out of turn")


def names(traceback):
    found = []
    while traceback is not None:
        found.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    return found


def test_the_frames_of_pyzmq_are_left_out():
    with pytest.raises(zmq.ZMQError) as caught:
        fail_inside_pyzmq()
    error = caught.value
    assert len(names(error.__traceback__)) > 2
    assert names(own_traceback(error.__traceback__))[-1] == "fail_inside_pyzmq"
    assert last_line(error).startswith("fail_inside_pyzmq(), line ")
    assert 'socket.send_string("out of turn")' in last_line(error)


def test_a_traceback_without_a_frame_of_the_learners_stays_as_it_is():
    code = compile("1 / 0", "theirs.py", "exec")
    with pytest.raises(ZeroDivisionError) as caught:
        exec(code, {"__name__": "zmqlab.lab.actor"})
    outer = caught.value.__traceback__
    assert outer
    inner = outer.tb_next
    assert own_traceback(inner) is inner


def test_where_a_thread_waits_is_told_by_the_learners_line():
    inside, enough = threading.Event(), threading.Event()

    def actor():
        inside.set()
        enough.wait(10)

    thread = threading.Thread(target=actor)
    thread.start()
    assert inside.wait(10)
    told = ""
    while "enough.wait" not in told:
        told = where(thread.ident)
    assert told.startswith("in actor(), line ")
    enough.set()
    thread.join(10)
    assert where(thread.ident) == ""
    assert where(None) == ""
