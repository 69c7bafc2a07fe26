"""Passwords as argon2id hashes, worked out in threads, two at a time: each takes 19 MiB and about 20 ms of a core."""

import asyncio
from collections.abc import Sequence
from functools import cache

from pwdlib.hashers.argon2 import Argon2Hasher

from rft.kit.references import new_token

# What no password matches: the account is reached another way.
UNUSABLE = "!"
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
_AT_ONCE = 2
_LONGEST = 256
# Judged by its beginning: more would take long, and a password that is hard to guess so far stays so.
_JUDGED = 72


_hasher = Argon2Hasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


def hash_password_now(password: str) -> str:
    """For a command, which has nothing else to do meanwhile."""
    return _hasher.hash(password)


def guess_score(password: str, own_words: Sequence[str]) -> tuple[int, str]:
    """From 0 (at once) to 4, for somebody who knows words, keyboards, dates, others' passwords and `own_words`; and a warning."""
    # Loaded when needed: its lists of words take a while and some memory.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped] # it has no types

    found = zxcvbn(password[:_JUDGED], user_inputs=list(own_words))
    return int(found["score"]), str(found["feedback"]["warning"] or "")


@cache
def _hash_of_nobody() -> str:
    """Checked in place of a hash that is not there, so that an unknown account takes as long as a known one."""
    return _hasher.hash(new_token())


class Passwords:
    """Hashes and checks. One for each application, since what it counts with belongs to one event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = _hash_of_nobody()

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(_hasher.hash, password)

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the stored hash; always the same work, even for None and for UNUSABLE."""
        usable = stored if stored and _hasher.identify(stored) else None
        async with self._turn:
            fits = await asyncio.to_thread(_hasher.verify, password[:_LONGEST], usable or self._nobodys)
        return fits and usable is not None and len(password) <= _LONGEST

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other settings than today's."""
        return _hasher.check_needs_rehash(stored)
