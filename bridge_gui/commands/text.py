"""What the command line prints for people; pure. The JSON of `control.shapes` in, text out."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Iterable
from typing import Any

from bridge_gui.errors import BridgeError

Json = dict[str, Any]


def lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def error(caught: BridgeError) -> str:
    parts = [caught.title if caught.message in ("", caught.title) else f"{caught.title}: {caught.message}"]
    if caught.remedy:
        parts.append(caught.remedy)
    return lines(parts)


def problem(document: Json) -> str:
    """What is wrong and what helps, nothing of it twice."""
    title = document["title"].rstrip(".") + "."
    message = document["message"] if document["message"].rstrip(".") + "." != title else ""
    if message and message[-1] not in ".!?:":  # it may end with words of Proton's
        message += "."
    return " ".join(part for part in (title, message, document["remedy"]) if part)


def status(document: Json) -> str:
    core = document["core"]
    parts = [f"Bridge Manager {core['version']}: {core['state']}, service {core['api']}"]
    if core["problem"]:
        parts.append(f"  {problem(core['problem'])}")
    parts.append("Accounts")
    parts += [f"  {account_line(entry)}" for entry in document["accounts"]] or ["  none"]
    parts.append("Listeners")
    for entry in document["listeners"]:
        parts.append(f"  {entry['protocol'].upper()} {entry['host']}:{entry['port']} {entry['state']}")
        if entry["problem"]:
            parts.append(f"    {problem(entry['problem'])}")
    parts.append("Mail programs")
    parts += [f"  {client_line(entry)}" for entry in document["clients"]] or ["  none"]
    if document["sessions"]:
        parts.append("Sessions")
        parts += [f"  {session_line(entry, document['clients'])}" for entry in document["sessions"]]
    for notice in document["notices"]:
        parts.append(problem(notice["problem"]))
        if notice["messages"]:
            parts.append(f"  {mails(notice['messages'])}")
    return lines(parts)


def mails(messages: Json) -> str:
    """`"Lunch", "Invoice" and 3 more`; a subject is one line of what can be printed, whatever it holds."""
    named = ", ".join(
        f'"{printable(subject)}"' if subject.strip() else "(no subject)" for subject in messages["subjects"]
    )
    if not messages["more"]:
        return named
    return f"{named} and {messages['more']} more" if named else counted(messages["more"], "message")


def printable(subject: str) -> str:
    return "".join(each if each.isprintable() else " " for each in subject)


def account_line(account: Json) -> str:
    addresses = ", ".join(account["addresses"]) or account["username"]
    reason = f" ({account['reason']})" if account["reason"] else ""
    return f"{account['username']}  {account['state']}{reason}  {addresses}  {account['mode']}  {sync(account['sync'])}"


def sync(value: Json) -> str:
    if value["complete"]:
        return "all mail is here"
    parts = [value["phase"]]
    if value["total"]:
        parts.append(f"{value['done']} of {value['total']}")
    if value["remaining_s"] is not None:
        parts.append(f"about {duration(value['remaining_s'])} left")
    if value["usable"]:
        parts.append("INBOX can be read")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def client_line(client: Json) -> str:
    used = moment(client["last_used"]) if client["last_used"] else "never used"
    program = f"  {client['program']}" if client["program"] else ""
    return f"{client['id']}  {client['label']}  {client['username']}  {client['access']}  {used}{program}"


def steps(plan: list[Json], client: str = "ID") -> str:
    """The steps of a set-up, numbered; values to copy under their names, of a password only where to get it. `client`
    is the set-up's first."""
    parts = []
    for number, entry in enumerate(plan, 1):
        mark = "  (you do this)" if entry["by_user"] else ""
        unproven = "  (not tried with the real program yet)" if entry["unproven"] else ""
        part = [f"{number}. {entry['title']}{mark}{unproven}"]
        part += [f"   {entry['where']}"] if entry["where"] else []
        part += [f"     {line}" for line in entry["lines"]]
        for value in entry["values"]:
            whose = value["client"] or client
            shown = f"`bridge-gui client password {whose}` prints it" if value["secret"] else value["value"]
            part.append(f"     {value['label']}: {shown}")
        parts.append(lines(part))
    return "\n\n".join(parts)


