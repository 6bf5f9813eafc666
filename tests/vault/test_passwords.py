from __future__ import annotations

import re

import pytest

from bridge_gui.model import Access, AccountId
from bridge_gui.secret import Secret
from bridge_gui.vault import passwords
from bridge_gui.vault.records import ClientRecord


def program(label: str) -> ClientRecord:
    return ClientRecord(
        passwords.new_client_id(),
        label,
        AccountId("u"),
        "other",
        Access.FULL,
        "a@proton.test",
        passwords.new_password(),
        0.0,
    )


def test_passwords_have_the_promised_form_and_differ() -> None:
    made = {passwords.new_password().reveal() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", text) for text in made)
    assert len({passwords.decode(text) for text in made}) == 200


def test_a_password_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([b"\xf8" + bytes(15), b"\xfb" + bytes(15), bytes(16)])  # in base64url: -AAA..., -wAA..., AAAA...
    monkeypatch.setattr(passwords.secrets, "token_bytes", lambda _: next(drawn))
    assert passwords.new_password().reveal() == "A" * 22


@pytest.mark.parametrize(
    "text",
    ["", "A" * 21, "A" * 23, "A" * 21 + "+", "A" * 21 + "/", "A" * 21 + "=", "пароль" * 4, "A" * 20 + "==", "A\0" * 11],
)
def test_what_is_not_one_of_ours_in_form_is_simply_wrong(text: str) -> None:
    assert passwords.decode(text) is None
    assert passwords.find([program("x")], Secret(text)) is None


def test_each_password_finds_its_own_program() -> None:
    programs = [program(str(number)) for number in range(20)]
    for record in programs:
        assert passwords.find(programs, record.password) == passwords.Match(record)
    assert passwords.find(programs, passwords.new_password()) is None
    assert passwords.find([], programs[0].password) is None


def test_spaces_pasted_around_a_password_do_not_count() -> None:
    record = program("x")
    assert passwords.find([record], Secret(f" {record.password.reveal()}\n")) == passwords.Match(record)


def test_a_former_password_is_recognised_but_never_for_long() -> None:
    record = program("x")
    old = [record.password]
    for _ in range(4):
        record = passwords.renewed(record)
        old.append(record.password)
    assert passwords.find([record], old[-1]) == passwords.Match(record)
    for password in old[1:-1]:
        assert passwords.find([record], password) == passwords.Match(record, former=True)
    assert passwords.find([record], old[0]) is None
    assert all(old[1].reveal().encode() not in kept.reveal() for kept in record.former)
