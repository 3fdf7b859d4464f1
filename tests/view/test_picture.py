"""What a saved notebook keeps: a drawing and a transcript, and nothing that needs a kernel."""

import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

from tests.view.story import Story, echo
from zmqlab.trace.trace import Trace
from zmqlab.view import picture


def test_three_formats_and_no_more():
    shown = picture(echo(), "demo")
    data = shown._repr_mimebundle_(include=None, exclude=None)
    assert sorted(data) == ["image/svg+xml", "text/html", "text/plain"]
    assert data["image/svg+xml"].startswith("<svg ")
    assert data["text/plain"] == repr(shown) == str(shown) == shown.text


class Images(HTMLParser):
    """All tags of a text, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_html_is_one_image_of_the_same_drawing_whatever_the_names_are():
    evil = "\"><script>alert('1')</script>&amp;%22"
    shown = picture(echo(), evil)
    ((tag, attributes),) = Images(shown.html).found
    assert tag == "img"
    assert attributes["alt"] == f"{evil}: 5 messages, 4 received, 1 dropped."
    kind, _, data = (attributes["src"] or "").partition(",")
    assert kind == "data:image/svg+xml"
    assert unquote(data) == shown.svg


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
