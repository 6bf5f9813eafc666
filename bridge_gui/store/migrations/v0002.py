"""The header fields that lists of messages show, apart from whole headers: a list of ten thousand messages is read from
a few megabytes.

brief       one of the parts of a literal (`mime.brief`); stays when the content is dropped
"""

from __future__ import annotations

from typing import Any

import apsw

from bridge_gui.mime import brief
from bridge_gui.mime.fields import fields


def upgrade(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE brief(message INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    connection.create_scalar_function("brief_of", _brief_of, 1, deterministic=True)
    connection.execute("INSERT INTO brief SELECT message, brief_of(data) FROM header")
    connection.create_scalar_function("brief_of", None, 1)


def _brief_of(*arguments: Any) -> Any:
    (header,) = arguments
    return brief.make(header, fields(header))
