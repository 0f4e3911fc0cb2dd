"""YAML and JSON from files: strict, and with errors that name file and line."""

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from recommender.errors import InvalidInputError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 8 * 1024 * 1024


class _StrictLoader(_Base):  # type: ignore[misc]
    """Refuses a key that stands twice in one mapping, which YAML would silently drop."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key.value!r} stands twice; keep one",
                        problem_mark=key.start_mark,
                    )
                seen.add(key.value)
        return mapping


def read_document(path: Path) -> Any:
    """Return the content of a YAML or JSON file.

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
    return decode_document(data, source, is_json=path.suffix == ".json")


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


def parse_document(text: str, source: str, *, is_json: bool = False) -> Any:
    """Return the content of YAML or JSON text; `source` names it in errors.

    Raises:
        InvalidInputError: Malformed; names the line.
    """
    try:
        if is_json:
            return json.loads(text)
        return yaml.load(text, Loader=_StrictLoader)
    except json.JSONDecodeError as error:
        raise InvalidInputError.of(
            f"line {error.lineno}: no valid JSON ({error.msg})", source=source
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise InvalidInputError.of(
            f"{line}no valid YAML ({error.problem})", source=source
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInputError.of(f"no valid YAML ({error})", source=source) from error
