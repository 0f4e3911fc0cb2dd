"""A run of the link check: which links, over which network, and where its findings are kept."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from api.inputs import write_text
from api.opening import open_ready_catalogue, progress_bar
from content_library.change import change_fields
from content_library.link_history import (
    ALIVE,
    History,
    history_lines,
    last_seen,
    parse_history,
    standing,
    with_outcomes,
)
from content_library.link_report import (
    BROKEN,
    Finding,
    Report,
    report_data,
    report_html,
    report_markdown,
)
from content_library.links import ROBOT, Link, Outcome, Pace, check_links, fetch_page
from content_library.load import Library
from content_library.web import Web
from recommender.domain.resource import Resource
from recommender.errors import InvalidInputError, NotFoundError
from recommender.settings import Settings
from recommender.version import version
from recommender.yaml_file import parse_document

PACE = Pace()
ONE_PAGE = Pace(longest_wait_s=5.0)
"""For a page that somebody waits for."""
TIMEOUT_S = 15.0
MAX_BYTES = 512 * 1024


def user_agent(contact: str) -> str:
    """Return how the check names itself to every host.

    Raises:
        InvalidInputError: The contact cannot stand in a header.
    """
    if len(contact) > 200 or not contact.isascii() or not contact.isprintable() or set(
            contact) & set("()\\;"):
        raise InvalidInputError.of(
            "up to 200 plain characters without brackets or semicolons expected; give an e-mail "
            "or web address", source="--contact")
    more = f"; {contact}" if contact else ""
    return f"{ROBOT}/{version()} (checks the links of a mentoring library{more})"


def open_web(agent: str) -> Web:
    """Return the client that asks the real web."""
    return Web(user_agent=agent, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES,
               connections=PACE.hosts_at_once)


def read_page(url: str) -> str:
    """Return the HTML of one page of the real web.

    Raises:
        NoPage: It could not be read; the message says why.
    """
    return fetch_page(url, open_web(user_agent("")), ONE_PAGE)


def read_history(place: Path) -> History:
    """Return what earlier runs found; nothing where there is no file yet.

    Raises:
        InvalidInputError: The file cannot be read; names its lines.
    """
    try:
        return parse_history(place.read_text("utf-8"), str(place))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise InvalidInputError.of("is not UTF-8 text; give another --history",
                                   source=str(place)) from error
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read ({error.strerror}); give another --history",
                                   source=str(place)) from error


def choose(
    library: Library, history: History, ids: Sequence[str], today: date, *,
    older_than: int | None, limit: int | None,
) -> list[Resource]:
    """Return the resources to check: those not seen for longest first.

    Args:
        ids: Check these, retired ones too; none means every active one.

    Raises:
        NotFoundError: An id names no resource.
    """
    unknown = [one for one in ids if one not in library.resources]
    if unknown:
        raise NotFoundError(f"no resource {', '.join(map(repr, unknown))} in the library; "
                            "an id is the name of its file without .yaml")
    chosen = ([library.resources[one] for one in dict.fromkeys(ids)] if ids
              else library.active_resources)

    def seen(resource: Resource) -> date:
        days = (last_seen(history.get(resource.id, ())), resource.checked_on)
        return max((day for day in days if day is not None), default=date.min)

    if older_than is not None:
        chosen = [one for one in chosen if (today - seen(one)).days >= older_than]
    return sorted(chosen, key=lambda one: (seen(one), one.id))[:limit]


def make_room(place: Path) -> None:
    """Make the folder of the history, so that a run does not end with nowhere to keep it.

    Raises:
        InvalidInputError: It cannot be made, or not written to.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise InvalidInputError.of(f"cannot be written ({error.strerror}); give another --history",
                                   source=str(place)) from error


def run(chosen: Sequence[Resource], agent: str) -> tuple[list[Outcome], bool]:
    """Return what was found, and whether the run came to its end; Ctrl-C ends it early."""
    links = [Link(one.id, one.url, one.title) for one in chosen]
    outcomes: list[Outcome] = []
    with progress_bar("checking links", unit="link") as progress:
        def found(outcome: Outcome) -> None:
            outcomes.append(outcome)
            progress(len(outcomes), len(links))

        async def ask() -> None:
            web = open_web(agent)
            try:
                await check_links(links, web, PACE, found)
            finally:
                await web.aclose()

        try:
            asyncio.run(ask())
        except KeyboardInterrupt:
            return outcomes, False
    return outcomes, True


def keep(place: Path, history: History, outcomes: Sequence[Outcome], today: date) -> History:
    """Write the history with these outcomes in one step, and return it."""
    history = with_outcomes(history, outcomes, today)
    write_text(place, history_lines(history), source=str(place))
    return history


def findings(
    chosen: Sequence[Resource], outcomes: Sequence[Outcome], history: History, today: date,
    settings: Settings,
) -> Report:
    """Return the report, with a replacement for everything that is broken or ripe."""
    by_id = {one.id: one for one in chosen}
    found = []
    for outcome in outcomes:
        resource = by_id[outcome.id]
        stands = standing(history[outcome.id])
        is_ripe = resource.status == "active" and outcome.state not in ("not_checked", "unclear")
        found.append(Finding(resource, outcome, stands.failures,
                             stands.why_retire if is_ripe else None))
    needy = {one.resource.id for one in found
             if one.outcome.state in BROKEN or one.why_retire is not None}
    if needy:
        from recommender.learning.replace import nearest_resource

        catalogue = open_ready_catalogue(settings)
        ailing = {one for one, checks in history.items() if standing(checks).failures}
        found = [
            replace(one, instead=nearest_resource(catalogue, one.resource, ailing))
            if one.resource.id in needy else one
            for one in found
        ]
    return Report(today, found, len(chosen))


def write_checked_on(report: Report, folders: Sequence[Path]) -> list[str]:
    """Set `checked_on` of the resources whose links are alive; return the ids left as they were.

    Args:
        folders: The first that holds a resource's file gets the change.
    """
    return [one.resource.id for one in report.findings if one.outcome.state in ALIVE
            and not _change(folders, one.resource, {"checked_on": report.day.isoformat()})]


def retire(report: Report, folders: Sequence[Path]) -> tuple[Report, list[str]]:
    """Retire what is ripe, each file in one step; return the report that says so.

    The second value is the ids of what is ripe and was left as it is.
    """
    done, left = [], []
    for one in report.findings:
        is_retired = one.why_retire is not None and _change(
            folders, one.resource, {"status": "retired", "why_retired": one.why_retire})
        if one.why_retire is not None and not is_retired:
            left.append(one.resource.id)
        done.append(replace(one, is_retired=is_retired))
    return replace(report, findings=done), left


def rendered(report: Report, form: str) -> str:
    """Return the report as `md`, `html` or `json`, ending in a newline."""
    if form == "json":
        return json.dumps(report_data(report), ensure_ascii=False, indent=2) + "\n"
    return report_html(report) if form == "html" else report_markdown(report)


def _change(folders: Sequence[Path], resource: Resource, fields: dict[str, str]) -> bool:
    """Set fields in a resource's file; false where an overlay gave it another address."""
    paths = [folder / "resources" / f"{resource.id}.yaml" for folder in folders]
    path = next((one for one in paths if one.is_file()), paths[-1])
    text = path.read_bytes().decode("utf-8")
    said = parse_document(text, str(path))
    if not isinstance(said, dict) or said.get("url") != resource.url:
        return False
    changed = change_fields(text, fields, f"resources/{path.name}")
    if changed != text:
        write_text(path, changed, source=f"resources/{path.name}")
    return True
