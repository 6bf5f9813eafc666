"""What can go wrong with a key, a message or a signature.

CryptoError                  in `bridge_gui.errors`
├── Malformed                not OpenPGP, cut short, or against the grammar
├── TooLarge                 more packets, deeper nesting or more plaintext than allowed
├── Unsupported              an algorithm or version that neither engine reads
│   └── UnsupportedKey
├── WrongPassphrase          the private key stays locked
├── NoDecryptionKey          none of our keys or passwords opens this message
├── NoEncryptionKey          a certificate without a key that may be encrypted to
├── NotIntact                the integrity check failed, or the message carries none
└── BadSignature             a signature that must be good is not
"""

from __future__ import annotations

from typing import ClassVar

from bridge_gui.errors import CryptoError


class Malformed(CryptoError):
    code: ClassVar[str] = "crypto-malformed"


class TooLarge(CryptoError):
    code: ClassVar[str] = "crypto-too-large"


class Unsupported(CryptoError):
    code: ClassVar[str] = "crypto-unsupported"


class UnsupportedKey(Unsupported):
    code: ClassVar[str] = "crypto-unsupported-key"


class WrongPassphrase(CryptoError):
    code: ClassVar[str] = "crypto-passphrase"


class NoDecryptionKey(CryptoError):
    code: ClassVar[str] = "crypto-no-key"


class NoEncryptionKey(CryptoError):
    code: ClassVar[str] = "crypto-no-recipient-key"


class NotIntact(CryptoError):
    code: ClassVar[str] = "crypto-not-intact"


class BadSignature(CryptoError):
    code: ClassVar[str] = "crypto-signature"
