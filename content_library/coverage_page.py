"""The coverage map as one HTML page: no script, nothing loaded from elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

from content_library.coverage import ENOUGH, LENGTHS, Cell, thin_of
from content_library.targets import Standing
from recommender.domain.base import LANGUAGES

FEWEST = "fewest"
STEPS = (ENOUGH, 6, 10)
"""From how many activities a cell gets the next shade."""
_VIEWS = {FEWEST: "Fewest of all languages", "en": "English", "es": "Spanish", "fr": "French"}
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0 2rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid #8a8a8a; padding: .2rem .6rem; text-align: left; }
td { text-align: right; font-variant-numeric: tabular-nums; }
.s0 { background: #ffd9c7; } .s1 { background: #fff3c4; }
.s2 { background: #d8efd3; } .s3 { background: #a9dcb0; }
.view { display: none; }
fieldset { border: 1px solid #8a8a8a; margin: 1rem 0; }
label { margin-right: 1.2rem; }
"""


def as_html(
    cells: Sequence[Cell], areas: Mapping[str, Mapping[str, int]], resources: Mapping[str, int],
    activities: Mapping[str, int], targets: Sequence[Standing],
) -> str:
    """Return the page: targets, heat map with a switch of languages, three tables of counts.

    Args:
        cells: As `cover` gives them.
        areas: Active resources by focus area and language.
        resources: Active resources by topic.
        activities: Activities by topic.
        targets: What is asked of those counts.
    """
    least: dict[tuple[str, str], int] = {(one.kind, one.name): one.at_least for one in targets}
    thin = len(thin_of(cells))
    chosen = "".join(
        f'#v-{view}:checked ~ .view-{view} {{ display: block; }}\n' for view in _VIEWS)
    # The switches stand beside the tables, so that the sheet can show one without a script.
    switches = "".join(
        f'<input type="radio" name="view" id="v-{view}"{" checked" if view == FEWEST else ""}>'
        f'<label for="v-{view}">{label}</label>\n' for view, label in _VIEWS.items())
    maps = "".join(
        f'<div class="view view-{view}">{_map(cells, view, label)}</div>\n'
        for view, label in _VIEWS.items())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the library covers</title>
<style>{_STYLE}{chosen}</style>
</head>
<body>
<main>
<h1>What the library covers</h1>
{_targets(targets)}
<h2>Activities for each kind of session</h2>
<p>A number says how many activities may carry such a session: a focus area, a session type,
a relation and a length in minutes. {thin} of {len(cells)} cells hold fewer than {ENOUGH};
they are marked with “thin”. Shades: under {STEPS[0]}, from {STEPS[0]}, from {STEPS[1]},
from {STEPS[2]}.</p>
<section aria-label="Activities for each kind of session">
{switches}
{maps}</section>
<h2>Resources and activities, counted</h2>
{_areas(areas, least)}
{_counts("Active resources by topic", "Topic", resources,
         lambda topic: least.get(("resources by topic", topic)))}
{_counts("Activities by topic", "Topic", activities, lambda _: None)}
</main>
</body>
</html>
"""


def _targets(targets: Sequence[Standing]) -> str:
    short = [one for one in targets if not one.met]
    rows = "".join(
        f'<tr><th scope="row">{escape(one.name)}</th><td>{escape(one.kind)}</td>'
        f"<td>{one.count}</td><td>{one.at_least}</td></tr>\n" for one in short)
    table = f"""<table><caption>Targets not met</caption>
<thead><tr><th scope="col">What</th><th scope="col">Counted</th><th scope="col">There are</th>
<th scope="col">At least</th></tr></thead><tbody>
{rows}</tbody></table>""" if short else ""
    return f"""<h2>Targets</h2>
<p>{len(targets) - len(short)} of {len(targets)} targets are met.</p>
{table}"""


def _map(cells: Sequence[Cell], view: str, label: str) -> str:
    """Return one table per focus area."""
    numbers: dict[tuple[str, str, str, int], int] = {}
    for cell in cells:
        if view in (FEWEST, cell.language):
            key = (cell.focus_area, cell.session_type, cell.relation, cell.minutes)
            numbers[key] = min(cell.activities, numbers.get(key, cell.activities))
    heads = "".join(f'<th scope="col">{minutes} min</th>' for minutes in LENGTHS)
    tables = []
    for area in dict.fromkeys(key[0] for key in numbers):
        rows = dict.fromkeys(key[1:3] for key in numbers if key[0] == area)
        body = "".join(
            f'<tr><th scope="row">{escape(kind)}, {escape(relation)}</th>'
            + "".join(_cell(numbers[area, kind, relation, minutes]) for minutes in LENGTHS)
            + "</tr>\n" for kind, relation in rows)
        tables.append(
            f"<table><caption>{escape(area)}: {escape(label.lower() if view == FEWEST else label)}"
            f'</caption>\n<thead><tr><th scope="col">Session, relation</th>{heads}</tr></thead>'
            f"<tbody>\n{body}</tbody></table>\n")
    return "".join(tables)


def _cell(number: int) -> str:
    shade = sum(number >= step for step in STEPS)
    return f'<td class="s{shade}">{number}{" thin" if number < ENOUGH else ""}</td>'


def _areas(
    areas: Mapping[str, Mapping[str, int]], least: Mapping[tuple[str, str], int]
) -> str:
    languages = list(dict.fromkeys(
        [*LANGUAGES, *(language for counts in areas.values() for language in counts)]))
    heads = "".join(f'<th scope="col">{escape(language)}</th>' for language in languages)
    rows = "".join(
        f'<tr><th scope="row">{escape(area)}</th>' + "".join(
            _against(counts.get(language, 0),
                     least.get(("resources by focus area", f"{area}, {language}")))
            for language in languages) + "</tr>\n"
        for area, counts in areas.items())
    return f"""<table><caption>Active resources by focus area and language</caption>
<thead><tr><th scope="col">Focus area</th>{heads}</tr></thead><tbody>
{rows}</tbody></table>"""


def _counts(
    title: str, head: str, counts: Mapping[str, int], least: Callable[[str], int | None]
) -> str:
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th>{_against(count, least(name))}</tr>\n'
                   for name, count in counts.items())
    return f"""<table><caption>{escape(title)}</caption>
<thead><tr><th scope="col">{escape(head)}</th><th scope="col">Number</th></tr></thead><tbody>
{rows}</tbody></table>"""


def _against(count: int, least: int | None) -> str:
    """Return a cell with its target, if there is one: `43 of 50, short` or `61 of 50`."""
    if least is None:
        return f"<td>{count}</td>"
    short = count < least
    return (f'<td class="{"s0" if short else "s2"}">{count} of {least}'
            f'{", short" if short else ""}</td>')
