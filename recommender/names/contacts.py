"""Finds what points at a person without naming one: links, handles, ids, addresses, birth dates."""

import re
import unicodedata

from recommender.privacy import EMAIL, PHONE

GONE = "…"
"""What takes their place."""

_MONTH = r"[^\W\d_]{3,10}\.?"
_NUMERIC = r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}"
_DAY = (rf"{_NUMERIC}|\d{{1,2}}(?:st|nd|rd|th|er|º)?(?: of| de)? {_MONTH},?"
        r"(?: (?:de )?(?:19|20)\d\d)?|"
        rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d")
_BORN = (r"born(?: on)?|b\.|birth ?date|date of birth|birthday|d\.?o\.?b\.?|"
         r"turns? \d\d(?: on)?(?: the)?|"
         r"naci[óo](?: el)?|nacid[oa](?: el)?|fecha de nacimiento|(?:f\. ?)?nac\.?|"
         r"cumple\w*(?: años)?(?: el)?|"
         r"n[ée]e?(?:\(e\))?(?: le)?|date de naissance|d\.?d\.?n\.?|anniversaire(?: le)?|"
         r"f[êe]te ses \d\d ans(?: le)?")
_BIRTH = r"birth|nacimiento|naissance"
_DOCUMENT = (
    r"passport|passeport|pasaporte|d\.?n\.?i\.?|n\.?i\.?e\.?|n\.?i\.?f\.?|c\.?u\.?r\.?p\.?|rut|c\.?i\.?n\.?|"
    r"c[ée]dula|identity card|id(?: card| number| no\.?)?|carte d['’]identit[ée]|cni|clabe|"
    r"social security(?: number)?|ssn|ni number|pps(?: number)?|sort code|codice fiscale|"
    r"s[ée]curit[ée] sociale|nir|seguridad social|matricule|n° de salari[ée]|legajo|"
    r"(?:employee|staff|clock|payroll|crew|works) (?:no\.?|number|id)|employee|agent|"
    r"n[úu]m(?:ero|\.)? de (?:emplead[oa]|personal)|emplead[oa]|libreta de mar|livret maritime|rfc|"
    r"badge|licence|license|permis|expediente|iban|account(?: number| no\.?)?|cuenta|compte|"
    r"credit card|company card|tarjeta|carte bancaire|"
    r"plate|reg|matr[íi]cula|placa|patente|plaque|immatricul\w+|camioneta|furgoneta")
_SECRET = (r"passcode|password|pass ?word|pin|contrase[ñn]a|clave(?: de acceso)?|c[óo]digo|"
           r"code(?: secret| d['’]acc[èe]s)?|mot de passe|meeting …")
_ACCOUNT = (r"telegram|signal|discord|slack|insta(?:gram)?|snap(?:chat)?|skype|twitter|mastodon|"
            r"bluesky|wechat|github|gitlab|pseudo|usuario|user ?name|handle|alias")
_STREET = (r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|square|close|"
           r"crescent|court)")
_WAY = (r"calle|c/|avenida|avda\.?|plaza|paseo|camino|carrera|cra\.?|jir[óo]n|jr\.|bv\.|"
        r"ronda|pasaje|rue|avenue|av\.|boulevard|bd\.?|place|impasse|chemin|all[ée]e|quai|square")
_ROAD = r"(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|laan|straat|gracht|kade|plein|vej|gatan|gade)"
_EXTENSION = r"ext(?:ensi[óo]n)?|poste|interno|anexo"
_NAME = (r"(?-i:(?:(?:d[eu]s?|del|la|le|las|los|el|l['’]) ?){0,3}"
         r"[A-ZÀ-Þ][\w'’-]*\s?(?:[^\W\d_][\w'’-]*\s?){0,3}?)")
_TOWN = r"[A-ZÀ-Þ][\w'’-]+"
_REST = (r"(?:,?\s(?i:(?:apt|apto|flat|unit|piso|planta|int|bte|b[âa]t|esc|suite|nave|lote?)"
         r"\.?\s?\w{1,4}\b|"
         r"\d{1,2}\s?(?:[.º°ª]+|e|er)\s?(?:étage|OG|piso|[A-Z])\b)"
         rf"|,?\s(?:\d{{4,6}}|[A-Z]\d{{4}}|\d{{4}} [A-Z]{{2}})\s{_TOWN}"
         rf"|,\s{_TOWN}(?:,?\s[A-Z]{{2,3}})?,?\s\d{{4,6}}\b)*")
"""Of an address, what comes behind the street: a flat, a post code with its town."""
_PART = r"[\w+-]+"
_SPOKEN_DOT = r"(?:\s?[\[(]\s?(?:dot|punto|point)\s?[\])]\s?|\s(?:dot|punto|point)\s)"
_DOT = rf"(?:\.|{_SPOKEN_DOT})"
_AT = r"(?:\s?@\s?|\s?[\[(]\s?(?:at|arroba|arobase)\s?[\])]\s?|\s(?:arroba|arobase)\s)"
_ENDS = (r"com|net|org|info|io|dev|app|eu|uk|ie|us|ca|au|nz|za|sg|de|at|ch|be|nl|lu|it|pt|es|fr|"
         r"cat|mx|ar|cl|pe|uy|ec|bo|py|cr|br|ma|dz|tn|sn|ci|cm|africa|online|shop|blog|edu|gov")
_CODE = (r"(?!(?:19|20)\d\d\b|\d[\d .,]*(?:€|\$|%|euros?\b|dollars?\b))"
         r"(?=[A-Z0-9 .-]*\d[A-Z0-9 .-]?\d)[A-Z0-9](?:[ .-]?[A-Z0-9]){3,33}\b")
_FOUND = tuple(re.compile(one, flags) for one, flags in (
    (r"(?:\b[a-z][a-z0-9+.-]{0,30}://|\bwww\.|\bmailto:)\S+", re.I),
    (EMAIL.pattern, 0),
    (rf"(?<![\w.+-]){_PART}(?:{_DOT}{_PART}){{0,6}}{_AT}{_PART}(?:{_DOT}{_PART})+", re.I),
    (rf"(?<![\w.+-]){_PART}(?:{_DOT}{_PART}){{0,6}}(?: at {_PART}(?:{_SPOKEN_DOT}{_PART})+)+",
     re.I),
    (r"\blive:[\w.]+", re.I),
    (r"(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,6}/[^\s,;)]+", re.I),
    (rf"(?<![\w@.-])(?:[A-Za-z0-9-]{{3,}}\.)+(?:{_ENDS})(?![\w-])", 0),
    (r"(?<![\w@.])@[A-Za-z0-9_][\w.]{1,30}", 0),
    (rf"\b(?:{_ACCOUNT})\b(?:\W{{1,3}}(?:is|es|est|as|id))?\W{{1,3}}"
     r"(?=[\w.#-]*[_#\d])(?=[\w.#-]*[^\W\d_])[\w.#-]{4,}", re.I),
    (rf"\b(?:{_BORN})(?:\W{{1,3}}(?:es|is|est))?\W{{1,3}}(?:{_DAY})(?!\w)", re.I),
    (rf"{_NUMERIC}(?!\w)(?=(?:\W+\w+){{0,4}}\W+(?:{_BIRTH}))", re.I),
    (rf"(?i:\b(?:{_DOCUMENT})(?=\W)(?:\W{{1,3}}(?:is|was|be|es|est|de|du|d|for|of|should|number|en))?"
     rf"(?:\s(?:[^\W\d_]|['’-])+){{0,4}}?)[\s:#nº°.,]{{1,5}}{_CODE}", 0),
    (rf"\b(?:{_SECRET})\W{{1,4}}(?:(?!(?:19|20)\d\d\b)\d{{4,8}}\b|(?=\w*\d)(?=\w*[^\W\d_])\w{{5,}}|"
     r"(?-i:(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9]{6}\b))", re.I),
    (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", 0),
    (r"\b(?:\d{4}[ -]){3}\d{1,4}\b|(?<![\d.,])\d{13,20}\b", 0),
    (r"\b(?:[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z]{1,2}|\d{3}-\d{2}-\d{4}|[A-Z]{1,3}\d{6,9}|"
     r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]|[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]|"
     r"\d\d[A-Z]{2}\d{5})\b", 0),
    (r"\b(?:[A-Z]{2}\d\d ?[A-Z]{3}|(?!19|20)\d{4} ?[BCDF-HJ-NPR-TV-Z]{3}|"
     r"[A-Z]{2}[ -]\d{3}[ -][A-Z]{2}|\d-[A-Z]{3}-\d{3}|\d{2,3}-[A-Z]{1,2}-\d{1,6})\b", 0),
    (rf"\b\d{{1,5}}(?:\s?(?:bis|ter|[a-d]))?,? (?:{_WAY})\b {_NAME}(?=[,.;]|$)(?-i:{_REST})", re.I),
    (rf"(?:\b[Uu]nit \d+/)?\b\d{{1,5}} (?i:{_NAME}\b{_STREET})\.?(?!\w){_REST}", 0),
    (rf"(?i:\b(?:{_WAY})\s{_NAME}\s?,?\s?(?:n[º°.o]*\s?)?\d{{1,5}}\b(?: # ?\d+-\d+)?){_REST}", 0),
    (rf"(?i:\b(?:calle|carrera|cra\.?) \d{{1,3}} # ?\d+-\d+){_REST}", 0),
    (rf"\b[A-ZÀ-Þ][\w-]*{_ROAD}\s\d{{1,4}}(?:-\d+)?[a-z]?\b{_REST}", 0),
    (r"\b(?:unit|blk|block) \d+/\d+\b", re.I),
    (PHONE.pattern, 0),
    (rf"(?<={GONE}),?\s?(?:{_EXTENSION})\.?\s?\d{{2,6}}\b|\b(?:{_EXTENSION})\.?\s\d{{3,6}}\b",
     re.I),
    (r"\b(?:po box|apartado|b\.?p\.?) \d{2,6}\b", re.I),
    (r"(?<![\w#])\w{2,}#\d{4}\b", 0),
))


def without_contacts(text: str) -> str:
    """Return a text with each link, e-mail, handle, id, address, birth date and number gone."""
    text = unicodedata.normalize("NFC", text)
    for pattern in _FOUND:
        text = pattern.sub(GONE, text)
    return text
