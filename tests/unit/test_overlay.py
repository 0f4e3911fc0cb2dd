"""A platform's own content over the shipped library: added, changed, hidden, retired, decided."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from shipped import wanted_by_programmes

from content_library.check import summarise_library
from content_library.load import HOME, Library, load_library, read_library
from recommender.domain.resource import resource_id
from recommender.errors import InvalidInputError, LibraryError

URL = "https://example.org/how-we-give-feedback"
OWN = {
    "id": resource_id(URL), "title": "How we give feedback here", "url": URL,
    "publisher": "Our own intranet", "format": "guide", "language": "en",
    "topics": ["feedback-performance"], "level": "introductory", "audience": ["mentee"],
    "gist": "Two pages on how feedback is given in this house, with our own examples.",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """Return a small copy of the shipped library, which no test changes."""
    home = tmp_path_factory.mktemp("library")
    for path in HOME.glob("*.yaml"):
        shutil.copy(path, home)
    own = [one for one in library.activities.values() if not one.resources][:3]
    kept = {"resources": [one.id for one in library.active_resources[:5]],
            "activities": [*(one.id for one in own), *wanted_by_programmes(library)],
            "programmes": list(library.programmes)}
    for folder, ids in kept.items():
        (home / folder).mkdir()
        for one in ids:
            shutil.copy(HOME / folder / f"{one}.yaml", home / folder)
    return home


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """Return an empty overlay."""
    folder = tmp_path / "overlay"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, data: object) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def raw(home: Path, name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((home / name).read_text("utf-8")))


def ids(home: Path, folder: str) -> list[str]:
    return sorted(path.stem for path in (home / folder).iterdir())


def said(home: Path, overlay: Path) -> list[str]:
    _, faults = read_library(home, overlay=overlay)
    return [str(fault) for fault in faults]


def test_an_empty_overlay_changes_nothing(home: Path, overlay: Path) -> None:
    """Without a file in it the library and its fingerprint are those without an overlay."""
    plain, laid = load_library(home), load_library(home, overlay=overlay)
    assert laid.fingerprint == plain.fingerprint
    assert (laid.resources, laid.topics) == (plain.resources, plain.topics)
    assert "overlay" not in summarise_library(plain, [])


def test_files_of_an_overlay_add_and_replace(home: Path, overlay: Path) -> None:
    """A new file is a new item; a file of a shipped id takes the whole place of that item."""
    put(overlay, f"resources/{OWN['id']}.yaml", OWN)
    shipped = ids(home, "resources")[0]
    put(overlay, f"resources/{shipped}.yaml",
        {**raw(home, f"resources/{shipped}.yaml"), "title": "In our words", "minutes": None})
    laid = load_library(home, overlay=overlay)
    assert laid.resources[str(OWN["id"])].title == OWN["title"]
    assert laid.resources[shipped].title == "In our words"
    assert list(laid.resources) == sorted(laid.resources)
    counts = summarise_library(laid, [])["overlay"]
    assert (counts["added"]["resources"], counts["changed"]["resources"]) == (1, 1)


def test_single_fields_are_patched_and_the_rest_stays(home: Path, overlay: Path) -> None:
    """`change` replaces the fields it names; in a mapping only the keys it names."""
    resource, activity = ids(home, "resources")[0], ids(home, "activities")[0]
    before = load_library(home)
    ideal = before.activities[activity].minutes.ideal
    put(overlay, "overlay.yaml", {"change": {
        "resources": {resource: {"minutes": 12, "topics": ["trust"]}},
        "activities": {activity: {"minutes": {"max": ideal}}},
        "programmes": {"peer-quarter": {"session_minutes": 45}}}})
    after = load_library(home, overlay=overlay)
    changed = {"minutes": 12, "topics": ["trust"]}
    assert after.resources[resource] == before.resources[resource].model_copy(update=changed)
    assert after.activities[activity].minutes.max == ideal
    assert after.activities[activity].text == before.activities[activity].text
    assert after.programmes["peer-quarter"].session_minutes == 45


def test_hidden_items_are_not_there(home: Path, overlay: Path) -> None:
    """What is hidden is neither counted nor found, and the shipped files stay as they are."""
    hide = {folder: ids(home, folder)[:1] for folder in ("resources", "activities", "programmes")}
    put(overlay, "overlay.yaml", {"hide": hide})
    laid = load_library(home, overlay=overlay)
    for folder, (one,) in hide.items():
        assert one not in getattr(laid, folder)
        assert len(getattr(laid, folder)) == len(ids(home, folder)) - 1
    assert summarise_library(laid, [])["overlay"]["hidden"]["activities"] == 1


def test_a_hidden_topic_must_not_be_named_any_more(home: Path, overlay: Path) -> None:
    """Hiding what others name is one fault, which lists them and says what to do."""
    one = raw(home, f"resources/{ids(home, 'resources')[0]}.yaml")
    topic = one["topics"][0]
    put(overlay, "overlay.yaml", {"hide": {"topics": [topic]}})
    lines = [line for line in said(home, overlay) if f"{topic!r} is named by" in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"{overlay}/overlay.yaml: hide.topics: ")
    assert f"resources/{one['id']}.yaml (topics)" in lines[0]
    assert "change or hide those too" in lines[0]


def test_retired_resources_say_why(home: Path, overlay: Path) -> None:
    """A shipped resource is retired with a reason and a successor, one of the overlay's own."""
    one = ids(home, "resources")[0]
    put(overlay, f"resources/{OWN['id']}.yaml", OWN)
    put(overlay, "overlay.yaml", {"retire": {
        one: {"why": "Ours says it better.", "superseded_by": OWN["id"]}}})
    laid = load_library(home, overlay=overlay)
    assert laid.resources[one].status == "retired"
    assert laid.resources[one].superseded_by == OWN["id"]
    assert one not in {each.id for each in laid.active_resources}


