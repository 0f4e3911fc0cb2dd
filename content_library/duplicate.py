"""Duplicate a programme file and adapt it: its comments and the order of its fields stay."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import ValidationError

from content_library.load import Library
from recommender.agendas.arc import must_have_of, reverse_session_of, stretched
from recommender.domain.programme import Milestone, Programme
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import parse_document

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_HEADER = re.compile(r"(?:[ \t]*#[^\n]*\n|[ \t]*\n)*")


@dataclass(frozen=True)
class Changes:
    """What is different in the duplicate; null and empty keep what the source has.

    `themes` are by session number of the duplicate; an empty theme takes the session's away.
    """

    id: str
    name: str | None = None
    success: str | None = None
    sessions: int | None = None
    themes: Mapping[int, str] = field(default_factory=dict)


def duplicate_programme(
    library: Library, source: Programme, text: str, changes: Changes
) -> tuple[Programme, str]:
    """Return the duplicate, and its file: the source's with the changed fields written anew.

    With another number of sessions the themes, the must-haves, the reverse session and the
    milestones keep their place in the whole: what was half-way stays half-way.

    Args:
        library: Gives the topics that may be themes, and the ids that are taken.
        source: The programme that is duplicated.
        text: Its file.
        changes: What is different.

    Raises:
        InvalidInputError: With every reason why these changes cannot be made.
    """
    of = changes.sessions if changes.sessions is not None else source.sessions
    faults = [*_faults_of_id(library, changes.id), *_faults_of_themes(library, changes.themes)]
    moved, crowded = _moved(source, changes, of)
    faults += crowded
    themes = {**moved, **changes.themes}
    themes = {number: themes[number] for number in sorted(themes) if themes[number]}
    for number in (one for one in changes.themes if of is not None and one > of):
        faults.append(Fault("--theme", "", f"session {number} of {of}: the number is past the "
                                           "end; change it, or the --sessions"))
    if of != source.sessions and source.agenda.sessions:
        faults.append(Fault("--sessions", "", f"{source.id} has written its sessions itself, for "
                            f"{source.sessions} of them; keep that number, and change them in "
                            "the file"))
    if faults:
        raise InvalidInputError(faults)
    values: dict[tuple[str, ...], Any] = {("id",): changes.id}
    values |= {(name,): value for name, value in (
        ("name", changes.name), ("success", changes.success), ("sessions", changes.sessions),
    ) if value is not None}
    if themes != source.agenda.themes:
        values["agenda", "themes"] = themes
    if of != source.sessions:
        if source.agenda.must_have:
            values["agenda", "must_have"] = _must_have(source, of)
        if source.agenda.reverse_session is not None:
            values["agenda", "reverse_session"] = reverse_session_of(source, of)
        if source.milestones:
            values["milestones",] = _milestones(source, of)
    written = f"# Duplicated from {source.id}.\n{text[_end_of_header(text):]}"
    for path, value in values.items():
        written = _with_value(written, path, value)
    try:
        return Programme.model_validate(parse_document(written, changes.id)), written
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, changes.id)) from None


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a question that names the known spelling nearest to this one; empty if none is."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _faults_of_id(library: Library, new_id: str) -> list[Fault]:
    if not _FILE_NAME.fullmatch(new_id):
        return [Fault("--id", "", f"{new_id!r} cannot be a file name; write letters, digits, "
                                  ". _ and -, beginning with a letter or digit")]
    taken = {one.casefold() for one in library.programmes}
    if new_id.casefold() in taken:
        return [Fault("--id", "", f"{new_id!r} is taken; give another id")]
    return []


def _faults_of_themes(library: Library, themes: Mapping[int, str]) -> list[Fault]:
    known = [*library.topics, *library.focus_areas,
             *(alias for one in library.topics.values() for alias in one.aliases)]
    return [
        Fault("--theme", "", f"{theme!r} is no topic or focus area of this library"
              + (nearest(theme, known) or "; `agendum library check` lists them"))
        for theme in themes.values() if theme and library.term(theme) is None
    ]


def _moved(
    source: Programme, changes: Changes, of: int | None
) -> tuple[dict[int, str], list[Fault]]:
    """Return the source's themes at their sessions of the duplicate, and where some meet.

    They keep their order and move up to make room for each other, but not into the first or the
    last session. Where that is not enough, a change may say which theme a session has.
    """
    numbers = sorted(source.agenda.themes)
    places = [stretched(source, number, of) for number in numbers]
    if of is not None and of != source.sessions:
        places = _apart(places, 1 if 1 in numbers else min(2, of),
                        of if source.sessions in numbers else max(1, of - 1))
    meeting: dict[int, list[int]] = defaultdict(list)
    for number, place in zip(numbers, places, strict=True):
        meeting[place].append(number)
    crowded = [
        Fault("--sessions", "", f"{of} are too few: the themes of sessions "
              f"{', '.join(map(str, planned[:-1]))} and {planned[-1]} would all fall on session "
              f"{at}; say which it is with --theme {at}=TOPIC, or give more sessions")
        for at, planned in meeting.items() if len(planned) > 1 and at not in changes.themes
    ]
    return {at: source.agenda.themes[planned[0]] for at, planned in meeting.items()}, crowded


def _must_have(source: Programme, of: int | None) -> dict[int, list[str]]:
    """Return the must-haves at their sessions of the duplicate, all of those that meet."""
    numbers = sorted({stretched(source, number, of) for number in source.agenda.must_have})
    return {number: list(must_have_of(source, number, of)) for number in numbers}


def _apart(places: list[int], first: int, last: int) -> list[int]:
    """Return rising places with no two the same, as near as they can be; as given, if too many."""
    if len(places) > last - first + 1:
        return places
    apart: list[int] = []
    for place in places:
        apart.append(max(place, apart[-1] + 1 if apart else first))
    for at in reversed(range(len(apart))):
        apart[at] = min(apart[at], last if at == len(apart) - 1 else apart[at + 1] - 1)
    return apart


def _milestones(source: Programme, of: int | None) -> list[Milestone]:
    """Return the milestones on the days that keep their place in the whole."""
    if source.sessions is None or of is None:
        return list(source.milestones)
    return [one.model_copy(update={"day": round(one.day * of / source.sessions)})
            for one in source.milestones]


def _end_of_header(text: str) -> int:
    """Return where the comments above the first field end."""
    found = _HEADER.match(text)
    return found.end() if found is not None else 0


def _with_value(text: str, path: tuple[str, ...], value: Any) -> str:
    """Return YAML text with one value replaced, or added where its field is not written yet.

    A comment behind the old value goes with it: it would be about what is no longer there.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    after_key = 0
    for depth, key in enumerate(path):
        assert isinstance(node, yaml.MappingNode)
        found = next((pair for pair in node.value if pair[0].value == key), None)
        if found is None:
            return _with_field(text, node, path[depth:], value)
        after_key = text.index(":", found[0].end_mark.index) + 1
        node = found[1]
    end = _end_of(node)
    line = text[end:].partition("\n")[0]
    if line.lstrip().startswith("#"):
        end += len(line)
    return f"{text[:after_key]} {_flow(value)}{text[end:]}"


def _with_field(text: str, node: yaml.MappingNode, path: tuple[str, ...], value: Any) -> str:
    """Return YAML text with a field added at the end of a mapping."""
    for key in reversed(path[1:]):
        value = {key: value}
    if node.flow_style:
        at = node.end_mark.index - 1
        comma = ", " if node.value else ""
        return f"{text[:at]}{comma}{path[0]}: {_flow(value)}{text[at:]}"
    at = _end_of(node)
    at += len(text[at:].partition("\n")[0])
    indent = " " * node.start_mark.column
    return f"{text[:at]}\n{indent}{path[0]}: {_flow(value)}{text[at:]}"


def _end_of(node: yaml.Node | None) -> int:
    """Return where a value ends; what follows a block, such as comments, is no part of it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    assert node is not None
    end: int = node.end_mark.index
    return end


def _flow(value: Any) -> str:
    """Return a value as it is written on one line."""
    if isinstance(value, list):
        value = [one.model_dump() for one in value]
    dumped: str = yaml.safe_dump(value, allow_unicode=True, width=1_000_000,
                                 default_flow_style=True, sort_keys=False)
    return dumped.removesuffix("\n").removesuffix("\n...")
