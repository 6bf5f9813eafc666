"""Faults on request: which requests go wrong, how, how often.

A rule names requests by method and path (`fnmatch` patterns such as `GET /mail/v4/messages/*`), how many of them it
skips and hits, and with which probability; with a seed the same requests go wrong in each run. What it does is one or
more of: another answer, a wait, a cut connection (before the request is handled, after it, or in the middle of the
answer), and an effect on the service's state.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Literal, get_args

Cut = Literal["", "before", "after", "body"]
Effect = Literal["", "expire-access", "revoke", "refresh-mail", "refresh-all", "stale", "shuffle", "lock"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. Without `status`, `cut`, `delay` and `effect` it only counts."""

    match: str = "* *"
    """`METHOD /path`, both as patterns; the query is not looked at."""
    status: int = 0
    """Answer with this HTTP status instead of handling the request; 0 handles it."""
    code: int = 0
    error: str = ""
    details: object = None
    body: str | None = None
    """The answer's body as it is, such as an HTML page of a proxy; None makes the service's JSON."""
    retry_after: str = ""
    """Value of the `Retry-After` header."""
    cut: Cut = ""
    """Cut the connection: `before` handling, `after` it (done, the answer is lost), or within the answer's `body`."""
    delay: float = 0.0
    """Seconds to wait before the answer."""
    effect: Effect = ""
    """Change the service's state before the request is handled; those that need a user take the session's."""
    skip: int = 0
    """How many matching requests pass before the rule begins."""
    count: int | None = None
    """How many requests it hits; None means all."""
    probability: float = 1.0
    seed: int = 0

    @classmethod
    def from_json(cls, data: dict[str, object]) -> Fault:
        """Read a rule as the control route takes it; unknown fields and words are refused with ValueError."""
        names = {each.name for each in fields(cls)}
        if unknown := set(data) - names:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        rule = cls(**data)  # type: ignore[arg-type]
        if rule.cut not in get_args(Cut) or rule.effect not in get_args(Effect):
            raise ValueError("cut or effect is not known")
        return rule


@dataclass
class Rule:
    """A fault that is in force, with its own count and chance."""

    fault: Fault
    seen: int = 0
    hits: int = 0
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.fault.seed)

    def applies(self, method: str, path: str) -> bool:
        """Tell whether this request goes wrong, and count it."""
        wanted_method, _, wanted_path = self.fault.match.partition(" ")
        if not fnmatchcase(method, wanted_method) or not fnmatchcase(path, wanted_path or "*"):
            return False
        self.seen += 1
        chosen = self._random.random() < self.fault.probability
        if self.seen <= self.fault.skip or not chosen:
            return False
        if self.fault.count is not None and self.hits >= self.fault.count:
            return False
        self.hits += 1
        return True


class Faults:
    """The rules in force; the first that applies to a request decides."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, fault: Fault) -> Rule:
        rule = Rule(fault)
        self.rules.append(rule)
        return rule

    def set(self, faults: Iterable[Fault]) -> list[Rule]:
        self.rules = [Rule(fault) for fault in faults]
        return self.rules

    def clear(self) -> None:
        self.rules = []

    def choose(self, method: str, path: str) -> Fault | None:
        for rule in self.rules:
            if rule.applies(method, path):
                return rule.fault
        return None
