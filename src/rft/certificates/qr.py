"""A QR code in a millisecond: segno lays a size out once, and every further code of that size only has its bits filled in.

The least error correction there is, so that the squares are as large as can be on paper. The mask is always the same one: the standard's
choice among eight makes up for plain areas, which a signed text has not, and costs forty times what all the rest does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from importlib import import_module
from itertools import chain, zip_longest
from operator import itemgetter
from typing import Any

import segno

# Its modules have no types.
consts: Any = import_module("segno.consts")
encoder: Any = import_module("segno.encoder")

MASK = 2
# Light squares are stepped over and dark ones drawn, the longest runs first: each of these is one pass of C over the whole path.
_STEPS = [
    (square * run, step % run) for square, step in ((b"\1", b"h%d"), (b"\0", b"m%d 0")) for run in range(8, 0, -1)
]
_PADDING = b"\xec\x11"


@dataclass(frozen=True, slots=True)
class _Layout:
    """One size of code. `blank` has a byte for each square, row by row: the fixed patterns, and the mask where the message goes."""

    size: int
    blank: int
    # Picks, for each square, its bit of the message; the one behind the message's last is always light.
    squares: Callable[[bytes], tuple[int, ...]]
    blocks: list[tuple[int, int]]


def qr_path(text: str) -> tuple[int, str]:
    """How many squares wide it is, and the dark ones as the path of an SVG whose stroke is one square thick."""
    data = text.encode()
    layout = _layout(_version(len(data)))
    bits = _bits(_message(data, layout.blocks))
    modules = int.from_bytes(layout.squares(bits + b"\0"), "big") ^ layout.blank
    squares = modules.to_bytes(layout.size**2, "big")
    path = b"".join(
        b"M0 %d.5" % row + squares[row * layout.size : (row + 1) * layout.size] for row in range(layout.size)
    )
    for run, step in _STEPS:
        path = path.replace(run, step)
    return layout.size, path.decode()


def _version(length: int) -> int:
    return next(version for version in range(1, 41) if length <= _room(version))


def _room(version: int) -> int:
    """Bytes of text: all that is not error correction, less the mode and the length."""
    return sum(data for data, _ in _blocks(version)) - _count_bytes(version) - 1


def _blocks(version: int) -> list[tuple[int, int]]:
    """Bytes of the message and of its error correction, for each block."""
    infos = consts.ECC[version][consts.ERROR_LEVEL_L]
    return [(info.num_data, info.num_total - info.num_data) for info in infos for _ in range(info.num_blocks)]


def _count_bytes(version: int) -> int:
    return 1 if version < 10 else 2


@cache
def _layout(version: int) -> _Layout:
    drawn = segno.make_qr("", version=version, error="l", boost_error=False, mask=MASK).matrix
    size = len(drawn)
    reserved = encoder.make_matrix(size, size)
    encoder.add_finder_patterns(reserved, size, size)
    encoder.add_alignment_patterns(reserved, size, size)
    reserved[-8][8] = 1
    rows = [list(row) for row in reserved]
    free = sum(row.count(2) for row in rows)
    # Numbers instead of bits, so that each square says which bit is its own.
    first = 3
    encoder.add_codewords(rows, range(first, first + free), version)
    is_masked = encoder.get_data_mask_functions(is_micro=False)[MASK]
    blank = bytes((is_masked(i, j) if reserved[i][j] == 2 else drawn[i][j]) for i in range(size) for j in range(size))
    blocks = _blocks(version)
    last = 8 * sum(data + correction for data, correction in blocks)
    places = [min(place - first, last) if place >= first else last for place in chain(*rows)]
    return _Layout(size, int.from_bytes(blank, "big"), itemgetter(*places), blocks)


def _message(data: bytes, blocks: list[tuple[int, int]]) -> bytes:
    room = sum(length for length, _ in blocks)
    count = 1 if room <= sum(length for length, _ in _blocks(9)) else 2
    # Four bits say that bytes follow, and four bits of nothing end them: together a byte.
    head = 0b0100 << 8 * count | len(data)
    said = ((head << 8 * len(data) | int.from_bytes(data, "big")) << 4).to_bytes(len(data) + count + 1, "big")
    # Behind the end anything may stand; a byte of nothing first, as segno has it, so that a test can hold the two against each other.
    said += (b"\0" + _PADDING * room)[: room - len(said)]
    pieces, start = [], 0
    for length, _ in blocks:
        pieces.append(said[start : start + length])
        start += length
    corrections = [_correction(piece, degree) for piece, (_, degree) in zip(pieces, blocks, strict=True)]
    return bytes(byte for byte in chain(*zip_longest(*pieces), *zip_longest(*corrections)) if byte is not None)


def _correction(piece: bytes, degree: int) -> bytes:
    """The remainder of the block by the generator of that degree (Reed and Solomon), a byte of the block at a time."""
    products, highest, below = _products(degree), 8 * (degree - 1), (1 << 8 * (degree - 1)) - 1
    rest = reduce(lambda rest, byte: (rest & below) << 8 ^ products[byte ^ rest >> highest], piece, 0)
    return rest.to_bytes(degree, "big")


@cache
def _products(degree: int) -> list[int]:
    """The generator times each byte, its coefficients beside each other."""
    exponents, logarithms = consts.GALIOS_EXP, consts.GALIOS_LOG
    generator = consts.GEN_POLY[degree]
    products = [bytes(exponents[logarithms[byte] + power] for power in generator) for byte in range(1, 256)]
    return [0, *(int.from_bytes(product, "big") for product in products)]


def _bits(message: bytes) -> bytes:
    """A byte for each bit."""
    length = 8 * len(message)
    return f"{int.from_bytes(message, 'big'):0{length}b}".encode().translate(_ZERO_AND_ONE)


_ZERO_AND_ONE = bytes.maketrans(b"01", b"\0\1")
