"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any

from . import checks
from .client import Client
from .courier import Pending, Reply
from .endpoints import Endpoints
from .errors import Timeout


class AsyncClient:
    """Like `Client`, whose options it takes: one request is ``await client.call(...)``. Works with every event loop.

    Make it, use it and close it within one running loop.
    """

    def __init__(self, endpoint: Endpoints, **options: Any) -> None:
        self._client = Client(endpoint, **options)
        self._room = asyncio.Semaphore(self._client.max_in_flight)

    async def call(self, service: str | bytes, *body: checks.BytesLike, timeout: float | None = None) -> Reply:
        """Ask, and return the frames of the reply. Raises what `Client.call` raises; cancelling gives the answer up."""
        pending = self._client.courier.prepare(service, body, timeout)
        await self._take_room(pending)
        try:
            return await asyncio.wrap_future(self._client.courier.enter(pending))
        finally:
            self._room.release()

    def map(
        self,
        service: str | bytes,
        bodies: Iterable[checks.BytesLike | Iterable[checks.BytesLike]],
        *,
        timeout: float | None = None,
        window: int = 64,
    ) -> AsyncIterator[Reply]:
        """The reply to each of the bodies, in their order, with up to `window` of them under way."""
        self._client.courier.prepare(service, (), timeout)  # what is wrong is told here and not at the first reply
        return self._map(service, checks.bodies(bodies), timeout, checks.count("window", window))

    async def close(self) -> None:
        """End it; what is under way gets `Closed`."""
        if self._client.courier.is_ours():
            await asyncio.to_thread(self._client.close)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _map(
        self, service: str | bytes, bodies: Iterable[Any], timeout: float | None, window: float
    ) -> AsyncIterator[Reply]:
        waiting: deque[asyncio.Task[Reply]] = deque()
        try:
            for body in bodies:
                waiting.append(asyncio.create_task(self.call(service, *checks.body(body), timeout=timeout)))
                if len(waiting) >= window:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:  # nobody will look at them, nor at what they raised
                if not task.cancel() and not task.cancelled():
                    task.exception()

    async def _take_room(self, pending: Pending) -> None:
        if not self._room.locked():
            await self._room.acquire()  # at once
            return
        try:
            async with asyncio.timeout(pending.left()):
                await self._room.acquire()
        except TimeoutError:
            raise Timeout(
                f"{self._client.max_in_flight} requests are under way, and none ended within {pending.seconds:g} s"
            ) from None
