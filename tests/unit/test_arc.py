from typing import Any

import pytest

from recommender.agendas.arc import arc_session, theme_of
from recommender.domain.programme import Programme

SHORT = {"one_off": "o", "first": "f", "goal_setting": "g", "working": "w", "midpoint": "m",
         "reverse": "r", "closing": "c"}
STAGES = {"starting": "s", "building": "b", "deepening": "d", "ending": "e"}


def programme(sessions: int | None = None, **agenda: Any) -> Programme:
    return Programme.model_validate({
        "id": "p", "name": "P", "purpose": "p", "success": "s", "relation": "mentor",
        "sessions": sessions, "agenda": agenda,
    })


def types(plan: Programme, of: int | None, count: int, *, goals_set: bool = False) -> str:
    return "".join(SHORT[arc_session(plan, n, of, goals_set=goals_set).type]
                   for n in range(1, count + 1))


@pytest.mark.parametrize("arc", [
    "o", "fc", "fgc", "fgwc", "fgmwc", "fgmwwc", "fgwmwwc", "fgwmwwwc", "fgwwmwwwc",
    "fgwwmwwwwc", "fgwwwmwwwwwc",
])
def test_arc_by_length(arc: str) -> None:
    """First, then goals, then work with a midpoint from five on; the last one closes."""
    assert types(programme(len(arc)), len(arc), len(arc)) == arc


@pytest.mark.parametrize("of", range(2, 60))
def test_any_length_has_one_beginning_middle_and_end(of: int) -> None:
    """Whatever the length: one first, one closing, one midpoint from five sessions on."""
    arc = types(programme(of), of, of)
    assert (arc[0], arc[-1], arc.count("f"), arc.count("c")) == ("f", "c", 1, 1)
    assert arc.count("m") == (of >= 5)
    assert "o" not in arc
    if of >= 5:
        assert abs(arc.index("m") + 1 - (of + 1) / 2) <= 1


def test_goals_that_are_set_are_worked_on() -> None:
    """The second session sets goals only where nobody has any yet."""
    assert types(programme(6), 6, 6, goals_set=True) == "fwmwwc"


def test_evergreen_looks_back_every_fourth_session() -> None:
    """Without an end: first, goals, work, and a review every fourth session; never a closing."""
    assert types(programme(), None, 12) == "fgwmwwwmwwwm"
    assert types(programme(), None, 4, goals_set=True) == "fwwm"


@pytest.mark.parametrize(("sessions", "reverse", "of", "arc"), [
    (6, 5, 6, "fwmwrc"), (6, 3, 6, "fwrmwc"), (9, 5, 9, "fwwwrmwwc"), (6, 5, 12, "fwwwwmwwwrwc"),
    (6, 5, 3, "frc"), (6, 2, 3, "frc"), (12, 11, 4, "fwrc"), (6, 5, 2, "fc"), (6, 5, 1, "o"),
    (5, 3, 5, "fwrmc"), (6, 2, 6, "frmwwc"),
])
def test_reverse_session_stretches(sessions: int, reverse: int, of: int, arc: str) -> None:
    """The reverse session keeps its place in the whole, and the midpoint makes room for it."""
    plan = programme(sessions, reverse_session=reverse)
    assert types(plan, of, of, goals_set=True) == arc


@pytest.mark.parametrize("sessions", range(3, 14))
def test_reverse_session_is_never_lost(sessions: int) -> None:
    """Planned between first and last, it is held once in every relationship of three or more."""
    for reverse in range(2, sessions):
        plan = programme(sessions, reverse_session=reverse)
        for of in range(3, 25):
            assert types(plan, of, of).count("r") == 1, (reverse, of)


def test_reverse_session_without_an_end() -> None:
    """An evergreen pair holds it at its number."""
    assert types(programme(reverse_session=5), None, 8, goals_set=True) == "fwwmrwwm"


@pytest.mark.parametrize(("sessions", "of", "expected"), [
    (9, 9, {3: "a", 6: "b"}), (9, 18, {6: "a", 12: "b"}), (9, 3, {1: "a", 2: "b"}),
    (None, None, {3: "a", 6: "b"}), (None, 8, {3: "a", 6: "b"}), (9, 6, {2: "a", 4: "b"}),
    (9, None, {3: "a", 6: "b"}),
])
def test_themes_stretch(
    sessions: int | None, of: int | None, expected: dict[int, str]
) -> None:
    """A theme keeps its place in the whole when the relationship is longer or shorter."""
    plan = programme(sessions, themes={3: "a", 6: "b"})
    found = {n: theme_of(plan, n, of) for n in range(1, 25)}
    assert {n: theme for n, theme in found.items() if theme} == expected


@pytest.mark.parametrize(("of", "stages"), [
    (1, "e"), (2, "se"), (3, "sde"), (4, "sbde"), (6, "sbbdde"), (8, "ssbbddde"),
    (None, "ssbbbbdddd"),
])
def test_stages_of_the_relationship(of: int | None, stages: str) -> None:
    """A relationship starts, builds, deepens, and ends where it has an end."""
    found = [arc_session(programme(of), n, of, goals_set=True).stage
             for n in range(1, len(stages) + 1)]
    assert "".join(STAGES[stage] for stage in found) == stages


def test_session_says_which_of_how_many() -> None:
    """Number, length and theme come back as given."""
    session = arc_session(programme(6, themes={2: "t"}), 2, 6, goals_set=True)
    assert (session.number, session.of, session.theme) == (2, 6, "t")
