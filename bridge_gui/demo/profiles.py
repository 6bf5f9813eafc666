"""The demo's people: who they are, how they sign in, and what goes wrong for them.

User names say what each is for. The pass words are public on purpose: these accounts exist in this process only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge_gui.demo import errors

DOMAIN = "bridge.example"
Algorithm = Literal["ed25519", "rsa2048"]

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - the demo's published authenticator secret
MAILBOX_PASSWORD = "mailbox-demo"  # noqa: S105 - published as well


@dataclass(frozen=True, slots=True)
class AddressProfile:
    """One address of an account; `status` and `type` as in API document 3.2."""

    email: str
    display_name: str = ""
    status: int = 1
    type: int = 1
    send: bool = True
    receive: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that an account gives instead of signing in (or of refreshing its tokens)."""

    where: str
    """`info`, `auth` or `refresh`."""
    status: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as it is set up."""

    username: str
    password: str
    addresses: tuple[AddressProfile, ...]
    mailbox_password: str = ""
    """With a second password; empty when one opens everything."""
    totp_secret: str = ""
    security_key: bool = False
    auth_version: int = 4
    algorithm: Algorithm = "ed25519"
    legacy_keys: bool = False
    """Address keys carry no Token: they open with the mailbox password, as on old accounts."""
    raw_token: bool = False
    """The address key's passphrase is 32 arbitrary bytes instead of hex text."""
    human: str = ""
    """`solvable`: asks once whether a person is there; `never`: refuses every answer."""
    refusal: Refusal | None = None
    access_life: float | None = None
    """Seconds an access token of this account lives, when not the usual time."""
    corpus: str = ""
    """Which mail it starts with: `seeded`, `welcome` or nothing."""
    max_space: int = 15 * 2**30


def _simple(username: str, **more: object) -> Profile:
    name = username.replace("-", " ").title()
    addresses = (AddressProfile(f"{username}@{DOMAIN}", name),)
    return Profile(username, f"{username}-demo", addresses, corpus="welcome", **more)  # type: ignore[arg-type]


def _refused(username: str, where: str, status: int, code: int, text: str) -> Profile:
    return _simple(username, refusal=Refusal(where, status, code, text))


ANNA = Profile(
    "anna",
    "anna-demo",
    (
        AddressProfile(f"anna@{DOMAIN}", "Anna Lindqvist"),
        AddressProfile(f"anna.lindqvist@{DOMAIN}", "Anna Lindqvist", type=2),
        AddressProfile(f"old.anna@{DOMAIN}", "Anna (old)", status=0, type=2, send=False, receive=False),
    ),
    corpus="seeded",
)
BO = Profile("bo", "bo-demo", (AddressProfile(f"bo@{DOMAIN}", "Bo Nakamura"),), corpus="welcome")

PROFILES: tuple[Profile, ...] = (
    ANNA,
    BO,
    _simple("rsa", algorithm="rsa2048", legacy_keys=True),
    _simple("raw-token", raw_token=True),
    _simple("totp", totp_secret=TOTP_SECRET),
    _simple("two-passwords", mailbox_password=MAILBOX_PASSWORD),
    _simple("totp-two-passwords", totp_secret=TOTP_SECRET, mailbox_password=MAILBOX_PASSWORD),
    _simple("security-key", security_key=True),
    _simple("both-factors", security_key=True, totp_secret=TOTP_SECRET),
    _simple("human", human="solvable"),
    _simple("robot", human="never"),
    *(_simple(f"auth-version-{n}", auth_version=n) for n in range(4)),
    _refused("free", "auth", 422, errors.PAID_PLAN_REQUIRED, "Upgrade to a paid plan to use this app"),
    _refused("sso", "info", 422, errors.MUST_USE_SSO, "This account signs in with single sign-on"),
    _refused("disabled", "auth", 422, errors.ACCOUNT_DISABLED, "This account has been suspended"),
    _refused("restricted", "auth", 422, errors.USER_RESTRICTED, "This account is restricted for now"),
    _refused("old-app", "info", 400, errors.APP_VERSION_BAD, "This version of the app is no longer supported"),
    _simple(
        "signed-out",
        refusal=Refusal("refresh", 422, errors.REFRESH_TOKEN_INVALID, "Invalid refresh token"),
        access_life=20.0,
    ),
    _refused("busy", "auth", 429, 85131, "Too many recent sign-ins. Please try again later"),
)


@dataclass(frozen=True, slots=True)
class OutsiderProfile:
    """A person outside the service; `published` keys are found by the service (WKD), others only in a contact."""

    email: str
    name: str
    algorithm: Algorithm | None = None
    """None: has no key."""
    published: bool = False


OUTSIDERS: tuple[OutsiderProfile, ...] = (
    OutsiderProfile("carla@outside.example", "Carla Mendes"),
    OutsiderProfile("dieter@wkd.example", "Dieter Vogt", "ed25519", published=True),
    OutsiderProfile("erin@wkd.example", "Erin O'Shea", "rsa2048", published=True),
    OutsiderProfile("frank@pinned.example", "Frank Weber", "ed25519"),
)
