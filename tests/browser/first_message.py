"""How long it takes a newcomer: from `git clone` to the first message in the live view, in seconds and key presses.

    python -m tests.browser.first_message

It does what the README says, in an empty folder, and presses Shift+Enter from the first cell of lesson 00 on. The clone
is made from this folder, so the time to fetch it is not in it; that of pip is.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, TimeoutError

from tests.bench.rounds import at_load
from tests.browser.chromium import chromium
from tests.notebooks.paths import ROOT

SECONDS, PRESSES = 45.0, 6
MOST = 30  # key presses
START = 60_000  # ms
OWN = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ip"}
SEEN = 3_000  # ms in which a message is drawn once the cell with the view has run
LIVE = "() => [...document.querySelectorAll('.zmqlab-flow')].some((view) => Number(view.dataset.messages) > 0)"
WAITING = "() => [...document.querySelectorAll('.jp-InputPrompt')].some((one) => one.textContent.includes('*'))"
ACTIVE = "() => document.querySelector('.jp-Cell.jp-mod-active')?.textContent ?? ''"


def main() -> int:
    """0 when the marks are reached."""
    with TemporaryDirectory() as folder:
        began = time.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), folder + "/zmqlab"], check=True)
        env = os.environ | {name: f"{folder}/{place}" for name, place in OWN.items()} | {"PYTHONUNBUFFERED": "1"}
        starting = subprocess.Popen(
            ["bash", "-c", f"{command()} --no-browser"], cwd=f"{folder}/zmqlab", env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            url = address(starting)
            installed = time.monotonic() - began
            with chromium() as browser:
                page = browser.new_page()
                open_lesson(page, url)
                opened = time.monotonic() - began
                presses = first_message(page)
                seconds = time.monotonic() - began
        finally:
            os.killpg(starting.pid, signal.SIGINT)
            os.killpg(starting.pid, signal.SIGTERM)
            starting.communicate()
    good = seconds <= SECONDS and presses <= PRESSES
    print(
        f"JupyterLab is up after {installed:.0f} s, the lesson and its kernel after {opened:.0f} s; "
        f"the first message is seen after {seconds:.0f} s and {presses} keys{at_load()}"
    )
    print(f"marks {SECONDS:.0f} s and {PRESSES} keys: {'reached' if good else 'MISSED'}")
    return 0 if good else 1


def command() -> str:
    """The line of the README that sets everything up and opens the course."""
    _, start, _ = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(start).strip()


def address(starting: subprocess.Popen[str]) -> str:
    """What JupyterLab prints. Raises RuntimeError when it ends before."""
    assert starting.stdout
    said = ""
    for text in starting.stdout:
        said += text
        if found := re.search(r"http://127\.0\.0\.1:\d+/lab/tree/\S+\?token=\w+", text):
            return found[0]
    raise RuntimeError(said)


def open_lesson(page: Page, url: str) -> None:
    """Until its cells are there, and its kernel."""
    while True:
        try:
            page.goto(url)
            break
        except Exception:  # it prints its address a moment before it listens there
            time.sleep(0.2)
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=START)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=START)  # a key before that would run nothing


def first_message(page: Page) -> int:
    """Press until a message is drawn. How often that was."""
    for presses in range(1, MOST + 1):
        cell = page.evaluate(ACTIVE)
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(f"() => !({WAITING})()", timeout=START)
        with suppress(TimeoutError):
            page.wait_for_function(LIVE, timeout=SEEN if ".view(" in cell else 1)
            return presses
    raise RuntimeError(f"no message is seen after {MOST} keys")


if __name__ == "__main__":
    sys.exit(main())
