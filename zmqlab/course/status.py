"""What the broker says of itself, waited for: the numbers of `mmi.status`, and those of one service among them."""

from __future__ import annotations

import json
import time
from typing import Any

from ..majordomo import Client

LIMIT = 30.0  # seconds
PAUSE = 0.02  # seconds between two questions


def status(client: Client, service: str, **wanted: object) -> dict[str, Any]:
    """The broker's numbers, once those in `wanted` are as they are wanted: ``status(client, "job", workers=3)``.

    A service that nobody has asked for and nobody offers has none of its own. Raises TimeoutError after `LIMIT`.
    """
    end = time.monotonic() + LIMIT
    while True:
        told: dict[str, Any] = json.loads(client.call("mmi.status")[0])
        told |= told["services"].get(service, {})
        if wanted.items() <= told.items():
            return told
        if time.monotonic() > end:
            raise TimeoutError(f"the broker does not say {wanted}, but {told}")
        time.sleep(PAUSE)
