"""Add a sentence to a vocabulary file and leave every other character of it as it was."""

import copy
from typing import Any

import yaml

from recommender.errors import InvalidInputError
from recommender.yaml_file import decode_document

NEW_FILE = "# Situations added to the library's terms; docs/curator.md says how.\n"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def with_situation(
    content: bytes | None, term_id: str, language: str, sentence: str, source: str
) -> bytes:
    """Return a vocabulary file with one more situation of a term, as its last in that language.

    Args:
        content: The file; null where there is none yet.
        source: What errors call the file.

    Raises:
        InvalidInputError: The file is written in a way that one line cannot be added to.
    """
    text = NEW_FILE if content is None else content.decode("utf-8")
    before = [] if content is None else decode_document(content, source)
    expected = _expected(before, term_id, language, sentence)
    changed = _inserted(text, term_id, language, sentence)
    try:
        sound = (changed is not None
                 and decode_document(changed.encode("utf-8"), source) == expected)
    except InvalidInputError:
        sound = False
    if changed is None or not sound:
        raise InvalidInputError.of(
            f"a line cannot be added under {term_id}, text.{language}.situations, without "
            "touching more; write the list with one `- ` line for each, or add it by hand",
            source=source,
        )
    return changed.encode("utf-8")


def _expected(data: Any, term_id: str, language: str, sentence: str) -> list[Any]:
    """Return what the file has to hold afterwards."""
    entries: list[Any] = copy.deepcopy(data) or []
    entry = next((one for one in entries if one.get("id") == term_id), None)
    if entry is None:
        entry = {"id": term_id}
        entries.append(entry)
    words = entry.setdefault("text", {}).setdefault(language, {})
    words.setdefault("situations", []).append(sentence)
    return entries


def _inserted(text: str, term_id: str, language: str, sentence: str) -> str | None:
    """Return the text with the sentence in its place; null where that place cannot be told."""
    root = yaml.compose(text, Loader=_Loader)
    lines = text.splitlines(keepends=True)
    entries = root.value if isinstance(root, yaml.SequenceNode) else []
    entry = next((one for one in entries if _value(one, "id", yaml.ScalarNode) is not None
                  and _value(one, "id", yaml.ScalarNode).value == term_id), None)
    path = ["text", language, "situations"]
    scalar = _scalar(sentence)
    if entry is None:
        indent = " " * (root.start_mark.column if root is not None else 0)
        new = [f"{indent}- id: {term_id}", *_nested(f"{indent}  ", path, scalar)]
        return _joined(lines, len(lines), new)
    node = entry
    for depth, key in enumerate(path):
        below = _value(node, key, yaml.Node)
        if below is None:
            if not isinstance(node, yaml.MappingNode) or node.flow_style:
                return None
            new = _nested(" " * node.start_mark.column, path[depth:], scalar)
            return _joined(lines, _end(node), new)
        node = below
    if not isinstance(node, yaml.SequenceNode):
        return None
    if not node.flow_style:
        return _joined(lines, _end(node), [f"{' ' * node.start_mark.column}- {scalar}"])
    line, column = node.end_mark.line, node.end_mark.column - 1
    comma = ", " if node.value else ""
    lines[line] = f"{lines[line][:column]}{comma}{_quoted(sentence)}{lines[line][column:]}"
    return "".join(lines)


def _value(node: Any, key: str, kind: type[yaml.Node]) -> Any:
    """Return what stands under a key of a mapping node, if it is of this kind."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value
                 if name.value == key and isinstance(value, kind)), None)


def _end(node: yaml.Node) -> int:
    """Return the number of the first line after a node's last word."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end = node.end_mark
    return int(end.line) + (1 if end.column > 0 else 0)


def _nested(indent: str, keys: list[str], scalar: str) -> list[str]:
    lines = [f"{indent}{'  ' * depth}{key}:" for depth, key in enumerate(keys)]
    return [*lines, f"{indent}{'  ' * len(keys)}- {scalar}"]


def _joined(lines: list[str], at: int, new: list[str]) -> str:
    newline = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    head = lines[:at]
    if head and not head[-1].endswith(("\n", "\r")):
        head[-1] += newline
    return "".join([*head, *(f"{line}{newline}" for line in new), *lines[at:]])


def _scalar(sentence: str) -> str:
    """Return a sentence as it stands in a YAML list, in quotation marks only where it must."""
    line = yaml.safe_dump([sentence], allow_unicode=True, width=10_000)
    return str(line).removeprefix("- ").rstrip("\n")


def _quoted(sentence: str) -> str:
    doubled = sentence.replace("'", "''")
    return f"'{doubled}'"
