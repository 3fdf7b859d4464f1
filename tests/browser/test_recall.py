"""`recall` and `quiz` in JupyterLab and Notebook 7: answered by click and keyboard, with a link to the lesson."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.flow_view import TIMEOUT
from tests.browser.lab_page import IDLE, START, LabPage, Theme
from tests.browser.server import JupyterServer
from tests.notebooks.clean import clean
from tests.notebooks.drawn import IMAGES
from tests.notebooks.paths import lessons
from tests.view.axe import violations
from zmqlab.course.bank import ITEMS, LESSONS, Item, Shown
from zmqlab.course.question import STATIC

RECALL, AFTER = 1, 2  # the cells
ASKED = 'from zmqlab import recall\n\nrecall("03")'
WIDTHS = (1920, 1280, 480)
THEMES: tuple[Theme, ...] = ("light", "dark")
# The widget with these questions, all answered wrong, on a page of its own.
SHOW = """async ([code, questions]) => {
  const state = {questions, answers: questions.map(() => 1)};
  const source = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const model = {get: (name) => state[name], on: () => {}, off: () => {}};
  (await import(source)).default.render({model, el: document.body});
}"""
TOO_WIDE = """() => [...document.querySelectorAll(".zmqlab-recall, .zmqlab-recall *")].filter(
  (one) => one.scrollWidth > one.clientWidth && one.clientWidth).map((one) => one.textContent)"""


@pytest.fixture
def name(server: JupyterServer) -> str:
    """A notebook that asks, in a folder with the lessons."""
    folder = server.root / "lessons"
    folder.mkdir(exist_ok=True)
    for path in lessons()[:3]:
        shutil.copy(path, folder)
    shutil.copytree(IMAGES, folder / IMAGES.name, dirs_exist_ok=True)
    cells = [new_markdown_cell("# Small"), new_code_cell(ASKED), new_code_cell("print('after')")]
    nbformat.write(clean(new_notebook(cells=cells)), folder / "small.ipynb")
    return "lessons/small.ipynb"


def known(question: Locator) -> tuple[str, Item]:
    """What the bank has of the question that is shown, and its lesson."""
    shown = question.locator("p").first.inner_text()
    return next(
        (key, item) for key, items in ITEMS.items() for item in items if item.question.replace("`", "") == shown
    )


def choice(question: Locator, text: str) -> Locator:
    return question.get_by_role("button", name=text.replace("`", ""), exact=True)


def questions(where: Locator) -> list[Locator]:
    asked = where.locator(".zmqlab-recall li")
    expect(asked).to_have_count(3, timeout=START)  # the kernel may have to load all there is first
    return asked.all()


def test_each_is_answered_once_and_the_answer_says_why_and_where(lab: LabPage, name: str, results: Path) -> None:
    lab.open(name)
    lab.begin(RECALL)
    lab.step()
    first, second, third = questions(lab.cell(RECALL))
    _, item = known(first)
    choice(first, item.right).click()
    expect(first).to_contain_text(f"Right. {item.why.replace('`', '')}")
    choice(first, item.wrong[0]).click(force=True)  # too late
    expect(choice(first, item.right)).to_have_attribute("aria-pressed", "true")
    expect(choice(first, item.wrong[0])).to_have_attribute("aria-pressed", "false")

    key, item = known(second)
    choice(second, item.wrong[0]).click()
    expect(second).to_contain_text(f"Not quite: “{item.right}” is right.".replace("`", ""))
    where = f"Learned in lesson {key}, {LESSONS[key].title}, under “{item.where}”."
    expect(second).to_contain_text(where.replace("`", ""))

    expect(third.locator(".said")).to_be_empty()
    for theme in THEMES:
        lab.set_theme(theme)
        expect(lab.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=TIMEOUT)
        for width in WIDTHS:
            lab.page.set_viewport_size({"width": width, "height": 900})
            panel = lab.cell(RECALL).locator(".zmqlab-recall")
            assert panel.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth"), width
            assert violations(lab.page, ".zmqlab-recall") == []
            lab.screenshot(results / f"recall-{theme}-{width}.png")
    assert lab.problems == []


def test_the_quiz_counts_and_says_what_to_read_again(lab: LabPage, name: str, results: Path) -> None:
    path = lab.server.root / name
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[RECALL].source = "from zmqlab import quiz\n\nquiz()"
    nbformat.write(notebook, path)
    lab.open(name)
    lab.begin(RECALL)
    lab.step()
    panel = lab.cell(RECALL).locator(".zmqlab-recall")
    asked = panel.locator("ol > li")
    expect(asked).to_have_count(len(LESSONS) - 1, timeout=START)
    count = panel.locator(".count")
    expect(count).to_contain_text(f"0 of 0 right, {len(LESSONS) - 1} to go")
    (_, first), (key, second) = known(asked.nth(0)), known(asked.nth(1))
    choice(asked.nth(0), first.right).click()
    choice(asked.nth(1), second.wrong[0]).click()
    expect(count).to_contain_text(f"1 of 2 right, {len(LESSONS) - 3} to go.")
    again = count.get_by_role("listitem")
    expect(again).to_have_text([f"lesson {key}, {LESSONS[key].title}: {second.where}".replace("`", "")])
    for theme in THEMES:
        lab.set_theme(theme)
        expect(lab.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=TIMEOUT)
        assert violations(lab.page, ".zmqlab-recall") == []
        count.scroll_into_view_if_needed()
        lab.screenshot(results / f"quiz-{theme}.png")
    again.get_by_role("link").click()
    opened = lab.page.get_by_role("tab", name=LESSONS[key].file)
    expect(opened).to_have_attribute("aria-selected", "true", timeout=TIMEOUT)
    assert lab.problems == []


def test_every_question_of_the_bank_fits_into_its_width(chromium: BrowserContext) -> None:
    """Down to what a window of 480 pixels leaves beside the file browser."""
    asked = [
        Shown(item.question, [item.right, *item.wrong], 0, item.why, LESSONS[key].title, item.where, LESSONS[key].file)
        for key, items in ITEMS.items()
        for item in items
    ]
    page = chromium.new_page()
    page.set_content(f"<style>{(STATIC / 'recall.css').read_text(encoding='utf-8')}</style><body>")
    page.evaluate(SHOW, [(STATIC / "recall.js").read_text(encoding="utf-8"), [one._asdict() for one in asked]])
    for width in (106, 240, 400, 720):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) == [], width
    page.close()


def test_arrows_go_from_choice_to_choice_and_enter_answers(lab: LabPage, name: str) -> None:
    lab.open(name)
    lab.begin(RECALL)
    lab.step()
    first, second, _ = questions(lab.cell(RECALL))
    keyboard = lab.page.keyboard
    first.get_by_role("button").first.focus()
    keyboard.press("ArrowDown")
    expect(first.get_by_role("button").nth(1)).to_be_focused()
    expect(first.locator(".said")).to_be_empty()
    keyboard.press("Enter")
    expect(first.locator(".said")).to_contain_text("Learned in")
    expect(first.get_by_role("button").nth(1)).to_be_focused()
    keyboard.press("Tab")
    expect(first.get_by_role("link")).to_be_focused()
    keyboard.press("Tab")
    expect(second.get_by_role("button").first).to_be_focused()
    keyboard.press("Shift+Enter")  # the notebook's: the cell after is run, and nothing is answered
    expect(lab.cell(AFTER)).to_contain_text("after", timeout=TIMEOUT)
    expect(second.locator(".said")).to_be_empty()
    assert lab.problems == []


def test_another_kernel_and_the_cell_run_again_ask_something_else(lab: LabPage, name: str) -> None:
    lab.open(name)
    asked = set()
    for restart in (False, False, True):
        if restart:
            lab.restart_kernel()
        lab.begin(RECALL)
        lab.step()
        asked.add(tuple(known(question)[1].question for question in questions(lab.cell(RECALL))))
        lab.begin(0)
    assert len(asked) > 1
    assert lab.problems == []


def test_the_link_opens_the_lesson_in_jupyterlab(lab: LabPage, name: str) -> None:
    lab.open(name)
    lab.begin(RECALL)
    lab.step()
    question = questions(lab.cell(RECALL))[0]
    key, item = known(question)
    choice(question, item.right).click()
    question.get_by_role("link", name=f"lesson {key}, ").click()
    opened = lab.page.get_by_role("tab", name=LESSONS[key].file)
    expect(opened).to_have_attribute("aria-selected", "true", timeout=TIMEOUT)
    assert len(lab.page.context.pages) == 1
    assert lab.problems == []


def test_the_link_opens_the_lesson_in_notebook_7(chromium: BrowserContext, server: JupyterServer, name: str) -> None:
    page = chromium.new_page()
    page.goto(f"{server.url}/notebooks/{name}")
    page.wait_for_function(IDLE, timeout=START)
    page.locator(".jp-Notebook .jp-Cell").nth(RECALL).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    question = questions(page.locator("body"))[0]
    key, item = known(question)
    choice(question, item.right).click()
    with page.expect_popup() as opened:
        question.get_by_role("link").click()
    opened.value.get_by_role("heading", name=LESSONS[key].title).first.wait_for(timeout=START)
    opened.value.close()
    page.close()
    server.shut_down_kernels()
