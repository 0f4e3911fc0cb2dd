"""A small agenda and its case, made by hand, for tests of what formats show."""

from typing import Any

from recommender.domain.agenda import Agenda
from recommender.domain.case import Case


def small_agenda(**changes: Any) -> Agenda:
    """Return an agenda of two items in English."""
    return Agenda.model_validate({
        "id": "ag_1", "case_fingerprint": "sha256:0", "language": "en", "mode": "personalised",
        "session": {"number": 3, "of": 6, "minutes": 30, "type": "working"},
        "purpose": "Say it once", "success_test": "It was said",
        "items": [
            {"id": "i1", "kind": "exercise", "title": "The hard sentence", "minutes": 20,
             "lead": "mentee", "prompts": ["What is it?"],
             "steps": ["Write it. (5 min)", "Say it."]},
            {"id": "i2", "kind": "closing", "title": "One step", "minutes": 10, "lead": "all",
             "prompts": ["Who, what, by when?"], "steps": ["Write it down."]},
        ],
        "preparation": {"mentee": ["Bring a sentence."], "mentor": ["Bring patience."],
                        "all": ["Bring paper."]},
        "resources": [{"id": "r", "title": "Hablar", "url": "https://example.org/a?b=1&c=é x",
                       "minutes": 12, "language": "es", "format": "video", "use": "before",
                       "for": ["mentee"], "reason": "Short."}],
        "confidence": {"level": "high"},
        "provenance": {"generator": "composer", "version": "1"},
    } | changes)


def small_case(date: object = "2027-03-04T09:00:00Z", zones: tuple[str | None, ...] = (),
               **changes: Any) -> Case:
    """Return the case of a mentee and a mentor in these time zones."""
    roles = ("mentee", "mentor")
    zone = dict(zip(roles, zones, strict=False))
    return Case.model_validate({
        "programme": "new-managers",
        "members": [{"role": role, "profile": {
            "id": f"p-{role}", "name": "Amara Diallo", "email": "a@example.org",
            "timezone": zone.get(role)}} for role in roles],
        "session": {"number": 3, "of": 6, "minutes": 30, "language": "en", "date": date},
    } | changes)
