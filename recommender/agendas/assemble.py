"""An agenda of its parts: what is the same whoever wrote the items."""

from dataclasses import dataclass

from recommender.agendas.brief import Brief
from recommender.catalogue import Catalogue
from recommender.domain.agenda import (
    Agenda,
    AgendaSession,
    Confidence,
    HandOff,
    Item,
    Preparation,
    Provenance,
    ResourceUse,
    TalkingPointPlace,
)
from recommender.domain.phrases import Phrases


@dataclass(frozen=True)
class Body:
    """What a session says, before it is an agenda.

    Attributes:
        generator: `composer`, or `programme` for a session that it has written itself.
        fallback: Why something else was made than was asked for; null where it was made.
        unmet: What the programme wanted and the session cannot hold.
    """

    purpose: str
    success_test: str
    items: list[Item]
    talking_points: list[TalkingPointPlace]
    preparation: Preparation
    resources: list[ResourceUse]
    generator: str
    fallback: str | None = None
    unmet: tuple[str, ...] = ()


def assemble(brief: Brief, catalogue: Catalogue, phrases: Phrases, body: Body) -> Agenda:
    """Return the agenda of a session: its body with confidence, hand-off and provenance."""
    return Agenda(
        id=f"ag_{brief.fingerprint.removeprefix('sha256:')[:20]}",
        case_fingerprint=brief.fingerprint,
        language=brief.language,
        mode=brief.mode,
        session=AgendaSession(number=brief.arc.number, of=brief.arc.of, minutes=brief.minutes,
                              type=brief.arc.type),
        purpose=body.purpose,
        success_test=body.success_test,
        items=body.items,
        talking_points=body.talking_points,
        actions_carried=[action.id for action in brief.actions],
        preparation=body.preparation,
        resources=body.resources,
        confidence=_confidence(brief, phrases),
        hand_off=_hand_off(brief, phrases),
        words=brief.style.use.get(brief.language, {}),
        provenance=Provenance(
            generator=body.generator, encoder=catalogue.encoder.name,
            library=catalogue.library.fingerprint, fallback=body.fallback,
            unmet=list(body.unmet)),
    )


def _confidence(brief: Brief, phrases: Phrases) -> Confidence:
    """Return how much the case told us; nothing is missing where everybody gets the same."""
    missing = brief.missing if brief.script is None else ()
    level = ("high" if not missing else
             "thin" if len(missing) >= 3 or missing[0] in ("goal", "group_goal") else "partial")
    asks = [getattr(phrases, f"ask_{one}") for one in missing[:3]]
    if level == "thin" and len(asks) < 2:
        asks.append(phrases.ask_point)
    return Confidence(level=level, missing=asks)


def _hand_off(brief: Brief, phrases: Phrases) -> HandOff | None:
    if not brief.hand_off:
        return None
    return HandOff(why=phrases.hand_off_why, to=brief.programme.contact or phrases.hand_off_to)
