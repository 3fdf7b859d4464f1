"""Each rule is seen failing on a lesson that breaks it, and no lesson of ours breaks any."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook, new_output

from tests.notebooks import exercises, hygiene, teaching, telling
from tests.notebooks.asked import FAIR, bleak
from tests.notebooks.clean import WIDGET_VIEW, clean
from tests.notebooks.drawn import IMAGES, Drawing
from tests.notebooks.hygiene import CODE_LINES, RULES, WIDTH, WORDS, check
from tests.notebooks.lesson import EXERCISE, SENTENCE, Course, good_lesson, save_lesson
from tests.notebooks.outputs import RULES as OUTPUT_RULES
from tests.notebooks.outputs import shows
from tests.notebooks.paths import ROOT, lessons, number
from tests.notebooks.run import read
from tests.notebooks.telling import EARLY, SET_UP, in_words, you_are_here
from zmqlab.lab import printed

Damage = Callable[[NotebookNode], object]


def prose(text: str) -> Damage:
    return lambda notebook: notebook.cells.insert(3, new_markdown_cell(text, id="new"))


def code(source: str) -> Damage:
    return lambda notebook: notebook.cells[5].update(source=source)


def output(*new: NotebookNode, tags: tuple[str, ...] = (), **metadata: str) -> Damage:
    def damage(notebook: NotebookNode) -> None:
        cell = notebook.cells[5]
        cell.outputs = list(new)
        cell.metadata.update(metadata, tags=list(tags))

    return damage


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    found: NotebookNode
    (found,) = [each for each in notebook.cells if each.id == name]
    return found


def change(name: str, old: str, new: str, **more: object) -> Damage:
    """In the source of that cell, and in what it has printed; and more of it."""

    def damage(notebook: NotebookNode) -> None:
        changed = cell(notebook, name)
        changed.source = changed.source.replace(old, new)
        changed.update(more)
        for each in changed.get("outputs", []):
            each.text = each.text.replace(old, new)

    return damage


def drop(name: str) -> Damage:
    return lambda notebook: notebook.cells.remove(cell(notebook, name))


def rename(name: str, new: str) -> Damage:
    return lambda notebook: cell(notebook, name).update(id=new)


def swap(one: str, other: str) -> Damage:
    """Each cell at the place of the other one."""

    def damage(notebook: NotebookNode) -> None:
        places = [notebook.cells.index(cell(notebook, name)) for name in (one, other)]
        first, second = (notebook.cells[place] for place in places)
        notebook.cells[places[0]], notebook.cells[places[1]] = second, first

    return damage


def heading(old: str, new: str) -> Damage:
    def damage(notebook: NotebookNode) -> None:
        for each in notebook.cells:
            each.source = each.source.replace(old, new)

    return damage


def hide(cells: int, reason: str) -> Damage:
    def damage(notebook: NotebookNode) -> None:
        for cell in notebook.cells[5 : 5 + cells]:
            cell.metadata.update(tags=["nbval-ignore-output"], reason=reason)

    return damage


ERROR = new_output("error", ename="KeyError", evalue="'a'", traceback=[])
WIDGET = new_output("display_data", data={WIDGET_VIEW: {}, "text/plain": "view"})

BAD: list[tuple[str, str, Damage]] = [
    ("headings", "first cell", lambda nb: nb.cells.insert(0, nb.cells.pop(1))),
    ("headings", "2 headings of level 1", prose("# Another title")),
    ("headings", "'Deep' is of level 4", prose("## Two\n\n#### Deep")),
    ("minutes", "how many minutes", change("title", "20 minutes", "as you like")),
    ("images", "no alternative text", prose("![](dot.png)")),
    ("images", "no alternative text", prose('<img src="dot.png">')),
    ("images", "not that of its drawing", prose(f"![A dot]({IMAGES.name}/05-a-dot.svg)")),
    ("links", "leads to no file", prose("[the plan](plan.md)")),
    ("links", "leads to no file", prose("[![a badge](badge.svg)](words.md)")),
    ("links", "no such heading", prose("[the end](#The-end)")),
    ("links", "no such heading", prose("[ROUTER](words.md#router)")),
    ("links", "no web address", prose("[the guide](https:/zguide)")),
    ("links", "does not say where it goes", prose("Read [here](words.md).")),
    ("binder", "05-good.ipynb", change("title", "05-good", "04-before")),
    ("navigation", "'Contents'", lambda nb: nb.cells.pop()),
    ("navigation", "06-after.ipynb", lambda nb: nb.cells[-1].update(source="[Contents](words.md)")),
    ("size", "words of prose", prose("word " * WORDS[1])),
    ("size", "cells", lambda nb: nb.cells.pop(4)),
    ("size", "lines of code", code("pass\n" * CODE_LINES)),
    ("width", f"{WIDTH + 1} characters", code("#" * (WIDTH + 1))),
    ("width", f"{WIDTH + 1} characters", code("%%writefile a.py\n" + "#" * (WIDTH + 1))),
    ("width", f"{WIDTH + 1} characters", code('TEXT = """\n' + "x" * (WIDTH + 1) + '\n"""')),
    ("pictures", "no cell saves a drawing", drop("drawing")),
    ("syntax", "is no Python", code("print(")),
    ("waits", "without a deadline: not told", code("while not told:\n    time.sleep(0.01)")),
    (
        "waits",
        "without a deadline: n < 3",
        code("%%writefile shop/a.py\nwhile n < 3:\n    sleep(0.01)\n    n = told()"),
    ),
    ("waits", "without a deadline: subprocess.run", code("subprocess.run(command, text=True)")),
    ("waits", "without a deadline: shop.communicate", code("shop.communicate()")),
    ("waits", "monitor.poll", code("while monitor.poll(5000):\n    recv_monitor_message(monitor)")),
    (
        "schema",
        "not a valid notebook",
        lambda nb: nb.cells[5].update(outputs=[nbformat.from_dict({"output_type": "sound"})]),
    ),
    ("kernel", "must be 'python3'", lambda nb: nb.metadata.kernelspec.update(name="mine")),
    ("metadata", "widgets", lambda nb: nb.metadata.update(widgets={})),
    ("metadata", "execution", lambda nb: nb.cells[5].metadata.update(execution={})),
    ("ids", "no valid cell id", lambda nb: nb.cells[5].update(id="a b")),
    ("ids", "there twice", lambda nb: nb.cells[5].update(id=nb.cells[6].id)),
    ("executed", "not executed once each", lambda nb: nb.cells[5].update(execution_count=None)),
    ("complete", "no output is saved", output()),
    ("widgets", "saves a widget view", output(WIDGET)),
    ("paths", "/home/ann/course", code("print('/home/ann/course')")),
    ("paths", "/tmp/broker", output(new_output("stream", name="stdout", text="in /tmp/broker.sock"))),
    ("paths", "C:\\\\Users", output(new_output("stream", name="stdout", text="C:\\Users\\ann\\x"))),
    ("paths", str(ROOT), code(f"print('{ROOT}/zmqlab')")),
    ("ignored", "without a 'reason'", hide(1, "")),
    ("ignored", "at most 10 %", hide(3, "a random number")),
    ("predictions", "1 predictions", drop("predict-two")),
    ("predictions", "gives its prediction no name", change("predict-one", "one = ", "")),
    ("predictions", "predicts 'one', which another", change("predict-two", "two = ", "one = ")),
    ("predictions", "no cell after it calls one.answer", drop("answer-one")),
    ("predictions", "no cell after it calls two.answer", swap("predict-two", "answer-two")),
    (
        "predictions",
        "none of the choices",
        change("answer-one", "says 2: a reason.", "says 3. That was none of the choices."),
    ),
    ("predictions", "needs 3 choices", change("predict-one", "'1': 'a reason', ", "")),
    ("predictions", "needs 3 choices", change("predict-one", "'1': 'a reason'", "'1': ''")),
    ("predictions", "'3' is the bleakest", lambda nb: cell(nb, "predict-one").metadata.zmqlab.update(bleakest="3")),
    ("opening", "failure that somebody had", change("title", "Who was wrong?", "Nobody was wrong.")),
    ("opening", "told first", change("title", "(https://example.org/1)", "")),
    ("strip", "where the reader is", change("title", "**You are here:**", "**You are there:**")),
    ("strip", "where the reader is", change("title", "**pipelined", "pipelined")),
    ("needs", "**You need:** lesson 04", change("title", "lesson 04", "lesson 03")),
    ("recall", "must end with recall", drop("recall")),
    ("recall", "must end with recall", change("recall", '"05"', '"06"')),
    ("recall", "before the first prediction", swap("recall", "predict-two")),
    ("early", "before the first prediction", change("recall", "recall(", "pass\n" * EARLY + "recall(")),
    ("light", "of the set-up", change("recall", "recall(", "Lab()\n" + "pass\n" * SET_UP + "recall(")),
    ("seen", "saves no picture", change("drawing", "lab.picture()", "lab.close()", outputs=[])),
    ("sentences", "have 6 words or fewer", prose("It is so. " * 99)),
    ("readable", "a := within a call", code("print(n := 1)")),
    ("readable", "'or' something else", code("print(send() or 1)")),
    ("readable", "a comprehension for what it does", code("[print(n) for n in (1, 2)]")),
    ("readable", "'id'", code("id = 1")),
    ("readable", "'id'", code("def ask(id):\n    pass")),
    ("ending", "What you have now", heading("## What you have now", "## The end")),
    ("fault", "Break it", heading("## Break it", "### Break it")),
    ("exercise", "no section", heading("## Exercise: twice", "## Twice")),
    ("skeletons", "is not the skeleton", change("exercise-05-a", "write it", "do it")),
    ("skeletons", "there is no cell exercise-05-a", drop("exercise-05-a")),
    ("skeletons", "has no exercise 05-b", rename("exercise-05-a", "exercise-05-b")),
    ("skeletons", "must be check-05-a", drop("check-05-a")),
    ("skeletons", "must be check-05-a", swap("check-05-a", "answer-one")),
    ("skeletons", "must be check(", change("check-05-a", "twice", "once")),
    ("ignored", "use a tag", code("# NBVAL_IGNORE_OUTPUT\nprint(2)")),
    ("errors", "no error is saved", output(tags=("raises-exception",))),
    ("errors", "not tagged", output(ERROR)),
]


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> None:
    """One exercise, and one drawing."""
    monkeypatch.setattr(exercises, "_course", Course)
    monkeypatch.setattr(hygiene, "all_drawings", lambda: [Drawing("05-a-dot.svg", "A dot in the middle", "<svg/>")])


@pytest.mark.usefixtures("course")
def test_a_good_lesson_breaks_no_rule(tmp_path: Path) -> None:
    assert check(save_lesson(good_lesson(), tmp_path)) == []


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(("rule", "words", "damage"), BAD, ids=[f"{rule}-{words}" for rule, words, _ in BAD])
def test_the_rule_sees_it_broken(rule: str, words: str, damage: Damage, tmp_path: Path) -> None:
    notebook = good_lesson()
    damage(notebook)
    problems = check(save_lesson(notebook, tmp_path))
    assert [problem for problem in problems if problem.startswith(f"{rule}: ") and words in problem], problems


@pytest.mark.usefixtures("course")
def test_a_function_that_comes_again_in_a_file_is_not_read_again(tmp_path: Path) -> None:
    notebook = good_lesson()
    function = "def broker():\n" + "    pass\n" * (CODE_LINES // 2)
    code(function)(notebook)
    notebook.cells[6].update(cell_type="code", source=f"%%writefile shop/broker.py\n{function}")
    assert not [problem for problem in check(save_lesson(notebook, tmp_path)) if problem.startswith("size: ")]


@pytest.mark.usefixtures("course")
def test_a_program_of_ours_is_no_run_of_the_lab(tmp_path: Path) -> None:
    notebook = good_lesson()
    change("drawing", "lab.picture()", "import zmqlab.majordomo", outputs=[])(notebook)
    assert not [problem for problem in check(save_lesson(notebook, tmp_path)) if problem.startswith("seen: ")]


def test_every_rule_was_seen_broken() -> None:
    assert {rule for rule, _, _ in BAD} == set(RULES) | set(teaching.RULES) | set(telling.RULES) | set(OUTPUT_RULES)


def appendix(notebook: NotebookNode, folder: Path, host: str) -> Path:
    """The good lesson as an appendix, without an exercise; the lesson `04-before` has that text."""
    usual = save_lesson(notebook, folder)
    nbformat.write(new_notebook(cells=[new_markdown_cell(host)]), folder / "04-before.ipynb")
    path = folder / "A-more.ipynb"
    path.write_text(usual.read_text(encoding="utf-8").replace(usual.name, path.name), encoding="utf-8")
    return path


def shorten(notebook: NotebookNode) -> None:
    """To what an appendix may be: no exercise, few cells and few words."""
    for name in ("exercise-05-a", "check-05-a", "count-1", "recall"):
        drop(name)(notebook)
    heading("## Exercise: twice", "## Twice")(notebook)
    heading(SENTENCE * (WORDS[0] // 8), SENTENCE * 50)(notebook)
    change("title", you_are_here("05"), "")(notebook)
    change("title", "**You need:** lesson 04.", "")(notebook)
    count = 0
    for each in notebook.cells:
        if each.cell_type == "code":
            each.execution_count = count = count + 1


@pytest.mark.parametrize(
    ("before", "words"),
    [(["00"], "lesson 00"), (["00", "01"], "lessons 00 and 01"), (["00", "01", "03"], "lessons 00 to 03")],
)
def test_what_comes_before_in_words(before: list[str], words: str) -> None:
    assert in_words(before) == words


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize("known", [True, False])
def test_a_program_is_read_for_what_the_one_before_it_had_not(known: bool, tmp_path: Path) -> None:
    lines = "".join(f"{word} = {n}\n" for n in range(CODE_LINES) for word in "ab")
    earlier, notebook = good_lesson(), good_lesson()
    code("%%writefile shop/broker.py\n" + lines)(earlier)
    code("%%writefile shop/broker_more.py\n" + (lines if known else lines.replace("=", "==")))(notebook)
    path = save_lesson(notebook, tmp_path)
    nbformat.write(earlier, tmp_path / "04-before.ipynb")
    problems = [problem for problem in check(path) if problem.startswith("size: ")]
    assert bool(problems) is not known


def test_an_appendix_may_be_short_and_has_no_exercise(tmp_path: Path) -> None:
    notebook = good_lesson()
    shorten(notebook)
    assert check(appendix(notebook, tmp_path, "[more of it](A-more.ipynb)")) == []


@pytest.mark.usefixtures("course")
def test_an_exercise_in_an_appendix_is_as_the_course_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EXERCISE, "lesson", "A-more")
    notebook = good_lesson()
    change("exercise-05-a", "write it", "do it")(notebook)
    (problem,) = check(appendix(notebook, tmp_path, "[more of it](A-more.ipynb)"))
    assert "is not the skeleton" in problem


@pytest.mark.parametrize(
    ("host", "back", "words"),
    [
        ("nothing of it", "04-before", "no lesson has a link to this appendix"),
        ("[more of it](A-more.ipynb#One)", "06-after", "must lead back to a lesson"),
    ],
)
def test_an_appendix_is_found_and_left_by_the_lesson_that_speaks_of_it(
    host: str, back: str, words: str, tmp_path: Path
) -> None:
    notebook = good_lesson()
    shorten(notebook)
    notebook.cells[-1].source = f"[Contents](words.md) · [Back]({back}.ipynb)"
    (problem,) = check(appendix(notebook, tmp_path, host))
    assert problem.startswith("navigation: ")
    assert words in problem


def test_appendices_come_after_the_lessons(tmp_path: Path) -> None:
    names = ["B-b.ipynb", "13-n.ipynb", "A-a.ipynb", "00-s.ipynb", "notes.ipynb", "Ab-c.ipynb"]
    for name in names:
        (tmp_path / name).touch()
    assert [number(path) for path in lessons(tmp_path)] == ["00", "13", "A", "B"]


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize("name", ["check-05-a", "predict-one"])
def test_an_exercise_and_a_question_are_no_code_to_read(name: str, tmp_path: Path) -> None:
    notebook = good_lesson()
    cell(notebook, name).source += "\n" + "pass\n" * CODE_LINES
    assert not [problem for problem in check(save_lesson(notebook, tmp_path)) if problem.startswith("size: ")]


@pytest.mark.usefixtures("course")
def test_a_question_before_the_lab_is_no_set_up(tmp_path: Path) -> None:
    notebook = good_lesson()
    cell(notebook, "predict-one").source += "\n" + "pass\n" * SET_UP
    cell(notebook, "answer-one").source += "\nLab()"
    assert not [problem for problem in check(save_lesson(notebook, tmp_path)) if "of the set-up" in problem]


@pytest.mark.usefixtures("course")
def test_the_words_of_a_picture_are_not_counted(tmp_path: Path) -> None:
    notebook = good_lesson()
    prose(f"![{'word ' * WORDS[1]}](dot.png)")(notebook)
    assert not [problem for problem in check(save_lesson(notebook, tmp_path)) if "words of prose" in problem]


@pytest.mark.usefixtures("course")
def test_what_goes_deeper_is_folded_and_not_counted(tmp_path: Path) -> None:
    notebook = good_lesson()
    heads = new_markdown_cell("## Going deeper: more words", id="deeper")
    notebook.cells[-4:-4] = [heads, new_markdown_cell("This sentence has more than six words. " * WORDS[1], id="words")]
    path = save_lesson(clean(notebook), tmp_path)
    assert check(path) == []
    heads.metadata.clear()
    assert [problem for problem in check(save_lesson(notebook, tmp_path)) if "is folded, and no other" in problem]


@pytest.mark.usefixtures("course")
def test_an_excuse_holds_for_one_lesson_and_one_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = good_lesson()
    for damage in (drop("answer-one"), heading("## Break it", "### Break it")):
        damage(notebook)
    path = save_lesson(notebook, tmp_path)
    monkeypatch.setattr(hygiene, "EXCUSED", {("05-good", "fault"): "a reason", ("06-after", "predictions"): "one"})
    problems = check(path)
    assert not [problem for problem in problems if problem.startswith("fault: ")]
    assert [problem for problem in problems if problem.startswith("predictions: ")]


def test_how_often_the_bleakest_choice_is_right_is_counted() -> None:
    assert bleak([good_lesson()]) == (1, 2)


def test_who_always_says_the_bleakest_is_wrong_about_as_often_as_right() -> None:
    right, asked = bleak(map(read, lessons()))
    assert FAIR[0] <= right / asked <= FAIR[1], f"{right} of {asked}"


def test_ruff_and_what_is_printed_have_the_same_width() -> None:
    settings = tomllib.loads((ROOT / "notebooks" / ".ruff.toml").read_text(encoding="utf-8"))
    assert settings["line-length"] == WIDTH == printed.WIDTH


def test_every_excuse_has_its_lesson_and_rule() -> None:
    assert {lesson for lesson, _ in hygiene.EXCUSED} <= {path.stem for path in lessons()}
    rules = {rule for _, rule in hygiene.EXCUSED} | hygiene.NOT_IN_AN_APPENDIX.keys()
    assert rules <= set(teaching.RULES) | set(telling.RULES)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("for i in range(2):\n    print(i)", True),
        ("lab.picture()", True),
        ("def show():\n    print(1)", False),
        ("x = 1", False),
        ("%%writefile a.py\nprint(1)", False),
    ],
)
def test_what_shows_something(source: str, answer: bool) -> None:
    assert shows(source) is answer


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_the_lessons_keep_the_rules(path: Path) -> None:
    assert check(path) == []
