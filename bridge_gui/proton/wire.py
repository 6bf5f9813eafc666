"""Reading JSON answers: names in any case, zero values for what is absent, our own error for what has the wrong type.

The service's own clients match names without regard to case and take absent fields as zero (API document 1.1).
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from bridge_gui.proton.errors import Malformed

T = TypeVar("T")

JsonObject = Mapping[str, Any]


def parse_json(body: bytes, long_texts: Mapping[str, io.BytesIO] | None = None) -> Any:
    """Parse an answer's body; empty is None. `long_texts` go back to where their marks stand, as octets."""
    if not body.strip():
        return None
    try:
        return json.loads(body, object_hook=partial(_put_back, long_texts)) if long_texts else json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("The answer is not JSON.") from error


def _put_back(long_texts: Mapping[str, io.BytesIO], data: dict[str, Any]) -> dict[str, Any]:
    for name, value in data.items():
        if isinstance(value, str) and value in long_texts:
            data[name] = long_texts[value]
    return data


class Fields:
    """One JSON object, read field by field. Each reader says the name as documented and gets a checked value."""

    __slots__ = ("_data", "_folded")

    def __init__(self, data: Any) -> None:
        if data is None:
            data = {}
        if not isinstance(data, dict):
            raise Malformed("An object was expected in the answer.")
        self._data: dict[str, Any] = data
        self._folded: dict[str, Any] | None = None

    def get(self, name: str) -> Any:
        """Return the raw value, or None if it is absent or null."""
        if name in self._data:
            return self._data[name]
        if self._folded is None:
            self._folded = {str(key).lower(): value for key, value in self._data.items()}
        return self._folded.get(name.lower())

    def has(self, name: str) -> bool:
        return self.get(name) is not None

    def demand(self, name: str) -> None:
        """Raise `Malformed` when a name does not stand there at all, not even with null.

        For lists of all that there is: an answer without one, taken for an empty list, says that everything is gone.
        """
        if name not in self._data and name.lower() not in map(str.lower, self._data):
            raise Malformed(f"Field {name} is missing.")

    def text(self, name: str) -> str:
        value = _text(self.get(name))
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Malformed(f"Field {name} is not text.")
        return value

    def large(self, name: str) -> str | io.BytesIO:
        """A text that may be of megabytes: octets if it is, of which nobody else has a copy."""
        value = self.get(name)
        return value if isinstance(value, io.BytesIO) else self.text(name)

    def identity(self, name: str) -> str:
        """An id, which cannot be absent."""
        value = self.text(name)
        if not value:
            raise Malformed(f"Field {name} is missing.")
        return value

    def number(self, name: str) -> int:
        value = self.get(name)
        if value is None:
            return 0
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, int):
            raise Malformed(f"Field {name} is not a number.")
        return int(value)

    def flag(self, name: str) -> bool:
        """A boolean; the service writes 0 and 1."""
        return self.number(name) != 0

    def binary(self, name: str) -> bytes:
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Malformed(f"Field {name} is not base64.") from error

    def values(self, name: str) -> list[Any]:
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Malformed(f"Field {name} is not a list.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.values(name)
        if not all(isinstance(each, str) for each in values):
            raise Malformed(f"Field {name} holds something else than text.")
        return tuple(values)

    def numbers(self, name: str) -> tuple[int, ...]:
        values = self.values(name)
        if not all(isinstance(each, int) for each in values):
            raise Malformed(f"Field {name} holds something else than numbers.")
        return tuple(values)

    def fields(self, name: str) -> Fields:
        """A nested object; absent is one without fields."""
        return Fields(self.get(name))

    def one(self, name: str, read: Callable[[Fields], T]) -> T | None:
        value = self.get(name)
        return None if value is None else read(Fields(value))

    def many(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        return tuple([read(Fields(each)) for each in self.values(name)])

    def ordered(self, name: str) -> tuple[tuple[str, str], ...]:
        """Header fields: an object whose order counts, each value a text or a list of texts for a repeated field."""
        value = self.get(name)
        if value is None or value == []:  # an empty object is written as an empty list by some servers
            return ()
        if not isinstance(value, dict):
            raise Malformed(f"Field {name} is not an object.")
        pairs: list[tuple[str, str]] = []
        for key, content in value.items():
            contents = content if isinstance(content, list) else [_text(content)]
            if not all(isinstance(each, str) for each in contents):
                raise Malformed(f"Field {name} holds a header that is not text.")
            pairs.extend((key, each) for each in contents)
        return tuple(pairs)


def _text(value: Any) -> Any:
    """A value as it is, but a text that was taken for a large one as text again."""
    return value.getvalue().decode("utf-8", "replace") if isinstance(value, io.BytesIO) else value
