"""The service's answers that are not a success, each as one of our errors (API document 1.4).

    ServiceError                     in `bridge_gui.errors`
    ├── Malformed                    an answer that cannot be read: cut short, not JSON, a field of the wrong type
    ├── LimitExceeded                refused here, before anything was sent: too big for the service
    ├── SrpError                     the sign-in's arithmetic does not hold: wrong modulus, ephemeral or server proof
    └── ApiError                     status, api_code, text, details
        ├── InvalidInput             2000-2999: the request's content is refused
        │   ├── Conflict             409, 2500: exists already
        │   └── Gone                 2501, 404, other 422: not there (any more), or not allowed
        ├── WrongCredentials         8002, 6003: wrong password, code or proof
        ├── SignedOut                10013, a refused refresh: the session has ended
        ├── SessionExpired           401 after the refresh, 8004, 8005
        ├── ScopeMissing             403 with MissingScopes: the session may not do this
        ├── UpdateForced             5003: this version is not accepted any more
        ├── VersionMissing           5001: a mistake of ours
        ├── HumanCheckNeeded         9001: with token and methods
        ├── HumanCheckRefused        12087
        ├── DeviceCheckNeeded        9002: a proof of work that we do not offer
        ├── SsoAccount               8100     SrpAccount   8101
        ├── AccountDisabled          10003    AccountRestricted  12100
        ├── PaidPlanNeeded           10004
        ├── RecipientKeysError       33101-33104
        ├── Throttled                429, 503
        └── ServerTrouble            other 5xx
    Unreachable                      in `bridge_gui.errors`
    ├── Offline                      no answer: no network, DNS, refused, cut, time-out
    └── Untrusted                    the connection is not to Proton: certificate or pin does not fit

`transient` sorts them for those who retry: the same request may succeed later, and no item is to blame.
"""

from __future__ import annotations

import urllib.parse
from typing import Any, ClassVar

from bridge_gui.errors import ServiceError, Unreachable


class Offline(Unreachable):
    """No answer arrived. `sent` is False when the connection never stood, so nothing can have happened."""

    def __init__(self, message: str = "", *, sent: bool = True) -> None:
        super().__init__(message or "No answer came from Proton.")
        self.sent = sent


class Untrusted(Unreachable):
    code = "untrusted"
    default_title = "No secure connection to Proton"
    default_remedy = (
        "Something between this computer and Proton answers in its place, such as a proxy, a virus scanner or a "
        "hotel's sign-in page. Try another network."
    )


class Malformed(ServiceError):
    """Retried like a failing server: an answer that was cut short looks the same (API document 5.3)."""

    code = "service-malformed"
    default_title = "Proton's answer cannot be read"
    default_message: ClassVar[str] = "The answer is not what Proton would send."
    default_remedy = "Bridge Manager tries again by itself."


class LimitExceeded(ServiceError):
    code = "limit"
    default_title = "Too large for Proton"


class SrpError(ServiceError):
    code = "srp"
    default_title = "The server could not prove that it is Proton"
    default_remedy = "Nothing was signed in. Try another network, or check the address of the service in the settings."


