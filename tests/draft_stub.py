"""A stand-in for a model: it writes a plain, honest draft from a request alone, or spoils it."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from random import Random
from typing import Any

from recommender.model_answers import Answer, Message, Usage

Draft = dict[str, Any]
Data = dict[str, Any]

WORDS = {
    "en": {"purpose": "Find out together what comes first in this: {about}.",
           "success": "You have one sentence of your own for this: {about}.",
           "question": "What is the first thing that would change in this: {about}?",
           "plain": "Which part of it do you want to look at together, and what for?",
           "title": "What comes first",
           "prepare": "Bring one moment of last week, in a few words."},
    "es": {"purpose": "Ver entre ustedes qué va primero en esto: {about}.",
           "success": "Tienes una frase tuya para esto: {about}.",
           "question": "¿Qué es lo primero que cambiaría en esto: {about}?",
           "plain": "¿Qué parte quieres mirar con la otra persona, y para qué?",
           "title": "Lo que va primero",
           "prepare": "Trae un momento de la semana pasada, en pocas palabras."},
    "fr": {"purpose": "Chercher à deux par quoi commencer dans ceci : {about}.",
           "success": "Tu repars avec une phrase à toi sur ceci : {about}.",
           "question": "Qu'est-ce qui changerait d'abord dans ceci : {about} ?",
           "plain": "Quelle partie veux-tu regarder avec l'autre personne, et pour quoi faire ?",
           "title": "Par quoi commencer",
           "prepare": "Apporte un moment de la semaine passée, en quelques mots."},
}
LANGUAGES = {"English": "en", "Spanish": "es", "French": "fr"}


def data_of(messages: Sequence[Mapping[str, str]]) -> tuple[str, Data]:
    """Return the language a request asks for, and the data it holds."""
    asked = messages[1]["content"]
    language = LANGUAGES[asked.split(",")[0].removeprefix("Write the agenda in ")]
    data: Data = json.loads(asked.split("<data>\n")[1].split("\n</data>")[0])
    return language, data


def honest_draft(messages: Sequence[Mapping[str, str]]) -> Draft:
    """Return a draft that holds: what is required, one thing in the middle, their own words."""
    language, data = data_of(messages)
    words = WORDS[language]
    said = data.get("goals") or data.get("talking_points") or data.get("open_steps") or []
    about = _plain(said[0]["text"]) if said else ""
    offered = data["activities"]
    middle = [one for one in offered if one["place"] == "middle"]
    wanted = [one for one in middle if one["required"]] or middle[:1]
    if len(offered) - len(middle) + len(wanted) < 3:
        wanted += [one for one in middle if one not in wanted][:1]
    chosen = [one for one in offered if one["place"] == "opening"]
    chosen += wanted + [one for one in offered if one["place"] == "ending"]
    points = [one["id"] for one in data.get("talking_points", [])]
    plan = [{"activity": one["activity"], "minutes": one["minutes"], "points": [], "goals": []}
            for one in chosen]
    if plan and points:
        at = next((n for n, one in enumerate(chosen) if one in wanted), 0)
        plan[at]["points"] = points[:2]
    items = [_item(one, words, about if one is wanted[0] else "") for one in chosen]
    own = {"all": [words["prepare"]]} if _joint(data) else {"mentee": [words["prepare"]],
                                                           "mentor": []}
    return {
        "plan": plan, "purpose": words["purpose"].format(about=about or words["title"]),
        "success_test": words["success"].format(about=about or words["title"]),
        "items": items, "preparation": own, "resources": [],
    }


def _item(activity: Data, words: dict[str, str], about: str) -> Draft:
    questions = [_plain(one) for one in activity["questions"] if "…" not in one][:2]
    extra = words["question"].format(about=about) if about else words["plain"]
    if about or not questions:
        questions = [extra, *questions][:3]
    return {"activity": activity["activity"], "title": activity["title"],
            "questions": questions, "steps": activity.get("steps", [])[:2]}


def _plain(text: str) -> str:
    return text.replace("[name]", "").replace("[link]", "").rstrip(".").strip()[:150]


def _joint(data: Data) -> bool:
    return any(person["role"].startswith("peer") for person in data["people"])


class StubModel:
    """A model that answers with what `write` makes of the messages, and remembers requests."""

    def __init__(
        self, write: Callable[[Sequence[Mapping[str, str]]], Draft | str] = honest_draft,
        name: str = "stub:model",
    ) -> None:
        self._write = write
        self._name = name
        self.asked: list[list[dict[str, str]]] = []

    @property
    def name(self) -> str:
        """Return how provenance names it."""
        return self._name

    async def ask(
        self, messages: Sequence[Message], schema: Mapping[str, Any], until: float
    ) -> Answer:
        """Return the answer at once."""
        plain = [{"role": one.role, "content": one.content} for one in messages]
        self.asked.append(plain)
        said = self._write(plain)
        text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        return Answer(text, None if text else "empty", Usage(len(str(plain)) // 4, len(text) // 4))

    async def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any], until: float
    ) -> AsyncGenerator[str | Answer, None]:
        """Yield the answer in pieces of 40 characters, then as a whole."""
        answer = await self.ask(messages, schema, until)
        for at in range(0, len(answer.text), 40):
            yield answer.text[at : at + 40]
        yield answer


def shaken_draft(messages: Sequence[Mapping[str, str]], random: Random) -> Draft:
    """Return an honest draft that was shaken: what code has to mend, and some it cannot."""
    draft = honest_draft(messages)
    _, data = data_of(messages)
    points = [one["id"] for one in data.get("talking_points", [])]
    goals = [one["id"] for one in data.get("goals", [])]
    for entry in draft["plan"]:
        entry["minutes"] = random.choice((0, 3, entry["minutes"], 45, 600))
        entry["points"] = random.sample(points, random.randint(0, len(points)))
        entry["goals"] = random.sample(goals, random.randint(0, len(goals)))
    for _ in range(random.randint(0, 2)):
        shake = random.randrange(6)
        if shake == 0:
            random.shuffle(draft["plan"])
        elif shake == 1:
            draft["items"].pop(random.randrange(len(draft["items"])))
        elif shake == 2:
            draft["plan"].pop(random.randrange(len(draft["plan"])))
        elif shake == 3:
            draft["items"][0]["steps"] = [f"{one} ({random.randint(1, 90)} min)"
                                          for one in draft["items"][0]["steps"]]
        elif shake == 4:
            more = random.choice(data["activities"])
            draft["plan"].insert(0, {"activity": more["activity"], "minutes": 10})
            draft["items"].append({**draft["items"][0], "activity": more["activity"]})
        else:
            draft["resources"] = [{"resource": one["resource"], "use": one["moments"][0],
                                   "reason": draft["purpose"]}
                                  for one in data.get("resources", [])[:2]]
        if not draft["plan"] or not draft["items"]:
            return honest_draft(messages)
    return draft
