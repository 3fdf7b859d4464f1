"""What this machine is, in one line, for whoever helps a learner."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def describe(environment: Mapping[str, str] = os.environ) -> str:
    """Python, system, processors, memory, and what is special about the place."""
    parts = [
        f"Python {platform.python_version()}",
        f"{platform.system()} {platform.machine()}",
        f"{processors()} processors",
        f"{memory() / 2**30:.1f} GB of memory",
        *place(environment),
    ]
    return ", ".join(parts)


def processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> int:
    """Bytes this process may use: a container's limit, or what the machine has."""
    import psutil

    total = int(psutil.virtual_memory().total)
    try:
        limit = CGROUP_LIMIT.read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def place(environment: Mapping[str, str]) -> list[str]:
    """What a learner should know about where the kernel runs."""
    if "BINDER_LAUNCH_HOST" in environment or "BINDER_REPO_URL" in environment:
        return ["on Binder: download what you want to keep, an idle session ends after some 10 minutes"]
    if "JUPYTERHUB_USER" in environment:
        return ["on a JupyterHub"]
    if any(mark.exists() for mark in CONTAINER_MARKS):
        return ["in a container"]
    return []
