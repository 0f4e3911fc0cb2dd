"""How well activities serve the needs of a brief: one matrix, scored in one pass."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.agendas.brief import Brief
from recommender.agendas.candidates import Candidates, is_general, too_early
from recommender.agendas.needs import Need
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity
from recommender.domain.base import Kind, Written
from recommender.privacy import plain
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import Mask
from recommender.retrieval.hybrid import Query, standardised

DENSE, LEXICAL, TOPIC, SITUATIONS = 0.6, 1.3, 0.3, 1.0
"""How much an activity's meaning, its words, its topics and what people say who need it count,
each as a z-score; tuned on graded needs, docs/decisions/0012-activity-situations.md."""

SURE, VERY_SURE = 2.9, 3.5
"""Standard deviations above the mean from which an activity may be taken for the right one, and
from which it may be although it presupposes a situation. Of graded needs seven tenths of the
first choices above the second figure were good, between the two half of them."""
CERTAIN, EACH_SIGN = 4.5, 2.0
"""Fit, and least of its four signs, from which a session may turn on an activity about one matter:
of the examples' first choices half were wrong at any fit, a quarter of these."""
UNSURE = 0.25
"""What is left of a fit below that: less than that of an activity for any matter."""
GENERAL_FIT, GENERAL_SHARE, TOGETHER_SHARE = 1.1, 0.6, 0.15
"""How well an activity for any matter serves any need, and how much it adds that it does so
better than the other methods, as a z-score among them: what is brought besides a goal hides the
verb that tells which method it is."""
POINT_SAID = 1.2
"""How much better a method serves what is brought where a talking point says so by itself."""
SAID = 6.0
"""What it counts for a method, in z-scores, that people say the very thing it practises."""
PRESUPPOSED = 0.1
"""Centred cosine from which somebody may be in the situation that an activity presupposes."""
OPPOSITE_FIT = -1.0
"""What an activity counts for when the need is nearer to what it is not for."""
METHOD_GAP = 0.05
"""Cosine by which a need must be nearer to what a method is not for: its situations are from any
trade, and smaller gaps are chance."""
LONG_METHOD = 30
"""Minutes that a method must be able to fill for a session to turn on it, or the session's own."""
DOING: dict[Kind, float] = {"role_play": 0.4, "exercise": 0.1}
"""How much better a method is in which people do the thing instead of talking about it."""
ASKING = 1.0
"""How much better it is, where people meet once, to ask the other what they know."""
TOO_EARLY = 0.3
"""How much less an activity serves for each level that people are not ready for."""
GOAL_AGAIN, GOAL_INSTEAD = 0.5, 1.0
"""How much less setting a goal serves those who have one, and besides where they bring something
else to talk about."""
VERY_THEME, RELATED_THEME, SAME_AREA = 3.0, 2.6, 0.7
"""What tags add: that name the theme first, name it at all, or name the focus area."""

SPOKEN = ("goal", "talking_point")
"""Sources whose words say in which situation somebody is."""


@dataclass(frozen=True)
class Scored:
    """How well activities serve needs, as z-scores over the mains.

    Attributes:
        fit: Shape (needs, mains).
        near: Centred cosine to the mains' situations, same shape; -1 where there are none.
        agreed: Whether every sign by itself speaks for it, same shape.
        method: How well they suit as methods for any matter, same shape.
        frame: Plain scores of what stands around them, shape (needs, frame).
    """

    fit: Floats
    near: Floats
    agreed: Mask
    method: Floats
    frame: Floats


@dataclass(frozen=True)
class Fits:
    """The main activities that make sense here, and how well each activity serves each need.

    Attributes:
        mains: Candidates for the main items, in id order.
        main: Shape (mains, needs).
        parts: For each part of the frame, shape (its activities, needs).
        leading: For each main whether a session may turn on it: methods for any matter, and
            what every sign speaks for.
        said: For each main whether somebody says the very thing it practises.
    """

    mains: list[Activity]
    main: Floats
    parts: list[Floats]
    leading: Mask
    said: Mask


def measure_fits(
    candidates: Candidates, brief: Brief, needs: Sequence[Need], catalogue: Catalogue
) -> Fits:
    """Return how well the candidates serve the needs, in z-scores over the mains."""
    texts = [need.text for need in needs]
    frame = [one for part in candidates.parts for one in part.activities]
    found = score_activities(texts, candidates.mains, frame, brief.language, catalogue)
    spoken = [at for at, need in enumerate(needs) if need.together] or [
        at for at, need in enumerate(needs) if need.source in SPOKEN]
    kept = _presupposed(candidates.mains, found, spoken)
    kept |= np.array([one.id in candidates.must for one in candidates.mains], dtype=np.bool_)
    mains = [one for one, keep in zip(candidates.mains, kept, strict=True) if keep]
    early = np.array([too_early(one, brief) for one in mains], dtype=np.float32)
    ends = np.cumsum([len(part.activities) for part in candidates.parts])[:-1]
    judged = _judged(found.fit[:, kept].T.copy(), found.method[:, kept], mains, needs, brief)
    points = [one.text for one in brief.talking_points if one.text]
    if points:
        asked = _said(points, mains, brief.language).max(axis=0)
        together = [need.together or need.source == "talking_point" for need in needs]
        judged[:, together] += POINT_SAID * asked[:, None]
    once = brief.arc.type == "one_off"
    general = np.array([is_general(one) and (
        once or one.minutes.max >= min(brief.minutes, LONG_METHOD)) for one in mains],
        dtype=np.bool_)
    return Fits(mains, judged - TOO_EARLY * early[:, None],
                [part.T for part in np.split(found.frame, ends, axis=1)],
                general | _certain(mains, found, spoken, kept),
                np.array(_said([texts[at] for at in spoken], mains, brief.language).any(axis=0),
                         dtype=np.bool_))


