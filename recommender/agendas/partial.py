"""A draft while it is being written: its plan, and the items that are whole and hold."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from recommender.agendas.draft import MAX_ANSWER, DraftFault, DraftItem, PlanEntry
from recommender.agendas.draft_checks import check_lines
from recommender.agendas.draft_lines import Line, lines_of_item
from recommender.agendas.draft_plan import Plan, build_item, mend_plan
from recommender.agendas.judge import Prepared
from recommender.domain.agenda import Item

_PLAN = TypeAdapter(list[PlanEntry])


class PartialDraft:
    """Reads the pieces of an answer and gives each item once, in order, when it holds.

    Attributes:
        faults: What is wrong with a part that is whole; nothing more is given then.
        shown: How many items were given.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._text = ""
        self._plan: Plan | None = None
        self._drafted: list[str] = []
        self._words: dict[str, DraftItem] = {}
        self._lines: list[Line] = []
        self._read: set[str] = set()
        self.faults: list[DraftFault] = []
        self.shown = 0
        self._slots = 0

    @property
    def names(self) -> list[str]:
        """Return the checks that failed, by name."""
        return sorted({fault.check for fault in self.faults})

    def feed(self, piece: str) -> list[Item]:
        """Take in a piece of text and return the items that it made whole."""
        self._text += piece
        if len(self._text) > MAX_ANSWER:
            self.faults.append(DraftFault("too_long", "", "the answer does not end"))
        if self.faults or not ("}" in piece or "]" in piece or '"' in piece):
            return []
        try:
            data = from_json(self._text, allow_partial=True)
        except ValueError:
            return []
        if not isinstance(data, dict):
            return []
        try:
            self._take_in(data)
        except ValidationError:
            self.faults.append(DraftFault("schema", "", "a part has another shape"))
        return [] if self.faults else self._ready()

    def _take_in(self, data: dict[str, Any]) -> None:
        whole = list(data)[:-1]
        if self._plan is None and "plan" in whole:
            entries = _PLAN.validate_python(data["plan"])
            plan = mend_plan(entries, self._prepared.offer)
            if isinstance(plan, list):
                self.faults += plan
                return
            self._plan = plan
            self._drafted = [entry.activity for entry in entries]
        for name in ("purpose", "success_test"):
            if name in whole and name not in self._read:
                self._read.add(name)
                self._check([Line(name, name, str(data[name]))])
        items = data.get("items")
        if not isinstance(items, list):
            return
        for given in items if "items" in whole else items[:-1]:
            item = DraftItem.model_validate(given)
            if item.activity not in self._words:
                self._words[item.activity] = item
                self._check(lines_of_item(item))

    def _check(self, lines: list[Line]) -> None:
        """Check texts together with those before them, so that what stands twice is seen."""
        self._lines += lines
        self.faults += check_lines(self._lines, self._prepared.context)

    def _ready(self) -> list[Item]:
        """Return the items that come next and have their words, or need none."""
        found: list[Item] = []
        if self._plan is None or not {"purpose", "success_test"} <= self._read:
            return found
        offer, last = self._prepared.offer, len(self._plan.slots) - 1
        for at in range(self._slots, last + 1):
            alias = self._plan.slots[at].offered.alias
            words = self._words.get(alias)
            if words is None and (alias in self._drafted or not self._words):
                break
            if at == last and offer.asked is not None:
                found.append(offer.asked.model_copy(update={"id": f"i{at + 1}"}))
            found.append(build_item(at, self._plan, words, offer)[0])
            self._slots += 1
        self.shown += len(found)
        return found
