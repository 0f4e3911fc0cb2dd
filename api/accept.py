"""Content negotiation: which of our formats the caller would rather have (RFC 9110, 12.5.1)."""

from collections.abc import Sequence


def preferred(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that an Accept header likes best; null when it likes none.

    The most specific range that matches decides an offer's quality; of offers of the same
    quality the first wins. No header, or an empty one, accepts anything.
    """
    if accept is None or not accept.strip():
        return offers[0]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best, best_quality = None, 0.0
    for offer in offers:
        matches = [(specificity, quality) for name, quality in ranges
                   if (specificity := _specificity(name, offer))]
        quality = max(matches)[1] if matches else 0.0
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def _range(part: str) -> tuple[str, float]:
    """Return a media range in lower case and its quality; a quality that is no number counts 0."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return name, 0.0
            return name, quality if 0 <= quality <= 1 else 0.0
    return name, 1.0


def _specificity(name: str, offer: str) -> int:
    if name == offer:
        return 3
    if name == f"{offer.split('/')[0]}/*":
        return 2
    return int(name == "*/*")
