"""Train what finds people's names, on sentences in which they are marked.

`python -m evals.names_training` reads `data/pii/marked.jsonl`, says each sentence again with other
names and other letters, and writes `recommender/names/names.crf`. Names come from Faker, by
country; no person's. Same data, same Faker, same weights.
"""

import hashlib
import importlib
import pkgutil
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pycrfsuite

from content_library.load import Library, load_library
from evals.hand_off import is_held_out, sentences_labelled
from evals.privacy import DATA, MARK, Marked, marked, read
from recommender.catalogue import words_of_library
from recommender.names.features import Features, features_of
from recommender.names.gather import FIRST, LAST
from recommender.names.recognise import FILE, NOBODY, PERSON, digest_file
from recommender.names.rules import Rules
from recommender.names.words import lists, tokens_of
from recommender.privacy import plain

SEED = 11
AGAIN = 4
"""How often a sentence that names somebody is said again with other names."""
NAMELESS, SITUATIONS, SNIPPETS = 8000, 12_000, 3000
"""Texts in which nobody is named: sentences labelled for hand-off, situations of the library, and a
few words of them, as skills and headlines are written."""
LAST_ROUND = 17
"""Of those sentences: a new round of them is no reason to train names again."""
FROM_WORDS = 0.15
"""Of single names, those that are words too."""
FAMILY_FIRST = 0.15
LOWER, UPPER, BARE = 0.2, 0.05, 0.05
"""Sentences said again in small letters, in capitals, without accents."""
SETTINGS = {"c1": 0.2, "c2": 0.05, "max_iterations": 100, "feature.minfreq": 2,
            "feature.possible_transitions": True}
_SMALL = re.compile(r"(?<![\w'’])[^\W\d_A-ZÀ-Þ]{3,}(?:[ -][^\W\d_A-ZÀ-Þ]{2,})*(?!\w)")
_LATIN = re.compile(r"^[^\W\d_][^\d_,()]*$")


@dataclass(frozen=True)
class Names:
    """Given and family names of a country."""

    given: tuple[str, ...]
    family: tuple[str, ...]


def digest_of(lines: Sequence[dict[str, Any]]) -> str:
    """Return the SHA-256 of what is trained on."""
    said = "\n".join(line["text"] for line in lines)
    return hashlib.sha256(said.encode()).hexdigest()


def learnt(
    lines: Sequence[dict[str, Any]], situations: Sequence[str]
) -> Iterator[Marked]:
    """Yield each sentence as it is and again, changed, and texts that name nobody."""
    chosen = random.Random(SEED)
    for line in lines:
        text = line["text"]
        yield marked(text)
        named = "[[" in text
        for _ in range(AGAIN if named else 0):
            yield marked(_changed(MARK.sub(_renamed(chosen), text), chosen))
        for share, change in ((LOWER if named else 0.3, str.lower), (UPPER, str.upper)):
            if chosen.random() < share:
                yield marked(change(text))
    labelled = [line["text"] for line in sentences_labelled()
                if not is_held_out(line) and line["round"] <= LAST_ROUND]
    nameless = [*chosen.sample(labelled, NAMELESS), *chosen.sample(situations, SITUATIONS)]
    nameless += [_snippet(text, chosen) for text in chosen.sample(situations, SNIPPETS)]
    for text in nameless:
        yield Marked(text.lower() if chosen.random() < 0.15 else text, ())


def _snippet(text: str, chosen: random.Random) -> str:
    """Return one to four words of a text that have no capital, perhaps with one at the start."""
    runs = [run.split() for run in _SMALL.findall(text)]
    words = chosen.choice(runs or [["plan"]])
    at, long = chosen.randrange(len(words)), chosen.choice((1, 1, 2, 2, 3, 4))
    snippet = " ".join(words[at:at + long])
    return snippet.capitalize() if chosen.random() < 0.5 else snippet


