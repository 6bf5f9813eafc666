"""What a mail program's commands do at the service (API document 8.5 to 8.7, hard-won behaviours 21 to 35).

The demo service's own state is looked at, not what the account believes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.model import SystemLabel
from tests.imap.bridge import Bridge, open_bridge

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    async with open_bridge(tmp_path_factory.mktemp("keys"), tmp_path_factory.mktemp("account")) as bridge:
        yield bridge


def mail(subject: str, *, head: str = "From: c@outside.example\r\nDate: Mon, 5 Feb 2024 10:00:00 +0100\r\n") -> bytes:
    return f"{head}To: anna@bridge.example\r\nSubject: {subject}\r\n\r\nText of {subject}.\r\n".encode()


async def whole(bridge: Bridge, mailbox: str, subject: str) -> bytes:
    """The message as the program has it."""
    uid = await bridge.uids(mailbox, [subject])
    await bridge.program.ok(f'EXAMINE "{mailbox}"')
    answer = await bridge.program.ok(f"UID FETCH {uid} BODY.PEEK[]")
    return answer.literals[0]


async def expunge(bridge: Bridge, mailbox: str, uids: str) -> None:
    await bridge.program.ok(f'SELECT "{mailbox}"')
    await bridge.program.ok(f"UID STORE {uids} +FLAGS.SILENT (\\Deleted)")
    await bridge.program.ok("EXPUNGE")


# ------------------------------------------------------------------------------------------- the tree (8.5)


async def test_system_mailboxes_carry_their_special_use(bridge: Bridge) -> None:
    lines = (await bridge.program.ok('LIST "" "*"')).untagged("LIST")
    uses = {
        "Trash": "\\Trash",
        "Spam": "\\Junk",
        "All Mail": "\\All",
        "Archive": "\\Archive",
        "Sent": "\\Sent",
        "Drafts": "\\Drafts",
        "Starred": "\\Flagged",
    }
    for name, use in uses.items():
        line = next(line for line in lines if line.endswith(f'"{name}"') or line.endswith(f" {name}"))
        assert use in line
    assert any("\\Noselect" in line and line.endswith('"Folders"') for line in lines)


async def test_scheduled_is_listed_while_there_is_something_in_it_and_takes_nothing(bridge: Bridge) -> None:
    scheduled = [each for each in bridge.messages.values() if SystemLabel.SCHEDULED in each.labels]
    assert scheduled
    assert "Scheduled" in await bridge.program.names()
    (subject,) = await bridge.mails()
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    assert await bridge.program.refused(f"UID COPY {uid} Scheduled") == "CANNOT"
    assert await bridge.program.refused("APPEND Scheduled", mail("x")) == "CANNOT"
    await bridge.program.ok("SELECT Scheduled")
    assert await bridge.program.refused("UID MOVE 1:* Archive") == "CANNOT"
    assert await bridge.program.refused("STORE 1:* +FLAGS (\\Deleted)") == "CANNOT"
    await bridge.program.ok("UNSELECT")
    for each in scheduled:
        bridge.house.demo.mailbox.remove(each.id)
    bridge.look()
    async with asyncio.timeout(10):
        while "Scheduled" in await bridge.program.names():  # noqa: ASYNC110 - it goes with an event of the service
            await asyncio.sleep(0.02)


async def test_mailboxes_are_made_only_below_folders_and_labels(bridge: Bridge) -> None:
    program = bridge.program
    for name in ("Elsewhere", "INBOX/sub", "Trash/sub", "Folders", "Labels", "Labels/a/b", "All Mail"):
        assert await program.refused(f'CREATE "{name}"') in ("CANNOT", "ALREADYEXISTS"), name
    await program.ok('CREATE "Folders/a/b/c"')
    names = {bridge.house.demo.mailbox.path(label) for label in bridge.house.demo.mailbox.labels.values()}
    assert {"a", "a/b", "a/b/c"} <= names, "missing parents are made one by one"
    await program.ok('RENAME "Folders/a" "Folders/z"')
    assert {"Folders/z", "Folders/z/b", "Folders/z/b/c"} <= await program.names(), "children go along"
    await program.ok('DELETE "Folders/z/b/c"')
    assert "Folders/z/b/c" not in await program.names()
    assert await program.refused('RENAME "Folders/z" "Labels/z"') == "CANNOT"
    for name in ("INBOX", "Trash", "All Mail", "Starred"):
        assert await program.refused(f'DELETE "{name}"') == "CANNOT", name


async def test_names_with_slashes_and_of_any_script(bridge: Bridge) -> None:
    made = bridge.house.demo.mailbox.create_label("one/two", 3, "#f66")
    bridge.house.demo.mailbox.create_label("Łódź 東京", 1, "#f66")
    bridge.look()
    program = await bridge.another()
    await program.ok("ENABLE UTF8=ACCEPT")
    async with asyncio.timeout(20):
        while "Labels/Łódź 東京" not in (names := await program.names()):
            pass
    assert "Folders/one\N{DIVISION SLASH}two" in names
    # Not enabled: modified UTF-7; and a program that sends UTF-8 all the same is understood.
    assert "Labels/&AUEA8w-d&AXo- &Z3FOrA-" in await bridge.program.names()
    await bridge.program.ok('SELECT "Labels/&AUEA8w-d&AXo- &Z3FOrA-"')
    await bridge.program.ok('SELECT "Labels/Łódź 東京"')
    (subject,) = await bridge.mails()
    uid = await bridge.uids("INBOX", [subject])
    await program.ok("SELECT INBOX")
    await program.ok(f'UID MOVE {uid} "Folders/one\N{DIVISION SLASH}two"')
    await bridge.settled()
    assert bridge.labels(subject) == {"one/two"}
    assert made.name == "one/two"


async def test_rename_of_inbox_moves_its_messages(bridge: Bridge) -> None:
    subjects = await bridge.mails(2)
    await bridge.program.ok('RENAME INBOX "Folders/old inbox"')
    await bridge.settled()
    for subject in subjects:
        assert bridge.labels(subject) == {"old inbox"}
    assert (await bridge.program.ok("STATUS INBOX (MESSAGES)")).untagged("STATUS")[0].endswith("(MESSAGES 0)")


async def test_odd_commands_of_odd_programs(bridge: Bridge) -> None:
    """Hard-won 31."""
    program = bridge.program
    name = await bridge.new()
    assert not (await program.do('SELECT ""')).ok
    await program.ok(f'SELECT "{name}"')
    for command in ("FETCH 1:* FLAGS", "UID FETCH 1:* FLAGS", "UID FETCH 7 FLAGS", "UID STORE 1:* +FLAGS (\\Seen)"):
        await program.ok(command)
    await program.ok("UID EXPUNGE 1:*")
    assert (await program.do("FETCH 1 FLAGS")).tagged.startswith("BAD")


# ------------------------------------------------------------------------------------------- flags (8.6, 21)


async def test_flags_are_the_messages_and_reach_the_service(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    label = await bridge.new("Labels")
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f'UID COPY {uid} "{label}"')
    await bridge.program.ok(f"UID STORE {uid} +FLAGS (\\Seen \\Flagged $Forwarded)")
    await bridge.settled()
    (message,) = bridge.by_subject(subject)
    assert (message.unread, message.is_forwarded) == (False, True)
    assert {"Starred", label.partition("/")[2]} <= bridge.labels(subject)
    await bridge.program.ok(f'SELECT "{label}"')
    (line,) = (await bridge.program.ok("FETCH 1 FLAGS")).untagged("FETCH")
    assert {"\\Seen", "\\Flagged", "$Forwarded", "Forwarded"} <= set(re.split(r"[() ]", line))
    assert subject in await bridge.program.subjects("Starred")

    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f"UID STORE {uid} -FLAGS (\\Seen \\Flagged Forwarded)")
    await bridge.settled()
    (message,) = bridge.by_subject(subject)
    assert (message.unread, message.is_forwarded) == (True, False)
    assert "Starred" not in bridge.labels(subject)


async def test_unstarring_by_expunge_in_starred(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f"UID STORE {uid} +FLAGS (\\Flagged)")
    await expunge(bridge, "Starred", await bridge.uids("Starred", [subject]))
    await bridge.settled()
    assert bridge.labels(subject) == {"Inbox"}


# ------------------------------------------------------------------------------------------- All Mail (22), Sent (23)


async def test_all_mail_is_the_services_own(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    uid = await bridge.uids("All Mail", [subject])
    program = bridge.program
    await program.ok('SELECT "All Mail"')
    assert await program.refused(f"UID STORE {uid} +FLAGS (\\Deleted)") == "CANNOT"
    assert await program.refused(f"UID MOVE {uid} Archive") == "CANNOT"
    assert await program.refused("EXPUNGE") == "CANNOT"
    assert await program.refused('APPEND "All Mail"', mail("x")) == "CANNOT"
    await program.ok("SELECT INBOX")
    inbox = await bridge.uids("INBOX", [subject])
    await program.ok("SELECT INBOX")
    assert await program.refused(f'UID COPY {inbox} "All Mail"') == "CANNOT"
    assert await program.refused(f'UID MOVE {inbox} "All Mail"') == "CANNOT"
    # What can be done from there: a copy, which files the message.
    await program.ok('SELECT "All Mail"')
    await program.ok(f"UID COPY {uid} Archive")
    await bridge.settled()
    assert bridge.labels(subject) == {"Archive"}


async def test_nothing_moves_between_inbox_and_sent(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    assert await bridge.program.refused(f"UID MOVE {uid} Sent") == "CANNOT"
    assert bridge.labels(subject) == {"Inbox"}


# ------------------------------------------------------------------------------------------- MOVE and COPY (8.7)


async def test_a_move_to_a_label_keeps_the_message_in_its_folder(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    label = await bridge.new("Labels")
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f'UID MOVE {uid} "{label}"')
    await bridge.settled()
    assert bridge.labels(subject) == {"Inbox", label.partition("/")[2]}
    # From a label to a folder the label goes.
    folder = await bridge.new()
    uid = await bridge.uids(label, [subject])
    await bridge.program.ok(f'SELECT "{label}"')
    await bridge.program.ok(f'UID MOVE {uid} "{folder}"')
    await bridge.settled()
    assert bridge.labels(subject) == {folder.partition("/")[2]}


async def test_a_copy_to_where_the_message_is_already_gives_a_new_uid(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    label = await bridge.new("Labels")
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f'UID COPY {uid} "{label}"')
    before = await bridge.uids(label, [subject])
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f'UID COPY {uid} "{label}"')
    assert int(await bridge.uids(label, [subject])) > int(before)
    await bridge.settled()
    assert label.partition("/")[2] in bridge.labels(subject)


async def test_apple_mail_moves_by_copy_store_expunge(bridge: Bridge) -> None:
    subjects = await bridge.mails(3)
    folder = await bridge.new()
    uids = await bridge.uids("INBOX", subjects)
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f'UID COPY {uids} "{folder}"')
    await bridge.program.ok(f"UID STORE {uids} +FLAGS.SILENT (\\Deleted)")
    await bridge.program.ok(f"UID EXPUNGE {uids}")
    await bridge.settled()
    for subject in subjects:
        assert bridge.labels(subject) == {folder.partition("/")[2]}
    assert set(subjects).isdisjoint(await bridge.program.subjects("INBOX"))


# ------------------------------------------------------------------------------------------- EXPUNGE (8.7, 24)


@pytest.mark.parametrize("place", ["INBOX", "Archive", "Spam", "Folders", "Labels"])
async def test_expunge_only_takes_the_label_off(bridge: Bridge, place: str) -> None:
    mailbox = await bridge.new(place) if place in ("Folders", "Labels") else place
    (subject,) = await bridge.mails(mailbox=mailbox)
    await expunge(bridge, mailbox, await bridge.uids(mailbox, [subject]))
    await bridge.settled()
    assert bridge.labels(subject) == ({"Inbox"} if place == "Labels" else set())
    assert subject in await bridge.program.subjects("All Mail")


async def test_expunge_in_trash_is_for_ever(bridge: Bridge) -> None:
    (subject,) = await bridge.mails(mailbox="Trash")
    await expunge(bridge, "Trash", await bridge.uids("Trash", [subject]))
    await bridge.until(lambda: not bridge.by_subject(subject))
    assert subject not in await bridge.program.subjects("All Mail")


async def test_expunge_in_trash_keeps_what_a_label_holds(bridge: Bridge) -> None:
    """Starred counts as a label; so does one that this program does not know yet."""
    subjects = await bridge.mails(2, mailbox="Trash")
    uid = await bridge.uids("Trash", subjects[:1])
    await bridge.program.ok("SELECT Trash")
    await bridge.program.ok(f"UID STORE {uid} +FLAGS (\\Flagged)")
    await bridge.settled()
    await expunge(bridge, "Trash", await bridge.uids("Trash", subjects))
    await bridge.until(lambda: not bridge.by_subject(subjects[1]))
    await bridge.settled()
    assert bridge.labels(subjects[0]) == {"Starred"}


async def test_expunge_of_a_draft_is_for_ever(bridge: Bridge) -> None:
    await bridge.program.ok("APPEND Drafts (\\Draft)", mail("Half a thought", head="From: anna@bridge.example\r\n"))
    await expunge(bridge, "Drafts", await bridge.uids("Drafts", ["Half a thought"]))
    await bridge.until(lambda: not bridge.by_subject("Half a thought"))


async def test_close_expunges_and_unselect_does_not(bridge: Bridge) -> None:
    subjects = await bridge.mails(2)
    program = bridge.program
    first = await bridge.uids("INBOX", subjects[:1])
    second = await bridge.uids("INBOX", subjects[1:])
    await program.ok("SELECT INBOX")
    await program.ok(f"UID STORE {first} +FLAGS (\\Deleted)")
    await program.ok("UNSELECT")
    assert subjects[0] in await program.subjects("INBOX")
    await program.ok("SELECT INBOX")
    await program.ok(f"UID STORE {second} +FLAGS (\\Deleted)")
    await program.ok("CLOSE")
    await bridge.settled()
    assert [bridge.labels(subject) for subject in subjects] == [set(), set()]


# ------------------------------------------------------------------------------------------- APPEND (25, 32, 33)


async def test_outlook_moves_by_append_and_expunge(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    literal = await whole(bridge, "INBOX", subject)
    uid = await bridge.uids("INBOX", [subject])
    answer = await bridge.program.ok("APPEND Archive (\\Seen)", literal)
    assert answer.code.startswith("APPENDUID")
    await expunge(bridge, "INBOX", uid)
    await bridge.settled()
    assert bridge.labels(subject) == {"Archive"}
    assert list(await bridge.program.subjects("All Mail")).count(subject) == 1


async def test_outlook_moves_by_expunge_and_append(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    literal = await whole(bridge, "INBOX", subject)
    await expunge(bridge, "INBOX", await bridge.uids("INBOX", [subject]))
    await bridge.program.ok("APPEND Archive", literal)
    await bridge.settled()
    assert bridge.labels(subject) == {"Archive"}


async def test_outlook_takes_a_message_out_of_trash_by_expunge_and_append(bridge: Bridge) -> None:
    """The message is deleted for ever, or is about to be, when it comes back; and must not be taken for the old one."""
    bridge.house.server.world.faults.add(Fault("PUT /mail/v4/messages/delete", delay=0.3, count=1))
    (subject,) = await bridge.mails(mailbox="Trash")
    literal = await whole(bridge, "Trash", subject)
    await expunge(bridge, "Trash", await bridge.uids("Trash", [subject]))
    await bridge.program.ok("APPEND Archive (\\Seen)", literal)
    await bridge.settled()
    await bridge.until(lambda: [m for m in bridge.by_subject(subject) if "6" in m.labels] != [])
    assert len(bridge.by_subject(subject)) == 1
    assert subject in await bridge.program.subjects("Archive")


async def test_a_message_that_was_deleted_long_ago_comes_back_as_a_new_one(bridge: Bridge) -> None:
    (subject,) = await bridge.mails(mailbox="Trash")
    literal = await whole(bridge, "Trash", subject)
    await expunge(bridge, "Trash", await bridge.uids("Trash", [subject]))
    await bridge.until(lambda: not bridge.by_subject(subject))
    await bridge.settled()
    await bridge.program.ok("APPEND Archive (\\Seen)", literal)
    assert bridge.labels(subject) == {"Archive"}


async def test_a_message_stored_where_it_is_already_gets_a_new_uid(bridge: Bridge) -> None:
    """A program that rewrites a message by APPEND and deletes the old one must not delete the new one."""
    (subject,) = await bridge.mails()
    literal = await whole(bridge, "INBOX", subject)
    old = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("APPEND INBOX", literal)
    new = await bridge.uids("INBOX", [subject])
    assert int(new) > int(old)
    await expunge(bridge, "INBOX", old)
    await bridge.settled()
    assert bridge.labels(subject) == {"Inbox"}


async def test_a_message_that_comes_back_while_its_removal_waits(bridge: Bridge) -> None:
    """The removal is sent to the service after the message was put back: it must not undo that."""
    (subject,) = await bridge.mails()
    literal = await whole(bridge, "INBOX", subject)
    rule = bridge.house.server.world.faults.add(Fault("PUT /mail/v4/messages/unlabel", delay=0.2, count=1))
    await expunge(bridge, "INBOX", await bridge.uids("INBOX", [subject]))
    await bridge.program.ok("APPEND INBOX", literal)
    await bridge.settled()
    assert rule.hits == 1
    assert bridge.labels(subject) == {"Inbox"}
    assert subject in await bridge.program.subjects("INBOX")


async def test_what_comes_back_is_no_longer_marked_deleted(bridge: Bridge) -> None:
    (subject,) = await bridge.mails()
    literal = await whole(bridge, "INBOX", subject)
    uid = await bridge.uids("INBOX", [subject])
    await bridge.program.ok("SELECT INBOX")
    await bridge.program.ok(f"UID STORE {uid} +FLAGS (\\Deleted)")
    await bridge.program.ok("APPEND INBOX", literal)
    await bridge.program.ok("EXPUNGE")
    await bridge.settled()
    assert bridge.labels(subject) == {"Inbox"}
    assert subject in await bridge.program.subjects("INBOX")


async def test_drafts_need_neither_date_nor_sender_and_all_else_does(bridge: Bridge) -> None:
    await bridge.program.ok("APPEND Drafts", mail("Bare draft", head=""))
    assert bridge.labels("Bare draft") == {"Drafts"}
    for head in ("", "From: c@outside.example\r\n", "Date: Mon, 5 Feb 2024 10:00:00 +0100\r\n"):
        assert not (await bridge.program.do("APPEND Archive", mail("Bare mail", head=head))).ok
    assert bridge.by_subject("Bare mail") == []


async def test_what_is_too_large_is_refused_before_it_is_sent(bridge: Bridge) -> None:
    before = bridge.house.server.world.received.total
    answer = await bridge.program.do("APPEND Archive {99999999}")
    assert answer.tagged.startswith("NO")
    assert answer.code == "TOOBIG"
    assert bridge.house.server.world.received.total == before


# ------------------------------------------------------------------------------------------- many at once


async def test_many_messages_go_to_the_service_in_batches(bridge: Bridge) -> None:
    subjects = await bridge.mails(160)
    folder = await bridge.new()
    rule = bridge.house.server.world.faults.add(Fault("PUT /mail/v4/messages/label"))
    uids = await bridge.uids("INBOX", subjects)
    await bridge.program.ok("SELECT INBOX")
    answer = await bridge.program.ok(f'UID MOVE {uids} "{folder}"')
    assert len(answer.untagged("EXPUNGE")) == 160
    assert len(answer.untagged("COPYUID")) == 1
    await bridge.settled()
    assert rule.hits == 2, "150 and 10"
    assert all(bridge.labels(subject) == {folder.partition("/")[2]} for subject in subjects)


async def test_what_the_service_refuses_is_taken_back_and_the_rest_stays_done(bridge: Bridge) -> None:
    subjects = await bridge.mails(7)
    folder = await bridge.new()
    lost = {each.id: each for subject in subjects[1:6] for each in bridge.by_subject(subject)}
    uids = await bridge.uids("INBOX", subjects)
    for id in lost:
        del bridge.house.demo.mailbox.messages[id]  # deleted elsewhere; the event is not here yet
    try:
        await bridge.program.ok("SELECT INBOX")
        await bridge.program.ok(f'UID MOVE {uids} "{folder}"')
        await bridge.settled()
        await bridge.until(lambda: bridge.account.state.taken_back != ())
        (told,) = bridge.account.state.taken_back
        assert (len(told.messages.subjects), told.messages.more) == (3, 2), "which ones is said"
        assert set(told.messages.subjects) < set(subjects[1:6])
        assert set(await bridge.program.subjects(folder)) == {subjects[0], subjects[6]}
        assert set(subjects[1:6]) <= set(await bridge.program.subjects("INBOX")), "shown again where they were"
    finally:
        bridge.house.demo.mailbox.messages.update(lost)


# ------------------------------------------------------------------------------------------- drafts, dates, deletions


async def test_of_a_draft_saved_again_and_again_one_stays(bridge: Bridge) -> None:
    """A program saves the new version, then deletes the old one, each time."""
    program = bridge.program
    head = "From: anna@bridge.example\r\n"
    previous = ""
    for version in range(3):
        answer = await program.ok("APPEND Drafts (\\Draft \\Seen)", mail(f"Novel {version}", head=head))
        uid = answer.code.split()[-1]
        if previous:
            await expunge(bridge, "Drafts", previous)
        previous = uid
    await bridge.settled()
    await bridge.until(lambda: not bridge.by_subject("Novel 1"))
    assert [bridge.by_subject(f"Novel {version}") != [] for version in range(3)] == [False, False, True]
    assert {name for name in await program.subjects("Drafts") if name.startswith("Novel")} == {"Novel 2"}


async def test_a_draft_edited_elsewhere_gets_a_new_uid(bridge: Bridge) -> None:
    await bridge.program.ok("APPEND Drafts", mail("Early draft", head="From: anna@bridge.example\r\n"))
    before = await bridge.program.subjects("Drafts")
    (message,) = bridge.by_subject("Early draft")
    letter = Letter("Late draft", message.sender, (), "Other words.\n", message.time)
    bridge.house.server.world.rewrite(bridge.house.demo, message.id, letter)
    bridge.look()
    await bridge.until_here("Drafts", ["Late draft"])
    after = await bridge.program.subjects("Drafts")
    assert "Early draft" not in after
    assert after["Late draft"] > before["Early draft"]


async def test_a_date_before_1970_is_mended(bridge: Bridge) -> None:
    """Hard-won 27: Apple Mail falls over it."""
    head = "From: c@outside.example\r\nDate: Fri, 1 Jan 1960 10:00:00 +0000\r\n"
    await bridge.program.ok("APPEND Archive", mail("Very old", head=head))
    uid = await bridge.uids("Archive", ["Very old"])
    await bridge.program.ok("EXAMINE Archive")
    answer = await bridge.program.ok(f"UID FETCH {uid} (INTERNALDATE BODY.PEEK[HEADER.FIELDS (DATE X-ORIGINAL-DATE)])")
    (line,) = answer.untagged("FETCH")
    year = re.search(r'INTERNALDATE "\d+-\w+-(\d{4})', line)
    assert year
    assert int(year[1]) >= 1970
    shown = answer.literals[0].decode()
    assert re.search(r"X-Original-Date: Fri, 0?1 Jan 1960 10:00:00 \+0000", shown)
    assert "\r\nDate: Fri, 13 Aug 1982" in f"\r\n{shown}"


async def test_a_deleted_folder_leaves_its_messages_in_all_mail(bridge: Bridge) -> None:
    folder = await bridge.new()
    (subject,) = await bridge.mails(mailbox=folder)
    other = await bridge.another()
    await other.ok(f'SELECT "{folder}"')
    await bridge.program.ok(f'DELETE "{folder}"')
    assert folder not in await bridge.program.names()
    assert bridge.labels(subject) == set()
    assert subject in await bridge.program.subjects("All Mail")
    assert not (await bridge.program.do(f'SELECT "{folder}"')).ok


async def test_a_folder_with_children_is_not_deleted(bridge: Bridge) -> None:
    folder = await bridge.new()
    await bridge.program.ok(f'CREATE "{folder}/child"')
    assert await bridge.program.refused(f'DELETE "{folder}"') == "HASCHILDREN"
    assert {folder, f"{folder}/child"} <= await bridge.program.names()


async def test_each_address_has_a_tree_of_its_own_when_split(bridge: Bridge) -> None:
    """8.8: what belongs to another address is not there, and what is stored belongs to this one."""
    primary, second = bridge.house.demo.ordered[:2]
    client = await bridge.another_of(second.id)
    before = await bridge.program.subjects("INBOX")
    subject = (await bridge.mails())[0]
    assert subject not in await client.subjects("INBOX")
    await client.ok("APPEND Archive (\\Seen)", mail("Of the second address"))
    (message,) = bridge.by_subject("Of the second address")
    assert message.address_id == second.id
    assert "Of the second address" in await client.subjects("Archive")
    assert "Of the second address" not in await (await bridge.another_of(primary.id)).subjects("Archive")
    status = (await client.ok("STATUS INBOX (MESSAGES)")).untagged("STATUS")[0]
    assert int(status.rpartition(" ")[2].strip(")")) < len(before) + 1
