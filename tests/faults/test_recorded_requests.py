"""What a model server really receives: nobody's name, no way to reach anybody, no other field."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pytest
from draft_stub import data_of, honest_draft
from pytest_httpserver import HTTPServer
from shipped import read_examples
from werkzeug import Request, Response

from evals.privacy import DATA, read, stands_in
from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.language_model import open_model
from recommender.privacy import EMAIL, LINK, PHONE

PATH = "/v1/chat/completions"
IN_ONE = 7
"""Templates that stand in one case, so that a few dozen requests hold them all."""
FIELDS = {"session", "focus_area", "theme", "programme", "style", "people", "goals", "open_steps",
          "done_steps",
          "talking_points", "notes_of_earlier_sessions", "activities", "resources"}
Recorded = Callable[[Sequence[Case]], list[list[str]]]


def answered(request: Request) -> Response:
    """Return an honest answer to what was asked."""
    draft = honest_draft(request.get_json()["messages"])
    return Response(json.dumps({
        "id": "c", "object": "chat.completion", "created": 1, "model": "stub-2026",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": json.dumps(draft)}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }), mimetype="application/json")


@pytest.fixture
def recorded(httpserver: HTTPServer, catalogue: Catalogue) -> Iterator[Recorded]:
    """Return a function that drafts cases and gives the bodies the server was sent for each."""
    httpserver.expect_request(PATH).respond_with_handler(answered)

    def bodies_of(cases: Sequence[Case]) -> list[list[str]]:
        async def made() -> list[list[str]]:
            model = open_model("openai:stub", base_url=httpserver.url_for("/v1"))
            found = []
            try:
                for case in cases:
                    before = len(httpserver.log)
                    await generate_drafted(case, catalogue, Drafting(model, 30.0))
                    found.append([request.get_data(as_text=True)
                                  for request, _ in httpserver.log[before:]])
            finally:
                await model.aclose()
            return found

        return asyncio.run(made())

    yield bodies_of
    httpserver.clear()


def case_of(lines: Sequence[dict[str, Any]]) -> Case:
    """Return a case in which each line stands where it says; the members' bios hold one too."""
    placed: dict[str, list[str]] = {place: [one["text"] for one in lines if one["place"] == place]
                                    for place in ("goal", "point", "action", "note")}
    first, second = lines[0]["members"]
    return Case.model_validate({
        "programme": "new-managers",
        "members": [{"role": "mentee", "profile": {
            "id": "p-1", "name": first, "email": "first.member@mail.example",
            "headline": lines[0]["text"][:120], "bio": lines[-1]["text"]}},
            {"role": "mentor", "profile": {
                "id": "p-2", "name": second, "bio": lines[0]["text"],
                "skills_offered": [lines[-1]["text"][:120]]}}],
        "goals": [{"id": f"g{at}", "text": text, "owner": "p-1"}
                  for at, text in enumerate(placed["goal"])],
        "session": {"number": 2, "minutes": 60, "language": lines[0]["language"],
                    "talking_points": [{"id": f"t{at}", "text": text, "by": "p-1"}
                                       for at, text in enumerate(placed["point"])]},
        "history": [{"number": 1, "notes": "\n".join(placed["note"]),
                     "actions": [{"id": f"a{at}", "text": text, "owner": "p-1", "status": "open"}
                                 for at, text in enumerate(placed["action"])]}],
    })


def packed(lines: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return templates of the same language and members together, a few at a time."""
    def key(line: dict[str, Any]) -> tuple[str, list[str]]:
        return line["language"], line["members"]

    groups = [list(group) for _, group in groupby(sorted(lines, key=key), key)]
    return [group[at:at + IN_ONE] for group in groups for at in range(0, len(group), IN_ONE)]


def shown_of(body: str) -> str:
    """Return the messages of a request as they were before they became JSON."""
    messages = json.loads(body)["messages"]
    data = json.dumps(data_of(messages)[1], ensure_ascii=False)
    return "\n".join([data, *(one["content"] for one in messages[1:])])


def test_no_request_names_anybody_of_the_templates(recorded: Recorded) -> None:
    """On 300 filled templates no member, nobody else, and no way to reach anybody is sent."""
    lines = read(DATA / "filled.jsonl")
    groups = packed(lines)
    sent = recorded([case_of(group) for group in groups])
    told, left = 0, []
    for group, bodies in zip(groups, sent, strict=True):
        assert bodies
        shown = "\n".join(map(shown_of, bodies))
        data = data_of(json.loads(bodies[0])["messages"])[1]
        library = json.dumps([data.pop("activities"), data.pop("resources", [])],
                             ensure_ascii=False)
        own = json.dumps(data, ensure_ascii=False)
        assert "first.member" not in shown
        for line in group:
            named = [*line["own"], *line["others"]]
            left += [(line["id"], part) for part in named
                     if stands_in(part, shown) and not stands_in(part, library)]
            left += [(line["id"], one) for one in line["contacts"] if one.lower() in shown.lower()]
            words = re.findall(r"[^\W\d_]{4,}", line["text"])
            kept = [word for word in words if not any(word in name for name in named)]
            told += any(word in own for word in kept)
    assert left == []
    assert len(lines) >= 300
    assert told >= 0.95 * len(lines), "the templates reached no request"


def test_no_request_of_an_example_names_anybody(recorded: Recorded) -> None:
    """Of each example only listed fields are sent, and none holds a member's name or address."""
    examples = read_examples()
    sent = recorded(list(examples.values()))
    for (name, case), bodies in zip(examples.items(), sent, strict=True):
        assert bodies or case.mode == "fixed", name
        for body in bodies:
            shown = shown_of(body)
            assert set(data_of(json.loads(body)["messages"])[1]) <= FIELDS, name
            assert not any(one.search(shown) for one in (EMAIL, PHONE, LINK)), name
            for member in case.members:
                assert f'"{member.profile.id}"' not in shown
                assert member.profile.email is None or member.profile.email not in shown
                for part in (member.profile.name or "").split():
                    assert len(part) < 3 or not re.search(
                        rf"(?<!\w){re.escape(part)}(?!\w)", shown), (name, part)
