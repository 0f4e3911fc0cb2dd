"""Finds what points at a person without naming one: links, handles, ids, addresses, birth dates."""

import re

from recommender.privacy import EMAIL, PHONE

GONE = "…"
"""What takes their place."""
_DAY = (r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|"
        r"\d{1,2}(?:st|nd|rd|th|er|º)?(?: of| de)? [^\W\d_]{3,10}\.?,?(?: de)? (?:19|20)\d\d|"
        r"[^\W\d_]{3,10} \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d")
_BORN = (r"born(?: on)?|birth ?date|date of birth|birthday|d\.?o\.?b\.?|naci[óo](?: el)?|nacid[oa]"
         r"(?: el)?|fecha de nacimiento|cumple\w*(?: el)?|n[ée]+e?(?: le)?|date de naissance|"
         r"anniversaire(?: le)?")
_DOCUMENT = (r"passport|passeport|pasaporte|d\.?n\.?i\.?|n\.?i\.?e\.?|n\.?i\.?f\.?|"
             r"c\.?u\.?r\.?p\.?|c[ée]dula|identity card|id(?: card| number| no\.?)?|"
             r"carte d['’]identit[ée]|cni|"
             r"social security(?: number)?|ssn|s[ée]curit[ée] sociale|nir|seguridad social|"
             r"matricule|employee (?:no\.?|number|id)|badge|licence|license|permis|expediente|iban|"
             r"account(?: number| no\.?)?|cuenta|compte")
_STREET = (r"street|st\.|road|rd\.|avenue|ave\.|lane|drive|boulevard|blvd\.?|square|close|crescent")
_WAY = (r"calle|c/|avenida|avda\.?|plaza|paseo|camino|carrera|cra\.?|rue|avenue|av\.|boulevard|"
        r"bd\.?|"
        r"place|impasse|chemin|all[ée]e|quai|square")
_NAME = r"(?:[^\W\d_][\w'’-]*\s?){1,4}?"
_FOUND = (
    re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:)\S+", re.I),
    EMAIL,
    re.compile(r"(?<![\w@.])(?:[a-z0-9-]+\.)+[a-z]{2,6}/[^\s,;)]+", re.I),
    re.compile(r"(?<![\w@])@[A-Za-z0-9_][\w.]{1,30}"),
    re.compile(rf"\b(?:{_BORN})\W{{1,3}}(?:{_DAY})", re.I),
    re.compile(rf"\b(?:{_DOCUMENT})(?=\W)[\s:#nº°.]{{1,5}}(?=[A-Z0-9 -]*\d)"
               r"[A-Z0-9](?:[ -]?[A-Z0-9]){4,33}\b", re.I),
    re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    re.compile(r"\b(?:[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z]|\d{3}-\d{2}-\d{4})\b"),
    re.compile(rf"\b\d{{1,5}}(?:\s?(?:bis|ter|[a-d]))?,? (?:{_WAY})\b {_NAME}(?=[,.;]|$)", re.I),
    re.compile(rf"\b\d{{1,5}} {_NAME}\b(?:{_STREET})(?!\w)", re.I),
    re.compile(rf"(?:\b(?:{_WAY}))\s{_NAME}\s?,?\s?(?:n[º°.o]*\s?)?\d{{1,5}}\b", re.I),
    PHONE,
)


def without_contacts(text: str) -> str:
    """Return a text with each link, e-mail, handle, id, address, birth date and number gone."""
    for pattern in _FOUND:
        text = pattern.sub(GONE, text)
    return text
