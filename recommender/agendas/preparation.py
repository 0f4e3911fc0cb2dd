"""What each side gets ready before a session."""

from collections.abc import Collection, Iterable, Sequence

from recommender.agendas.brief import Brief, Words
from recommender.agendas.continuity import OFTEN, oldest_action
from recommender.domain.activity import ActivityText
from recommender.domain.agenda import Preparation, ResourceUse
from recommender.domain.phrases import Phrases

MAX_PREPARATION = 3
MAX_SKILLS = 3

Lines = dict[str, list[str]]
"""Sentences by role: `mentee`, `mentor`, `all`."""


def prepare(
    brief: Brief, phrases: Phrases, texts: Iterable[ActivityText],
    resources: Sequence[ResourceUse], *, note: str | None, question: str | None,
    parallel: str | None,
) -> Preparation:
    """Return what mentee, mentor or both get ready, the most personal first.

    Args:
        texts: Of the main activities, the principal one first.
        note: A sentence of the last notes that no item quotes.
        question: For a mentee who has nothing else to get ready.
        parallel: What somebody elsewhere says who needs the same.
    """
    lines: Lines = {"mentee": [], "mentor": [], "all": []}
    for text in texts:
        own = text.preparation
        for role, each in (("mentee", own.mentee), ("mentor", own.mentor), ("all", own.all)):
            lines[role] += [line for line in each if line not in lines[role]]
    if brief.mode != "fixed":
        _add_continuity(lines, brief, phrases, note, question if parallel is None else None)
    if parallel is not None:
        learner = "all" if brief.relation == "group" else "mentee"
        lines[learner].insert(1, phrases.prep_parallel.format(quote=phrases.quoted(parallel)))
    for use in resources:
        if use.use == "before":
            sure = use.minutes is not None and not use.minutes_estimated
            phrase = phrases.prep_resource_minutes if sure else phrases.prep_resource
            lines["mentee"].insert(1, phrase.format(title=use.title, minutes=use.minutes))
    if "peer" in brief.learner_roles:
        lines["all"] += [line for role in ("mentee", "mentor") for line in lines[role]
                         if line not in lines["all"]]
        lines["mentee"], lines["mentor"] = [], []
    most = MAX_PREPARATION + ("peer" in brief.learner_roles)
    return Preparation(**{role: [line for line in each if line][:most]
                          for role, each in lines.items()})


def unquoted_note(brief: Brief, notes: Iterable[Words], spent: Collection[str]) -> str | None:
    """Return the sentence of the last notes that speaks most of the goal, not yet quoted.

    Args:
        notes: Those that speak of it, most first.
        spent: What items quote, as `slot:id`.
    """
    last = {note.id for note in brief.last_notes}
    return next((note.quote for note in notes
                 if note.id in last and f"note:{note.id}" not in spent), None)


def _add_continuity(
    lines: Lines, brief: Brief, phrases: Phrases, note: str | None, question: str | None
) -> None:
    """Add what is known of the pair: the oldest action, skills, a sentence of the notes.

    What the learner wants to get better at and what the mentor offers stand in one line of the
    mentor's. The sentence comes second; where there is no room for all, that line gives way to
    it, which is the same at every session.
    """
    oldest = oldest_action(brief)
    if oldest is not None:
        asked = "mentee" if oldest.owner in (None, *brief.learners) else "mentor"
        phrase = (phrases.prep_action_missed if oldest.missed >= OFTEN
                  else phrases.prep_action_group if brief.relation in ("group", "peer")
                  else phrases.prep_action)
        lines[asked].insert(0, phrase.format(quote=phrases.quoted(oldest.quote or "")))
    goal = next((one.quote for one in brief.new_goals if one.quote), None)
    if goal is not None and brief.goals_replaced and brief.relation in ("mentor", "reverse"):
        lines["mentor"].insert(0, phrases.prep_goal_changed.format(quote=phrases.quoted(goal)))
    if note is not None:
        lines["mentor"].insert(1, phrases.prep_note.format(quote=phrases.quoted(note)))
    has_room = note is None or len(lines["mentor"]) < MAX_PREPARATION
    if has_room and brief.relation in ("mentor", "reverse"):
        known = [phrase.format(skills=", ".join(quotes)) for phrase, quotes in (
            (phrases.prep_skills, _quotes(brief.skills)),
            (phrases.prep_offers, _quotes(brief.offers))) if phrase and quotes]
        if known:
            lines["mentor"].insert(1 if note is None else 2, " ".join(known))
    if question is not None and not lines["mentee"]:
        lines["mentee"].append(phrases.prep_question.format(question=question))


def _quotes(words: Sequence[Words]) -> list[str]:
    return [one.quote for one in words if one.quote][:MAX_SKILLS]
