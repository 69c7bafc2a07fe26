"""Whom PostgreSQL runs as, since it refuses root: rft's own account, or for root one that reaches the same files."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rft.database.embedded.errors import EmbeddedServerError

MEDDLING = ("PG", "LC_", "LANG")


@dataclass(frozen=True)
class Account:
    prefix: tuple[str, ...] = ()
    # Set where files must belong to another user than the one rft runs as.
    user: int | None = None
    group: int | None = None

    def run(self, command: Sequence[str | Path], keep_open: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
        """Runs it to its end, in an environment where no one's locale and no other server's address bend it."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(MEDDLING)}
        drops_privilege = self.user is not None and not self.prefix
        return subprocess.run(  # noqa: S603 -- its callers name the programs
            [*self.prefix, *command],
            env=plain | {"LC_ALL": "C"},
            cwd="/",  # the folder we stand in may be closed to the account
            user=self.user if drops_privilege else None,
            group=self.group if drops_privilege else None,
            extra_groups=[] if drops_privilege else None,
            pass_fds=keep_open,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def own(self, path: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)

    def can_use(self, home: Path, program: Path) -> bool:
        try:
            return self.run(["/bin/sh", "-c", f"{_NOT_ROOT} && {_REACHES}", "sh", program, home]).returncode == 0
        except OSError:
            return False


_NOT_ROOT = 'test "$(id -u)" != 0'
_REACHES = 'test -x "$1" && cd "$2" && test -w .'


def choose_account(home: Path, program: Path) -> Account:
    """The account that runs `program` on the files in `home`; no folder above `home` is opened to anyone for it.

    For root it follows the owner of `home`, so that running rft once with sudo does not lock its owner out.
    """
    if os.geteuid() != 0:
        return Account()
    if home.stat().st_uid == 0:
        # In a user namespace of its own the server is nobody to itself and the files stay root's.
        apart = Account(("unshare", "--user", "--map-user=65534", "--map-group=65534", "--"))
        if apart.can_use(home, program):
            return apart
        _give_to_nobody(home)
    owner = home.stat()
    as_owner = Account((), owner.st_uid, owner.st_gid)
    # Where a folder above is root's alone (/root): the owner with leave to pass, as it would have in the namespace.
    passing = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    setpriv = ("setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups", *passing, "--")
    for account in (as_owner, Account(setpriv, owner.st_uid, owner.st_gid)):
        if account.can_use(home, program):
            return account
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and no other account on this machine can reach its files.",
        f"Run rft as an ordinary user, or set RFT_DATA_DIR to a folder that user {owner.st_uid} can reach.",
    )


def _give_to_nobody(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for path in (home, *home.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
