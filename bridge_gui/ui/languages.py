"""The window's language: finds and installs the translations, Qt's own included."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from bridge_gui.config import resource
from bridge_gui.errors import BridgeError
from bridge_gui.ui import lrelease

KNOWN = {"en": "English", "ru": "Русский"}
"""Each language by its own name."""
SYSTEM = "system"

log = logging.getLogger(__name__)
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


def catalogue(language: str) -> Path | None:
    """The compiled translation: part of an installed wheel, made from its source in a checkout; None without one."""
    try:
        return lrelease.compiled(resource(f"translations/bridge-gui_{language}.ts"))
    except BridgeError:
        pass  # installed: only the compiled ones are there
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("the translation %s could not be compiled: %s", language, error)
    try:
        return resource(f"translations/bridge-gui_{language}.qm")
    except BridgeError:
        return None


def apply(app: QApplication, choice: str) -> str:
    """Put a language in force for what is drawn from now on; return it. English needs a file as well, for plurals."""
    language = resolve(choice)
    for old in _installed:
        app.removeTranslator(old)
    _installed.clear()
    own, qt = QTranslator(), QTranslator()
    file = catalogue(language)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for translator, found in (
        (qt, qt.load(QLocale(language), "qtbase", "_", folder)),
        (own, file is not None and own.load(str(file))),
    ):
        if found:
            app.installTranslator(translator)
            _installed.append(translator)
    QLocale.setDefault(QLocale(language))
    app.setLayoutDirection(QLocale(language).textDirection())
    return language
