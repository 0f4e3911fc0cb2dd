"""What files of other systems say, and what an import makes of it before anything is written."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from content_library.exchange.csv_file import read_csv, split_list, write_csv
from content_library.exchange.jsonld import ESTIMATE, write_jsonld
from content_library.exchange.plan import (
    Outcome,
    apply_import,
    field_of_default,
    plan_import,
)
from content_library.exchange.read import read_table, table_of
from content_library.exchange.rows import minutes_of
from content_library.exchange.shelf import amended, open_shelf, yaml_of
from content_library.load import HOME, Library
from recommender.domain.resource import Resource, resource_id
from recommender.errors import InvalidInputError
from recommender.yaml_file import read_document

Import = Callable[..., list[Outcome]]
URL = "https://example.org/learn/one"
FIELDS: dict[str, Any] = {
    "id": resource_id(URL), "title": "One", "url": URL, "publisher": "Ex", "format": "article",
    "language": "en", "topics": ["trust"], "level": "introductory", "audience": ["mentee"],
    "gist": "Shows a new manager how trust begins.",
}
HEADER = "url,title,publisher,format,language,topics,level,audience,gist,minutes\n"
GOOD = f"{URL},One,Ex,article,en,trust,introductory,mentee,Shows how trust begins at work.,7\n"


@pytest.fixture(scope="session")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that holds two of the shipped topics."""
    path = tmp_path_factory.mktemp("vocabulary") / "topics.yaml"
    kept = [one for one in read_document(HOME / "topics.yaml")
            if one["id"] in ("trust", "listening")]
    path.write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path, topics: Path) -> Path:
    """Return a library folder that holds a small vocabulary and no item."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "topics.yaml").symlink_to(topics)
    (folder / "focus_areas.yaml").symlink_to(HOME / "focus_areas.yaml")
    return folder


@pytest.fixture
def take(home: Path) -> Import:
    """Return a function that imports a text into the folder."""

    def run(text: str | bytes, name: str = "x.csv", **more: Any) -> list[Outcome]:
        data = text.encode() if isinstance(text, str) else text
        shelf = open_shelf(home)
        outcomes = plan_import(table_of(data, name), shelf, **more)
        apply_import(outcomes, shelf, lambda *_: None)
        return outcomes

    return run


def put(home: Path, **changes: Any) -> Path:
    """Write one item into the folder as a curator has it."""
    one = Resource.model_validate({**FIELDS, **changes})
    (home / "resources").mkdir(exist_ok=True)
    path = home / "resources" / f"{one.id}.yaml"
    path.write_text(yaml_of(one), "utf-8")
    return path


def problems(outcomes: Sequence[Outcome]) -> list[str]:
    return [f"{one.row}: {fault}" for one in outcomes for fault in one.faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "sep={}\r\n"])
def test_separator_and_byte_order_mark_do_not_matter(
    take: Import, home: Path, separator: str, mark: str
) -> None:
    """Comma, semicolon and tab are found; a byte order mark and Excel's `sep=` are passed over."""
    lines = [["URL", "Title", "publisher", "format", "language", "topics", "level", "audience",
              "gist", "authors"],
             [URL, "One", "Ex", "article", "en", "trust", "introductory", '"mentee;peer"',
              "Shows how trust begins at work.", '"Ada A;Ben B"']]
    text = mark.format(separator) + "\r\n".join(separator.join(line) for line in lines)
    (outcome,) = take(text)
    assert outcome.action == "added", problems([outcome])
    assert outcome.row == 2
    assert outcome.resource is not None
    assert outcome.resource.audience == ["mentee", "peer"]
    assert outcome.resource.authors == ["Ada A", "Ben B"]
    assert (home / "resources" / f"{resource_id(URL)}.yaml").read_text("utf-8") == yaml_of(
        outcome.resource)


def test_the_library_comes_back_whole_from_csv_and_json_ld(library: Library, home: Path) -> None:
    """Export, import into an empty library: every file is byte for byte what is shipped."""
    (home / "topics.yaml").unlink()
    (home / "topics.yaml").symlink_to(HOME / "topics.yaml")
    everything = list(library.resources.values())
    for text, name in ((write_csv(everything), "x.csv"),
                       (write_jsonld(everything, library), "x.jsonld")):
        outcomes = plan_import(table_of(text.encode(), name), open_shelf(home))
        assert problems(outcomes) == []
        written = {one.resource.id: yaml_of(one.resource) for one in outcomes if one.resource}
        shipped = {path.stem: path.read_text("utf-8") for path in HOME.glob("resources/*.yaml")}
        assert written == shipped


