from __future__ import annotations

import importlib.util
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication

from bridge_gui.config import SETTINGS
from bridge_gui.ui import languages, words
from bridge_gui.ui.core_words import local
from tests.ui.snapshots import NOW

ROOT = Path(__file__).resolve().parents[2]


def tool() -> ModuleType:
    """`packaging/translate.py`, which is a script and no part of a package."""
    spec = importlib.util.spec_from_file_location("translate_tool", ROOT / "packaging" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    return made


TOOL = tool()
CATALOGUES = {
    language: TOOL.read_catalogue(ROOT / "resources" / "translations" / f"bridge-gui_{language}.ts")
    for language in TOOL.FORMS
}


@pytest.fixture
def in_russian(qapp: QApplication) -> Iterator[None]:
    assert languages.apply(qapp, "ru") == "ru"
    yield
    languages.apply(qapp, "en")


def test_catalogues_follow_the_sources() -> None:
    differing = [path.name for path, text in TOOL.wanted_files().items() if path.read_text(encoding="utf-8") != text]
    assert not differing, "run `python packaging/translate.py`, then translate what is new"


def test_every_language_is_offered_and_named() -> None:
    assert SETTINGS["ui.language"].choices == ("system", *languages.KNOWN)
    assert set(languages.KNOWN) == set(TOOL.FORMS)


@pytest.mark.parametrize("language", TOOL.FORMS)
def test_no_text_is_untranslated(language: str) -> None:
    assert [key for key, entry in CATALOGUES[language].items() if not entry.finished or not all(entry.forms)] == []


@pytest.mark.parametrize("language", TOOL.FORMS)
def test_every_plural_has_all_its_forms(language: str) -> None:
    counted = {(context, text) for context, texts in TOOL.window_messages().items() for text in texts if texts[text]}
    assert counted
    for key in counted:
        assert len(CATALOGUES[language][key].forms) == TOOL.FORMS[language], key


def gaps(text: str) -> set[str]:
    """What is put into a text: names, or numbers where the gaps have none."""
    return {
        name or str(number)
        for number, (_, name, _, _) in enumerate(
            part for part in string.Formatter().parse(text.replace("%n", "{%n}")) if part[1] is not None
        )
    }


@pytest.mark.parametrize("language", TOOL.FORMS)
def test_translations_keep_what_is_put_into_them(language: str) -> None:
    for (context, text), entry in CATALOGUES[language].items():
        for form in entry.forms:
            lost = gaps(text) - gaps(form)
            # "One thing" names its number itself.
            assert lost <= {"%n"} if entry.forms.index(form) == 0 and len(entry.forms) > 1 else not lost, (
                context,
                text,
            )
            assert not gaps(form) - gaps(text), (context, text)


def test_russian_is_written_as_agreed() -> None:
    for (context, text), entry in CATALOGUES["ru"].items():
        for form in entry.forms:
            assert "!" not in form, text
            assert not re.search(r"аккаунт|e-?mail|емейл|клиент", form, re.IGNORECASE), (text, form)
            assert form == form.strip(), text
            assert text.endswith("…") == form.endswith("…"), (context, text, form)
            assert text.endswith(".") == form.endswith("."), (context, text, form)


@pytest.mark.usefixtures("in_russian")
class TestInRussian:
    @pytest.mark.parametrize(
        ("count", "said"),
        [
            (1, "и ещё 1 сеанс"),
            (2, "и ещё 2 сеанса"),
            (5, "и ещё 5 сеансов"),
            (11, "и ещё 11 сеансов"),
            (21, "и ещё 21 сеанс"),
            (104, "и ещё 104 сеанса"),
        ],
    )
    def test_three_plural_forms(self, count: int, said: str) -> None:
        assert words.translate("program", "and %n more sessions", "", count) == said

    def test_sizes_and_times(self) -> None:
        assert words.size(1_240_000) == "1,2 МБ"
        assert words.ago(NOW - 61, NOW) == "1 мин назад"
        assert words.date(1_795_000_000.0) == "18 ноября 2026"

    @pytest.mark.parametrize(
        ("sentence", "said"),
        [
            ("The disk is full", "Диск заполнен"),
            ("Port 1143 is used by another program", "Порт 1143 занят другой программой"),
            ("Port 1143 is used by another program.", "Порт 1143 занят другой программой."),
            ("Port 1143 is used by another Bridge Manager.", "Порт 1143 занимает другой Bridge Manager."),
            ("anna@p.test: The disk is full.", "anna@p.test: Диск заполнен."),
            ("Only 9 MB are free on the disk.", "На диске свободно только 9 МБ."),
            (
                "The stored passwords are open; they are protected by the keychain of this computer.",
                "Сохранённые пароли открыты; их защищает связка ключей этого компьютера.",
            ),
            ("Sign in again. Nothing was signed in.", "Войдите снова. Nothing was signed in."),
            ("reading Lists/Café", "читает Lists/Café"),
            ("What the service says in its own words", "What the service says in its own words"),
        ],
    )
    def test_sentences_of_the_core(self, sentence: str, said: str) -> None:
        assert local(sentence) == said


def test_english_counts_as_well(qapp: QApplication) -> None:
    languages.apply(qapp, "en")
    assert [words.translate("program", "and %n more sessions", "", count) for count in (1, 3)] == [
        "and 1 more session",
        "and 3 more sessions",
    ]


def test_an_unknown_language_is_english(qapp: QApplication) -> None:
    assert languages.resolve("tlh") in languages.KNOWN
    assert languages.apply(qapp, "en") == "en"
