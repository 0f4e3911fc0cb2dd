"""The library's own sentences in a programme's words; what people wrote is never touched."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from content_library.load import Library
from recommender.agendas.brief import Brief
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity, ActivityText
from recommender.domain.agenda import MAX_PROMPTS, Agenda
from recommender.domain.base import Frozen, Written, written_language
from recommender.domain.phrases import Phrases
from recommender.domain.programme import Style
from recommender.domain.vocabulary import TermText

PROMPTS_WHEN_BRIEF = 2
_QUOTATION = re.compile(r"(“[^“”]*”|«[^«»]*»|\"[^\"]*\")")
_AS_THEY_ARE = frozenset({"date", "date_year", "first_day", "deferred_person", "hand_off_why",
                          "hand_off_to"})
"""Phrases that no programme rewords: dates, and what is said where a person is needed."""
_LESS = {
    **dict.fromkeys(("purpose_goal", "purpose_goals", "purpose_point", "purpose_practice"),
                    "{purpose}"),
    "success_sign": "{success}", "brought_alone": "{step}",
    "open_in_planning": "{quotes}", "done_line": "{quotes}",
    **dict.fromkeys((
        "point_prompt", "point_question", "point_also", "action_line_due", "action_line_missed",
        "action_line_missed_due"), "{quote}"),
    **dict.fromkeys((
        "action_prompt", "action_missed", "action_missed_then", "done_prompt", "goal_changed",
        "goal_added", "step_hint", "recognition", "recognition_group", "prep_note",
        "prep_action", "prep_action_group", "prep_action_missed", "prep_goal_changed",
        "prep_skills", "prep_offers", "prep_question", "prep_parallel", "round_each", "pairs_odd",
        "before_date", "brought"), ""),
}
"""What is left of a phrase that cannot be said without a word to avoid; nothing of some."""
_NOT_SAID = frozenset({"said", "situations", "not_for"})
"""Fields that are searched and never shown."""


ModelT = TypeVar("ModelT", bound=Frozen)


class Voice:
    """Says what the library holds in one language, with the words that a programme prefers.

    Attributes:
        most_prompts: Questions that an item may ask.
        use: What is said instead of a word, in the language.
        avoid: Words that are not to be said.
    """

    def __init__(self, style: Style, language: Written, library: Library) -> None:
        self._language = language
        self._library = library
        given = style.use.get(language, {})
        self._instead = {_key(word): other for word, other in given.items()}
        self._use = _finder(given)
        self._avoid = _finder(style.avoid.get(language, []))
        self.use = given
        self.avoid = tuple(style.avoid.get(language, []))
        self.tone = style.tone
        self.most_prompts = PROMPTS_WHEN_BRIEF if style.tone == "brief" else MAX_PROMPTS

    @cached_property
    def phrases(self) -> Phrases:
        """Return the sentences that Agendum itself says."""
        own = self._library.phrases[self._language]
        if self._use is None and self._avoid is None:
            return own
        said = {name: self.say(value) for name, value in own
                if name not in _AS_THEY_ARE and isinstance(value, str)}
        roles = {role: self.say(name) for role, name in own.pulse_roles.items()}
        return own.model_copy(update={"pulse_roles": roles} | {
            name: _LESS.get(name, text) if self.avoids(text) else text
            for name, text in said.items()})

    def text(self, activity: Activity) -> ActivityText:
        """Return what an activity says."""
        own = activity.text[self._language]
        return own if self._use is None else self._of_model(own)

    def words(self, term_id: str) -> TermText | None:
        """Return what is said of a topic or focus area; null where there is none of this id."""
        term = self._library.term(term_id)
        if term is None or self._use is None:
            return None if term is None else term.text[self._language]
        return self._of_model(term.text[self._language])

    def say(self, text: str) -> str:
        """Return one of the library's texts, or a template of its, in the programme's words."""
        if self._use is None:
            return text
        return self._use.sub(lambda match: _as_cased(
            match[0], self._instead[_key(match[0])]), text)

    def retell(self, text: str) -> str:
        """Return a text somebody wrote anew, in the programme's words but for its quotations."""
        pieces = _QUOTATION.split(text)
        return "".join(piece if at % 2 else self.say(piece) for at, piece in enumerate(pieces))

    def avoided_in(self, text: str) -> str | None:
        """Return a word to avoid that stands outside the quotations of a text; null for none."""
        if self._avoid is None:
            return None
        found = self._avoid.search("\n".join(_QUOTATION.split(text)[::2]))
        return None if found is None else found[0]

    def avoids(self, text: str) -> bool:
        """Return whether a text that was made to be said holds a word to avoid."""
        return self._avoid is not None and self._avoid.search(text) is not None

    def avoids_activity(self, activity: Activity) -> bool:
        """Return whether an activity cannot be said without a word to avoid."""
        if self._avoid is None:
            return False
        text = self.text(activity)
        return any(self.avoids(line) for line in (
            text.title, text.purpose or "", text.success or "", *text.prompts, *text.steps,
            *text.quotes.values(), *text.preparation.mentee, *text.preparation.mentor,
            *text.preparation.all))

    def _of_model(self, model: ModelT) -> ModelT:
        return model.model_copy(update={
            name: self.changed(value) for name, value in model if name not in _NOT_SAID})

    def changed(self, value: object) -> object:
        """Return a text, or all texts of a list, mapping or model, in the programme's words."""
        if isinstance(value, str):
            return self.say(value)
        if isinstance(value, list):
            return [self.changed(one) for one in value]
        if isinstance(value, dict):
            return {key: self.changed(one) for key, one in value.items()}
        return self._of_model(value) if isinstance(value, Frozen) else value


def in_words_of(agenda: Agenda, library: Library) -> Phrases:
    """Return the sentences around an agenda, its labels too, in the words of its programme."""
    language = written_language(agenda.language)
    own = library.phrases[language]
    if not agenda.words:
        return own
    voice = Voice(Style(use={language: agenda.words}), language, library)
    return own.model_copy(update={
        name: voice.changed(value) for name, value in own
        if name not in _AS_THEY_ARE and isinstance(value, str | dict)})


def voice_of(brief: Brief, catalogue: Catalogue) -> Voice:
    """Return the voice of a brief's programme in the session's language."""
    return Voice(brief.style, brief.language, catalogue.library)


def _finder(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these as whole words, in any case, outside slots; the longest
    first."""
    listed: Sequence[str] = sorted({_key(word) for word in words}, key=lambda one: (-len(one), one))
    if not listed:
        return None
    either = "|".join(re.escape(one).replace("'", "['’]").replace(r"\ ", r"\s+")
                      for one in listed)
    return re.compile(rf"(?<![\w$\{{])(?:{either})(?![\w}}])", re.IGNORECASE)


def _key(word: str) -> str:
    return " ".join(word.lower().replace("’", "'").split())


def _as_cased(found: str, instead: str) -> str:
    """Return the word in capitals, or with a first capital, where the one it replaces has them."""
    if len(found) > 1 and found.isupper():
        return instead.upper()
    return instead[0].upper() + instead[1:] if found[0].isupper() else instead
