"""What a language model may see of a case: allow-listed, roles for names, nothing that needs a
person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from recommender.agendas.brief import SESSIONS_REMEMBERED, Brief, OpenAction, Words
from recommender.catalogue import Catalogue
from recommender.domain.base import Written
from recommender.domain.case import Case, Member
from recommender.domain.phrases import Phrases
from recommender.domain.profile import Profile
from recommender.domain.programme import NEVER_FOR_AI
from recommender.names.contacts import without_contacts
from recommender.names.safe import hidden, others_of
from recommender.privacy import people_named, sentences

MAX_TEXT = 600
"""Characters of one text; longer ones are cut at a word."""
MAX_NOTES, MAX_EACH = 40, 12
"""Sentences of notes, and goals, actions or skills of each kind, that are shown."""
ATTRIBUTE = "attributes."
_FACTS = ("headline", "bio", "level", "function", "department", "region", "country", "languages",
          "skills_wanted", "skills_offered")
"""Fields of a profile that help to write an agenda, in the order they are shown."""


@dataclass(frozen=True)
class Said:
    """Something a person wrote, under an alias; `by` is a role, null when nobody's."""

    alias: str
    id: str
    text: str
    by: str | None
    about: tuple[tuple[str, str | int], ...] = ()

    def shown(self) -> dict[str, Any]:
        """Return it as a model sees it."""
        own = {"id": self.alias, "by": self.by, "text": self.text, **dict(self.about)}
        return {key: value for key, value in own.items() if value is not None}


@dataclass(frozen=True)
class View:
    """What a model may see of who meets, and what they wrote."""

    roles: tuple[str, ...]
    people: tuple[dict[str, Any], ...]
    programme: dict[str, str]
    goals: tuple[Said, ...]
    actions: tuple[Said, ...]
    done: tuple[Said, ...]
    points: tuple[Said, ...]
    notes: tuple[str, ...]

    def said(self) -> list[str]:
        """Return every text that the members wrote for this session, or said in earlier ones."""
        every = (*self.goals, *self.actions, *self.done, *self.points)
        return [one.text for one in every] + list(self.notes)

    def texts(self) -> list[str]:
        """Return every text of people that stands here."""
        found = self.said() + list(self.programme.values())
        for person in self.people:
            for value in person.values():
                found += [str(one) for one in value] if isinstance(value, list) else [str(value)]
        return found


def visible_brief(brief: Brief) -> Brief:
    """Return the brief without the fields of profiles that the programme keeps from models."""
    fields = set(brief.programme.ai_fields)
    return replace(
        brief,
        goals=brief.goals if "goals" in fields else (),
        skills=brief.skills if "skills_wanted" in fields else (),
        offers=brief.offers if "skills_offered" in fields else (),
        background=brief.background if {"headline", "bio"} <= fields else (),
    )


def view_case(case: Case, brief: Brief, catalogue: Catalogue) -> View:
    """Return what a model may see of a case whose brief is given.

    Args:
        brief: Of the same case, as `visible_brief` leaves it.
    """
    roles = roles_of(case)
    phrases = catalogue.library.phrases[brief.language]
    seer = _Seer(case, roles, catalogue, brief.language)
    programme = {"purpose": brief.programme.purpose, "success": brief.programme.success}
    shown = {key: seer.text(text) for key, text in programme.items()}
    points = [one for one in brief.talking_points if one.id not in brief.needs_person]
    return View(
        roles=roles,
        people=tuple(seer.person(member, role, brief.programme.ai_fields)
                     for member, role in zip(case.members, roles, strict=True)),
        programme={key: text for key, text in shown.items() if text is not None},
        goals=seer.listed("G", brief.goals),
        actions=seer.listed("X", brief.actions, lambda one: _about(one, phrases)),
        done=seer.listed("D", brief.done),
        points=seer.listed("T", points),
        notes=seer.notes(brief.kept_back),
    )


def roles_of(case: Case) -> tuple[str, ...]:
    """Return what each member is called: the role, with a number where several have it."""
    held = [member.role for member in case.members]
    return tuple(role if held.count(role) == 1 else f"{role} {held[: at + 1].count(role)}"
                 for at, role in enumerate(held))


class _Seer:
    """Reads texts of one case as a model may see them."""

    def __init__(
        self, case: Case, roles: tuple[str, ...], catalogue: Catalogue, language: Written
    ) -> None:
        self._case = case
        self._roles = roles
        self._rules = catalogue.hand_off_rules
        known = catalogue.known_words
        self._others = others_of(known)
        self._somebody = catalogue.library.phrases[language].person_other
        self._people = [people_named([member.profile.name or ""], role, known)
                        for member, role in zip(case.members, roles, strict=True)]

    def text(self, text: str) -> str | None:
        """Return a text with roles for people and no way to reach them; null if it needs one."""
        if not text or self._rules.needs_person(text):
            return None
        safe = hidden(without_contacts(text), self._others, self._somebody, self._people)
        text = " ".join(safe.split())
        return text if len(text) <= MAX_TEXT else text[:MAX_TEXT].rsplit(" ", 1)[0] + "…"

    def listed(
        self, letter: str, words: Iterable[Words] | Iterable[OpenAction],
        about: Callable[[Any], tuple[tuple[str, str | int], ...]] = lambda _: (),
    ) -> tuple[Said, ...]:
        """Return texts under aliases: the letter and a number."""
        seen = [(one, text) for one in words if (text := self.text(one.text)) is not None]
        return tuple(
            Said(f"{letter}{at}", one.id, text,
                 None if one.owner is None else self._roles[one.owner], about(one))
            for at, (one, text) in enumerate(seen[:MAX_EACH], start=1))

    def person(self, member: Member, role: str, fields: list[str]) -> dict[str, Any]:
        """Return the allow-listed facts of a member."""
        shown: dict[str, Any] = {"role": role}
        for name in [*_FACTS, *(one for one in fields if one.startswith(ATTRIBUTE))]:
            if name not in fields or name.removeprefix(ATTRIBUTE) in NEVER_FOR_AI:
                continue
            value = _value(member.profile, name)
            if isinstance(value, str):
                value = self.text(value)
            elif isinstance(value, list):
                value = [text for one in value[:MAX_EACH]
                         if (text := self.text(str(one))) is not None]
            elif not isinstance(value, int | float | bool):
                continue
            if value not in (None, []):
                shown[name] = value
        return shown

    def notes(self, kept_back: frozenset[str]) -> tuple[str, ...]:
        """Return the sentences of the last sessions' notes, the newest session first."""
        found: list[str] = []
        for past in reversed(self._case.history[-SESSIONS_REMEMBERED:]):
            for sentence in sentences(past.notes or ""):
                text = None if sentence in kept_back else self.text(sentence)
                if text is not None:
                    found.append(text)
        return tuple(found[:MAX_NOTES])


def _value(profile: Profile, name: str) -> Any:
    if name.startswith(ATTRIBUTE):
        return profile.attributes.get(name.removeprefix(ATTRIBUTE))
    return getattr(profile, name)


def _about(action: OpenAction, phrases: Phrases) -> tuple[tuple[str, str | int], ...]:
    found: list[tuple[str, str | int]] = []
    if action.due is not None:
        found.append(("due", phrases.date_of(action.due)))
    found.append(("sessions_ago", action.missed))
    return tuple(found)
