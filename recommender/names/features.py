"""What a trained recogniser is told of each word: form, lists, rules, neighbours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from recommender.names.words import (
    ACCENTED_END,
    PARTICLES,
    ROLES,
    TITLES,
    Span,
    Token,
    family_names,
    is_foreign,
    lists,
    openers,
    opens,
    parts_of,
    places,
)
from recommender.privacy import plain

Features = list[str]

LONGEST = 12
"""Letters of a word that are told; longer ones are alike enough."""
_REST = re.compile(r"\d+|[^\W\d_]+|\S")
_OUTSIDE = "#"
"""What stands before the first and after the last."""


@dataclass(frozen=True)
class Piece:
    """A word, a number or a sign of a text; `token` is null but for words that may be names.

    Attributes:
        text: Plain.
        form: How it is written: Aa, aa, AA, a sign.
        lists: Letters for the lists it stands in.
        first: Whether it begins a sentence.
        ruled: Whether the rules take it for a name.
    """

    token: int | None
    text: str
    form: str
    lists: str
    first: bool
    ruled: bool


def features_of(
    text: str, tokens: Sequence[Token], ruled: Sequence[bool], known: frozenset[str]
) -> tuple[list[Features], list[int | None]]:
    """Return the features of each piece of a text, and which token it is, if any.

    Args:
        tokens: Its words, in order; `ruled`, whether the rules take each for a name.
        known: Plain words that are no names.
    """
    pieces = _pieces(text, tokens, ruled, known)
    letters = [letter for letter in text if letter.isalpha()]
    upper = sum(map(str.isupper, letters)) / max(1, len(letters))
    mode = "low" if upper < 0.005 else "up" if upper > 0.7 else "mixed"
    return ([_of(pieces, at, mode) for at in range(len(pieces))],
            [piece.token for piece in pieces])


def _pieces(
    text: str, tokens: Sequence[Token], ruled: Sequence[bool], known: frozenset[str]
) -> list[Piece]:
    found: list[Piece] = []
    last = 0
    for at, token in enumerate(tokens):
        between = text[last:token.start]
        found += [_sign(match[0]) for match in _REST.finditer(between)]
        first = opens(text, token.start) or "\n" in between
        found.append(Piece(at, plain(token.text)[:LONGEST], _form(token.text),
                           _listed(token, known), first, ruled[at]))
        last = token.end
    return found + [_sign(match[0]) for match in _REST.finditer(text[last:])]


def _sign(text: str) -> Piece:
    form = "d" if text.isdigit() else "s" if text.isalpha() else text[:1]
    return Piece(None, plain(text)[:LONGEST], form, "x", False, False)


def _form(word: str) -> str:
    if word.isupper():
        return "A" if len(word) == 1 else "A." if word[1] == "." else (
            "AA" if len(word) < 4 else "AAA")
    if word[0].isupper():
        return "Aa" if not any(map(str.isupper, word[1:])) else "AaA"
    return "a" if word.islower() else "aA"


def _listed(token: Token, known: frozenset[str]) -> str:
    given, words, nobody = lists()
    word = token.word
    parts = [] if _spelt_otherwise(token.text) else parts_of(word)
    found = [letter for letter, has in (
        ("G", any(part in given for part in parts)),
        ("W", any(part in words for part in parts)),
        ("F", any(part in family_names() for part in parts)),
        ("N", word in nobody), ("C", word in places()), ("K", word in known),
        ("O", word in openers()),
        ("P", word in PARTICLES), ("T", word in TITLES), ("R", word in ROLES),
        ("S", is_foreign(token.text))) if has]
    return "".join(found) or "-"


def _spelt_otherwise(word: str) -> bool:
    """Return whether a word in small letters only looks like a name without its accents."""
    return word.islower() and ("ñ" in word or ACCENTED_END.search(word) is not None)


def _of(pieces: Sequence[Piece], at: int, mode: str) -> Features:
    """Return what is told of one piece, with three neighbours on either side."""

    def near(step: int) -> Piece | None:
        return pieces[at + step] if 0 <= at + step < len(pieces) else None

    def word(step: int) -> str:
        beside = near(step)
        return _OUTSIDE if beside is None else beside.text

    one = pieces[at]
    form, listed, text = one.form, one.lists, one.text
    told = ["*", f"form={form}", f"mode={mode}"]
    if one.token is not None:
        start = f"{form}{'^' if one.first else ''}"
        told += [
            f"word={text}", f"lists={listed}", f"ruled={one.ruled:d}", f"start={start}",
            f"begins={text[:2]}", f"begins={text[:3]}", f"ends={text[-2:]}", f"ends={text[-3:]}",
            f"ends={text[-4:]}", f"long={min(len(text), 8)}", f"form+lists={form}{listed}",
            f"form+lists+start={start}{listed}{mode}", f"ruled+={one.ruled:d}{start}{listed}",
            *(f"list={letter}{start}" for letter in listed)]
    for step in (-3, -2, -1, 1, 2, 3):
        beside = near(step)
        told.append(f"{step}word={word(step)}")
        if abs(step) < 3 and beside is not None:
            told += [f"{step}form={beside.form}", f"{step}lists={beside.lists}",
                     f"{step}ruled={beside.ruled:d}"]
    for step in (-1, 1):
        beside = near(step)
        lists_beside = _OUTSIDE if beside is None else beside.lists
        told += [f"{step}word+form={word(step)} {form}", f"{step}word+lists={word(step)} {listed}",
                 f"{step}lists+={lists_beside} {form}{listed}",
                 f"{step}words+form={word(step)} {word(2 * step)} {form}"]
    told.append(f"between={word(-1)} {word(1)} {form}")
    return told


def spans_of(tokens: Sequence[Token], named: Sequence[bool], text: str) -> tuple[Span, ...]:
    """Return each run of names once, its title with it."""
    found: list[Span] = []
    at = 0
    while at < len(tokens):
        if not named[at]:
            at += 1
            continue
        last = at
        while last + 1 < len(tokens) and named[last + 1] and not text[
                tokens[last].end:tokens[last + 1].start].strip(" -\u00a0,"):
            last += 1
        start = tokens[at].start
        while at > 0 and tokens[at - 1].word in TITLES and not text[
                tokens[at - 1].end:start].strip(" .\u00a0"):
            at -= 1
            start = tokens[at].start
        found.append((start, tokens[last].end))
        at = last + 1
    return tuple(found)
