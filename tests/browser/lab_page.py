"""One page of JupyterLab with a notebook open, steered as a learner would."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Error, Locator, Page

from tests.browser.server import JupyterServer

START = 60_000  # ms
RUN = 120_000
OFTEN = 30
"""How often what takes long is asked for, in ms: Playwright asks before each frame, and so has each one drawn."""
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
Theme = Literal["light", "dark"]

# The notebook that is open; a panel beside it may be the current widget.
NOTEBOOK = "[...(window.jupyterapp?.shell.widgets('main') ?? [])].find((one) => one.content?.widgets)"
IDLE = f"""() => {{
  const session = {NOTEBOOK}?.sessionContext;
  return session?.isReady && session.session?.kernel?.status === "idle";
}}"""
START_COMMAND = """([command, args]) => {
  window.zmqlabDone = false;
  window.jupyterapp.commands.execute(command, args).finally(() => { window.zmqlabDone = true; });
}"""
OUTPUTS = f"""() => [...{NOTEBOOK}.model.cells].map(
  (cell) => cell.type === "code" ? cell.outputs.toJSON() : [])"""
RESTART = f"""() => {{
  window.zmqlabDone = false;
  {NOTEBOOK}.sessionContext.restartKernel().finally(() => {{ window.zmqlabDone = true; }});
}}"""
STAND = f"""(index) => {{
  const notebook = {NOTEBOOK}.content;
  notebook.activeCellIndex = index;
  notebook.mode = "command";
  notebook.activeCell.node.focus();
}}"""
ACTIVE = f"""() => {{
  const {{activeCellIndex, activeCell}} = {NOTEBOOK}.content;
  return [activeCellIndex, activeCell.model.type];
}}"""
DONE = f"(index) => {NOTEBOOK}.content.widgets[index].model.executionState !== 'running'"
CLOSE_ALL = "() => { for (const widget of [...window.jupyterapp.shell.widgets('main')]) widget.dispose(); }"
SCROLL = f"(index) => {NOTEBOOK}.content.scrollToItem(index, 'start')"
# JupyterLab asks a kernel for its debugger and for a subshell as soon as it knows of it; a restart cancels that.
NOISE = ("Could not restore the debugger state: Canceled future for debug_request message",)
CANCELED = "Canceled future for create_subshell_request message"
NOTHING = "about:blank"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def _plain(output: dict[str, Any]) -> str:
    """The plain text beside a widget; JupyterLab may keep it in lines."""
    return "".join(output["data"].get("text/plain", ""))


class LabPage:
    """`problems` collects what the browser's console reports as errors, and uncaught exceptions."""

    def __init__(self, page: Page, server: JupyterServer) -> None:
        self.page = page
        self.server = server
        self.problems: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NOISE):
            self.problems.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: Error) -> None:
        if CANCELED not in error.message:
            self.problems.append(f"uncaught: {error}")

    def open(self, notebook: str) -> None:
        """Open a notebook of the server's folder and wait for its kernel. JupyterLab takes seconds to load: once."""
        if self.page.url == NOTHING:
            self.page.goto(f"{self.server.url}/lab/tree/{notebook}?reset")
        else:
            self.command("docmanager:open", {"path": notebook}, timeout=START)
        self.page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=START)
        self.wait_idle()

    def leave(self) -> None:
        """Close what is open, unsaved (JupyterLab's own command would ask), and end its kernels."""
        self.page.evaluate(CLOSE_ALL)
        self.server.shut_down_kernels()

    def wait_idle(self) -> None:
        self.page.wait_for_function(IDLE, timeout=START)

    def command(self, name: str, arguments: dict[str, Any] | None = None, timeout: float = RUN) -> None:
        """Execute one of JupyterLab's commands and wait until it has done its work."""
        self.page.evaluate(START_COMMAND, [name, arguments or {}])
        self.page.wait_for_function("() => window.zmqlabDone", timeout=timeout)

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")
        self.wait_idle()

    def kinds(self) -> list[str]:
        """What each cell of the notebook is: "code" or "markdown"."""
        return list(self.page.evaluate(f"() => {NOTEBOOK}.content.widgets.map((cell) => cell.model.type)"))

    def begin(self, cell: int = 0) -> None:
        """Stand on a cell, as a learner who has opened the notebook."""
        self.page.evaluate(STAND, cell)

    def step(self) -> bool:
        """Press Shift+Enter and wait until the kernel has done what was asked; whether it was a code cell."""
        index, kind = self.page.evaluate(ACTIVE)
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(f"(index) => ({ACTIVE})()[0] > index", arg=index, timeout=START, polling=OFTEN)
        self.page.wait_for_function(DONE, arg=index, timeout=RUN, polling=OFTEN)
        return bool(kind == "code")

    def restart_kernel(self) -> None:
        self.page.evaluate(RESTART)
        self.page.wait_for_function("() => window.zmqlabDone", timeout=START)
        self.wait_idle()

    def set_theme(self, theme: Theme) -> None:
        self.command("apputils:change-theme", {"theme": THEMES[theme]}, timeout=START)
        self.page.wait_for_function(
            "(light) => document.body.dataset.jpThemeLight === String(light)", arg=theme == "light", timeout=START
        )

    def outputs(self) -> list[list[dict[str, Any]]]:
        """The outputs of each cell, as the notebook's model has them; markdown cells have none."""
        outputs: list[list[dict[str, Any]]] = self.page.evaluate(OUTPUTS)
        return outputs

    def errors(self) -> list[str]:
        """The error outputs, one line each."""
        return [
            f"cell {index}: {output['ename']}: {output['evalue']}"
            for index, outputs in enumerate(self.outputs())
            for output in outputs
            if output["output_type"] == "error"
        ]

    def widget_cells(self, text: str = "") -> list[int]:
        """The numbers of the cells that show a widget; with `text`, one whose plain text begins so."""
        return [
            index
            for index, outputs in enumerate(self.outputs())
            if any(WIDGET_VIEW in output.get("data", {}) and _plain(output).startswith(text) for output in outputs)
        ]

    def cell(self, index: int) -> Locator:
        """Scroll to a cell (JupyterLab attaches only cells near the window) and give it."""
        self.page.evaluate(SCROLL, index)
        cell = self.page.locator(f'.jp-NotebookPanel .jp-Cell[data-windowed-list-index="{index}"]')
        cell.wait_for(timeout=START)
        return cell

    def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
