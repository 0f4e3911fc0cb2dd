"""How a long-lived process keeps what it frees from staying its own."""

import ctypes
import os

ARENA_MAX, MMAP_THRESHOLD = -8, -3
"""Names of glibc's mallopt(3)."""
ARENAS = 2
LARGE_BYTES = 1024 * 1024


def bound_heaps() -> bool:
    """Let all threads share two heaps, and return large blocks to the system; say if that is so.

    By itself glibc gives threads up to eight heaps a core, each of which grows to the peak of
    whatever ran on it, and takes ever larger blocks from them: with 20,000 people a process grew
    by 30 % within minutes. Two do, since Python runs one thread at once. Nothing is done
    where the C library is another, or the environment has settings of its own.
    """
    if any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all([
        mallopt(ARENA_MAX, ARENAS), mallopt(MMAP_THRESHOLD, LARGE_BYTES)])
