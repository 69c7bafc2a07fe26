"""What is looked for, read from what somebody typed."""

import re
import unicodedata
from dataclasses import dataclass

# A trigram index knows nothing of less; more words than these make nothing narrower.
SHORTEST, MOST_WORDS = 3, 6
# So many digits with nothing but what people write between them are a telephone number.
_TELEPHONE = re.compile(r"\+?[\d ().-]{6,}")
_COUNTRY = re.compile(r"^(?:0044|44|0)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`whole` and each of the `words` as the database's search_key writes them."""

    whole: str
    words: tuple[str, ...]

    @property
    def is_long_enough(self) -> bool:
        return any(len(word) >= SHORTEST for word in self.words)

    @property
    def is_a_mark(self) -> bool:
        """A reference, a number or an e-mail address: what names one thing rather than describes it."""
        return len(self.words) == 1 and any(letter.isdigit() or letter == "@" for letter in self.whole)


def read_wanted(text: str) -> Wanted:
    """A telephone number is looked for by its digits, without the country's or the first nought."""
    said = " ".join(_key(text).split())
    if _TELEPHONE.fullmatch(said) and not re.fullmatch(r"[\d-]+", said):
        said = _COUNTRY.sub("", re.sub(r"\D", "", said))
    elif re.fullmatch(r"(?:0044|44|0)\d{9,10}", said):
        said = _COUNTRY.sub("", said)
    return Wanted(said, tuple(said.split())[:MOST_WORDS])


def _key(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("\0", ""))
    return re.sub("[\u0300-\u036f]", "", apart).lower()
