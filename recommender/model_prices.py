"""What model calls cost, from a file of prices that the operator keeps; never guessed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from recommender.domain.agenda import Cost
from recommender.domain.base import Frozen
from recommender.errors import InvalidInputError, faults_of
from recommender.model_answers import Usage
from recommender.yaml_file import read_document

PER = 1_000_000
"""Tokens that a price is for."""

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ModelPrice(Frozen):
    """Prices of one model for a million tokens; cached input costs as much as other without one."""

    input: Price
    output: Price
    cached: Price | None = None


class PriceFile(Frozen):
    """Prices by model, as the settings name it or without its provider."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    models: dict[str, ModelPrice]


@dataclass(frozen=True)
class Prices:
    """Prices that are known; where none is, a cost is null."""

    file: PriceFile | None = None

    def cost_of(self, model: str, usage: Usage | None) -> Cost | None:
        """Return what calls cost; null where the price or the tokens are not known."""
        if self.file is None or usage is None:
            return None
        models = self.file.models
        price = models.get(model) or models.get(model.partition(":")[2])
        if price is None:
            return None
        cached = price.input if price.cached is None else price.cached
        amount = ((usage.input - usage.cached) * price.input + usage.cached * cached
                  + usage.output * price.output) / PER
        return Cost(amount=round(amount, 6), currency=self.file.currency)


def load_prices(path: Path | None) -> Prices:
    """Return the prices of a file; none where no file is set.

    Raises:
        InvalidInputError: The file is missing or malformed; names file and field.
    """
    if path is None:
        return Prices()
    data = read_document(path)
    try:
        return Prices(PriceFile.model_validate(data))
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, str(path))) from None
