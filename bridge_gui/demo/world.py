"""The whole state of the demo service, without any HTTP: people, their mail, sessions, and what left for outside.

Tests hold a `World` in their hands: they deliver mail, take keys away, ask for a refresh, and look at what arrived.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bridge_gui.demo import letters
from bridge_gui.demo.account import ENABLED, EXTERNAL, Account, Address, canonical
from bridge_gui.demo.errors import KEY_ADDRESS_MISSING, ApiError
from bridge_gui.demo.faults import Faults
from bridge_gui.demo.feed import Feed
from bridge_gui.demo.ids import Ids
from bridge_gui.demo.keyring import ACTIVE, TRUSTED, HeldKey, KitCache, address_key
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.mailbox import DRAFTS, INBOX, SENT, Mailbox
from bridge_gui.demo.profiles import DOMAIN, OUTSIDERS, PROFILES, AddressProfile, OutsiderProfile, Profile
from bridge_gui.demo.received import Recorder
from bridge_gui.demo.records import Action, Attachment, Flag, Message, Outside, Report, Seeded, Stored
from bridge_gui.demo.sealing import Sealed, Sealer, seal
from bridge_gui.demo.sessions import Sessions
from bridge_gui.demo.srp import Challenge

Corpus = Callable[[int], Letter]
"""Makes letter number n of a corpus, always the same."""


@dataclass
class Outsider:
    """A person who is not a user of the service, perhaps with an OpenPGP key."""

    profile: OutsiderProfile
    cache: KitCache
    flags: int = TRUSTED | ACTIVE

    @cached_property
    def key(self) -> HeldKey | None:
        """The person's key pair; None for who has none."""
        profile = self.profile
        return self.cache.outsider(profile.email, profile.name, profile.algorithm) if profile.algorithm else None


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The answer about a recipient (3.6)."""

    internal: bool
    keys: tuple[tuple[int, str], ...]
    """Flags and armored key of each."""
    mime_type: str = ""


@dataclass
class Options:
    """Behaviour that tests switch."""

    app_version: str = ""
    """When set, only this value of `x-pm-appversion` is accepted (else 400 and 5003)."""
    stale_once: int = 0
    """How many listings say `Stale` before they are true."""
    shuffled_once: int = 0
    """How many listings bring their page in another order."""
    latency: float = 0.0
    """Seconds added to every answer, as a line of that length would."""
    empty_actions: bool = False
    """Answer actions (read, label, delete ...) with an empty body, as some real answers are."""
    undo_life: int = 900
    """Seconds an undo token is good for."""
    import_limit: int = 70 * 2**20
    upload_limit: int = 26 * 2**20
    """Bytes of one attachment, encrypted."""
    deduplicate_imports: bool = True
    public_keys: dict[str, PublicKeys] = field(default_factory=dict)
    """Answers about recipients that replace the true ones, by address in lower case: a service that lies."""


class World:
    """All state of one demo service."""

    def __init__(
        self,
        *,
        seed: str = "demo",
        clock: Callable[[], float] = time.time,
        cache_folder: Path | None = None,
        profiles: Sequence[Profile] = PROFILES,
        record_bytes: int = 16 * 2**20,
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.ids = Ids(seed)
        self.cache = KitCache(cache_folder)
        self.sessions = Sessions(self.now_exact)
        self.options = Options()
        self.faults = Faults()
        self.received = Recorder(record_bytes)
        self.outside: list[Outside] = []
        self.reports: deque[Report] = deque(maxlen=20)
        """The last problem reports that were sent."""
        self.sealer = Sealer()
        self.accounts: list[Account] = []
        self.outsiders = {each.email: Outsider(each, self.cache) for each in OUTSIDERS}
        self.corpora: dict[str, tuple[Corpus, Corpus]] = {}
        """Each corpus's letters, and the same without their texts, which is quicker."""
        self.challenges: dict[str, tuple[Account | None, Challenge]] = {}
        """Sign-ins that were begun, by `SRPSession`; None for a name that nobody has."""
        self.populated: dict[str, int | None] | None = None
        """How the seeded mail was made (`corpora.populate`), so that it can be made again."""
        self.clock_offset = 0.0
        """Seconds by which the service's clock is ahead."""
        for profile in profiles:
            self.add_account(profile)

    def now_exact(self) -> float:
        return self.clock() + self.clock_offset

    def now(self) -> int:
        """Return the service's time, in whole seconds."""
        return int(self.now_exact())

    # ------------------------------------------------------------------------------------------ people

    def add_account(self, profile: Profile) -> Account:
        number = len(self.accounts) + 1
        feed = Feed(self.ids, number)
        mailbox = Mailbox(self.ids, number, feed)
        account = Account(number, profile, self.ids, self.cache.kit, feed, mailbox)
        for address in profile.addresses:
            account.add_address(address, tell=False)
        self.accounts.append(account)
        return account

    def account(self, name: str) -> Account:
        """Return an account by user name or by any of its addresses; letter case does not matter."""
        account = self.find(name)
        if account is None:
            raise KeyError(name)
        return account

    def find(self, name: str) -> Account | None:
        wanted = name.strip().lower()
        for account in self.accounts:
            if account.name.lower() == wanted or any(a.email.lower() == wanted for a in account.ordered):
                return account
        return None

    def local(self, email: str) -> tuple[Account, Address] | None:
        """Return who receives mail for an address here, if it is enabled."""
        for account in self.accounts:
            address = account.address_of(email)
            if address is not None and address.status == ENABLED and address.type != EXTERNAL:
                return account, address
        return None

    def outsider(self, email: str) -> Outsider | None:
        return self.outsiders.get(email.strip().lower())

    def add_outsider(self, profile: OutsiderProfile, key: HeldKey | None = None) -> Outsider:
        """Add a person outside; `key` replaces the one that would be made (an expired one, say)."""
        outsider = Outsider(profile, self.cache)
        if key is not None:
            outsider.__dict__["key"] = key
        self.outsiders[profile.email.lower()] = outsider
        return outsider

    def public_keys(self, email: str) -> PublicKeys:
        """Return what the service tells about a recipient (3.6)."""
        lie = self.options.public_keys.get(canonical(email))
        if lie is not None:
            return lie
        found = self.local(email)
        if found is not None:
            account, address = found
            keys = tuple((key.flags, key.public_key) for key in account.keys_of(address) if key.active)
            return PublicKeys(internal=True, keys=keys)
        if email.lower().endswith("@" + DOMAIN):
            raise ApiError(422, KEY_ADDRESS_MISSING, "This address does not exist. Please try again")
        outsider = self.outsider(email)
        if outsider is None or outsider.key is None or not outsider.profile.published:
            return PublicKeys(internal=False, keys=())
        return PublicKeys(internal=False, keys=((outsider.flags, outsider.key.public_key),))

    # ------------------------------------------------------------------------------------------ changes of identity

    def add_address(self, account: Account, profile: AddressProfile) -> Address:
        """Give an account one more address, with a key of its own, and tell it."""
        key = address_key(account.profile, account.kit, profile.email, self.cache.created, name=profile.display_name)
        account.kit.address_keys[profile.email.lower()] = [key]
        return account.add_address(profile)

    def renew_key(self, account: Account, address: Address, *, keep_old: bool = True) -> HeldKey:
        """Make a new primary key for an address; the old one stays for reading, unless it is taken away."""
        number = max((held.number for held in account.keys_of(address)), default=-1) + 1
        key = address_key(
            account.profile, account.kit, address.email, self.cache.created, name=address.display_name, number=number
        )
        old = [replace(each, primary=False) for each in account.keys_of(address)] if keep_old else []
        account.kit.address_keys[address.email.lower()] = [key, *old]
        account.feed.add("Addresses", address.id, Action.UPDATE)
        return key

    def change_user(self, account: Account, **changes: object) -> None:
        """Change fields of a user's profile, such as `username` or `max_space`, and tell it."""
        account.profile = replace(account.profile, **changes)  # type: ignore[arg-type]
        account.feed.add("User", account.id, Action.UPDATE)

    # ------------------------------------------------------------------------------------------ content

    def letter(self, content: Seeded) -> Letter:
        return self.corpora[content.corpus][0](content.index)

    def sealed(self, account: Account, message: Message) -> Sealed:
        """Return a message's encrypted content."""
        content = message.content
        if isinstance(content, Stored):
            return Sealed(content.body, message.mime_type, content.attachments)
        return self.sealer.get(message.id, lambda: self._seal(account, message, self.letter(content)))

    def prepare(self, account: Account) -> None:
        """Encrypt all mail of an account now, and keep it: for measuring those who download it."""
        self.sealer.keep_all()
        for message in account.mailbox.messages.values():
            self.sealed(account, message)

    def _seal(self, account: Account, message: Message, letter: Letter) -> Sealed:
        owner = account.key_of(account.address(message.address_id))
        signer = None
        author = self.local(letter.sender.address) if letter.signed else None
        if author is not None:
            signer = author[0].key_of(author[1]).unlocked
        elif letter.signed and (outsider := self.outsider(letter.sender.address)) and outsider.key:
            signer = outsider.key.unlocked
        return seal(letter, message.id, owner, lambda n: self.attachment_id(account, message, n), signer)

    def attachment_id(self, account: Account, message: Message, part: int) -> str:
        return self.ids.make("t", account.number, message.number, part)

    def header(self, message: Message) -> tuple[tuple[str, str], ...]:
        if isinstance(message.content, Stored):
            return message.content.header or letters.base_header(message)
        outline = self.corpora[message.content.corpus][1](message.content.index)
        return letters.letter_header(outline, message.external_id)

    def attachment(self, account: Account, attachment_id: str) -> Attachment | None:
        """Find an attachment by its id: the id names its message."""
        parsed = self.ids.parse("t", attachment_id)
        if parsed is None or parsed[0] != account.number:
            return None
        message = account.mailbox.messages.get(account.mailbox.message_id(parsed[1]))
        if message is None:
            return None
        return next((a for a in self.sealed(account, message).attachments if a.id == attachment_id), None)

    # ------------------------------------------------------------------------------------------ incoming mail

    def message_of(self, account: Account, letter: Letter, content: Seeded | Stored, number: int) -> Message:
        """Return the metadata that the service keeps for a letter."""
        mailbox = account.mailbox
        address = account.address_of(letter.own_address) if letter.own_address else account.primary
        if address is None:
            raise KeyError(letter.own_address)
        message_id = mailbox.message_id(number)
        return Message(
            id=message_id,
            number=number,
            address_id=address.id,
            subject=letter.subject,
            sender=letter.sender,
            time=letter.time,
            size=letter.size,
            flags=int(letter.flags),
            content=content,
            labels=frozenset(letter.labels),
            mime_type=letter.mime_type if letter.shape.value in ("plain", "lost") else "multipart/mixed",
            to=letter.to,
            cc=letter.cc,
            bcc=letter.bcc,
            reply_tos=letter.reply_tos or ((letter.sender,) if letter.flags & Flag.RECEIVED else ()),
            unread=letter.unread,
            is_replied=letter.is_replied,
            is_replied_all=letter.is_replied_all,
            is_forwarded=letter.is_forwarded,
            attachment_count=len(letter.enclosures) if letter.shape.value in ("plain", "lost") else 0,
            external_id=letter.external_id,
        )

    def fill(
        self,
        account: Account,
        corpus: str,
        letter_of: Corpus,
        indexes: Iterable[int],
        metadata_of: Corpus | None = None,
    ) -> None:
        """Put a corpus into a mailbox as if it had always been there; its content is made when asked for.

        `metadata_of` is a quicker way to the letters without their texts.
        """
        outline = metadata_of or letter_of
        self.corpora[corpus] = letter_of, outline
        folders = self._labels_by_path(account)

        def messages() -> Iterable[Message]:
            for index in indexes:
                letter = outline(index)
                number = account.mailbox.next_number()
                message = self.message_of(account, letter, Seeded(corpus, index), number)
                if any(label in folders for label in message.labels):
                    labels = frozenset(folders.get(label, label) for label in message.labels)
                    message = replace(message, labels=labels)
                yield message

        account.mailbox.fill(messages())

    @staticmethod
    def _labels_by_path(account: Account) -> dict[str, str]:
        mailbox = account.mailbox
        return {mailbox.path(label): label.id for label in mailbox.labels.values() if label.type in (1, 3)}

    def rewrite(self, account: Account, message_id: str, letter: Letter) -> Message:
        """Give a message another content, as editing a draft elsewhere does, and tell it; place and flags stay."""
        old = account.mailbox.get(message_id)
        plain = self.message_of(account, replace(letter, own_address=""), Stored(""), old.number)
        changed = replace(
            plain, address_id=old.address_id, labels=old.labels, flags=old.flags, unread=old.unread, content=Stored("")
        )
        sealed = self._seal(account, changed, letter)
        header = letters.letter_header(letter, letter.external_id)
        changed = replace(changed, content=Stored(sealed.body, header, sealed.attachments))
        account.mailbox.put(changed, Action.UPDATE)
        return changed

    def deliver(self, letter: Letter, to: str) -> Message:
        """Let a mail arrive for an address here, as mail from anywhere does: encrypted, in the event feed."""
        found = self.local(to)
        if found is None:
            raise KeyError(to)
        account, address = found
        number = account.mailbox.next_number()
        place = SENT if letter.flags & Flag.SENT else INBOX if letter.flags & Flag.RECEIVED else DRAFTS
        folders = self._labels_by_path(account)
        labels = tuple(folders.get(label, label) for label in letter.labels) or (place,)
        letter = replace(letter, labels=labels, own_address=address.email, unread=letter.unread or not letter.labels)
        plain = self.message_of(account, letter, Stored(""), number)
        sealed = self._seal(account, plain, letter)
        header = letters.letter_header(letter, plain.external_id)
        message = replace(plain, content=Stored(sealed.body, header, sealed.attachments))
        account.mailbox.add(message)
        return message
