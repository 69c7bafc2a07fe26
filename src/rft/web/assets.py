"""Our own files for the browser, under an address that changes when they do, so that they are kept for a year.

Every file is known at the start: a path that is not in the list is not there, whatever it tries to climb to.
"""

import gzip
import hashlib
import importlib.util
import mimetypes
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KEPT = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "public, no-cache"
_TEXT = (".css", ".js", ".svg", ".json", ".map")
_SMALL = 1024
# The folder of ours, and those of wheels; a wheel is found without running its code.
_OWN = Path(__file__).parent.parent / "static"
_SWAGGER_OWN = Path(__file__).parent / "swagger"


class Assets:
    """All files, by the path that templates give them, and one digest over all of them.

    One digest for all keeps what refers to its neighbours by a relative path (a module, a font) in one release.
    """

    def __init__(self, folders: dict[str, Path]) -> None:
        self._files = dict(_list_files(folders))
        digest = hashlib.sha256()
        for name, file in sorted(self._files.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        self.digest = digest.hexdigest()[:16]

    def path(self, name: str) -> str:
        """Where the browser finds the file. Raises KeyError where there is none: no page is sent without its files."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    def has(self, name: str) -> bool:
        return name in self._files

    def read(self, name: str) -> tuple[bytes, bytes | None, str]:
        """The file, the same compressed (None where that gains nothing) and its type. Raises KeyError."""
        return _read(self._files[name])


def _list_files(folders: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    for prefix, folder in folders.items():
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".py" and "__pycache__" not in file.parts:
                yield prefix + file.relative_to(folder).as_posix(), file


@cache
def _read(file: Path) -> tuple[bytes, bytes | None, str]:
    content = file.read_bytes()
    kind = (
        "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    )
    if file.suffix not in _TEXT or len(content) < _SMALL:
        return content, None, kind
    return content, gzip.compress(content, 6, mtime=0), kind


@cache
def assets() -> Assets:
    """The files of this release."""
    return Assets({"": _OWN, "swagger/": _wheel_folder("fastapi_swagger", "resources"), "swagger/own/": _SWAGGER_OWN})


def _wheel_folder(package: str, folder: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"The package {package}, whose files the pages need, is not installed.")
    return Path(spec.submodule_search_locations[0]) / folder


async def serve(request: Request) -> Response:
    """`/static/<digest>/<name>`. An address of another release gets today's file, but may not keep it."""
    files = assets()
    name = request.path_params["name"]
    if not files.has(name):
        raise HTTPException(404)
    return file_response(
        request, name, keep=_KEPT if request.path_params["digest"] == files.digest else _ASKED_EACH_TIME
    )


def file_response(request: Request, name: str, *, keep: str) -> Response:
    content, compressed, kind = assets().read(name)
    headers = {"cache-control": keep, "vary": "accept-encoding"}
    if compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["content-encoding"] = compressed, "gzip"
    return Response(content, media_type=kind, headers=headers)
