import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import yaml
from shipped import wanted_by_programmes

from content_library.load import HOME, Library, load_library, read_library
from recommender.domain.activity import CARRYING
from recommender.domain.base import Relation, SessionType
from recommender.errors import LibraryError, NotFoundError

ENOUGH = 3
"""Activities wanted in every cell of the library."""


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """Return a small copy of the shipped library: all vocabularies, a few items."""
    home = tmp_path_factory.mktemp("library")
    for path in HOME.glob("*.yaml"):
        shutil.copy(path, home)
    kept = {
        "resources": [one.id for one in library.active_resources[:3]],
        "activities": [one.id for one in library.activities.values() if not one.resources][:3]
        + wanted_by_programmes(library),
        "programmes": list(library.programmes),
    }
    for folder, ids in kept.items():
        (home / folder).mkdir()
        for one in ids:
            shutil.copy(HOME / folder / f"{one}.yaml", home / folder)
    return home


@pytest.fixture
def home(small_home: Path, tmp_path: Path) -> Path:
    """Return a copy of the small library that a test may damage."""
    return Path(shutil.copytree(small_home, tmp_path / "library"))


def first(home: Path, folder: str, at: int = 0) -> Path:
    return sorted((home / folder).glob("*.yaml"))[at]


def change(path: Path, **changes: object) -> None:
    data = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump({**data, **changes}, allow_unicode=True), "utf-8")


def test_shipped_library_has_no_fault(library: Library) -> None:
    """Every file of the shipped library loads, and nothing is lost on the way."""
    found, faults = read_library()
    assert [str(fault) for fault in faults] == []
    for folder in ("resources", "activities", "programmes"):
        assert len(getattr(found, folder)) == len(list((HOME / folder).iterdir()))
        assert list(getattr(found, folder)) == sorted(getattr(found, folder))
    for name in ("focus_areas", "topics"):
        entries = yaml.safe_load((HOME / f"{name}.yaml").read_bytes())
        assert len(getattr(found, name)) == len(entries)
    assert found.fingerprint == library.fingerprint


def test_small_library_has_no_fault(home: Path) -> None:
    """The copy that the other tests damage is sound before they do."""
    assert load_library(home).resources


def break_yaml(home: Path) -> str:
    path = first(home, "resources")
    path.write_text("id: [", "utf-8")
    return f"resources/{path.name}: line 1: no valid YAML"


def empty_file(home: Path) -> str:
    path = first(home, "resources")
    path.write_text("# nothing\n", "utf-8")
    return f"resources/{path.name}: is empty"


def unknown_field(home: Path) -> str:
    path = first(home, "activities")
    change(path, colour="red")
    return f"activities/{path.name}: colour: unknown field"


def wrong_id(home: Path) -> str:
    path = first(home, "activities", 1)
    path.rename(path.with_name(f"{path.stem}x.yaml"))
    return f"activities/{path.stem}x.yaml: id: is {path.stem!r}"


def dangling_topic(home: Path) -> str:
    path = first(home, "resources", 1)
    change(path, topics=["no-such-topic"])
    return f"resources/{path.name}: topics: 'no-such-topic' is no topic"


def dangling_area(home: Path) -> str:
    path = first(home, "programmes")
    change(path, focus_areas=["no-such-area"])
    return f"programmes/{path.name}: focus_areas: 'no-such-area' is no focus area"


def dangling_theme(home: Path) -> str:
    path = first(home, "programmes", 1)
    change(path, sessions=6, agenda={"themes": {2: "no-such-theme"}})
    return f"programmes/{path.name}: agenda.themes: 'no-such-theme' is no topic"


def dangling_resource(home: Path) -> str:
    path = first(home, "activities", 2)
    change(path, resources=["no-such-resource"])
    return f"activities/{path.name}: resources: 'no-such-resource' is no resource"


def other_shape(home: Path) -> str:
    path = first(home, "activities", 2)
    data = yaml.safe_load(path.read_text("utf-8"))
    data["text"]["fr"]["steps"] = [*data["text"]["fr"].get("steps", []), "Encore."][-5:]
    if len(data["text"]["fr"]["steps"]) == len(data["text"]["en"].get("steps", [])):
        data["text"]["fr"]["steps"].pop()
    change(path, text=data["text"])
    return f"activities/{path.name}: the languages differ"


def retired_without_reason(home: Path) -> str:
    path = first(home, "resources", 2)
    change(path, status="retired")
    return f"resources/{path.name}: a retired resource says `why_retired`"


def wrong_suffix(home: Path) -> str:
    path = first(home, "programmes", 2)
    path.rename(path.with_suffix(".yml"))
    return f"programmes/{path.stem}.yml: is not read"


def not_utf8(home: Path) -> str:
    path = first(home, "programmes", 3)
    path.write_bytes(b"id: caf\xe9")
    return f"programmes/{path.name}: line 1 is not UTF-8"


def wrong_pattern(home: Path) -> str:
    change(home / "hand_off.yaml", en=["ok", "(open"])
    return "hand_off.yaml: en[1]: '(open' is no regular expression"


def missing_language(home: Path) -> str:
    path = home / "phrases.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    del data["fr"]
    path.write_text(yaml.safe_dump(data), "utf-8")
    return "phrases.yaml: one mapping for each of en, es, fr"


