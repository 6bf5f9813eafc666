"""Memory that is given back to the system, or not taken, or not looked through again."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

M_MMAP_THRESHOLD = -3
"""As in malloc.h."""
LARGE_BLOCK = 1024 * 1024


def give_large_blocks_back() -> None:
    """Let memory of a large message go back to the system as soon as it is free.

    The C library of Linux keeps blocks of the largest size it has seen so far for later, up to 32 MB each in every
    thread: after a few large messages that would be hundreds of megabytes.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(AttributeError, OSError):  # a C library without this function has no such habit
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def trim() -> None:
    """Give back what is free at this moment, in every thread. Takes some milliseconds, and no lock of Python's."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


def leave_out_httpx_command() -> None:
    """Keep httpx from importing its own command line, which brings rich and pygments along where they are installed:
    5 MB. It takes their absence well."""
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


def settle() -> None:
    """Everything that is here now stays: the collector need not look at it again and again, which takes 20 ms and more
    each time, in which no window answers."""
    gc.freeze()
