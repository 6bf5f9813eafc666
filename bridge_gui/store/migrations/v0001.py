"""The first layout.

label       every label id ever met; `known` ones were described by the service, `is_mailbox` ones are shown
mailbox     the IMAP side of a label, under the same number; unlisted ones have no UIDs yet
message     the narrow table that most queries walk: the service's state (labels, unread, forwarded, answered,
draft), the local
            flags, and the effective flags and MODSEQ that follow from them
meta        the rest of the metadata
member      which message is in which mailbox under which UID: the effective state
vanished    runs of expunged UIDs (RFC 7162)
shape, header, content, sort, text   the parts of a literal, each read without the others; `content` is what
eviction drops cached      which contents are here, and when they were last used
change, pending   the queue, and for each message of a change whether it was sent
gone        messages deleted by an event while a listing is under way
"""

from __future__ import annotations

import apsw

STATEMENTS = """
CREATE TABLE value(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE address(id INTEGER PRIMARY KEY, remote TEXT NOT NULL UNIQUE);
CREATE TABLE flagset(id INTEGER PRIMARY KEY, flags TEXT NOT NULL);
CREATE TABLE label(
    id INTEGER PRIMARY KEY, remote TEXT NOT NULL UNIQUE, known INTEGER NOT NULL, kind INTEGER NOT NULL,
    name TEXT NOT NULL, parent TEXT, color TEXT NOT NULL, position INTEGER NOT NULL);
CREATE TABLE mailbox(
    id INTEGER PRIMARY KEY, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL, modseq INTEGER NOT NULL,
    vanished_floor INTEGER NOT NULL, listed INTEGER NOT NULL);
CREATE TABLE unsubscribed(name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE message(
    id INTEGER PRIMARY KEY, remote TEXT NOT NULL UNIQUE, address INTEGER NOT NULL,
    time INTEGER NOT NULL, position INTEGER NOT NULL,
    labels TEXT NOT NULL, unread INTEGER NOT NULL, forwarded INTEGER NOT NULL, answered INTEGER NOT NULL,
    nature INTEGER NOT NULL, local INTEGER NOT NULL DEFAULT 0,
    flags INTEGER NOT NULL DEFAULT 0, modseq INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0, stale INTEGER NOT NULL DEFAULT 0, size INTEGER,
    stamp INTEGER NOT NULL, indexed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX message_missing ON message(time) WHERE state = 0;
CREATE INDEX message_stale ON message(time) WHERE stale = 1;
CREATE INDEX message_unindexed ON message(time) WHERE indexed = 0 AND size IS NOT NULL;
CREATE TABLE meta(
    message INTEGER PRIMARY KEY, size INTEGER NOT NULL, flags INTEGER NOT NULL, replied INTEGER NOT NULL,
    replied_all INTEGER NOT NULL, conversation TEXT NOT NULL, external TEXT NOT NULL, attachments INTEGER NOT NULL,
    subject TEXT NOT NULL, people TEXT NOT NULL);
CREATE INDEX meta_conversation ON meta(conversation);
CREATE TABLE member(
    mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, message INTEGER NOT NULL, modseq INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0, saved INTEGER NOT NULL, PRIMARY KEY(mailbox, uid)) WITHOUT ROWID;
CREATE UNIQUE INDEX member_message ON member(message, mailbox);
CREATE INDEX member_deleted ON member(mailbox, uid) WHERE deleted = 1;
CREATE TABLE vanished(
    mailbox INTEGER NOT NULL, modseq INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY(mailbox, modseq, first)) WITHOUT ROWID;
CREATE TABLE shape(
    message INTEGER PRIMARY KEY, digest BLOB NOT NULL, header_size INTEGER NOT NULL, envelope BLOB NOT NULL,
    bodystructure BLOB NOT NULL, body BLOB NOT NULL, preview TEXT NOT NULL);
CREATE TABLE header(message INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE content(message INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE cached(message INTEGER PRIMARY KEY, size INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE INDEX cached_used ON cached(used);
CREATE TABLE sort(
    message INTEGER PRIMARY KEY, sent INTEGER NOT NULL, sent_day INTEGER NOT NULL, subject TEXT NOT NULL,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, cc TEXT NOT NULL, display_from TEXT NOT NULL, display_to TEXT NOT
    NULL, message_id TEXT NOT NULL, refs TEXT NOT NULL, is_reply INTEGER NOT NULL);
CREATE TABLE short(
    message INTEGER PRIMARY KEY, subject TEXT, sender TEXT, recipient TEXT, cc TEXT, bcc TEXT);
CREATE TABLE text(message INTEGER PRIMARY KEY, header TEXT NOT NULL, body TEXT NOT NULL);
CREATE VIRTUAL TABLE trigram USING fts5(
    words, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
CREATE TABLE change(
    id INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL, label INTEGER NOT NULL, created REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0);
CREATE TABLE pending(
    change INTEGER NOT NULL, message INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(change, message)) WITHOUT ROWID;
CREATE INDEX pending_message ON pending(message, change);
CREATE TABLE gone(remote TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE total(state INTEGER PRIMARY KEY, messages INTEGER NOT NULL, bytes INTEGER NOT NULL, indexed INTEGER NOT
NULL); INSERT INTO total VALUES (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0);
CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE total SET messages = messages + 1, bytes = bytes + coalesce(new.size, 0), indexed = indexed + new.indexed
    WHERE state = new.state;
END;
CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    UPDATE total SET messages = messages - 1, bytes = bytes - coalesce(old.size, 0), indexed = indexed - old.indexed
    WHERE state = old.state;
END;
CREATE TRIGGER message_moved AFTER UPDATE OF state, size, indexed ON message BEGIN
    UPDATE total SET messages = messages - 1, bytes = bytes - coalesce(old.size, 0), indexed = indexed - old.indexed
    WHERE state = old.state;
    UPDATE total SET messages = messages + 1, bytes = bytes + coalesce(new.size, 0), indexed = indexed + new.indexed
    WHERE state = new.state;
END;
"""


def upgrade(connection: apsw.Connection) -> None:
    connection.execute(STATEMENTS)
