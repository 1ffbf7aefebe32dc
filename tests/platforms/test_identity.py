from __future__ import annotations

import re
import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.platforms.catalogue import Platform, load_catalogue
from app.platforms.identity import is_handle, parse_profile_url, profile_url
from app.platforms.schemas import Example
from matchers.profile import AccountRef

PLATFORMS = load_catalogue().platforms
EXAMPLES = [(p.id, e) for p in PLATFORMS.values() for e in p.facts.examples]
ALIASES = [
    (p.id, a)
    for p in PLATFORMS.values()
    for a in (p.facts.profile.canonical, *p.facts.profile.aliases)
    if a and p.facts.examples
]
WITH_HANDLE_URL = [p.id for p in PLATFORMS.values() if p.facts.profile.canonical and p.patterns]
WITH_ID_URL = [p.id for p in PLATFORMS.values() if p.facts.profile.by_id]


def _host_of(platform: Platform) -> str:
    hints = platform.facts.host_hints
    return f"{hints[0]}.example" if hints else "matrix.example"


@pytest.mark.parametrize(("platform", "example"), EXAMPLES, ids=[e.url for _, e in EXAMPLES])
def test_every_example_of_the_catalogue_is_read(platform: str, example: Example) -> None:
    assert parse_profile_url(example.url) == AccountRef(platform, example.handle, example.account_id)


@pytest.mark.parametrize(("platform", "example"), EXAMPLES, ids=[e.url for _, e in EXAMPLES])
def test_every_example_leads_back_to_an_address_of_the_same_account(platform: str, example: Example) -> None:
    url = profile_url(platform, example.handle, example.account_id)
    assert url is not None
    assert parse_profile_url(url) == AccountRef(platform, example.handle, example.account_id)


@pytest.mark.parametrize(("platform", "alias"), ALIASES)
def test_every_alias_means_the_same_account(platform: str, alias: str) -> None:
    known = PLATFORMS[platform]
    example = known.facts.examples[0]
    name, _, host = (example.handle or "").partition("@")
    url = (
        alias.replace("{handle}", name).replace("{instance}", host).replace("{id}", example.account_id or "1234567890")
    )
    found = parse_profile_url(url)
    assert found is not None
    assert found.platform == platform
    if found.handle:
        assert known.handle_key(found.handle) == known.handle_key(example.handle or "")
    else:
        assert found.account_id


