"""Where a person may be sent: pages of this site, whatever the address line said."""

from urllib.parse import quote, urlsplit

from starlette.responses import RedirectResponse, Response

_LONGEST = 500


def safe_next(wanted: str, otherwise: str = "/") -> str:
    """`wanted` where it is a path of ours, else `otherwise`.

    Browsers read `\\` as `/`, drop tabs and newlines, and take `//host` for another site: none of these gets through.
    """
    if not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > _LONGEST:
        return otherwise
    if "\\" in wanted or not wanted.isascii() or not wanted.isprintable():
        return otherwise
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return otherwise
    return wanted if not parts.scheme and not parts.netloc else otherwise


def see_other(path: str) -> Response:
    """The answer to a form that has done its work: go and look there. `path` is a path of ours."""
    return RedirectResponse(path, status_code=303)


def sign_in_path(wanted: str) -> str:
    """The sign-in page that leads back to `wanted` afterwards."""
    return f"/sign-in?next={quote(wanted, safe='/')}"