class ApiError(ServiceError):
    """The service's own error. `text` is what it says for people; `details` is kept as it came."""

    def __init__(
        self, status: int, api_code: int = 0, text: str = "", details: Any = None, *, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.api_code = api_code
        self.text = text
        self.details = details
        self.retry_after = retry_after
        super().__init__(text or self.default_message or f"Proton answered with status {status}.")

    default_message: ClassVar[str] = ""

    @property
    def technical(self) -> str:
        """The line for Details: numbers only."""
        return f"HTTP {self.status}, code {self.api_code}"


class InvalidInput(ApiError):
    code = "refused-input"
    default_title = "Proton refused this"


class Conflict(InvalidInput):
    code = "exists"
    default_title = "It exists already"
    default_message = "Something of this name exists already."
    default_remedy = "Choose another name."


class Gone(InvalidInput):
    code = "gone"
    default_title = "It is not there any more"
    default_message = "Proton does not have it, or does not allow it."


class WrongCredentials(ApiError):
    code = "wrong-credentials"
    default_title = "Wrong user name or password"
    default_message = "Proton does not accept this user name and password."
    default_remedy = "Check both, also upper and lower case, and try again."


class SignedOut(ApiError):
    code = "signed-out"
    default_title = "Signed out"
    default_message = "Proton has ended this session."
    default_remedy = "Sign in again. The mail on this computer is kept."


class SessionExpired(ApiError):
    """Told only of tokens that are refused right after they were renewed."""

    code = "session-expired"
    default_title = "Proton refuses this session"
    default_message = "It was renewed, and is refused all the same."
    default_remedy = "If this stays so, sign in again. The mail on this computer is kept."


class ScopeMissing(ApiError):
    code = "scope"
    default_title = "Proton asks for a new sign-in"
    default_message = "This session may not do what is needed."
    default_remedy = "Sign in again. The mail on this computer is kept."

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(str(each) for each in _list(_get(self.details, "MissingScopes")))


class UpdateForced(ApiError):
    code = "update-forced"
    default_title = "This version is no longer accepted"
    default_message = "Proton does not accept this version of Bridge Manager any more."
    default_remedy = "Update Bridge Manager, or change the application version in the settings."


class VersionMissing(ApiError):
    code = "version-missing"
    default_title = "The application version is missing"
    default_message = "The request named no application version."
    default_remedy = "Set the application version in the settings."


class HumanCheckNeeded(ApiError):
    """The service wants to see a person (API document 2.6): after a visit to `url`, repeat with `headers`."""

    code = "human-check"
    default_title = "Proton wants to know that you are human"
    default_remedy = "Open the page in the browser, solve the task there, and go on here."

    @property
    def token(self) -> str:
        return str(_get(self.details, "HumanVerificationToken") or "")

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(str(each) for each in _list(_get(self.details, "HumanVerificationMethods")))

    @property
    def url(self) -> str:
        """The page to open. The service's own proposal is for apps that embed it; only a service on this computer,
        whose checks Proton's page cannot know, is taken at its word."""
        given = _get(self.details, "WebUrl")
        if isinstance(given, str) and given.startswith("http://") and _is_here(given):
            return given
        query = urllib.parse.urlencode({"methods": ",".join(self.methods), "token": self.token})
        return f"https://verify.proton.me/?{query}"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return (
            ("x-pm-human-verification-token", self.token),
            ("x-pm-human-verification-token-type", ",".join(self.methods)),
        )


class HumanCheckRefused(ApiError):
    code = "human-check-refused"
    default_title = "The check was not accepted"
    default_message = "Proton did not accept the check in the browser."
    default_remedy = "Sign in once more and solve the new task."


class DeviceCheckNeeded(ApiError):
    code = "device-check"
    default_title = "Proton asks for a check of this device"
    default_message = "Proton asks for a check that only its own apps can answer."
    default_remedy = "Sign in at proton.me with a browser from this network, wait a while, then try again here."


class SsoAccount(ApiError):
    code = "sso"
    default_title = "This account signs in through its organisation"
    default_message = "Accounts with single sign-on cannot be used with a bridge."
    default_remedy = "Use an account with a Proton password."


class SrpAccount(ApiError):
    code = "not-sso"
    default_title = "This account has a password of its own"
    default_message = "Proton asks to sign in with the account's password."
    default_remedy = "Sign in with user name and password."


class AccountDisabled(ApiError):
    code = "account-disabled"
    default_title = "This account is disabled"
    default_message = "Proton has disabled this account."
    default_remedy = "Sign in at proton.me to see why, or ask Proton's support."


class AccountRestricted(ApiError):
    code = "account-restricted"
    default_title = "This account is restricted"
    default_message = "Proton has restricted this account."
    default_remedy = "Sign in at proton.me to see why, or ask Proton's support."


class PaidPlanNeeded(ApiError):
    code = "paid-plan"
    default_title = "This needs a paid plan"
    default_message = "Proton allows a bridge only for accounts with a paid mail plan."
    default_remedy = "Choose a paid plan at proton.me, then sign in again."


class RecipientKeysError(ApiError):
    code = "recipient-keys"
    default_title = "The recipient's key cannot be had"

    @property
    def external(self) -> bool:
        """33103: an address outside Proton whose domain offers no keys; it is written to in clear."""
        return self.api_code == 33103


class Throttled(ApiError):
    code = "throttled"
    default_title = "Proton asks to wait"
    default_message = "Proton received too many requests, or is overloaded."
    default_remedy = "Bridge Manager tries again by itself. Signing in: wait some minutes, then try again."


class ServerTrouble(ApiError):
    code = "server-trouble"
    default_title = "Proton has trouble"
    default_message = "Proton's server failed."
    default_remedy = "Bridge Manager tries again by itself."


_BY_CODE: dict[int, type[ApiError]] = {
    2500: Conflict,
    2501: Gone,
    5001: VersionMissing,
    5003: UpdateForced,
    6003: WrongCredentials,
    8002: WrongCredentials,
    8003: SessionExpired,
    8004: SessionExpired,
    8005: SessionExpired,
    8100: SsoAccount,
    8101: SrpAccount,
    9001: HumanCheckNeeded,
    9002: DeviceCheckNeeded,
    10003: AccountDisabled,
    10004: PaidPlanNeeded,
    10013: SignedOut,
    12087: HumanCheckRefused,
    12100: AccountRestricted,
    33101: RecipientKeysError,
    33102: RecipientKeysError,
    33103: RecipientKeysError,
    33104: RecipientKeysError,
}


def api_error(
    status: int, api_code: int = 0, text: str = "", details: Any = None, *, retry_after: float | None = None
) -> ApiError:
    """Make the error for an answer. The code decides, as statuses differ between servers; then the status."""
    kind = _BY_CODE.get(api_code) or _by_status(status, api_code, details)
    return kind(status, api_code, text, details, retry_after=retry_after)


def _by_status(status: int, api_code: int, details: Any) -> type[ApiError]:
    if status in (429, 503):
        return Throttled
    if status >= 500:
        return ServerTrouble
    if status == 401:
        return SessionExpired
    if status == 403 and _get(details, "MissingScopes") is not None:
        return ScopeMissing
    if status == 409:
        return Conflict
    if 2000 <= api_code <= 2999:
        return InvalidInput
    if status in (404, 410, 422):
        return Gone
    return ApiError


def transient(error: BaseException) -> bool:
    """Say whether the same request may succeed later: nothing is wrong with what was asked (API document 5.3).

    A bare 401 that follows a refresh is strange, and no proof that the session has ended: only the refresh can say so.
    """
    if isinstance(error, SessionExpired):
        return error.status == 401 and error.api_code == 0
    return isinstance(error, Unreachable | Malformed | Throttled | ServerTrouble)


def item_error(api_code: int, text: str) -> ApiError:
    """The error of one item inside an answer of code 1001, which carries no status of its own."""
    return api_error(422, api_code, text)


def _is_here(url: str) -> bool:
    return urllib.parse.urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")


def _get(details: Any, key: str) -> Any:
    if not isinstance(details, dict):
        return None
    if key in details:
        return details[key]
    return next((value for name, value in details.items() if str(name).lower() == key.lower()), None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
