"""The live view as the kernel sees it: what it sends, when, and that nothing of it stays behind."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.view.rows import rows
from tests.view.story import ALICE, Story, echo
from zmqlab.trace.trace import Trace
from zmqlab.view import view, widget
from zmqlab.view.flusher import shared
from zmqlab.view.widget import FlowView


def unpacked(snapshot: dict[str, Any]) -> dict[str, Any]:
    return json.loads(snapshot["json"])


class Heard:
    """A story that goes on, a view of it, and what a browser would hear."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shared, "add", lambda view: None)  # the tests flush by hand
        self.story = Story()
        self.story.actor("alice", ALICE, "DEALER")
        self.view = FlowView(Trace(self.story.log), "demo")
        self.batches: list[dict[str, Any]] = []
        self.snapshots: list[dict[str, Any]] = []
        monkeypatch.setattr(self.view, "send", self.batches.append)
        self.view.observe(lambda change: self.snapshots.append(unpacked(change["new"])), "snapshot")
        self.upto = self.view.snapshot["upto"]

    def send(self) -> None:
        self.story.send(1, ALICE, b"x")

    def hello(self, have: int) -> None:
        self.view._on_message(self.view, {"type": "hello", "have": have}, [])


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    heard = Heard(monkeypatch)
    yield heard
    heard.view.close()


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def flushing() -> bool:
    return any(thread.name == "zmqlab-view" for thread in threading.enumerate())


def test_a_saved_notebook_keeps_one_constant_line():
    shown = view(echo(), "demo")
    data = (shown._repr_mimebundle_() or [{}])[0]
    assert data["text/plain"] == "<zmqlab view of 'demo'>"
    assert sorted(data) == ["application/vnd.jupyter.widget-view+json", "text/plain"]
    shown.close()


def test_a_view_stands_at_a_moment_and_goes_to_the_same_one_again():
    """The person may have gone elsewhere since: what is the same as before would be no news."""
    shown = view(echo(), "demo", at=1.5)
    news: list[float | None] = []
    shown.observe(lambda change: news.append(change["new"]), "at")
    assert shown.at == 1.5
    shown.seek(2)
    shown.seek(2)
    assert news == [None, 2.0, None, 2.0]
    shown.close()


def test_the_first_snapshot_holds_what_had_happened():
    shown = view(echo(), "demo")
    assert [m["id"] for m in rows(unpacked(shown.snapshot)["messages"])] == [1, 2, 3, 4, 5]
    shown.close()


def test_before_a_browser_has_answered_news_travel_as_a_trait(heard: Heard):
    heard.send()
    heard.view.flush()
    heard.view.flush()
    assert [s["since"] for s in heard.snapshots] == [0]
    assert heard.snapshots[0]["messages"]["rows"] == 1
    assert heard.batches == []


def test_after_hello_batches_follow_on(heard: Heard):
    heard.hello(heard.upto)
    heard.send()
    heard.view.flush()
    heard.send()
    heard.view.flush()
    heard.view.flush()
    first, second = heard.batches
    assert (first["since"], first["upto"]) == (heard.upto, second["since"])
    assert heard.snapshots == []


def test_a_browser_that_missed_something_is_told_everything(heard: Heard):
    heard.hello(heard.upto)
    heard.send()
    heard.view.flush()
    heard.hello(heard.upto)  # it says it has not got that batch
    heard.view.flush()
    assert heard.batches[-1]["since"] == 0
    assert heard.batches[-1]["messages"]["rows"] == 1


