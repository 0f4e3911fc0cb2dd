"""Whatever a case holds, its agenda keeps the contract.

The invariants stand in tests/invariants.py, from the contract's text, not the product's checks.
"""

import asyncio
import json
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any, get_args

import numpy as np
import pytest
from draft_stub import StubModel, honest_draft, shaken_draft
from fakes import BagOfWordsEncoder
from hand_off_examples import GRAVE
from hostile import XML_UNREADABLE
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from invariants import LIBRARY, as_bytes, broken
from readers import SHOWN, missing, read, rendered

from content_library.load import load_library
from recommender.agendas.arc import written_of
from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.agendas.generate import generate_agenda
from recommender.agendas.render.sheet import headline
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Kind
from recommender.domain.case import Case
from recommender.domain.feedback import Feedback
from recommender.domain.programme import Programme
from recommender.errors import InvalidInputError

CASES, PARTS, REAL, DRAFTED = 1000, 4, 100, 150
TWICE_EVERY = 5
"""Every so many cases are made a second time."""

# What people write

NAMES = (
    "Zbigniew Wąsik", "Nkechi Okonjo-Adeyemi", "Åsa Björkqvist", "Seán Ó Súilleabháin",
    "Amélie Guéguen", "Íñigo Muñoz Etxeberria", "Nguyễn Thị Hường", "Jürgen Groß", "Bo Xu",
    "Мария Ковальчук", "ليلى حداد", "D’Angelo McIntyre", "Zoë", "İlknur Şahin",
)
WRITTEN = (
    "Give feedback that people act on without damaging the relationship",
    "Stop answering mail at eleven at night",
    "Half of my team thinks it is pointless, and I did not decide it.",
    "i never know what to say when she cries",
    "Get the stock count done by somebody else; it takes the whole Friday!",
    "What happens if I say no?",
    "Que mi jefa decida antes de irse de misión",
    "Me quedo callado en las reuniones y luego me arrepiento.",
    "Diriger mes anciens collègues sans jouer au chef",
    "On me coupe la parole à chaque réunion.",
    "Apresentar o relatório sem ler", "Mehr delegieren", "أريد أن أتحدث أمام الناس",
    "Ask two colleagues for feedback (99 min)", "{goal} and {quote} and %s",
    "“quoted” «entre comillas» « espacés » \"plain\" ‘inner’", "100 % <b>bold</b> | `code` # head",
    "a\tb\n\nc", "...", "?", "🙂🙃🚀", "e\u0301te\u0301 de\u0301ja\u0300 vu",
    "zero\u200bwidth\u200djoin\u2060er", "\u202eright to left\u202c", "x" * 290,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "ﬁne ligature Ⅷ ½", "Costs £5 or $5 or 5 €",
)
EMAILS = ("zoe.b@carewell.example", "n_okonjo+x@mail.un-org.example", "ÅSA@exämple.org")
PHONES = ("+44 20 7946 0958", "(0034) 612-345-678", "2125550175", "06.12.34.56.78")
ODD = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="$"), min_size=1, max_size=60,
).filter(lambda text: bool(text.strip()))
THEMES = sorted([*LIBRARY.topics, *LIBRARY.focus_areas, *(
    alias for term in (*LIBRARY.topics.values(), *LIBRARY.focus_areas.values())
    for alias in term.aliases)])
KINDS = get_args(Kind)
WANTED = sorted([*LIBRARY.activities, *LIBRARY.topics])
ACTIVE = [one.id for one in LIBRARY.active_resources]
STYLES: list[dict[str, Any]] = [
    {}, {}, {"tone": "brief"},
    {"tone": "warm", "use": {"en": {"mentor": "buddy", "goal": "aim", "step": "move"},
                             "es": {"objetivo": "meta", "paso": "acción"},
                             "fr": {"objectif": "cap", "pas": "geste"}},
     "avoid": {"en": ["role", "feedback", "silence"], "es": ["silencio"], "fr": ["silence"]}},
    {"avoid": {"en": ["the", "a"], "es": ["de", "la"], "fr": ["de", "la"]}},
]
JOINTS = (" and {} said so", " with {}", "; {} knows", "\n{} came late.", " ({})", " d'{}", " {}’s")


