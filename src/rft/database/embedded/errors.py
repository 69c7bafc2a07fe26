"""Turns what the system, initdb and postgres say into a sentence for a person and a way out."""

import errno
import shutil
from pathlib import Path

NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large", "File size limit exceeded")
NO_ROOM_CODES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_ENTRY_CODES = {errno.EACCES, errno.EPERM, errno.EROFS}
NOT_A_FOLDER_CODES = {errno.ENOTDIR, errno.EEXIST}
# A full disk often keeps PostgreSQL from writing down that it is full; it wants 16 MB for a segment of its journal.
ROOM_NEEDED_TO_START = 20 * 1024 * 1024


class EmbeddedServerError(Exception):
    """Why there is no embedded database: `message` says what is wrong, `hint` what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


def explain_os_error(error: OSError, folder: Path) -> EmbeddedServerError:
    if error.errno in NO_ROOM_CODES:
        return no_room(folder)
    if error.errno in NO_ENTRY_CODES:
        return no_entry(folder)
    if error.errno in NOT_A_FOLDER_CODES:
        return EmbeddedServerError(
            f"The database cannot be kept in {folder}: part of that path is not a folder.",
            "Move the file that is in the way, or set RFT_DATA_DIR to a folder.",
        )
    return EmbeddedServerError(
        f"The embedded database in {folder} cannot be used: {error.strerror or error}.",
        "Put that right, set RFT_DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL of your own.",
    )


def explain_output(doing: str, said: str, folder: Path) -> EmbeddedServerError:
    """`said` is what initdb, postgres or the connection answered while it was `doing` ("be set up", "start")."""
    if any(sign in said for sign in NO_ROOM) or shutil.disk_usage(folder).free < ROOM_NEEDED_TO_START:
        return no_room(folder)
    if "Permission denied" in said or "Read-only file system" in said:
        return no_entry(folder)
    last_words = " / ".join(line.strip() for line in said.strip().splitlines()[-3:]).rstrip(".") or "it said nothing"
    return EmbeddedServerError(
        f"The embedded database in {folder} would not {doing}: {last_words}.",
        f"{folder / 'server.log'} may say more. Setting DATABASE_URL to a PostgreSQL of your own goes round this.",
    )


def no_room(folder: Path) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"There is no room left for the database in {folder}: the disk, a quota or a limit on file sizes is full.",
        "Free some space (100 MB is a good start) and try again, or set RFT_DATA_DIR to a folder on another disk.",
    )


def no_entry(folder: Path) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"The database cannot be kept in {folder}: this account may not write there, or the disk is read-only.",
        "Give this account the folder (chown), or set RFT_DATA_DIR to one that it may write to.",
    )
