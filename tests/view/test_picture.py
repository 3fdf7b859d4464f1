"""What a saved notebook keeps: a drawing and a transcript, and nothing that needs a kernel."""

import subprocess
import sys

from tests.view.story import Story, echo
from zmqlab.trace.trace import Trace
from zmqlab.view import picture


def test_two_formats_and_no_more():
    shown = picture(echo(), "demo")
    data = shown._repr_mimebundle_(include=None, exclude=None)
    assert sorted(data) == ["image/svg+xml", "text/plain"]
    assert data["image/svg+xml"].startswith("<svg ")
    assert data["text/plain"] == repr(shown) == str(shown) == shown.text


def test_it_is_fixed_when_it_is_made():
    story = Story()
    trace = Trace(story.log)
    shown = picture(trace, "demo")
    story.at(0, "socket", "1.1", "opened", "alice", "DEALER")
    story.send(1, "1.1", b"later")
    assert shown.text == "no messages"


def test_neither_a_notebook_nor_zmq_is_needed():
    code = (
        "import sys\n"
        "for name in ('anywidget', 'IPython', 'zmq'): sys.modules[name] = None\n"
        "from zmqlab.trace.trace import Trace\n"
        "from zmqlab.view import picture\n"
        "print(picture(Trace()).text)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout == "no messages\n", run.stderr