def test_formulas_are_disarmed_and_come_back(library: Library, take: Import) -> None:
    """No exported cell begins as a formula does, and the texts are the same after an import."""
    texts = ["=1+1", "+1 idea", "-minus", "@home", "'=quoted", "''-x", "＝wide", "a;b\\",
             "tab\there"]
    items = [Resource.model_validate({
        **FIELDS, "url": f"{URL}/{n}", "id": resource_id(f"{URL}/{n}"), "title": text,
        "authors": [text, "Other"], "gist": f"{text} that is long enough for a gist"})
        for n, text in enumerate(texts)]
    text = write_csv(items)
    cells = [cell for row in read_raw(text)[1:] for cell in row if cell]
    assert not [cell for cell in cells if cell.lstrip()[0] in "=+-@＝"]
    assert [one.resource for one in take(text)] == items
    graph = write_jsonld(items, library)
    assert [one.resource for one in take(graph, "x.jsonld")] == items


def read_raw(text: str) -> list[list[str]]:
    import csv
    return list(csv.reader(text.splitlines()))


def test_lists_in_a_cell_keep_their_own_semicolons() -> None:
    """`;` parts a list, blank parts are left out, and a backslash keeps one inside a part."""
    assert split_list(r"a; b;;c\;d;e\\f;g\h") == ["a", "b", "c;d", r"e\f", r"g\h"]


@pytest.mark.parametrize(("row", "said"), [
    (f"{URL},One,Ex,artcle,en,trust,introductory,mentee,Shows how trust begins at work.,7",
     "2: format: expected one of 'article'"),
    (f"{URL},One,Ex,article,en,trst,introductory,mentee,Shows how trust begins at work.,7",
     "2: topics: 'trst' is not in topics.yaml; did you mean 'trust'?"),
    (f"{URL},One,Ex,article,en,trust,introductory,mentee,,7",
     "2: gist: is missing; write one or two sentences"),
    (f"{URL},One,Ex,article,en,trust,introductory,,Shows how trust begins at work.,7",
     "2: audience: is missing; add it, or say it for all rows with --default audience=…"),
    (",One,Ex,article,en,trust,introductory,mentee,Shows how trust begins at work.,7",
     "2: url: is missing; add the address"),
    ("ftp://a.b,One,Ex,article,en,trust,introductory,mentee,Shows how trust begins at work.,7",
     "2: url: 'ftp://a.b' is no web address"),
    (f"{URL},One,Ex,article,en,trust,introductory,mentee,Shows how trust begins at work.,7 min",
     "2: minutes: input should be a valid integer"),
    (f"{URL},One,Ex,article,en,trust,introductory,mentee,Shows how \0trust begins at work.,7",
     "2: gist: holds control characters; take them out"),
    (f"{URL},One,Ex,article,en,trust,introductory,mentee,Shows how, trust begins.,7,8",
     "2: 12 cells under 10 columns; put a cell that holds the separator in quotation marks"),
    (f"{URL},One,Ex,article,en,trust,introductory,mentee,{'x' * 10_000_000},7",
     "2: gist: text of 10000000 characters; at most 400 allowed, shorten it"),
    (f'{URL},"One,Ex,article,en,trust,introductory,mentee,Shows how trust begins at work.,7',
     "2: the quotation marks do not match (line 2 of the file"),
], ids=["word", "topic", "no gist", "no audience", "no url", "scheme", "minutes", "nul", "cells",
        "10 MB", "quote"])
def test_a_faulty_row_is_named_and_the_others_go_in(
    take: Import, home: Path, row: str, said: str
) -> None:
    """The fault names row and field, what was expected and the mend; the row after it is added."""
    other = GOOD.replace(URL, "https://example.org/other")
    outcomes = take(f"{HEADER}{row}\n{other}")
    assert [one.action for one in outcomes] == ["refused", "added"], problems(outcomes)
    assert problems(outcomes)[0].startswith(said)
    assert len(list(home.glob("resources/*"))) == 1


def test_a_latin_1_file_loses_only_its_rows_with_accents(take: Import) -> None:
    """A row whose letters are not UTF-8 is refused with the mend; a plain one goes in."""
    data = HEADER.encode() + GOOD.replace("One", "Café").encode("latin-1")
    data += GOOD.replace(URL, f"{URL}/2").encode()
    outcomes = take(data)
    assert problems(outcomes) == ["2: title: is not UTF-8; save the file as UTF-8"]
    assert outcomes[1].action == "added"