def test_situations_are_added_to_shipped_topics(home: Path, overlay: Path) -> None:
    """An entry of a shipped topic adds its situations and replaces the other fields it names."""
    english = {"step": "Keep one small promise.", "situations": ["They lock their drawers now."]}
    put(overlay, "topics.yaml", [{"id": "trust", "text": {"en": english}}])
    before, after = load_library(home).topics["trust"], load_library(home, overlay=overlay)
    words = after.topics["trust"].text["en"]
    assert words.situations == [*before.text["en"].situations, "They lock their drawers now."]
    assert (words.step, words.label) == ("Keep one small promise.", before.text["en"].label)
    assert after.topics["trust"].text["fr"] == before.text["fr"]
    assert list(after.topics) == list(load_library(home).topics)
    assert after.laid is not None
    assert after.laid.situations == 1


def test_a_topic_of_ones_own_comes_after_the_shipped_ones(home: Path, overlay: Path) -> None:
    """A whole entry with a new id is a topic that resources may name."""
    entry = next(one for one in yaml.safe_load((home / "topics.yaml").read_text("utf-8"))
                 if one["id"] == "trust")
    put(overlay, "topics.yaml", [{**entry, "id": "night-shifts", "aliases": []}])
    put(overlay, f"resources/{OWN['id']}.yaml", {**OWN, "topics": ["night-shifts"]})
    assert list(load_library(home, overlay=overlay).topics)[-1] == "night-shifts"


def test_the_fingerprint_covers_both_folders(home: Path, overlay: Path, tmp_path: Path) -> None:
    """Any byte of the overlay changes it; where the overlay stands does not."""
    put(overlay, f"resources/{OWN['id']}.yaml", OWN)
    laid = load_library(home, overlay=overlay).fingerprint
    assert laid != load_library(home).fingerprint
    moved = shutil.copytree(overlay, tmp_path / "moved")
    assert load_library(home, overlay=moved).fingerprint == laid
    put(overlay, f"resources/{OWN['id']}.yaml", {**OWN, "title": "Feedback here"})
    assert load_library(home, overlay=overlay).fingerprint != laid


def test_decisions_of_both_libraries_hold_and_the_overlays_win(
    home: Path, overlay: Path, tmp_path: Path
) -> None:
    """The overlay's refusals and pins come first; a shipped one that contradicts is dropped."""
    own = Path(shutil.copytree(home, tmp_path / "home"))
    a, b, c, *_ = ids(home, "resources")
    put(own, "curation.yaml", {
        "refused": [{"resource": a, "topic": "trust", "why": "Too long."}],
        "pinned": [{"resource": b, "topic": "trust"}, {"resource": c, "topic": "trust"}]})
    assert len(load_library(own).curation.pinned) == 2
    put(overlay, "curation.yaml", {
        "refused": [{"resource": b, "topic": "trust", "why": "Not for us."}],
        "pinned": [{"resource": a, "topic": "trust", "language": "es"}]})
    curation = load_library(own, overlay=overlay).curation
    assert [one.resource for one in curation.refused] == [b]
    assert [one.resource for one in curation.pinned] == [a, c]
    put(overlay, "overlay.yaml", {"hide": {"resources": [c]}})
    assert [one.resource for one in load_library(own, overlay=overlay).curation.pinned] == [a]


Damage = Callable[[Path, Path], str]


def unknown_change(home: Path, overlay: Path) -> str:
    one = ids(home, "activities")[0]
    put(overlay, "overlay.yaml", {"change": {"activities": {one + "x": {"level": "advanced"}}}})
    return f"overlay.yaml: change.activities: '{one}x' is no activity of the shipped library; did"


def bad_patch(home: Path, overlay: Path) -> str:
    one = ids(home, "resources")[0]
    put(overlay, "overlay.yaml", {"change": {"resources": {one: {"minutes": "long"}}}})
    return f"overlay.yaml: change.resources.{one}: minutes: "


