"""Thunderbird's files: added, taken back byte by byte, all or nothing."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge_gui.answers import ServerAddress
from bridge_gui.clients import journal, thunderbird_logins, thunderbird_prefs, thunderbird_profiles
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Wanted
from bridge_gui.clients.journal import Applied, Stage
from bridge_gui.clients.thunderbird import Thunderbird
from bridge_gui.clients.thunderbird_profiles import Installs
from bridge_gui.errors import Refused
from bridge_gui.model import Access, AccountId, ClientId
from bridge_gui.secret import Secret
from tests.clients import homes
from tests.clients.homes import FOREIGN

SETUP = AccountSetup(
    "anna@proton.me",
    (Identity("anna@proton.me", 'Anna "A" Müller'), Identity("a@example.org")),
    ServerAddress("127.0.0.1", 1143),
    ServerAddress("127.0.0.1", 1025),
    Access.FULL,
    ClientId("c1"),
    Secret("pass-word"),
)
WANTED = Wanted(AccountId("u1"), ("anna",), (SETUP,), Certificate("AA:BB", Path("ca.pem")))
PROGRAM = Thunderbird(Installs(Path("/nowhere")))
lines = st.lists(
    st.one_of(
        st.sampled_from(FOREIGN.splitlines()),
        st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=("Cs",)), max_size=30).filter(
            lambda line: not line.startswith("user_pref")
        ),
    ),
    unique=True,
    max_size=12,
)


def apply(profile: Path) -> Applied:
    return PROGRAM.apply(replace(WANTED, target=str(profile)), journal.new_folder(profile / "backups"))


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "profile"
    folder.mkdir()
    (folder / "prefs.js").write_text(FOREIGN)
    return folder


@given(lines, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_adding_and_removing_an_account_leaves_the_same_text(content: list[str], eol: str, closed: bool) -> None:
    before = eol.join(content) + (eol if closed and content else "")
    after, record = thunderbird_prefs.add_account(before, SETUP)
    assert thunderbird_prefs.has_account(after, SETUP)
    assert thunderbird_prefs.remove_account(after, record) == before


# What may lie in a profile: anything at all, and what is near to what we write.
names = st.sampled_from(
    [
        "mail.accountmanager.accounts",
        "mail.accountmanager.defaultaccount",
        "mail.smtpservers",
        "mail.account.lastKey",
        "mail.account.account2.server",
        "mail.server.server7.userName",
        "mail.server.server7.hostname",
        "mail.identity.id1.useremail",
        "a.b",
    ]
)
values = st.sampled_from(
    ['"account1"', '"account1, account2"', '"smtp3"', "3", "-1", "true", '""', "broken", '"Ümlaut"']
)
near = st.builds("user_pref({!r}, {});".format, names, values).map(lambda line: line.replace("'", '"'))
any_lines = st.lists(st.one_of(near, st.sampled_from(FOREIGN.splitlines()), st.text(max_size=20)), max_size=10)
any_prefs = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda lines, eol: eol.join(lines).encode("utf-8", "replace"), any_lines, st.sampled_from(["\n", "\r\n"])
    ),
)
KEY = thunderbird_logins.LoginKey(Secret(homes.KEY))


def saved_password(origin: str, user: str) -> bytes:
    return thunderbird_logins.add_logins(None, [origin], user, Secret("old"), KEY).content


any_logins = st.one_of(
    st.none(),
    st.binary(max_size=20),
    st.builds(
        saved_password, st.sampled_from(["imap://127.0.0.1", "https://a.b"]), st.sampled_from([SETUP.username, "x"])
    ),
)
any_pins = st.one_of(
    st.none(),
    st.binary(max_size=30),
    st.sampled_from([b"# head\nexample.org:993:\tOID\tAA\t\n", b"127.0.0.1:1143:\tOID\tCC\t\n", b"no newline"]),
    st.just(thunderbird_prefs.override_line(SETUP.imap, "AA:BB").encode() + b"\n"),
)


@pytest.fixture(scope="module")
def key_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("keys") / "key4.db"
    homes.make_key_store(path, "")
    return path.read_bytes()


def lay_out(folder: Path, key_store: bytes, *contents: bytes | None) -> dict[str, bytes]:
    (folder / "key4.db").write_bytes(key_store)
    for name, content in zip(("prefs.js", "logins.json", "cert_override.txt"), contents, strict=True):
        if content is not None:
            (folder / name).write_bytes(content)
    return homes.files(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prefs=any_prefs, saved=any_logins, pins=any_pins)
def test_undo_gives_back_any_profile_byte_by_byte(
    key_store: bytes, prefs: bytes, saved: bytes | None, pins: bytes | None
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = lay_out(folder, key_store, prefs, saved, pins)
        try:
            change = apply(folder)
        except Refused:
            assert homes.files(folder) == before  # damaged, or the account is there already: nothing was written
            return
        assert thunderbird_prefs.has_account((folder / "prefs.js").read_bytes().decode(errors="replace"), SETUP)
        PROGRAM.undo(change)
        journal.forget(change)
        assert homes.files(folder) == before
        assert list((folder / "backups").iterdir()) == []


@settings(max_examples=15, deadline=None)
@given(content=lines, old=st.booleans(), pins=st.booleans())
def test_what_was_changed_in_between_stays(key_store: bytes, content: list[str], old: bool, pins: bool) -> None:
    """All three files changed by the program itself: what it added is there after the undo, and all that was before."""
    own_pin = b"example.org:993:\tOID\tAA\t\n"
    left = saved_password("imap://127.0.0.1", SETUP.username) if old else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = "".join(line + "\n" for line in content).encode()
        before = lay_out(folder, key_store, text, left, own_pin if pins else None)
        change = apply(folder)
        for file, more in (("prefs.js", b'user_pref("a.b", 1);\n'), ("cert_override.txt", b"b.org:1:\tOID\tDD\t\n")):
            (folder / file).write_bytes((folder / file).read_bytes() + more)
        stored = thunderbird_logins.add_logins(
            (folder / "logins.json").read_bytes(), ["https://new"], "me", Secret("new"), KEY
        )
        (folder / "logins.json").write_bytes(stored.content)
        PROGRAM.undo(change)
        after = homes.files(folder)
        assert after["prefs.js"] == before["prefs.js"] + b'user_pref("a.b", 1);\n'
        assert after["cert_override.txt"].endswith((own_pin if pins else b"") + b"b.org:1:\tOID\tDD\t\n")
        assert b"127.0.0.1" not in after["cert_override.txt"]
        kept = [entry["guid"] for entry in json.loads(after["logins.json"])["logins"]]
        was = [entry["guid"] for entry in json.loads(left)["logins"]] if left else []
        assert kept == [*was, *stored.guids]


own_names = st.sampled_from(
    ["a.b", "mail.server.server1.hostname", "mail.identity.id1.useremail", "mail.accountmanager.defaultaccount"]
)


@settings(max_examples=40, deadline=None)
@given(
    changes=st.dictionaries(own_names, st.one_of(st.none(), st.integers(0, 9), st.sampled_from(["account1", "x y"]))),
    below=st.dictionaries(
        st.sampled_from(["directory-rel", "serverIDResponse", "port"]),
        st.sampled_from(["[ProfD]ImapMail/127.0.0.1", 7]),
    ),
    another=st.booleans(),
    eol=st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_program_wrote_anew_in_between_is_kept_apart_from_ours(
    changes: dict[str, thunderbird_prefs.Value | None],
    below: dict[str, thunderbird_prefs.Value],
    another: bool,
    eol: str,
) -> None:
    """Thunderbird writes its whole file anew, sorted. The person's preferences were set, changed and removed in it, one
    more account was added, and the program has noted this and that about ours."""
    before = FOREIGN.replace("\n", eol)
    text, record = thunderbird_prefs.add_account(before, SETUP)
    expected = thunderbird_prefs.values(before)
    for name, value in changes.items():
        expected.pop(name, None)
        text = thunderbird_prefs.remove(text, [name])
        if value is not None:
            expected[name] = value
            text = thunderbird_prefs.set_value(text, name, value)
    for name, value in below.items():
        text = thunderbird_prefs.set_value(text, f"mail.server.{record['server']}.{name}", value)
    if another:
        theirs = {
            "mail.account.account7.server": "server7",
            "mail.account.account7.identities": "id7",
            "mail.identity.id7.useremail": "new@example.org",
            "mail.server.server7.hostname": "127.0.0.1",
        }
        for name, value in theirs.items():
            text = thunderbird_prefs.set_value(text, name, value)
        listed = str(thunderbird_prefs.values(text)["mail.accountmanager.accounts"])
        text = thunderbird_prefs.set_value(text, "mail.accountmanager.accounts", f"{listed},account7")
        expected |= {**theirs, "mail.accountmanager.accounts": "account1,account7"}
    head, *rest = text.splitlines(keepends=True)
    text = head + "".join(sorted(rest))
    assert thunderbird_prefs.values(thunderbird_prefs.remove_account(text, record)) == expected


def test_keys_that_were_given_to_something_else_are_left_alone() -> None:
    """Our account was removed in Thunderbird, which has then used its numbers for another one."""
    text, record = thunderbird_prefs.add_account(FOREIGN, SETUP)
    gone = thunderbird_prefs.remove_account(text, record)
    theirs = {
        "mail.account.account3.server": record["server"],
        "mail.account.account3.identities": record["identities"][0],
        f"mail.server.{record['server']}.hostname": "imap.example.org",
        f"mail.identity.{record['identities'][0]}.useremail": "new@example.org",
        f"mail.smtpserver.{record['smtp']}.username": "new",
        "mail.smtpservers": f"smtp1,{record['smtp']}",
        "mail.accountmanager.accounts": "account1,account3",
    }
    for name, value in theirs.items():
        gone = thunderbird_prefs.set_value(gone, name, value)
    assert thunderbird_prefs.remove_account(gone, record) == gone


def test_another_account_stays_as_it_is() -> None:
    after, record = thunderbird_prefs.add_account(FOREIGN, SETUP)
    found = thunderbird_prefs.values(after)
    assert found["mail.accountmanager.accounts"] == "account1,account2"
    assert found["mail.accountmanager.defaultaccount"] == "account1"
    assert found["mail.identity.id2.fullName"] == 'Anna "A" Müller'
    assert record["identities"] == ["id2", "id3"]


def test_the_count_of_accounts_goes_along_and_comes_back() -> None:
    """Thunderbird gives a new account the number after it, even one that is taken."""
    before = FOREIGN + 'user_pref("mail.account.lastKey", 1);\n'
    after, record = thunderbird_prefs.add_account(before, SETUP)
    assert thunderbird_prefs.values(after)["mail.account.lastKey"] == 2
    assert thunderbird_prefs.remove_account(after, record) == before
    since = thunderbird_prefs.set_value(after, "mail.account.lastKey", 3)
    assert thunderbird_prefs.values(thunderbird_prefs.remove_account(since, record))["mail.account.lastKey"] == 3


def test_the_same_account_twice_is_refused() -> None:
    after, _ = thunderbird_prefs.add_account(FOREIGN, SETUP)
    with pytest.raises(Refused, match="has the account"):
        thunderbird_prefs.add_account(after, SETUP)


@pytest.mark.parametrize("failing", [1, 2])
def test_an_apply_that_fails_leaves_nothing(profile: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    real, count = journal.put, 0

    def write(path: Path, content: bytes | None) -> None:
        nonlocal count
        if path.parent == profile:
            count += 1
            if count == failing:
                raise OSError("the disk is full")
        real(path, content)

    monkeypatch.setattr(journal, "put", write)
    with pytest.raises(OSError, match="full"):
        apply(profile)
    assert (profile / "prefs.js").read_text() == FOREIGN
    assert not (profile / "cert_override.txt").exists()
    assert journal.changes_of(profile / "backups") == ()


def test_what_a_crash_left_half_done_is_put_back(profile: Path) -> None:
    change = apply(profile)
    (profile / "prefs.js").write_text(FOREIGN)
    PROGRAM.undo(replace(change, stage=Stage.WRITING))
    assert (profile / "prefs.js").read_text() == FOREIGN
    assert not (profile / "cert_override.txt").exists()


def test_a_link_is_not_followed(profile: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (profile / "cert_override.txt").symlink_to(outside)
    with pytest.raises(Refused, match="link"):
        apply(profile)
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("key", [Secret(bytes(range(32))), Secret(bytes(range(24)))])
def test_logins_are_added_and_removed(key: Secret[bytes]) -> None:
    login_key = thunderbird_logins.LoginKey(key, triple_des=len(key.reveal()) == 24)
    stored = thunderbird_logins.add_logins(None, ["imap://127.0.0.1"], "anna", Secret("sesame"), login_key)
    (entry,) = json.loads(stored.content)["logins"]
    assert thunderbird_logins.unseal(entry["encryptedPassword"], login_key) == "sesame"
    assert b"sesame" not in stored.content
    assert json.loads(thunderbird_logins.remove_logins(stored.content, stored.guids))["logins"] == []


def test_a_login_that_was_left_behind_is_replaced_and_comes_back() -> None:
    key = thunderbird_logins.LoginKey(Secret(bytes(range(32))))
    origin = ["imap://127.0.0.1"]
    before = thunderbird_logins.add_logins(None, origin, "anna", Secret("old"), key).content
    stored = thunderbird_logins.add_logins(before, origin, "anna", Secret("new"), key)
    (entry,) = json.loads(stored.content)["logins"]
    assert thunderbird_logins.unseal(entry["encryptedPassword"], key) == "new"
    after = thunderbird_logins.remove_logins(stored.content, stored.guids, stored.replaced)
    assert json.loads(after)["logins"] == json.loads(before)["logins"]


def test_the_installs_own_profile_is_found(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "profiles.ini").write_text(
        "[Profile0]\nName=a\nIsRelative=1\nPath=one\nDefault=1\n[Profile1]\nName=b\nIsRelative=1\nPath=two\n"
    )
    assert thunderbird_profiles.chosen_profiles(tmp_path) == [tmp_path / "one"]
    (tmp_path / "installs.ini").write_text("[ABC]\nDefault=two\nLocked=1\n")
    assert thunderbird_profiles.chosen_profiles(tmp_path) == [tmp_path / "two"]