@st.composite
def writing(draw: st.DrawFn, names: tuple[str, ...], limit: int = 300) -> str:
    """Return what a person may write: plain, odd, with names, addresses or numbers in it."""
    text = draw(st.one_of(st.sampled_from(WRITTEN), st.sampled_from(WRITTEN), ODD))
    kind = draw(st.integers(0, 9))
    if kind < 3 and names:
        name = draw(st.sampled_from(names))
        form = draw(st.sampled_from(("", "first", "upper", "decomposed", "bare")))
        name = {"first": name.split()[0], "upper": name.upper(),
                "decomposed": unicodedata.normalize("NFD", name),
                "bare": "".join(one for one in unicodedata.normalize("NFD", name)
                                if not unicodedata.combining(one))}.get(form, name)
        text = draw(st.sampled_from(("{} told me. ", "Ask {}: ", "")))
        text = text.format(name) + draw(st.sampled_from(WRITTEN)) + draw(
            st.sampled_from(JOINTS)).format(name)
    elif kind == 3:
        text += draw(st.sampled_from((" ", "\n", " at: "))) + draw(st.sampled_from(EMAILS + PHONES))
    elif kind == 4:
        text = draw(st.sampled_from(GRAVE[draw(st.sampled_from(("en", "es", "fr")))]))
    return text[:limit].strip() or "x"


class Writer:
    """Texts for one case: a few that Hypothesis drew and plain ones, dealt out and joined."""

    def __init__(self, drawn: list[str], seed_: int) -> None:
        self.random = Random(seed_)
        self._drawn = drawn

    def text(self, limit: int = 300) -> str:
        own = [self.random.choice(self._drawn if self.random.random() < 0.6 else WRITTEN)
               for _ in range(self.random.choice((1, 1, 2)))]
        return " ".join(own)[:limit].strip() or "x"

    def some(self, most: int, limit: int = 300) -> list[str]:
        return [self.text(limit) for _ in range(self.random.randint(0, most))]

    def maybe(self) -> bool:
        return self.random.random() < 0.5


def profile_of(key: str, writer: Writer, said: tuple[str, ...]) -> dict[str, Any]:
    """Return a profile, often empty."""
    profile: dict[str, Any] = {"id": key}
    if writer.maybe():
        profile["name"] = writer.random.choice(said if writer.maybe() else NAMES)
    if writer.maybe():
        return profile
    return profile | {
        "headline": writer.text(100), "bio": writer.text(), "level": writer.random.randint(1, 7),
        "email": writer.random.choice(EMAILS),
        "languages": writer.random.sample(["en", "es", "fr", "pt-BR", "ar"],
                                          writer.random.randint(0, 3)),
        "skills_wanted": writer.some(3, 100), "skills_offered": writer.some(3, 100),
        "goals": [{"id": f"g{at}", "text": text,
                   "status": writer.random.choice(["active", "active", "reached"])}
                  for at, text in enumerate(writer.some(3))],
    }


