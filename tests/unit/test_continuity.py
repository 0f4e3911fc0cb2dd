"""From one session to the next: what is open, missed, done, new, or known already."""

from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from invariants import broken, texts

from content_library.load import load_library
from recommender.agendas.brief import Brief, make_brief
from recommender.agendas.candidates import Candidates, too_early
from recommender.agendas.generate import generate_agenda
from recommender.agendas.history import changed_goals, newly_done
from recommender.agendas.readings import levels_of, longest_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item
from recommender.domain.base import LANGUAGES
from recommender.domain.case import Case

Data = dict[str, Any]
LIBRARY = load_library()
TEXT = {"en": "Ring the depot about the late lorries", "es": "Llamar al depósito por los camiones",
        "fr": "Appeler le dépôt pour les camions"}
GOAL = {"en": "Say no to one more task on a Friday", "es": "Decir que no a una tarea más",
        "fr": "Dire non à une tâche de plus le vendredi"}


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(LIBRARY, BagOfWordsEncoder())


def case_of(number: int = 4, **update: Any) -> Case:
    session = {"number": number, "minutes": 60, "language": "en", **update.pop("session", {})}
    return Case.model_validate({
        "programme": "evergreen", "session": session,
        "members": [{"role": "mentee", "profile": {"id": "p-1"}, "seen": update.pop("seen", {})},
                    {"role": "mentor", "profile": {"id": "p-2"}}], **update})


def action(status: str, text: str = TEXT["en"], key: str = "a1") -> Data:
    return {"id": key, "text": text, "status": status}


def past(number: int, *actions: Data, **update: Any) -> Data:
    return {"number": number, "actions": list(actions), **update}


def brief_of(quick: Catalogue, case: Case) -> Brief:
    return make_brief(case, LIBRARY, quick.hand_off_rules, quick.known_words)


def opening(agenda: Agenda) -> Item:
    return agenda.items[0]


def said(agenda: Agenda) -> str:
    return "\n".join(texts(agenda))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_action_missed_twice_is_asked_about_differently(
    quick: Catalogue, language: Any
) -> None:
    """What gets in its way, and smaller or let go; once missed, what happened."""
    phrases = LIBRARY.phrases[language]
    quote = phrases.quoted(TEXT[language])
    for first, missed in ((3, False), (2, True), (1, True)):
        case = case_of(session={"language": language}, history=[
            past(number, action("open", TEXT[language])) for number in range(first, 4)])
        agenda = generate_agenda(case, quick)
        plain = phrases.action_prompt.format(quote=quote)
        other = phrases.action_missed.format(quote=quote, since=first)
        assert (other in opening(agenda).prompts) == missed
        assert (phrases.action_missed_then in opening(agenda).prompts) == missed
        assert (plain in opening(agenda).prompts) != missed
        assert (phrases.prep_action_missed.format(quote=quote)
                in agenda.preparation.mentee) == missed
        assert (phrases.action_line_missed.format(quote=quote, since=first)
                in opening(agenda).steps) == missed
        assert broken(case, agenda) == []


def test_a_missed_action_that_cannot_be_quoted_says_since_when(quick: Catalogue) -> None:
    """Not « agreed last time »: it has been open for longer."""
    named = action("open", "Ask Beatriz Quintanilla for the list")
    agenda = generate_agenda(case_of(history=[past(number, named) for number in (1, 2, 3)]), quick)
    assert "The step that has been open since session 1" in opening(agenda).steps
    assert "Beatriz" not in said(agenda)


