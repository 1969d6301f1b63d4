"""Argon2id, a few at a time: hashing is slow on purpose, so it may neither fill the machine nor let a queue grow."""

import asyncio
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
WAITING_MAX = 64
RETRY_AFTER_S = 3
LENGTH_MAX = 128
# A hash that no password fits: whoever has it must first be given credentials.
NO_PASSWORD = "!"  # noqa: S105 - a mark, no secret
_COMMON = frozenset(
    {
        *("password", "passw0rd", "password1", "katasandi", "rahasia1", "rahasia123", "indonesia", "jakarta1"),
        *("bismillah", "sayangku", "sayang123", "qwertyui", "qwerty123", "abcd1234", "asdfghjk", "1q2w3e4r"),
        *("12345678", "123456789", "1234567890", "87654321", "nusantara", "konter123", "pulsa123", "outlet123"),
    }
)
_DISTINCT_MIN = 4


class Passwords:
    """Hashes and checks passwords in two threads, with a bounded queue before them. One per process.

    19 MiB, two passes, one lane (OWASP's first choice): about 20 ms, so that a full queue takes about a second.
    """

    def __init__(self, *, at_once: int = AT_ONCE, waiting_max: int = WAITING_MAX) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="argon2")
        self._places_left = at_once + waiting_max
        # Checked when there is no such user, so that an unknown name takes as long as a known one.
        self._nobody = self._hasher.hash("nobody has this password")

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place in the queue, held while a password is worked on; False when there is none. Take it before any query:
        what waits here must hold no connection.
        """
        if self._places_left <= 0:
            yield False
            return
        self._places_left -= 1
        try:
            yield True
        finally:
            self._places_left += 1

    async def hash(self, password: str) -> str:
        """The Argon2id hash in its usual text form, salt and parameters inside."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, _normal(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password fits; takes about as long for an unknown user (None) as for a known one."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._verify, password_hash, _normal(password)
        )

    def _verify(self, password_hash: str | None, password: str) -> bool:
        known = password_hash is not None and password_hash != NO_PASSWORD
        try:
            return self._hasher.verify((known and password_hash) or self._nobody, password) and known
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def password_weakness(password: str, *, username: str, length_min: int) -> str | None:
    """Why a new password is refused ("short", "long", "characters", "username", "common"), or None when it will do."""
    if len(password) < length_min:
        return "short"
    if len(password) > LENGTH_MAX:
        return "long"
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn"} for character in password):
        return "characters"
    folded = password.casefold()
    if username and (username.casefold() in folded or folded in username.casefold()):
        return "username"
    if folded in _COMMON or len(set(folded)) < _DISTINCT_MIN:
        return "common"
    return None


def _normal(password: str) -> str:
    # The same key presses may arrive composed or decomposed, depending on the phone. Lone surrogates cannot be encoded.
    return unicodedata.normalize("NFC", password[: LENGTH_MAX + 1]).encode("utf-8", "replace").decode()
