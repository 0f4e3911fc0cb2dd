"""Minutes that are a curator's estimate are shown as one."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from fakes import BagOfWordsEncoder

from api.cli import cli
from content_library.load import Library
from recommender.agendas.render.sheet import reading_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import ResourceUse
from recommender.domain.resource import Resource


@pytest.mark.parametrize(("language", "said"), [
    ("en", "about 12 min"), ("es", "unos 12 min"), ("fr", "environ 12 min"),
])
def test_an_agenda_says_about(library: Library, language: str, said: str) -> None:
    """In each language an estimate reads as one in every format; stated minutes do not."""
    phrases = library.phrases[language]
    use = ResourceUse.model_validate({
        "id": "r", "title": "T", "url": "https://a.b", "minutes": 12, "minutes_estimated": True,
        "language": "en", "format": "video", "use": "before", "for": ["mentee"], "reason": "R"})
    stated = use.model_copy(update={"minutes_estimated": False})
    unknown = stated.model_copy(update={"minutes": None})
    assert said in reading_of(use, phrases).about
    assert said not in reading_of(stated, phrases).about
    assert "12 min" in reading_of(stated, phrases).about
    assert phrases.headings["unknown_minutes"] in reading_of(unknown, phrases).about


def test_the_command_says_about(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """`agendum resources` prints an estimate as one; JSON has `minutes_estimated`; no reason
    states the number as a fact.
    """
    one = next(iter(library.resources.values()))
    guess = Resource.model_validate({
        **one.model_dump(), "minutes": 12, "minutes_estimated": True, "format": "article",
        "language": "fr"})
    catalogue = Catalogue(replace(library, resources={guess.id: guess}), BagOfWordsEncoder())
    monkeypatch.setattr("api.opening.open_ready_catalogue", lambda _: catalogue)
    asked = ["resources", "--query", "stories that my team wants to hear from me"]
    shown = CliRunner().invoke(cli, asked).stdout
    assert "article, about 12 min, fr" in shown
    (found,) = json.loads(CliRunner().invoke(cli, [*asked, "--json"]).stdout)
    assert (found["minutes"], found["minutes_estimated"]) == (12, True)
    assert "12" not in found["reason"]
