"""The time of the live view in a browser: which part of it is in sight, how it is told, and how it is chosen."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")


from tests.view.page import Open, ViewPage
from tests.view.story import burst, read_between


def place(view: ViewPage, message: int) -> float | None:
    """px from the left of the diagram."""
    view.frames(2)
    at = view.canvas.evaluate("(canvas, id) => canvas.positionOf(id)", message)
    return at and float(at["x"])


def moment(view: ViewPage) -> str:
    view.frames(2)
    return view.root.locator(".zf-moment").inner_text()


def fit(view: ViewPage) -> str:
    """Press it; what a further press would do."""
    button = view.root.get_by_role("button", name="fit")
    button.click()
    view.frames(2)
    return button.inner_text()


def drag(view: ViewPage, start: float, end: float, **how: Any) -> None:
    box = view.canvas.bounding_box()
    assert box is not None
    view.page.mouse.move(box["x"] + start, box["y"] + 60)
    view.page.mouse.down()
    view.page.mouse.move(box["x"] + end, box["y"] + 70, steps=4)
    if how.get("halfway"):
        how["halfway"]()
    view.page.mouse.up()
    view.frames(2)


LAST = 2 + 8  # messages of the first run, and of the second


@pytest.mark.parametrize("width", [480, 1280])
def test_in_ms_and_fitted_in_the_run_after_ten_minutes_of_reading_fills_the_diagram(show: Open, width: int):
    view = show(read_between().trace(), width)
    view.root.get_by_role("button", name="scale: ms").click()
    for shown in ("by itself", "and fitted in"):
        first, last = place(view, 3), place(view, LAST)
        assert first is not None, shown
        assert last is not None, shown
        assert last - first > 0.5 * width, shown
        assert place(view, 1) is None, shown
        following = fit(view)
    assert following == "fit last run"  # once more, and everything was in sight
    assert place(view, 1) is not None
    assert fit(view) == "fit all"
    assert place(view, 1) is None


def test_in_steps_it_is_the_last_run_that_is_fitted_in_and_then_everything(show: Open):
    view = show(read_between().trace())
    assert view.root.get_by_role("button", name="fit").inner_text() == "fit last run"
    assert fit(view) == "fit all"
    assert place(view, 1) is None
    fit(view)
    assert place(view, 1) is not None
    view.root.get_by_role("button", name="zoom in").click()
    assert fit(view) == "fit all"


def test_one_run_has_one_way_to_be_fitted_in(show: Open):
    view = show(burst(8))
    assert fit(view) == fit(view) == "fit"


def test_the_moment_names_the_run_and_a_replay_begins_with_the_last_one(show: Open):
    view = show(read_between().trace())
    assert moment(view).startswith("run 2 · ")
    view.canvas.press("Home")
    assert moment(view) == "run 2 · 0.00 ms"
    view.canvas.press("Home")
    assert moment(view).startswith("run 1 · ")
    view.canvas.press("End")
    view.canvas.press(" ")
    view.expect("mode", "replay")
    assert moment(view).startswith("run 2 · ")


def test_times_with_minutes_are_told_in_them(show: Open):
    view = show(read_between().trace())
    view.root.locator("[data-message-id='3']").click()
    assert "sent at 10:00.002 by" in view.root.locator(".zf-journey").inner_text()
    view.frames(2)
    assert "paused at 10:00.00" in view.root.locator(".zf-mode").inner_text()


def test_a_lull_tells_how_long_it_was(show: Open):
    view = show(read_between().trace())
    view.root.get_by_role("button", name="scale: ms").click()
    fit(view)
    fit(view)
    start, end = place(view, 2), place(view, 3)
    assert start is not None
    assert end is not None
    view.canvas.hover(position={"x": (start + end) / 2, "y": 14})
    assert view.root.locator(".zf-tip").inner_text() == "10:00 idle"


def test_a_drag_zooms_into_what_it_has_marked_and_a_double_click_fits(show: Open):
    view = show(burst(40))
    fit(view)
    band = view.root.locator(".zf-band")
    left, right = place(view, 10), place(view, 20)
    assert left is not None
    assert right is not None
    marked: list[Any] = []
    drag(view, right + 4, left - 4, halfway=lambda: marked.append(band.bounding_box()))
    assert marked[0]["width"] == pytest.approx(right - left + 8, abs=3)
    assert band.is_hidden()
    assert place(view, 5) is None
    assert place(view, 30) is None
    wide, narrow = place(view, 20), place(view, 10)
    assert wide is not None
    assert narrow is not None
    assert wide - narrow > 2 * (right - left)
    assert view.root.get_attribute("data-selected") == ""
    view.canvas.dblclick(position={"x": 400, "y": 14})
    assert place(view, 1) is not None
    assert place(view, 40) is not None


def test_with_shift_a_drag_pans_and_a_click_still_chooses(show: Open):
    view = show(burst(40))
    fit(view)
    before = place(view, 20)
    assert before is not None
    view.page.keyboard.down("Shift")
    drag(view, 500, 400)
    view.page.keyboard.up("Shift")
    after = place(view, 20)
    assert after == pytest.approx(before - 100, abs=2)
    view.click_arrow(20)
    view.expect("selected", 20)
