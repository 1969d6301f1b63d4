"""Keys kept outside the database: keyed hashes for PINs, OTPs and tokens, and sealing for what must be read again."""

import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# Letters and digits that nobody mixes up on a small screen.
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet, no secret
INITIAL_PASSWORD_LENGTH = 10


class Keys:
    """The pepper and the sealing keys of an installation. Built once from the settings.

    `seal_keys` are Fernet keys, newest first: the first seals, all of them open, so that keys can be rotated.
    """

    def __init__(self, *, pepper: str, seal_keys: str) -> None:
        self._pepper = bytes.fromhex(pepper)
        if len(self._pepper) < 32:  # noqa: PLR2004 - HMAC-SHA256 wants a key as long as its output
            raise ValueError("KONTER_PEPPER must be at least 32 bytes in hex")
        named = [(_key_id(key.strip()), Fernet(key.strip())) for key in seal_keys.split(",") if key.strip()]
        self._sealer = MultiFernet([sealer for _, sealer in named])
        self._by_id = dict(named)
        self._newest = named[0][0]

    def pepper_hash(self, purpose: str, *parts: bytes) -> bytes:
        """HMAC-SHA256 under the pepper; `purpose` keeps a hash of one kind from passing for another."""
        mac = hmac.new(self._pepper, purpose.encode(), hashlib.sha256)
        for part in parts:
            mac.update(len(part).to_bytes(4, "big"))
            mac.update(part)
        return mac.digest()

    def seal(self, plain: str) -> str:
        """Encrypt a secret that waits to be sent."""
        return self._sealer.encrypt(plain.encode()).decode()

    def unseal(self, token: str) -> str:
        """Open what `seal` closed. Raises ValueError when no key fits."""
        try:
            return self._sealer.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise ValueError("sealed with a key that is not here") from error

    def protect(self, plain: str) -> str:
        """Encrypt a field that names a person: `key id.token`, so that rows under an old key can be found. [D-55]"""
        return self.protect_bytes(plain.encode()).decode()

    def reveal(self, sealed: str) -> str:
        """Open what `protect` closed. Raises ValueError when its key is not here."""
        return self.reveal_bytes(sealed.encode()).decode()

    def protect_bytes(self, plain: bytes) -> bytes:
        """The same for what is no text, such as a photo."""
        return self._newest.encode() + b"." + self._by_id[self._newest].encrypt(plain)

    def reveal_bytes(self, sealed: bytes) -> bytes:
        """Open what `protect_bytes` closed. Raises ValueError when its key is not here."""
        key_id, _, token = sealed.partition(b".")
        sealer = self._by_id.get(key_id.decode("ascii", "replace"))
        if sealer is None:
            raise ValueError("sealed with a key that is not here")
        try:
            return sealer.decrypt(token)
        except InvalidToken as error:
            raise ValueError("not what was sealed") from error


def _key_id(key: str) -> str:
    """A name for a key that tells nothing about it."""
    return hashlib.sha256(b"konter key id" + key.encode()).hexdigest()[:8]


def equal(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)


def new_digits(count: int) -> str:
    """A random code of digits, leading zeros included."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def new_password() -> str:
    """An initial password that can be read out over a telephone."""
    return "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(INITIAL_PASSWORD_LENGTH))
