"""Token life with a clock in hand."""

from __future__ import annotations

import pytest

from bridge_gui.demo.errors import ApiError
from bridge_gui.demo.sessions import LOCKED, Session, Sessions


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def check(sessions: Sessions, session: Session) -> Session:
    return sessions.check(session.uid, f"Bearer {session.access_token}")


def test_an_access_token_lives_its_time() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    sessions.access_life = 60
    session = sessions.open(1, two_factor=False)
    clock.now += 59
    assert check(sessions, session) is session
    clock.now += 1
    with pytest.raises(ApiError) as refused:
        check(sessions, session)
    assert (refused.value.status, refused.value.empty) == (401, True)
    sessions.refresh(session.uid, session.refresh_token)
    assert check(sessions, session) is session


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic {token}", "{token}"])
def test_other_authorisations_are_refused(authorization: str) -> None:
    sessions = Sessions(Clock())
    session = sessions.open(1, two_factor=False)
    with pytest.raises(ApiError):
        sessions.check(session.uid, authorization.format(token=session.access_token))
    with pytest.raises(ApiError):
        sessions.check("other", f"Bearer {session.access_token}")


def test_scopes() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    session = sessions.open(1, two_factor=False)
    sessions.scoped(session, LOCKED)
    clock.now += sessions.locked_life
    with pytest.raises(ApiError) as refused:
        sessions.scoped(session, LOCKED)
    assert refused.value.details == {"MissingScopes": ["locked"]}
    sessions.scoped(session, "full")
    with pytest.raises(ApiError):
        sessions.scoped(sessions.open(1, two_factor=True), "full")


def test_ending_sessions_of_one_account() -> None:
    sessions = Sessions(Clock())
    first, second, other = (sessions.open(n, two_factor=False) for n in (1, 1, 2))
    sessions.close_all(1, keep=second.uid)
    assert {each.uid for each in sessions.all()} == {second.uid, other.uid}
    with pytest.raises(ApiError):
        sessions.refresh(first.uid, first.refresh_token)


def test_a_session_that_is_refused_is_so_after_each_refresh_and_another_is_not() -> None:
    sessions = Sessions(Clock())
    refused, other = (sessions.open(number, two_factor=False) for number in (1, 2))
    sessions.refuse(1)
    sessions.refresh(refused.uid, refused.refresh_token)
    with pytest.raises(ApiError):
        check(sessions, refused)
    assert check(sessions, other) is other
    again = sessions.open(1, two_factor=False)
    assert check(sessions, again) is again


def test_a_narrow_session_lacks_the_scope_for_everything() -> None:
    sessions = Sessions(Clock())
    session = sessions.open(1, two_factor=False)
    sessions.narrow(1)
    assert check(sessions, session) is session
    with pytest.raises(ApiError) as refused:
        sessions.scoped(session, "full")
    assert refused.value.details == {"MissingScopes": ["full"]}
