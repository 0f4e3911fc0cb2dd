"""How drafts are made as the settings say; the command line and HTTP share it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.opening import base_url_of, export_key
from recommender.agendas.drafting import Drafting
from recommender.model_prices import load_prices
from recommender.settings import Settings


@asynccontextmanager
async def open_drafting(settings: Settings) -> AsyncIterator[Drafting]:
    """Give what drafts are made with: the model of the settings, or none; closed afterwards.

    Raises:
        InvalidInputError: AGENDUM_LLM names no model, or the price file is malformed.
        MissingExtraError: The provider's LangChain package is not installed.
    """
    if not settings.llm:
        yield Drafting()
        return
    from recommender.language_model import open_model

    prices = load_prices(settings.llm_prices)
    export_key(settings)
    model = open_model(settings.llm, base_url=base_url_of(settings),
                       options=settings.llm_options, concurrency=settings.llm_concurrency)
    try:
        yield Drafting(model, settings.llm_deadline_s, prices)
    finally:
        await model.aclose()


def check_drafting(settings: Settings) -> None:
    """Open the model of the settings once without calling it, and close it again.

    Raises:
        InvalidInputError: AGENDUM_LLM names no model, or the price file is malformed.
        MissingExtraError: The provider's LangChain package is not installed.
    """
    async def opened() -> None:
        async with open_drafting(settings):
            pass

    asyncio.run(opened())
