"""Every error class has its problem, and every problem has its shape."""

from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException

from api.problems import BUG, HTTP_KINDS, KINDS, NAMESPACE, kind_of, problem_of
from recommender.errors import AgendumError, Fault, InvalidInputError


def _tree(base: type[AgendumError]) -> Iterator[type[AgendumError]]:
    yield base
    for each in base.__subclasses__():
        yield from _tree(each)


def _raised(each: type[AgendumError]) -> AgendumError:
    if issubclass(each, InvalidInputError):
        return each([Fault("case.yaml", "session.minutes", "words of Amara")])
    return each("words of Amara")


@pytest.mark.parametrize("each", list(_tree(AgendumError)), ids=lambda each: each.__name__)
def test_every_error_class_has_a_problem_of_its_own(each: type[AgendumError]) -> None:
    """A subclass of AgendumError stands in the table, and its problem has the RFC's members."""
    assert each in KINDS
    problem = problem_of(_raised(each), "r-1")
    assert problem.type.startswith(NAMESPACE)
    assert problem.status == KINDS[each].status
    assert 400 <= problem.status < 600
    assert problem.title
    assert problem.detail
    assert problem.request_id == "r-1"


def test_types_are_stable_and_name_one_kind_each() -> None:
    """The URIs are a promise: these, and no URI for two kinds."""
    kinds = {kind.slug: kind for kind in (*KINDS.values(), *HTTP_KINDS.values())}
    assert len(kinds) == len({*KINDS.values(), *HTTP_KINDS.values()})
    assert sorted(kinds) == [
        "body-too-large", "check-failed", "conflict", "encoder-failed", "internal-error",
        "invalid-input", "key-needed", "library-faulty", "malformed-request",
        "method-not-allowed", "model-failed", "no-such-path", "not-acceptable", "not-found",
        "not-ready", "overloaded", "package-missing", "precondition-failed", "role-too-low",
        "storage-failed", "too-many-requests", "unsupported-media-type", "vectors-unusable",
    ]


def test_input_that_is_wrong_lists_every_field() -> None:
    """Each fault comes with the path of its field."""
    error = InvalidInputError([Fault("", "a.b", "is missing"), Fault("", "c[0]", "too long")])
    problem = problem_of(error, "r")
    assert problem.status == 422
    assert [(one.field, one.problem) for one in problem.errors] == [
        ("a.b", "is missing"), ("c[0]", "too long")]


@pytest.mark.parametrize(
    "each", [each for each in _tree(AgendumError) if not KINDS.get(each, BUG).told],
    ids=lambda each: each.__name__,
)
def test_a_defect_of_ours_keeps_its_words(each: type[AgendumError]) -> None:
    """What went wrong inside is not told to the caller; the request id is."""
    problem = problem_of(_raised(each), "r-7")
    assert problem.status == 500
    assert "Amara" not in problem.model_dump_json()
    assert "r-7" in problem.detail


def test_a_class_that_is_not_listed_is_told_as_its_base() -> None:
    """A new subclass is told as the nearest listed class, a foreign error as a bug."""
    new = type("NewError", (InvalidInputError,), {})
    try:
        assert kind_of(new([Fault("", "", "x")])) is KINDS[InvalidInputError]
        assert kind_of(KeyError("x")) is BUG
    finally:
        del new


def test_a_status_without_words_of_ours_still_has_a_type() -> None:
    """Any status the framework may answer with becomes a problem."""
    problem = problem_of(HTTPException(418, "teapot"), "r")
    assert (problem.status, problem.type) == (418, f"{NAMESPACE}http-error")