@pytest.mark.parametrize(("data", "name", "said"), [
    (b"url,titel\n", "x.csv", "x.csv: row 1: unknown column 'titel' (did you mean 'title')"),
    (b"title,gist\n", "x.csv", "x.csv: row 1: no column `url`"),
    (b"url,title,url\n", "x.csv", "x.csv: row 1: the column 'url' stands twice; keep one"),
    (b"", "x.csv", "x.csv: is empty"),
    (b"\n\n", "x.csv", "x.csv: is empty"),
    ("url".encode("utf-16"), "x.csv", "x.csv: is UTF-16; save it as UTF-8"),
    (b'{"a":\n 1,}', "x.json", "x.json: line 2: no valid JSON"),
    (b'[{"name": "\xe9"}]', "x.json", "x.json: line 1 is not UTF-8"),
    (b'{"@type": "Organization", "name": "A"}', "x.json", "x.json: no learning resource in it"),
    (b"[" * 100_000, "x.json", "x.json: no valid JSON"),
    (b"<opml>\n<outline", "x.opml", "x.opml: line 2: no valid XML"),
    (b"<opml><body/></opml>", "x.opml", "x.opml: no outline with htmlUrl or url"),
    (b'<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><opml>&b;</opml>', "x.opml",
     "x.opml: holds a DTD or entities"),
    (b'<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml>&a;</opml>', "x.xml",
     "x.xml: holds a DTD or entities"),
])
def test_a_file_that_cannot_be_read_says_where_and_why(
    data: bytes, name: str, said: str
) -> None:
    """Nothing of it is taken; the message names the file, the row or line, and the mend."""
    with pytest.raises(InvalidInputError) as caught:
        table_of(data, name)
    assert str(caught.value).startswith(said)


def test_columns_can_be_left_out_on_purpose_and_missing_ones_are_said_once() -> None:
    """A named column is skipped; the file's note lists the columns new items would need."""
    table = read_csv(f"url,Our Notes\n{URL},x\n", "x.csv", ["our notes"])
    assert table.rows[0].said == {"url": URL}
    assert table.notes[0].startswith("no column title, format, language, level, audience, gist")


def test_the_content_tells_the_kind_where_the_name_does_not(tmp_path: Path) -> None:
    """JSON, XML and CSV are told apart by their first letter; a missing file is named."""
    for text, unit in (('{"@type": "Book", "name": "A"}', "entry"), ("url\nhttps://a.b", "row"),
                       ('<opml><outline url="https://a.b"/></opml>', "outline")):
        (tmp_path / "file").write_text(text, "utf-8")
        assert read_table(tmp_path / "file").unit == unit
    with pytest.raises(InvalidInputError, match="no such file"):
        read_table(tmp_path / "none.csv")


def test_what_a_curator_wrote_stays(take: Import, home: Path) -> None:
    """Of an item that is there, only missing fields are filled; the rest is reported as kept."""
    path = put(home)
    path.write_text("# a curator's remark\n" + path.read_text("utf-8").replace(
        "minutes: null", "minutes: null  # ask them"), "utf-8")
    (outcome,) = take(HEADER + GOOD.replace("One", "Another").replace("Ex", "Other"))
    assert (outcome.action, outcome.filled) == ("updated", ("minutes",))
    assert outcome.kept == ("title", "publisher", "gist")
    text = path.read_text("utf-8")
    assert text.startswith("# a curator's remark\n")
    assert yaml.safe_load(text) == {**yaml.safe_load(yaml_of(Resource.model_validate(FIELDS))),
                                    "minutes": 7}
    before = path.stat().st_mtime_ns
    (outcome,) = take(HEADER + GOOD.replace("One", "Another"))
    assert (outcome.action, outcome.kept) == ("unchanged", ("title", "gist"))
    assert (path.read_text("utf-8"), path.stat().st_mtime_ns) == (text, before)


def test_an_estimate_fills_missing_minutes_as_an_estimate(take: Import, home: Path) -> None:
    """Minutes that are filled bring their mark; an item's own minutes take no mark from a file."""
    put(home)
    text = f"url,minutes,minutes_estimated\n{URL},7,true\n"
    (outcome,) = take(text)
    assert outcome.filled == ("minutes", "minutes_estimated")
    assert take(text)[0].action == "unchanged"
    put(home, minutes=7)
    (outcome,) = take(text)
    assert (outcome.action, outcome.kept) == ("unchanged", ("minutes_estimated",))


