"""What somebody may write into an agenda: plain text, in its language, for both to read."""

import re
from dataclasses import dataclass

from recommender.domain.activity import SLOT
from recommender.domain.base import Written
from recommender.privacy import EMAIL, PHONE, HandOffRules, People
from recommender.retrieval.language import detect_language

MIN_LETTERS = 25
"""Letters from which the language of a line is judged: of the library's own lines that have as
many, none is taken for another language."""

_TAG = re.compile(r"</?[A-Za-z!][^<>]*(?:>|$)|&(?:#\d+|#x[0-9a-f]+|[a-z]+);", re.IGNORECASE)
_LINK = re.compile(
    r"(?<![\w.])(?:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|javascript|data|tel):\S)"
    r"|\]\(|(?<![\w.@])(?:[\w-]+\.)+(?:(?:com|org|net|edu|gov|int|info|app|dev|io)(?![\w-])"
    r"|[a-z]{2,}/\w)", re.IGNORECASE)
_LANGUAGE = {"en": "English", "es": "Spanish", "fr": "French", "pt": "Portuguese", "ar": "Arabic"}


@dataclass(frozen=True)
class Reader:
    """Who reads what somebody writes, before it goes into an agenda.

    Attributes:
        people: The members, whose names stay out; null where the case is not known.
    """

    language: Written
    rules: HandOffRules
    people: People | None

    def fault_in(self, text: str) -> str | None:
        """Return what is wrong with a line, and the mend; null when nothing is."""
        if _TAG.search(text):
            return "holds HTML; write plain text"
        if EMAIL.search(text):
            return "holds an e-mail address; write text only, and leave it out"
        if _LINK.search(text):
            return ("holds a link; write text only, and add what is worth reading to the "
                    "library's resources")
        if PHONE.search(text):
            return "holds a phone number; write text only, and leave it out"
        slot = SLOT.search(text)
        if slot is not None or "${" in text:
            return (f"holds {slot[0] if slot else '${'}; only the library's own texts have slots, "
                    "write the words themselves")
        if self.people is not None and self.people.named_in(text):
            return "names a member; write the role, such as the mentor, or you"
        if self.rules.needs_person(text):
            return ("speaks of something that is for a person and not for an agenda; leave it "
                    "out, and see whom hand_off names")
        found = detect_language(text)
        if found not in (None, self.language) and sum(map(str.isalpha, text)) >= MIN_LETTERS:
            return (f"looks like {_LANGUAGE[found or '']}; this agenda is in "
                    f"{_LANGUAGE[self.language]}, write it in that")
        return None


