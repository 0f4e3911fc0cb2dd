"""Every shipped example runs by the real path and shows what its programme's owners asked for."""

import re
from typing import Any

import pytest
from invariants import as_bytes, broken, folded, texts
from shipped import Agendas, read_examples

from api.rendering import agenda_markdown
from content_library.load import Library
from recommender.agendas.generate import generate_agenda
from recommender.agendas.render.markdown import render_markdown
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING
from recommender.domain.agenda import Agenda, Item
from recommender.domain.case import Case

pytestmark = pytest.mark.xdist_group("examples")
NAMES = sorted(read_examples())
PROGRAMMES = sorted({name.split("/")[0] for name in NAMES})


def mains(agenda: Agenda) -> list[Item]:
    return [item for item in agenda.items if item.kind in CARRYING and item.pulse is None]


def served(agenda: Agenda, source: str) -> set[str]:
    return {reason.id for item in agenda.items for reason in item.because
            if reason.source == source}


def activities(agenda: Agenda) -> set[str]:
    return {item.activity for item in mains(agenda) if item.activity is not None}


def changed(case: Case, **update: Any) -> Case:
    return Case.model_validate(case.model_dump(mode="json", by_alias=True) | update)


@pytest.mark.parametrize("name", NAMES)
def test_example_keeps_the_contract_and_renders(
    name: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """The agenda breaks no invariant, reads as Markdown, and comes out the same again."""
    case, agenda = agendas.cases[name], agendas[name]
    assert broken(case, agenda) == []
    text = render_markdown(agenda, catalogue.library.phrases[agenda.language])
    assert text.startswith(f"# {agenda.purpose[:20]}")
    assert text.count("\n## ") >= len(agenda.items)
    assert not re.search(r"\bNone\b|\{\w+\}|\$\w", text)
    assert as_bytes(generate_agenda(case, catalogue)) == as_bytes(agenda)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_programme_has_three_cases_with_the_first_and_the_last(
    programme: str, examples: dict[str, Case], library: Library
) -> None:
    """Each programme shows three sessions or more, its first and, where it has one, its last."""
    own = [case for name, case in examples.items() if name.startswith(f"{programme}/")]
    numbers = [case.session.number for case in own]
    length = library.programme(programme).sessions
    assert len(own) >= 3
    assert 1 in numbers
    assert length is None or any(
        case.session.number == (case.session.of or length) for case in own)


def test_programmes_and_languages_are_all_there(
    examples: dict[str, Case], library: Library
) -> None:
    """Every programme of the library has examples; Spanish and French stand beside English."""
    assert sorted(library.programmes) == PROGRAMMES
    spoken = [case.session.language[:2] for case in examples.values()]
    assert min(spoken.count(one) for one in ("en", "es", "fr")) >= 8


@pytest.mark.parametrize(("name", "theme"), [
    ("peer-quarter/2-propuestas-que-se-olvidan", "professional-branding"),
    ("peer-quarter/5-pod-across-areas", "communicating-so-others-listen"),
    ("functional-hr/2-machine-reads-applications", "innovation-ai"),
    ("functional-hr/3-jury-meme-profil", "inclusive-leadership"),
    ("women-pilot/2-mi-idea-con-mi-nombre", "being-heard"),
    ("regional/2-before-the-chief-speaks", "speaking-up-psychological-safety"),
    ("leaders-circle/3-viajes-y-correos", "speaking-up-psychological-safety"),
])
def test_theme_of_the_month_is_worked_on(
    name: str, theme: str, agendas: Agendas, library: Library
) -> None:
    """A session with a theme has an item that is there for it, and whose activity is about it."""
    term = library.term(theme)
    assert term is not None
    held = [item for item in agendas[name].items
            if any((one.source, one.id) == ("theme", theme) for one in item.because)]
    assert any(term.id in library.activities[item.activity or ""].topics for item in held)


def test_short_session_serves_the_pair_before_a_theme_that_does_not(
    agendas: Agendas, catalogue: Catalogue, library: Library
) -> None:
    """Half an hour holds one thing: a theme that fits no goal waits; in an hour it has an item."""
    name = "onboarding/3-ca-se-decide-au-dessert"
    short, case = agendas[name], agendas.cases[name]
    assert "managing-up" not in served(short, "theme")
    longer = generate_agenda(changed(case, session=case.session.model_dump(
        mode="json", by_alias=True) | {"minutes": 60}), catalogue)
    assert "managing-up" in served(longer, "theme")
    assert any("managing-up" in library.activities[one].topics for one in activities(longer))


def test_evergreen_has_no_last_number(agendas: Agendas, catalogue: Catalogue) -> None:
    """Evergreen agendas name no last session and never say goodbye."""
    for name in (one for one in NAMES if one.startswith("evergreen/")):
        agenda = agendas[name]
        assert agenda.session.of is None
        assert agenda.session.type not in ("closing", "one_off")
        assert agenda.items[-1].kind == "action_planning"
        text = render_markdown(agenda, catalogue.library.phrases[agenda.language])
        assert f"{agenda.session.number} of" not in text
        assert f"{agenda.session.number} de " not in text.splitlines()[2]
        assert f"{agenda.session.number} sur " not in text.splitlines()[2]


def test_goals_changed_midway_change_the_next_agenda(
    agendas: Agendas, catalogue: Catalogue
) -> None:
    """With the goal of the month before, the same session has other activities and reasons."""
    name = "evergreen/3-objectif-change-en-route"
    case, agenda = agendas.cases[name], agendas[name]
    learner = case.learners[0].profile
    left = [goal for goal in learner.goals if goal.status != "active"]
    assert left, "the example no longer shows a goal that was left"
    before = changed(case, goals=[{"id": left[0].id, "text": left[0].text, "owner": learner.id}])
    old = generate_agenda(before, catalogue)
    assert served(agenda, "goal") == {goal.id for goal in learner.goals if goal.status == "active"}
    assert served(old, "goal") == {left[0].id}
    assert folded(left[0].text)[:40] not in folded(" ".join(texts(agenda)))
    assert activities(old) != activities(agenda)


def test_one_off_conversation_has_welcome_and_closing(agendas: Agendas) -> None:
    """A single conversation opens with a welcome, ends with a closing and carries one thing."""
    for name in (one for one in NAMES if one.startswith("colleague-connect/")):
        agenda = agendas[name]
        assert agenda.session.type == "one_off"
        assert [agenda.items[0].kind, agenda.items[-1].kind] == ["welcome", "closing"]
        assert mains(agenda)


def test_leaders_circle_speaks_spanish_agrees_first_and_hears_everyone(
    agendas: Agendas, library: Library
) -> None:
    """Circles are Spanish, resources too; all open and end; the agreement is before any work."""
    names = [one for one in NAMES if one.startswith("leaders-circle/")]
    for name in names:
        agenda = agendas[name]
        assert agenda.language == "es"
        assert {use.language.split("-")[0] for use in agenda.resources} <= {"es"}
        assert agenda.items[0].lead == agenda.items[-1].lead == "all"
        for item in mains(agenda):
            assert "group" in library.activities[item.activity or ""].relations
    kinds = [item.kind for item in agendas[names[0]].items]
    assert kinds.index("agreement") < min(kinds.index(kind) for kind in kinds if kind in CARRYING)
    first = folded(" ".join(texts(agendas[names[0]])))
    assert "fuera" in first or "aqui" in first or "confidencial" in first


@pytest.mark.parametrize("name", [
    "new-managers/3-la-liste-a-cocher", "nextgen/3-hoy-ensena-quien-aprende",
    "peer-quarter/3-paper-rota-and-lost-desks",
])
def test_roles_turn_round_in_the_reverse_session(
    name: str, agendas: Agendas, library: Library
) -> None:
    """The reverse session is one: each of its main activities is meant for turned roles."""
    agenda = agendas[name]
    assert agenda.session.type == "reverse"
    for item in mains(agenda):
        assert "reverse" in library.activities[item.activity or ""].session_types
    if "peer" not in name:
        assert any("reverse-mentoring" in library.activities[item.activity or ""].topics
                   for item in mains(agenda))


def test_reverse_programme_uses_activities_for_reverse_pairs(
    agendas: Agendas, library: Library
) -> None:
    """In a reverse programme every activity is one for reverse pairs."""
    for name in (one for one in NAMES if one.startswith("reverse/")):
        for item in (one for one in agendas[name].items if one.pulse is None):
            assert "reverse" in library.activities[item.activity or ""].relations


def test_regional_copy_with_other_themes_gives_other_agendas(
    agendas: Agendas, catalogue: Catalogue, library: Library
) -> None:
    """Duplicate a programme, change success and themes: the agenda follows."""
    name = "regional/2-before-the-chief-speaks"
    case = agendas.cases[name]
    shared = case.programme if not isinstance(case.programme, str) else \
        library.programme(case.programme)
    copy = shared.model_dump(mode="json", by_alias=True)
    copy["id"] = "regional-copy"
    copy["success"] = "Each pair can show one task that somebody else now does"
    copy["agenda"]["themes"] = {case.session.number: "delegation"}
    agenda = generate_agenda(changed(case, programme=copy), catalogue)
    assert served(agenda, "theme") == {"delegation"}
    assert served(agendas[name], "theme") == {"speaking-up-psychological-safety"}
    assert activities(agenda) != activities(agendas[name])


def test_grave_talking_point_is_handed_on_and_the_ordinary_one_kept(agendas: Agendas) -> None:
    """What needs a person is nowhere in the agenda; the hard talk beside it has its place."""
    agenda = agendas["new-managers/5-hard-talk-and-a-hand-off"]
    assert agenda.hand_off is not None
    assert agenda.hand_off.to.strip()
    places = {place.id: place for place in agenda.talking_points}
    assert places["t1"].item is None
    assert places["t1"].deferred
    everything = folded(" ".join(texts(agenda)))
    for words in ("frighten", "feel safe", "another unit", "remarks"):
        assert words not in everything
    item = next(one for one in agenda.items if one.id == places["t2"].item)
    assert "handover notes cost the night shift" in " ".join([*item.prompts, *item.steps])
    assert agenda.resources == []


@pytest.mark.parametrize("name", [
    "evergreen/4-friday-at-four", "leaders-circle/3-viajes-y-correos",
    "new-managers/2-sunday-rewrites", "regional/2-before-the-chief-speaks",
])
def test_material_of_earlier_sessions_is_not_used_again(name: str, agendas: Agendas) -> None:
    """Main activities and resources that the history names do not come back."""
    case, agenda = agendas.cases[name], agendas[name]
    past = [one.agenda for one in case.history if one.agenda is not None]
    assert past
    assert not activities(agenda) & {one for each in past for one in activities(each)}
    assert not ({use.id for use in agenda.resources}
                & {use.id for each in past for use in each.resources})


def test_the_same_first_hour_is_the_programme_s_own(
    agendas: Agendas, library: Library
) -> None:
    """Fixed: NextGen's written session, three quarters as long, with the pair's point in it."""
    agenda = agendas["nextgen/5-the-same-first-hour"]
    own = library.programme("nextgen").agenda.sessions[1]
    assert agenda.purpose == own.text["en"].purpose
    assert [item.title for item in agenda.items] == [item.text["en"].title for item in own.items]
    for item, written in zip(agenda.items, own.items, strict=True):
        assert item.prompts[: len(written.text["en"].prompts)] == written.text["en"].prompts
    assert [item.minutes for item in agenda.items] == [7, 9, 19, 10]
    place = next(item for item in agenda.items if item.id == agenda.talking_points[0].item)
    assert "which one floods" in place.prompts[-1]


def test_a_must_have_is_filled_for_the_pair(agendas: Agendas, library: Library) -> None:
    """Guided: the programme's activity stands there, and the rest speaks of this pair's matter."""
    agenda = agendas["new-managers/6-la-frase-que-no-digo"]
    item = next(one for one in agenda.items if one.activity == "hard-talk-first-sentence")
    assert "programme" in {reason.source for reason in item.because}
    assert "llegadas tarde" in agenda.purpose
    assert agenda.provenance.unmet == []


def test_onboarding_speaks_of_buddies(agendas: Agendas, catalogue: Catalogue) -> None:
    """Style: the programme's word wherever Agendum speaks, on the page too; never mentor."""
    for name in (one for one in NAMES if one.startswith("onboarding/")):
        agenda = agendas[name]
        page = agenda_markdown(agenda, catalogue.library)
        if agenda.language == "en":
            assert "buddy" in page.lower()
            own = re.compile(r"“[^”]*”|\[[^]]*\]\([^)]*\)")
            assert not re.search(r"\bment(?:or|ee)s?\b", own.sub("", page), re.IGNORECASE)


@pytest.mark.parametrize(("name", "kind"), [
    ("onboarding/2-how-we-did-it-at-the-bank", "pulse_30"),
    ("leaders-circle/3-viajes-y-correos", "pulse_30"),
    ("functional-hr/4-derniere-lettres-de-fin-de-contrat", "end"),
    ("peer-quarter/6-deux-programmes-a-la-fois", "pulse_30"),
])
def test_milestones_are_asked_in_their_session(name: str, kind: str, agendas: Agendas) -> None:
    """A pair, a circle, a last session and equals: the questions stand before the last item."""
    agenda = agendas[name]
    assert [item.pulse for item in agenda.items].index(kind) == len(agenda.items) - 2


def test_a_step_missed_twice_is_asked_about_differently(agendas: Agendas) -> None:
    """Open since session 2: what gets in its way; what is done since is asked about, once."""
    first = agendas["evergreen/6-third-time-on-the-list"].items[0]
    assert "has been open since session 2. What gets in its way?" in first.prompts[0]
    assert not any("What happened?" in prompt for prompt in first.prompts)
    assert "nurse manager" in " ".join([*first.prompts, *first.steps])
    assert "with a clock" not in " ".join([*first.prompts, *first.steps])


def test_a_goal_that_changed_is_noticed(agendas: Agendas) -> None:
    """The new goal opens the session, and the mentor is told before."""
    agenda = agendas["evergreen/3-objectif-change-en-route"]
    assert agenda.items[0].prompts[0].startswith("L'objectif est maintenant")
    assert any(line.startswith("L'objectif a changé") for line in agenda.preparation.mentor)


def test_what_the_other_programme_gave_does_not_come_again(
    agendas: Agendas, catalogue: Catalogue
) -> None:
    """Without `seen` the same session has the activity that the other programme gave."""
    name = "peer-quarter/6-deux-programmes-a-la-fois"
    case = agendas.cases[name]
    seen = set(case.members[0].seen.activities)
    assert not activities(agendas[name]) & seen
    members = case.model_dump(mode="json", by_alias=True)["members"]
    members[0]["seen"] = {}
    assert activities(generate_agenda(changed(case, members=members), catalogue)) & seen


def test_two_programmes_of_one_person_share_no_material(
    agendas: Agendas, catalogue: Catalogue
) -> None:
    """With the other programme's agendas in the history, none of their material comes again."""
    name = "nextgen/2-does-yes-mean-yes"
    agenda = agendas[name]
    case = agendas.cases[name]
    elsewhere = {"number": 1, "agenda": agenda.model_dump(mode="json", by_alias=True)}
    history = case.model_dump(mode="json", by_alias=True)["history"]
    again = generate_agenda(changed(case, history=[elsewhere, *history]), catalogue)
    assert agenda.resources
    assert activities(agenda)
    assert not activities(again) & activities(agenda)
    assert not ({use.id for use in again.resources} & {use.id for use in agenda.resources})
