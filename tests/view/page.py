"""The live view on a page of its own: the bundle, and a model that plays the kernel's part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import Error, Locator, Page

from zmqlab.trace.trace import Trace
from zmqlab.view.feed import Batch, Feed
from zmqlab.view.widget import _packed

STATIC = Path(__file__).parents[2] / "zmqlab" / "view" / "static"

# anywidget's model, as far as the view uses it.
MODEL = """
async ([code, data]) => {
  const source = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  data.snapshot.json = new TextEncoder().encode(data.snapshot.json);  // bytes travel as bytes
  const heard = {}, sent = [];
  const watching = new Set();
  for (const {prototype} of [ResizeObserver, MutationObserver, IntersectionObserver]) {
    const {observe, disconnect} = prototype;
    prototype.observe = function (...args) { watching.add(this); return observe.apply(this, args); };
    prototype.disconnect = function () { watching.delete(this); return disconnect.apply(this); };
  }
  const model = {
    get: (name) => data[name],
    on: (event, act) => (heard[event] ??= []).push(act),
    off: (event, act) => (heard[event] = heard[event].filter((other) => other !== act)),
    send: (message) => sent.push(message),
    widget_manager: {
      kernel: {
        statusChanged: {
          connect: (act) => (heard["status"] ??= []).push(act),
          disconnect: (act) => (heard["status"] = heard["status"].filter((other) => other !== act)),
        },
      },
    },
  };
  const widget = (await import(source)).default();
  const uninitialize = widget.initialize({model});
  const unrender = widget.render({model, el: document.getElementById("cell")});
  window.kernel = {
    sent,
    batch: (batch) => (heard["msg:custom"] ?? []).forEach((act) => act(batch)),
    set: (name, value) => { data[name] = value; (heard["change:" + name] ?? []).forEach((act) => act()); },
    lost: (event) => (heard[event] ?? []).forEach((act) => act()),
    status: (status) => (heard["status"] ?? []).forEach((act) => act(null, status)),
    remove: () => { unrender(); uninitialize(); },
    listeners: () => Object.values(heard).flat().length + watching.size,
  };
}
"""

# The modes that a view was in since: live and replay are states that pass, and who looks now and then may miss one.
MODES = """(root) => {
  window.modes = [];
  new MutationObserver(() => window.modes.push(root.dataset.mode)).observe(root, { attributeFilter: ["data-mode"] });
}"""


class ViewPage:
    """`steerable`: a control is there, as in a lab that runs."""

    def __init__(
        self, page: Page, trace: Trace, theme: str = "light", title: str = "demo", steerable: bool = False
    ) -> None:
        self.page = page
        self.feed = Feed(trace)
        self.errors: list[str] = []
        page.on("pageerror", self._on_error)
        light = "true" if theme == "light" else "false"
        css = (STATIC / "flow.css").read_text(encoding="utf-8")
        page.set_content(
            f"<style>{css}</style><body data-jp-theme-light='{light}'><div id='cell'></div></body>",
        )
        code = (STATIC / "flow.js").read_text(encoding="utf-8")
        packed = _packed(self.feed.everything())
        snapshot = {**packed, "json": packed["json"].decode()}
        page.evaluate(MODEL, [code, {"title": title, "live": True, "steerable": steerable, "snapshot": snapshot}])
        self.root: Locator = page.locator(".zmqlab-flow")
        self.canvas = self.root.locator(".zf-canvas canvas")
        self.frames(2)

    def _on_error(self, error: Error) -> None:
        self.errors.append(str(error))

    def leave(self) -> Page:
        """The page, for another view. In this one no error may have been thrown."""
        self.page.remove_listener("pageerror", self._on_error)
        assert self.errors == []
        return self.page

    def news(self) -> None:
        """What has happened in the trace since."""
        batch = self.feed.news()
        if batch is not None:
            self.send(batch)

    def send(self, batch: Batch) -> None:
        self.page.evaluate("(batch) => window.kernel.batch(batch)", json.loads(json.dumps(batch)))

    def refuse(self, text: str) -> None:
        """The kernel says why something cannot be done."""
        self.page.evaluate("(text) => window.kernel.batch({type: 'refused', text})", text)

    def asked(self) -> list[dict[str, Any]]:
        """What the buttons have asked the kernel to do."""
        sent = self.page.evaluate("() => window.kernel.sent.filter(({type}) => type === 'do')")
        return [{key: value for key, value in message.items() if key != "type"} for message in sent]

    def rest(self) -> None:
        """Wait until no replay runs any more."""
        self.page.wait_for_function("() => document.querySelector('[data-mode=live]')", timeout=30_000)
        self.frames(2)

    def frames(self, count: int) -> None:
        """Wait until the browser has drawn so many frames."""
        self.page.evaluate(
            "async (n) => { while (n--) await new Promise((next) => requestAnimationFrame(next)); }", count
        )

    def expect(self, name: str, value: object) -> None:
        self.page.wait_for_function(
            "([root, name, value]) => root.dataset[name] === value",
            arg=[self.root.element_handle(), name, str(value)],
            timeout=5000,
        )

    def click_arrow(self, message: int) -> None:
        """A real click of the mouse on a message in the diagram."""
        at = self.canvas.evaluate("(canvas, id) => canvas.positionOf(id)", message)
        assert at is not None, f"message {message} is not in sight"
        box: Any = self.canvas.bounding_box()
        self.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])

    def names_are_bright(self) -> bool:
        """Whether the names of the lanes are in light letters."""
        return bool(
            self.root.locator(".zf-lane").first.evaluate(
                "(lane) => getComputedStyle(lane).color.match(/\\d+/g).every((part) => part > 128)"
            )
        )

    def ink(self) -> int:
        """How many pixels of the diagram are drawn on."""
        return int(
            self.canvas.evaluate(
                """(canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
                    .data.filter((value, i) => i % 4 === 3 && value > 0).length"""
            )
        )


Open: TypeAlias = Callable[..., ViewPage]
"""The fixture `show`: a trace, how many px the window is wide, and what `ViewPage` takes."""
