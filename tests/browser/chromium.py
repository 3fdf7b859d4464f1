"""The browser that is on this machine: found, and started."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
COMMANDS = {
    "linux": "sudo apt-get install chromium (Debian), sudo snap install chromium (Ubuntu), or your system's own",
    "darwin": "brew install --cask chromium",
    "win32": "winget install Google.Chrome",
}
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
]


class NoBrowser(SystemExit):
    """There is none. A command ends with the text, which says how to install one."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Started, until the end of the block. Raises NoBrowser.

    As long as Playwright lives, no test in this thread can run an event loop of its own.
    """
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if not path:
        raise NoBrowser(how_to_install())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments())
        yield browser
        browser.close()


def wanted() -> None:
    """A test without a browser is skipped, and says so; where `CI` is set it fails."""
    import pytest

    pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
    if not find_browser():
        if os.environ.get("CI"):
            pytest.fail(how_to_install())
        pytest.skip(how_to_install())


def find_browser() -> str:
    """The path of a Chromium or Chrome: what CHROME names, or what is installed; "" where there is none."""
    named = os.environ.get("CHROME", "")
    if named:
        return shutil.which(named) or ""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return next((place for place in PLACES if Path(place).exists()), "")


def how_to_install() -> str:
    command = COMMANDS.get(sys.platform, "install Chromium or Chrome")
    return f"The browser tests need Chromium or Chrome: {command}. CHROME=<path> names one that is elsewhere."


def arguments() -> list[str]:
    """Chromium's sandbox does not work for root, who runs the tests in containers."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if root else [])]
