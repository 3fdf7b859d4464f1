"""A JupyterHub with a few learners, set up with the lines that docs/teaching.md gives."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any
from urllib.parse import urlencode

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.browser.chromium import chromium, find_browser
from tests.browser.first_message import first_message, open_lesson
from tests.classroom.memory import own
from tests.notebooks.paths import NOTEBOOKS, ROOT
from tests.notebooks.run import read
from tests.ports import free_port
from zmqlab.course import exercises
from zmqlab.course.learn import FIRST, OWN

PAGE = ROOT / "docs" / "teaching.md"
PROXY = "configurable-http-proxy"
START = 120.0  # seconds
NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
GUEST = "mallory"  # who comes by the door
SOLVED = "01-a"
ONLY_HERE = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.authenticator_class = "dummy"  # whoever says a name is let in
c.JupyterHub.spawner_class = "simple"  # learners who are no users of this machine, each with a folder
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.start_timeout = 120
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.services = [{{"name": "teacher", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{"name": "teaching", "services": ["teacher"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}
]
"""


def main(arguments: Sequence[str]) -> int:
    """0 when each learner has had lesson 00 and a folder, and the teacher a table of their progress."""
    parser = argparse.ArgumentParser(prog="python -m tests.classroom hub", description=__doc__)
    parser.add_argument("--learners", type=int, choices=range(2, len(NAMES) + 1), default=3)
    names = NAMES[: parser.parse_args(arguments).learners]
    proxy = shutil.which(PROXY)
    if not find_spec("jupyterhub") or not find_spec("nbgitpuller") or not proxy:
        print(f"python -m pip install jupyterhub nbgitpuller && npm install --global {PROXY}", file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder, running(Path(folder), proxy) as hub:
        problems = asyncio.run(hub.lesson(names))
        if find_browser():
            print(f"in a browser, {GUEST} logs in, and sees the first message after {hub.look()} keys")
        table = subprocess.run(
            [sys.executable, "-m", "zmqlab", "progress", str(hub.homes)], capture_output=True, text=True
        )
    print(table.stdout.partition("\nexercise")[0] + table.stderr)
    told = [line.split()[:2] for line in table.stdout.splitlines() if line.startswith(names)]
    if told != [[name, "1"] for name in names]:
        problems.append(f"the table of their progress is another one: {told}")
    print(*problems, sep="\n")
    print(f"{len(names)} learners, {len(problems)} problems")
    return 1 if problems else 0


def recipe() -> str:
    """The lines for jupyterhub_config.py, as the page has them."""
    (found,) = re.findall(r"```python\n(.*?c\.Spawner.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return dedent(found)


class Hub:
    def __init__(self, folder: Path, process: subprocess.Popen[bytes], url: str, token: str) -> None:
        self.homes = folder / "homes"
        self._folder = folder
        self._process = process
        self._url = url
        self._headers = {"Authorization": f"token {token}"}

    async def lesson(self, names: Sequence[str]) -> list[str]:
        """All of them come at once, and run lesson 00. Returns what went wrong."""
        await self._up()
        began = time.monotonic()
        await asyncio.gather(*(self._start(name) for name in names))
        print(f"{len(names)} servers are up after {time.monotonic() - began:.0f} s")
        problems = [line for lines in await asyncio.gather(*map(self._learn, names)) for line in lines]
        problems += [*await self._welcomed(names[0]), *await self._pulled(names[0])]
        self._measure(len(names))
        return problems

    async def _learn(self, name: str) -> list[str]:
        """Run the copy of lesson 00 through the proxy, and solve an exercise."""
        path = self.homes / name / OWN / FIRST
        if not path.is_file():
            return [f"{name} has no {path}"]
        cells = [str(cell.source) for cell in read(path).cells if cell.cell_type == "code"]
        exercise = exercises.load(SOLVED)
        solved = f'{exercise.solution}\nfrom zmqlab import check\nassert check("{SOLVED}", {exercise.name}).passed'
        what = {"path": FIRST.as_posix(), "name": FIRST.name, "type": "notebook", "kernel": {"name": "python3"}}
        session = await self._ask("POST", f"user/{name}/api/sessions", what)
        address = f"{self._url}/user/{name}/api/kernels/{session['kernel']['id']}/channels"
        kernel = await websocket_connect(HTTPRequest(address.replace("http", "ws", 1), headers=self._headers))
        try:
            return [f"{name}: {error}" for cell in [*cells, solved] for error in await executed(kernel, cell)]
        finally:
            kernel.close()

    def look(self) -> int:
        """Log in as anybody does, and run lesson 00 until a message is seen. How many keys that took."""
        with chromium() as browser:
            page = browser.new_page()
            page.goto(f"{self._url}/hub/login")
            page.locator("#username_input").fill(GUEST)
            page.locator("#login_submit").click()
            page.wait_for_url(f"**/user/{GUEST}/lab/tree/{FIRST.as_posix()}*", timeout=START * 1000)
            open_lesson(page, page.url)
            return first_message(page)

    async def _welcomed(self, name: str) -> list[str]:
        """Who comes to the server stands before lesson 00."""
        request = HTTPRequest(f"{self._url}/user/{name}/", headers=self._headers, follow_redirects=False)
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        there = answer.headers.get("Location", "")
        return [] if there.rstrip("?").endswith(f"/lab/tree/{FIRST.as_posix()}") else [f"{name} is sent to {there!r}"]

    async def _pulled(self, name: str) -> list[str]:
        """nbgitpuller brings a repository into the learner's folder."""
        source = self._folder / "repository"
        shutil.copytree(NOTEBOOKS / "images", source / "notebooks" / "images")
        git = ["git", "-C", str(source), "-c", "user.name=x", "-c", "user.email=x@example.org"]
        for words in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "lessons"]):
            subprocess.run([*git, *words], check=True)
        asked = urlencode({"repo": source.as_uri(), "branch": "main", "targetpath": "pulled"})
        request = HTTPRequest(
            f"{self._url}/user/{name}/git-pull/api?{asked}", headers=self._headers, request_timeout=60
        )
        said = (await AsyncHTTPClient().fetch(request)).body.decode()
        there = self.homes / name / OWN / "pulled" / "notebooks" / "images"
        return [] if there.is_dir() else [f"nbgitpuller brought nothing: {said[-500:]}"]

    def _measure(self, learners: int) -> None:
        """What they take beside each other: memory that is shared is divided among those who share it."""
        everybody = psutil.Process(self._process.pid).children(recursive=True)
        sizes: dict[str, list[float]] = {"server": [], "kernel": [], "relay": []}
        for process in everybody:
            words = " ".join(process.cmdline())
            for kind, sign in (("server", "jupyterhub.singleuser"), ("kernel", "ipykernel"), ("relay", "zmqlab.relay")):
                if sign in words:
                    sizes[kind].append(own(process) / 1e6)
        for kind, taken in sizes.items():
            print(f"{kind}: {len(taken)}, {sum(taken) / learners:.0f} MB a learner")
        print(f"all: {sum(map(sum, sizes.values())) / learners:.0f} MB a learner")

    async def _up(self) -> None:
        deadline = time.monotonic() + START
        while True:
            try:
                await AsyncHTTPClient().fetch(f"{self._url}/hub/health")
                return
            except (OSError, HTTPClientError):  # the proxy is up before the hub
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(f"JupyterHub did not start:\n{self._log()}") from None
                await asyncio.sleep(0.2)

    async def _start(self, name: str) -> None:
        await self._ask("POST", f"hub/api/users/{name}")
        await self._ask("POST", f"hub/api/users/{name}/server")
        deadline = time.monotonic() + START
        while not (await self._ask("GET", f"hub/api/users/{name}"))["servers"].get("", {}).get("ready"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server of {name} did not start:\n{self._log()}")
            await asyncio.sleep(0.2)

    async def _ask(self, method: str, place: str, body: object = None) -> Any:
        request = HTTPRequest(
            f"{self._url}/{place}", method, self._headers, json.dumps(body) if body else None,
            allow_nonstandard_methods=True, request_timeout=START,
        )  # fmt: skip
        try:
            answer = await AsyncHTTPClient().fetch(request)
        except HTTPClientError as error:
            raise RuntimeError(f"{place}: {error}\n{self._log()}") from None
        return json.loads(answer.body or "null")

    def _log(self) -> str:
        return (self._folder / "hub.log").read_text(encoding="utf-8")[-3000:]


async def executed(kernel: WebSocketClientConnection, code: str) -> list[str]:
    """Run that in the kernel, to its end. Returns the errors."""
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "session": asked, "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
    await kernel.write_message(
        json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
    )
    errors: list[str] = []
    while True:
        said = await asyncio.wait_for(kernel.read_message(), START)
        if said is None:
            return [*errors, "the connection to the kernel broke"]
        if isinstance(said, bytes):  # a widget's
            continue
        message = json.loads(said)
        if message["parent_header"].get("msg_id") != asked:
            continue
        if message["msg_type"] == "error":
            errors.append(f"{message['content']['ename']}: {message['content']['evalue']}")
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return errors


@contextmanager
def running(folder: Path, proxy: str) -> Iterator[Hub]:
    """A hub on free ports of this machine, and nobody is left of it."""
    token, port = secrets.token_hex(32), free_port()
    more = ONLY_HERE.format(
        port=port, hub=free_port(), api=free_port(), homes=folder / "homes", proxy=proxy, token=token
    )
    (folder / "jupyterhub_config.py").write_text(recipe() + more, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "ZMQLAB"))}
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyterhub"], cwd=folder, env=env, stdout=log, stderr=log)
    try:
        yield Hub(folder, process, f"http://127.0.0.1:{port}", token)
    finally:
        everybody = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(START)
        for one in psutil.wait_procs(everybody, 10)[1]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
