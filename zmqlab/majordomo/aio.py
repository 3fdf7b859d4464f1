"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from .client import Client, Reply


class AsyncClient:
    """Like `Client`, whose options it takes: one request is ``await client.call(...)``. Works with every event loop.

    Make it, use it and close it within one running loop.
    """

    def __init__(self, endpoint: str, **options: Any) -> None:
        self._client = Client(endpoint, **options)
        self._room = asyncio.Semaphore(self._client.max_in_flight)

    async def call(self, service: str | bytes, *body: bytes, timeout: float | None = None) -> Reply:
        """Ask, and return the frames of the reply. Raises MajordomoError; cancelling gives the answer up."""
        async with self._room:  # so `submit` never has to wait
            return await asyncio.wrap_future(self._client.submit(service, *body, timeout=timeout))

    async def map(
        self,
        service: str | bytes,
        bodies: Iterable[bytes | Sequence[bytes]],
        *,
        timeout: float | None = None,
        window: int = 64,
    ) -> AsyncIterator[Reply]:
        """The reply to each of the bodies, in their order, with up to `window` of them under way."""
        waiting: deque[asyncio.Task[Reply]] = deque()
        try:
            for body in bodies:
                frames = [body] if isinstance(body, bytes) else body
                waiting.append(asyncio.create_task(self.call(service, *frames, timeout=timeout)))
                if len(waiting) >= window:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()

    async def close(self) -> None:
        """End it; what is under way gets `Closed`."""
        await asyncio.to_thread(self._client.close)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