def doubled_term(home: Path) -> str:
    path = home / "focus_areas.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump([*data, data[0]], allow_unicode=True), "utf-8")
    return f"focus_areas.yaml: id: {data[0]['id']!r} stands twice"


DAMAGES = (
    break_yaml, empty_file, unknown_field, wrong_id, dangling_topic, dangling_area, dangling_theme,
    dangling_resource, other_shape, retired_without_reason, wrong_suffix, not_utf8, wrong_pattern,
    missing_language, doubled_term,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_fault_is_reported_with_its_file(home: Path, damage: Callable[[Path], str]) -> None:
    """Each way to damage a library is one fault that names file, field and problem."""
    expected = damage(home)
    _, faults = read_library(home)
    assert [str(fault)[: len(expected)] for fault in faults] == [expected]


def test_every_fault_of_every_file_is_reported_at_once(home: Path) -> None:
    """One reading of a library damaged in many places names them all."""
    separate = [damage for damage in DAMAGES if damage not in (empty_file, other_shape)]
    expected = {damage(home) for damage in separate}
    with pytest.raises(LibraryError) as caught:
        load_library(home)
    said = str(caught.value).splitlines()
    assert {one for one in expected if not any(line.startswith(one) for line in said)} == set()
    assert len(caught.value.faults) == len(expected)


def test_missing_vocabulary_is_a_fault(home: Path) -> None:
    """A library without its topics is refused, not taken for one that has none."""
    (home / "topics.yaml").unlink()
    with pytest.raises(LibraryError, match=r"topics\.yaml: no such file"):
        load_library(home)


def test_fingerprint_changes_with_any_text(home: Path) -> None:
    """The fingerprint is that of the content: same files same value, another byte another."""
    before = load_library(home).fingerprint
    assert load_library(home).fingerprint == before
    path = first(home, "resources")
    path.write_bytes(path.read_bytes() + b"# seen\n")
    assert load_library(home).fingerprint != before


def test_retired_resources_are_kept_and_never_recommended(library: Library) -> None:
    """Retired resources are loaded, but are not among the active ones."""
    retired = {one.id for one in library.resources.values() if one.status == "retired"}
    assert retired
    assert not retired & {one.id for one in library.active_resources}
    assert len(retired) + len(library.active_resources) == len(library.resources)


def test_unknown_programme_lists_those_there_are(library: Library) -> None:
    """Asking for a programme that is not there names those that are."""
    with pytest.raises(NotFoundError, match="peer-quarter"):
        library.programme("nothing")


def test_term_is_found_by_id_and_alias(library: Library) -> None:
    """A topic is found by its id and by any other id that means the same."""
    for topic in library.topics.values():
        for name in (topic.id, *topic.aliases):
            assert library.term(name) == topic
    assert library.term("no-such-topic") is None


def test_themes_of_the_contract_are_known(library: Library) -> None:
    """The contract's own example names themes that the library has."""
    assert library.term("professional-branding")
    assert library.term("communicating-so-others-listen")


def test_every_main_activity_prepares_each_role(library: Library) -> None:
    """In each language a main item says what learner and mentor, or everybody, prepare."""
    assert {
        (one.id, language)
        for one in library.activities.values() if one.kind in CARRYING
        for language, text in one.text.items()
        if not (text.preparation.all
                or (text.preparation.mentee and text.preparation.mentor
                    and {"mentor", "reverse"} & set(one.relations)))
    } == set()


def test_preparation_for_all_addresses_both_who_teach_and_who_learn(library: Library) -> None:
    """Where the line for all speaks to one side of a lesson, another speaks to the other side."""
    sides = {"en": ("teaches", "learns"), "es": ("enseña", "aprende"),
             "fr": ("enseigne", "apprend")}
    assert {
        (one.id, language)
        for one in library.activities.values()
        for language, text in one.text.items()
        if {"mentor", "reverse"} & set(one.relations)
        and not (text.preparation.mentee and text.preparation.mentor)
        and sum(any(side in line for line in text.preparation.all)
                for side in sides[language]) == 1
    } == set()


def test_no_two_activities_ask_for_the_same_preparation(library: Library) -> None:
    """Each line of preparation belongs to its own activity, in every language."""
    lines = Counter(
        line for one in library.activities.values() for text in one.text.values()
        for line in (*text.preparation.mentee, *text.preparation.mentor, *text.preparation.all))
    assert [line for line, times in lines.items() if times > 1] == []


@pytest.mark.parametrize("minutes", [25, 45, 60, 90])
@pytest.mark.parametrize("relation", get_args(Relation))
@pytest.mark.parametrize("session_type", get_args(SessionType))
def test_every_cell_has_activities(
    library: Library, session_type: str, relation: str, minutes: int
) -> None:
    """Every focus area has at least three activities that fit the session's minutes."""
    counts = {
        area: sum(
            session_type in one.session_types and relation in one.relations
            and area in (one.focus_areas or [area]) and one.minutes.min <= minutes
            for one in library.activities.values()
        )
        for area in library.focus_areas
    }
    assert {area: count for area, count in counts.items() if count < ENOUGH} == {}
