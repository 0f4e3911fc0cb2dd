"""The shipped examples with their agendas, made once by the real path."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from content_library.load import Library
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.yaml_file import read_document

ROOT = Path(__file__).parents[1]


def wanted_by_programmes(library: Library) -> list[str]:
    """Return the activities that programmes name, without which they lead nowhere."""
    return sorted({one for programme in library.programmes.values()
                   for ids in programme.agenda.must_have.values() for one in ids
                   if one in library.activities})


class Agendas(Mapping[str, Agenda]):
    """The agendas of cases by name, each made when it is first asked for."""

    def __init__(self, cases: Mapping[str, Case], catalogue: Catalogue) -> None:
        self.cases = cases
        self._catalogue = catalogue
        self._made: dict[str, Agenda] = {}

    def __getitem__(self, name: str) -> Agenda:
        if name not in self._made:
            self._made[name] = generate_agenda(self.cases[name], self._catalogue)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cases)

    def __len__(self) -> int:
        return len(self.cases)


def read_examples() -> dict[str, Case]:
    """Return every shipped case by `programme/name`."""
    return {
        f"{path.parent.name}/{path.name.removesuffix('.case.yaml')}":
            Case.model_validate(read_document(path))
        for path in sorted(ROOT.glob("examples/*/*.case.yaml"))
    }
