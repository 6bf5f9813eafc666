"""Where things lie on the disk, and the settings.

A `Profile` is one set of accounts with its files: everything below one folder (`--profile`, `BRIDGE_GUI_PROFILE`), or
in the places the system has for it. Settings are frozen groups; each field carries its default, what it means and what
it accepts, and `SETTINGS` is the table made from them. The window and the command line speak of values as text.
`settings.json` holds only what was changed, so that a better default of a later version arrives.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import metadata, resources
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import platformdirs

from bridge_gui.errors import BridgeError, DiskFull, NotFound, UsageError

APP_NAME = "bridge-gui"
ENV_PROFILE = "BRIDGE_GUI_PROFILE"
ENV_API_URL = "BRIDGE_GUI_API_URL"

DEFAULT_API_URL = "https://mail-api.proton.me"
_SOCKET_PATH_LIMIT = 100
"""sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero."""

Value = str | int | bool
T = TypeVar("T", bound=Value)


# ---------------------------------------------------------------------------------------------- the profile


@dataclass(frozen=True, slots=True)
class Profile:
    """The files and folders of one profile. Nothing is made before `prepare`."""

    config: Path
    """Settings and vault."""
    data: Path
    """The accounts' databases."""
    logs: Path
    whole: bool = False
    """Everything lies below one folder that the user named."""

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    @property
    def vault_file(self) -> Path:
        return self.config / "vault.enc"

    @property
    def certificate_file(self) -> Path:
        """The CA certificate for mail programs; public."""
        return self.config / "certificate.pem"

    @property
    def lock_file(self) -> Path:
        return self.config / "core.lock"

    @property
    def control_file(self) -> Path:
        """Says how to reach the running core; readable by its user only."""
        return self.config / "control.json"

    @property
    def control_socket(self) -> Path | None:
        """Where the control interface listens; None when the profile's path is too long for the name of a socket."""
        path = self.config / "control.sock"
        return path if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT else None

    @property
    def apple_signing(self) -> Path:
        """A PEM file of a key with its certificates, to sign profiles for Apple Mail with; usually there is none."""
        return self.config / "apple-signing.pem"

    @property
    def client_backups(self) -> Path:
        """What was changed in mail programs, and their files as they were before."""
        return self.data / "client-backups"

    @property
    def store(self) -> Path:
        return self.data / "store"

    def cache_folder(self, settings: Settings) -> Path:
        """Where the accounts' databases lie: in the profile, unless another folder was chosen."""
        chosen = settings.cache.folder
        return Path(chosen).expanduser() if chosen else self.store

    def prepare(self) -> None:
        """Make the folders, readable by their owner only."""
        for folder in (self.config, self.data, self.store, self.logs):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if os.name == "posix":
                    folder.chmod(0o700)
            except OSError as error:
                raise BridgeError(
                    f"The folder {folder} cannot be made or used: {error.strerror}.",
                    title="The profile folder cannot be used",
                    remedy="Choose another folder with --profile.",
                ) from error


def open_profile(folder: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Profile:
    """Return the profile in `folder`, else in BRIDGE_GUI_PROFILE, else in the system's own places."""
    environ = os.environ if environ is None else environ
    chosen = folder if folder is not None else environ.get(ENV_PROFILE)
    if chosen:
        root = Path(chosen).expanduser().absolute()
        return Profile(config=root, data=root, logs=root / "logs", whole=True)
    dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False, roaming=False)
    return Profile(config=Path(dirs.user_config_dir), data=Path(dirs.user_data_dir), logs=Path(dirs.user_log_dir))


def version() -> str:
    """Return this application's version; empty when it runs from files that were never installed."""
    try:
        return metadata.version(APP_NAME)
    except metadata.PackageNotFoundError:
        return ""