def unknown_hidden(home: Path, overlay: Path) -> str:
    put(overlay, "overlay.yaml", {"hide": {"programmes": ["no-such"]}})
    return "overlay.yaml: hide.programmes: 'no-such' is no programme of the shipped library"


def changed_twice(home: Path, overlay: Path) -> str:
    one = ids(home, "resources")[0]
    put(overlay, f"resources/{one}.yaml", raw(home, f"resources/{one}.yaml"))
    put(overlay, "overlay.yaml", {"retire": {one: {"why": "Old."}}})
    return f"overlay.yaml: retire.{one}: {overlay}/resources/{one}.yaml is about the same resource"


def changed_id(home: Path, overlay: Path) -> str:
    put(overlay, "overlay.yaml", {"change": {"programmes": {"peer-quarter": {"id": "ours"}}}})
    return "overlay.yaml: change.programmes.peer-quarter.id: an id is never changed"


def bad_file(home: Path, overlay: Path) -> str:
    put(overlay, f"resources/{OWN['id']}.yaml", {**OWN, "topics": ["no-such"]})
    return f"resources/{OWN['id']}.yaml: topics: 'no-such' is no topic"


def stray(home: Path, overlay: Path) -> str:
    put(overlay, "phrases.yaml", {})
    return "phrases.yaml: is not read"


def too_many_situations(home: Path, overlay: Path) -> str:
    put(overlay, "topics.yaml", [{"id": "trust", "text": {"fr": {
        "situations": [f"Rien ne va plus ici, numéro {n}." for n in range(100)]}}}])
    return "topics.yaml: trust: text.fr.situations: 148 given; at most 120 allowed"


def unknown_pin(home: Path, overlay: Path) -> str:
    put(overlay, "curation.yaml", {"pinned": [
        {"resource": ids(home, "resources")[0], "topic": "trusting"}]})
    return "curation.yaml: pinned[0].topic: 'trusting' is no topic of this library; did you mean"


def refusal_of_nothing(home: Path, overlay: Path) -> str:
    put(overlay, "curation.yaml", {"refused": [
        {"resource": ids(home, "resources")[0], "why": "Dull."}]})
    return "curation.yaml: refused[0]: write `topic` or `need`, one of the two"


def pinned_and_refused(home: Path, overlay: Path) -> str:
    one = ids(home, "resources")[0]
    put(overlay, "curation.yaml", {
        "refused": [{"resource": one, "topic": "trust", "why": "Dull."}],
        "pinned": [{"resource": one, "topic": "trust"}]})
    return f"curation.yaml: resource {one!r} is pinned and refused for 'trust'"


def pinned_and_retired(home: Path, overlay: Path) -> str:
    one = ids(home, "resources")[0]
    put(overlay, "overlay.yaml", {"retire": {one: {"why": "Old."}}})
    put(overlay, "curation.yaml", {"pinned": [{"resource": one, "topic": "trust"}]})
    return f"curation.yaml: pinned[0].resource: {one!r} is retired"


DAMAGES: tuple[Damage, ...] = (
    unknown_change, bad_patch, unknown_hidden, changed_twice, changed_id, bad_file, stray,
    too_many_situations, unknown_pin, refusal_of_nothing, pinned_and_refused, pinned_and_retired,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_fault_names_the_overlays_file(home: Path, overlay: Path, damage: Damage) -> None:
    """Each way to go wrong in an overlay is one fault, under the path of the overlay's file."""
    expected = f"{overlay}/{damage(home, overlay)}"
    assert [line[: len(expected)] for line in said(home, overlay)] == [expected]


def test_faults_of_both_folders_come_at_once(home: Path, overlay: Path, tmp_path: Path) -> None:
    """One reading names what is wrong in the shipped library and in the overlay."""
    own = Path(shutil.copytree(home, tmp_path / "home"))
    one = ids(own, "resources")[0]
    (own / f"resources/{one}.yaml").write_text("id: [", "utf-8")
    expected = [f"{overlay}/{damage(home, overlay)}" for damage in (bad_file, stray, unknown_pin)]
    expected[2] = f"{overlay}/curation.yaml: pinned[0].topic: 'trusting'"
    with pytest.raises(LibraryError) as caught:
        load_library(own, overlay=overlay)
    lines = str(caught.value).splitlines()
    for start in (*expected, f"resources/{one}.yaml: line 1: no valid YAML"):
        assert any(line.startswith(start) for line in lines), start
    assert len(lines) == 5


def test_an_overlay_that_is_not_there_is_refused(home: Path, tmp_path: Path) -> None:
    """A mistyped folder is an error that names the setting, not a library without an overlay."""
    with pytest.raises(InvalidInputError, match="is no folder; make it, or mend AGENDUM_OVERLAY"):
        load_library(home, overlay=tmp_path / "none")
