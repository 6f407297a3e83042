"""Which pictures may be the dealer's logo, and what of a file is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.mailing.logos import MOST_BYTES, Logo, LogoRefused, drawn

from tests.support.pictures import chunk, jpeg, png, segment


def refusal(content: bytes) -> str:
    with pytest.raises(LogoRefused) as refused:
        drawn(content)
    assert refused.value.field == "logo"
    assert refused.value.text("en")
    return refused.value.text("de")


def test_a_png_is_a_logo_without_what_its_author_left_in_it() -> None:
    made = drawn(png(300, 80, chunk(b"tEXt", b"Author\0Erika"), chunk(b"eXIf", b"GPS")) + b"behind")
    assert (made.logo.kind, made.logo.width, made.logo.height) == ("png", 300, 80)
    assert made.content == png(300, 80)
    assert made.logo.content_type == "image/png"
    assert made.logo.key == f"brand/{made.logo.digest}.png"
    assert made.logo == drawn(png(300, 80)).logo != drawn(png(300, 81)).logo


def test_a_jpeg_is_a_logo_without_what_its_camera_left_in_it() -> None:
    left = segment(0xE1, b"Exif\0\0GPS"), segment(0xFE, b"remark"), b"\xff"
    made = drawn(jpeg(300, 80, *left) + b"behind")
    assert (made.logo.kind, made.logo.width, made.logo.height) == ("jpg", 300, 80)
    assert made.content == jpeg(300, 80)
    assert made.logo.content_type == "image/jpeg"
    assert drawn(jpeg(300, 80, frame=0xC2)).logo.width == 300, "progressive"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "als PNG oder JPEG"),
        (b"GIF89a" + bytes(100), "als PNG oder JPEG"),
        (b"<!doctype html><script>", "als PNG oder JPEG"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG zeigen E-Mail-Programme nicht"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "SVG zeigen E-Mail-Programme nicht"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP zeigen viele E-Mail-Programme nicht"),
        (png() + bytes(MOST_BYTES), "höchstens 40 KB"),
        (png(31, 40), "31 × 40 Pixel. Jede Seite muss 32 bis 1600"),
        (png(1601, 400, pixels=b""), "1601 × 400 Pixel"),
        (png(60_000, 60_000, pixels=b""), "60000 × 60000 Pixel"),
        (png(400, 40), "Höchstens 8-mal so breit"),
        (png(32, 100), "2-mal so hoch"),
        (jpeg(31, 31), "31 × 31 Pixel"),
        (jpeg(parts=4), "CMYK"),
        (png(200, 50, chunk(b"acTL", bytes(8))), "bewegt sich"),
    ],
)
def test_what_cannot_be_a_logo_is_refused_with_the_reason(content: bytes, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize(
    "content",
    [
        png()[:-20],
        png().replace(b"IDAT", b"IDAX"),
        png()[:40],
        png(pixels=b"\0" * 100),
        png(pixels=b"\0" * 2_000_000),
        png(200, 50, chunk(b"IHDR", bytes(13))),
        jpeg()[:-2],
        jpeg()[:30],
        jpeg(0, 50),
        jpeg(frame=0xC9),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\0\0",
    ],
)
def test_a_damaged_file_is_refused_as_damaged(content: bytes) -> None:
    assert "beschädigt oder unvollständig" in refusal(content)


@given(st.data())
def test_whatever_is_handed_in_is_a_logo_or_refused(data: st.DataObject) -> None:
    sound = data.draw(st.sampled_from([png(), jpeg()]))
    place = data.draw(st.integers(0, len(sound) - 1))
    spoilt = sound[:place] + data.draw(st.binary(max_size=4)) + sound[place + 1 :]
    try:
        made = drawn(spoilt)
    except LogoRefused:
        return
    assert made.logo.width >= 32
    assert drawn(made.content) == made, "what is kept is a logo as it stands"


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(400, 100, (128, 32)), (60, 60, (32, 32)), (64, 32, (64, 32)), (800, 100, (128, 16))],
)
def test_a_logo_is_made_smaller_never_larger(
    width: int, height: int, shown: tuple[int, int]
) -> None:
    assert Logo("d", "png", width, height).within(128, 32) == shown
