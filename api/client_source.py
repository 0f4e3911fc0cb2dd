"""`python -m api.client_source`: write the calls of the client from the description of the API.

One method per operation and one typed dictionary per schema; a test compares the file with what
this makes of api/openapi.json.
"""

import json
import keyword
import re
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

FILE = Path(__file__).with_name("client_calls.py")
OPENAPI = Path(__file__).with_name("openapi.json")
JSON, PROBLEM = "application/json", "application/problem+json"
IDEMPOTENCY_KEY = "Idempotency-Key"

_HEAD = '''"""The calls of the client, written by `python -m api.client_source`.

Made of api/openapi.json. Needs nothing but the standard library; `api.client` sends what these
methods make.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, Protocol, TypedDict, TypeVar
from urllib.parse import quote

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One request to the API.

    Attributes:
        path: With the ids of the call in it.
        query: Parameters; those that are None are left out.
        headers: Likewise.
        keyed: Whether the path takes an Idempotency-Key, so that it may be repeated.
        versioned: Whether the answer has an ETag that the caller gets.
        text: Whether the answer is text, and no JSON.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str | None]
    body: Any = None
    content_type: str | None = None
    keyed: bool = False
    versioned: bool = False
    text: bool = False


@dataclass(frozen=True)
class Versioned(Generic[T]):
    """A stored thing and its ETag, to be given as `if_match` when it is changed."""

    body: T
    etag: str


class _Sends(Protocol):
    def _send(self, call: Call) -> Any: ...


class _SendsAsync(Protocol):
    def _send(self, call: Call) -> Awaitable[Any]: ...


def _part(own: str | int) -> str:
    return quote(str(own), safe=":")
'''


def client_source(document: Schema) -> str:
    """Return the module for a description of the API."""
    schemas = document["components"]["schemas"]
    parts = [_HEAD]
    parts += [_typed_dict(name, schema) for name, schema in sorted(schemas.items())]
    operations = [
        (path, method, operation) for path, methods in sorted(document["paths"].items())
        for method, operation in sorted(methods.items())
    ]
    for name, base, waits in (("Calls", "_Sends", False), ("AsyncCalls", "_SendsAsync", True)):
        about = "Every operation of the API" + (", to be awaited." if waits else ".")
        parts.append(f'\n\nclass {name}({base}):\n    """{about}"""\n')
        parts += [_method(*one, waits=waits) for one in operations]
    return "".join(parts)


