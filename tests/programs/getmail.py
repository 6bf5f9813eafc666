"""getmail6 as the tests run it: the program itself, with two of its habits kept from ruining them."""

from __future__ import annotations

from tests.programs.core import program

_WRAPPED = """import os, runpy, sys
from getmailcore.baseclasses import ForkingBase
os.geteuid = os.getuid = os.getegid = os.getgid = lambda: 1000
ForkingBase._prepare_child = lambda self: None
ForkingBase._wait_for_child = lambda self, child: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
runpy.run_path(sys.argv.pop(1), run_name="__main__")"""
"""It refuses to deliver mail for root, as whom tests may run: it is told that it is somebody else. And it waits for the
child that delivers by a signal, which it misses when the child ends before it looks (6.18 on a busy computer): then it
stands still for minutes. Here it waits for the child itself."""


def getmail(*arguments: str) -> tuple[str, ...]:
    """The command."""
    return ("/usr/bin/python3", "-c", _WRAPPED, program("getmail"), *arguments)
