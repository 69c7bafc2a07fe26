"""QR codes: what is drawn is what a reader reads."""

import re

import pytest
import zxingcpp

from rft.kit.qr import draw_qr

PIXELS, QUIET = 3, 4


@pytest.mark.parametrize("length", [1, 17, 475, 2900])
def test_a_reader_reads_what_was_drawn(length: int) -> None:
    text = "".join(chr(33 + place * place % 90) for place in range(length))
    [read] = zxingcpp.read_barcodes(photograph(draw_qr(text, dark="#000")))
    assert read.text == text


def test_no_picture_is_wider_than_its_squares_and_border() -> None:
    assert "viewBox='-3 -3 27 27'" in draw_qr("Ben", dark="#000", light="#fff", border=3)


def photograph(svg: str) -> memoryview:
    """Black on white, a few pixels for each square."""
    size = int(re.search(r"viewBox='0 0 (\d+)", svg)[1])  # type: ignore[index]
    side = (size + 2 * QUIET) * PIXELS
    pixels = bytearray(b"\xff" * side * side)
    for left, row, run in re.findall(r"M(\d+) (\d+)\.5h(\d+)", svg):
        for line in range((int(row) + QUIET) * PIXELS, (int(row) + QUIET + 1) * PIXELS):
            start = line * side + (int(left) + QUIET) * PIXELS
            pixels[start : start + int(run) * PIXELS] = bytes(int(run) * PIXELS)
    return memoryview(pixels).cast("B", (side, side))
