"""The committed description of the API is the one the application gives."""

import json
from typing import Any

import pytest

from api.openapi import FILE, openapi_text


@pytest.fixture(scope="module")
def text() -> str:
    """Return what the application says now."""
    return openapi_text()


def test_the_committed_description_is_current(text: str) -> None:
    """api/openapi.json equals the application's; else run `python -m api.openapi`."""
    assert FILE.read_text(encoding="utf-8") == text


def test_every_reference_leads_somewhere(text: str) -> None:
    """No $ref points at a schema that is not there."""
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    refs = set(_refs(document))
    assert refs
    assert {ref.removeprefix("#/components/schemas/") for ref in refs} <= set(schemas)


def test_every_operation_documents_its_errors_as_problems(text: str) -> None:
    """Errors are problem+json everywhere, and FastAPI's own error shape is nowhere."""
    document = json.loads(text)
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert operations
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert "422" not in operation["responses"]
    assert "HTTPValidationError" not in text


def _refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _refs(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in _refs(value)]
    return []