def resource(name: str) -> Path:
    """Return the path of a file of `resources/`: in a checkout, in an installed wheel, or in a frozen application."""
    package = Path(str(resources.files("bridge_gui")))
    for folder in (package / "_resources", package.parent / "resources"):
        path = folder / name
        if path.exists():
            return path
    raise BridgeError(f"The file {name} of Bridge Manager itself is missing.", remedy="Install Bridge Manager again.")


# ---------------------------------------------------------------------------------------------- one setting


@dataclass(frozen=True, slots=True)
class _Rule:
    meaning: str
    choices: tuple[str, ...] = ()
    check: Callable[[Any], str] | None = None
    """Returns what is wrong, or an empty text."""
    needs: str = ""
    """What a change needs to take effect; empty when it does at once."""


def _setting(
    default: T, meaning: str, *, choices: tuple[str, ...] = (), check: Callable[[T], str] | None = None, needs: str = ""
) -> T:
    made: T = field(default=default, metadata={"rule": _Rule(meaning, choices, check, needs)})
    return made


def _within(low: int, high: int) -> Callable[[int], str]:
    return lambda value: "" if low <= value <= high else f"It has to be between {low} and {high}."


def _is_service_url(value: str) -> str:
    parts = urlsplit(value)
    loopback = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or parts.scheme not in ("https", "http"):
        return "It has to be an address that begins with https://."
    if parts.scheme == "http" and not loopback:
        return "Without encryption (http://) only addresses of this computer are allowed."
    return ""


def _is_header_value(value: str) -> str:
    return "" if re.fullmatch(r"[\x21-\x7e]{0,100}", value) else "It has to be at most 100 visible ASCII characters."


def _is_folder(value: str) -> str:
    return "" if not value or Path(value).expanduser().is_absolute() else "It has to be a full path."