@st.composite
def programmes(draw: st.DrawFn) -> str | dict[str, Any]:
    """Return a programme of the library, or one of the caller's own with aliases as themes."""
    if draw(st.booleans()):
        return draw(st.sampled_from(sorted(LIBRARY.programmes)))
    length = draw(st.one_of(st.none(), st.integers(1, 12)))
    last = length or 30
    milestones = draw(st.lists(st.builds(
        lambda day, kind: {"day": day, "kind": kind},
        st.integers(0, 400), st.sampled_from(["pulse", "closing"])), max_size=4))
    sessions = draw(st.dictionaries(st.integers(1, last), written_sessions(), max_size=2)
                    if draw(st.booleans()) else st.just({}))
    return {
        "id": "own", "name": "Own", "purpose": "People learn from each other",
        "milestones": milestones,
        "meetings_per_month": draw(st.sampled_from([1, 2, 3])),
        "success": "They know what they changed",
        "relation": draw(st.sampled_from(["mentor", "peer", "reverse", "group"])),
        "intake": draw(st.sampled_from(["cohort", "evergreen"])), "sessions": length,
        "agenda": {
            "mode": draw(st.sampled_from(["fixed", "guided", "personalised"])),
            "themes": draw(st.dictionaries(st.integers(1, last), st.sampled_from(THEMES),
                                           max_size=4)),
            "reverse_session": draw(st.one_of(st.none(), st.integers(1, last))),
            "must_have": draw(st.dictionaries(
                st.integers(1, last), st.lists(st.sampled_from(WANTED), min_size=1, max_size=5),
                max_size=6)),
            "sessions": sessions,
            "style": draw(st.sampled_from(STYLES)),
            "repeat": draw(st.lists(st.sampled_from(sorted(LIBRARY.activities)), max_size=3)),
        },
    }


@st.composite
def written_sessions(draw: st.DrawFn) -> dict[str, Any]:
    """Return a session that a programme has written, in every language, of three to seven items."""
    items = []
    for _ in range(draw(st.integers(2, 6))):
        minutes = draw(st.integers(3, 40))
        steps = draw(st.lists(st.sampled_from(("Tell it.", "Write it down. (2 min)")), max_size=5))
        steps = steps if sum("min)" in step for step in steps) * 2 <= minutes else []
        asked = draw(st.integers(0, 4))
        text = {"title": draw(st.sampled_from(WRITTEN))[:100], "steps": list(dict.fromkeys(steps)),
                "prompts": [f"{number}: what happened?" for number in range(asked)]}
        items.append({
            "kind": draw(st.sampled_from(KINDS)), "minutes": minutes,
            "lead": draw(st.sampled_from(["mentor", "mentee", "peer", "all"])),
            "activity": draw(st.one_of(st.none(), st.sampled_from(sorted(LIBRARY.activities)))),
            "text": dict.fromkeys(("en", "es", "fr"), text)})
    end = {"title": "The end", "prompts": ["Who does what, and when?"]}
    items.append({"kind": draw(st.sampled_from(["closing", "action_planning"])), "minutes": 5,
                  "text": dict.fromkeys(("en", "es", "fr"), end)})
    words = {"purpose": "To learn", "success_test": "It was learnt"}
    used = draw(st.lists(st.sampled_from(ACTIVE), max_size=2, unique=True))
    return {"items": items, "text": dict.fromkeys(("en", "es", "fr"), words),
            "resources": [{"id": one, "use": draw(st.sampled_from(["before", "during", "after"]))}
                          for one in used]}


def past_of(number: int, writer: Writer) -> dict[str, Any]:
    """Return an earlier session; its actions share ids with those of the others."""
    past: dict[str, Any] = {"number": number}
    if writer.maybe():
        past["notes"] = "\n".join([writer.text(), *writer.some(3)])
    past["actions"] = [
        {"id": f"a{at}", "text": text,
         "status": writer.random.choice(["open", "open", "done", "dropped"]),
         **({"due": f"2026-12-{10 + at}"} if writer.maybe() else {})}
        for at, text in enumerate(writer.some(12))
    ]
    if writer.maybe():
        past["goals"] = [{"id": f"g{at}", "text": text} for at, text in enumerate(writer.some(3))]
    if writer.maybe():
        used = writer.random.sample(sorted(LIBRARY.activities), writer.random.randint(1, 4))
        known = writer.random.sample(sorted(LIBRARY.resources), writer.random.randint(0, 3))
        past["agenda"] = past_agenda(number, used, known)
    return past


