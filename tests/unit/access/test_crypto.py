"""Links, cursors and keys: nothing that we did not seal is ever taken."""

from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal import crypto
from meterportal.crypto import InvalidToken, KeyRing

RING = KeyRing.from_secret("first secret", stage="test")
LINK_ID = bytes(range(16))
TOKEN = RING.seal_link(LINK_ID, nonce=b"n" * 12)
ALPHABET = string.ascii_letters + string.digits + "-_."


def test_a_sealed_link_opens_to_its_id() -> None:
    assert RING.open_link(TOKEN) == LINK_ID


def test_two_tokens_of_one_link_differ() -> None:
    assert RING.seal_link(LINK_ID) != RING.seal_link(LINK_ID)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET))
def test_every_altered_character_is_refused(place: int, other: str) -> None:
    altered = TOKEN[:place] + other + TOKEN[place + 1 :]
    if altered == TOKEN:
        assert RING.open_link(altered) == LINK_ID
    else:
        with pytest.raises(InvalidToken):
            RING.open_link(altered)


@given(st.integers(0, len(TOKEN) - 1))
def test_a_cut_token_is_refused(length: int) -> None:
    with pytest.raises(InvalidToken):
        RING.open_link(TOKEN[:length])


@given(st.text(max_size=200))
def test_any_text_is_refused_quietly(text: str) -> None:
    with pytest.raises(InvalidToken):
        RING.open_link(text)


def test_a_token_of_another_stage_or_deployment_is_refused() -> None:
    for foreign in (
        KeyRing.from_secret("first secret", stage="prod"),
        KeyRing.from_secret("other secret", stage="test"),
    ):
        with pytest.raises(InvalidToken):
            RING.open_link(foreign.seal_link(LINK_ID))


def test_a_second_spelling_of_the_same_bytes_is_refused() -> None:
    # 59 characters hold 354 bits for 352: the last one has two spare bits.
    last = TOKEN[-1]
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    index = alphabet.index(last)
    twin = TOKEN[:-1] + alphabet[index ^ 1]
    with pytest.raises(InvalidToken):
        RING.open_link(twin)


def test_keys_rotate_without_breaking_live_links() -> None:
    rotated = KeyRing.from_secret(
        json.dumps({"current": "k2", "k1": "first secret", "k2": "second"}), stage="test"
    )
    assert rotated.open_link(TOKEN) == LINK_ID
    assert rotated.seal_link(LINK_ID).startswith("v1.k2.")
    with pytest.raises(InvalidToken):
        RING.open_link(rotated.seal_link(LINK_ID))


@pytest.mark.parametrize("generated", ["{(9}", "{}", "123", '"quoted"', "[1]", "null"])
def test_a_generated_secret_may_look_like_anything(generated: str) -> None:
    ring = KeyRing.from_secret(generated, stage="test")
    assert ring.open_link(ring.seal_link(LINK_ID)) == LINK_ID


def test_a_cursor_serves_its_owner_only() -> None:
    cursor = RING.seal_cursor("session-1", {"after": "200001"})
    assert RING.open_cursor("session-1", cursor) == {"after": "200001"}
    with pytest.raises(InvalidToken):
        RING.open_cursor("session-2", cursor)


@given(st.text(max_size=80))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        RING.open_cursor("session-1", text)


def test_a_link_is_no_cursor() -> None:
    with pytest.raises(InvalidToken):
        RING.open_cursor("session-1", TOKEN.removeprefix("v1."))


def test_a_cookie_carries_the_session_id_in_one_spelling() -> None:
    assert crypto.from_cookie(crypto.as_cookie(LINK_ID)) == LINK_ID
    for wrong in ("", "abc", crypto.as_cookie(LINK_ID) + "=", crypto.as_cookie(b"x" * 15)):
        with pytest.raises(InvalidToken):
            crypto.from_cookie(wrong)


def test_a_code_is_eight_characters_that_nobody_confuses() -> None:
    for _ in range(50):
        code = crypto.new_code()
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code)
        assert crypto.read_code(code) == code.replace("-", "")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7kq2-m9xr", "7KQ2M9XR"),
        (" 7K Q2 – M9\u00a0XR\n", "7KQ2M9XR"),
        ("oOiI-lLuU", "00111 1VV".replace(" ", "")),
        ("7KQ2-M9X", None),
        ("7KQ2-M9XRR", None),
        ("7KQ2-M9X!", None),
        ("７KQ2-M9XR", None),
        ("ı7KQ2M9X", "17KQ2M9X"),
        ("", None),
    ],
)
def test_a_code_is_read_tolerantly(typed: str, read: str | None) -> None:
    assert crypto.read_code(typed) == read


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_none(typed: str) -> None:
    read = crypto.read_code(typed)
    assert read is None or crypto.read_code(read) == read


def test_a_code_is_stored_keyed_and_for_its_address_only() -> None:
    mark = RING.code_fingerprint("clara@muster.example", "7KQ2-M9XR")
    assert RING.code_fingerprints("clara@muster.example", "7kq2 m9xr") == [mark]
    assert mark not in RING.code_fingerprints("other@muster.example", "7KQ2-M9XR")
    assert mark not in RING.code_fingerprints("clara@muster.example", "7KQ2-M9XT")
    foreign = KeyRing.from_secret("other secret", stage="test")
    assert mark not in foreign.code_fingerprints("clara@muster.example", "7KQ2-M9XR")
    assert len(RING.code_fingerprints("clara@muster.example", "no code")) == 1


def test_a_password_is_known_by_its_hash_and_nobodys_by_none() -> None:
    stored = crypto.hash_password("kaffee regen fahrrad")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert stored != crypto.hash_password("kaffee regen fahrrad")
    assert crypto.password_fits("kaffee regen fahrrad", stored)
    assert not crypto.password_fits("Kaffee regen fahrrad", stored)
    assert not crypto.password_fits("", "")
    assert not crypto.password_fits("kaffee regen fahrrad", "")


def test_what_is_no_hash_fits_nothing() -> None:
    for stored in ("plain text", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "kaffee regen fahrrad"):
        assert not crypto.password_fits("kaffee regen fahrrad", stored)
