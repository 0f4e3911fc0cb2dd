"""One draft, judged: prepared from a case, read, mended, checked, and told in the provenance.

Live answers, streamed ones and those of batch files all pass here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from prompts.load import SYSTEM, Prompt
from recommender.agendas.checks import check_agenda
from recommender.agendas.draft import (
    AgendaDraft,
    DraftFault,
    Request,
    read_draft,
    repair_of,
    request_of,
    without_doubled_preparation,
)
from recommender.agendas.draft_checks import DRAFT_CHECKS, check_draft
from recommender.agendas.draft_lines import DraftContext
from recommender.agendas.draft_plan import (
    Plan,
    build_agenda,
    build_item,
    item_texts,
    mend_plan,
    resource_faults,
    with_asked,
)
from recommender.agendas.generate import Composed
from recommender.agendas.offer import Offer, make_offer
from recommender.agendas.view import view_case, visible_brief
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, CheckResult, Item
from recommender.domain.case import Case
from recommender.model_answers import Answer, Usage
from recommender.model_prices import Prices

FIXED = "fixed_mode: the agenda of this mode is the same for every pair"
HOPELESS = frozenset({"refused", "truncated"})
"""Faults of an answer that asking again does not mend."""
CHECK_PREFIX = "draft."
"""How provenance tells checks of a model's words from the invariants."""


@dataclass(frozen=True)
class Prepared:
    """A case whose agenda is composed, and what a model is asked about it."""

    composed: Composed
    offer: Offer
    prompt: Prompt
    request: Request
    context: DraftContext


@dataclass(frozen=True)
class Judged:
    """A draft that became an agenda, or why it did not.

    Attributes:
        agenda: Without its provenance; null when there are faults.
        repaired: What code mended.
        checks: Outcome of every invariant and every check of words.
    """

    agenda: Agenda | None
    faults: tuple[DraftFault, ...] = ()
    repaired: frozenset[str] = frozenset()
    checks: tuple[CheckResult, ...] = ()

    @property
    def names(self) -> list[str]:
        """Return the checks that failed, by name."""
        return sorted({fault.check for fault in self.faults})


@dataclass(frozen=True)
class Account:
    """What a draft took: who was asked with what, tokens, time."""

    model: str | None
    prompt: str | None
    latency_ms: int
    usage: Usage | None = None
    calls: int = 0
    prices: Prices = field(default_factory=Prices)


def why_not_drafted(composed: Composed) -> str | None:
    """Return why a model is not even asked about a case; null when it is."""
    return FIXED if composed.brief.mode == "fixed" else None


def prepare_draft(
    composed: Composed, case: Case, catalogue: Catalogue, prompt: Prompt
) -> Prepared:
    """Return what a model is asked about a case."""
    brief = visible_brief(composed.brief)
    view = view_case(case, brief, catalogue)
    offer = make_offer(brief, view, composed.agenda, catalogue)
    context = DraftContext(offer, catalogue.library, composed.context.people,
                           prompt.fill(SYSTEM), catalogue.known_words, catalogue.hand_off_rules)
    return Prepared(composed, offer, prompt, request_of(offer, prompt), context)


def repair_request(prepared: Prepared, answer: Answer, judged: Judged) -> Request | None:
    """Return the request for mending a draft; null where asking again is no use."""
    if HOPELESS.intersection(judged.names):
        return None
    return repair_of(prepared.request, answer.text, list(judged.faults), prepared.prompt)


def judge_answer(answer: Answer, prepared: Prepared) -> Judged:
    """Return what became of an answer."""
    if answer.fault is not None:
        return Judged(None, (DraftFault(answer.fault, "", _SAID[answer.fault]),))
    draft = read_draft(answer.text)
    if isinstance(draft, list):
        return Judged(None, tuple(draft))
    return judge_draft(draft, prepared)


_SAID = {
    "refused": "the answer is a refusal", "truncated": "the answer is cut off",
    "tool_calls": "the answer calls tools; there are none, answer with the JSON object",
    "empty": "the answer is empty",
}


def judge_draft(draft: AgendaDraft, prepared: Prepared) -> Judged:
    """Return a draft as an agenda, or everything that is wrong with it."""
    offer = prepared.offer
    draft, doubled = without_doubled_preparation(draft)
    faults = check_draft(draft, prepared.context) + resource_faults(draft, offer)
    plan = mend_plan(draft.plan, offer)
    if isinstance(plan, list):
        return Judged(None, (*plan, *faults))
    faults += item_texts(draft.items, plan)
    if faults:
        return Judged(None, tuple(faults))
    items, repaired = build_items(draft, plan, offer)
    agenda = build_agenda(draft, plan, items, offer)
    results, problems = check_agenda(agenda, prepared.composed.context)
    checks = (*results, *(CheckResult(name=CHECK_PREFIX + name, passed=True)
                          for name in DRAFT_CHECKS))
    if problems:
        broken = [DraftFault(problem.partition(":")[0], "", problem) for problem in problems]
        return Judged(None, tuple(broken))
    return Judged(agenda, (), plan.repaired | repaired | doubled, checks)


def build_items(
    draft: AgendaDraft, plan: Plan, offer: Offer
) -> tuple[list[Item], frozenset[str]]:
    """Return every item of an agenda, and what was mended in them."""
    words = {item.activity: item for item in draft.items}
    items: list[Item] = []
    repaired: set[str] = set()
    for at, slot in enumerate(plan.slots):
        item, mended = build_item(at, plan, words.get(slot.offered.alias), offer)
        items.append(item)
        repaired |= mended
    return with_asked(items, offer), frozenset(repaired)


def drafted_agenda(
    judged: Judged, first: Sequence[str], prepared: Prepared, account: Account
) -> Agenda:
    """Return an agenda whose draft held.

    Args:
        first: Names of the checks that failed before the model mended its draft.
    """
    assert judged.agenda is not None
    return _with_provenance(judged.agenda, prepared.composed, account, {
        "generator": "llm", "fallback": None, "checks": list(judged.checks),
        "repaired": sorted({*judged.repaired, *first}),
    })


def fallen_back(composed: Composed, reason: str, account: Account) -> Agenda:
    """Return the composed agenda, saying why no draft stands in its place."""
    return _with_provenance(composed.agenda, composed, account, {"fallback": reason})


def failed_checks(names: Iterable[str]) -> str:
    """Return why a draft that did not hold was given up."""
    return f"checks: {', '.join(names)}"


def _with_provenance(
    agenda: Agenda, composed: Composed, account: Account, more: dict[str, object]
) -> Agenda:
    usage = account.usage
    tokens = None if usage is None else {
        "input": usage.input, "output": usage.output, "cached": usage.cached,
        "calls": account.calls}
    provenance = composed.agenda.provenance.model_copy(update={
        "model": account.model, "prompt": account.prompt, "latency_ms": account.latency_ms,
        "tokens": tokens, "cost": account.prices.cost_of(account.model or "", usage), **more,
    })
    return agenda.model_copy(update={"provenance": provenance})
