"""The columns of a batch as rows, which are easier to ask."""

from __future__ import annotations

from typing import Any


def rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {name: field[i] if isinstance(field, list) else field for name, field in table["fields"].items()}
        for i in range(table["rows"])
    ]
