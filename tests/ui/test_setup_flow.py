"""The wizard's steps and sentences, without Qt's widgets."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bridge_gui.model import Access, ClientId
from bridge_gui.state import SetupPhase
from bridge_gui.ui.setup import flow, sentences
from bridge_gui.ui.setup.flow import ALL, Answers, Step, Task
from bridge_gui.ui.theme import Tone
from tests.ui import setups
from tests.ui.snapshots import ANNA, NOW

TWO = ("anna@bridge.example", "anna.berg@bridge.example")
END = (Step.WORK, Step.SIGN_IN)


@pytest.mark.parametrize(
    ("answers", "choice", "steps"),
    [
        (Answers(), (), (Step.PROGRAM,)),
        (Answers(program=setups.THUNDERBIRD), (), (Step.PROGRAM, Step.ACCESS, Step.PLAN, *END)),
        (Answers(program=setups.THUNDERBIRD), TWO, (Step.PROGRAM, Step.ADDRESS, Step.ACCESS, Step.PLAN, *END)),
        (Answers(program=setups.OUTLOOK), (), (Step.PROGRAM, Step.PLAN, *END)),
        (Answers(program=setups.EVOLUTION), (), (Step.PROGRAM, Step.ACCESS, Step.PLAN, *END)),
        (Answers(program=setups.NEW_OUTLOOK), TWO, (Step.PROGRAM, Step.WHY_NOT)),
        (Answers(program=setups.THERE), TWO, (Step.PROGRAM, Step.AGAIN, *END)),
        (Answers(Task.REPAIR, clients=(ClientId("c1"),)), (), END),
        (Answers(Task.UNDO, clients=(ClientId("c1"),)), (), (Step.WORK, Step.LEFT)),
    ],
)
def test_path(answers: Answers, choice: tuple[str, ...], steps: tuple[Step, ...]) -> None:
    assert flow.path(answers, choice) == steps
    assert [flow.following(step, answers, choice) for step in steps] == [*steps[1:], None]
    for step, before in zip(steps[1:], steps, strict=False):
        back = None if step in (*END, Step.LEFT) else before
        assert flow.previous(step, answers, choice) is back


def test_a_guided_program_can_be_set_up_a_second_time() -> None:
    again = replace(setups.EVOLUTION, clients=(ClientId("c1"),))
    assert Step.PLAN in flow.path(Answers(program=again), ())


def test_another_program_keeps_the_answers_that_fit() -> None:
    answers = flow.chosen(Answers(access=Access.SEND_ONLY, address=ALL), setups.THUNDERBIRD)
    assert (answers.access, answers.address) == (Access.FULL, ALL)
    answers = flow.chosen(replace(answers, access=Access.READ_ONLY), setups.EVOLUTION)
    assert (answers.access, answers.address) == (Access.READ_ONLY, None)


def test_steps_are_left_only_with_an_answer() -> None:
    assert not flow.is_answered(Step.PROGRAM, Answers())
    assert not flow.is_answered(Step.ADDRESS, Answers(program=setups.EVOLUTION))
    assert flow.is_answered(Step.ADDRESS, Answers(address=ALL))
    assert not flow.is_answered(Step.WHY_NOT, Answers(program=setups.PHONE))


def test_addresses_are_a_choice_only_when_they_are_split() -> None:
    assert flow.addresses(ANNA) == ()
    assert flow.addresses(setups.SPLIT) == TWO


def test_programs_of_this_computer_come_first_and_another_one_last() -> None:
    here, others = flow.groups(setups.FOUND)
    assert here.programs == (
        setups.THUNDERBIRD,
        setups.RUNNING,
        setups.EVOLUTION,
        setups.MBSYNC,
        setups.NEW_OUTLOOK,
    )
    assert others.programs == (setups.KMAIL, setups.PHONE, setups.ANY)
    assert [group.here for group in flow.groups((setups.ANY,))] == [False]


@pytest.mark.parametrize(
    ("progress", "done", "used"),
    [
        ((), False, False),
        ((setups.WAITING,), False, False),
        ((setups.SIGNED_IN,), True, True),
        ((setups.SIGNED_IN, setups.WAITING), False, True),
    ],
)
def test_signed_in(progress: tuple[setups.SetupProgress, ...], done: bool, used: bool) -> None:
    assert (flow.has_signed_in(progress), flow.was_used(progress)) == (done, used)


# ---------------------------------------------------------------------------------------------- sentences


def clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def test_what_is_said_of_a_sign_in() -> None:
    assert sentences.sign_in_line(setups.WAITING, "Thunderbird").text == "Waiting for Thunderbird to sign in…"
    line = sentences.sign_in_line(setups.SIGNED_IN, "Thunderbird")
    assert line.text == f"Thunderbird 153.7 signed in to IMAP at {clock(NOW)}, sent nothing yet."
    assert line.tone is Tone.GOOD
    listed = sentences.sign_in_line(replace(setups.SIGNED_IN, folders=22), "Thunderbird")
    assert listed.text == f"{line.text} It listed 22 folders."
    opened = sentences.sign_in_line(replace(setups.SIGNED_IN, folders=22, messages=1), "Thunderbird")
    assert opened.text == f"{line.text} It listed 22 folders; INBOX has 1 message."
    both = sentences.sign_in_line(replace(setups.SIGNED_IN, smtp_at=NOW + 60), "Thunderbird")
    assert both.text == f"Thunderbird 153.7 signed in to IMAP at {clock(NOW)} and to SMTP at {clock(NOW + 60)}."
    sent = sentences.sign_in_line(replace(setups.WAITING, smtp_at=NOW), "msmtp")
    assert sent.text == f"msmtp signed in to SMTP at {clock(NOW)}, read nothing yet."
    assert sent.tone is Tone.BUSY


def test_an_old_password_is_named_with_its_time() -> None:
    client = replace(setups.CLIENT, last_failure=NOW)
    said = sentences.refused_line(client, setups.SILENT, "Thunderbird")
    assert said == f"• Thunderbird tried with an old password at {clock(NOW)}."
    before = replace(client, last_failure=NOW - 500)
    assert sentences.refused_line(before, setups.SILENT, "Thunderbird") == ""
    assert sentences.refused_line(None, setups.SILENT, "Thunderbird") == ""


def test_what_is_said_while_it_is_written() -> None:
    progress = replace(setups.WAITING, client=None, phase=SetupPhase.PREPARING)
    said = sentences.work_line((progress,), "thunderbird", False, "Thunderbird", Task.SET_UP).text
    assert "without a window" in said
    said = sentences.work_line((), "thunderbird", True, "Thunderbird", Task.UNDO).text
    assert said == "Close Thunderbird so that it can be taken back. It goes on by itself."


def test_only_findings_that_matter_are_shown() -> None:
    helps = sentences.what_may_help(setups.CHECKS, "anna")
    assert helps == ("• SMTP does not listen. Choose another port in the settings.",)


def test_what_is_said_of_a_program() -> None:
    note = sentences.program_note(setups.THUNDERBIRD)
    assert note == "default-esr · set up by itself · anna@work.example, anna@home.example and 1 more"
    assert sentences.program_note(setups.EVOLUTION) == "guided, step by step"
    assert sentences.program_note(setups.OUTLOOK) == "guided, not tried with the real program yet"
    assert sentences.program_note(setups.RUNNING).endswith("· running")
    assert sentences.program_note(setups.PHONE) == "cannot be set up"
    assert "set up already" in sentences.program_note(setups.THERE)


def test_unproven_is_said_before_anything_is_done() -> None:
    for program in (setups.APPLE, setups.OUTLOOK, setups.EVOLUTION):
        _, text = sentences.heading(Step.PLAN, Answers(program=program), program.name, False, False)
        assert "not tried with the real program" in text
    _, text = sentences.heading(Step.PLAN, Answers(program=setups.THUNDERBIRD), "Thunderbird", False, False)
    assert "not tried" not in text


def test_a_person_who_follows_steps_is_given_more_time() -> None:
    assert flow.trouble(setups.SILENT, False, NOW) == setups.SILENT.problem
    assert flow.trouble(setups.SILENT, True, NOW) is None
    assert flow.trouble(setups.SILENT, True, NOW + 300) == setups.SILENT.problem
    assert flow.trouble(setups.REFUSED, True, NOW) == setups.REFUSED.problem
