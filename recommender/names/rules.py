"""Rules for who is named in a text: lists, capitals, and what stands around them."""

import re
from collections.abc import Sequence

from recommender.names.words import (
    ACCENTED_END,
    NEVER,
    PARTICLES,
    ROLES,
    TITLES,
    Token,
    is_camel,
    is_foreign,
    is_shouted,
    lists,
    openers,
    opens,
    parts_of,
)
from recommender.privacy import _AFTER_VERBS as AFTER_VERBS
from recommender.privacy import plain

_SAYS = frozenset(
    "said says told asked wants thinks thought wrote agreed refused joined came called sent "
    "cancelled can't cannot won't couldn't wouldn't didn't hasn't knew "
    "dijo dice pidio quiere cree escribio acepto nego vino llego llamo contesto dit "
    "veut pense ecrit refuse".split())
"""Words that follow a person at the beginning of a sentence."""
_GOES_ON = _SAYS | frozenset("and y e et a est ont was is has had ha es fue".split())
"""Words that follow one, or a thing; enough where the first word is known to nobody."""
_VERB = re.compile(
    r"(?:ar|er|ir|re|ez|ons|ando|endo|ing|ed|ly|[ct]ion|[ct]iones|ment|mente|idad|ness|able|ible|"
    r"aron|ieron|amos|emos|aba|aban)(?:me|te|se|nos|le|les|lo|la|los|las)?$")
DETERMINERS = frozenset(
    "a an the my your his her their its our this that these those one two three all each every "
    "some more less el los mi tu su un una unos unas sus mis tus mon ton ma ta mes tes des ce "
    "cette ces".split())
"""Words that follow a verb at the beginning of a sentence, and hardly ever a name."""
_ORGANISED = re.compile(
    r"\b(?:red cross|cruz roja|croix[- ]rouge|black friday|grace (?:a|à)|gr[aâ]ce (?:a|à)|"
    r"r(?:ed)? crescent|world bank|luz verde|am[ée]rica latina|latin america|am[ée]rique latine|"
    r"(?:north|south|central) america|am[ée]rica (?:del (?:norte|sur)|central)|"
    r"am[ée]rique (?:du (?:nord|sud)|centrale))\b", re.I)
"""Names of more than one word that are nobody's, and would read as a person's."""


def things(tokens: Sequence[Token], text: str) -> list[bool]:
    """Return which words belong to what is called like a person and is none."""
    spans = [match.span() for match in _ORGANISED.finditer(text)]
    return [any(start <= token.start < end for start, end in spans) for token in tokens]


