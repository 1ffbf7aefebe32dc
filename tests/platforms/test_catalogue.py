from __future__ import annotations

import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from app.platforms.catalogue import DATA, CatalogueError, load_catalogue, read_catalogue
from app.platforms.schemas import Channel

CATALOGUE = load_catalogue()
CHANNELS = [(p.id, c) for p in CATALOGUE.platforms.values() for c in p.channels]


def test_the_catalogue_is_whole() -> None:
    assert len(CATALOGUE.platforms) == 54
    assert len(CHANNELS) == 112
    assert len(CATALOGUE.legal.legal_routes) == 21


def test_reading_all_files_is_quick() -> None:
    started = time.process_time()
    read_catalogue(DATA)
    assert time.process_time() - started < 0.3


def test_the_catalogue_is_read_once() -> None:
    assert load_catalogue() is CATALOGUE


@pytest.mark.parametrize("platform", sorted(CATALOGUE.platforms))
def test_every_platform_is_reviewed_within_half_a_year(platform: str) -> None:
    facts = CATALOGUE.platforms[platform].facts
    assert facts.review_after - facts.reviewed_at <= timedelta(days=184)


@pytest.mark.parametrize("channel", [c for _, c in CHANNELS], ids=[f"{p}-{c.name}" for p, c in CHANNELS])
def test_what_only_the_person_may_do_is_never_filled(channel: Channel) -> None:
    forbidden = ("government id", "your id (", "valid identification", "signature", "consent", "captcha", "statements")
    for field in channel.fields:
        if any(word in field.label.lower() for word in forbidden):
            assert field.fill is None, field.label
    parameters = channel.prefill.params if channel.prefill else {}
    assert not any("submit" in name or "captcha" in name for name in parameters)


@pytest.mark.parametrize(
    ("host", "platforms"),
    [
        ("x.com", ["x"]),
        ("mobile.twitter.com", ["x"]),
        ("www.pinterest.co.uk", ["pinterest"]),
        ("play.google.com", ["google_play", "google_search"]),
        ("notx.com", []),
        ("x.com.evil.example", []),
    ],
)
def test_hosts_belong_to_platforms(host: str, platforms: list[str]) -> None:
    assert [p.id for p in CATALOGUE.on_host(host)] == platforms


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://help.instagram.com/contact/636276399721841", False),
        ("https://help.instagram.com/contact/636276399721841?locale=en&username=jane", True),
        ("https://help.snapchat.com/hc/en-us/requests/new?ticket_form_id=149423", True),
        ("https://help.snapchat.com/hc/en-us/requests/new?ticket_form_id=17470990658068", False),
        ("https://www.linkedin.com/help/linkedin/ask/TS-RFA/", True),
        ("mailto:abuse@cloudflare.com", True),
    ],
)
def test_addresses_that_must_not_be_offered(url: str, *, refused: bool) -> None:
    assert CATALOGUE.is_refused(url) is refused


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("needs_account: unknown", "needs_account: maybe", "x.yaml: channels[0].needs_account: "),
        ("needs_account: 'yes'", "needs_account: yes", "x.yaml: search.needs_account: "),
        ("group: social", "group: social\nsurprise: 1", "x.yaml: surprise: Extra inputs"),
        ("'{suspect_handle}'", "'{suspect_hande}'", "unknown placeholder suspect_hande"),
        ("handle_regex: ^[A-Za-z0-9_]{1,15}$", "handle_regex: ^[A-Za-z$", "x.yaml: handle_regex: "),
        ("handle_regex: ^[A-Za-z0-9_]{1,15}$", "handle_regex: '[a-z]'", "starts with ^ and ends with $"),
        ("review_after: 2027-05-23", "review_after: 2020-01-01", "review_after must lie after"),
        ("id: x\n", "id: y\n", "must be the name of the file"),
        ("url: https://help.x.com/en/forms/ipi", "url: javascript:alert(1)", "channels[2].url: "),
        ("url: https://help.x.com/en/forms/ipi", "url: https://www.twitch.tv/user/report", "do_not_use"),
        ("id: x\n", "id: [x\n", "x.yaml: not readable as YAML"),
        ("id: x\n", "id: !!python/object/apply:os.getcwd []\n", "x.yaml: not readable as YAML"),
    ],
)
def test_a_slip_in_a_file_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    for path in DATA.glob("_*.yaml"):
        shutil.copy(path, tmp_path)
    text = (DATA / "x.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "x.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_catalogue(tmp_path)
    assert message in str(raised.value)


def test_everything_on_the_list_of_wrong_addresses_is_refused_and_in_no_channel() -> None:
    listed = CATALOGUE.rules.do_not_use
    assert len(listed) == 14
    for refused in listed:
        query = f"?{refused.parameter}={refused.value or 'x'}" if refused.parameter else ""
        assert CATALOGUE.is_refused(refused.url + query)
        assert CATALOGUE.is_refused(refused.url + query + ("&" if query else "?") + "locale=de")
    for _, channel in CHANNELS:
        prefill = channel.prefill
        parameters = "&".join(f"{name}=1" for name in prefill.params) if prefill else ""
        urls = [
            channel.url,
            channel.preselects.url if channel.preselects else None,
            prefill.base if prefill else None,
            f"mailto:{channel.address}" if channel.address else None,
        ]
        for url in filter(None, urls):
            assert not CATALOGUE.is_refused(url)
            assert not CATALOGUE.is_refused(f"{url}{'&' if '?' in url else '?'}{parameters}")


@pytest.mark.parametrize("channel", [c for _, c in CHANNELS], ids=[f"{p}-{c.name}" for p, c in CHANNELS])
def test_every_channel_says_from_where_it_is_known(channel: Channel) -> None:
    assert channel.source
    assert channel.seen_on
    assert (channel.prefill is None) or channel.prefill.confidence


def test_texts_fall_back_to_english() -> None:
    assert CATALOGUE.text("xx") is CATALOGUE.text(None) is CATALOGUE.text("en-GB")
