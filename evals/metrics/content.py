"""Is it about these two: goals, focus area, purpose, success test, and where each claim comes from.

Words are compared as stems, without stop words, as the search compares them.
"""

import re
from collections.abc import Iterable

from content_library.load import Library
from evals.metrics.base import UNSCORED, Made, Metric, Score, all_or_nothing, lines_of, share
from evals.swap import written_texts
from recommender.agendas.checks import CHECKS
from recommender.domain.base import Written
from recommender.privacy import LINK, plain
from recommender.retrieval.lexical import tokenize

SHARED_WITH_PURPOSE = 2
"""Stems that a purpose shares with what the pair wrote, to be about them."""
SHARED_WITH_SUCCESS = 3
"""Stems that a success test shares with what is done in the session."""
ENOUGH_MINUTES = 0.2
"""Share of the session that a goal's items take at least, to be worked on."""
QUOTED_WORDS = 4
"""Words in quotation marks from which they must be somebody's, or the library's."""

_QUOTED = re.compile(r"“([^“”]+)”|«\s*([^«»]+?)\s*»")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")
_WORDS = re.compile(r"\w+")
_MARKS = re.compile(r"[“”«»\"'‘’‹›]")
_DURATION = re.compile(r"\d+\s*(?:min\b|minut\w*|se[cg]\w*|s\b)")
"""A time that the session gives somebody; whether it fits is asked elsewhere."""


def goal_coverage(made: Made) -> Score:
    """Return how far each goal is worked on, the mean over the goals that may be searched with.

    A goal is worked on where items that are there because of it, openings and endings aside,
    take a fifth of the session; half as many minutes count half. Of several goals each needs
    only its part of that. Unscored without goals, and in fixed mode.
    """
    goals = [goal.id for goal in made.brief.goals if goal.text]
    if not goals or made.written_by_programme:
        return UNSCORED
    wanted = ENOUGH_MINUTES * made.agenda.session.minutes / len(goals)
    parts, notes = [], []
    for goal in goals:
        minutes = sum(item.minutes for item in made.mains
                      if any((one.source, one.id) == ("goal", goal) for one in item.because))
        parts.append(min(1.0, minutes / wanted))
        if parts[-1] < 1:
            notes.append(f"{goal}: {minutes} minutes")
    return Score(sum(parts) / len(parts), "; ".join(notes))


def focus_fit(made: Made) -> Score:
    """Return whether the focus area is the way of working: 1 where a main activity is about it.

    0.5 where an item only names it as its reason. Unscored without a focus area, and in fixed
    mode.
    """
    area = made.brief.focus_area
    if area is None or made.written_by_programme:
        return UNSCORED
    activities = [made.activity(item) for item in made.mains]
    if any(one is not None and area in (*one.focus_areas, *one.topics) for one in activities):
        return Score(1.0)
    named = any((reason.source, reason.id) == ("focus_area", area)
                for item in made.agenda.items for reason in item.because)
    return Score(0.5 if named else 0.0, f"no main activity is about {area}")


def purpose_specific(made: Made) -> Score:
    """Return how far the purpose speaks of this pair: stems shared with what they wrote, over two.

    What they wrote: goals, open steps, talking points, notes, skills, bios, and the names of
    focus area and theme. Unscored where they wrote next to nothing (under six stems), and in fixed
    mode.
    """
    own = _stems(_said_by(made), made.language)
    if len(own) < 6 or made.written_by_programme:
        return UNSCORED
    shared = _stems([made.agenda.purpose], made.language) & own
    return Score(min(1.0, len(shared) / SHARED_WITH_PURPOSE), ", ".join(sorted(shared)))


def success_specific(made: Made) -> Score:
    """Return how far the success test speaks of what is done here: shared stems, over three.

    Shared with the main items' titles, questions and steps, their activities' own success line
    set aside, or with what the pair wrote. "The session was useful" shares none. Unscored in
    fixed mode.
    """
    if made.written_by_programme or not made.mains:
        return UNSCORED
    done = [line for item in made.mains for line in (item.title, *item.prompts, *item.steps)]
    shared = (_stems([made.agenda.success_test], made.language)
              & _stems([*done, *_said_by(made)], made.language))
    return Score(min(1.0, len(shared) / SHARED_WITH_SUCCESS), ", ".join(sorted(shared)))


def swap(made: Made) -> Score:
    """Return the share of swaps won: their goals fit this agenda better than another pair's.

    What people wrote is taken out of every agenda first; compared are agendas of the same type
    and language in the same run, by BM25 and by an encoder that the composer does not know. A
    tie counts half. Unscored without another such agenda, without goals, in fixed mode.
    """
    return Score(made.swap)


def because_resolves(made: Made) -> Score:
    """Return 1 where each item has a reason and each reason leads to something there, else 0."""
    return all_or_nothing(list(CHECKS["reasons"](made.agenda, made.context)))