class Rules:
    """Finds names of people nobody told us of.

    Known given names count however they are typed; other words only with a capital that no
    sentence, place, product or department gives them.

    Args:
        known: Words in lower case that are no names, in every language.
    """

    def __init__(self, known: frozenset[str]) -> None:
        self._known = frozenset(plain("\n".join(sorted(known))).split("\n"))

    @property
    def known(self) -> frozenset[str]:
        """Return the words that are no names, plain."""
        return self._known

    def orders(self, tokens: Sequence[Token], at: int, text: str) -> bool:
        """Return whether a word begins a sentence with what is to be done, or tells of a thing."""
        return (at + 1 < len(tokens) and tokens[at + 1].word in DETERMINERS
                and not text[tokens[at].end:tokens[at + 1].start].strip(" \u00a0")
                and self.begins(tokens, at, text))

    def verdicts(self, tokens: Sequence[Token], text: str) -> list[bool]:
        """Return which words of a text name people."""
        cased = not is_shouted(tokens)
        foreign = _mostly_foreign(tokens)
        named = [self._is_name(tokens, at, text, cased=cased, foreign=foreign)
                 for at in range(len(tokens))]
        self._spread(tokens, named, text, cased)
        return [one and not thing
                for one, thing in zip(named, things(tokens, text), strict=True)]

    def _is_name(
        self, tokens: Sequence[Token], at: int, text: str, *, cased: bool, foreign: bool
    ) -> bool:
        token = tokens[at]
        given, words, nobody = lists()
        word = token.word
        if is_foreign(token.text):
            return not foreign
        if not cased or not token.capital:
            if (not cased or any(map(str.isupper, token.text))) and _after_title(
                    tokens, at, text):
                return word not in self._known
            return len(word) > 2 and not ACCENTED_END.search(token.text) and any(
                part in given and part not in nobody and part not in self._known
                for part in parts_of(word))
        if token.initial or word in TITLES or word in NEVER:
            return False
        if _after_title(tokens, at, text):
            return True
        acronym = token.text.isupper() and len(token.text.rstrip(".")) > 1
        if word in nobody or word in PARTICLES or is_camel(token.text):
            return False
        parts = parts_of(word)
        first = self.begins(tokens, at, text)
        if any(part in given for part in parts) and not (acronym and len(word) < 5):
            return not (first and word in self._known)
        if acronym:
            return False
        if first:
            return self._begins_with_name(tokens, at, text, parts)
        if any(part in words for part in parts):
            return True
        return word not in self._known

    def _begins_with_name(
        self, tokens: Sequence[Token], at: int, text: str, parts: list[str]
    ) -> bool:
        """Return whether a sentence begins with a name, by what follows it."""
        token = tokens[at]
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        if follows is None:
            return False
        between = text[token.end:follows.start].strip("\u00a0 ")
        also_word = any(part in lists()[1] for part in parts)
        if not also_word and (token.word in self._known or token.word in openers()):
            return False
        if between == ":" and not follows.capital:
            return also_word
        capital = (follows.capital and not between and not self._is_nobody(follows)
                   and not (follows.text.isupper() and len(follows.text) > 1))
        if also_word:
            return capital or (not between and follows.word in _SAYS)
        if ACCENTED_END.search(token.text):
            return False
        if (capital and follows.word not in self._known) or follows.word in _GOES_ON:
            return not between
        return not _VERB.search(token.word) and follows.word not in AFTER_VERBS

    def begins(self, tokens: Sequence[Token], at: int, text: str) -> bool:
        """Return whether the word stands where any word has a capital."""
        while at > 0 and (tokens[at - 1].initial or tokens[at - 1].word in TITLES) and not text[
                tokens[at - 1].end:tokens[at].start].strip(" .\u00a0"):
            return False
        return opens(text, tokens[at].start)

    def _spread(self, tokens: Sequence[Token], named: list[bool], text: str, cased: bool) -> None:
        """Take in what belongs to a name: initials, particles, a family name beside it."""
        for order in (range(1, len(tokens)), range(len(tokens) - 2, -1, -1)):
            step = -1 if order.step > 0 else 1
            for at in order:
                if named[at] or not named[at + step]:
                    continue
                token, beside = tokens[at], tokens[at + step]
                between = text[min(token.end, beside.end):max(token.start, beside.start)]
                if between.strip(" -\u00a0"):
                    if not (between.strip() == "," and cased and token.capital
                            and token.word not in self._known and not self._is_nobody(token)):
                        continue
                elif "\n" in between:
                    continue
                if token.initial or (
                        step == 1 and token.capital and not token.text.isascii()
                        and token.word in PARTICLES):
                    named[at] = True
                elif cased and token.capital:
                    first = self.begins(tokens, at, text)
                    known = token.word in self._known
                    named[at] = not (self._is_nobody(token) and (known or step == 1)) and (
                        (not first and step == -1) or not known) and not (
                        token.text.isupper() and len(token.text) > 1)
                elif not (cased and beside.capital) and len(token.word) > 2:
                    named[at] = (token.word not in self._known and not self._is_nobody(token)
                                 and token.word not in ROLES and token.word not in TITLES
                                 and step == -1)
        for at in range(1, len(tokens) - 1):
            if not named[at] and tokens[at].word in PARTICLES and named[at - 1]:
                ahead = at
                while ahead < len(tokens) and tokens[ahead].word in PARTICLES:
                    ahead += 1
                if ahead < len(tokens) and text[tokens[at - 1].end:tokens[at].start] == " " and (
                        named[ahead] or (tokens[ahead].capital and not is_foreign(text[:1]))
                        or (not cased and tokens[ahead].word not in self._known)
                        or (not tokens[at - 1].capital
                            and tokens[ahead].word not in self._known)):
                    named[at:ahead + 1] = [True] * (ahead + 1 - at)

    def _is_nobody(self, token: Token) -> bool:
        return token.word in lists()[2] or is_camel(token.text)


def _after_title(tokens: Sequence[Token], at: int, text: str) -> bool:
    """Return whether a title stands before, perhaps with particles between."""
    before = at - 1
    while before > 0 and tokens[before].word in PARTICLES and tokens[before].text.islower():
        before -= 1
    if before < 0:
        return False
    title = tokens[before]
    return title.word in TITLES and not text[
        title.end:tokens[before + 1].start].strip(" .\u00a0") and (
        title.word not in ("m", "me", "pere", "soeur", "frere") or title.capital)


def _mostly_foreign(tokens: Sequence[Token]) -> bool:
    """Return whether a text is in another script, so that such words say nothing."""
    return len(tokens) > 3 and is_foreign(tokens[0].text) and (
        sum(is_foreign(one.text) for one in tokens) * 2 > len(tokens))
