"""Random operations on agendas, of every kind, most of which can be done."""

from typing import Any

from hypothesis import strategies as st

from content_library.load import load_library

ACTIVITIES = sorted(load_library().activities)
KINDS = ("welcome", "check_in", "discussion", "exercise", "role_play", "reflection", "feedback",
         "goal_setting", "action_planning", "closing", "action_review")
TITLES = {
    "en": ("The call on Thursday", "Plan B", "What we'd do with two more hours", "Once more: why?"),
    "es": ("La llamada del jueves", "Plan B", "Qué haríamos con dos horas más", "¿Y por qué?"),
    "fr": ("L'appel de jeudi", "Plan B", "Ce qu'on ferait de deux heures de plus", "Et pourquoi ?"),
}
PROMPTS = {
    "en": ("What would you say first?", "Who else has to know?", "What if it rains?",
           "How will you notice that it worked, before anybody tells you?"),
    "es": ("¿Qué dirías primero?", "¿Quién más tiene que saberlo?", "¿Y si llueve?",
           "¿Cómo vas a notar que funcionó, antes de que te lo digan?"),
    "fr": ("Que dirais-tu d'abord ?", "Qui d'autre doit le savoir ?", "Et s'il pleut ?",
           "À quoi verras-tu que cela a marché, avant qu'on te le dise ?"),
}
STEPS = ("Write. (4 min)", "Read it aloud. (2 min)", "Talk about it. (9 min)", "Stop.")
NOT_ALLOWED = ("Write to zoe.b@carewell.example today", "See https://example.org/x for more",
               "Ring +44 20 7946 0958", "Say it in <b>bold</b>", "Is it $goal?")


@st.composite
def operations(draw: st.DrawFn, ids: list[str], language: str) -> dict[str, Any]:
    """Return one operation on an agenda with these items; now and then one that is refused."""
    kind = draw(st.sampled_from((
        "retime", "retime", "move", "move", "rename", "replace_prompts", "remove", "add", "add",
        "lock", "unlock", "regenerate")))
    item = draw(st.sampled_from([*ids, *ids, *ids, "i6"]))
    odd = draw(st.integers(0, 19)) == 0
    lines = draw(st.lists(st.sampled_from(PROMPTS[language]), min_size=1, max_size=4, unique=True))
    op: dict[str, Any] = {"op": kind, "item": item}
    if kind == "retime":
        op["minutes"] = draw(st.integers(3, 40 if odd else 20))
    elif kind == "move":
        op |= draw(place(ids))
    elif kind == "rename":
        op["title"] = draw(st.sampled_from(NOT_ALLOWED if odd else TITLES[language]))
    elif kind == "replace_prompts":
        op["prompts"] = [draw(st.sampled_from(NOT_ALLOWED)), *lines[:2]] if odd else lines
    elif kind == "add":
        del op["item"]
        op |= draw(st.one_of(st.just({}), st.just({}), place(ids)))
        if draw(st.booleans()):
            op["activity"] = draw(st.sampled_from(ACTIVITIES))
        else:
            op |= {"kind": draw(st.sampled_from(KINDS)), "title": TITLES[language][0],
                   "minutes": draw(st.integers(3, 15)), "prompts": lines,
                   "steps": draw(st.lists(st.sampled_from(STEPS), max_size=4, unique=True))}
    elif kind == "regenerate" and draw(st.booleans()):
        del op["item"]
    return op


@st.composite
def place(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return where something goes: a number, or next to an item."""
    return draw(st.one_of(
        st.integers(1, len(ids)).map(lambda at: {"to": at}),
        st.tuples(st.sampled_from(("before", "after")), st.sampled_from(ids)).map(
            lambda pair: {pair[0]: pair[1]})))
