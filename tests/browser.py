"""Sees to the browser that the journeys are made with: `python -m tests.browser` (Debian's Chromium, gotten where we are root)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HINT = "The browser tests need Chromium. As root: apt-get update && apt-get install chromium. Or put one on the PATH."


def find_browser() -> Path | None:
    """The first Chromium or Chrome on the PATH."""
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in found if path), None)


def get_browser() -> Path:
    """As find_browser, for a test: raises where there is none, since a test that is skipped has not passed."""
    browser = find_browser()
    if browser is None:
        raise LookupError(HINT)
    return browser


def install() -> None:
    """By Debian's own package; silent unless it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.stderr.write(done.stdout + done.stderr)
            return


def main() -> int:
    if find_browser() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Getting Chromium for the browser tests (once; some minutes) ...\n")
        sys.stdout.flush()
        install()
    if find_browser() is None:
        sys.stderr.write(HINT + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
