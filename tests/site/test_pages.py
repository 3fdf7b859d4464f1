"""What becomes of a lesson's cells and links on the site."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from nbformat.v4 import new_code_cell, new_output

from tests.notebooks.asked import Asked
from tests.notebooks.lesson import good_lesson
from tests.notebooks.pictures import HTML
from tests.site.anchors import slug, to_site
from tests.site.hover import meanings, pattern
from tests.site.lessons import for_the_site, form, mend_links
from tests.site.recorded import VIEW

THERE = "https://example.org/zmqlab"


@pytest.mark.parametrize(
    ("heading", "jupyter"),
    [
        ("Break it: the numbers begin again", "Break-it:-the-numbers-begin-again"),
        ("close() has returned. Has the message gone?", "close%28%29-has-returned.-Has-the-message-gone?"),
        ("ROUTER_MANDATORY", "ROUTER_MANDATORY"),
        ("Ask again: the same id, or a new one?", "Ask-again:-the-same-id,-or-a-new-one?"),
    ],
)
def test_a_link_of_jupyterlab_finds_the_heading_on_the_site(heading: str, jupyter: str) -> None:
    assert to_site(jupyter) == slug(heading)


@pytest.mark.parametrize(
    ("link", "mended"),
    [
        ("[x](04-pipelining.ipynb#Two-servers)", "[x](04-pipelining.ipynb#two-servers)"),
        ("[x](../README.md#lessons)", "[x](../index.md#lessons)"),
        ("[x](../tests/truths/test_12_fork.py)", f"[x]({THERE}/blob/main/tests/truths/test_12_fork.py)"),
        ("[x](https://example.org/a#B-c)", "[x](https://example.org/a#B-c)"),
        ("![x](images/08-hatch.svg)", "![x](images/08-hatch.svg)"),
        ("![x](notebooks/images/live-view.gif)", "![x](notebooks/images/live-view.gif)"),
        ("[x](#Going-deeper:-half-a-message)", "[x](#going-deeper-half-a-message)"),
    ],
)
def test_links(link: str, mended: str) -> None:
    assert mend_links(link, PurePosixPath("notebooks"), THERE) == mended


def test_what_is_asked_stays_text() -> None:
    asked = Asked(0, 'a"b', "x", "1 < 2?", {"<b>yes</b>": "so it is", "no": "<script>"}, "", "<b>yes</b>")
    shown = form(asked)
    assert "<script" not in shown
    assert "The run says <b>&lt;b&gt;yes&lt;/b&gt;</b>: so it is." in shown


def test_a_view_becomes_a_player_and_a_prediction_a_form() -> None:
    lesson = good_lesson()
    shown = new_output("execute_result", data={"text/plain": f"{VIEW}'x'>"})
    lesson.cells.append(new_code_cell("lab.view()", id="shows", outputs=[shown]))
    for_the_site(lesson, "05-good", THERE)
    cells = {cell.id: cell for cell in lesson.cells}
    assert 'src="05-good/shows.html"' in cells["shows"].outputs[0]["data"][HTML]
    assert cells["predict-one"].outputs[0]["data"][HTML].count('type="radio"') == 3
    assert "The run says <b>2</b>" in cells["predict-one"].outputs[0]["data"][HTML]
    assert "hide-output" in cells["answer-one"].metadata["tags"]


def test_words_of_the_glossary_are_found_whole_and_the_longest_first() -> None:
    assert {"DEALER", "routing id", "bind", "connect"} <= meanings().keys()
    assert "](" not in "".join(meanings().values())
    found = pattern().findall("an automatic routing id, a DEALER-like thing, unbind")
    assert found == ["automatic routing id"]
