"""The packages of a message: for each form of its body, who gets it and with which keys. Pure (API document 4.6).

Session keys come in, packages go out. A body is encrypted once for each form; a recipient gets its session key wrapped
to its own key, or, when the message is meant to go out in clear, the service gets the session key itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge_gui.model import AttachmentId
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.proton.send_routes import Package, PackageRecipient, PackageType, PlainKey
from bridge_gui.send.preferences import HTML, MIXED, PLAIN, SendPreference

Wrap = Callable[[SessionKey, Certificate], bytes]
"""Encrypt a session key to a certificate; raises `CryptoError` when it cannot be encrypted to."""


@dataclass(frozen=True, slots=True)
class SealedBody:
    """One form of the body: encrypted once, signed inside."""

    data_packet: bytes = field(repr=False)
    session_key: SessionKey


_ALLOWED: Mapping[str, PackageType] = {
    HTML: PackageType.INTERNAL | PackageType.CLEAR,
    PLAIN: PackageType.INTERNAL | PackageType.CLEAR | PackageType.PGP_INLINE,
    MIXED: PackageType.PGP_MIME | PackageType.CLEAR_MIME,
}
"""Which ways of getting a message go with which form."""
_CLEAR = PackageType.CLEAR | PackageType.CLEAR_MIME


def forms(preferences: Sequence[SendPreference]) -> list[str]:
    """The MIME types in which the body has to be sealed, in a fixed order."""
    wanted = {each.mime_type for each in preferences}
    return [form for form in (MIXED, HTML, PLAIN) if form in wanted]


def packages(
    recipients: Mapping[str, SendPreference],
    bodies: Mapping[str, SealedBody],
    attachments: Mapping[AttachmentId, SessionKey],
    wrap: Wrap,
) -> list[Package]:
    """Make one package for each form in use. `bodies` is by MIME type and holds those of `forms`.

    Raise `ValueError` for a preference that cannot be (an encrypted one without a key, a form that its type does not
    go with): a mistake of ours that must never turn into mail in clear.
    """
    made: list[Package] = []
    for form in forms(list(recipients.values())):
        body = bodies[form]
        # The MIME form holds its attachments inside.
        keys = {} if form == MIXED else attachments
        inside = {
            address: _for_recipient(preference, body.session_key, keys, wrap)
            for address, preference in recipients.items()
            if preference.mime_type == form
        }
        types = [each.type for each in inside.values()]
        made.append(
            Package(
                form,
                body.data_packet,
                inside,
                _plain(body.session_key) if any(each & _CLEAR for each in types) else None,
                {id_: _plain(key) for id_, key in keys.items()} if PackageType.CLEAR in types else {},
            )
        )
    return made


def _for_recipient(
    preference: SendPreference, body_key: SessionKey, attachments: Mapping[AttachmentId, SessionKey], wrap: Wrap
) -> PackageRecipient:
    type_ = preference.type
    if not type_ & _ALLOWED[preference.mime_type]:
        raise ValueError(f"{type_!r} does not go with {preference.mime_type}")
    if type_ & _CLEAR:
        if preference.key is not None:
            raise ValueError("a recipient with a key would get the message in clear")
        if type_ is PackageType.CLEAR and preference.signed and preference.mime_type != PLAIN:
            raise ValueError("only plain text can be signed in clear")
        return PackageRecipient(type_, preference.signed)
    if preference.key is None or preference.key.certificate is None:
        raise ValueError("an encrypted message needs its recipient's key")
    certificate = preference.key.certificate
    return PackageRecipient(
        type_,
        preference.signed,
        wrap(body_key, certificate),
        {id_: wrap(key, certificate) for id_, key in attachments.items()},
    )


def _plain(key: SessionKey) -> PlainKey:
    return PlainKey(key.key, key.algorithm)
