"""The resources of an agenda: there, readable by those they are for, short enough, explained."""

from evals.metrics.base import UNSCORED, Made, Metric, Score, all_or_nothing, share
from recommender.agendas.checks import CHECKS
from recommender.domain.base import LEVELS, base_language

BEFORE_MINUTES = 40
"""Minutes of reading before a meeting that fit a working week."""
JUNIOR = 2
"""Up to this level of a person an advanced resource is too much."""


def resources_valid(made: Made) -> Score:
    """Return 1 where every resource and activity is the library's own and active, else 0.

    A link that is not in the library is a dangerous error.
    """
    return all_or_nothing(list(CHECKS["references"](made.agenda, made.context)))


def resources_readable(made: Made) -> Score:
    """Return the share of resources in a language that all it is for can read.

    The session's language counts as read by everybody, and so does every language for who names
    none. Unscored without resources.
    """
    good, notes = [], []
    for use in made.agenda.resources:
        resource = made.library.resources.get(use.id)
        own = base_language(use.language if resource is None else resource.language)
        readers = [member for member in made.case.members
                   if {"all", member.role} & set(use.for_)]
        good.append(all(not one.profile.languages or own == made.language
                        or own in {base_language(tag) for tag in one.profile.languages}
                        for one in readers))
        if not good[-1]:
            notes.append(f"{use.id} is in {own}")
    return Score(share(good), "; ".join(notes))


def resources_fit(made: Made) -> Score:
    """Return the share of resources that suit the week and the level of those who learn.

    What is to be read before takes 40 minutes in all at most, and nothing advanced is given to
    somebody of level 1 or 2. Unscored without resources.
    """
    good, spent = [], 0
    for use in made.agenda.resources:
        resource = made.library.resources.get(use.id)
        if resource is None:
            good.append(False)
            continue
        spent += resource.budget_minutes if use.use == "before" else 0
        level = made.brief.level
        suits = not (level is not None and level <= JUNIOR and resource.level == LEVELS[-1])
        good.append(suits and (use.use != "before" or spent <= BEFORE_MINUTES))
    return Score(share(good), f"{spent} minutes before")


def reasons_faithful(made: Made) -> Score:
    """Return the share of resources whose reason is true: said by its own entry in the library.

    The reason is the resource's gist, or says what one of its topics practises, and minutes it
    names are its own. A model's reason counts as true where a third of its stems are the
    entry's. Unscored without resources.
    """
    from evals.metrics.ranking import is_faithful

    return Score(share([is_faithful(use.id, use.reason, made.library, made.language)
                        for use in made.agenda.resources]))


def resources_there(made: Made) -> Score:
    """Return 1 where an agenda that may name resources names one to three, 0.5 for more, else 0.

    Unscored in the first session, at the end, in one-off talks, in fixed mode, and where
    something is handed to a person.
    """
    if made.brief.arc.type in ("first", "closing", "one_off") or made.written_by_programme \
            or made.agenda.hand_off is not None:
        return UNSCORED
    count = len(made.agenda.resources)
    return Score(0.0 if not count else 1.0 if count <= 3 else 0.5, f"{count} resources")


METRICS = (
    Metric("resources_valid", "Is every link in the library?", "must", resources_valid),
    Metric("resources_readable", "Can they read what they are given?", "mean",
           resources_readable),
    Metric("resources_fit", "Does the reading fit the week and the level?", "mean",
           resources_fit),
    Metric("reasons_faithful", "Is what is said of a resource true?", "mean", reasons_faithful),
    Metric("resources_there", "Is there something to read, and not too much?", "none",
           resources_there),
)
