"""What a fresh run shows is compared with what is saved, also where nbval does not look."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.notebooks.clean import clean
from tests.notebooks.fresh import differences
from tests.notebooks.pictures import HTML, SVG
from tests.notebooks.run import execute, same

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg"><g class="lane"><text>alice</text></g><g class="lane">'
    '<text>server</text></g><path class="message" d="M0 0"/><text>tcp://127.0.0.1:41234</text></svg>'
)


def shown(picture: str) -> NotebookNode:
    data = {HTML: f'<img src="{len(picture)}">', SVG: picture, "text/plain": "alice -> server"}
    output = new_output("display_data", data=data)
    cell = new_code_cell("lab.picture()", id="a", execution_count=1, outputs=[output])
    return clean(new_notebook(cells=[cell]))


def test_the_same_picture_at_other_places_and_ports_is_the_same() -> None:
    moved = PICTURE.replace("M0 0", "M9 9").replace("41234", "50000")
    assert differences(shown(PICTURE), shown(moved)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('<path class="message" d="M0 0"/>', "", "<path.message>: saved 1, now 0"),
        (
            '<g class="lane"><text>alice</text></g>',
            '<g class="lane"/>',
            "label 'alice': only in the saved picture",
        ),
        ("server", "broker", "label 'broker': only in the new picture"),
    ],
)
def test_another_picture_is_seen(old: str, new: str, words: str) -> None:
    assert ("a", words) in differences(shown(PICTURE), shown(PICTURE.replace(old, new)))


def test_the_order_of_what_two_threads_do_at_the_same_time_is_not_compared() -> None:
    swapped = PICTURE.replace("alice", "ann").replace("server", "alice").replace("ann", "server")
    old, new = (shown(picture).cells[0] for picture in (PICTURE, swapped))
    assert old.outputs[0].data[SVG] != new.outputs[0].data[SVG]
    assert same(old, new)


def test_a_stripped_output_or_picture_is_seen() -> None:
    stripped, bare = shown(PICTURE), shown(PICTURE)
    stripped.cells[0].outputs = []
    del bare.cells[0].outputs[0].data[SVG]
    assert differences(stripped, shown(PICTURE))[0] == ("a", "saved 0 outputs, now 1")
    assert ("a", "saved 0 pictures, now 1") in differences(bare, shown(PICTURE))


def test_a_picture_that_nobody_without_trust_sees_is_seen_and_so_is_other_html() -> None:
    bare, other = shown(PICTURE), shown(PICTURE)
    del bare.cells[0].outputs[0].data[HTML]
    assert differences(bare, shown(PICTURE)) == [("a", "saved HTML [], now ['<img>']")]
    other.cells[0].outputs[0].data = {HTML: "<b>bold</b>", "text/plain": ""}
    assert ("a", "saved HTML ['<b>bold</b>'], now ['<img>']") in differences(other, shown(PICTURE))


def test_a_run_is_compared(tmp_path: Path) -> None:
    saved = new_notebook(cells=[new_code_cell("print(1)")])
    fresh = execute(saved, tmp_path)
    assert differences(saved, fresh) == [(saved.cells[0].id, "saved 0 outputs, now 1")]
    assert differences(copy.deepcopy(fresh), fresh) == []
