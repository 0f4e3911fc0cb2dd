"""Figures and differences, against what can be worked out by hand."""

import numpy as np
import pytest

from evals.statistics import change_of, figure_of, holm, sign_flips


def test_a_figure_is_the_mean_of_what_is_scored() -> None:
    """Null is counted as unscored and never as 0."""
    figure = figure_of([1.0, None, 0.0, 0.5], ["a", "b", "c", "d"])
    assert (figure.value, figure.n, figure.unscored) == (0.5, 3, 1)
    assert figure.low is not None
    assert figure.low < 0.5 < (figure.high or 0)


def test_nothing_scored_has_no_value() -> None:
    """A figure that speaks of no case has neither value nor interval."""
    figure = figure_of([None, None], ["a", "b"])
    assert (figure.value, figure.n, figure.unscored, figure.low) == (None, 0, 2, None)


def test_thirty_perfect_cases_do_not_show_that_all_are() -> None:
    """Where all are 1 the interval is Clopper-Pearson's: 1 - 0.025^(1/30) below."""
    figure = figure_of([1.0] * 30, [str(at) for at in range(30)])
    assert figure.high == 1.0
    assert figure.low == pytest.approx(0.025 ** (1 / 30), abs=1e-4)


def test_variants_of_one_situation_count_as_one() -> None:
    """Sixty cases of three situations are as uncertain as three."""
    random = np.random.default_rng(3)
    base = random.random(3)
    values = np.repeat(base, 20).tolist()
    together = figure_of(values, np.repeat(["a", "b", "c"], 20).tolist())
    apart = figure_of(values, [str(at) for at in range(60)])
    width = [one.high - one.low for one in (together, apart)]  # type: ignore[operator]
    assert width[0] > 2 * width[1]


def test_sign_flips_are_exact_for_few() -> None:
    """Ten losses and no gain: one of 1,024 turnings is as bad."""
    p, p_loss = sign_flips(np.array([-0.1] * 10))
    assert p_loss == pytest.approx(1 / 1024)
    assert p == pytest.approx(2 / 1024)


def test_a_gain_is_no_loss() -> None:
    """The p of a loss is large where things got better."""
    _, p_loss = sign_flips(np.array([0.1, 0.2, 0.3, 0.1, 0.2]))
    assert p_loss > 0.9


def test_a_difference_is_after_less_before() -> None:
    """Half of the cases fall by one half: the mean falls by a quarter."""
    before, after = [1.0] * 40, [1.0, 0.5] * 20
    change = change_of(before, after, [str(at) for at in range(40)])
    assert change.difference == -0.25
    assert (change.n, change.moved) == (40, 20)
    assert change.low < -0.25 < change.high < 0
    assert change.p_loss < 0.001


def test_nothing_moved_is_no_difference() -> None:
    """Two equal runs differ by nothing, and chance explains it."""
    change = change_of([0.5, 1.0], [0.5, 1.0], ["a", "b"])
    assert (change.difference, change.p, change.p_loss, change.moved) == (0.0, 1.0, 1.0, 0)


def test_holm_by_hand() -> None:
    """.01 passes .05/3, .02 passes .05/2, .06 does not pass .05."""
    assert holm({"a": 0.02, "b": 0.06, "c": 0.01}) == {"c": True, "a": True, "b": False}
    assert holm({"a": 0.03, "b": 0.02}) == {"b": True, "a": True}
    assert holm({"a": 0.001, "b": 0.03, "c": 0.03}) == {"a": True, "b": False, "c": False}
