"""How the settings are grouped and named in the window. The core says which exist, what they mean and what they accept;
a setting that is not named here appears under *More*, so that none is ever missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from bridge_gui.ui import languages, words

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: str
    settings: tuple[str, ...]


def groups(known: Sequence[str]) -> list[Group]:
    """The page's sections with the settings that exist, in order."""
    made = [
        Group(
            "general",
            translate("settings", "General"),
            ("ui.start_at_login", "ui.start_hidden", "ui.theme", "ui.language"),
        ),
        Group(
            "notifications",
            translate("settings", "Notifications"),
            ("notifications.problems", "notifications.programs", "notifications.sending"),
        ),
        Group(
            "servers",
            translate("settings", "Mail programs"),
            ("imap.port", "smtp.port", "imap.show_all_mail", "outbox.enabled"),
        ),
        Group(
            "space",
            translate("settings", "Mail on this computer"),
            ("cache.budget_mb", "sync.days", "sync.mailboxes", "cache.folder", "sync.parallel"),
        ),
        Group("network", translate("settings", "Network"), ("network.alternative_routing", "network.proxy")),
        Group("advanced", translate("settings", "For experts"), ("api.url", "api.app_version", "log.level")),
    ]
    named = {key for group in made for key in group.settings}
    rest = tuple(key for key in known if key not in named)
    if rest:
        made.append(Group("more", translate("settings", "More"), rest))
    return [Group(one.key, one.title, tuple(key for key in one.settings if key in known)) for one in made]


def title(key: str) -> str:
    """The setting's name; its key where the window has none."""
    return {
        "ui.start_at_login": translate("settings", "Start when I log in"),
        "ui.start_hidden": translate("settings", "Start without the window"),
        "notifications.problems": translate("settings", "What needs me"),
        "notifications.programs": translate("settings", "Mail programs that are refused"),
        "notifications.sending": translate("settings", "Messages that were not sent"),
        "ui.theme": translate("settings", "Colours"),
        "ui.language": translate("settings", "Language"),
        "imap.port": translate("settings", "IMAP port"),
        "smtp.port": translate("settings", "SMTP port"),
        "imap.show_all_mail": translate("settings", "Show All Mail"),
        "outbox.enabled": translate("settings", "Send later when offline"),
        "cache.budget_mb": translate("settings", "Space for mail, MB"),
        "sync.days": translate("settings", "Mail of the last days only"),
        "sync.mailboxes": translate("settings", "Mail of some mailboxes only"),
        "cache.folder": translate("settings", "Folder"),
        "sync.parallel": translate("settings", "Downloads at once"),
        "network.alternative_routing": translate("settings", "Alternative routing"),
        "network.proxy": translate("settings", "Proxy"),
        "api.url": translate("settings", "Address of the service"),
        "api.app_version": translate("settings", "Application version"),
        "log.level": translate("settings", "Log"),
    }.get(key, key)


OBVIOUS = frozenset({"ui.theme", "ui.language", "api.url", "network.proxy"})
"""Settings whose name and control say all that their meaning says."""


UNLIMITED = frozenset({"cache.budget_mb", "sync.days"})
"""Settings of which 0 means no limit: the field stays empty then, and says so."""


def kept(values: Mapping[str, str]) -> str:
    """What of the mail is kept on this computer, by the settings' values."""
    parts = []
    if (days := values.get("sync.days", "0")) not in ("", "0"):
        parts.append(translate("settings", "mail of the last %n days", "", int(days)))
    if mailboxes := values.get("sync.mailboxes", ""):
        parts.append(translate("settings", "of {mailboxes}").format(mailboxes=mailboxes))
    if (budget := values.get("cache.budget_mb", "0")) not in ("", "0"):
        parts.append(translate("settings", "at most {size}").format(size=words.size(int(budget) * 1_000_000)))
    return ", ".join(parts) or translate("settings", "everything")


def choice(key: str, value: str) -> str:
    """A choice in words."""
    named: Mapping[tuple[str, str], str] = {
        ("ui.theme", "system"): translate("settings", "As the system"),
        ("ui.theme", "light"): translate("settings", "Light"),
        ("ui.theme", "dark"): translate("settings", "Dark"),
        ("ui.language", "system"): translate("settings", "As the system"),
        **{("ui.language", code): name for code, name in languages.KNOWN.items()},
        ("log.level", "DEBUG"): translate("settings", "Everything"),
        ("log.level", "INFO"): translate("settings", "What happens"),
        ("log.level", "WARNING"): translate("settings", "Warnings and errors"),
        ("log.level", "ERROR"): translate("settings", "Errors only"),
    }
    return named.get((key, value), value)


def placeholder(key: str) -> str:
    """What an empty field stands for."""
    return {
        "cache.folder": translate("settings", "In the profile"),
        "cache.budget_mb": translate("settings", "No limit"),
        "sync.days": translate("settings", "No limit"),
        "sync.mailboxes": translate("settings", "All mailboxes"),
        "network.proxy": translate("settings", "As the system"),
        "api.app_version": translate("settings", "The usual one"),
    }.get(key, "")