def _is_proxy(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme in ("http", "https", "socks5", "socks5h") and parts.hostname:
        return ""
    return "It has to look like http://host:port or socks5h://host:port."


# ---------------------------------------------------------------------------------------------- the groups


@dataclass(frozen=True, slots=True)
class ImapSettings:
    port: int = _setting(
        1143,
        "Port on which mail programs read mail (IMAP).",
        check=_within(1024, 65535),
        needs="Mail programs have to be told the new port.",
    )
    show_all_mail: bool = _setting(
        True,
        "Show the mailbox All Mail, which holds every message, to mail programs.",
        needs="Reconnect the mail programs.",
    )


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    port: int = _setting(
        1025,
        "Port on which mail programs send mail (SMTP).",
        check=_within(1024, 65535),
        needs="Mail programs have to be told the new port.",
    )


@dataclass(frozen=True, slots=True)
class ApiSettings:
    url: str = _setting(
        DEFAULT_API_URL, "Base address of the service.", check=_is_service_url, needs="Restart Bridge Manager."
    )
    app_version: str = _setting(
        "",
        "Name and version by which the service knows this application; empty: the usual ones.",
        check=_is_header_value,
    )


@dataclass(frozen=True, slots=True)
class CacheSettings:
    folder: str = _setting("", "Folder of the local copy of the mail; empty: in the profile.", check=_is_folder)
    budget_mb: int = _setting(
        0,
        "Megabytes of message bodies kept on this computer for each account; 0 keeps everything.",
        check=lambda value: "" if value == 0 or value >= 50 else "It has to be 0 or at least 50.",
    )


@dataclass(frozen=True, slots=True)
class SyncSettings:
    parallel: int = _setting(16, "Most downloads at once for each account.", check=_within(1, 32))
    days: int = _setting(
        0,
        "Days for which message bodies are kept on this computer; older ones are fetched when they are read. 0: all.",
        check=_within(0, 36500),
    )
    mailboxes: str = _setting(
        "",
        "Mailboxes whose message bodies are kept on this computer, such as INBOX, Sent, Folders/Work; those of others "
        "are fetched when they are read. Empty: all.",
    )


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    enabled: bool = _setting(
        False, "Take mail while offline and send it later; otherwise the mail program is told to try again."
    )


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    alternative_routing: bool = _setting(False, "Reach Proton by other ways when its addresses are blocked.")
    proxy: str = _setting(
        "", "Proxy for reaching Proton; empty: the system's.", check=_is_proxy, needs="Restart Bridge Manager."
    )


@dataclass(frozen=True, slots=True)
class UiSettings:
    theme: str = _setting("system", "Colours of the window.", choices=("system", "light", "dark"))
    language: str = _setting("system", "Language of the window.", choices=("system", "en", "ru"))
    start_at_login: bool = _setting(False, "Start with the computer's desktop.")
    start_hidden: bool = _setting(True, "When started with the desktop, show only the tray icon.")


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """Desktop notifications by kind. New mail is none of them: the mail programs tell of it."""

    problems: bool = _setting(True, "Tell when an account, or something of this computer, needs somebody.")
    programs: bool = _setting(True, "Tell when a mail program is refused, for example with an old password.")
    sending: bool = _setting(True, "Tell when a message that a mail program handed over was not sent.")


@dataclass(frozen=True, slots=True)
class LogSettings:
    level: str = _setting("INFO", "How much is written to the log.", choices=("DEBUG", "INFO", "WARNING", "ERROR"))


@dataclass(frozen=True, slots=True)
class Settings:
    imap: ImapSettings = ImapSettings()
    smtp: SmtpSettings = SmtpSettings()
    api: ApiSettings = ApiSettings()
    cache: CacheSettings = CacheSettings()
    sync: SyncSettings = SyncSettings()
    outbox: OutboxSettings = OutboxSettings()
    network: NetworkSettings = NetworkSettings()
    ui: UiSettings = UiSettings()
    notifications: NotificationSettings = NotificationSettings()
    log: LogSettings = LogSettings()


# ---------------------------------------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One row of the table of settings."""

    key: str
    default: Value
    meaning: str
    choices: tuple[str, ...] = ()
    check: Callable[[Any], str] | None = None
    needs: str = ""

    def parse(self, text: str) -> Value:
        """Read a value from text; raise `UsageError` with a sentence that says what is accepted."""
        value: Value
        text = text.strip()
        if isinstance(self.default, bool):
            if text.lower() not in _BOOLEANS:
                raise UsageError(f"{self.key} takes true or false.")
            value = _BOOLEANS[text.lower()]
        elif isinstance(self.default, int):
            if not re.fullmatch(r"-?[0-9]{1,12}", text):
                raise UsageError(f"{self.key} takes a whole number.")
            value = int(text)
        else:
            value = text
        return self.accept(value)

    def accept(self, value: Any) -> Value:
        """Check a value that already has its type; raise `UsageError`."""
        if type(value) is not type(self.default):
            raise UsageError(f"{self.key} does not take this kind of value.")
        if self.choices and value not in self.choices:
            raise UsageError(f"{self.key} takes one of: {', '.join(self.choices)}.")
        if self.check is not None and (wrong := self.check(value)):
            raise UsageError(f"{self.key}: {wrong}")
        accepted: Value = value
        return accepted


_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _table() -> dict[str, SettingInfo]:
    rows = {}
    defaults = Settings()
    for group in fields(defaults):
        for entry in fields(getattr(defaults, group.name)):
            rule: _Rule = entry.metadata["rule"]
            default: Any = entry.default
            key = f"{group.name}.{entry.name}"
            rows[key] = SettingInfo(key, default, rule.meaning, rule.choices, rule.check, rule.needs)
    return rows


SETTINGS: Mapping[str, SettingInfo] = _table()


def as_text(value: Value) -> str:
    """Write a value the way the command line reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def setting_info(key: str) -> SettingInfo:
    """Return a setting's row of the table; raise `NotFound`."""
    found = SETTINGS.get(key)
    if found is None:
        raise NotFound(f"There is no setting {key}.", remedy="`bridge-gui settings list` shows all of them.")
    return found


def get_setting(settings: Settings, key: str) -> Value:
    setting_info(key)
    group, name = key.split(".")
    value: Value = getattr(getattr(settings, group), name)
    return value


def with_setting(settings: Settings, key: str, value: Value) -> Settings:
    """Return the settings with one changed; raise `NotFound` or `UsageError`."""
    changed = _replaced(settings, key, value)
    if changed.imap.port == changed.smtp.port:
        raise UsageError("IMAP and SMTP cannot share a port.")
    return changed


def _replaced(settings: Settings, key: str, value: Value) -> Settings:
    value = setting_info(key).accept(value)
    group, name = key.split(".")
    return replace(settings, **{group: replace(getattr(settings, group), **{name: value})})


# ---------------------------------------------------------------------------------------------- the file


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    settings: Settings
    unknown: Mapping[str, Any]
    """Entries this version does not know; they are kept when the file is written."""
    complaints: tuple[str, ...] = ()
    """Values that were left out, in words."""
    damaged: bool = False
    """The file is no JSON; whoever writes it has to set it aside first."""


def load_settings(path: Path) -> LoadedSettings:
    """Read the file, which stays as it is; what cannot be used falls back to its default and is complained about."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise ValueError("not an object")
    except FileNotFoundError:
        return LoadedSettings(Settings(), {})
    except (ValueError, UnicodeDecodeError):
        complaint = f"The settings could not be read; they were kept as {_aside(path).name}."
        return LoadedSettings(Settings(), {}, (complaint,), damaged=True)
    settings = Settings()
    unknown: dict[str, Any] = {}
    complaints: list[str] = []
    for key, value in _moved(raw).items():
        if key not in SETTINGS:
            unknown[key] = value
            continue
        try:
            settings = _replaced(settings, key, value)
        except UsageError as error:
            complaints.append(error.message)
    if settings.imap.port == settings.smtp.port:
        complaints.append("IMAP and SMTP cannot share a port; both have their own again.")
        settings = replace(settings, imap=replace(settings.imap, port=ImapSettings().port), smtp=SmtpSettings())
    return LoadedSettings(settings, unknown, tuple(complaints))


MOVED = {"ui.notifications": ("notifications.problems", "notifications.programs", "notifications.sending")}
"""Settings of earlier versions, and the ones that have taken their place."""


def _moved(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The file's entries with earlier settings as they are called now; what is there under its new name wins."""
    old = {new: raw[key] for key, names in MOVED.items() if key in raw for new in names}
    return {**old, **{key: value for key, value in raw.items() if key not in MOVED}}


def set_aside(path: Path) -> None:
    """Keep a damaged file, so that nothing that can be saved of it is lost when the settings are written."""
    os.replace(path, _aside(path))


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ".damaged")


def save_settings(path: Path, settings: Settings, unknown: Mapping[str, Any] | None = None) -> None:
    """Write what differs from the defaults, atomically and readable by the owner only."""
    changed = {
        key: get_setting(settings, key) for key, info in SETTINGS.items() if get_setting(settings, key) != info.default
    }
    text = json.dumps({**(unknown or {}), **changed}, indent=2, sort_keys=True, ensure_ascii=False)
    write_private(path, (text + "\n").encode())


def write_private(path: Path, data: bytes) -> None:
    """Replace a file by way of a temporary one, mode 0600, so that a crash leaves either the old or the new content."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise DiskFull(f"{path.name} could not be written.") from error
        raise


def sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows does so by itself and cannot open folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def effective_api_url(settings: Settings, environ: Mapping[str, str] | None = None) -> str:
    """Return the service's base address: BRIDGE_GUI_API_URL before the setting; raise `UsageError` for nonsense."""
    environ = os.environ if environ is None else environ
    given = environ.get(ENV_API_URL, "").strip() or settings.api.url
    if wrong := _is_service_url(given):
        raise UsageError(f"The service's address is not usable. {wrong}")
    return given.rstrip("/")
