"""Events, the bounded log, and the fold that pairs them into message journeys. Standard library only."""

from .events import Event
from .log import Log
from .model import Actor, Changes, Link, Mark, Message, Socket, Work
from .reading import Reading
from .trace import Trace

__all__ = ["Actor", "Changes", "Event", "Link", "Log", "Mark", "Message", "Reading", "Socket", "Trace", "Work"]
