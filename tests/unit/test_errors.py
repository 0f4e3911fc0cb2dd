from typing import Any

import pytest
from pydantic import ValidationError

import recommender.errors as errors
from recommender.domain.case import Case
from recommender.domain.profile import Profile
from recommender.errors import AgendumError, Fault, InvalidInputError, LibraryError, faults_of


def subclasses(base: type) -> list[type]:
    children: list[type] = base.__subclasses__()
    return [one for child in children for one in (child, *subclasses(child))]


@pytest.mark.parametrize("error", subclasses(AgendumError), ids=lambda error: error.__name__)
def test_every_error_is_in_the_tree_and_explained(error: type) -> None:
    """Each error is drawn in the module's tree, under a docstring of its own."""
    assert errors.__doc__ is not None
    assert f" {error.__name__} " in errors.__doc__
    assert error.__doc__


@pytest.mark.parametrize(("fault", "said"), [
    (Fault("f.yaml", "a.b", "is wrong"), "f.yaml: a.b: is wrong"),
    (Fault("", "a.b", "is wrong"), "a.b: is wrong"),
    (Fault("f.yaml", "", "is wrong"), "f.yaml: is wrong"),
    (Fault("", "", "is wrong"), "is wrong"),
])
def test_fault_says_file_field_problem(fault: Fault, said: str) -> None:
    """A fault reads as file, field, problem; what is not known leaves no gap."""
    assert str(fault) == said


def test_every_fault_is_in_the_message() -> None:
    """An error with several faults says each on a line of its own, and keeps them."""
    both = (Fault("a", "", "one"), Fault("b", "", "two"))
    error = LibraryError(both)
    assert str(error).splitlines() == ["a: one", "b: two"]
    assert error.faults == both
    assert isinstance(error, InvalidInputError)


def fields(model: type, data: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)  # type: ignore[attr-defined]
    return [fault.field for fault in faults_of(caught.value, "f")]


@pytest.mark.parametrize(("change", "expected"), [
    ({"programme": {"id": "x"}}, [f"programme.{name}" for name in
                                  ("name", "purpose", "success", "relation")]),
    ({"programme": "no such name"}, ["programme"]),
    ({"programme": 5}, ["programme"]),
    ({"members": [{"role": "mentee", "profile": {"id": "a", "attributes": {
        "x": {"y": [1, float("inf")]}}}}, {"role": "mentor", "profile": {"id": "b"}}]},
     ["members[0].profile.attributes.x.y[1]"]),
    ({"history": [{"number": 1}, {"number": 2, "date": "x", "actions": [
        {"id": "a", "text": "t", "due": "x"}]}]}, ["history[1].date", "history[1].actions[0].due"]),
    ({"session": None}, ["session"]),
])
def test_faults_carry_the_path_a_caller_sees(
    case_data: dict[str, Any], change: dict[str, Any], expected: list[str]
) -> None:
    """Paths hold the caller's own fields and positions, nothing of pydantic's."""
    assert fields(Case, {**case_data, **change}) == expected


def test_all_faults_are_reported_at_once() -> None:
    """Every wrong field is a fault of its own."""
    assert fields(Profile, {"level": 9, "country": "x", "wrong": 1}) == [
        "id", "level", "country", "wrong"]


def test_given_value_is_shown_short() -> None:
    """A fault shows what was given, but never much of it, however deep it nests."""
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    for given in ("x" * 100_000, deep, list(range(10_000))):
        with pytest.raises(ValidationError) as caught:
            Profile.model_validate({"id": given, "roles": given})
        for fault in faults_of(caught.value, "f"):
            assert len(str(fault)) < 250
