"""One person who leaves their words wherever the service takes any."""

from collections.abc import Sequence
from typing import Any

from small_tenant import person, put

WORDS = 12
"""How many words `live` needs."""


def live(
    client: Any, headers: dict[str, str], words: Sequence[str], programme: str
) -> str:
    """Let `me` use each of the words somewhere, with `you` as the other; return an agenda's id."""
    def keyed(number: int) -> dict[str, str]:
        return headers | {"Idempotency-Key": f"k-{number}"}

    mine = person("me", name=f"Name {words[0]}", bio=f"{words[1]} in the bio. " * 60,
                  goals=[{"id": "g1", "text": f"Learn about {words[2]}"}],
                  skills_wanted=[words[3]], attributes={"note": words[4]})
    put(client, keyed(1), "/v1/profiles/me", mine)
    put(client, keyed(2), "/v1/profiles/me", mine | {"headline": f"{words[5]} now"})
    put(client, headers, "/v1/profiles/you", person("you"))
    put(client, keyed(3), "/v1/pairs/ours", {
        "id": "ours", "programme_id": programme, "goals": [{"id": "g", "text": words[6]}],
        "members": [{"role": "mentee", "profile_id": "me"},
                    {"role": "mentor", "profile_id": "you"}]})
    path = "/v1/pairs/ours/sessions"
    first = client.post(f"{path}/1/agenda", headers=keyed(4), json={
        "talking_points": [{"id": "t1", "text": f"About {words[7]}", "by": "me"}]})
    assert first.status_code == 201, first.text
    put(client, keyed(5), f"{path}/1/notes", {
        "notes": f"We spoke about {words[8]}.",
        "actions": [{"id": "a1", "text": f"Ask {words[9]}", "owner": "me"}]})
    for number in (6, 7):
        client.post(f"{path}/2/agenda", headers=keyed(number),
                    json={"minutes": 30 + number}).raise_for_status()
    given = client.get("/v1/profiles/me/resources?limit=1", headers=headers).json()[0]["id"]
    said = client.post("/v1/feedback", headers=keyed(8), json={
        "profile_id": "me", "target": "resource", "target_id": given, "verdict": "helpful",
        "comment": f"Nice {words[10]}"})
    assert said.status_code == 201, said.text
    client.get("/v1/profiles/me/mentor-suggestions", headers=headers).raise_for_status()
    client.post(f"/v1/programmes/{programme}/agendas", json={}, headers=headers)
    case = {"programme": programme, "session": {"number": 1, "minutes": 45, "language": "en"},
            "members": [{"role": "mentee", "profile": mine | {"bio": words[11]}},
                        {"role": "mentor", "profile": {"id": "you"}}]}
    loose = client.post("/v1/agendas?store=true", headers=keyed(9), json=case)
    assert loose.status_code == 201
    return str(first.json()["id"])
