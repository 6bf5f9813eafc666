"""The window's language: finds and installs the translations, Qt's own included."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from bridge_gui.config import resource
from bridge_gui.errors import BridgeError

KNOWN = ("en",)
SYSTEM = "system"

_installed: list[QTranslator] = []


def resolve(choice: str) -> str:
    """The language for a choice: the first of the system's languages that we have, else English."""
    if choice in KNOWN:
        return choice
    for name in QLocale.system().uiLanguages():
        short = name.replace("_", "-").split("-")[0]
        if short in KNOWN:
            return short
    return "en"


def apply(app: QApplication, choice: str) -> str:
    """Put a language in force for what is drawn from now on; return it. English needs a file as well, for plurals."""
    language = resolve(choice)
    for old in _installed:
        app.removeTranslator(old)
    _installed.clear()
    own = QTranslator()
    try:
        loaded = own.load(str(resource(f"translations/bridge-gui_{language}.qm")))
    except BridgeError:
        loaded = False  # a checkout whose translations were not compiled: the texts of the source are shown
    qt = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for translator, found in ((qt, qt.load(QLocale(language), "qtbase", "_", folder)), (own, loaded)):
        if found:
            app.installTranslator(translator)
            _installed.append(translator)
    app.setLayoutDirection(QLocale(language).textDirection())
    return language
