"""YAML and JSON from files: strict, and with errors that name file and line."""

import json
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any

import yaml

from recommender.errors import InvalidInputError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
"""Levels of lists and mappings; more are a mistake, or an attack."""
MAX_VALUES = 2_000_000
"""Values in one document, aliases counted as often as they stand."""
_TOLD = 10_000
"""Events of a YAML text between two steps of a progress bar."""
_DEEP_BYTES = 10_000
"""Shorter texts cannot nest deep enough to overrun the stack of the YAML parser in C."""


class _StrictLoader(_Base):  # type: ignore[misc]
    """Refuses a key that stands twice in one mapping, which YAML would silently drop."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge" or not isinstance(
                key_node, yaml.ScalarNode
            ):
                continue
            key = self.construct_object(key_node)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} stands twice; keep one",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(
                problem=str(error), problem_mark=node.start_mark
            ) from error


def read_document(path: Path, *, is_json: bool | None = None) -> Any:
    """Return the content of a YAML or JSON file; by default its name tells which it is.

    Raises:
        InvalidInputError: Missing, too large, not UTF-8 or malformed; names file and line.
    """
    source = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InvalidInputError.of("no such file; check the path", source=source) from error
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read: {error.strerror}", source=source) from error
    return decode_document(
        data, source, is_json=path.suffix == ".json" if is_json is None else is_json)


def decode_document(data: bytes, source: str, *, is_json: bool = False) -> Any:
    """Return the content of a YAML or JSON document as bytes; `source` names it in errors.

    Raises:
        InvalidInputError: Too large, not UTF-8 or malformed; names the line.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of(f"over {MAX_BYTES // 1024**2} MiB; split it", source=source)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidInputError.of(
            f"line {line} is not UTF-8; save the file as UTF-8", source=source
        ) from error
    return parse_document(text, source, is_json=is_json)


def parse_document(
    text: str, source: str, *, is_json: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Any:
    """Return the content of YAML or JSON text; `source` names it in errors.

    Args:
        progress: Told how much of how much of a long YAML text is read, in the first of two
            passes over it.

    Raises:
        InvalidInputError: Malformed; names the line.
    """
    try:
        if is_json:
            document = json.loads(text, object_pairs_hook=_no_doubles)
        else:
            if len(text) > _DEEP_BYTES:
                _refuse_deep_events(text, progress)
            document = yaml.load(text, Loader=_StrictLoader)
        _refuse_huge(document)
        return document
    except json.JSONDecodeError as error:
        raise InvalidInputError.of(
            f"line {error.lineno}: no valid JSON ({error.msg})", source=source
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.count("\n") + 1
        line = f"line {min(mark.line + 1, last)}: " if mark else ""
        raise InvalidInputError.of(
            f"{line}no valid YAML ({error.problem})", source=source
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        kind = "JSON" if is_json else "YAML"
        raise InvalidInputError.of(f"no valid {kind} ({error})", source=source) from error


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {double!r} stands twice; keep one")
    return mapping


def _refuse_deep_events(text: str, progress: Callable[[int, int], None] | None) -> None:
    """Refuse deep nesting before anything recurses; the parser of events does not."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Base)):
        if progress is not None and number % _TOLD == 0:
            progress(event.start_mark.index, 2 * len(text))  # type: ignore[union-attr]
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise yaml.MarkedYAMLError(
                    problem=f"over {MAX_DEPTH} levels deep",
                    problem_mark=event.start_mark,  # type: ignore[arg-type]
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refuse_huge(document: Any) -> None:
    """Refuse what is too deep or, with aliases written out, too large to be walked."""
    level: list[Any] = [document]
    count = 0
    for _ in range(MAX_DEPTH):
        following: list[Any] = []
        for value in level:
            inner: Iterable[Any] = ()
            if isinstance(value, dict):
                inner = value.values()
            elif isinstance(value, list):
                inner = value
            following.extend(inner)
            if count + len(following) > MAX_VALUES:
                raise ValueError(f"over {MAX_VALUES} values; take aliases out, or split it")
        count += len(following)
        if not following:
            return
        level = following
    if any(isinstance(value, (dict, list)) for value in level):
        raise ValueError(f"over {MAX_DEPTH} levels deep")
