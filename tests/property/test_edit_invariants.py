"""Whatever is done to an agenda, it keeps the contract, or nothing is done."""

from collections import Counter

import pytest
from edits import operations
from fakes import BagOfWordsEncoder
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from invariants import as_bytes, broken
from shipped import Agendas, read_examples

from content_library.load import load_library
from recommender.agendas.edit import edit_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import base_language
from recommender.domain.edit import Edited, Edits
from recommender.errors import InvalidInputError

SEQUENCES, PARTS = 1000, 4
LONGEST = 6


@pytest.fixture(scope="module")
def quick() -> tuple[Catalogue, Agendas]:
    """Return the shipped library with the encoder that hashes words, and the examples' agendas."""
    catalogue = Catalogue(load_library(), BagOfWordsEncoder())
    return catalogue, Agendas(read_examples(), catalogue)


@pytest.mark.parametrize("part", range(PARTS))
def test_edited_agendas_keep_the_contract(part: int, quick: tuple[Catalogue, Agendas]) -> None:
    """A thousand random sequences: every invariant holds, locks hold, a refusal changes nothing."""
    catalogue, agendas = quick
    names = sorted(agendas)
    outcomes: Counter[str] = Counter()

    @seed(20270115 + part)
    @settings(max_examples=SEQUENCES // PARTS, deadline=None, database=None, derandomize=False,
              suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(names))
        case, before = agendas.cases[name], agendas[name]
        ids = [item.id for item in before.items]
        language = base_language(before.language)
        ops = data.draw(st.lists(operations(ids, language), min_size=1, max_size=LONGEST))
        known = data.draw(st.booleans()) or any(op["op"] == "regenerate" for op in ops)
        stood = as_bytes(before)
        edits = Edits.model_validate({"ops": ops}).ops
        try:
            edited = edit_agenda(before, edits, catalogue, case if known else None)
        except InvalidInputError as error:
            outcomes["refused"] += 1
            outcomes["without a place"] += not all(fault.field for fault in error.faults)
            edited = Edited(agenda=before)
        else:
            outcomes["done"] += 1
        after = edited.agenda
        assert broken(case, after) == []
        assert Agenda.model_validate_json(after.model_dump_json(by_alias=True)) == after
        assert as_bytes(before) == stood
        assert (after.id == before.id) == (as_bytes(after) == stood)
        if edited.diff and len(edited.diff) % 5 == 0:
            again = edit_agenda(before, edits, catalogue, case if known else None)
            assert as_bytes(again.agenda) == as_bytes(after)

    check()
    assert outcomes["without a place"] == 0
    assert outcomes["done"] >= SEQUENCES // PARTS // 4, outcomes
    assert outcomes["refused"] > 0


@pytest.mark.parametrize("part", range(2))
def test_locks_hold(part: int, quick: tuple[Catalogue, Agendas]) -> None:
    """Whatever else is done, locked items stay byte for byte, and in their order."""
    catalogue, agendas = quick
    names = sorted(agendas)
    done = 0

    @seed(20270116 + part)
    @settings(max_examples=150, deadline=None, database=None, derandomize=False,
              suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        nonlocal done
        name = data.draw(st.sampled_from(names))
        case, before = agendas.cases[name], agendas[name]
        ids = [item.id for item in before.items]
        locked = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True))
        others = [one for one in ids if one not in locked]
        ops = data.draw(st.lists(
            operations(others, base_language(before.language)).filter(
                lambda op: op["op"] != "unlock"), max_size=3))
        ops = [*({"op": "lock", "item": one} for one in locked), *ops, {"op": "regenerate"}]
        try:
            after = edit_agenda(before, Edits.model_validate({"ops": ops}).ops, catalogue, case)
        except InvalidInputError:
            return
        done += 1
        kept = [item for item in after.agenda.items if item.id in locked]
        assert kept == [item.model_copy(update={"locked": True}) for item in before.items
                        if item.id in locked]

    check()
    assert done > 40
