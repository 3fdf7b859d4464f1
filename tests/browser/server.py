"""A JupyterLab of its own for the tests: its notebooks, settings, kernels and files in one temporary folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.ports import free_port

START = 60.0  # seconds
STOP = 10.0

CONFIG = """
from jupyterlab.galata import configure_jupyter_server
configure_jupyter_server(c)  # no token, and the application reachable as window.jupyterapp: loopback only
c.JupyterNotebookApp.expose_app_in_browser = True  # in Notebook 7 too
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = {port}
c.ServerApp.allow_root = True
c.LabApp.extension_manager = "readonly"  # asks nothing of the network
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


class JupyterServer:
    """It serves `folder/course`. `stop` leaves no process behind and says so if it had to kill one."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        self.root.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "config.py"
        config.write_text(CONFIG.format(port=port), encoding="utf-8")
        news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        news.parent.mkdir(parents=True)
        news.write_text(json.dumps(NO_NEWS), encoding="utf-8")
        self._log = (folder / "server.log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", f"--config={config}"],
            cwd=self.root,
            env=os.environ | self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def _environment(self) -> dict[str, str]:
        places = {
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_GALATA_ROOT_DIR": "course",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "TMPDIR": "tmp",
            "TEMP": "tmp",  # what Windows looks at
        }
        for name in places.values():
            (self._folder / name).mkdir(exist_ok=True)
        return {variable: str(self._folder / name) for variable, name in places.items()}

    def wait_until_ready(self) -> None:
        """Raises RuntimeError with the server's log when it does not come up."""
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.ask("GET", "status")
                return
            except urllib.error.URLError:
                time.sleep(0.1)
        raise RuntimeError("JupyterLab did not start:\n" + (self._folder / "server.log").read_text(encoding="utf-8"))

    def ask(self, method: str, resource: str) -> Any:
        """A call of the server's REST API, ``/api/<resource>``."""
        request = urllib.request.Request(f"{self.url}/api/{resource}", method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def shut_down_kernels(self) -> None:
        """A kernel outlives the page that started it."""
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")
        for kernel in self._kernels():
            self.ask("DELETE", f"kernels/{kernel['id']}")

    def _kernels(self) -> Any:
        """Those that run. The server fails to list them while it ends one, and can do so a moment later."""
        deadline = time.monotonic() + STOP
        while True:
            try:
                return self.ask("GET", "kernels")
            except urllib.error.HTTPError as error:
                if error.code != 500 or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Raises AssertionError when a kernel or a process of a kernel outlived the server."""
        children = psutil.Process(self._process.pid).children(recursive=True) if self._process.poll() is None else []
        self._process.terminate()
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP)
        self._log.close()
        _, left = psutil.wait_procs(children, timeout=STOP)
        names = [_kill(process) for process in left]
        assert not left, f"left behind by JupyterLab: {names}"


def _kill(process: psutil.Process) -> str:
    """Its command, as far as it can still be read."""
    with suppress(psutil.NoSuchProcess):
        command = " ".join(process.cmdline())
        process.kill()
        return command
    return f"pid {process.pid}, which has ended meanwhile"