def test_a_dropped_action_is_not_asked_about(quick: Catalogue) -> None:
    """Neither carried nor mentioned, also where earlier sessions had it open."""
    case = case_of(history=[past(2, action("open")), past(3, action("dropped"))])
    agenda = generate_agenda(case, quick)
    assert agenda.actions_carried == []
    assert TEXT["en"] not in said(agenda)
    assert opening(agenda).kind == "check_in"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_done_is_asked_about_once(quick: Catalogue, language: Any) -> None:
    """In the next session, also without open actions; never again, though history repeats it."""
    phrases = LIBRARY.phrases[language]
    asked = phrases.done_prompt.format(quote=phrases.quoted(TEXT[language]))
    done, still = action("done", TEXT[language]), action("open", TEXT[language])
    first = case_of(3, session={"language": language}, history=[past(1, still), past(2, done)])
    agenda = generate_agenda(first, quick)
    assert opening(agenda).kind == "check_in"
    assert asked in opening(agenda).prompts
    assert broken(first, agenda) == []
    later = case_of(4, session={"language": language},
                    history=[past(1, still), past(2, done), past(3, done)])
    assert newly_done(later) == []
    assert TEXT[language] not in said(generate_agenda(later, quick))


def test_several_finished_actions_are_all_named(quick: Catalogue) -> None:
    """One is asked about, and a step names them all, beside what is still open."""
    case = case_of(history=[past(
        3, action("done"), action("done", "Count who speaks in two meetings", "a2"),
        action("open", "Write the page about the depot", "a3"))])
    first = opening(generate_agenda(case, quick))
    assert first.steps[0] == ("Done since last time, and worth a nod: “Ring the depot about the "
                              "late lorries” · “Count who speaks in two meetings”")
    assert "“Write the page about the depot”" in first.steps


def test_a_finished_action_is_named_where_there_is_no_room_to_ask(quick: Catalogue) -> None:
    """A new goal and a missed action leave no question, but a step for what is done."""
    goals = [{"id": "g1", "text": "Read a balance sheet without help"}]
    case = case_of(session={"minutes": 30}, goals=goals, history=[
        past(1, action("open"), goals=[{"id": "g0", "text": "Write shorter reports"}]),
        past(3, action("open"), action("done", GOAL["en"], "a2"))])
    first = opening(generate_agenda(case, quick))
    assert "is done. What did you find out?" not in " ".join(first.prompts)
    assert first.steps[0] == f"Done since last time, and worth a nod: “{GOAL['en']}”"


def goals_case(language: str, now: list[Data], *earlier: Data) -> Case:
    return case_of(4, session={"language": language}, goals=now, history=list(earlier))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_goal_is_noticed(quick: Catalogue, language: Any) -> None:
    """Asked about first thing, told to the mentor, with the goal as the reason."""
    phrases = LIBRARY.phrases[language]
    old = {"id": "g1", "text": TEXT[language]}
    new = {"id": "g2", "text": GOAL[language]}
    case = goals_case(language, [new], past(3, action("open", TEXT[language]), goals=[old]))
    agenda = generate_agenda(case, quick)
    quote = phrases.quoted(GOAL[language])
    assert opening(agenda).prompts[0] == phrases.goal_changed.format(quote=quote)
    assert ("goal", "g2") in [(one.source, one.id) for one in opening(agenda).because]
    assert phrases.prep_goal_changed.format(quote=quote) in agenda.preparation.mentor
    assert broken(case, agenda) == []
    same = goals_case(language, [new], past(3, goals=[new]))
    asked = opening(generate_agenda(same, quick)).prompts
    assert not {phrases.goal_changed.format(quote=quote),
                phrases.goal_added.format(quote=quote)} & set(asked)


def test_a_goal_worded_anew_has_changed_and_another_one_is_new() -> None:
    """The same id with other words counts; a goal beside the old ones is told apart."""
    old, new = {"id": "g1", "text": "Say no"}, {"id": "g2", "text": "Say yes"}
    again = {"id": "g1", "text": "Say no to the Friday task"}
    for now, expected in (([again], (["g1"], True)), ([old, new], (["g2"], False)),
                          ([old], ([], False)), ([{"id": "g1", "text": " say NO "}], ([], False)),
                          ([new], (["g2"], True))):
        case = goals_case("en", now, past(3, goals=[old]))
        found, replaced = changed_goals(case, case.goals or [])
        assert ([one.id for one in found], replaced) == expected


