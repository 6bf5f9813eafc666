"""Refusals in the service's form (API document 1.3, 1.4)."""

from __future__ import annotations

INVALID_VALUE = 2001
NOT_ALLOWED = 2011
ALREADY_EXISTS = 2500
NOT_FOUND = 2501
APP_VERSION_MISSING = 5001
APP_VERSION_BAD = 5003
WRONG_PASSWORD = 8002
MUST_USE_SSO = 8100
HUMAN_VERIFICATION = 9001
ACCOUNT_DISABLED = 10003
PAID_PLAN_REQUIRED = 10004
REFRESH_TOKEN_INVALID = 10013
HUMAN_TOKEN_INVALID = 12087
USER_RESTRICTED = 12100
KEY_ADDRESS_MISSING = 33102
KEY_EXTERNAL = 33103


class ApiError(Exception):
    """A refusal: HTTP status, code, text for people, and raw details; `empty` sends no body at all."""

    def __init__(
        self,
        status: int,
        code: int = 0,
        text: str = "",
        details: object = None,
        *,
        empty: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.details = details
        self.empty = empty
        self.headers = headers or {}

    def wire(self) -> dict[str, object]:
        return {"Code": self.code, "Error": self.text, "Details": self.details if self.details is not None else {}}