def situations_of(library: Library) -> list[str]:
    """Return what people say who need a topic or an activity, and labels: nobody is named there.
    """
    terms = [words for one in library.topics.values() for words in one.text.values()]
    texts = [text for one in library.activities.values() for text in one.text.values()]
    found = [said for words in terms for said in words.situations]
    found += [said for text in texts for said in text.situations]
    for words in terms:
        found += [words.label, words.label.lower(), words.practice, words.step, words.sign]
    for text in texts:
        found += [text.title, *text.steps, *text.prompts]
    return found


def _changed(text: str, chosen: random.Random) -> str:
    drawn = chosen.random()
    if drawn < LOWER:
        return text.lower()
    if drawn < LOWER + UPPER:
        return text.upper()
    return _bare(text) if drawn < LOWER + UPPER + BARE else text


def _bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text)
                   if not unicodedata.combining(one))


def _renamed(chosen: random.Random) -> Callable[[re.Match[str]], str]:
    """Return what puts another name of one country in the place of each."""
    names = chosen.choice(_countries())

    def another(match: re.Match[str]) -> str:
        old = match[1]
        if len(old) <= 3 and old.isupper():
            return f"[[{''.join(chosen.choice('ABCDEFGHIJKLMNOPRSTV') for _ in old)}]]"
        given, family = chosen.choice(names.given), chosen.choice(names.family)
        if " " in old:
            new = f"{family} {given}" if chosen.random() < FAMILY_FIRST else f"{given} {family}"
        elif chosen.random() < FROM_WORDS:
            new = chosen.choice(_word_names()).capitalize()
        else:
            new = given if chosen.random() < 0.6 else family
        return f"[[{new.lower() if old.islower() else new.upper() if old.isupper() else new}]]"

    return another


@lru_cache(maxsize=1)
def _word_names() -> list[str]:
    return sorted(lists()[1])


@lru_cache(maxsize=1)
def _countries() -> list[Names]:
    """Return the names of Faker by country, of those that have both and are in Latin letters."""
    person = importlib.import_module("faker.providers.person")
    found = []
    for entry in sorted(pkgutil.iter_modules(person.__path__), key=lambda one: one.name):
        provider = vars(importlib.import_module(f"{person.__name__}.{entry.name}").Provider)
        given, family = (
            tuple(sorted({name for field in fields
                          if isinstance(provider.get(field), tuple | list | dict)
                          for name in provider[field]
                          if _LATIN.match(name) and plain(name)[:1].isascii()}))
            for fields in (FIRST, LAST))
        if given and family:
            found.append(Names(given, family))
    return found


def examples(
    sentences: Sequence[Marked], known: frozenset[str]
) -> Iterator[tuple[list[Features], list[str]]]:
    """Yield the features and the labels of each sentence's pieces."""
    rules = Rules(known)
    for one in sentences:
        tokens = list(tokens_of(one.text))
        features, whose = features_of(
            one.text, tokens, rules.verdicts(tokens, one.text), rules.known)
        yield features, [
            PERSON if at is not None and any(
                start <= tokens[at].start and tokens[at].end <= end for start, end in one.spans)
            else NOBODY for at in whose]


def train(lines: Sequence[dict[str, Any]], library: Library, path: Path) -> int:
    """Write a model with its digests; return from how many sentences."""
    trainer = pycrfsuite.Trainer(verbose=False)
    count = 0
    for features, labels in examples(
            list(learnt(lines, situations_of(library))), words_of_library(library)):
        trainer.append(features, labels)
        count += 1
    trainer.set_params(SETTINGS)
    trainer.train(str(path))
    model = hashlib.sha256(path.read_bytes()).hexdigest()
    digest_file(path).write_text(f"{digest_of(lines)}\n{model}\n", "utf-8")
    return count


def main() -> int:
    """Train, write the file, and say from how much."""
    lines = read(DATA / "marked.jsonl")
    count = train(lines, load_library(), FILE)
    sys.stdout.write(f"wrote {FILE.name} from {len(lines)} sentences, {count} with changes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
