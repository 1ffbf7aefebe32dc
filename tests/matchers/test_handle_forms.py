from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.handle_forms import classes, consonants, parse_handle
from matchers.handles import handle_disclosures


@pytest.mark.parametrize(
    ("text", "platform", "local", "host"),
    [
        ("janedoe", "x", "janedoe", None),
        ("@janedoe", "x", "janedoe", None),
        (" @janedoe ", None, "janedoe", None),
        ("jane.bsky.social", "bluesky", "jane", "bsky.social"),
        ("jane.bsky.social", None, "jane", "bsky.social"),
        ("jane.com", "bluesky", "jane", "com"),
        ("jane.doe", "instagram", "jane.doe", None),
        ("@jane@evil.example", "mastodon", "jane", "evil.example"),
        ("jane@Evil.Example", None, "jane", "evil.example"),
        ("@jane:matrix.org", "matrix", "jane", "matrix.org"),
        ("", None, "", None),
        ("@", None, "", None),
    ],
)
def test_local_part_and_host(text: str, platform: str | None, local: str, host: str | None) -> None:
    parsed = parse_handle(text, platform)
    assert (parsed.local, parsed.host) == (local, host)


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("janedoe", "janedoe"),
        ("jane_doe", "janedoe"),
        ("realjanedoe", "janedoe"),
        ("the_real_jane_doe_official", "janedoe"),
        ("janedoe1990", "janedoe"),
        ("x_janedoe601_backup", "xjanedoe"),
        ("RepJaneDoe", "janedoe"),
        ("SenJaneDoe22", "janedoe"),
        ("official", "official"),
        ("real", "real"),
        ("9000", "9000"),
        ("jаnedoe", "janedoe"),
        ("ｊａｎｅｄｏｅ", "janedoe"),
    ],
)
def test_core_is_what_remains_without_affixes_and_digits(text: str, core: str) -> None:
    assert parse_handle(text).core == core


def test_capital_i_has_two_readings() -> None:
    parsed = parse_handle("McFauI")
    assert (parsed.letters, parsed.other) == ("mcfaui", "mcfaul")
    assert parse_handle("IVAN").other == "ivan"


def test_places_point_at_the_raw_characters() -> None:
    parsed = parse_handle("@j.а_n")
    assert [parsed.raw[at] for at in parsed.places] == ["j", "а", "n"]
    assert parsed.letters == "jan"


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("janedoe_parody", ("parody",)),
        ("janedoeparody", ("parody",)),
        ("parodyjanedoe", ("parody",)),
        ("janedoefans", ("fans",)),
        ("janedoe_fan", ("fan",)),
        ("JaneDoeFan", ("fan",)),
        ("fansofjane", ("fansof",)),
        ("janedoefanpage", ("fanpage",)),
        ("unofficial.janedoe", ("unofficial",)),
        ("NotJaneDoe", ("not",)),
        ("janedoe_bot", ("bot",)),
        ("janedoequotes", ("quotes",)),
        ("janedoe_parody.bsky.social", ("parody",)),
    ],
)
def test_disclosures(handle: str, words: tuple[str, ...]) -> None:
    assert handle_disclosures(handle) == words


@pytest.mark.parametrize(
    "handle",
    [
        *("fantastic", "jane_fantastic", "stanley", "infant", "stefan", "stefans", "tiffany", "talbot", "johntalbot"),
        *("abbot", "robot", "fans", "janedoe", "notary", "jane_notary", "irfan", "distribute", "knot", "janebotha", ""),
    ],
)
def test_words_that_only_contain_a_disclosure_are_none(handle: str) -> None:
    assert handle_disclosures(handle) == ()


@given(st.text(max_size=200), st.sampled_from([None, "x", "bluesky", "mastodon"]))
def test_any_text_is_taken_apart(text: str, platform: str | None) -> None:
    parsed = parse_handle(text, platform)
    assert len(parsed.letters) == len(parsed.other) == len(parsed.seen) == len(parsed.places)
    assert all(0 <= at < len(parsed.raw) for at in parsed.places)
    assert parsed.core in parsed.letters
    assert parsed.raw[parsed.start :].startswith(parsed.local)
    handle_disclosures(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789|!$@", max_size=30))
def test_classes_keep_every_place_and_fold_once(letters: str) -> None:
    assert len(classes(letters)) == len(letters)
    assert classes(classes(letters)) == classes(letters)


def test_lone_surrogates_are_dropped() -> None:
    assert parse_handle("jane\ud800doe").letters == "janedoe"


def test_consonants_ignore_vowels_digits_for_letters_and_doubling() -> None:
    assert consonants("janedoe") == consonants("j4nnd03") == "jnd"
