"""An agenda as server-sent events: items as they are ready, and at last the whole."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from recommender.agendas.drafting import Event, Fallback
from recommender.agendas.render.sheet import seen_by
from recommender.domain.agenda import Agenda, Item
from recommender.domain.base import Role

MEDIA_TYPE = "text/event-stream"


async def begin_stream(
    events: AsyncGenerator[Event, None], role: Role | None, made: Callable[[Agenda], None]
) -> AsyncIterator[str]:
    """Return the events as they go over the wire, once there is one; what fails before raises.

    Args:
        role: Whose agenda comes last; null for everybody's.
        made: Called with the whole agenda once it is there.
    """
    first = await anext(events)

    async def told() -> AsyncIterator[str]:
        async with aclosing(events):
            yield _wired(first, role)
            async for event in events:
                if isinstance(event, Agenda):
                    made(event)
                yield _wired(event, role)

    return told()


def _wired(event: Event, role: Role | None) -> str:
    match event:
        case Fallback():
            return f"event: fallback\ndata: {json.dumps({'reason': event.reason})}\n\n"
        case Item():
            return f"event: item\ndata: {event.model_dump_json(by_alias=True)}\n\n"
        case Agenda():
            own = seen_by(event, role)
            return f"event: agenda\ndata: {own.model_dump_json(by_alias=True)}\n\n"