def test_update_replaces_and_names_the_fields(take: Import, home: Path) -> None:
    """With `update` the fields the row says are replaced and named; a second time none is."""
    path = put(home, minutes=3, minutes_estimated=True)
    (outcome,) = take(HEADER + GOOD.replace("One", "Another"), update=True)
    assert outcome.action == "updated"
    assert outcome.changed == ("title", "minutes", "minutes_estimated", "gist")
    assert path.read_text("utf-8") == yaml_of(Resource.model_validate({
        **FIELDS, "title": "Another", "gist": "Shows how trust begins at work.", "minutes": 7}))
    (outcome,) = take(HEADER + GOOD.replace("One", "Another"), update=True)
    assert outcome.action == "unchanged"


@pytest.mark.parametrize("spelling", [f"{URL}/?utm_source=x", f"{URL}#top",
                                      URL.replace("https://", "http://www.")])
def test_an_address_is_recognised_however_it_is_spelled(
    take: Import, home: Path, spelling: str
) -> None:
    """No second file is made, in one file or in two; the item keeps its own address."""
    rows = [GOOD, GOOD.replace(URL, spelling)]
    first, second = take(HEADER + "".join(rows))
    assert (first.action, second.action) == ("added", "unchanged")
    assert second.notes == ("same as row 2",)
    (again,) = take(HEADER + rows[1])
    assert again.action == "unchanged"
    assert again.notes == (f"there as {URL}",)
    assert len(list(home.glob("resources/*"))) == 1


def test_two_rows_that_contradict_each_other_are_not_both_taken(take: Import) -> None:
    """The later of two rows for one address is refused when it says something else."""
    outcomes = take(HEADER + GOOD + GOOD.replace("One", "Two"))
    assert problems(outcomes) == ["3: url: is the address of row 2 too, which says something else "
                                  "in title; keep one of them"]


def test_a_retired_item_stays_retired(take: Import, home: Path) -> None:
    """An old export that calls an item active does not bring it back, and says so."""
    path = put(home, status="retired", why_retired="sold to a shop")
    (outcome,) = take(f"url,status\n{URL},active\n")
    assert (outcome.action, outcome.notes) == ("unchanged", ("retired here",))
    (outcome,) = take(f"url,status\n{URL},active\n", update=True)
    assert outcome.changed == ("status", "why_retired")
    assert path.read_text("utf-8") == yaml_of(Resource.model_validate(FIELDS))


def test_a_broken_file_is_never_written_over(take: Import, home: Path) -> None:
    """A row for the address of a file with faults is refused and names the file."""
    path = put(home)
    path.write_text(f'id: {path.stem}\nurl: {URL}\ngist: ""\n', "utf-8")
    for spelling in (URL, f"{URL}/"):
        (outcome,) = take(HEADER + GOOD.replace(URL, spelling))
        assert f"the file resources/{path.name} is there" in str(outcome.faults[0])
    assert path.read_text("utf-8").endswith('gist: ""\n')


def test_a_successor_has_to_exist(take: Import) -> None:
    """A row whose successor is nowhere is refused, and so is one that it in turn succeeds."""
    head = HEADER.replace("minutes", "status,why_retired,superseded_by")
    def row(n: int, successor: str) -> str:
        return GOOD.replace(URL, f"{URL}/{n}").replace(",7", f",retired,old,{successor}")
    ids = [resource_id(f"{URL}/{n}") for n in range(3)]
    outcomes = take(head + row(0, ids[1]) + row(1, "0" * 12) + row(2, ids[2]))
    assert [one.action for one in outcomes] == ["refused", "refused", "added"]


def test_defaults_are_for_new_items_and_are_checked(take: Import, home: Path) -> None:
    """A default fills what a new row leaves out and never touches an item that is there."""
    head = HEADER.replace(",level", "")
    row = GOOD.replace(",introductory", "")
    name, value = field_of_default("level=advanced", lambda _, text: text)
    (outcome,) = take(head + row, defaults={name: value})
    assert outcome.resource is not None
    assert outcome.resource.level == "advanced"
    (outcome,) = take(head + row, defaults={"level": "introductory"})
    assert outcome.action == "unchanged"
    with pytest.raises(InvalidInputError, match="--default: topics: 'nosuch' is not in"):
        take(head + row, defaults={"topics": ["nosuch"]})
    with pytest.raises(InvalidInputError, match="FIELD=VALUE expected"):
        field_of_default("gist=x", lambda _, v: v)