@pytest.mark.parametrize(
    ("url", "platform", "handle", "account_id"),
    [
        ("x.com/jack", "x", "jack", None),
        ("//x.com/jack", "x", "jack", None),
        ("HTTPS://X.COM:443//Jack/?s=20#top", "x", "Jack", None),
        ("https://x.com./jack", "x", "jack", None),
        ("https://x.com/%6Aack", "x", "jack", None),
        ("https://twitter.com/#!/jack", "x", "jack", None),
        ("https://twitter.com/%40jack", "x", "jack", None),
        ("https://twitter.com/intent/user?a=b&user_id=12", "x", None, "12"),
        ("https://www.facebook.com/profile.php?ref=x&id=100001234567890", "facebook", None, "100001234567890"),
        ("https://www.youtube.com/channel/UC-lHJZR3Gqxm24_Vd_AJ5Yw/about", "youtube", None, "UC-lHJZR3Gqxm24_Vd_AJ5Yw"),
        ("https://de.linkedin.com/in/j%C3%BCrgen-m%C3%BCller", "linkedin", "jürgen-müller", None),
        ("https://www.linkedin.com/company/acme", "linkedin", "company/acme", None),
        ("https://www.linkedin.com/pub/jane-doe/12/34a/567", "linkedin", "pub/jane-doe/12/34a/567", None),
        ("https://www.pinterest.de/nasa", "pinterest", "nasa", None),
        ("https://weibo.com/n/%E5%BC%A0%E4%BC%9F", "weibo", "张伟", None),
        ("https://superuser.com/users/5/name", "stackoverflow", None, "5@superuser.com"),
        (
            "https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz",
            "bluesky",
            None,
            "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        ),
        ("at://jay.bsky.team", "bluesky", "jay.bsky.team", None),
        ("tg://resolve?domain=durov", "telegram", "durov", None),
        ("spotify:user:spotify", "spotify", "spotify", None),
        ("@Gargron@mastodon.social", "mastodon", "Gargron@mastodon.social", None),
        ("acct:gargron@Mastodon.Social", "mastodon", "gargron@mastodon.social", None),
        ("https://example.org/@jane", "mastodon", "jane@example.org", None),
        ("https://bücher.example/@jane", "mastodon", "jane@xn--bcher-kva.example", None),
        ("https://xn--bcher-kva.example/@jane", "mastodon", "jane@xn--bcher-kva.example", None),
        ("https://matrix.to/#/%40alice%3Amatrix.org", "matrix", "alice@matrix.org", None),
        ("https://en.wikipedia.org/wiki/User_talk:Jimbo_Wales?action=edit", "wikipedia", "Jimbo_Wales", None),
    ],
)
def test_the_shapes_people_paste(url: str, platform: str, handle: str | None, account_id: str | None) -> None:
    assert parse_profile_url(url) == AccountRef(platform, handle, account_id)


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "jack", "@jack", "jane@example.org", "https://", "https://x.com", "https://x.com/", "https://x.com/home",
        "https://x.com/I", "https://x.com/search?q=jane", "https://www.instagram.com/p/abc123/", "https://x.com/a-b",
        "https://www.facebook.com/groups/12345", "https://t.me/+AbCdEf", "https://t.me/joinchat/AbCdEf",
        "https://vm.tiktok.com/ZM1/", "https://discord.gg/invite", "https://docs.google.com/a/b", "javascript:alert(1)",
        "javascript://x.com/jack", "ftp://x.com/jack", "mailto:jane@x.com", "https://jane@x.com/jack", "https://x.com@evil.example/jack",
        "https://x.com:8080/jack", "https://x.com\\@evil.example/jack", "https://x.com/jack\r\nSet-Cookie: a",
        "https://x.com/ja\u202eck", "https://x.com/ja ck", "https://\u0442witter.com/", "https://example.org/about",
        "https://m.youtube.com/users/jane", "https://x.com/" + "a" * 3000, "https://[::1]/@jane", "https://127.0.0.1/@jane",
        "https://www.linkedin.com/in/%FF%FE", "https://x.com/%00jack", "https://x.com/jack%0d%0a",
    ],
)  # fmt: skip
def test_what_is_no_profile_is_none(url: str) -> None:
    assert parse_profile_url(url) is None


def test_a_look_alike_host_is_not_the_platform() -> None:
    # The first letter is Cyrillic: on the fediverse pattern it is some server, never X.
    found = parse_profile_url("https://\u0442witter.com/@jack")
    assert found is not None
    assert found.platform == "mastodon"
    assert found.handle == "jack@xn--witter-orf.com"