def test_earlier_agendas_tell_which_goals_there_were(quick: Catalogue) -> None:
    """Without `goals` in the history, the reasons of its agendas count; without any, nothing."""
    old, new = {"id": "g1", "text": TEXT["en"]}, {"id": "g2", "text": GOAL["en"]}
    agenda = generate_agenda(goals_case("en", [old]), quick)
    used = past(3, agenda=agenda.model_dump(mode="json", by_alias=True))
    for now, expected in (([new], (["g2"], True)), ([old, new], (["g2"], False))):
        case = goals_case("en", now, used)
        found, replaced = changed_goals(case, case.goals or [])
        assert ([one.id for one in found], replaced) == expected
    case = goals_case("en", [new], past(3, action("open")))
    assert changed_goals(case, case.goals or []) == ([], False)


def test_what_somebody_knows_from_elsewhere_is_not_given_again(quick: Catalogue) -> None:
    """Activities that either has seen, resources that the learner has: neither comes again."""
    goal = [{"id": "g1", "text": GOAL["en"]}]
    before = generate_agenda(case_of(3, goals=goal), quick)
    mains = [one.activity for one in before.items[1:-1]]
    resources = [one.id for one in before.resources]
    assert mains
    assert resources
    again = generate_agenda(
        case_of(3, goals=goal, seen={"activities": mains, "resources": resources}), quick)
    assert not {one.activity for one in again.items} & set(mains)
    assert not {one.id for one in again.resources} & set(resources)


def test_a_mentor_s_reading_is_no_reason_to_keep_it_from_the_mentee(quick: Catalogue) -> None:
    """Activities both have seen are not repeated; resources are counted for who reads them."""
    data = case_of(3).model_dump(mode="json", by_alias=True)
    one = LIBRARY.active_resources[0].id
    data["members"][1]["seen"] = {"resources": [one], "activities": ["hard-talk-first-sentence"]}
    brief = brief_of(quick, Case.model_validate(data))
    assert one not in brief.used_resources
    assert "hard-talk-first-sentence" in brief.used_activities


def test_a_programme_may_say_what_comes_again(quick: Catalogue) -> None:
    """What `repeat` names is as fresh as ever."""
    data = case_of(3, seen={"activities": ["hard-talk-first-sentence"],
                            "resources": ["x"]}).model_dump(mode="json", by_alias=True)
    plan = LIBRARY.programme("evergreen").model_dump(mode="json", by_alias=True)
    plan["agenda"]["repeat"] = ["hard-talk-first-sentence", "x"]
    brief = brief_of(quick, Case.model_validate(data | {"programme": plan}))
    assert brief.used_activities == {}
    assert brief.used_resources == frozenset()


@pytest.mark.parametrize(("verdict", "levels", "longest"), [
    ("too_easy", {"intermediate", "advanced"}, 45), ("too_hard", {"introductory"}, 45),
    ("too_long", set(), 20), ("helpful", set(), 45),
])
def test_verdicts_on_resources_are_heeded(
    quick: Catalogue, verdict: str, levels: set[str], longest: int
) -> None:
    """What somebody judged does not come again; too easy, hard or long changes what is preferred.

    A mentor's verdict does not count for the mentee.
    """
    def brief(who: str) -> Brief:
        return brief_of(quick, case_of(feedback=[
            {"profile_id": who, "target": "resource", "target_id": "r-1", "verdict": verdict}]))

    assert levels_of(brief("p-1")) == levels
    assert longest_of(brief("p-1")) == longest
    assert "r-1" in brief("p-1").used_resources
    assert brief("p-2").used_resources == frozenset()
    assert brief("p-2").verdicts == frozenset()


@pytest.mark.parametrize(("number", "of", "level", "expected"), [
    (1, 6, None, (0, 1, 2)), (3, 6, None, (0, 0, 1)), (5, 6, None, (0, 0, 0)),
    (1, 6, 6, (0, 0, 1)), (1, 1, None, (0, 1, 2)), (3, 6, 6, (0, 0, 0)),
])
def test_the_level_of_an_activity_waits_for_the_stage(
    quick: Catalogue, number: int, of: int, level: int | None, expected: tuple[int, ...]
) -> None:
    """People who have just met begin simply; seniors are ready for harder methods sooner."""
    data = case_of(number, session={"of": of}).model_dump(mode="json", by_alias=True)
    data["members"][0]["profile"]["level"] = level
    data["goals"], data["history"] = [{"id": "g1", "text": GOAL["en"]}], [past(1, notes="Met.")]
    brief = brief_of(quick, Case.model_validate(data))
    one = LIBRARY.activities["hard-talk-first-sentence"]
    assert tuple(too_early(one.model_copy(update={"level": name}), brief)
                 for name in ("introductory", "intermediate", "advanced")) == expected


