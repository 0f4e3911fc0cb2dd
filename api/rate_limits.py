"""How often each key may call, and how it is told (RateLimit headers of the IETF draft)."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


@dataclass(frozen=True)
class Share:
    """Whether a request is granted, when to try again if not, and the headers that say so."""

    granted: bool
    retry_s: int
    headers: Mapping[str, str]


class RateLimits:
    """A moving window per key, counted by this process.

    Args:
        rate: Such as `600/minute`.
    """

    def __init__(self, rate: str) -> None:
        self._limit = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self.said = f"{self._limit.amount} in {self._limit.get_expiry()} s"

    def take(self, key_id: str) -> Share:
        """Count one request of a key and return whether it is granted."""
        granted = self._limiter.hit(self._limit, key_id)
        window = self._limiter.get_window_stats(self._limit, key_id)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        return Share(granted, 0 if granted else seconds, {
            "RateLimit-Policy": f'"key";q={self._limit.amount};w={self._limit.get_expiry()}',
            "RateLimit": f'"key";r={max(0, window.remaining)};t={seconds}',
        })
