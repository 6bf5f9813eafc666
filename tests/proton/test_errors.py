"""Every row of the service's error table has its kind."""

from __future__ import annotations

import pytest

from bridge_gui.errors import BridgeError, ServiceError, Unreachable
from bridge_gui.proton import errors
from bridge_gui.proton.errors import api_error, transient

ROWS = [
    (400, 2001, errors.InvalidInput),
    (422, 2011, errors.InvalidInput),
    (422, 2500, errors.Conflict),
    (422, 2501, errors.Gone),
    (400, 5001, errors.VersionMissing),
    (400, 5003, errors.UpdateForced),
    (422, 6003, errors.WrongCredentials),
    (422, 8002, errors.WrongCredentials),
    (401, 8002, errors.WrongCredentials),
    (422, 8003, errors.SessionExpired),
    (422, 8004, errors.SessionExpired),
    (422, 8005, errors.SessionExpired),
    (422, 8100, errors.SsoAccount),
    (422, 8101, errors.SrpAccount),
    (422, 9001, errors.HumanCheckNeeded),
    (422, 9002, errors.DeviceCheckNeeded),
    (422, 10003, errors.AccountDisabled),
    (422, 10004, errors.PaidPlanNeeded),
    (400, 10013, errors.SignedOut),
    (422, 10013, errors.SignedOut),
    (422, 12087, errors.HumanCheckRefused),
    (422, 12100, errors.AccountRestricted),
    (422, 33101, errors.RecipientKeysError),
    (422, 33102, errors.RecipientKeysError),
    (422, 33103, errors.RecipientKeysError),
    (422, 33104, errors.RecipientKeysError),
    (401, 0, errors.SessionExpired),
    (409, 0, errors.Conflict),
    (422, 15052, errors.Gone),
    (404, 0, errors.Gone),
    (429, 85131, errors.Throttled),
    (503, 0, errors.Throttled),
    (500, 0, errors.ServerTrouble),
    (502, 0, errors.ServerTrouble),
    (403, 0, errors.ApiError),
    (418, 0, errors.ApiError),
]


@pytest.mark.parametrize(("status", "code", "kind"), ROWS)
def test_row_of_the_table(status: int, code: int, kind: type[errors.ApiError]) -> None:
    error = api_error(status, code, "What the service says")
    assert type(error) is kind
    assert (error.status, error.api_code, error.text) == (status, code, "What the service says")
    assert error.technical == f"HTTP {status}, code {code}"


def test_403_with_missing_scopes_names_them() -> None:
    error = api_error(403, 9101, "Access denied", {"MissingScopes": ["locked"]})
    assert isinstance(error, errors.ScopeMissing)
    assert error.missing == ("locked",)


def test_only_passing_trouble_is_transient() -> None:
    lasting = {errors.InvalidInput, errors.SignedOut, errors.UpdateForced, errors.WrongCredentials, errors.Gone}
    for status, code, kind in ROWS:
        passing = kind in (errors.Throttled, errors.ServerTrouble) or (status, code) == (401, 0)
        assert transient(api_error(status, code)) == passing, kind
        assert not (kind in lasting and transient(api_error(status, code)))
    assert transient(errors.Offline())
    assert transient(errors.Malformed())
    assert not transient(ValueError())


def test_every_kind_can_be_shown_to_a_person() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BridgeError)]
    shown = [kind for kind in kinds if kind not in (BridgeError, ServiceError, Unreachable)]
    assert len(shown) > 20
    for kind in shown:
        error = kind(422) if issubclass(kind, errors.ApiError) else kind()
        assert error.title
        assert error.message


def test_human_check_gives_page_and_headers() -> None:
    details = {"HumanVerificationToken": "tok+en", "HumanVerificationMethods": ["captcha", "email"], "Title": "x"}
    error = api_error(422, 9001, "Human verification required", details)
    assert isinstance(error, errors.HumanCheckNeeded)
    assert error.url == "https://verify.proton.me/?methods=captcha%2Cemail&token=tok%2Ben"
    assert error.headers == (
        ("x-pm-human-verification-token", "tok+en"),
        ("x-pm-human-verification-token-type", "captcha,email"),
    )


@pytest.mark.parametrize(
    ("proposed", "opened"),
    [
        ("file:///etc/passwd", "https://verify.proton.me/?methods=&token=t"),
        ("https://elsewhere.example/?token=t", "https://verify.proton.me/?methods=&token=t"),
        ("http://127.0.0.1.elsewhere.example/", "https://verify.proton.me/?methods=&token=t"),
        ("http://127.0.0.1:8123/verify?token=t", "http://127.0.0.1:8123/verify?token=t"),
    ],
)
def test_human_check_opens_no_page_but_protons(proposed: str, opened: str) -> None:
    details = {"HumanVerificationToken": "t", "HumanVerificationMethods": None, "WebUrl": proposed}
    error = api_error(422, 9001, "", details)
    assert isinstance(error, errors.HumanCheckNeeded)
    assert error.url == opened


@pytest.mark.parametrize("details", [None, "text", [1], 7, {"HumanVerificationToken": 5}])
def test_details_of_any_shape_are_kept(details: object) -> None:
    error = api_error(422, 9001, "", details)
    assert isinstance(error, errors.HumanCheckNeeded)
    assert error.details == details
    assert error.methods == ()
    assert isinstance(error.token, str)


def test_external_domain_without_keys_is_told_apart() -> None:
    external, missing = api_error(422, 33103), api_error(422, 33102)
    assert isinstance(external, errors.RecipientKeysError)
    assert isinstance(missing, errors.RecipientKeysError)
    assert external.external
    assert not missing.external
