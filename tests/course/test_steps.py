"""The helper of lesson 11: what is shown of a change, how a program gets into the shop, and how a shop is closed."""

import re
from pathlib import Path

import pytest
import zmq

from tests.notebooks.paths import NOTEBOOKS
from zmqlab import Lab
from zmqlab.course import steps
from zmqlab.course.steps import Change

ORDER = ("leaves", "services", "credit", "deadline", "retry", "full")
MOST = 32
"""Lines that a learner reads of one change; most have fewer than twenty."""

TAIL = 'if len(sys.argv) != {}:\n    sys.exit("{}")\nshop = sys.argv[1]\nwith zmq.Context() as ctx:\n'


def test_changed_lines_are_shown_with_the_lines_beside_them_and_gaps_for_the_rest():
    old = "one\ntwo\nthree\nfour\nfive\nsix\n"
    new = "one\n2\nthree\nfour\nfive\nsix\nseven\n"
    assert repr(Change(old, new)).splitlines() == ["  one", "- two", "+ 2", "  three", "  …", "  six", "+ seven"]


def test_what_is_the_same_before_and_behind_is_a_gap():
    old, new = "a\nb\nc\nd\ne\n", "a\nb\nc!\nd\ne\n"
    assert Change(old, new).lines == ["  …", "  b", "- c", "+ c!", "  d", "  …"]


def test_an_empty_line_beside_a_change_is_not_shown():
    assert Change("a\n\nb\n", "a\n\nB\n").lines == ["  …", "- b", "+ B"]


def test_how_the_arguments_are_read_is_not_shown():
    assert Change(TAIL.format(2, "use one"), TAIL.format(3, "use two")).lines == ["  …"]


def test_a_notebook_shows_it_in_colours_with_its_signs():
    shown = Change("a < b\n", "a > b\n")._repr_html_()
    assert re.findall(">([^<]+)<", shown.replace("\n", "")) == ["- a &lt; b", "+ a &gt; b"]
    assert len(set(re.findall("<span style=.*?>", shown))) == 2


@pytest.mark.parametrize("place", range(1, len(ORDER)))
def test_a_step_changes_few_lines(place: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(NOTEBOOKS)
    old, new = (f"broker_{ORDER[each]}.py" for each in (place - 1, place))
    lines = Change(steps.program(old), steps.program(new)).lines
    assert 5 <= sum(line[0] in "+-" for line in lines) <= MOST


def test_every_line_of_the_programs_is_seen_whole():
    programs = list(Path(steps.__file__).parent.glob("[bw]*_*.py"))
    assert len(programs) == len(ORDER)  # the worker, and without lesson 10's broker
    assert max(len(line) for each in programs for line in each.read_text(encoding="utf-8").splitlines()) <= 62


def test_a_program_that_is_there_is_left_alone_and_another_one_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    steps.put(steps.WORKER)
    path = tmp_path / "shop" / steps.WORKER
    before = path.stat().st_ino
    steps.put(steps.WORKER)
    assert path.stat().st_ino == before
    path.write_text("somebody's own", encoding="utf-8")
    steps.put(steps.WORKER)
    assert path.read_text(encoding="utf-8") == steps.program(steps.WORKER)
    assert [each.name for each in path.parent.iterdir()] == [steps.WORKER]


def test_a_program_that_no_lesson_has_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LookupError, match=r"no lesson .* writes shop/broker_none\.py"):
        steps.put("broker_none.py")


def test_a_worker_is_hired_when_its_ready_is_there_and_a_closed_shop_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    steps.put(steps.WORKER)
    lab = Lab("steps")
    broker = lab.context("broker").socket(zmq.ROUTER)
    broker.bind(lab.endpoint("work"))
    steps.hire(lab, "ann", "paint", credit=3)
    assert broker.recv_multipart()[1:] == [b"READY", b"paint", b"3"]
    steps.close(lab)
    assert lab["ann"].state == "crashed"
