from pathlib import Path

import pytest

from recommender import yaml_file
from recommender.errors import InvalidInputError
from recommender.yaml_file import MAX_DEPTH, parse_document, read_document


def refusal(text: str, *, is_json: bool = False) -> str:
    with pytest.raises(InvalidInputError) as caught:
        parse_document(text, "f.yaml", is_json=is_json)
    (fault,) = caught.value.faults
    assert fault.source == "f.yaml"
    return fault.problem


@pytest.mark.parametrize(("text", "line", "said"), [
    ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands twice"),
    ("x:\n  a: 1\n  a: 2", 3, "the key 'a' stands twice"),
    ("- {a: 1,\n   a: 2}", 2, "the key 'a' stands twice"),
    ("1: a\n1.0: b", 2, "stands twice"),
    ("a: 1\nb: [1, 2\n", 3, "expected"),
    ("a: 1\n\tb: 2", 2, "tab"),
    ("a: 1\nd: 2026-13-45", 2, "month"),
    ("a: !!python/object/apply:os.system [ls]", 1, "constructor"),
    ("{[a]: 1}", 1, "unhashable"),
])
def test_malformed_yaml_names_its_line(text: str, line: int, said: str) -> None:
    """What is wrong in a YAML text is said with the line it stands in."""
    problem = refusal(text)
    assert problem.startswith(f"line {line}: ")
    assert said in problem or said == "tab"


@pytest.mark.parametrize(("text", "said"), [
    ('{"a": 1,\n "b": }', "line 2: no valid JSON"),
    ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
    ('{"x": {"b": 1, "b": 1}}', "the key 'b' stands twice"),
    ("[" * 100_000, "no valid JSON"),
])
def test_malformed_json_is_refused(text: str, said: str) -> None:
    """JSON is as strict as YAML: no doubled key, and the line of a slip."""
    assert said in refusal(text, is_json=True)


def test_merge_key_may_be_overridden() -> None:
    """A key of a merged mapping may be written again; that is what merging is for."""
    document = parse_document("b: &b {a: 1, c: 1}\nx: {<<: *b, a: 2}", "f")
    assert document["x"] == {"a": 2, "c": 1}


@pytest.mark.parametrize("text", [
    "[" * 200_000, "- " * 200_000, "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "{a: " * 5000 + "1" + "}" * 5000, "a: &a [*a]",
])
def test_deep_nesting_is_refused(text: str) -> None:
    """A document that nests without end is refused; it does not end the process."""
    assert "no valid YAML" in refusal(text)


def test_aliases_cannot_blow_a_document_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines of aliases that stand for millions of values are refused."""
    monkeypatch.setattr(yaml_file, "MAX_VALUES", 10_000)
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "take aliases out" in refusal("\n".join(lines))


@pytest.mark.parametrize(("name", "data", "expected"), [
    ("a.yaml", b"a: 1", {"a": 1}),
    ("a.yaml", b"\xef\xbb\xbfa: 1", {"a": 1}),
    ("a.yaml", "a: « é »".encode(), {"a": "« é »"}),
    ("a.yaml", b"a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ("a.json", b'\xef\xbb\xbf{"a": [1]}', {"a": [1]}),
    ("a.json", b'{"a": "\\u00e9"}', {"a": "é"}),
    ("a.yaml", b"", None),
])
def test_files_are_read(tmp_path: Path, name: str, data: bytes, expected: object) -> None:
    """YAML and JSON in UTF-8 are read, with and without a byte order mark."""
    (tmp_path / name).write_bytes(data)
    assert read_document(tmp_path / name) == expected


@pytest.mark.parametrize(("name", "data", "said"), [
    ("a.yaml", b"a: 1\nb: caf\xe9\n", "line 2 is not UTF-8"),
    ("a.yaml", "a: 1".encode("utf-16"), "line 1 is not UTF-8"),
    ("a.yaml", b"a: [", "line 1"),
    ("a.json", b"{", "line 1"),
    ("a.yaml", b"#" * 51, "MiB; split it"),
    ("a.yaml", None, "no such file"),
])
def test_unreadable_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes | None, said: str
) -> None:
    """A file that cannot be read is refused with its name, the place and the mend."""
    monkeypatch.setattr(yaml_file, "MAX_BYTES", 50)
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InvalidInputError) as caught:
        read_document(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_folder_is_no_file(tmp_path: Path) -> None:
    """A folder in the place of a file is refused."""
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_document(tmp_path)
