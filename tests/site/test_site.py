"""The whole site: made by its command, read without a network, its runs played and its links followed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import Page, Request

from tests.browser.chromium import chromium
from tests.notebooks.asked import predictions
from tests.notebooks.paths import ROOT, lessons
from tests.notebooks.run import read
from tests.site.recorded import VIEW

pytestmark = pytest.mark.timeout(600)
SITE = ROOT / "build" / "site"


class Links(HTMLParser):
    """What a page refers to, and the places in it that can be referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.shown: list[str] = []  # what is fetched to be shown
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value and tag != "link":
                self.targets.append(value)
            if name == "src" and value:
                self.shown.append(value)
            if name in ("id", "name") and value:
                self.names.add(value)


@cache
def links(page: Path) -> Links:
    found = Links()
    found.feed(page.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def site() -> Path:
    made = subprocess.run([sys.executable, "-m", "tests.site"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return SITE


@pytest.fixture(scope="module")
def page(site: Path) -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def leads_nowhere(page: Path, target: str) -> bool:
    """Whether that file is not there, or that heading is not in it. What is elsewhere is not asked for."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not there.is_file():
        return True
    return bool(parts.fragment) and there.suffix == ".html" and unquote(parts.fragment) not in links(there).names


def test_each_link_leads_somewhere(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if page.parent.parent.name != "notebooks"]  # no players
    assert len(pages) > len(lessons()) + 10
    broken = [(page.name, target) for page in pages for target in links(page).targets if leads_nowhere(page, target)]
    assert not broken
    assert {target for page in pages for target in links(page).shown if urlsplit(target).netloc} == set()
    assert leads_nowhere(pages[0], "nowhere.html")
    assert leads_nowhere(site / "index.html", "notebooks/glossary.html#no-such-heading")


def test_each_view_has_its_run_and_each_prediction_can_be_answered(site: Path) -> None:
    for path in lessons():
        notebook = read(path)
        html = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        shown = [cell.id for cell in notebook.cells if VIEW in str(cell.get("outputs", ""))]
        assert html.count("zmqlab-player") == len(shown), path.name
        assert all((site / "notebooks" / path.stem / f"{cell}.html").is_file() for cell in shown), path.name
        assert html.count('class="zmqlab-predict"') == len(predictions(notebook)), path.name
        assert "to see what is true" not in html, "each has its answer"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_run_is_played_and_a_prediction_answered_without_a_network(page: Page, site: Path, scheme: str) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto((site / "notebooks" / "05-correlation-ids.html").as_uri())
    question = page.locator("form.zmqlab-predict").first
    told = question.locator(".run")
    assert not told.is_visible()
    question.locator("input").first.check()
    assert told.inner_text().startswith("The run says ")
    assert question.locator(".why").first.is_visible()
    player = page.frame_locator("iframe.zmqlab-player").first
    page.locator("iframe.zmqlab-player").first.scroll_into_view_if_needed()
    player.get_by_role("button", name="play the recording").click()
    player.locator("[data-mode=replay]").wait_for()
    page.screenshot(path=ROOT / "test-results" / f"site-{scheme}.png")
    page.remove_listener("request", note)
    assert {urlsplit(url).scheme for url in asked} <= {"file", "data", "blob"}


def test_a_word_shows_its_meaning_and_is_found(page: Page, site: Path) -> None:
    page.goto((site / "notebooks" / "03-envelopes.html").as_uri())
    word = page.locator("abbr[title]").first
    assert word.get_attribute("title")
    page.goto((site / "search.html").as_uri() + "?q=ROUTER_MANDATORY")
    page.locator("#search-results li a", has_text="Back-pressure").first.wait_for()


def test_lines_are_short_enough_to_read(page: Page, site: Path) -> None:
    """At most 80 characters: measured with the width of a 0, which a letter seldom reaches."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto((site / "docs" / "operations.html").as_uri())
    widest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("article p")].map(p => {
            const zero = document.createElement("span"); zero.textContent = "0"; p.append(zero);
            const width = p.getBoundingClientRect().width / zero.getBoundingClientRect().width; zero.remove();
            return width; }))"""
    )
    assert widest <= 80.5
