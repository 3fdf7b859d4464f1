"""How the learner's function is called: plain or ``async def``, with its own arguments, and what it must not return."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any

from .refused import Refused

NOT_AWAITED = (
    "It called an async function and awaited nothing, so nothing ran. Make the function itself `async def`, and await "
    "the call: the check runs it in an event loop, with a zmq.asyncio.Context."
)
YIELDS = "There is a yield in it, so a call runs nothing of it, and only makes a generator."


def is_async(code: Any) -> bool:
    """Whether it is called in an event loop: an ``async def``, a partial of one, or an object with such a call."""
    return inspect.iscoroutinefunction(code) or (
        not inspect.isclass(code) and inspect.iscoroutinefunction(type(code).__call__)
    )


def own(argument: Any) -> Any:
    """A copy, where it can be changed: the learner's code may empty or sort what it is given."""
    return argument.copy() if isinstance(argument, (list, dict, set, bytearray)) else argument


def unfit(code: Any, args: tuple[Any, ...], call: str) -> Refused | None:
    """What is wrong when it cannot be called as ``code(ctx, *args)``, or runs nothing then."""
    if any(
        kind(each)
        for each in (code, type(code).__call__)
        for kind in (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    ):
        return Refused(called=call, got="a generator", wanted="a function that runs when it is called", cause=YIELDS)
    try:
        inspect.signature(code).bind(None, *args)
    except TypeError as error:
        return Refused(
            called=call,
            got=f"TypeError: {error}",
            wanted="a function that can be called like that",
            cause="The parameters of the skeleton were changed, or their order.",
        )
    except ValueError:  # it has no signature that Python knows of
        return None
    return None


def unrun(value: Any, call: str) -> Refused | None:
    """What is wrong when this came back from a plain call, and nothing has run."""
    if isinstance(value, Coroutine):
        value.close()
        return Refused(
            called=call, got="a coroutine", wanted="a function that runs when it is called", cause=NOT_AWAITED
        )
    if isinstance(value, (Generator, AsyncGenerator)):
        return Refused(called=call, got="a generator", wanted="a function that runs when it is called", cause=YIELDS)
    return None


def step(driver: Coroutine[Any, Any, Any]) -> Any:
    """Run a driver of a plain function: it is written as for an async one, but has nothing to wait for."""
    try:
        driver.send(None)
    except StopIteration as over:
        return over.value
    driver.close()
    raise RuntimeError("the driver of a plain function waited for something in the event loop")