def test_topics_are_asked_for_once_and_only_where_nothing_else_is_wrong(take: Import) -> None:
    """New good rows without topics are suggested for in one batch; the file's own topics win."""
    asked: list[Sequence[tuple[str, str]]] = []

    def suggest(texts: Sequence[tuple[str, str]]) -> list[list[tuple[str, float]]]:
        asked.append(texts)
        return [[("listening", 0.5), ("trust", 0.2)] for _ in texts]

    rows = [GOOD.replace(URL, f"{URL}/{n}") for n in range(4)]
    rows[1] = rows[1].replace(",trust,", ",,")
    rows[2] = rows[2].replace(",trust,", ",,").replace(",7", ",x")
    rows[3] = rows[3].replace(",trust,", ",,")
    outcomes = take(HEADER + "".join(rows), suggest=suggest)
    assert asked == [[("One. Shows how trust begins at work.", "en")] * 2]
    assert [one.resource and one.resource.topics for one in outcomes] == [
        ["trust"], ["listening"], None, ["listening"]]
    assert outcomes[0].suggested == ()
    assert outcomes[1].suggested == (("listening", 0.5), ("trust", 0.2))
    assert "topics are suggested, not the file's: look at them" in outcomes[1].notes
    assert [one.action for one in take(HEADER + rows[1], suggest=suggest)] == ["unchanged"]
    assert len(asked) == 1


WORK: dict[str, Any] = {
    "@type": "VideoObject", "name": "A talk", "url": "https://example.org/talk",
    "author": [{"@id": "#p"}], "provider": {"@type": "Organization", "name": "Talks"},
    "inLanguage": {"@type": "Language", "alternateName": "fr"}, "timeRequired": "PT1H2M40S",
    "educationalLevel": {"@type": "DefinedTerm", "name": "Beginner"},
    "audience": {"@type": "EducationalAudience", "educationalRole": ["student", "pilot"]},
    "about": [{"@type": "DefinedTerm", "name": "Trust"}], "keywords": "listening, whales",
    "description": "Pour qui veut mieux écouter son équipe.",
}


def test_json_ld_of_others_is_understood(take: Import) -> None:
    """Names, references, roles, durations and labels of schema.org become fields; what has no
    place here is said.
    """
    graph = {"@context": "https://schema.org",
             "@graph": [{"@id": "#p", "@type": "Person", "name": "Ada"}, WORK]}
    (outcome,) = take(json.dumps(graph), "x.jsonld")
    assert outcome.resource is not None, problems([outcome])
    assert outcome.resource.model_dump(include={
        "title", "publisher", "authors", "format", "language", "topics", "minutes", "level",
        "audience"}) == {
        "title": "A talk", "publisher": "Talks", "authors": ["Ada"], "format": "video",
        "language": "fr", "topics": ["trust", "listening"], "minutes": 63,
        "level": "introductory", "audience": ["mentee"]}
    assert outcome.notes == ("audience pilot left out: no role here",
                             "no topics of this library: whales")


