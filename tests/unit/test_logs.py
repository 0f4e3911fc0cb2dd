"""What a line of the log may hold, whoever writes it."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from api.logs import WITHHELD, formatter, log_of, places_of

WORDS = "Amara is afraid of her manager"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Return what handlers of the root logger write, set up as `agendum serve` does."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    level, root.level = root.level, logging.INFO
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def lines(stream: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_ids(written: StringIO) -> None:
    """Event, level, logger, time and the fields that were given."""
    log_of("agendum.x").info("request", route="/v1/profiles/{profile_id}", status=200,
                             request_id="r-1", tenant_id="t.1")
    (line,) = lines(written)
    assert line.pop("timestamp")
    assert line == {"event": "request", "level": "info", "logger": "agendum.x",
                    "route": "/v1/profiles/{profile_id}", "status": 200, "request_id": "r-1",
                    "tenant_id": "t.1"}


@pytest.mark.parametrize("fields", [
    {"notes": "x"}, {"reason": WORDS}, {"route": "/a b"}, {"error": {"a": WORDS}},
    {"places": [WORDS]}, {"request_id": "é"}, {"count": [1]},
])
def test_what_may_be_a_text_is_withheld(written: StringIO, fields: dict[str, object]) -> None:
    """An unlisted field, or a value that is no id and no number, does not reach the log."""
    log_of("agendum.x").warning("request", **fields)
    (name,) = fields
    assert lines(written)[0][name] == WITHHELD


def test_an_event_that_was_filled_in_is_withheld(written: StringIO) -> None:
    """An event is a constant of the code; what else is written there is not trusted."""
    log_of("agendum.x").info(f"note: {WORDS}")
    assert lines(written)[0]["event"] == WITHHELD


def test_a_library_says_only_its_template(written: StringIO) -> None:
    """Values of others' records are left out, and what was put together before is withheld."""
    other = logging.getLogger("somebody.else")
    other.warning("could not read %r", WORDS)
    other.warning(f"could not read {WORDS}")
    try:
        raise KeyError(WORDS)
    except KeyError:
        other.exception("failed with %s", WORDS)
    template, withheld, failed = lines(written)
    assert template["event"] == "could not read %r"
    assert withheld["event"] == WITHHELD
    assert withheld["places"][0].startswith("test_logs:")  # type: ignore[index]
    assert failed["error"] == "KeyError"
    assert "Amara" not in written.getvalue()


def test_uvicorn_says_where_it_listens(written: StringIO) -> None:
    """Its lines hold addresses; its exceptions, which may hold words, only their places."""
    logging.getLogger("uvicorn.error").warning("running on %s:%d", "127.0.0.1", 80)
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    running, failed = lines(written)
    assert running["event"] == "running on 127.0.0.1:80"
    assert (failed["event"], failed["error"]) == (WITHHELD, "ValueError")
    assert "Amara" not in written.getvalue()


def test_places_come_innermost_first() -> None:
    """Module, line and function; no path of this machine."""
    def inner() -> None:
        raise ValueError(WORDS)

    try:
        inner()
    except ValueError as error:
        first, second = places_of(error.__traceback__)
    assert first.endswith("test_places_come_innermost_first.<locals>.inner")
    assert "/" not in second
