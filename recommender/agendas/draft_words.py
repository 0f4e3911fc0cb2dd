"""Words that tell what kind of sentence a model wrote, by language.

Patterns search lower-case text without accents, apostrophes straight.
"""

import re

Patterns = dict[str, re.Pattern[str]]


def _each(**patterns: str) -> Patterns:
    return {language: re.compile(pattern) for language, pattern in patterns.items()}


OPEN_WORDS = _each(
    en=r"\b(what|how|which|who|whom|whose|when|where|why|whatever|what's|who's|how's)\b",
    es=r"\b(qué|cómo|cuál|cuáles|quién|quiénes|cuándo|dónde|adónde|cuánto|cuánta|cuántos|cuántas)\b",
    fr=r"\b(quoi|quel|quelle|quels|quelles|comment|qui|quand|où|combien|pourquoi|lequel|"
       r"laquelle|lesquels|lesquelles|auquel|duquel|desquels)\b|\bqu'est-ce\b|"
       r"(?:^|[,;:.!?–—«“(]\s*|\bet )qu(?:e\b|')",
)
"""What an open question holds; over lower-case text with its accents."""
CLOSED_START = _each(
    en=r"^\W*(do|does|did|is|are|was|were|can|could|will|would|should|have|has|had|may|might|"
       r"isn't|aren't|don't|doesn't|didn't|won't|wouldn't|couldn't)\b",
    es=r"^\W*(es|son|está|están|hay|hubo|has|ha|tienes|puedes|podrías|crees|quieres|sabes)\b",
    fr=r"^\W*(?!qu')(est-ce qu|[\w']+-t?-?(?:tu|vous|il|elle|on|nous|ils|elles)\b)",
)
"""How a question begins that can be answered with yes or no, in the same text."""
ABOUT_THE_MODEL = _each(
    en=r"\bas an? (ai|language model|assistant)\b|^\W*i'?m sorry\b|"
       r"^\W*i (cannot|can't|am unable)\b|"
       r"\b(system|user) prompt\b|\bmy instructions\b|\bjson\b|\bi hope this helps\b|"
       r"\bhere is (the|your) agenda\b|^\W*certainly\b|\bignore (all|any|previous|the above)\b|"
       r"\bdata block\b|\bmarkdown\b",
    es=r"\bcomo (modelo|ia|inteligencia artificial|asistente)\b|^\W*lo siento\b|"
       r"\bno puedo ayudar|"
       r"\bmis instrucciones\b|\bprompt\b|\bespero que (esto|te)\b|"
       r"\baqui (tienes|esta) la agenda\b",
    fr=r"\ben tant qu'(ia|intelligence|assistant)|\ben tant que modele\b|\bje suis desole|"
       r"\bje ne peux pas (vous |t'|te )?aider|\bmes instructions\b|\bprompt\b|"
       r"\bvoici (l'|votre |ton )(ordre du jour|agenda)\b",
)
PRAISE = _each(
    en=r"\b(great|excellent|amazing|fantastic|wonderful|awesome) (question|job|work|point|start)\b|"
       r"\bwell done\b|\bcongratulations\b|\bkeep (it up|up the)\b|\byou('ve| have) got this\b",
    es=r"\b(excelente|gran|estupenda?) (pregunta|trabajo|comienzo)\b|\bfelicidades\b|"
       r"\benhorabuena\b|\bmuy bien hecho\b|\bsigue asi\b",
    fr=r"\b(excellente?|super|belle) (question|travail|debut)\b|\bbravo\b|\bfelicitations\b|"
       r"\bcontinue(z)? comme ca\b",
)
STATUS_MEETING = _each(
    en=r"\b(status|progress) (update|report)s?\b|\bany updates\b|\breport on (the )?progress\b|"
       r"\breview (of )?(the )?progress\b",
    es=r"\b(informe|reporte) de (avances?|estado|progreso)\b|\bpuesta al dia de (avances|tareas)\b",
    fr=r"\bpoint d'(avancement|etape)\b|\b(rapport|compte rendu) d'avancement\b|\bfaire le point "
       r"sur l'avancement\b",
)
CLOSED_TALK = _each(
    en=r"\b(have you (considered|thought about|tried)|why don't you|don't you think|"
       r"wouldn't it be better|shouldn't you)\b[^?]*\?",
    es=r"¿ ?(has (pensado en|considerado|probado)|por que no (pruebas|intentas|hablas)|"
       r"no crees que|no seria mejor|no deberias)\b",
    fr=r"\b(as-tu (pense a|essaye|envisage)|pourquoi ne pas|ne crois-tu pas|"
       r"ne serait-il pas mieux|ne devrais-tu pas)\b[^?]*\?",
)
