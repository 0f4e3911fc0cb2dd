"""What a page says about itself: whether a 200 means "not found", or is only the home page."""

import html
import re
import unicodedata

import httpx2

MAX_HEADLINE = 140
"""Characters of a title or heading that can still be a message; longer ones are articles."""

_HEADLINE = re.compile(r"<(title|h1|h2)\b[^>]{0,500}>(.{0,800}?)</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,500}>")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_THING = {
    "en": r"(page|content|article|file|document|course|video|resource|post|site|address|link)",
    "es": r"(pagina|contenido|articulo|archivo|documento|curso|video|recurso|direccion|enlace)",
    "fr": r"(page|contenu|article|fichier|document|cours|video|ressource|adresse|lien)",
}
_NOT_FOUND = [re.compile(pattern) for pattern in (
    r"^\W*((error|erreur|http)\W*)?(404|410)\W*$",
    r"\b(error|erreur|http)\W{0,3}(404|410)\b",
    r"\b(404|410)\b\W{0,3}(error|erreur|not found|gone|page|pagina|no encontrad)",
    r"\b(404|410)\b\W{0,3}(introuvable|non trouve)",
    r"^\W*not found\W*($|[|–—-])",
    rf"\b{_THING['en']}s? (was |is |has been |have been |you .{{0,30}} )?not (be )?found\b",
    rf"\b{_THING['en']} (you .{{0,40}} )?(can ?no?t|can't|could not|couldn't) be found\b",
    rf"\b{_THING['en']} (you .{{0,40}} )?(does not|doesn't|no longer|may no longer) exists?\b",
    rf"\b{_THING['en']} (is )?(no longer available|not available|isn't available"
    r"|unavailable)( anymore| any more)?\b",
    rf"\b{_THING['en']} (has been|was) (removed|deleted)\b",
    rf"\b(can ?not|can't|could not|couldn't|unable to) (seem to )?find (the|that|this) "
    rf"{_THING['en']}\b",
    r"^\W*no (se )?(encontrad[oa]|encuentra)\W*($|[|–—-])",
    rf"\b{_THING['es']} (que .{{0,40}} )?(no (fue |ha sido )?encontrad[oa]|(ya )?no existe"
    r"|(ya )?no (esta )?disponible|no se (encuentra|encontro|ha encontrado|pudo encontrar))\b",
    rf"\bno (se (encuentra|encontro|ha encontrado|pudo encontrar)|encontramos|podemos encontrar"
    rf"|pudimos encontrar|hemos encontrado) (la|el|esta|este|esa|ese) {_THING['es']}\b",
    r"^\W*introuvable\W*($|[|–—-])",
    rf"\b{_THING['fr']} (que .{{0,40}} )?(est |semble )?(introuvable|non trouvee?|indisponible)\b",
    rf"\b{_THING['fr']} (que .{{0,40}} )?(n'existe (pas|plus)|n'est (pas|plus) disponible"
    r"|n'a pas (pu etre|ete) trouvee?|a ete supprimee?)\b",
)]
_HOME = re.compile(r"/?([a-z]{2}([-_][a-z]{2})?/?)?(index\.\w{2,5}|home|default\.\w{2,5})?/?",
                   re.IGNORECASE)


def decoded(body: bytes, content_type: str) -> str:
    """Return a page as text: in the charset it names, UTF-8 otherwise; what is broken is marked."""
    named = _CHARSET.search(content_type) or _CHARSET.search(body[:2048].decode("latin-1"))
    try:
        return body.decode(named[1] if named else "utf-8", errors="replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", errors="replace")


def headlines(page: str) -> list[str]:
    """Return the title and the headings of the first two ranks, as text on one line each.

    What stands in comments, scripts and styles is none.
    """
    for start, end in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        page = _without(page, start, end)
    found = [_one_line(html.unescape(_TAG.sub(" ", each[2]))) for each in _HEADLINE.finditer(page)]
    return [line for line in found if line]


def not_found_words(page: str, title: str) -> str | None:
    """Return the headline with which a page says that it does not exist; null if none does.

    Args:
        title: The resource's own; a page that bears it is there, whatever else it says. Empty
            where it is not known.
    """
    lines = headlines(page)
    own = _folded(title)
    if own and any(own in _folded(line) for line in lines):
        return None
    for line in lines:
        folded = _folded(line)
        if len(line) <= MAX_HEADLINE and any(one.search(folded) for one in _NOT_FOUND):
            return line
    return None


def is_sent_home(start: httpx2.URL, end: httpx2.URL) -> bool:
    """Return whether a redirect led from a page inside a site to the front of one."""
    return not _is_front(start) and _is_front(end)


def _is_front(url: httpx2.URL) -> bool:
    return not url.query and _HOME.fullmatch(url.path) is not None


def _without(page: str, start: str, end: str) -> str:
    """Return the page without what stands between two marks; in one pass, whatever it holds."""
    low = page.lower()
    if len(low) != len(page):
        low = page
    kept, at = [], 0
    while (opening := low.find(start, at)) >= 0:
        kept.append(page[at:opening])
        closing = low.find(end, opening + len(start))
        if closing < 0:
            return "".join(kept)
        at = closing + len(end)
    return "".join([*kept, page[at:]])


def _one_line(text: str) -> str:
    return " ".join("".join(
        " " if unicodedata.category(one)[0] in "CZ" else one for one in text).split())


def _folded(text: str) -> str:
    """Return text in lower case, without accents, with plain apostrophes and single spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())