def test_a_kernel_too_busy_to_hear_hello_sends_batches_and_now_and_then_everything(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(widget, "GRACE", 0.0)
    heard.send()
    heard.view.flush()
    assert len(heard.batches) == 1
    monkeypatch.setattr(widget, "RENEWAL", 0.0)
    heard.view.flush()  # nothing new, but perhaps nobody heard the batch
    heard.view.flush()
    assert [s["messages"]["rows"] for s in heard.snapshots] == [1]


def test_a_costly_snapshot_is_followed_by_a_pause(heard: Heard):
    heard.view._cost = 1000.0
    heard.send()
    heard.view.flush()
    assert heard.snapshots == []
    heard.view.end()
    assert len(heard.snapshots) == 1


def test_a_message_of_the_browser_leaves_a_word_and_touches_nothing(heard: Heard, monkeypatch: pytest.MonkeyPatch):
    def forbidden(*_: object) -> None:
        raise AssertionError("the callback folded or sent something")

    for name in ("everything", "news", "stale"):
        monkeypatch.setattr(heard.view._feed, name, forbidden)
    heard.hello(0)
    heard.view._on_message(heard.view, "not ours", [])
    heard.view._on_message(heard.view, {"type": "hello", "have": "nonsense"}, [])
    monkeypatch.undo()


def test_end_delivers_the_last_batch_and_says_so(heard: Heard):
    heard.hello(heard.upto)
    heard.send()
    heard.view.end()
    heard.view.end()
    assert len(heard.batches) == 1
    assert heard.view.live is False
    assert heard.view.comm is not None


def test_a_view_of_what_is_over_says_so_and_still_answers(monkeypatch: pytest.MonkeyPatch):
    followed: list[FlowView] = []
    monkeypatch.setattr(shared, "add", followed.append)
    shown = view(echo(), "demo", live=False)
    assert shown.live is False
    assert followed == []
    assert unpacked(shown.snapshot)["messages"]["rows"] == 5
    shown._on_message(shown, {"type": "hello", "have": 0}, [])
    assert followed == [shown]
    shown.close()


def test_an_ended_view_still_answers_a_page_that_is_loaded_again(heard: Heard):
    heard.hello(heard.upto)
    heard.send()
    heard.view.end()
    heard.hello(0)
    heard.view.flush()
    assert heard.batches[-1]["since"] == 0


def test_live_views_share_one_thread_and_it_ends_with_the_last():
    views = [view(echo(), "demo") for _ in range(3)]
    assert sum(thread.name == "zmqlab-view" for thread in threading.enumerate()) == 1
    for shown in views:
        shown.close()
        shown.close()
    assert until(lambda: not flushing())


def test_the_thread_brings_the_view_up_to_date():
    story = Story()
    story.actor("alice", ALICE, "DEALER")
    shown = view(Trace(story.log), "demo")
    story.send(1, ALICE, b"x")
    assert until(lambda: unpacked(shown.snapshot)["messages"]["rows"] == 1)
    shown.close()


def test_running_a_cell_again_replaces_its_view(monkeypatch: pytest.MonkeyPatch):
    where = ["cell-1", "run-1"]
    monkeypatch.setattr(widget, "_where", lambda: tuple(where))
    first, also = view(echo(), "demo"), view(echo(), "demo")
    where[:] = ["cell-2", "run-2"]
    other = view(echo(), "demo")
    assert first.comm is not None
    where[:] = ["cell-1", "run-3"]
    again = view(echo(), "demo")
    assert (first.comm, also.comm) == (None, None)
    assert other.comm is not None
    assert again.comm is not None
    other.close()
    again.close()
    assert widget._by_cell == {}


def test_outside_a_notebook_there_is_no_cell():
    assert widget._where() == ("", "")


@pytest.mark.parametrize("have", [None, 0])
def test_a_view_that_was_closed_does_nothing_more(have: int | None, heard: Heard):
    heard.view.close()
    heard.send()
    heard.view._request = have
    heard.view.flush()
    heard.view.end()
    assert heard.batches == []


class Steered:
    """A control that keeps what it is told, and refuses it."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def do(self, command: dict[str, Any], tell: Callable[[str], Any]) -> None:
        self.commands.append(command)
        tell(f"cannot {command['action']}")


def test_a_button_reaches_the_control_and_its_answer_the_browser(monkeypatch):
    control = Steered()
    flow = FlowView(Trace(), "demo", control=control)
    try:
        said: list[dict[str, Any]] = []
        monkeypatch.setattr(flow, "send", said.append)
        assert flow.steerable
        flow._on_message(flow, {"type": "do", "action": "hold"}, [])
        flow._on_message(flow, "nonsense", [])
        assert control.commands == [{"type": "do", "action": "hold"}]
        flow.flush()
        assert {"type": "refused", "text": "cannot hold"} in said
        said.clear()
        flow.flush()
        assert not any(message.get("type") == "refused" for message in said)
        flow.end()
        assert not flow.steerable
        flow._on_message(flow, {"type": "do", "action": "hold"}, [])
        assert len(control.commands) == 1
    finally:
        flow.close()


def test_without_a_control_there_is_nothing_to_steer():
    flow = FlowView(Trace(), "demo")
    try:
        assert not flow.steerable
        flow._on_message(flow, {"type": "do", "action": "hold"}, [])
    finally:
        flow.close()


def test_a_trace_from_a_file_is_a_recording_and_never_live(tmp_path):
    path = tmp_path / "run.jsonl"
    echo().save(path)
    shown = view(Trace.load(path), "demo", control=Steered())
    assert (shown.live, shown.recorded, shown.steerable) == (False, True, False)
    assert [m["id"] for m in rows(unpacked(shown.snapshot)["messages"])] == [1, 2, 3, 4, 5]
    shown.close()
    fresh = view(echo(), "demo")
    assert (fresh.live, fresh.recorded) == (True, False)
    fresh.close()
