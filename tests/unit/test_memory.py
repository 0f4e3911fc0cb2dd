"""How many heaps the threads of a long-lived process have."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREADS = """
import ctypes, os, sys, threading
from api.memory import bound_heaps
told = bound_heaps()
libc, all_there = ctypes.CDLL(None), threading.Barrier(12)
libc.malloc.restype = ctypes.c_void_p
def allocate():
    all_there.wait(30)
    libc.malloc(1000)
    all_there.wait(30)
threads = [threading.Thread(target=allocate) for _ in range(12)]
[one.start() for one in threads]
[one.join() for one in threads]
libc.fdopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fdopen(os.dup(1), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print("bounded" if told else "as it was")
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no mallopt")
@pytest.mark.parametrize("given", [{}, {"MALLOC_ARENA_MAX": "7"}], ids=["default", "set"])
def test_threads_share_two_heaps_unless_the_environment_says_else(given: dict[str, str]) -> None:
    """However many threads allocate at the same time."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    ran = subprocess.run([sys.executable, "-c", THREADS], env=kept | given, cwd=ROOT,
                         capture_output=True, text=True, check=True, timeout=120)
    heaps = ran.stdout.count("<heap nr=")
    assert heaps > 2 if given else heaps <= 2
    assert ("bounded" in ran.stdout) is not bool(given)
