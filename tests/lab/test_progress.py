"""What a cell says while it waits, and to whom."""

import io
import sys
import time
import types

import pytest

from zmqlab.lab.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    clock = types.SimpleNamespace(now=100.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def wait(clock, seconds: float) -> None:
    with Progress() as said:
        for _ in range(int(seconds * 10)):
            said.say("waiting for alice")
            clock.now += 0.1


def test_a_short_wait_says_nothing(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    wait(clock, 1.9)
    assert shown.getvalue() == ""


def test_a_long_wait_speaks_after_two_seconds_and_tells_at_last_how_long_it_was(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    wait(clock, 4)
    text = shown.getvalue()
    assert "waiting for alice … 2 s" in text
    assert text.endswith("waited 4.0 s\n")
    assert 3 <= text.count("waiting") <= 5


def test_what_is_no_terminal_and_no_person_gets_nothing(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", shown := io.StringIO())
    wait(clock, 4)
    assert shown.getvalue() == ""


@pytest.mark.parametrize(("stdin", "outputs"), [(True, 1), (False, 0)], ids=["a person", "nbval"])
def test_in_a_notebook_one_output_is_updated(clock, monkeypatch, stdin, outputs):
    import IPython
    import IPython.display

    shown, updated = [], []
    kernel = types.SimpleNamespace(_allow_stdin=stdin)
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=kernel))
    monkeypatch.setattr(
        IPython.display,
        "display",
        lambda data, **_: shown.append(data) or types.SimpleNamespace(display_id="one"),
    )
    monkeypatch.setattr(
        IPython.display, "update_display", lambda data, display_id, **_: updated.append((display_id, data))
    )
    wait(clock, 4)
    assert len(shown) == outputs
    assert all(display_id == "one" for display_id, _ in updated)
    if outputs:
        assert updated[-1][1]["text/plain"] == "waited 4.0 s"
