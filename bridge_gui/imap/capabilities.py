"""What the server says it can do, by state. A name stands here only when the extension is complete."""

from __future__ import annotations

from bridge_gui.imap.connection import Connection, State

_ALWAYS = ("IMAP4rev1", "IMAP4rev2", "LITERAL+", "SASL-IR", "ID", "ENABLE")

_SIGNED_IN = (
    "IDLE",
    "NAMESPACE",
    "UNSELECT",
    "UIDPLUS",
    "MOVE",
    "CHILDREN",
    "SPECIAL-USE",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "STATUS=SIZE",
    "CONDSTORE",
    "QRESYNC",
    "ESEARCH",
    "SEARCHRES",
    "SORT",
    "SORT=DISPLAY",
    "ESORT",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "WITHIN",
    "OBJECTID",
    "PREVIEW",
    "SAVEDATE",
    "BINARY",
    "MULTIAPPEND",
    "UTF8=ACCEPT",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "PARTIAL",
    "NOTIFY",
)


def capabilities(connection: Connection, *, can_start_tls: bool) -> list[str]:
    """Names for CAPABILITY (RFC 3501 7.2.1)."""
    names = list(_ALWAYS)
    if connection.state is State.NOT_AUTHENTICATED:
        if connection.tls:
            names.append("AUTH=PLAIN")
        else:
            names += ["STARTTLS"] if can_start_tls else []
            names.append("LOGINDISABLED")
        return names
    names += _SIGNED_IN
    names.append(f"APPENDLIMIT={connection.append_limit}")
    if not connection.compressed:
        names.append("COMPRESS=DEFLATE")
    return names


ENABLED_BY_NAME = {
    "CONDSTORE": "CONDSTORE",
    "QRESYNC": "QRESYNC",
    "UTF8=ACCEPT": "UTF8=ACCEPT",
    "IMAP4REV2": "IMAP4rev2",
}
"""What ENABLE (RFC 5161) can turn on, with its spelling."""