def guided(must_have: list[str], number: int = 3, **update: Any) -> Case:
    data = case_of(number, **update).model_dump(mode="json", by_alias=True)
    plan = LIBRARY.programme("evergreen").model_dump(mode="json", by_alias=True)
    plan["agenda"] |= {"must_have": {str(number): must_have}}
    return Case.model_validate(data | {"programme": plan, "mode": data["mode"] or "guided"})


def ids(agenda: Agenda) -> list[str | None]:
    return [item.activity for item in agenda.items]


@pytest.mark.parametrize("one", [
    "hard-talk-first-sentence", "promoted-over-friends", "plan-for-a-bad-day", "what-surprised-me",
    "check-in-still-carrying",
])
def test_a_must_have_stands_whatever_the_pair_needs(quick: Catalogue, one: str) -> None:
    """Main or frame, used before or presupposing something: it is there, and says why."""
    goal = [{"id": "g1", "text": "Read a balance sheet without help"}]
    used = case_of(3, goals=goal, seen={"activities": [one]}).members[0].seen
    case = guided([one], goals=goal, seen=used.model_dump())
    agenda = generate_agenda(case, quick)
    assert one in ids(agenda)
    item = next(item for item in agenda.items if item.activity == one)
    assert ("programme", "evergreen") in [(why.source, why.id) for why in item.because]
    assert agenda.provenance.unmet == []
    assert broken(case, agenda) == []


@pytest.mark.parametrize("topic", ["negotiation", "ethics", "public-speaking", "networking"])
def test_a_must_have_topic_has_an_item_about_it(quick: Catalogue, topic: str) -> None:
    """Whichever activity of it serves this pair best."""
    case = guided([topic], goals=[{"id": "g1", "text": GOAL["en"]}])
    agenda = generate_agenda(case, quick)
    about = [item for item in agenda.items
             if topic in LIBRARY.activities[item.activity or ""].topics]
    assert about
    assert any(why.source == "programme" for item in about for why in item.because)


def test_personalised_sessions_are_not_bound(quick: Catalogue) -> None:
    """Must-haves are a matter of guided agendas."""
    assert "promoted-over-friends" not in ids(generate_agenda(
        guided(["promoted-over-friends"], mode="personalised"), quick))


@pytest.mark.parametrize(("wanted", "minutes", "why"), [
    (["circle-only-questions"], 60, "circle-only-questions is for group, and this is mentor"),
    (["welcome-moment-not-cv"], 60, "is a welcome, for which a working session has no place left"),
    (["hard-talk-first-sentence", "promoted-over-friends"], 20,
     "promoted-over-friends has no room in 20 minutes"),
])
def test_what_a_session_cannot_hold_is_said(
    quick: Catalogue, wanted: list[str], minutes: int, why: str
) -> None:
    """Never left out in silence: the provenance names it with the reason."""
    case = guided(wanted, session={"minutes": minutes}, history=[past(1, action("open"))],
                  goals=[{"id": "g1", "text": GOAL["en"]}])
    agenda = generate_agenda(case, quick)
    assert len(agenda.provenance.unmet) == 1
    assert why in agenda.provenance.unmet[0]
    assert broken(case, agenda) == []


def test_an_activity_that_was_used_comes_back_only_when_nothing_else_is_left(
    quick: Catalogue
) -> None:
    """With every main activity used there is a session even so."""
    every = sorted(LIBRARY.activities)
    case = case_of(3, seen={"activities": every})
    assert Candidates(brief_of(quick, case), quick).mains
    assert broken(case, generate_agenda(case, quick)) == []
