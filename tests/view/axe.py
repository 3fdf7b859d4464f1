"""axe-core, injected into a page: what it finds wrong for people who use a keyboard, a magnifier or a screen reader."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "zmqlab" / "view" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


def violations(page: Page, selector: str = ".zmqlab-flow") -> list[str]:
    """The serious and critical ones inside `selector`, a line each: the rule, what it asks for, and where."""
    if not AXE.is_file():
        missing = 'axe-core is not there: run "npm ci" in zmqlab/view'
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Any = page.evaluate("(selector) => axe.run(selector, {resultTypes: ['violations']})", selector)
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:120]}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