HOSTILE = [
    "jane\r\nX-Header: 1", "jane\n", "jane&x=1", "jane#top", "jane?x=1", "javascript:alert(1)", "jane\u202edoe",
    "jane\u200b", "../admin", "jane/../../x", "jane doe\x00", '"><script>', "jane%0d%0a", "jane\\", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
@pytest.mark.parametrize("handle", HOSTILE)
def test_a_hostile_handle_cannot_leave_its_place_in_the_address(platform: str, handle: str) -> None:
    for url in (profile_url(platform, handle, None), profile_url(platform, None, handle)):
        if url is not None:
            assert re.fullmatch(r"https://[A-Za-z0-9./:@%_~?=#-]+", url)
            known = PLATFORMS[platform]
            templates = [known.facts.profile.canonical, known.facts.profile.by_id]
            assert any(t and url.count("/") == t.count("/") and url.count("?") == t.count("?") for t in templates)
            assert "%0d" not in url.lower()
            assert "%0a" not in url.lower()


@pytest.mark.parametrize(
    "platform", ["x", "instagram", "facebook", "tiktok", "youtube", "bluesky", "mastodon", "github"]
)
@pytest.mark.parametrize("handle", HOSTILE)
def test_a_hostile_handle_has_no_address(platform: str, handle: str) -> None:
    assert profile_url(platform, handle, None) is None


def test_a_handle_without_its_server_has_no_address() -> None:
    assert profile_url("mastodon", "jane", None) is None
    assert profile_url("mastodon", "@jane@Example.org", None) == "https://example.org/@jane"
    assert profile_url("matrix", "@alice:matrix.org", None) == "https://matrix.to/#/@alice:matrix.org"


def test_an_unknown_platform_has_no_address() -> None:
    assert profile_url("myspace", "jane", "1") is None


def test_a_broken_handle_falls_back_to_the_stable_id() -> None:
    assert profile_url("x", "not a handle", "12") == "https://x.com/i/user/12"


def test_a_number_given_as_handle_is_the_id_where_people_have_numbers() -> None:
    assert profile_url("discord", "80351110224678912", None) == "https://discord.com/users/80351110224678912"


@pytest.mark.parametrize(
    ("platform", "left", "right"),
    [
        ("x", "@Jack", "jack"),
        ("facebook", "John.Smith.55", "johnsmith55"),
        ("whatsapp", "+1 (555) 123-4567", "15551234567"),
        ("wikipedia", "jimbo_Wales", "Jimbo Wales"),
        ("mastodon", "@Jane@Example.ORG", "jane@example.org"),
        ("matrix", "@alice:matrix.org", "alice@matrix.org"),
        ("linkedin", "j%C3%BCrgen", "Jürgen"),
    ],
)
def test_handles_that_mean_one_account_have_one_key(platform: str, left: str, right: str) -> None:
    assert PLATFORMS[platform].handle_key(left) == PLATFORMS[platform].handle_key(right)


@pytest.mark.parametrize(
    ("platform", "left", "right"),
    [("x", "jack", "j\u0430ck"), ("spotify", "Jane", "jane"), ("mastodon", "jane@a.example", "jane@b.example")],
)
def test_handles_of_two_accounts_have_two_keys(platform: str, left: str, right: str) -> None:
    assert PLATFORMS[platform].handle_key(left) != PLATFORMS[platform].handle_key(right)


def test_unknown_platforms_fold_case() -> None:
    assert load_catalogue().handle_key("myspace", "@Tom") == load_catalogue().handle_key(None, "tom")


@pytest.mark.parametrize("platform", WITH_HANDLE_URL)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_address_and_handle_round_trip(platform: str, data: st.DataObject) -> None:
    known = PLATFORMS[platform]
    handle = data.draw(st.from_regex(known.handle_pattern, fullmatch=True))
    if known.names_host:
        handle = f"{handle}@{_host_of(known)}"
    url = profile_url(platform, handle, None)
    assume(url is not None)
    found = parse_profile_url(url or "")
    assert found is not None, url
    assert found.platform == platform
    if found.handle is not None:
        assert known.handle_key(found.handle) == known.handle_key(handle)


def _junk(url: str) -> list[str]:
    """The same address as people paste it: other scheme, port, letter case of the host, tracking, a fragment."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    tracked = path if "#" in path else f"{path}{'&' if '?' in path else '?'}utm_source=share&igsh=aGVsbG8%3D"
    found = [
        rest,
        f"//{rest}",
        f"http://{rest}",
        f"{scheme.upper()}://{host.upper()}/{path}",
        f"{scheme}://{host}:443/{path}",
    ]
    found += [f"{scheme}://{host}./{path}", f" {url} ", f"{scheme}://{host}/{tracked}"]
    return found if "#" in path else [*found, f"{scheme}://{host}/{tracked}#:~:text=hello"]


@pytest.mark.parametrize("platform", WITH_HANDLE_URL)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_junk_around_an_address_changes_nothing(platform: str, data: st.DataObject) -> None:
    known = PLATFORMS[platform]
    handle = data.draw(st.from_regex(known.handle_pattern, fullmatch=True))
    url = profile_url(platform, f"{handle}@{_host_of(known)}" if known.names_host else handle, None)
    assume(url is not None)
    meant = parse_profile_url(url or "")
    assert meant is not None
    for text in _junk(url or ""):
        assert parse_profile_url(text) == meant, text


RESERVED = [(p.id, word) for p in PLATFORMS.values() for word in p.facts.reserved_handles]


@pytest.mark.parametrize(("platform", "word"), RESERVED)
def test_a_reserved_word_is_nobodys_handle(platform: str, word: str) -> None:
    known = PLATFORMS[platform]
    for text in (word, word.upper(), f"@{word}"):
        named = f"{text}@{_host_of(known)}" if known.names_host else text
        assert not is_handle(known, named)
        url = profile_url(platform, named, None)
        assert url is None or (known.facts.profile.by_id and known.id_pattern and known.id_pattern.fullmatch(text))
    canonical = known.facts.profile.canonical
    if canonical and "{instance}" not in canonical:
        found = parse_profile_url(canonical.replace("{handle}", word))
        assert found is None or found.handle is None or known.handle_key(found.handle) != known.handle_key(word)


def test_a_handle_of_many_bytes_rides_in_its_address() -> None:
    url = profile_url("spotify", "🌀" * 64, None)
    assert url is not None
    assert parse_profile_url(url) == AccountRef("spotify", "🌀" * 64)


@pytest.mark.parametrize("platform", WITH_ID_URL)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_address_and_id_round_trip(platform: str, data: st.DataObject) -> None:
    pattern = PLATFORMS[platform].id_pattern
    assert pattern is not None
    account_id = data.draw(st.from_regex(pattern, fullmatch=True))
    url = profile_url(platform, None, account_id)
    assert url is not None
    found = parse_profile_url(url)
    assert found is not None, url
    assert (found.platform, found.account_id) == (platform, account_id)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parse_profile_url(text)
    parse_profile_url("https://" + text)
    parse_profile_url("https://example.org/@" + text)
    for platform in ("x", "mastodon", "wikipedia", "spotify", "stackoverflow"):
        profile_url(platform, text, text)


STALLERS = [
    "{host}/" + "a" * 2000, "{host}/" + "a." * 1000, "{host}/" + "a-" * 1000, "{host}/@" + "a" * 1900 + "!",
    "a." * 1000 + "{host}/", "a-" * 1000 + ".{host}/", "{host}/profile.php?" + "id=&" * 500, "{host}/" + "/" * 2000,
    "{host}/in/" + "%41" * 650, "{host}/users/" + "_." * 900 + "\n", "a" * 2000 + "@{host}", "{host}/u?" + "u=" * 900,
]  # fmt: skip


def test_no_pattern_can_stall() -> None:
    """Every pattern against every hostile text of the greatest length we accept: seconds would mean backtracking."""
    started = time.process_time()
    slowest = 0.0
    for platform in PLATFORMS.values():
        hosts = [h.replace("*", "com") for h in platform.facts.hosts] or ["tube.example.org"]
        for text in (t.format(host=h)[:2048] for t in STALLERS for h in hosts):
            for pattern in (*platform.patterns, platform.handle_pattern, *filter(None, (platform.id_pattern,))):
                before = time.process_time()
                pattern.fullmatch(text)
                slowest = max(slowest, time.process_time() - before)
    assert slowest < 0.1
    assert time.process_time() - started < 10
