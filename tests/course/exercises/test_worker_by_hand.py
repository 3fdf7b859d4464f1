"""11-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import assert_refused, changed, verdict
from zmqlab.course.exercises import worker_by_hand
from zmqlab.course.scenes.play import Play

KEY = "11-a"
READY = '        say(READY, service, b"%d" % credit)\n'
TOLD = """                leaving = True
                say(HEARTBEAT, b"0")
"""
REPLY = "say(REPLY, address, empty, header, *work(payload))"
LET_GO = """                elif command == DISCONNECT:
                    return not leaving
"""
CONFIRMED = """                elif leaving and frames == [b"0"]:
                    socket.linger = 1000  # ms for our last word
                    say(DISCONNECT)
                    return False
"""
SILENT = """            elif time.monotonic() - heard > 3 * heartbeat:
                return not leaving
"""
BEAT = """            if time.monotonic() - said > heartbeat:
                say(HEARTBEAT)
"""

WRONG = {
    "does not connect to the broker": (
        [("        socket.connect(endpoint)\n", "")],
        "No socket of yours is connected to this endpoint",
        "READY, and requests with all sorts of frames",
    ),
    "no credit": (
        [(READY, "        say(READY, service)\n")],
        "its service and its credit",
        "READY, and requests with all sorts of frames",
    ),
    "the routing id as an envelope": (
        [('socket.send_multipart([b"", b"MDPW01"', 'socket.send_multipart([b"MDPW01"')],
        "The first two frames of every message",
        "READY, and requests with all sorts of frames",
    ),
    "no empty frame in the reply": (
        [(REPLY, "say(REPLY, address, header, *work(payload))")],
        "as they came",
        "READY, and requests with all sorts of frames",
    ),
    "one payload frame": (
        [(REPLY, "say(REPLY, address, empty, header, *work(payload[:1]))")],
        "as they came",
        "READY, and requests with all sorts of frames",
    ),
    "works on the header": (
        [(REPLY, "say(REPLY, address, empty, *work([header, *payload]))")],
        "as they came",
        "READY, and requests with all sorts of frames",
    ),
    "takes an address for text": (
        [(REPLY, f"address.decode(); {REPLY}")],
        "do not decode them",
        "READY, and requests with all sorts of frames",
    ),
    "an address in every message": (
        [
            ("_, _, command, *frames =", "_, _, command, address, *frames ="),
            ("address, empty, header, *payload = frames", "empty, header, *payload = frames"),
        ],
        "HEARTBEAT and DISCONNECT have no address",
        "told to stop while it has nothing to do",
    ),
    "HEARTBEAT in every round": (
        [(BEAT, "            say(HEARTBEAT)\n")],
        "Note the time whenever you say something",
        "hardly any work, and a broker that speaks",
    ),
    "HEARTBEAT too rarely": (
        [("time.monotonic() - said > heartbeat:", "time.monotonic() - said > 2.5 * heartbeat:")],
        "a HEARTBEAT is due when so much time has passed",
        "hardly any work, and a broker that speaks",
    ),
    "too patient": (
        [("> 3 * heartbeat", "> 6 * heartbeat")],
        "The broker is gone when it has said nothing for 3 * `heartbeat` seconds",
        "a broker that is silent",
    ),
    "too patient when it leaves": (
        [("> 3 * heartbeat", "> (6 if leaving else 3) * heartbeat")],
        "The broker is gone when it has said nothing for 3 * `heartbeat` seconds",
        "told to stop while the broker is silent",
    ),
    "impatient by one": (
        [("> 3 * heartbeat", "> 2 * heartbeat")],
        "One heartbeat that is late is no reason",
        "a broker that is silent",
    ),
    "hears only HEARTBEATs": (
        [
            (
                "                heard = time.monotonic()\n",
                "                if command == HEARTBEAT: heard = time.monotonic()\n",
            ),
            ("            elif time.monotonic() - heard", "            if time.monotonic() - heard"),
        ],
        "A REQUEST is a sign of life of the broker too",
        "a broker that sends REQUESTs alone, and work that takes long",
    ),
    "judges before it has heard": (
        [("            elif time.monotonic() - heard", "            if time.monotonic() - heard")],
        "receive what it has said before you judge its silence",
        "a broker that sends REQUESTs alone, and work that takes long",
    ),
    "hides that work has failed": (
        [(REPLY, f"try: {REPLY}\n                    except Exception: return False")],
        "An `except` around work hides what is wrong",
        "work that raises an exception",
    ),
    "answers with the text of the exception": (
        [
            (
                REPLY,
                "try: answer = work(payload)\n"
                "                    except Exception as error: answer = [str(error).encode()]\n"
                "                    say(REPLY, address, empty, header, *answer)",
            )
        ],
        "An `except` around work hides what is wrong",
        "work that raises an exception",
    ),
    "goes on without a word when work has failed": (
        [(REPLY, f"try: {REPLY}\n                    except Exception: pass")],
        "An `except` around work hides what is wrong",
        "work that raises an exception",
    ),
    "leaves out a header that is empty": (
        [(REPLY, "say(REPLY, address, empty, *([header] if header else []), *work(payload))")],
        "as they came",
        "READY, and requests with all sorts of frames",
    ),
    "a REPLY is no word": (
        [("        said = time.monotonic()\n", "        if command != REPLY: said = time.monotonic()\n")],
        "Note the time whenever you say something, a REPLY too",
        "hardly any work, and a broker that speaks",
    ),
    "no answer after the stop": (
        [
            (
                "if command == REQUEST:\n",
                "if command == REQUEST and leaving: pass\n                elif command == REQUEST:\n",
            )
        ],
        "No REPLY came. Answer every REQUEST. A worker that was told to stop goes on as before",
        "told to stop while it has nothing to do",
    ),
    "old DEALERs stay open": (
        [
            (
                "    with ctx.socket(zmq.DEALER) as socket:\n",
                "    socket = ctx.socket(zmq.DEALER); old.append(socket)\n    if True:\n",
            ),
            ("\n\ndef worker", "\nold = []\n\n\ndef worker"),
            ("            pass\n", "            pass\n    while old: old.pop().close(linger=1000)\n"),
        ],
        "close the old DEALER: else one more stays open for ever",
        "the broker says DISCONNECT",
    ),
    "silent when it is to stop": (
        [("if time.monotonic() - said > heartbeat:", "if not leaving and time.monotonic() - said > heartbeat:")],
        "go on as before: say HEARTBEAT when it is due",
        "told to stop, and the broker takes its time",
    ),
    "begins anew when it is to stop": (
        [(LET_GO, LET_GO.replace("not leaving", "True"))],
        "A worker that was told to stop does not begin anew",
        "told to stop, and the broker says DISCONNECT",
    ),
    "stops at one word": (
        [("told.recv_multipart()\n", "if told.recv_multipart() != [b'STOP']: continue\n")],
        "Say HEARTBEAT with the credit 0 first",
        "told to stop while it has nothing to do",
    ),
    "has a PAIR at control": (
        [("zmq.PULL", "zmq.PAIR")],
        "speaks to PULL sockets alone, and refuses the PAIR",
        "told to stop while it has nothing to do",
    ),
    "hears only REQUESTs": (
        [
            ("                heard = time.monotonic()\n", ""),
            (
                "                    address, empty",
                "                    heard = time.monotonic()\n" + 20 * " " + "address, empty",
            ),
            ("            elif time.monotonic() - heard", "            if time.monotonic() - heard"),
        ],
        "There is no reason to say anything but HEARTBEAT",
        "hardly any work, and a broker that speaks",
    ),
    "impatient": (
        [("> 3 * heartbeat", "> heartbeat / 2")],
        "One heartbeat that is late is no reason",
        "a broker that is silent",
    ),
    "endless patience": (
        [(SILENT, "")],
        "It registers with READY",
        "a broker that is silent",
    ),
    "deaf to DISCONNECT": (
        [(LET_GO, "")],
        "It registers with READY",
        "the broker says DISCONNECT",
    ),
    "READY on the old connection": (
        [
            (
                "                    return not leaving\n",
                f"                    if leaving: return False\n            {READY}",
            )
        ],
        "Close the DEALER, and connect a new one",
        "the broker says DISCONNECT",
    ),
    "ends with DISCONNECT": (
        [(LET_GO, LET_GO.replace("not leaving", "False"))],
        "it has to go on until a message comes",
        "the broker says DISCONNECT",
    ),
    "DISCONNECT at once": (
        [(TOLD, "                say(DISCONNECT)\n                return False\n")],
        "Say HEARTBEAT with the credit 0 first",
        "told to stop while it has nothing to do",
    ),
    "leaves without a word": (
        [(TOLD, "                return False\n")],
        "Say HEARTBEAT with the credit 0 first",
        "told to stop while it has nothing to do",
    ),
    "does not wait for the broker's 0": (
        [(TOLD, f"{TOLD}                say(DISCONNECT)\n                return False\n")],
        "go on working until the broker has said the same",
        "told to stop while it has nothing to do",
    ),
    "takes any HEARTBEAT for the broker's 0": (
        [('elif leaving and frames == [b"0"]', "elif leaving")],
        "go on working until the broker has said the same",
        "told to stop while it has nothing to do",
    ),
    "no last word": (
        [(CONFIRMED, CONFIRMED.replace("                    say(DISCONNECT)\n", ""))],
        "say DISCONNECT, close",
        "told to stop while it has nothing to do",
    ),
    "never stops": (
        [(CONFIRMED, "")],
        "say DISCONNECT, close",
        "told to stop while it has nothing to do",
    ),
    "stays when nobody is there": (
        [(SILENT, SILENT.replace("return not leaving", "return True"))],
        "told to stop while the broker is silent",
        "told to stop while the broker is silent",
    ),
    "leaves its sockets open": (
        [("    with ctx.socket(zmq.DEALER) as socket:\n", "    socket = ctx.socket(zmq.DEALER)\n    if True:\n")],
        "Whoever makes a socket closes it",
        "told to stop while it has nothing to do",
    ),
    "strips the payload": (
        [(REPLY, REPLY.replace("payload", "[frame.strip() for frame in payload]"))],
        "as they came",
        "READY, and requests with all sorts of frames",
    ),
    "takes what says stop for text": (
        [("told.recv_multipart()", "[frame.decode() for frame in told.recv_multipart()]")],
        "do not decode them, nor what says stop",
        "told to stop with work on its way",
    ),
    "leaves when nobody has told it to": (
        [('elif leaving and frames == [b"0"]', 'elif frames == [b"0"]')],
        "It was not told to stop",
        "told to stop while it has nothing to do",
    ),
    "is silent while the broker is": (
        [
            (
                "if time.monotonic() - said > heartbeat:",
                "if time.monotonic() - said > heartbeat > time.monotonic() - heard:",
            )
        ],
        "also while the broker is silent",
        "a broker that is silent",
    ),
    "has one digit for its credit": (
        [('b"%d" % credit', 'b"%d" % min(credit, 9)')],
        "its service and its credit",
        "READY, and requests with all sorts of frames",
    ),
    "tries again when work has failed": (
        [(REPLY, f"try: {REPLY}\n                    except Exception: {REPLY}")],
        "To try again hides that work has failed",
        "work that raises an exception",
    ),
}


class TestWorkerByHand(ExerciseTests):
    key = KEY
    wrong = WRONG
    after_step_1 = "deaf to DISCONNECT"


def test_a_worker_that_receives_the_stop_frame_by_frame_passes() -> None:
    """It says its 0 once for each frame, which harms nobody."""
    source = changed(KEY, ("told.recv_multipart()", "told.recv()"))
    assert verdict(KEY, source, scenario="told to stop with work on its way").passed


def test_a_machine_that_is_late_hides_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first REQUEST comes when a HEARTBEAT was just said: the next one is in time whatever the REPLY counts."""
    changes, words, scenario = WRONG["a REPLY is no word"]
    rest, late = Play.rest, iter([1.2 * worker_by_hand.BEAT])
    monkeypatch.setattr(Play, "rest", lambda play, seconds: rest(play, next(late, seconds)))
    assert_refused(KEY, changed(KEY, *changes), words, scenario=scenario)
    assert next(late, None) is None
