"""What an edit changed, in words: what was asked for first, then what followed."""

from collections.abc import Iterator, Mapping, Sequence

from recommender.agendas.render.markdown import _plain as plain_markdown
from recommender.domain.agenda import Agenda
from recommender.domain.edit import Change
from recommender.domain.phrases import Phrases

FOLLOWING = ("rebalance", "follow")


def render_changes(diff: Sequence[Change], before: Agenda, after: Agenda, phrases: Phrases) -> str:
    """Return the differences as Markdown in the agenda's language, ending in a newline.

    Args:
        before: The agenda before the edit, for the titles of what is gone.
        phrases: Of the agenda's language.
    """
    words = phrases.edits
    titles = {item.id: item.title for agenda in (before, after) for item in agenda.items}
    asked = [line for change in diff if change.op not in FOLLOWING
             for line in _lines(change, diff, titles, phrases)]
    followed = [line for change in diff if change.op in FOLLOWING
                for line in _lines(change, diff, titles, phrases)]
    parts = [f"## {words.heading}", ""]
    if not asked and not followed:
        parts.append(words.nothing)
    parts += [f"- {line}" for line in dict.fromkeys(asked)]
    if followed:
        parts += ["", f"### {words.along}", "", *(f"- {one}" for one in dict.fromkeys(followed))]
    return "\n".join(parts) + "\n"


def _lines(
    change: Change, diff: Sequence[Change], titles: Mapping[str, str], phrases: Phrases
) -> Iterator[str]:
    words = phrases.edits

    def quoted(title: str) -> str:
        return plain_markdown(phrases.quoted(title))

    title = quoted(titles.get(change.item or "", ""))
    old, new = change.before, change.after
    match change.field:
        case "item" if isinstance(new, dict):
            yield words.added.format(title=quoted(str(new["title"])), minutes=new["minutes"])
        case "item" if isinstance(old, dict):
            yield words.removed.format(title=quoted(str(old["title"])))
        case "title" if change.op == "regenerate":
            yield words.replaced.format(title=quoted(str(new)), before=quoted(str(old)))
        case "title":
            yield words.title.format(before=quoted(str(old)), after=quoted(str(new)))
        case "minutes" if change.op != "regenerate":
            yield words.minutes.format(title=title, before=old, after=new)
        case "position":
            yield words.position.format(title=title, before=old, after=new)
        case "prompts" if change.op != "regenerate":
            yield words.prompts.format(title=title)
        case "steps" if change.op not in ("regenerate", "rebalance"):
            yield words.steps.format(title=title)
        case "locked":
            yield (words.locked if new else words.unlocked).format(title=title)
        case "talking_points" if isinstance(new, dict):
            if change.item is None:
                yield words.point_waits.format(
                    point=new["id"], reason=plain_markdown(str(new["deferred"])))
            else:
                yield words.point_to.format(point=new["id"], title=title)
        case "purpose" | "success_test":
            yield getattr(words, change.field).format(after=plain_markdown(str(new)))
        case "resources" if change.item is None:
            yield words.resources
        case field if field.startswith("preparation."):
            yield words.preparation