def python_name(operation_id: str) -> str:
    """Return the method of an operation: `createAgenda` is `create_agenda`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", operation_id).lower()


def _class_name(schema_name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", schema_name))


def _typed_dict(name: str, schema: Schema) -> str:
    own = _class_name(name)
    about = " ".join(schema.get("description", "").split("\n\n")[0].split())
    properties = schema.get("properties")
    if properties is None:
        return f"\n\n{own} = {_type(schema)}\n"
    required = set(schema.get("required", []))
    fields = {
        field: _type(each) if field in required else f"NotRequired[{_type(each)}]"
        for field, each in sorted(properties.items())
    }
    if any(keyword.iskeyword(field) or not field.isidentifier() for field in fields):
        lines = "".join(f"    {field!r}: {kind!r},\n" for field, kind in fields.items())
        return f'\n\n{own} = TypedDict("{own}", {{\n{lines}}})\n"""{about or own}"""\n'
    lines = "".join(f"    {field}: {kind}\n" for field, kind in fields.items())
    return f'\n\nclass {own}(TypedDict):\n    """{about or own}"""\n' + (lines and f"\n{lines}")


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return _class_name(schema["$ref"].rsplit("/", 1)[-1])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return _union([_type(one) for one in schema[word]])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(json.dumps(one) for one in values)}]"
    match schema.get("type"):
        case "array":
            return f"list[{_type(schema.get('items', {}))}]"
        case "object":
            inner = schema.get("additionalProperties")
            return f"dict[str, {_type(inner) if isinstance(inner, dict) else 'Any'}]"
        case kind:
            return {"string": "str", "integer": "int", "number": "float", "boolean": "bool",
                    "null": "None"}.get(str(kind), "Any")


def _union(kinds: list[str]) -> str:
    """Return what is one of these; each kind is named once."""
    return "Any" if "Any" in kinds else " | ".join(dict.fromkeys(kinds))


def _method(path: str, method: str, operation: Schema, *, waits: bool) -> str:
    parameters = operation.get("parameters", [])
    inside = [one for one in parameters if one["in"] == "path"]
    query = [one for one in parameters if one["in"] == "query"]
    headers = [one for one in parameters if one["in"] == "header"]
    positional = [f"{_argument(one)}: {_type(one['schema'])}" for one in inside]
    named = [_named(one) for one in query + headers if one.get("required")]
    named += [_named(one) for one in query + headers if not one.get("required")]
    content = operation.get("requestBody", {}).get("content", {})
    arguments = ["method=" + json.dumps(method.upper()), f"path={_address(path, inside)}",
                 f"query={_mapping(query)}", f"headers={_mapping(headers)}"]
    if JSON in content:
        positional.append(f"body: {_type(content[JSON]['schema'])}")
        arguments.append("body=body")
    elif content:
        positional.append("body: str | bytes")
        kinds = ", ".join(json.dumps(one) for one in content)
        named.insert(0, f"content_type: Literal[{kinds}] = {json.dumps(next(iter(content)))}")
        arguments += ["body=body", "content_type=content_type"]
    returned, more = _returned(operation)
    arguments += more
    if any(one["name"] == IDEMPOTENCY_KEY for one in headers):
        arguments.append("keyed=True")
    signature = ["self", *positional, *(["*", *named] if named else [])]
    start = "    async def " if waits else "    def "
    about = operation["summary"].rstrip(".")
    send = ("await " if waits else "") + "self._send(Call("
    value = "" if returned == "None" else f"answer: {returned} = "
    end = "" if returned == "None" else "        return answer\n"
    return (
        f"\n{start}{python_name(operation['operationId'])}(\n"
        + "".join(f"        {one},\n" for one in signature)
        + f'    ) -> {returned}:\n        """{about}: `{method.upper()} {path}`."""\n'
        + f"        {value}{send}\n"
        + "".join(f"            {one},\n" for one in arguments)
        + f"        ))\n{end}"
    )


def _argument(parameter: Schema) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", parameter["name"].lower())
    return f"{name}_" if keyword.iskeyword(name) else name


def _named(parameter: Schema) -> str:
    kind = _type(parameter["schema"])
    if parameter.get("required"):
        return f"{_argument(parameter)}: {kind}"
    return f"{_argument(parameter)}: {kind if 'None' in kind else kind + ' | None'} = None"


def _mapping(parameters: list[Schema]) -> str:
    pairs = ", ".join(f'"{one["name"]}": {_argument(one)}' for one in parameters)
    return f"{{{pairs}}}"


def _address(path: str, inside: list[Schema]) -> str:
    if not inside:
        return json.dumps(path)
    for one in inside:
        path = path.replace(f"{{{one['name']}}}", f"{{_part({_argument(one)})}}")
    return f'f"{path}"'


def _returned(operation: Schema) -> tuple[str, list[str]]:
    """Return the type of the answer, and what the call has to know of it."""
    good = [one for status, one in sorted(operation["responses"].items()) if status[0] == "2"]
    content: Schema = next((one["content"] for one in good if one.get("content")), {})
    if not content:
        return "None", []
    if JSON not in content:
        return "str", ["text=True"]
    kind = _type(content[JSON].get("schema", {}))
    if all("ETag" in one.get("headers", {}) for one in good):
        return f"Versioned[{kind}]", ["versioned=True"]
    return kind, []


if __name__ == "__main__":
    FILE.write_text(client_source(json.loads(OPENAPI.read_text("utf-8"))), encoding="utf-8")
