"""Where a recording comes from: the process that wrote it, its versions, and its two clocks at one moment."""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

_BOOT = Path("/proc/sys/kernel/random/boot_id")  # Linux: the same for all containers of a machine


@dataclass(frozen=True, slots=True)
class Source:
    """One process that was recorded. Times of events are those of `monotonic`, which begins anew at each boot."""

    name: str  # of the program, and of the lane of its main thread; "" for a relay, which has none
    pid: int = 0
    parent: int = 0
    host: str = ""
    boot: str = ""  # processes of one boot share the monotonic clock
    argv: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    wall: int = 0  # ns since 1970, at the same moment as
    monotonic: int = 0  # ns

    @classmethod
    def here(cls, name: str, versions: dict[str, str]) -> Source:
        """This process; `versions` are those of what the standard library does not know."""
        return cls(
            name,
            os.getpid(),
            os.getppid(),
            socket.gethostname(),
            _boot(),
            tuple(sys.argv),
            {"python": platform.python_version(), **versions},
            time.time_ns(),
            time.monotonic_ns(),
        )

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Source:
        """What `stored` has given; fields that this version does not know are left out. Raises TypeError, KeyError."""
        known = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        return cls(**{**known, "argv": tuple(known.get("argv", ()))})

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @property
    def clock(self) -> str:
        """Whose monotonic clock it is."""
        return self.boot or self.host

    @property
    def epoch(self) -> int:
        """What has to be added to a monotonic time to have ns since 1970, by the clock of its host."""
        return self.wall - self.monotonic


def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