def groundedness(made: Made) -> Score:
    """Return the share of claims that have a source, 1 where nothing is claimed.

    Claims are quotations of four words or more, numbers of two digits or more, and links, in
    what participants read. Sources are the case, the library and the programme's own texts; what
    people elsewhere say may be quoted in the preparation only.
    """
    sources = (_folded(" ".join([*_everything(made)])) + " "
               + _of_library(made.library, made.language))
    numbers = set(_NUMBER.findall(sources))
    good, notes = [], []
    for place, line in lines_of(made.agenda):
        claims = [one for found in _QUOTED.findall(line) for one in found
                  if len(_WORDS.findall(one)) >= QUOTED_WORDS]
        for claim in claims:
            core = _folded(claim.rstrip("…").strip(" .,;:!?¿¡"))
            good.append(core in sources or (
                place.startswith("preparation") and core in _parallels(made)))
            if not good[-1]:
                notes.append(f"{place}: {claim[:60]!r}")
        bare = _QUOTED.sub(" ", re.sub(r"\(\d+ min\)", " ", line))
        for link in LINK.findall(bare):
            good.append(_folded(link) in sources)
            notes += [] if good[-1] else [f"{place}: {link[:60]}"]
        for number in _NUMBER.findall(_DURATION.sub(" ", _folded(bare))):
            if len(number) > 1:
                good.append(number in numbers)
                notes += [] if good[-1] else [f"{place}: {number}"]
    return Score(1.0 if not good else share(good), "; ".join(notes)[:400])


def _said_by(made: Made) -> list[str]:
    """Return what this pair wrote, and the names of what it works on."""
    texts = written_texts(made.case)
    for member in made.case.members:
        profile = member.profile
        texts += [*profile.skills_wanted, *profile.skills_offered, profile.bio or "",
                  profile.headline or ""]
    for name in (made.brief.focus_area, made.brief.arc.theme):
        term = made.library.term(name) if name else None
        if term is not None:
            texts.append(term.text[made.language].label)
    return [text for text in texts if text]


def _everything(made: Made) -> Iterable[str]:
    """Yield every text that an agenda of this case may repeat."""
    yield from _said_by(made)
    session = made.case.session
    yield f"{session.number} {made.brief.arc.of} {session.minutes}"
    for past in made.case.history:
        yield str(past.number)
        for action in past.actions:
            if action.due is not None:
                yield f"{action.due.day} {action.due.isoformat()} {action.due.year}"
        if past.agenda is not None:
            yield from (line for _, line in lines_of(past.agenda))
    brief = made.brief
    words = [*brief.goals, *brief.notes, *brief.talking_points, *brief.skills, *brief.offers]
    yield from (one.quote or one.text for one in words)
    yield from (one.quote or one.text for one in brief.actions)
    if brief.script is not None:
        yield from brief.script.lines
    yield str(brief.programme.model_dump(mode="json", exclude={"agenda"}))
    for item in made.agenda.items:
        activity = made.activity(item)
        if activity is not None:
            text = activity.text[made.language]
            yield from (text.title, text.purpose or "", text.success or "", *text.prompts,
                        *text.steps, *text.quotes.values())
            prepared = text.preparation
            yield from (*prepared.mentee, *prepared.mentor, *prepared.all)
    for use in made.agenda.resources:
        resource = made.library.resources.get(use.id)
        if resource is not None:
            yield f"{resource.title} {resource.url} {resource.gist} {resource.budget_minutes}"
    yield from (line for pulse in made.library.pulses.model_dump().values()
                for line in _texts_in(pulse))


def _of_library(library: Library, language: Written) -> str:
    """Return the library's own phrases and terms in one language, as they are compared."""
    key = (library.fingerprint, language)
    if key not in _LIBRARIES:
        texts = [*_texts_in(library.phrases[language].model_dump())]
        for term in (*library.topics.values(), *library.focus_areas.values()):
            texts += _texts_in(term.text[language].model_dump(exclude={"situations"}))
        _LIBRARIES[key] = _folded(" ".join(texts))
    return _LIBRARIES[key]


def _parallels(made: Made) -> str:
    """Return what the library says that people elsewhere say, as it is compared."""
    key = (made.library.fingerprint, f"{made.language} situations")
    if key not in _LIBRARIES:
        said = [one.text[made.language].situations for one in made.library.topics.values()]
        said += [one.text[made.language].situations for one in made.library.activities.values()]
        _LIBRARIES[key] = _folded(" ".join(line for each in said for line in each))
    return _LIBRARIES[key]


_LIBRARIES: dict[tuple[str, str], str] = {}


def _texts_in(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts_in(one)


def _stems(texts: Iterable[str], language: Written) -> set[str]:
    return {token for tokens in tokenize(list(texts), language) for token in tokens
            if len(token) > 2}


def _folded(text: str) -> str:
    return " ".join(_MARKS.sub(" ", plain(text)).split())


METRICS = (
    Metric("goal_coverage", "Is every goal worked on?", "mean", goal_coverage),
    Metric("focus_fit", "Is the focus area the way of working?", "mean", focus_fit),
    Metric("purpose_specific", "Does the purpose speak of this pair?", "mean", purpose_specific),
    Metric("success_specific", "Would they know that it worked?", "mean", success_specific),
    Metric("swap", "Would it fit another pair as well?", "mean", swap),
    Metric("because_resolves", "Has each item a reason that is there?", "must", because_resolves),
    Metric("groundedness", "Has each claim a source?", "mean", groundedness),
)
