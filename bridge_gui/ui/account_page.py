"""The page of one account: its state in one sentence, its mail programs, its addresses, what they do now."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QProgressBar, QVBoxLayout, QWidget

from bridge_gui.model import AccountId, AddressMode, ClientId
from bridge_gui.state import (
    AccountPhase,
    AccountState,
    AddressState,
    BridgeState,
    Notice,
    Problem,
    SessionState,
    SyncPhase,
)
from bridge_gui.ui import icons, remedies, words
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import ask
from bridge_gui.ui.outbox import OutboxCard
from bridge_gui.ui.program_card import ProgramCard
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import (
    Banner,
    Elided,
    StatusLine,
    button,
    label,
    menu_button,
    page_scroll,
    restyle,
    row,
    rule,
    section,
)

translate = QCoreApplication.translate

FOLD_FROM = 4
"""With this many programs the cards start folded."""
UNDO_MS = 10_000
AT_ONCE = 1
"""So many cards are made before Qt gets time for the person again: each takes some 10 ms."""
FEW_SESSIONS = 5
NARROW = 500
"""Pixels of a page on which cards save room."""


class AccountPage(QWidget):
    """Draws the account it was told to show, out of each snapshot."""

    add_program = Signal(str)
    set_up_again = Signal(str)
    """The id of the mail program whose set-up is to be repaired."""
    undo_set_up = Signal(str)
    cure = Signal(object, str)
    """The `Remedy` of the account's problem, and the account's id."""
    open_settings = Signal(str)
    """A group of the settings."""

    def __init__(self, actions: Actions, clipboard: Clipboard, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self._clipboard = clipboard
        self._tokens = tokens
        self._account: AccountState | None = None
        self._cards: dict[ClientId, ProgramCard] = {}
        self._wanted: ClientId | None = None
        """The program to be shown as soon as its card is made."""
        self.kept = ""
        """What is kept on this computer, in words; from the settings."""
        self._drawn: tuple[BridgeState, AccountState, float] | None = None

        self.title = Elided(role="title")
        self.pause = button(translate("account", "Pause"), self._pause)
        self.more = menu_button(translate("account", "More for this account"), self._menu(), tokens)
        self.status = StatusLine(tokens)
        self.banner = Banner(tokens)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(translate("account", "Download"))
        self.add = button(translate("account", "Add program"), self._add)
        self.none = label(
            translate(
                "account",
                "No mail program uses this account yet. Add one: it gets a password of its own, "
                "which you can revoke at any time.",
            ),
            "quiet",
            wrap=True,
        )
        self.undo = Banner(tokens)
        self._undo_timer = QTimer(self)
        self._undo_timer.setSingleShot(True)
        self._undo_timer.timeout.connect(self.undo.hide)
        self.programs = QVBoxLayout()
        self.programs.setSpacing(8)
        self.addresses = label(wrap=True)
        self.change_mode = button(translate("account", "Change…"), self._change_mode, "link")
        self.disk = label(wrap=True)
        self.change_disk = button(translate("account", "Change…"), lambda: self.open_settings.emit("space"), "link")
        self.outbox = OutboxCard(actions, tokens)
        self.activity = label(wrap=True)
        self.all_activity = button("", self._toggle_activity, "link")
        self._all = False

        inside = QVBoxLayout()
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(10)
        head = row(self.title, self.pause, self.more)
        head.setStretch(0, 1)
        inside.addLayout(head)
        inside.addWidget(self.status)
        inside.addWidget(self.progress)
        inside.addWidget(self.banner)
        inside.addWidget(rule())
        inside.addLayout(row(section(translate("account", "Mail programs")), 1, self.add))
        inside.addWidget(self.undo)
        inside.addWidget(self.none)
        inside.addLayout(self.programs)
        inside.addWidget(self.outbox)
        for caption, value, change in (
            (translate("account", "Addresses"), self.addresses, self.change_mode),
            (translate("account", "On this computer"), self.disk, self.change_disk),
            (translate("account", "Activity"), self.activity, self.all_activity),
        ):
            inside.addSpacing(6)
            change.setAccessibleDescription(caption)
            inside.addLayout(row(section(caption), 1, change))
            inside.addWidget(value)
        inside.addStretch(1)

        self.area = page_scroll(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    # ------------------------------------------------------------------ drawing

    def render_account(self, state: BridgeState, account_id: AccountId, now: float | None = None) -> None:
        """Draw one account of the snapshot; a card is kept as long as its program exists."""
        account = next((one for one in state.accounts if one.id == account_id), None)
        if account is None:
            return
        now = time.time() if now is None else now
        if self._account is None or self._account.id != account.id:
            self._drop_cards()
            self.undo.hide()
        self._account = account
        self.title.setText(account.email)
        self.status.render_line(words.account_line(account, now))
        self._render_problem(account, state.notices)
        self._render_progress(account)
        self._render_programs(state, account, now)
        self.addresses.setText(self._address_text(account))
        self.disk.setText(words.disk_line(account, self.kept))
        self.outbox.render_outbox(account, now)
        self._render_activity(state, account, now)

    def _render_problem(self, account: AccountState, notices: Sequence[Notice]) -> None:
        """What needs the person takes the place of the state's line, unless a notice above says it for all accounts."""
        problem = words.account_problem(account)
        if problem is not None and any(notice.key == problem.code for notice in notices):
            problem = None
        self.status.setVisible(problem is None)
        if problem is None:
            self.banner.hide()
            return
        tone = Tone.BAD if account.phase is AccountPhase.ERROR else Tone.ATTENTION
        remedy = remedies.of_account(account)
        self.banner.show_problem(
            problem, tone, remedies.button_text(remedy), lambda: self.cure.emit(remedy, account.id)
        )

    def _render_progress(self, account: AccountState) -> None:
        sync = account.sync
        working = account.phase is AccountPhase.CONNECTED and sync.phase in (
            SyncPhase.WAITING,
            SyncPhase.LISTING,
            SyncPhase.DOWNLOADING,
            SyncPhase.INDEXING,
        )
        self.progress.setVisible(working)
        if working:
            self.progress.setRange(0, max(1, sync.total) if sync.total else 0)
            self.progress.setValue(sync.done)
        paused = sync.phase is SyncPhase.PAUSED
        self.pause.setText(translate("account", "Resume") if paused else translate("account", "Pause"))
        self.pause.setVisible(account.phase in (AccountPhase.CONNECTED, AccountPhase.OFFLINE))

    def _render_programs(self, state: BridgeState, account: AccountState, now: float) -> None:
        clients = [client for client in state.clients if client.account == account.id]
        self.none.setVisible(not clients)
        # One primary button a view: this one, as long as adding a program is what comes next.
        first = not clients and self.banner.isHidden()
        if self.add.property("role") != ("primary" if first else ""):
            restyle(self.add, "role", "primary" if first else "")
            self.add.setIcon(icons.icon("plus", self._tokens.on_accent if first else self._tokens.accent))
        for gone in set(self._cards) - {client.id for client in clients}:
            self._drop(self._cards.pop(gone))
        made = 0
        for position, client in enumerate(clients):
            card = self._cards.get(client.id)
            if card is None and made == AT_ONCE:
                QTimer.singleShot(0, self, self._make_more)
                return
            if card is not None and self.programs.indexOf(card) != position:
                self.programs.removeWidget(card)
                self.programs.insertWidget(position, card)
            if card is None:
                made += 1
                card = ProgramCard(client, self._actions, self._clipboard, self._tokens)
                card.set_folded(len(clients) >= FOLD_FROM)
                card.set_narrow(self.width() < NARROW)
                card.revoke.connect(self._revoke)
                card.set_up_again.connect(self.set_up_again)
                card.undo_set_up.connect(self.undo_set_up)
                self._cards[client.id] = card
                self.programs.insertWidget(position, card)
            sessions = [session for session in state.sessions if session.client == client.id]
            card.render_client(client, sessions, state.listeners, now, account.mode)
            card.render_setup(next((entry for entry in state.setups if entry.client == client.id), None))
        if self._wanted in self._cards:
            QTimer.singleShot(0, self, lambda: self.show_program(self._wanted) if self._wanted else None)

    def _make_more(self) -> None:
        if self._drawn is not None and self._account is self._drawn[1]:
            self._render_programs(*self._drawn)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for card in self._cards.values():
            card.set_narrow(self.width() < NARROW)
        super().resizeEvent(event)

    def _drop_cards(self) -> None:
        for card in self._cards.values():
            self._drop(card)
        self._cards.clear()

    def _drop(self, card: ProgramCard) -> None:
        """Hidden at once, as it is deleted only when Qt comes to it, and would lie over the others until then."""
        self.programs.removeWidget(card)
        card.hide()
        card.deleteLater()

    @staticmethod
    def _address_text(account: AccountState) -> str:
        mode = (
            translate("account", "combined: one mailbox for all")
            if account.mode is AddressMode.COMBINED
            else translate("account", "split: a mailbox for each")
        )

        def name(address: AddressState) -> str:
            if not address.enabled:
                return translate("account", "{address} (disabled)").format(address=address.email)
            if not address.can_send:
                return translate("account", "{address} (only receives)").format(address=address.email)
            return address.email

        names = ", ".join(name(address) for address in account.addresses)
        return f"{names}\n{mode}" if names else mode

    def _render_activity(self, state: BridgeState, account: AccountState, now: float) -> None:
        labels = {client.id: client.label for client in state.clients if client.account == account.id}
        sessions: Sequence[SessionState] = [session for session in state.sessions if session.client in labels]
        shown = sessions if self._all else sessions[:FEW_SESSIONS]
        lines = [words.session_line(session, now, labels[session.client]) for session in shown]
        self.activity.setText("\n".join(lines) or translate("account", "No mail program is connected."))
        self.all_activity.setVisible(len(sessions) > FEW_SESSIONS)
        self.all_activity.setText(
            translate("account", "Show fewer") if self._all else translate("account", "Show all %n", "", len(sessions))
        )
        self._drawn = (state, account, now)

    def _toggle_activity(self) -> None:
        self._all = not self._all
        if self._drawn is not None:
            self._render_activity(*self._drawn)

    def show_program(self, client: ClientId) -> None:
        """Unfold one program's card and bring it into view, as soon as it is there."""
        card = self._cards.get(client)
        self._wanted = client if card is None else None
        if card is not None:
            card.set_folded(False)
            card.fold.setFocus()
            self.area.ensureWidgetVisible(card)

    # ------------------------------------------------------------------ wishes

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        self.mode_action = menu.addAction(translate("account", "Split or combine addresses…"), self._change_mode)
        menu.addAction(translate("account", "Repair…"), self.repair)
        menu.addSeparator()
        menu.addAction(translate("account", "Sign out"), self._sign_out)
        menu.addAction(translate("account", "Remove from this computer…"), self._remove)
        return menu

    def _add(self) -> None:
        if self._account is not None:
            self.add_program.emit(self._account.id)

    def _pause(self) -> None:
        if self._account is None:
            return
        bridge = self._actions.bridge
        if self._account.sync.phase is SyncPhase.PAUSED:
            self._actions.wish(bridge.resume, self._account.id)
        else:
            self._actions.wish(bridge.pause, self._account.id, None)

    def _revoke(self, client_id: str) -> None:
        """Revoke at once, and offer to take it back for ten seconds."""
        client = ClientId(client_id)
        name = self._cards[client].name.text() if client in self._cards else ""

        async def revoke() -> None:
            await self._actions.call(self._actions.bridge.revoke_client, client)
            self.revoked(client, name)

        self._actions.start(revoke(), "revoke")

    def revoked(self, client: ClientId, name: str) -> None:
        """Offer the way back for a while."""

        def restore() -> None:
            self.undo.hide()
            self._actions.wish(self._actions.bridge.restore_client, client)

        self.undo.show_problem(
            Problem("revoked", translate("account", "{name} can no longer sign in").format(name=name)),
            Tone.ATTENTION,
            translate("account", "Undo"),
            restore,
        )
        self._undo_timer.start(UNDO_MS)

    def _change_mode(self) -> None:
        if self._account is None:
            return
        account = self._account.id
        split = self._account.mode is AddressMode.COMBINED
        mode = AddressMode.SPLIT if split else AddressMode.COMBINED
        ask(
            self,
            translate("account", "Split addresses") if split else translate("account", "Combine addresses"),
            translate(
                "account",
                "Each address gets a mailbox of its own. Mail programs read their mailboxes anew, and each one shows "
                "the mail of the address it signs in with. Nothing at Proton is changed.",
            )
            if split
            else translate(
                "account",
                "All addresses share one mailbox. Mail programs read it anew, and show the mail of all addresses. "
                "Nothing at Proton is changed.",
            ),
            translate("account", "Change"),
            lambda: self._actions.wish(self._actions.bridge.set_mode, account, mode),
        )

    def repair(self) -> None:
        if self._account is None:
            return
        account = self._account.id
        ask(
            self,
            translate("account", "Repair this account"),
            translate(
                "account",
                "The local copy is compared with Proton and what is wrong is downloaded again. "
                "Nothing at Proton is changed, and mail programs keep their place.",
            ),
            translate("account", "Repair"),
            lambda: self._actions.wish(self._actions.bridge.repair, account),
        )

    def _sign_out(self) -> None:
        if self._account is not None:
            self._actions.wish(self._actions.bridge.logout, self._account.id)

    def _remove(self) -> None:
        if self._account is None:
            return
        account = self._account.id
        ask(
            self,
            translate("account", "Remove {name}").format(name=self._account.email),
            translate(
                "account",
                "The account, its local mail and the passwords of its mail programs are removed from this computer. "
                "Nothing at Proton is deleted.",
            ),
            translate("account", "Remove"),
            lambda: self._actions.wish(self._actions.bridge.remove, account),
            danger=True,
        )
