"""What each channel sends, and what it makes of the answers, at the other end of a real socket.

Bluesky and Matrix are proven on real servers (tests/servers/test_filing.py); what those do not show is shown here.
Types that Misskey and PeerTube publish are laid over these requests in tests/servers/test_report_types.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.platforms.catalogue import load_catalogue
from app.problems import InvalidInputError
from app.reports.filing.bluesky import OLD_REASON, REASON
from app.reports.filing.contract import Case, Filer, Wishes
from app.reports.filing.drafting import cut, draft_report
from app.reports.filing.line import read_base
from app.reports.filing.registry import connect_all
from app.reports.route import Reporter
from app.settings import Settings
from matchers.profile import Account, Handle, Subject
from tests.filing.cases import Json, file_as_shown, order, preview, run_service, scan_with, settings_for
from tests.filing.platform import Platform, Says, run_platform

TOKEN = "tok-5ecret-N0body-may-read-this"
HANDLE = "adaezebrandvo1d@impostors.example"
DID = "did:plc:" + "a" * 24
BLUESKY: Json = {"platform": "bluesky", "handle": "adaezebrandvo1d.bsky.social"}
XRPC = "/xrpc/com.atproto."
SESSION = Says({"accessJwt": "eyJ.access", "refreshJwt": "eyJ.refresh", "did": "did:plc:" + "b" * 24})
PROFILE = Says({"did": DID, "handle": "adaezebrandvo1d.bsky.social"})


def _file(folder: Path, platform: Platform, channel: str, suspect: Json, token: str = TOKEN, **more: Any) -> Any:
    settings = settings_for(folder, platform.url, bluesky_url=platform.url)
    with run_service(settings) as client:
        asked = order(scan_with(client, suspect), channel, server=platform.url)
        return file_as_shown(client, asked, token, **more)


def _bluesky(folder: Path, platform: Platform) -> Any:
    return _file(folder, platform, "bluesky-api", BLUESKY, account="@me.bsky.social")


def test_bluesky_falls_back_to_the_older_reason_and_ends_its_session(tmp_path: Path) -> None:
    refused = Says({"error": "InvalidRequest", "message": f"Invalid reason type: {REASON}"}, 400)
    answers = {
        f"{XRPC}server.createSession": SESSION,
        "/xrpc/app.bsky.actor.getProfile": PROFILE,
        f"{XRPC}moderation.createReport": refused,
        f"{XRPC}server.deleteSession": Says({}),
    }
    with run_platform(answers) as platform:
        assert "did not accept the report (status 400, InvalidRequest)" in _bluesky(tmp_path, platform).json()["detail"]
        sent = [one.json() for one in platform.posted(f"{XRPC}moderation.createReport")]
        [left] = platform.posted(f"{XRPC}server.deleteSession")
        [signed_in] = platform.posted(f"{XRPC}server.createSession")
    assert [one["reasonType"] for one in sent] == [REASON, OLD_REASON]
    assert {**sent[0], "reasonType": OLD_REASON} == sent[1]
    # The DID was not known before: it was looked up, without the token.
    assert sent[0]["subject"] == {"$type": "com.atproto.admin.defs#repoRef", "did": DID}
    assert left.headers["authorization"] == "Bearer eyJ.refresh"
    assert signed_in.json() == {"identifier": "me.bsky.social", "password": TOKEN}


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("server.createSession", Says({"error": "AuthFactorTokenRequired"}, 401), "make an app password"),
        ("server.createSession", Says({"accessJwt": "two words"}), "gave no token"),
        ("moderation.createReport", Says({"error": "ScopeMissingError"}, 403), "lacks the scope rpc:"),
        ("moderation.createReport", Says({"error": "AccountTakedown"}, 403), "has taken down the account that reports"),
    ],
)
def test_bluesky_explains_its_refusals(tmp_path: Path, path: str, answer: Says, told: str) -> None:
    answers = {f"{XRPC}server.createSession": SESSION, "/xrpc/app.bsky.actor.getProfile": PROFILE}
    with run_platform({**answers, f"{XRPC}{path}": answer}) as platform:
        assert told in _bluesky(tmp_path, platform).json()["detail"]


def test_an_app_password_without_a_handle_is_not_sent_anywhere(tmp_path: Path) -> None:
    with run_platform({"/xrpc/app.bsky.actor.getProfile": PROFILE}) as platform:
        refused = _file(tmp_path, platform, "bluesky-api", BLUESKY)
        assert refused.json()["errors"][0]["pointer"] == "/account"
        assert [one.method for one in platform.seen] == ["GET"]


LOOKED_UP: Mapping[str, tuple[str, Says]] = {
    "misskey-api": ("/api/users/show", Says({"id": "9abc", "username": "AdaezeBrandvo1d"})),
    "pixelfed-api": ("/api/v1/accounts/lookup", Says({"id": "99", "acct": HANDLE})),
    "peertube-api": (f"/api/v1/accounts/{HANDLE}", Says({"id": 42, "name": "adaezebrandvo1d"})),
}
REPORTED: Mapping[str, tuple[str, Says, str | None]] = {
    "misskey-api": ("/api/users/report-abuse", Says(b"", 204), None),
    "pixelfed-api": ("/api/v1.1/report", Says({"msg": "Successfully sent report", "code": 200}), None),
    "peertube-api": ("/api/v1/abuses", Says({"abuse": {"id": 7}}), "7"),
}


@pytest.mark.parametrize("channel", REPORTED)
def test_what_is_sent_is_what_was_shown(tmp_path: Path, channel: str) -> None:
    (lookup, found), (path, taken, receipt) = LOOKED_UP[channel], REPORTED[channel]
    suspect = {"platform": channel.removesuffix("-api"), "handle": HANDLE}
    with run_platform({lookup: found, path: taken}) as platform:
        settings = settings_for(tmp_path, platform.url)
        with run_service(settings) as client:
            asked = order(scan_with(client, suspect), channel, server=platform.url)
            shown = preview(client, asked)
            filed = file_as_shown(client, asked, TOKEN)
        assert filed.json()["receipt"] == receipt, filed.text
        [sent] = platform.posted(path)
    body = sent.json()
    assert {name for name in body if body[name] != shown["body"][name]} <= {"i", "userId", "object_id", "account"}
    expected = {
        "misskey-api": {"i": TOKEN, "userId": "9abc", "comment": shown["text"]},
        "pixelfed-api": {
            "report_type": "impersonation", "object_type": "user", "object_id": "99", "message": shown["text"],
        },
        "peertube-api": {
            "reason": shown["text"], "predefinedReasons": ["spamOrMisleading"], "account": {"id": 42},
        },
    }  # fmt: skip
    assert body == expected[channel]
    if channel != "misskey-api":
        assert sent.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("channel", "answer", "told"),
    [
        ("misskey-api", Says({"error": {"code": "PERMISSION_DENIED"}}, 403), "lacks the permission write:report-abuse"),
        ("misskey-api", Says({"error": {"code": "AUTHENTICATION_FAILED"}}, 401), "does not know this token"),
        ("misskey-api", Says({"error": {"code": "CANNOT_REPORT_THE_ADMIN"}}, 400), "an administrator of your server"),
        (
            "pixelfed-api",
            Says({"error_code": "ERROR_REPORT_DUPLICATE"}, 400),
            "reported this account there already",
        ),
        ("pixelfed-api", Says({}, 403), "lacks the scope write"),
        ("peertube-api", Says({}, 401), "it lasts a day"),
    ],
)
def test_refusals_are_explained(tmp_path: Path, channel: str, answer: Says, told: str) -> None:
    (lookup, found), (path, _, _) = LOOKED_UP[channel], REPORTED[channel]
    with run_platform({lookup: found, path: answer}) as platform:
        refused = _file(tmp_path, platform, channel, {"platform": channel.removesuffix("-api"), "handle": HANDLE})
    assert told in refused.json()["detail"]
    assert "Nothing was filed." in refused.json()["detail"]


@pytest.mark.parametrize("channel", REPORTED)
def test_an_answer_about_another_account_is_not_believed(tmp_path: Path, channel: str) -> None:
    name = HANDLE.partition("@")[0]
    somebody = {"id": 5, "username": "somebody", "name": "somebody", "acct": "somebody@impostors.example"}
    neighbour = {"id": 5, "username": name, "name": name, "acct": name, "host": "another.example"}
    with run_platform({}) as platform, run_service(settings_for(tmp_path, platform.url)) as client:
        scan = scan_with(client, {"platform": channel.removesuffix("-api"), "handle": HANDLE})
        for other in (somebody, neighbour):
            platform.answers[LOOKED_UP[channel][0]] = Says(other)
            refused = file_as_shown(client, order(scan, channel, server=platform.url), TOKEN)
            assert "did not say which account this is. Nothing was filed." in refused.json()["detail"]
        assert platform.posted(REPORTED[channel][0]) == []


@pytest.mark.parametrize("channel", REPORTED)
def test_an_account_that_the_server_does_not_know(tmp_path: Path, channel: str) -> None:
    with run_platform({}) as platform:
        gone = _file(tmp_path, platform, channel, {"platform": channel.removesuffix("-api"), "handle": HANDLE})
        assert (gone.status_code, gone.json()["type"]) == (409, "urn:clonecheck:problem:suspect_gone")
        assert platform.posted(REPORTED[channel][0]) == []


def test_a_matrix_server_older_than_reports_on_users_says_so(tmp_path: Path) -> None:
    client, user = "/_matrix/client/v3", "%40adaezebrandvo1d%3Aimpostors.example"
    answers = {
        f"{client}/account/whoami": Says({"user_id": "@me:home.example"}),
        f"{client}/profile/{user}": Says({"displayname": "Adaeze Brandvold"}),
        f"{client}/users/{user}/report": Says({"errcode": "M_UNRECOGNIZED"}, 404),
    }
    with run_platform(answers) as platform:
        refused = _file(tmp_path, platform, "matrix-api", {"platform": "matrix", "handle": HANDLE})
    assert "older than Matrix 1.14" in refused.json()["detail"]


def _case(platform: str, *evidence: str, handle: str = HANDLE) -> Case:
    subject = Subject(names=("Adaeze Brandvold",), handles=(Handle("adaezebrandvold", "x"),))
    return Case(subject, Account(platform=platform, handle=handle), "clone", evidence, Reporter())


def _draft(filer: Filer, platform: str, *evidence: str, **wishes: Any) -> Any:
    return draft_report(filer, _case(platform, *evidence), Wishes("home.example", **wishes))


@pytest.mark.parametrize("name", connect_all(Settings()))
def test_texts_keep_the_limits_of_their_platform(name: str) -> None:
    filer = connect_all(Settings())[name]
    long = ["Das Konto trägt dasselbe Foto, gespiegelt und beschnitten — 同じ写真です. " * 5] * 12
    for evidence in ((), long):
        text = _draft(filer, filer.info.platform, *evidence).text
        assert 20 < len(text) <= filer.info.limit
        assert len(text.encode()) <= (filer.info.limit_bytes or len(text.encode()))
        assert "adaezebrandvo1d" in text


@pytest.mark.parametrize("text", ["é" * 300, "🙂" * 300, "word " * 100, "a" * 256])
def test_a_cut_keeps_both_limits_and_says_that_it_cut(text: str) -> None:
    short = cut(text, 255, 255)
    assert len(short.encode()) <= 255
    assert len(short.encode()) > 240
    assert short.endswith("…")
    assert cut("fine", 255, 255) == "fine"


def test_a_parody_that_says_so_is_reported_in_neutral_words() -> None:
    filer = connect_all(Settings())["mastodon-api"]
    told = replace(_case("mastodon"), declares_parody=True)
    plain, neutral = (draft_report(filer, one, Wishes("home.example")).text for one in (_case("mastodon"), told))
    assert "appears to impersonate" in plain
    assert "appears to impersonate" not in neutral


def test_forwarding_is_asked_for_and_named() -> None:
    filer = connect_all(Settings())["mastodon-api"]
    plain, copied = _draft(filer, "mastodon"), _draft(filer, "mastodon", forward=True)
    assert (plain.body["forward"], copied.body["forward"]) == ("false", "true")
    assert "impostors.example" not in plain.recipients
    assert "impostors.example" in copied.recipients
    assert plain.fingerprint != copied.fingerprint
    ruled = _draft(filer, "mastodon", rules=("4",))
    assert (ruled.body["category"], ruled.body["rule_ids[]"]) == ("violation", ["4"])
    at_home = _case("mastodon", handle="adaezebrandvo1d@home.example")
    home = draft_report(filer, at_home, Wishes("home.example", forward=True))
    assert home.body["forward"] == "false", "there is no other server"


def test_the_catalogue_names_every_channel_and_no_other() -> None:
    filers = connect_all(Settings())
    named = {
        (facts.id, channel.api.filing)
        for facts in (platform.facts for platform in load_catalogue().platforms.values())
        for channel in facts.channels
        if channel.api is not None and channel.api.filing
    }
    assert {filing for _, filing in named} == set(filers)
    for platform, filing in named:
        assert platform in filers[filing].info.platforms
    for filer in filers.values():
        assert (filer.info.platform, filer.info.name) in named
        assert filer.info.howto


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" HTTPS://Mastodon.Social/ ", "https://mastodon.social"),
        ("mastodon.social:443", "https://mastodon.social"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://[::1]:3000", "https://[::1]:3000"),
        ("mästodon.example", "https://xn--mstodon-5wa.example"),
    ],
)
def test_a_server_is_named_in_any_usual_way(given: str, base: str) -> None:
    assert read_base(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "", "//x", "ftp://x", "m.example/path", "m.example?x", "u@m.example", "m.example:0", "m.example:99999",
        "a b.example", "https://evil.example\\.m.example", "https://a\nb.example", "https://x%2fy", "m.example;x",
        "a..example", "[x]",
    ],
)  # fmt: skip
def test_what_names_no_server_is_refused_before_anything_is_shown(given: str) -> None:
    with pytest.raises(InvalidInputError, match="without a path"):
        read_base(given)