@pytest.mark.parametrize("shape", [
    lambda work: work,
    lambda work: [work],
    lambda work: {"@graph": [{"@type": "WebSite"}, work]},
    lambda work: {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": work}]},
    lambda work: {f"http://schema.org/{key}" if key[0] != "@" else key: value
                  for key, value in work.items()},
])
def test_json_ld_comes_in_many_shapes(take: Import, shape: Callable[[Any], Any]) -> None:
    """One object, a list, a graph, a list of items, and full names of properties are the same."""
    (outcome,) = take(json.dumps(shape({**WORK, "author": "Ada"})), "x.json")
    assert outcome.action == "added", problems([outcome])


@pytest.mark.parametrize(("change", "said"), [
    ({"timeRequired": "20 minutes"}, "timeRequired: '20 minutes' is no duration; write ISO 8601"),
    ({"educationalLevel": "grade 4"}, "educationalLevel: one of introductory"),
    ({"audience": {"educationalRole": "pilot"}}, "audience.educationalRole: one of mentee"),
    ({"description": ""}, "gist: is missing; write one or two sentences"),
    ({"url": None}, "url: is missing"),
])
def test_faults_of_json_ld_name_its_own_fields(
    take: Import, change: dict[str, Any], said: str
) -> None:
    """The message uses the name the file uses; a work beside it goes in."""
    good = {**WORK, "url": "https://example.org/other"}
    bad, other, odd = take(json.dumps([{**WORK, **change}, good, 7]), "x.json")
    assert str(bad.faults[0]).startswith(said)
    assert other.action == "added"
    assert str(odd.faults[0]) == "an object with @type, name and url expected; got 7"


def test_an_estimate_is_marked_in_json_ld(library: Library, take: Import) -> None:
    """An estimate of minutes is exported with a note and comes back as an estimate."""
    one = Resource.model_validate({**FIELDS, "minutes": 12, "minutes_estimated": True})
    text = write_jsonld([one], library)
    node = json.loads(text)["@graph"][0]
    assert (node["timeRequired"], node["comment"]["text"]) == ("PT12M", ESTIMATE)
    assert take(text, "x.jsonld")[0].resource == one


@pytest.mark.parametrize(("duration", "minutes"), [
    ("PT20M", 20), ("PT1H", 60), ("pt1h30m", 90), ("PT10S", 1), ("PT0.5H", 30), ("P0DT5M", 5),
    ("P4W", None), ("P1D", None), ("P2DT3H", None), ("P1Y2M", None),
])
def test_durations_become_minutes(duration: str, minutes: int | None) -> None:
    """Time of work is rounded to minutes; calendar time is none."""
    assert minutes_of(duration) == minutes


@pytest.mark.parametrize("text", ["", "20", "PT", "P", "PT0M", "PTM", "20M", "P1H"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Anything else than a positive ISO 8601 duration raises with the mend."""
    with pytest.raises(ValueError, match="write ISO 8601, such as PT20M"):
        minutes_of(text)


def test_opml_gives_outlines_with_their_folders(take: Import) -> None:
    """Each outline with an address is a row; its folder and category are words for topics."""
    text = """<?xml version="1.0"?><opml version="2.0"><body><outline text="Trust">
      <outline text="One" htmlUrl="https://example.org/1" category="/x/listening" author="Ada"
        description="Shows a new manager how trust begins." language="en" format="guide"/>
      <outline text="Two" url="https://example.org/2"/></outline></body></opml>"""
    one, two = take(text, "x.opml", defaults={"level": "introductory", "audience": ["mentee"],
                                              "language": "en", "format": "article"})
    assert one.resource is not None, problems([one])
    assert (one.resource.topics, one.resource.authors) == (["listening", "trust"], ["Ada"])
    assert one.resource.publisher == "example.org"
    assert "publisher example.org is taken from the address" in one.notes
    assert problems([two])[0].startswith("2: gist: is missing; write")


def test_minutes_estimated_needs_minutes(take: Import) -> None:
    """An estimate without minutes is refused; words for yes are understood."""
    head = HEADER.replace("minutes", "minutes,minutes_estimated")
    yes, no = take(head + GOOD.replace(",7", ",7,yes")
                   + GOOD.replace(URL, f"{URL}/2").replace(",7", ",,true"))
    assert yes.resource is not None
    assert yes.resource.minutes_estimated
    assert "minutes_estimated is true without minutes" in str(no.faults[0])


def test_a_file_is_changed_line_by_line() -> None:
    """A field in several lines is replaced whole, a new one stands in its place, the rest stays."""
    text = yaml_of(Resource.model_validate(FIELDS)).replace(
        "topics: [trust]", "topics:\n  - trust").replace("minutes: null\n", "")
    one = Resource.model_validate({**FIELDS, "topics": ["trust", "listening"], "minutes": 9,
                                   "minutes_estimated": True})
    assert amended(f"# top\n{text}# end\n", one, ["topics", "minutes", "minutes_estimated"]) == (
        f"# top\n{yaml_of(one)}# end\n")


def test_a_layout_that_cannot_be_changed_safely_is_left_alone(take: Import, home: Path) -> None:
    """A row that would fill a field of a file in one flow mapping is refused with the mend."""
    path = put(home)
    path.write_text(json.dumps(FIELDS) + "\n", "utf-8")
    (outcome,) = take(HEADER + GOOD)
    assert outcome.action == "refused"
    assert "write each field on a line of its own" in str(outcome.faults[0])
    assert json.loads(path.read_text("utf-8")) == FIELDS


def test_what_a_file_says_cannot_move_the_terminal(take: Import) -> None:
    """Addresses and words that reports repeat hold no control characters."""
    (outcome,) = take("url,title\nhttps://a.b/\x1b[2J\x9b1,x\n")
    assert outcome.address == "https://a.b/ [2J 1"
    (outcome,) = take(json.dumps({**WORK, "keywords": "wh\x9bales"}), "x.json")
    assert outcome.notes[-1] == "no topics of this library: wh ales"
