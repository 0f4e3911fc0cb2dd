"""Which activity is chosen: needs find their activity, and nobody is put into a false situation."""

from typing import Any

import pytest
from shipped import ROOT

from evals.activities import ActivityReport, GradedNeed, evaluate_activities, read_graded_needs
from recommender.agendas import fit
from recommender.agendas.brief import make_brief
from recommender.agendas.candidates import Candidates
from recommender.agendas.fit import measure_fits
from recommender.agendas.generate import generate_agenda
from recommender.agendas.needs import needs_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case


@pytest.fixture(scope="module")
def graded() -> list[GradedNeed]:
    return read_graded_needs(ROOT / "evals/data/activity_needs")


@pytest.fixture(scope="module")
def report(graded: list[GradedNeed], catalogue: Catalogue) -> ActivityReport:
    return evaluate_activities(graded, catalogue)


def agenda_of(data: dict[str, Any], catalogue: Catalogue) -> Agenda:
    return generate_agenda(Case.model_validate(data), catalogue)


def eligible(data: dict[str, Any], catalogue: Catalogue) -> set[str]:
    """Return the ids of the main activities that a case may get."""
    brief = make_brief(Case.model_validate(data), catalogue.library, catalogue.hand_off_rules,
                       catalogue.known_words)
    fits = measure_fits(Candidates(brief, catalogue), brief, needs_of(brief, catalogue), catalogue)
    return {one.id for one in fits.mains}


def test_first_choices_are_mostly_good_where_they_are_sure(
    report: ActivityReport, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of all first choices are good, and more than two thirds of those that are sure."""
    with capsys.disabled():
        print(f"\nActivities for {len(report.choices)} needs: {report.to_text()}")
    good, of = report.share_good()
    assert good >= of / 2
    good, of = report.share_good(least=fit.VERY_SURE)
    assert of >= 15
    assert good >= of * 2 / 3
    assert sum(one.grade < 0 for one in report.choices) <= len(report.choices) / 8


def test_what_people_say_helps_to_choose(
    graded: list[GradedNeed], catalogue: Catalogue, report: ActivityReport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the activities' situations the ranking is worse."""
    monkeypatch.setattr(fit, "SITUATIONS", 0.0)
    assert evaluate_activities(graded, catalogue).ndcg < report.ndcg


@pytest.mark.parametrize(("said", "included"), [
    ("Since Monday I lead the five people I used to have lunch with, and nobody laughs at my "
     "jokes any more.", True),
    ("Write the quarterly report so that the ministry reads past the first page.", False),
])
def test_activity_that_presupposes_waits_until_somebody_says_so(
    said: str, included: bool, case_data: dict[str, Any], catalogue: Catalogue
) -> None:
    """The talk with former peers is offered to those who lead former peers, and to no one else."""
    case_data["session"] |= {"language": "en", "number": 3}
    case_data["goals"] = [{"id": "g1", "text": said}]
    case_data["programme"] = "evergreen"
    case_data["session"].pop("of")
    assert ("promoted-over-friends" in eligible(case_data, catalogue)) is included


def test_debrief_needs_something_that_was_read(
    case_data: dict[str, Any], catalogue: Catalogue
) -> None:
    """A debrief of what was read is offered only after an agenda that gave something to read."""
    case_data |= {"programme": "evergreen", "goals": [
        {"id": "g1", "text": "Use AI tools for first drafts of our reports"}]}
    case_data["session"] = {"number": 3, "minutes": 60, "language": "en"}
    debriefs = {one.id for one in catalogue.library.activities.values()
                if one.kind == "resource_debrief"}
    assert not debriefs & eligible(case_data, catalogue)
    earlier = dict(case_data, session={"number": 2, "minutes": 60, "language": "en"})
    before = agenda_of(earlier, catalogue)
    assert before.resources
    case_data["history"] = [{"number": 2, "agenda": before.model_dump(mode="json", by_alias=True)}]
    assert debriefs & eligible(case_data, catalogue)


@pytest.mark.parametrize(("minutes", "goal"), [
    (60, "Know what an AI tool did to a paper before my name goes under it"),
    (30, "Delegate the budget round to the two young leads"),
    (30, "Run a staff meeting in which the newest speak first"),
])
def test_junior_leads_where_the_junior_is_the_mentor(
    minutes: int, goal: str, case_data: dict[str, Any], catalogue: Catalogue
) -> None:
    """In a reverse programme one main item is opened by the mentor, who is the junior."""
    case_data |= {"programme": "reverse", "goals": [{"id": "g1", "text": goal}]}
    case_data["session"] = {"number": 2, "of": 6, "minutes": minutes, "language": "en"}
    case_data["history"] = [{"number": 1, "notes": "We told each other about an ordinary day."}]
    leads = [item.lead for item in agenda_of(case_data, catalogue).items
             if item.kind in ("exercise", "discussion", "role_play")]
    assert "mentor" in leads


def test_what_is_asked_about_the_meeting_goes_where_it_is_agreed(
    case_data: dict[str, Any], catalogue: Catalogue
) -> None:
    """Who hears what is said here is answered in the agreement, not in an exercise."""
    case_data |= {"programme": "evergreen", "goals": [
        {"id": "g1", "text": "Hand over the month-end report without rewriting it"}]}
    case_data["session"] = {
        "number": 1, "minutes": 60, "language": "en",
        "talking_points": [{"id": "t1", "text": "Before we start: who else will hear what I say "
                                               "here, and does my boss get a report?"}]}
    agenda = agenda_of(case_data, catalogue)
    [place] = agenda.talking_points
    [item] = [one for one in agenda.items if one.id == place.item]
    assert item.kind == "agreement"


def test_both_peers_goals_stand_in_the_purpose(
    case_data: dict[str, Any], catalogue: Catalogue
) -> None:
    """Between equals the purpose names both goals, each by its words."""
    first, second = "Say no to the eighth priority", "Get my figures read before the meeting"
    case_data |= {"programme": "peer-quarter", "members": [
        {"role": "peer", "profile": {"id": "p-1"}}, {"role": "peer", "profile": {"id": "p-2"}}],
        "goals": [{"id": "g1", "text": first, "owner": "p-1"},
                  {"id": "g2", "text": second, "owner": "p-2"}]}
    case_data["session"] |= {"language": "en", "number": 4}
    purpose = agenda_of(case_data, catalogue).purpose
    assert first in purpose
    assert second in purpose
