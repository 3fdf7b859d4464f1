"""Predictions and checks in JupyterLab: locked by keyboard, answered by the run, refused with messages to look at."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import expect

from tests.browser.flow_view import TIMEOUT, FlowView
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.notebooks.clean import clean
from zmqlab.course import exercises

ASK = """
from zmqlab import check, hint, predict, progress

choices = {"1": "one is `enough`", "2": "two are better", "3": "so many were sent"}
guess = predict("How many `frames` come?", choices)
"""
ANSWER = "guess.answer(3)"
SAVED = "How many frames come?\nThe run says 3: so many were sent.\n"
WRONG = exercises.load("01-a").solution.replace('[routing_id, b"', '[routing_id, b"", b"').strip()
CHECK = 'check("01-a", counting_server)'
PREDICT, RUN, CHECKED, HELPED = 0, 1, 3, 4  # the cells


@pytest.fixture
def exercise(lab: LabPage, server: JupyterServer) -> LabPage:
    cells = [new_code_cell(source.strip()) for source in (ASK, ANSWER, WRONG, CHECK, 'hint("01-a")', "progress()")]
    nbformat.write(clean(new_notebook(cells=cells)), server.root / "exercise.ipynb")
    lab.open("exercise.ipynb")
    return lab


def printed(lab: LabPage, cell: int) -> str:
    return "".join("".join(output.get("text", "")) for output in lab.outputs()[cell])


def test_a_prediction_is_locked_by_keyboard_and_answered_by_the_run(exercise: LabPage, results: Path) -> None:
    exercise.command("notebook:run-cell-and-select-next")
    exercise.wait_idle()
    panel = exercise.cell(PREDICT).locator(".jp-OutputArea")
    button = panel.get_by_role("button", name="Lock my answer")
    expect(button).to_have_attribute("aria-disabled", "true", timeout=TIMEOUT)
    expect(exercise.page.locator(".jp-Cell.jp-mod-active")).to_be_focused()  # JupyterLab has come to rest
    panel.get_by_role("radio").nth(1).focus()
    exercise.page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-disabled", "false", timeout=TIMEOUT)
    expect(panel.get_by_text("two are better")).to_have_count(0)  # not before the run
    exercise.page.keyboard.press("Tab")
    exercise.page.keyboard.type("I saw jj once")  # keys that are the notebook's elsewhere
    exercise.page.keyboard.press("Enter")
    expect(panel.get_by_text("Locked.")).to_be_visible(timeout=TIMEOUT)
    expect(panel.get_by_role("textbox", name="because")).not_to_be_editable()
    expect(panel.get_by_role("radio").first).to_be_disabled()
    exercise.screenshot(results / "course-locked.png")

    exercise.page.keyboard.press("Shift+Enter")  # the focus is where it was, and the keys are the notebook's
    for place in (RUN, PREDICT):
        panel = exercise.cell(place).locator(".jp-OutputArea")
        expect(panel.get_by_text("The run says 3: so many were sent.")).to_be_visible(timeout=TIMEOUT)
        expect(panel.get_by_text("You predicted 2: two are better.")).to_be_visible(timeout=TIMEOUT)
        expect(panel.get_by_text("Your reason: I saw jj once")).to_be_visible(timeout=TIMEOUT)
    exercise.screenshot(results / "course-answered.png")
    assert exercise.problems == []


def test_a_saved_answer_is_folded_until_its_cell_is_run(lab: LabPage, server: JupyterServer) -> None:
    saved = new_code_cell(ANSWER, outputs=[new_output("stream", name="stdout", text=SAVED)])
    book = new_notebook(cells=[new_code_cell(ASK.strip()), saved])
    nbformat.write(clean(book), server.root / "saved.ipynb")
    lab.open("saved.ipynb")
    said = lab.page.locator(".jp-Cell").nth(1).get_by_text("The run says 3")
    expect(lab.page.locator(".jp-Placeholder")).to_be_visible(timeout=TIMEOUT)
    expect(said).to_be_hidden()
    lab.begin()
    lab.step()
    expect(said).to_be_hidden()
    lab.step()
    expect(said).to_be_visible(timeout=TIMEOUT)
    assert lab.problems == []


def test_a_choice_that_is_not_locked_counts_when_the_run_answers(exercise: LabPage) -> None:
    exercise.command("notebook:run-cell-and-select-next")
    exercise.wait_idle()
    exercise.cell(PREDICT).get_by_role("radio").nth(2).click(timeout=TIMEOUT)
    exercise.page.keyboard.press("Shift+Enter")
    answer = exercise.cell(RUN).get_by_text("The run says 3, as you predicted: so many were sent.")
    expect(answer).to_be_visible(timeout=TIMEOUT)
    assert exercise.problems == []


def test_a_refused_solution_shows_its_messages(exercise: LabPage, results: Path) -> None:
    exercise.run_all()
    told = " ".join(printed(exercise, CHECKED).split())
    assert "0 of 6 scenarios pass" in told
    assert "has too many or too few" in told
    cell = exercise.cell(CHECKED)
    cell.get_by_role("button", name="Show the messages of this scenario").click()
    view = FlowView(exercise, CHECKED)
    view.wait_for_messages()
    frames = view.inspect(1)
    assert "" in [text for _, text, _, _ in frames]
    exercise.screenshot(results / "course-refused.png")
    expect(exercise.cell(HELPED).get_by_text("Hint 1 of 3")).to_be_visible(timeout=TIMEOUT)
    assert "open    01-a" in printed(exercise, HELPED + 1)
    assert exercise.problems == []
