"""The SVG is well-formed, harmless, legible, and the same in structure for every interleaving."""

from collections import Counter
from xml.etree import ElementTree

from tests.view.story import ALICE, AUTO, SERVER, Story, burst, echo
from zmqlab.trace import Trace
from zmqlab.view.svg import MOST, WIDTH, to_svg

NS = "{http://www.w3.org/2000/svg}"


def parts(trace: Trace, title: str = "demo") -> tuple[Counter[str], Counter[str]]:
    root = ElementTree.fromstring(to_svg(trace, title))
    elements = Counter(f"{e.tag.removeprefix(NS)}.{e.get('class', '')}" for e in root.iter())
    return elements, Counter("".join(e.itertext()) for e in root.iter() if e.tag in (NS + "text", NS + "title"))


def test_the_structure_does_not_depend_on_the_interleaving():
    assert parts(echo()) == parts(echo(first="bob", auto=b"\x00abcd"))
    assert parts(echo()) != parts(burst(3))


def test_the_same_trace_gives_the_same_picture():
    trace = echo()
    assert to_svg(trace, "demo") == to_svg(trace, "demo")


def test_it_names_itself_for_those_who_cannot_see_it():
    root = ElementTree.fromstring(to_svg(echo(), "demo"))
    assert root.get("role") == "img"
    assert root.get("aria-label") == "demo: 5 messages, 4 received, 1 dropped."
    assert root.findtext(NS + "title") == "demo: messages between alice, bob, server"
    assert "4 received" in (root.findtext(NS + "desc") or "")


def test_a_message_is_a_flight_a_head_and_an_unread_part():
    elements, texts = parts(burst(3))
    assert elements["g.message"] == elements["path.flight"] == elements["path.unread"] == elements["polygon."] == 3
    assert {"Task-0", "Task-1", "Task-2"} <= set(texts)


def test_a_drop_is_a_cross_with_its_reason():
    elements, texts = parts(echo())
    assert elements["path.end"] == 1
    assert texts["boo dropped"] == 1
    assert texts["server → nobody: boo (dropped: ROUTER: no peer with routing id 'ghost')"] == 1


def test_payloads_and_names_stay_text():
    story = Story()
    evil = "<img src=x onerror=alert(1)>"
    story.actor(evil, ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.link("1", ALICE, SERVER)
    payload = b"<script>1</sc>"
    story.send(1, ALICE, payload)
    story.wire(1.1, "1>", payload)
    story.recv(1.2, SERVER, "1>", AUTO, payload)
    svg = to_svg(story.trace(), "\x07<b>title</b>")
    assert "<script" not in svg
    assert "<img" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)  # also: no control character is left


def test_long_runs_are_cut_and_say_so():
    elements, texts = parts(burst(MOST + 7))
    assert elements["g.message"] == MOST
    assert any("7 further messages are not drawn" in text for text in texts)


def test_time_never_runs_back_and_everything_is_on_the_card():
    svg = to_svg(burst(MOST), "demo")
    root = ElementTree.fromstring(svg)
    for path in root.iter(NS + "path"):
        for piece in (path.get("d") or "").split("M")[1:]:
            if "L" not in piece:
                continue
            (x1, _), (x2, _) = (tuple(map(float, point.split())) for point in piece.split("L"))
            assert 0 <= x1 <= x2 <= WIDTH


def test_labels_of_a_small_run_do_not_overlap():
    root = ElementTree.fromstring(to_svg(echo(), "demo"))
    boxes = []
    for text in root.iter(NS + "text"):
        x, y, words = float(text.get("x", 0)), float(text.get("y", 0)), text.text or ""
        if text.get("stroke"):
            boxes.append((x, y - 9, x + 5.5 * len(words), y + 2))
    assert len(boxes) == 5
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_every_label_is_on_the_card():
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.link("1", ALICE, SERVER)
    for n in range(20):
        story.send(1 + n, ALICE, b"Processed: Task")
    lost = story.send(30, SERVER, b"ghost", b"Processed: Task")
    story.at(30.1, "drop", SERVER, lost, "ROUTER: no peer with routing id 'ghost'")
    labels = [e for e in ElementTree.fromstring(to_svg(story.trace(), "demo")).iter(NS + "text") if e.get("stroke")]
    assert len(labels) == 21
    assert all(float(e.get("x", 0)) + 6.6 * len(e.text or "") <= WIDTH - 8 for e in labels)


def test_an_empty_trace_is_a_card_without_lanes():
    elements, _ = parts(Trace())
    assert elements["g.message"] == 0
