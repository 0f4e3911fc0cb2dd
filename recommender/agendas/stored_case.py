"""The case of a stored pair's next session: who they are, what they did and said before."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from recommender.catalogue import Catalogue
from recommender.domain.base import base_language
from recommender.domain.case import Case, PastSession
from recommender.domain.pair import SessionNotes, SessionOrder, StoredPair
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.errors import Fault, InvalidInputError, NotFoundError, faults_of
from recommender.matching.stored_people import programme_of
from recommender.storage.kept_agendas import StoredAgenda, StoredSession
from recommender.storage.store import Unit

MAX_SEEN, MAX_FEEDBACK, MAX_PAST = 1000, 1000, 200
"""What a case may hold; of more, the latest."""


def case_of(
    unit: Unit, catalogue: Catalogue, pair_id: str, number: int, order: SessionOrder
) -> Case:
    """Return the case of a session, with what is stored of the sessions before it.

    Goals are the pair's, or else the learners' own; what members were given in other pairs, and
    what they said of it, counts too.

    Raises:
        NotFoundError: There is no such pair, or one of its people or its programme is gone.
        InvalidInputError: What is asked does not go together.
    """
    pair = unit.pairs.get(pair_id).doc
    profiles = unit.profiles.several(pair.profile_ids)
    gone = [one for one in pair.profile_ids if one not in profiles]
    if gone:
        raise NotFoundError(f"there is no profile {gone[0]!r}, which the pair {pair_id!r} has as "
                            "a member")
    programme = programme_of(unit, catalogue, pair.programme_id)
    people = {one: stored.doc for one, stored in profiles.items()}
    earlier = [one for one in unit.sessions.of_pair(pair_id) if one.number < number]
    agendas = unit.agendas.several([one.agenda_id for one in earlier if one.agenda_id])
    said = unit.feedback.of(pair.profile_ids)[-MAX_FEEDBACK:]
    shipped = catalogue.library.programmes.get(programme.id) == programme
    data = {
        "programme": programme.id if shipped else programme,
        "members": [{"role": one.role, "profile": people[one.profile_id],
                     "seen": _seen(unit, pair_id, one.profile_id)} for one in pair.members],
        "focus_area": pair.focus_area,
        "goals": pair.goals,
        "session": {
            "number": number,
            "of": order.of if order.of is not None else programme.sessions,
            "minutes": order.minutes if order.minutes is not None else programme.session_minutes,
            "language": order.language or common_language(programme, pair, people),
            "date": order.date,
            "talking_points": order.talking_points,
        },
        "history": [_past(one, agendas) for one in earlier][-MAX_PAST:],
        "feedback": [one.feedback for one in said],
        "mode": order.mode,
        "generator": order.generator,
    }
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        raise InvalidInputError([
            Fault("", fault.field.removeprefix("session."), fault.problem)
            for fault in faults_of(error, "")]) from error


def check_pair(unit: Unit, catalogue: Catalogue, pair: StoredPair) -> None:
    """Refuse a pair that names what is not there.

    Raises:
        InvalidInputError: Names each member, the programme or the focus area.
    """
    there = unit.profiles.several(pair.profile_ids)
    for at, member in enumerate(pair.members):
        if member.profile_id not in there:
            raise InvalidInputError.of(
                f"there is no profile {member.profile_id!r}; PUT it first, or check the id",
                field=f"members[{at}].profile_id")
    try:
        programme_of(unit, catalogue, pair.programme_id)
    except NotFoundError as error:
        raise InvalidInputError.of(str(error), field="programme_id") from error
    library = catalogue.library
    if pair.focus_area is not None and pair.focus_area not in library.focus_areas:
        raise InvalidInputError.of(
            f"{pair.focus_area!r} is no focus area of the library; write one of "
            f"{', '.join(library.focus_areas)}", field="focus_area")


def check_notes(pair: StoredPair, notes: SessionNotes) -> None:
    """Refuse notes whose actions are nobody's of the pair, or share an id.

    Raises:
        InvalidInputError: Names the action.
    """
    ids = [action.id for action in notes.actions]
    for at, action in enumerate(notes.actions):
        if action.owner is not None and action.owner not in pair.profile_ids:
            raise InvalidInputError.of(
                f"{action.owner!r} is none of the members ({', '.join(pair.profile_ids)})",
                field=f"actions[{at}].owner")
        if ids.index(action.id) < at:
            raise InvalidInputError.of(f"{action.id!r} stands twice; ids must differ",
                                       field=f"actions[{at}].id")


def common_language(
    programme: Programme, pair: StoredPair, people: Mapping[str, Profile]
) -> str:
    """Return the language of the programme that a learner prefers among those every member reads.

    Where there is none, it is one that some member reads, or else the programme's first.
    """
    read = {one: [base_language(tag) for tag in people[one].languages]
            for one in pair.profile_ids}
    own = [base_language(tag) for tag in programme.languages]
    learners = [one.profile_id for one in pair.members if one.role != "mentor"]
    preferred = [tag for one in (*learners, *pair.profile_ids) for tag in read[one] if tag in own]
    shared = [tag for tag in preferred if all(tag in tags for tags in read.values())]
    return next(iter((*shared, *preferred)), own[0])


def _past(session: StoredSession, agendas: Mapping[str, StoredAgenda]) -> PastSession:
    made = agendas.get(session.agenda_id or "")
    notes = session.notes
    return PastSession(
        number=session.number,
        date=None if made is None else made.case.session.date,
        agenda=None if made is None else made.agenda,
        notes=None if notes is None else notes.notes,
        goals=None if made is None else made.case.goals,
        actions=[] if notes is None else notes.actions)


def _seen(unit: Unit, pair_id: str, profile_id: str) -> dict[str, Sequence[str]]:
    """Return what somebody was given in other pairs, ids of activities and resources."""
    others = [one.agenda for one in unit.agendas.of_person(profile_id)
              if one.pair_id is not None and one.pair_id != pair_id]
    activities = dict.fromkeys(item.activity for one in others for item in one.items
                               if item.activity is not None)
    resources = dict.fromkeys(use.id for one in others for use in one.resources)
    return {"activities": list(activities)[-MAX_SEEN:], "resources": list(resources)[-MAX_SEEN:]}
