"""Agreement beyond chance, and pass rates set right: by hand, by known examples, by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.agreement import weighted_kappa
from evals.prevalence import Calibration, corrected_rate
from evals.reliability import cohen_kappa, figure_of, krippendorff_alpha, mean_of, reliability_of

KRIPPENDORFF = {  # the example of his "Computing Krippendorff's alpha-reliability", without gaps
    "A": "* * * * * 3 4 1 2 1 1 3 3 * 3".split(),
    "B": "1 * 2 1 3 3 4 3 * * * * * * *".split(),
    "C": "* * 2 1 3 4 4 * 2 1 1 3 3 * 4".split(),
}
RATINGS = {judge: {f"u{at}": int(said) for at, said in enumerate(row) if said != "*"}
           for judge, row in KRIPPENDORFF.items()}
UNITS = [f"u{at}" for at in range(15)]


def test_cohens_kappa_by_hand() -> None:
    """20 yes-yes, 5 and 10 apart, 15 no-no: .7 seen, .5 by chance, so .4."""
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=30))
def test_weighted_kappa_is_the_one_of_graded_queries(pairs: list[tuple[int, int]]) -> None:
    """Two ways to the same figure; both judges may be swapped; nothing is above 1."""
    first, second = ([one[side] for one in pairs] for side in (0, 1))
    found = cohen_kappa(first, second, "ordinal")
    if found is None:
        assert len({*first, *second}) == 1
        return
    assert found == pytest.approx(weighted_kappa(np.array(first), np.array(second)), abs=1e-6)
    assert found == pytest.approx(cohen_kappa(second, first, "ordinal"))
    assert found <= 1


def test_krippendorffs_alpha_of_his_own_example() -> None:
    """.691 for names; missing ratings are no trouble."""
    assert krippendorff_alpha(RATINGS, UNITS) == pytest.approx(0.691358, abs=1e-6)


def test_what_says_nothing_has_no_figure() -> None:
    """Nothing judged, one judge alone, or no variation: null, and neither 0 nor 1."""
    assert cohen_kappa([], []) is None
    assert cohen_kappa([2, 2], [2, 2]) is None
    assert krippendorff_alpha({}, ["u"]) is None
    assert krippendorff_alpha({"A": {"u": 1, "v": 2}}, ["u", "v"]) is None
    alone = reliability_of({"A": {"u": 1, "v": 2}}, "nominal")
    assert (alone.kappa.value, alone.alpha.value, alone.kappa.n) == (None, None, 0)
    assert str(alone.kappa) == "not defined (n 0)"


def test_intervals_hold_the_figure_and_draw_situations_whole() -> None:
    """The same at every run; wider where units hang together; null for a single situation."""
    values = {f"u{at}": float(at % 7) for at in range(40)}
    free, again = mean_of(values), mean_of(values)
    assert free == again
    assert free.low is not None
    assert free.high is not None
    assert free.low < free.value < free.high  # type: ignore[operator]
    bound = mean_of(values, {unit: str(int(value)) for unit, value in values.items()})
    assert bound.low is not None
    assert bound.high is not None
    assert bound.high - bound.low > free.high - free.low
    alone = mean_of(values, dict.fromkeys(values, "one"))
    assert (alone.low, alone.high) == (None, None)


def test_a_figure_that_most_draws_leave_undefined_has_no_interval() -> None:
    """Half of the draws or more must give one."""
    found = figure_of(lambda drawn: None if len(set(drawn)) < 3 else 1.0, ["a", "b", "c"])
    assert (found.value, found.low) == (1.0, None)


def test_reliability_goes_over_pairs_of_judges() -> None:
    """Three judges: the mean of three kappas; alpha is that of the library."""
    found = reliability_of(RATINGS, "nominal")
    kappas = []
    for one, other in (("A", "B"), ("A", "C"), ("B", "C")):
        both = [unit for unit in UNITS if unit in RATINGS[one] and unit in RATINGS[other]]
        kappas.append(cohen_kappa([RATINGS[one][unit] for unit in both],
                                  [RATINGS[other][unit] for unit in both]))
    assert found.kappa.value == pytest.approx(np.mean(kappas), abs=1e-6)  # type: ignore[arg-type]
    assert found.alpha.value == pytest.approx(0.691358, abs=1e-6)


def test_rogan_and_gladen_by_hand() -> None:
    """23 of 150 with a sensitivity of .96 and a specificity of .89 are .051 (epiR's example)."""
    found = corrected_rate(23, 150, Calibration(100, 96, 100, 89))
    assert found.apparent == pytest.approx(23 / 150, abs=1e-6)
    assert found.corrected == pytest.approx(0.0510, abs=1e-3)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.corrected <= found.high  # type: ignore[operator]


@pytest.mark.parametrize("calibration", [
    Calibration(10, 5, 10, 5), Calibration(10, 2, 10, 3), Calibration(0, 0, 10, 9),
    Calibration(10, 9, 0, 0)])
def test_a_judge_no_better_than_chance_corrects_nothing(calibration: Calibration) -> None:
    """Null instead of a figure, and so for a judge that was never tried on both kinds."""
    found = corrected_rate(7, 10, calibration)
    assert (found.apparent, found.corrected, found.low) == (0.7, None, None)
    assert corrected_rate(0, 0, Calibration(9, 9, 9, 9)).apparent is None


def test_a_corrected_rate_stays_between_0_and_1() -> None:
    """Fewer passes than a wrong judge gives by mistake are 0, not below."""
    assert corrected_rate(1, 100, Calibration(50, 45, 50, 35)).corrected == 0
    assert corrected_rate(99, 100, Calibration(50, 35, 50, 45)).corrected == 1


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of 120 simulated judges with .85 and .8, over a true rate of .6, nine in ten or more."""
    random = np.random.default_rng(5)
    held = 0
    for _ in range(120):
        calibration = Calibration(30, int(random.binomial(30, 0.85)), 30,
                                  int(random.binomial(30, 0.8)))
        passes = int(random.binomial(80, 0.6 * 0.85 + 0.4 * 0.2))
        found = corrected_rate(passes, 80, calibration)
        held += found.low is not None and found.low <= 0.6 <= found.high  # type: ignore[operator]
    assert held >= 108