def past_agenda(number: int, activities: list[str], resources: list[str]) -> dict[str, Any]:
    return {
        "id": f"ag_{number}", "case_fingerprint": "sha256:0", "language": "en",
        "mode": "personalised", "purpose": "P", "success_test": "S",
        "session": {"number": number, "of": None, "minutes": 60, "type": "working"},
        "items": [{"id": f"i{at}", "kind": LIBRARY.activities[one].kind, "title": "T",
                   "minutes": 10, "lead": "all", "activity": one}
                  for at, one in enumerate(activities)],
        "resources": [{"id": one, "title": "R", "url": "https://example.org", "minutes": None,
                       "language": "en", "format": "article", "use": "after", "for": ["mentee"],
                       "reason": "R"} for one in resources],
        "confidence": {"level": "high"}, "provenance": {"generator": "composer"},
    }


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Return any case that the contract allows, as read from a file."""
    size = draw(st.sampled_from([2, 2, 2, 3, 4, 6, 8]))
    if size == 2:
        roles = draw(st.sampled_from([("mentee", "mentor"), ("mentor", "mentee"),
                                      ("peer", "peer")]))
    else:
        roles = tuple(draw(st.lists(st.sampled_from(["mentor", "mentee", "peer"]),
                                    min_size=size, max_size=size)))
        if set(roles) == {"mentor"}:
            roles = ("mentee", *roles[1:])
    said = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)))
    writer = Writer(draw(st.lists(writing(said), min_size=6, max_size=6)),
                    draw(st.integers(0, 2**32)))
    people = [profile_of(f"p-{at}", writer, said) for at in range(size)]
    programme = draw(programmes())
    length = (LIBRARY.programmes[programme].sessions if isinstance(programme, str)
              else programme["sessions"])
    number = draw(st.one_of(st.integers(1, length or 14), st.sampled_from([1, length or 4])))
    session: dict[str, Any] = {
        "number": number, "minutes": draw(st.integers(15, 120)),
        "language": draw(st.sampled_from(["en", "es", "fr", "en", "es-VE", "fr-CA"])),
        "talking_points": [
            {"id": f"t{at}", "text": text, "by": f"p-{writer.random.randrange(size)}"}
            for at, text in enumerate(writer.some(12, 1000))],
    }
    if draw(st.booleans()):
        session["of"] = draw(st.integers(number, number + 12))
    earlier = writer.random.sample(range(1, number), min(number - 1, writer.random.randint(0, 3)))
    seen = {"activities": writer.random.sample(sorted(LIBRARY.activities), 3),
            "resources": writer.random.sample(ACTIVE, 3)} if writer.maybe() else {}
    verdicts = get_args(Feedback.model_fields["verdict"].annotation)
    case: dict[str, Any] = {
        "programme": programme, "session": session,
        "feedback": [{"profile_id": f"p-{writer.random.randrange(size)}", "target": "resource",
                      "target_id": writer.random.choice(ACTIVE),
                      "verdict": writer.random.choice(verdicts)}
                     for _ in range(writer.random.randint(0, 3))],
        "members": [{"role": role, "profile": person, "seen": seen}
                    for role, person in zip(roles, people, strict=True)],
        "history": [past_of(one, writer) for one in sorted(earlier)],
    }
    if draw(st.booleans()):
        case["goals"] = [{"id": f"g{at}", "text": text}
                         for at, text in enumerate(writer.some(12))]
    if draw(st.booleans()):
        case["focus_area"] = draw(st.sampled_from(sorted(LIBRARY.focus_areas)))
    if draw(st.booleans()):
        case["mode"] = draw(st.sampled_from(["fixed", "guided", "personalised"]))
    return case


def minutes_needed(case: Case) -> int:
    """Return the minutes without which a case's session, as its programme wrote it, is refused."""
    programme = programme_of(case)
    of = case.session.of if case.session.of is not None else programme.sessions
    if (case.mode or programme.agenda.mode) != "fixed":
        return 0
    planned = written_of(programme, case.session.number, of)
    return 0 if planned is None else 3 * len(programme.agenda.sessions[planned].items)


