"""Everything that is held about a person, for them to see."""

from datetime import datetime

from recommender.domain.agenda import Agenda
from recommender.domain.base import Frozen, Id, Role
from recommender.domain.case import Goal, TalkingPoint
from recommender.domain.feedback import Feedback
from recommender.domain.pair import SessionNotes, StoredPair
from recommender.domain.profile import Profile
from recommender.storage.kept_agendas import StoredAgenda
from recommender.storage.kept_jobs import ItemState
from recommender.storage.store import Unit

MAX_DEEDS = 10_000


class HeldSession(Frozen):
    """What a pair noted of a session; whose words are whose is not known."""

    pair_id: Id
    number: int
    notes: SessionNotes


class HeldAgenda(Frozen):
    """An agenda of a session they took part in, as it stands and as it stood.

    Of the case it was made of: what is theirs. What the others of the session are like is not
    theirs to see.
    """

    id: Id
    pair_id: Id | None
    agenda: Agenda
    earlier: list[Agenda]
    role: Role
    profile_then: Profile
    goals: list[Goal]
    talking_points: list[TalkingPoint]


class HeldItem(Frozen):
    """A pair of theirs in a bulk job."""

    job_id: Id
    pair_id: Id
    state: ItemState
    agenda_id: Id | None
    error: str | None


class HeldDeed(Frozen):
    """Who did what to what is held about them; `key_id` says with which key."""

    at: datetime
    key_id: str
    action: str
    kind: str
    subject: str
    request_id: str


class Holdings(Frozen):
    """All that is stored about one person.

    `vectors` counts numbers that were worked out from the profile's texts, `deeds` comes from
    the audit, the latest 10,000. Answers kept for 24 hours, for who repeats a request, hold
    copies of the same and are not listed.
    """

    profile: Profile
    updated_at: datetime
    pairs: list[StoredPair]
    sessions: list[HeldSession]
    agendas: list[HeldAgenda]
    feedback: list[Feedback]
    jobs: list[HeldItem]
    vectors: int
    deeds: list[HeldDeed]


def holdings_of(unit: Unit, profile_id: str) -> Holdings:
    """Return everything that is held about a person.

    Raises:
        NotFoundError: There is no such person.
    """
    stored = unit.profiles.get(profile_id)
    pair_ids = unit.members.pairs_of(profile_id)
    pairs = unit.pairs.several(pair_ids)
    agendas = unit.agendas.of_person(profile_id)
    subjects = [profile_id, *pair_ids, *(one.id for one in agendas)]
    deeds = sorted((deed for one in subjects
                    for deed in unit.audit.page(MAX_DEEDS, subject=one)),
                   key=lambda deed: deed.place)
    return Holdings(
        profile=stored.doc, updated_at=stored.updated_at,
        pairs=[pairs[one].doc for one in sorted(pairs)],
        sessions=[HeldSession(pair_id=one.pair_id, number=one.number, notes=one.notes)
                  for pair_id in pair_ids for one in unit.sessions.of_pair(pair_id)
                  if one.notes is not None],
        agendas=[_agenda(unit, one, profile_id) for one in agendas],
        feedback=[one.feedback for one in unit.feedback.of([profile_id])],
        jobs=[HeldItem(job_id=job_id, pair_id=one.subject, state=one.state,
                       agenda_id=one.result, error=one.error)
              for job_id, one in unit.jobs.of_subjects(pair_ids)],
        vectors=unit.vectors.count("profile", profile_id),
        deeds=[HeldDeed(at=one.at, key_id=one.key_id, action=one.action, kind=one.kind,
                        subject=one.subject, request_id=one.request_id)
               for one in deeds[-MAX_DEEDS:]])


def _agenda(unit: Unit, stored: StoredAgenda, profile_id: str) -> HeldAgenda:
    member = next(one for one in stored.case.members if one.profile.id == profile_id)
    case = stored.case
    return HeldAgenda(
        id=stored.id, pair_id=stored.pair_id, agenda=stored.agenda,
        earlier=[one.agenda for one in unit.agendas.history(stored.id)],
        role=member.role, profile_then=member.profile,
        goals=[one for one in case.goals or [] if one.owner in (None, profile_id)],
        talking_points=[one for one in case.session.talking_points
                        if one.by in (None, profile_id)])