def score_activities(
    texts: Sequence[str], mains: Sequence[Activity], frame: Sequence[Activity],
    language: Written, catalogue: Catalogue,
) -> Scored:
    """Return how well activities serve what people say, before anything is judged by it.

    Args:
        texts: Needs, in people's own words.
        mains: Activities that are compared with each other.
        frame: Activities for which a plain score is enough.
    """
    index = catalogue.activities(language)
    rows = {document.id: row for row, document in enumerate(index.documents)}
    columns, others = [rows[one.id] for one in mains], [rows[one.id] for one in frame]
    eligible: Mask = np.zeros(len(index.documents), dtype=np.bool_)
    eligible[columns + others] = True
    found = index.score([Query(text) for text in texts], eligible)
    bridge = catalogue.activity_bridge
    place = {activity: at for at, activity in enumerate(bridge.ids)}
    own = [place[one.id] for one in mains]
    near = bridge.nearness(texts)[:, own]
    compared = bridge.compared(texts)[:, own]
    least = np.array([METHOD_GAP if is_general(one) else 0.0 for one in mains], dtype=np.float32)
    opposite = bridge.taken_for(texts)[:, own] > least
    every: Mask = np.ones(len(mains), dtype=np.bool_)
    told: Mask = near[0] > -1.0
    signs = [standardised(found.dense[:, columns], every),
             standardised(found.lexical[:, columns], every),
             standardised(found.topic[:, columns], every), standardised(compared, told)]
    fit = standardised(DENSE * signs[0] + LEXICAL * signs[1] + TOPIC * signs[2]
                       + SITUATIONS * signs[3], every)
    fit[opposite] = np.minimum(fit[opposite], OPPOSITE_FIT)
    agreed = (np.min(signs, axis=0) >= EACH_SIGN) & (fit >= CERTAIN)
    method = (signs[0] + signs[1] + signs[3] + standardised(near, told)
              + SAID * _said(texts, mains, language))
    return Scored(fit, near, agreed, method, found.fused[:, others])


def _said(texts: Sequence[str], mains: Sequence[Activity], language: Written) -> Floats:
    """Return 1 where a text says what an activity practises, shape (texts, mains), else 0."""
    folded = [plain(text) for text in texts]
    return np.array([[any(re.search(one, text) for one in activity.text[language].said)
                      for activity in mains] for text in folded], dtype=np.float32)


def _presupposed(mains: Sequence[Activity], found: Scored, spoken: Sequence[int]) -> Mask:
    """Return for each activity whether somebody is in the situation it presupposes, if any.

    All of them, where none is left.
    """
    said: Mask = np.any((found.fit[spoken] >= VERY_SURE) & (found.near[spoken] >= PRESUPPOSED),
                        axis=0)
    kept: Mask = np.array([not one.presupposes or said[at] for at, one in enumerate(mains)],
                          dtype=np.bool_)
    return kept if kept.any() else np.ones(len(mains), dtype=np.bool_)


def _certain(
    mains: Sequence[Activity], found: Scored, spoken: Sequence[int], kept: Mask
) -> Mask:
    """Return for each main whether what people say makes it likely enough to lead a session.

    What presupposes a situation is nonsense to those who are not in it, and needs every sign.
    """
    free = np.array([not one.presupposes for one in mains], dtype=np.bool_)
    likely = free & (found.fit[list(spoken)][:, kept] >= SURE)
    agreed = found.agreed[list(spoken)][:, kept]
    certain: Mask = np.any(likely | agreed, axis=0)
    return certain


def _judged(
    fit: Floats, suits: Floats, mains: Sequence[Activity], needs: Sequence[Need], brief: Brief
) -> Floats:
    """Return the fit with little left of what is unsure, so that a method comes before a guess.

    A theme is the same for every pair: the tags say which activities are about it, and the
    pair's own needs choose among those.
    """
    judged: Floats = np.where(fit >= SURE, fit, UNSURE * fit)
    once = brief.arc.type == "one_off"
    set_already = bool(brief.goals) and brief.arc.type not in ("first", "goal_setting")
    general: Mask = np.array([is_general(one) for one in mains], dtype=np.bool_)
    share = np.array([TOGETHER_SHARE if need.together else GENERAL_SHARE for need in needs])
    method = GENERAL_FIT + share * standardised(suits, general).T
    for row in np.flatnonzero(general).tolist():
        kind = mains[row].kind
        more = ASKING if once and kind == "discussion" else DOING.get(kind, 0.0)
        if set_already and kind == "goal_setting":
            more = -GOAL_AGAIN - GOAL_INSTEAD * (bool(brief.talking_points) and not brief.new_goals)
        judged[row] = np.maximum(judged[row], method[row] + more)
    for column, need in enumerate(needs):
        for row, activity in enumerate(mains):
            if need.source == "theme":
                judged[row, column] = (
                    VERY_THEME if need.term in activity.topics[:1]
                    else RELATED_THEME if need.term in activity.topics else 0.0)
            elif need.source == "focus_area" and need.id in activity.focus_areas:
                judged[row, column] += SAME_AREA
    return judged