# The tests


@pytest.fixture(scope="module")
def two_quick_catalogues() -> tuple[Catalogue, Catalogue]:
    """Return two catalogues that share nothing, with the encoder that hashes words."""
    return (Catalogue(load_library(), BagOfWordsEncoder()),
            Catalogue(load_library(), BagOfWordsEncoder()))


def random_cases(count: int) -> Any:
    """Return Hypothesis settings; a failure is made smaller for a while, not for minutes."""
    return settings(max_examples=count, deadline=None, database=None, derandomize=False,
                    suppress_health_check=list(HealthCheck),
                    phases=[Phase.explicit, Phase.generate])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_agenda_keeps_the_contract(
    part: int, two_quick_catalogues: tuple[Catalogue, Catalogue]
) -> None:
    """A thousand random cases: no invariant breaks; read again elsewhere, the same bytes."""
    one, other = two_quick_catalogues
    made = 0
    held: Counter[str] = Counter()

    @seed(20261203 + part)
    @random_cases(CASES // PARTS)
    @given(cases())
    def check(data: dict[str, Any]) -> None:
        nonlocal made
        made += 1
        case = Case.model_validate(data)
        if (needed := minutes_needed(case)) > case.session.minutes:
            with pytest.raises(InvalidInputError, match=f"give it {needed} or more"):
                generate_agenda(case, one)
            return
        agenda = generate_agenda(case, one)
        assert broken(case, agenda) == []
        held[case.mode or programme_of(case).agenda.mode] += 1
        held[agenda.session.type] += 1
        held[case.relation if programme_of(case).relation != "reverse" else "reverse"] += 1
        form = SHOWN[made % len(SHOWN)]
        held[form] += 1
        assert not_shown(agenda, case, one, form) == [], form
        if made % TWICE_EVERY == 0:
            again = generate_agenda(Case.model_validate(json.loads(json.dumps(data))), other)
            assert as_bytes(again) == as_bytes(agenda)

    check()
    print(dict(held))
    assert made >= CASES // PARTS
    for kind in ("fixed", "guided", "personalised", "mentor", "peer", "reverse", "group", *SHOWN):
        assert held[kind] >= made // 25, (kind, held)
    assert {"first", "working", "midpoint", "closing", "one_off"} <= set(held)


def programme_of(case: Case) -> Programme:
    return (LIBRARY.programmes[case.programme] if isinstance(case.programme, str)
            else case.programme)


def not_shown(agenda: Agenda, case: Case, catalogue: Catalogue, form: str) -> list[str]:
    """Return what of an agenda cannot be read in one of its forms, opened by a reader's library."""
    day = datetime(2027, 3, 4, 9, tzinfo=UTC)
    dated = case.model_copy(update={"session": case.session.model_copy(update={"date": day})})
    content = rendered(agenda, dated, catalogue, form)
    titles = [XML_UNREADABLE.sub("", item.title) for item in agenda.items]
    purpose = [part for part in headline(agenda.purpose) if part]
    return missing([*purpose, *titles], read(content, form).text)


def test_every_drafted_agenda_keeps_the_contract(
    two_quick_catalogues: tuple[Catalogue, Catalogue]
) -> None:
    """Drafts that are honest, and shaken in every way, of random cases: no invariant breaks."""
    catalogue, _ = two_quick_catalogues
    random = Random(11)
    made: Counter[str] = Counter()

    @seed(20261204)
    @random_cases(DRAFTED)
    @given(cases())
    def check(data: dict[str, Any]) -> None:
        case = Case.model_validate(data | {"generator": "llm"})
        if minutes_needed(case) > case.session.minutes:
            return
        for write in (honest_draft, lambda messages: shaken_draft(messages, random)):
            agenda = asyncio.run(generate_drafted(case, catalogue, Drafting(StubModel(write))))
            assert broken(case, agenda) == []
            made[agenda.provenance.generator] += 1

    check()
    assert made["llm"] >= DRAFTED * 0.4


@pytest.mark.xdist_group("examples")
def test_every_agenda_keeps_the_contract_with_the_real_encoder(catalogue: Catalogue) -> None:
    """A hundred random cases with the encoder that ships; the same case, the same bytes."""
    made = 0

    @seed(7)
    @random_cases(REAL)
    @given(cases())
    def check(data: dict[str, Any]) -> None:
        nonlocal made
        made += 1
        case = Case.model_validate(data)
        if minutes_needed(case) > case.session.minutes:
            return
        agenda = generate_agenda(case, catalogue)
        assert broken(case, agenda) == []
        if made % TWICE_EVERY == 0:
            assert as_bytes(generate_agenda(case, catalogue)) == as_bytes(agenda)

    check()
    assert made >= REAL


def test_the_invariants_see_what_is_broken(
    two_quick_catalogues: tuple[Catalogue, Catalogue]
) -> None:
    """Each way of breaking an agenda is noticed."""
    case = Case.model_validate({
        "programme": "evergreen", "focus_area": "leadership",
        "members": [{"role": "mentee", "profile": {"id": "p-1", "name": "Nkechi Okonjo"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "goals": [{"id": "g1", "text": "Stop answering mail at eleven at night"}],
        "session": {"number": 3, "minutes": 45, "language": "en",
                    "talking_points": [{"id": "t1", "text": "What happens if I say no?"}]},
        "history": [{"number": 2, "notes": "It went well.",
                     "actions": [{"id": "a1", "text": "Ask two colleagues"}]}],
    })
    agenda = generate_agenda(case, two_quick_catalogues[0])
    assert broken(case, agenda) == []
    first, *rest = agenda.items
    last = agenda.items[-1]
    ways: dict[str, dict[str, Any]] = {
        "a minute more": {"items": [first.model_copy(update={"minutes": 44}), *rest]},
        "too few": {"items": [first.model_copy(update={"minutes": 45}), last][:1]},
        "not ended": {"items": [*rest, first]},
        "a lost action": {"actions_carried": []},
        "a lost point": {"talking_points": []},
        "a point twice": {"talking_points": agenda.talking_points * 2},
        "no activity": {"items": [first.model_copy(update={"activity": "nowhere"}), *rest]},
        "no reason": {"items": [first.model_copy(update={"because": []}), *rest]},
        "another language": {"language": "fr"},
        "a name": {"purpose": "Help nkechi to rest."},
        "an address": {"purpose": "Write to n.o@un-org.example."},
        "a number": {"success_test": "You rang +44 20 7946 0958."},
        "a slot": {"items": [first.model_copy(update={"prompts": ["$goal How?"]}), *rest]},
        "a line twice": {"items": [first.model_copy(update={"prompts": ["How?", "how?"]}), *rest]},
        "long steps": {"items": [first.model_copy(update={"steps": ["Talk. (90 min)"]}), *rest]},
    }
    for way, update in ways.items():
        assert broken(case, agenda.model_copy(update=update)), way


def test_the_quick_encoder_keeps_the_contract_of_the_real_one(catalogue: Catalogue) -> None:
    """Both give float32 rows of unit length, the same alone and in a batch, for any text."""
    written = [*WRITTEN, *EMAILS, *PHONES, *NAMES][:40]
    for encoder in (BagOfWordsEncoder(), catalogue.encoder):
        for encode in (encoder.encode_queries, encoder.encode_passages):
            vectors = encode(written)
            assert vectors.shape == (len(written), encoder.width)
            assert vectors.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
            assert (encode(written) == vectors).all()
            np.testing.assert_allclose(encode(written[3:4])[0], vectors[3], atol=1e-6)
            assert encode([]).shape == (0, encoder.width)
        same = encoder.encode_queries(["Say no", "Say no"])
        assert (same[0] == same[1]).all()
