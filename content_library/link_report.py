"""What a link check found, for people: Markdown and HTML, and the same as data.

Words that come from the web are shown, never obeyed: both forms escape all of them.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from content_library.links import STATES, Outcome, State
from recommender.domain.resource import Resource

BROKEN: frozenset[State] = frozenset(
    {"gone", "soft_404", "home_page", "certificate", "loop", "refused"})

WORDS: Mapping[State, tuple[str, str]] = {
    "gone": ("Gone", "Look for the page's new address; a changed address is a new resource. Retire "
                     "the old one, with `superseded_by` where there is a successor."),
    "soft_404": ("Says it is not there", "Open it: the page answers 200 and says that it does not "
                 "exist. Treat it as gone if that is so."),
    "home_page": ("Leads to the home page", "Search the site for the title; treat it as gone if "
                  "nothing turns up."),
    "certificate": ("Certificate not valid", "Often mended within days. Tell the publisher; do "
                    "not send people there meanwhile."),
    "loop": ("Goes round in circles", "Open it in a browser: some sites do this to programs only."),
    "refused": ("Not a public web address", "It leads into a private network or is no plain web "
                "address. Check that the domain still belongs to its publisher."),
    "passing": ("Passing trouble", "Nothing yet: ask again tomorrow. A month of it retires a "
                "link."),
    "unclear": ("Closed to programs", "Open it in a browser; a page that people cannot open "
                "either is no resource."),
    "not_checked": ("Not checked", "The host does not want to be asked, or not now. It counts "
                    "neither for nor against the link."),
    "moved": ("Moved for good", "It works. A changed address is a new resource: add it when you "
              "next touch this one, and retire the old."),
    "ok": ("Alive", ""),
}
"""Heading and what to do, for each state."""


_MARKUP = re.compile(
    r"(^\d{1,9}(?=[.)]))?((?<=\d)[.)](?=\s)|^[-+=]|[\\`*_\[\]<>#|~&!$@]|:(?=//)|(?<=www)\.)",
    re.IGNORECASE)
"""Characters that Markdown could take for its own, also as the first of a line or in an address."""


@dataclass(frozen=True)
class Finding:
    """One link of the report.

    Attributes:
        failures: Days it failed on since it was last seen alive, this one counted.
        why_retire: Why it should be retired; null: not yet, or no longer.
        is_retired: This run has retired it.
        instead: What could stand in its place.
    """

    resource: Resource
    outcome: Outcome
    failures: int = 0
    why_retire: str | None = None
    is_retired: bool = False
    instead: Resource | None = None

    @property
    def counted(self) -> str:
        """Return how near it is to being retired, in words."""
        if self.is_retired:
            return "retired now"
        if self.why_retire is not None:
            return "to be retired"
        return f"day {self.failures} of failing" if self.failures else ""


@dataclass(frozen=True)
class Report:
    """One run: the day, what was found, and how many links it was asked for."""

    day: date
    findings: Sequence[Finding]
    asked: int

    @property
    def counts(self) -> dict[State, int]:
        """Return how many links there are of each state, the worst first."""
        counted = Counter(each.outcome.state for each in self.findings)
        return {state: counted[state] for state in STATES if counted[state]}

    @property
    def groups(self) -> list[tuple[State, list[Finding]]]:
        """Return the findings by state, the worst first; what is alive is only counted."""
        return [(state, sorted((one for one in self.findings if one.outcome.state == state),
                               key=lambda one: (-one.failures, one.resource.title)))
                for state in self.counts if state != "ok"]

    @property
    def summary(self) -> list[str]:
        """Return the run in a few sentences."""
        broken = sum(count for state, count in self.counts.items() if state in BROKEN)
        lines = [f"{len(self.findings)} links checked on {self.day}, {broken} broken."]
        if len(self.findings) < self.asked:
            lines.append(f"Stopped early: {self.asked - len(self.findings)} of {self.asked} "
                         "were not reached.")
        ripe = [one for one in self.findings if one.why_retire is not None]
        retired = sum(one.is_retired for one in ripe)
        if retired:
            lines.append(f"{retired} retired.")
        if len(ripe) > retired:
            lines.append(f"{len(ripe) - retired} to be retired: run again with --retire.")
        return lines


def report_data(report: Report) -> dict[str, Any]:
    """Return the report as JSON can hold it."""
    return {
        "day": report.day.isoformat(),
        "asked": report.asked,
        "checked": len(report.findings),
        "counts": dict(report.counts),
        "links": [
            {
                "id": one.resource.id,
                "title": one.resource.title,
                "url": one.resource.url,
                "state": state,
                "detail": one.outcome.detail,
                "address": one.outcome.address,
                "failures": one.failures,
                "why_retire": one.why_retire,
                "retired": one.is_retired,
                "instead": None if one.instead is None else {
                    "id": one.instead.id, "title": one.instead.title, "url": one.instead.url},
            }
            for state in report.counts
            for one in sorted(report.findings, key=lambda one: one.resource.id)
            if one.outcome.state == state
        ],
    }


def report_markdown(report: Report) -> str:
    """Return the report as Markdown, in which nothing that was read is markup."""
    lines = ["# Links of the library", "", *report.summary, ""]
    lines += ["| state | links |", "| --- | --: |"]
    lines += [f"| {WORDS[state][0]} | {count} |" for state, count in report.counts.items()]
    for state, findings in report.groups:
        heading, advice = WORDS[state]
        lines += ["", f"## {heading} ({len(findings)})", "", advice, ""]
        for one in findings:
            counted = f" · {one.counted}" if one.counted else ""
            lines.append(f"- {_linked(one.resource)} · `{one.resource.id}`{counted}  ")
            lines.append(f"  {_plain(one.outcome.detail)}"
                         + (f" → {_plain(one.outcome.address)}" if one.outcome.address else ""))
            if one.why_retire is not None and not one.is_retired:
                lines[-1] += "  "
                lines.append(f"  Would be retired: {_plain(one.why_retire)}")
            if one.instead is not None:
                lines[-1] += "  "
                lines.append(f"  Instead: {_linked(one.instead)} · `{one.instead.id}`")
    return "\n".join(lines) + "\n"


def report_html(report: Report) -> str:
    """Return the report as one HTML page that needs nothing else."""
    return _template().render(
        report=report, words=WORDS, is_link=_is_link) + "\n"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("content_library", "."), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )
    return environment.get_template("link_report.html.j2")


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _linked(resource: Resource) -> str:
    url = re.sub(r"[\s<>|\\`]", lambda found: f"%{ord(found[0]):02X}", resource.url)
    title = _plain(resource.title)
    return f"[{title}](<{url}>)" if _is_link(url) else title


def _plain(text: str) -> str:
    """Return text on one line in which no character is markup."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return _MARKUP.sub(lambda found: f"{found[1] or ''}\\{found[2]}", line)
