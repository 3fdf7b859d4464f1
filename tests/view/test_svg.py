"""The SVG is well-formed, harmless, legible, and the same in structure for every interleaving."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from xml.etree import ElementTree

import pytest

from tests.view.crowd import LONG, in_trouble, through_a_broker
from tests.view.story import ALICE, AUTO, SERVER, Story, brokered, burst, echo, two_servers
from zmqlab.trace.reading import Reading
from zmqlab.trace.trace import Trace
from zmqlab.view.labels import Box, crosses, width
from zmqlab.view.shapes import AMBER, FAINT, GROUND, INK, RED, SOFT
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
    story.connection("1", ALICE, SERVER)
    payload = b"<script>1</sc>"
    story.send(1, ALICE, payload)
    story.wire(1.1, "1>", payload)
    story.recv(1.2, SERVER, "1>", AUTO, payload)
    svg = to_svg(story.trace(), "\x07<b>title</b>")
    assert "<script" not in svg
    assert "<img" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)  # also: no control character is left


def test_every_colour_has_one_for_the_dark_and_a_sheet_of_style_reaches_no_other_drawing():
    in_use = set()
    for trace in (echo(), in_trouble()):
        svg = to_svg(trace, "demo")
        drawing, sheet = re.sub("<style>.*</style>", "", svg), "".join(re.findall("<style>(.*)</style>", svg))
        drawn = set(re.findall('(fill|stroke)="(#[0-9a-f]{6})"', drawing))
        rules = re.findall(r"\.zmqlab-picture \[(fill|stroke)='(#[0-9a-f]{6})'\]{\1:(#[0-9a-f]{6})}", sheet)
        assert {(part, light) for part, light, _ in rules} == drawn
        assert sheet == f"@media (prefers-color-scheme:dark){{{''.join(map(_rule, rules))}}}"
        assert all(light != dark for _, light, dark in rules)
        in_use |= drawn
    assert {light for _, light in in_use} > {GROUND, INK, SOFT, FAINT, RED, AMBER}


def _rule(rule: tuple[str, str, str]) -> str:
    part, light, dark = rule
    return f".zmqlab-picture [{part}='{light}']{{{part}:{dark}}}"


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
    story.connection("1", ALICE, SERVER)
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


HARD: dict[str, Callable[[], Trace]] = {
    "a broker": lambda: through_a_broker(),
    "all at once": lambda: through_a_broker(pace=0.3),
    "one after the other": lambda: through_a_broker(pace=40),
    "long names": lambda: through_a_broker(LONG, "a rather long payload {}"),
    "wide letters": lambda: through_a_broker("WWWWWWWWWWWWWWWWWWWW", "WWWWWWWWWWWWWWWWW {}"),
    "letters of double width": lambda: through_a_broker(
        "経路識別子経路識別子経路識別子", "経路識別子経路識別子経路識別子 {}"
    ),
    "trouble": lambda: in_trouble(),
    "trouble with long names": lambda: in_trouble(LONG),
    "a burst": lambda: burst(60),
    "an echo": lambda: echo(),
    **{f"chance {seed}": partial(through_a_broker, pace=1 + seed % 5, seed=seed) for seed in range(2, 12)},
    **{f"trouble {seed}": partial(in_trouble, seed=seed) for seed in range(2, 7)},
}
each_hard_case = pytest.mark.parametrize("case", HARD)


def boxes(svg: str) -> dict[str, Box]:
    """Where each text stands, as wide as a wide font makes it."""
    found = {}
    for n, element in enumerate(e for e in ElementTree.fromstring(svg).iter(NS + "text")):
        size, bold = float(element.get("font-size", "0")), int(element.get("font-weight", "0")) >= 600
        x, y, wide = float(element.get("x", "0")), float(element.get("y", "0")), width(element.text or "", size, bold)
        left = x - wide if element.get("text-anchor") == "end" else x
        found[f"{n} {element.text}"] = (left, y - 0.8 * size, left + wide, y + 0.2 * size)
    return found


def overlapping(boxes: dict[str, Box]) -> list[tuple[str, str]]:
    names = list(boxes)
    return [
        (one, other)
        for i, one in enumerate(names)
        for other in names[i + 1 :]
        if min(boxes[one][2], boxes[other][2]) - max(boxes[one][0], boxes[other][0]) > 0.5
        and min(boxes[one][3], boxes[other][3]) - max(boxes[one][1], boxes[other][1]) > 0.5
    ]


@each_hard_case
def test_no_word_covers_another_and_none_sticks_out(case: str):
    svg = to_svg(HARD[case](), "a title that is far too long for the heading of a drawing " * 3)
    drawn = boxes(svg)
    assert overlapping(drawn) == []
    height = float(ElementTree.fromstring(svg).get("height", "0"))
    for name, (left, top, right, bottom) in drawn.items():
        assert left >= 8, name
        assert right <= WIDTH - 8, name
        assert top >= 4, name
        assert bottom <= height - 4, name


def test_overlapping_words_would_be_seen():
    word = '<text x="10" y="{}" font-size="11" font-weight="400">word</text>'
    svg = "<svg xmlns='http://www.w3.org/2000/svg'>{}{}</svg>"
    assert overlapping(boxes(svg.format(word.format(20), word.format(26))))
    assert not overlapping(boxes(svg.format(word.format(20), word.format(34))))


@each_hard_case
def test_the_browser_finds_the_words_where_they_were_thought_to_be(case: str, pages):
    """The widths are estimates: here they meet a real font."""
    page = pages.take(WIDTH, still=True)
    page.set_content(f"<body style='margin: 0'>{to_svg(HARD[case](), 'demo')}")
    measured = page.evaluate(
        """() => [...document.querySelectorAll("text")].map((text, n) => {
          const {left, right, top, bottom} = text.getBoundingClientRect();
          const above = (bottom - top - text.getAttribute("font-size")) / 2;
          return [`${n} ${text.textContent}`, [left, top + above, right, bottom - above]];
        })"""
    )
    pages.put_back(page)
    assert len(measured) > 10
    assert overlapping(dict(measured)) == []


SMALL: dict[str, Callable[[], Trace]] = {
    "an echo": echo,
    "a burst": lambda: burst(6),
    "a broker": brokered,
    "two servers": lambda: two_servers().trace(),
    "two servers that nobody sees beside": lambda: two_servers(links=False).trace(),
}


def pierced(svg: str) -> list[tuple[str, str]]:
    """Words, and the arrow that runs through them."""
    root = ElementTree.fromstring(svg)
    words = boxes(svg)
    found = []
    for group in (g for g in root.iter(NS + "g") if g.get("class") == "message"):
        flight = next(path.get("d") or "" for path in group.iter(NS + "path") if path.get("class") == "flight")
        for piece in flight.split("M")[1:]:
            (x1, y1), (x2, y2) = (tuple(map(float, point.split())) for point in piece.split("L"))
            for name, (left, top, right, bottom) in words.items():
                if crosses(((x1, y1), (x2, y2)), (left + 1, top + 2, right - 1, bottom - 2)):
                    found.append((name, group.findtext(NS + "title") or ""))
    return found


@pytest.mark.parametrize("case", SMALL)
def test_no_arrow_runs_through_words_where_there_is_room(case: str):
    assert pierced(to_svg(SMALL[case](), "demo")) == []


def test_an_arrow_through_words_would_be_seen():
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg'><text x='10' y='50' font-size='11' font-weight='400'>word</text>"
        "<g class='message'><title>a</title><path class='flight' d='M0 {}L60 {}'/></g></svg>"
    )
    assert pierced(svg.format(40, 54)) == [("0 word", "a")]
    assert pierced(svg.format(20, 30)) == []


def test_names_that_begin_alike_can_be_told_apart():
    root = ElementTree.fromstring(to_svg(through_a_broker(LONG), "demo"))
    names = {e.text for e in root.iter(NS + "text") if e.get("x") == "16.0" and e.get("font-weight") == "600"}
    assert len(names) == 9  # the title is one of them
    assert any((name or "").endswith("worker-2") for name in names)


def test_what_was_done_to_the_lab_is_drawn():
    elements, texts = parts(in_trouble())
    assert elements["path.hang"] == texts["hung"] == 4
    assert elements["path.fault"] == 18
    assert texts["crashed"] == texts["restarted"] == 3
    assert texts["cut off from worker-1"] == texts["healed: worker-1"] == 1
    assert texts["Lost-0 lost"] == texts["in vain 0 not sent"] == texts["✖ failed"] == 1
    assert texts["60 messages, 36 received, 6 dropped, 6 lost, 6 not sent."] == 1


def test_faults_after_the_last_message_that_is_drawn_are_left_out():
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    for n in range(MOST + 1):
        story.send(1 + n, ALICE, b"x")
    story.at(2, "control", "alice", "restart")
    story.at(1 + MOST, "control", "alice", "crash")
    elements, texts = parts(story.trace())
    assert elements["path.fault"] == texts["restarted"] == 1


def test_an_arrow_says_what_a_person_wants_it_to():
    trace = echo()
    trace.reading = Reading(label=lambda m: f"job {m.id}" if m.id < 3 else None)
    texts = parts(trace)[1]
    assert texts["job 1"] == texts["job 2"] == 1
    assert texts["Done: Task-0"] == 1


def test_a_message_that_only_its_receiver_saw_says_what_it_was():
    story = Story()
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(1, "recv", SERVER, 0, (AUTO, b"hello"), "", 0)
    assert parts(story.trace())[1]["hello"] == 1


def test_a_message_that_arrived_and_was_never_received_reaches_its_lane():
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"hello")
    story.wire(1.1, "1>", b"hello")
    elements, texts = parts(story.trace())
    assert elements["polygon."] == elements["circle.end"] == 1
    assert any("ring: not received" in text for text in texts)