def program_line(program: Json) -> str:
    """How a program is asked for, and what is known of it."""
    target = f" --target {shlex.quote(program['target'])}" if program["target"] else ""
    notes = [
        "here" if program["installed"] else "",
        "running" if program["running"] else "",
        ", ".join(program["addresses"]),
        "set up already" if program["clients"] else "",
        "not tried with the real program yet" if program["unproven"] else "",
        program["problem"]["title"] if program["problem"] else "",
    ]
    return "  ".join([f"{program['app']}{target}", program["name"], *filter(None, notes)])


def setup_line(progress: Json, name: str) -> str:
    """`Thunderbird signed in to IMAP at 10:42:07, sent nothing yet; it listed 22 folders, INBOX has 14 messages`."""
    who = progress["program"] or name
    if progress["imap_at"] is None and progress["smtp_at"] is None:
        return f"{who} has not signed in yet"
    read = f"signed in to IMAP at {clock(progress['imap_at'])}" if progress["imap_at"] else "has read nothing yet"
    sent = f"to SMTP at {clock(progress['smtp_at'])}" if progress["smtp_at"] else "sent nothing yet"
    seen = f"; it listed {counted(progress['folders'], 'folder')}" if progress["folders"] else ""
    if seen and progress["messages"] is not None:
        seen += f", INBOX has {counted(progress['messages'], 'message')}"
    return f"{who} {read}, {sent}{seen}"


def counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def clock(at: float) -> str:
    return datetime.datetime.fromtimestamp(at).strftime("%H:%M:%S")


def session_line(session: Json, clients: list[Json]) -> str:
    label = next((client["label"] for client in clients if client["id"] == session["client"]), session["client"])
    since = moment(session["since"])
    return "  ".join(filter(None, (label, session["protocol"].upper(), f"since {since}", session["activity"])))


def outbox_line(item: Json) -> str:
    trouble = f"  {item['problem']['title']}" if item["problem"] else ""
    return f"{item['id']}  {item['subject']}  {item['recipients']} recipients  since {moment(item['since'])}{trouble}"


def self_test(found: Json) -> str:
    parts = []
    for letter in found["letters"]:
        came = letter["problem"] or f"arrived after {letter['seconds']} s"
        parts.append(f"{MARKS['good' if letter['good'] else 'bad']} {letter['name']}: {came}")
        for each in letter["differences"]:
            known = "" if each["known"] else "  (not expected)"
            parts.append(f"      {each['what']}: {each['sent'] or '-'} -> {each['arrived'] or '-'}{known}")
    return lines(parts)


def moment(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def credentials(made: Json) -> str:
    imap, smtp = made["imap"], made["smtp"]
    return lines(
        (
            f"{made['label']} ({made['id']}), access {made['access']}",
            f"  User name  {made['username']}",
            f"  Password   {made['password']}",
            f"  IMAP       {imap['host']}, port {imap['port']}, {imap['security']}",
            f"  SMTP       {smtp['host']}, port {smtp['port']}, {smtp['security']}",
        )
    )


def settings(found: list[Json]) -> str:
    parts = []
    for entry in found:
        changed = "" if entry["value"] == entry["default"] else f" (default {entry['default'] or 'empty'})"
        choices = f" One of: {', '.join(entry['choices'])}." if entry["choices"] else ""
        parts.append(f"{entry['key']} = {entry['value']}{changed}\n    {entry['meaning']}{choices}")
    return lines(parts)


def certificate(found: Json) -> str:
    return lines(
        (
            f"File         {found['path']}",
            f"Fingerprint  {found['fingerprint']}",
            f"Signed by    {found['ca_fingerprint']}",
            f"Valid until  {moment(found['not_after'])}",
            f"Names        {', '.join(found['hosts'])}",
        )
    )


MARKS = {"good": "ok ", "attention": "!  ", "bad": "BAD"}


def checks(found: list[Json]) -> str:
    parts = []
    for entry in found:
        parts.append(f"{MARKS[entry['state']]} {entry['sentence']}")
        if entry["remedy"]:
            parts.append(f"      {entry['remedy']}")
    return lines(parts)
