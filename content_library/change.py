"""Change single fields in the text of a library file; every other line stays as it is."""

import re
from collections.abc import Mapping

import yaml

from recommender.errors import InvalidInputError
from recommender.yaml_file import parse_document

_VALUE = r"""(?:[ \t]+(?:'(?:[^'\r\n]|'')*'|"[^"\\\r\n]*"|[^\s#'"|>&*!][^\r\n#]*?))?"""
_AFTER = r"(?P<after>[ \t]+#[^\r\n]*)?[ \t]*(?=\r?$)"


def change_fields(text: str, fields: Mapping[str, str], source: str) -> str:
    """Return a mapping's text with some of its fields set; comments and format are kept.

    A field that is not there is added at the end.

    Args:
        text: YAML, one field a line.
        fields: Plain values by name; a date is given as it is written.
        source: The file's name, for errors.

    Raises:
        InvalidInputError: A field's value runs over several lines, or the file is written
            in another way.
    """
    changed = text
    for name, value in fields.items():
        line = f"{name}: {_scalar(value)}"
        found = re.search(rf"^{re.escape(name)}:{_VALUE}{_AFTER}", changed, re.MULTILINE)
        if found is not None:
            line += found["after"] or ""
            changed = changed[: found.start()] + line + changed[found.end():]
        else:
            end = "\r\n" if "\r\n" in changed else "\n"
            changed = changed if changed.endswith("\n") else changed + end
            changed += line + end
    _check_only(text, changed, fields, source)
    return changed


def _scalar(value: str) -> str:
    """Return text as YAML writes it on one line; a date or word stays bare."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value
    return yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("\n...\n").rstrip()


def _check_only(before: str, after: str, fields: Mapping[str, str], source: str) -> None:
    """Refuse a text that changed in other fields than these, or not in these."""
    try:
        old, new = parse_document(before, source), parse_document(after, source)
    except InvalidInputError:
        old = new = None
    if isinstance(old, dict) and isinstance(new, dict):
        others = {name: value for name, value in old.items() if name not in fields}
        kept = {name: value for name, value in new.items() if name not in fields}
        if others == kept and all(str(new.get(name)) == fields[name] for name in fields):
            return
    raise InvalidInputError.of(
        f"is not written with one field a line; set {', '.join(fields)} by hand", source=source)
