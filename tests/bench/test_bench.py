"""The measurements run, and judge what they measure. No rate is asserted here."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as command
from tests.bench import all as everything
from tests.bench import burst, echo, fold, imports, marks, million, page
from tests.bench.rounds import interleave, median_interval, report_ratios


def test_every_measurement_is_listed_with_what_it_measures(capsys):
    assert command.main([]) == 0
    listed = capsys.readouterr().out
    assert {"echo", "imports"} <= command.benches().keys()
    assert "rounds" not in command.benches()
    for name, description in command.benches().items():
        assert description.endswith(".")
        assert f"  {name} " in listed


def test_an_unknown_name_says_which_there_are(capsys):
    assert command.main(["ecco"]) == 2
    assert "'ecco'; there are: " in capsys.readouterr().err


def test_sides_take_turns(capsys):
    order: list[str] = []
    figures = interleave({"a": lambda: order.append("a") or 1.0, "b": lambda: order.append("b") or 2.0}, 2)
    assert order == ["a", "b", "a", "b"]
    assert figures == {"a": [1.0, 1.0], "b": [2.0, 2.0]}


@pytest.mark.parametrize(
    ("mark", "word", "good"),
    [(0.5, "reached", True), (0.51, "NOT DECIDED", True), (0.9, "NOT DECIDED", True), (0.91, "MISSED", False)],
)
def test_a_mark_is_missed_when_all_of_the_interval_lies_below(capsys, mark, word, good):
    figures = {"plain": [10.0, 10.0, 20.0], "traced": [5.0, 9.0, 2.0]}
    assert report_ratios(figures, "plain", {"traced": mark}) is good
    said = capsys.readouterr().out
    assert "median 0.50" in said
    assert "between 0.10 and 0.90" in said
    assert said.rstrip().split(": ")[-1].startswith(word)


@pytest.fixture
def a_part_is_enough():
    marks.ask_for(0.7)
    yield
    marks.ask_for(1)


def test_a_figure_below_its_mark_says_which_share_it_reaches():
    assert str(marks.at_least(5, 5)) == str(marks.at_most(5, 5)) == "reached"
    assert not marks.at_least(4.5, 5)
    assert str(marks.at_least(4.5, 5)) == "MISSED (0.90 of it)"
    assert str(marks.at_most(5, 4)) == "MISSED (0.80 of it)"


def test_where_others_share_the_cores_a_part_of_a_mark_is_enough(a_part_is_enough):
    near, far = marks.at_most(5, 4), marks.at_most(8, 4)
    assert near
    assert str(near) == "MISSED (0.80 of it, 0.7 is enough here)"
    assert not far
    assert str(far) == "MISSED (0.50 of it)"


def test_the_command_takes_the_share_before_the_name(capsys, monkeypatch, a_part_is_enough):
    marks.ask_for(1)
    times = iter([9.0, 1.0, 1.1, 1.3])
    monkeypatch.setattr(imports, "seconds", lambda statement: next(times))
    assert command.main(["--enough", "0.7", "imports", "--rounds", "1"]) == 0
    assert "MISSED (0.83 of it, 0.7 is enough here)" in capsys.readouterr().out
    times = iter([9.0, 1.0, 1.1, 1.4])
    with pytest.raises(SystemExit, match="1"):
        command.main(["--enough", "0.7", "imports", "--rounds", "1"])


@pytest.mark.parametrize(("count", "low", "high"), [(1, 1, 1), (8, 1, 8), (9, 2, 8), (15, 4, 12), (60, 22, 39)])
def test_the_interval_is_that_of_the_sign_test(count, low, high):
    assert median_interval([float(value) for value in reversed(range(1, count + 1))]) == (low, high)


@pytest.mark.parametrize("frames", [1, 2])
def test_echo_measures_every_side(capsys, monkeypatch, frames):
    monkeypatch.setattr(echo, "MARKS", dict.fromkeys(echo.MARKS, 0.0))
    echo.main(["--count", "200", "--rounds", "1", f"--frames={frames}"])
    assert "with links / plain: median" in capsys.readouterr().out


def test_a_missed_mark_is_an_exit_code(monkeypatch):
    monkeypatch.setattr(echo, "MARKS", dict.fromkeys(echo.MARKS, 1e9))
    with pytest.raises(SystemExit, match="1"):
        echo.main(["--count", "100", "--rounds", "1"])


def test_imports_are_measured(capsys, monkeypatch):
    times = iter([9.0, 1.0, 1.1, 1.2, 1.0, 1.1, 1.3])
    monkeypatch.setattr(imports, "seconds", lambda statement: next(times))
    imports.main(["--rounds", "2"])
    assert "0.100 s more" in capsys.readouterr().out
    times = iter([9.0, 1.0, 1.1, 1.5])
    with pytest.raises(SystemExit, match="1"):
        imports.main(["--rounds", "1"])


def test_the_page_is_weighed_and_its_messages_are_counted(capsys, monkeypatch):
    page.main(["--messages", "80"])
    assert "80 messages: 0." in capsys.readouterr().out
    monkeypatch.setattr(page, "MARK", 0.01)
    with pytest.raises(SystemExit, match="1"):
        page.main(["--messages", "80"])


def test_one_report_of_several_measurements(tmp_path, capsys):
    path = tmp_path / "deep" / "figures.md"
    with pytest.raises(SystemExit) as ended:
        everything.main(["imports --rounds 1", "-o", str(path)])
    text = path.read_text(encoding="utf-8")
    verdict = "**a mark was missed**" if ended.value.code else "all marks reached"
    assert f"| `python -m tests.bench imports --rounds 1` | {verdict} |" in text
    assert "libzmq" in text
    assert "```text\n" in text
    assert "=== imports" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        everything.main(["nothing"])
    assert "there is no measurement nothing" in capsys.readouterr().err


def test_a_burst_is_measured_plain_in_memory_and_written(capsys, monkeypatch):
    monkeypatch.setattr(burst, "MARKS", dict.fromkeys(burst.MARKS, 0.0))
    monkeypatch.setattr(burst, "DEARER", dict.fromkeys(burst.DEARER, 1e9))
    burst.main(["--count", "300", "--rounds", "1"])
    said = capsys.readouterr().out
    assert "in memory / plain: median" in said
    assert said.count("written / in memory: median") == 2
    monkeypatch.setattr(burst, "MARKS", dict.fromkeys(burst.MARKS, 1e9))
    with pytest.raises(SystemExit, match="1"):
        burst.main(["--count", "300", "--rounds", "1"])


def test_the_fold_is_measured_in_units(capsys, monkeypatch):
    monkeypatch.setattr(fold, "COUNT", 2_000)
    monkeypatch.setattr(fold, "unit", lambda: sum(range(5_000_000)))
    fold.main(["--rounds", "1"])
    said = capsys.readouterr().out
    assert "2,000 messages are read and folded in" in said
    assert "whole and certain: yes" in said
    monkeypatch.setattr(fold, "MARK", 0.0)
    with pytest.raises(SystemExit, match="1"):
        fold.main(["--rounds", "1"])


def test_a_long_trace_is_opened_and_a_page_made_of_it(capsys, monkeypatch):
    """The page is opened in a browser; how it is panned, test_diagram.py has seen."""
    monkeypatch.setattr(million, "pan", lambda page: {"steps": [17.0], "ms": [17.0]})
    million.main(["--messages", "2000"])
    said = capsys.readouterr().out
    assert "it says: 2,000 messages, 2,000 received" in said
    assert "run.html has 2,000 messages" in said
    assert "problems of the page: none" in said
    monkeypatch.setattr(million, "GIGABYTES", 0.001)
    with pytest.raises(SystemExit, match="1"):
        million.main(["--messages", "2000"])
