from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.catalogue import load_catalogue
from app.reports.links import build_link, shorten
from app.reports.route import Reporter, Route
from app.reports.service import build_routes
from matchers.profile import Account, AccountRef, Handle, Subject

RULES = load_catalogue().rules
JANE = Subject(
    names=("Zoë Müller-Ångström 🌟",),
    handles=(Handle("zoe", "x"),),
    own_accounts=(AccountRef("bluesky", "zoe.example"),),
)
LONG = ["Der Name ist derselbe, nur ein Buchstabe ist anders geschrieben: „o“ wurde zu „0“ 🙂 اسم" * 4] * 12


def _routes(platform: str, evidence: list[str] | None, fields: dict[str, str | None]) -> list[Route]:
    account = Account(platform=platform, display_name="Zoë Müller", **{"handle": "zoe_m", **fields})  # type: ignore[arg-type]
    reporter = Reporter(email="zoe@example.org", has_account=False)
    return list(build_routes(JANE, account, "clone", evidence or ["Same photo"], reporter).routes)


def _only(platform: str, start: str, fields: dict[str, str | None], evidence: list[str] | None = None) -> Route:
    found = [r for r in _routes(platform, evidence, fields) if r.url and r.url.startswith(start)]
    assert len(found) == 1
    return found[0]


def _query(route: Route) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(route.url or "").query, keep_blank_values=True, strict_parsing=True))


@pytest.mark.parametrize(
    ("platform", "start", "fields", "expected", "prefilled"),
    [
        ("github", "https://github.com/contact", {"handle": "zoe-m"}, {"report": "zoe-m (user)"}, ("report",)),
        (
            "wordpress_com", "https://wordpress.com/abuse/", {"handle": "zoeblog"},
            {"report_url": "https://zoeblog.wordpress.com"}, ("report_url",),
        ),
        (
            "website", "https://safebrowsing", {"handle": None, "profile_url": "https://a.example/?a=1&b=ü"},
            {"url": "https://a.example/?a=1&b=ü"}, ("url",),
        ),
        (
            "weibo", "https://service.account", {"handle": None, "account_id": "12345678"},
            {"rid": "12345678", "from": "10106", "type": "3", "url": "/u/12345678", "bottomnav": "1", "wvr": "5"},
            ("rid", "url"),
        ),
        (
            "youtube", "https://www.youtube.com/reportabuse", {"account_id": "UC-lHJZR3Gqxm24_Vd_AJ5Yw"},
            {"u": "UC-lHJZR3Gqxm24_Vd_AJ5Yw"}, ("u",),
        ),
        ("youtube", "https://www.youtube.com/reportabuse", {"handle": "zoe"}, {}, ()),
        ("weibo", "https://service.account", {"handle": "zoem"}, {}, ()),
    ],
)  # fmt: skip
def test_query_links(
    platform: str, start: str, fields: dict[str, str | None], expected: dict[str, str], prefilled: tuple[str, ...]
) -> None:
    route = _only(platform, start, fields)
    assert (_query(route) if expected else urlsplit(route.url or "").query) == (expected or "")
    assert route.prefilled == prefilled


def test_a_json_parameter() -> None:
    route = _only("tumblr", "https://www.tumblr.com/abuse", {"handle": "zoem"})
    assert json.loads(base64.b64decode(_query(route)["prefill"])) == {
        "post": None, "urlreporting": "https://www.tumblr.com/zoem", "tumblelog": "zoem", "context": "blog",
    }  # fmt: skip
    assert route.prefilled == ("urlreporting", "tumblelog")


def test_a_zendesk_link_carries_every_field_intact() -> None:
    route = _only("bluesky", "https://blueskyweb.zendesk.com", {"handle": "zoe-m.example"})
    query = _query(route)
    assert query["tf_anonymous_requester_email"] == "zoe@example.org"
    assert query["tf_17205412673421"] == "zoe.example"
    assert "Zoë Müller-Ångström 🌟" in query["tf_description"]
    assert route.prefilled == ("email", "subject", "description", "real_handle")


@pytest.mark.parametrize("platform", ["bluesky", "vrchat", "reddit"])
def test_over_the_zendesk_cliff_the_description_is_cut_and_nothing_else_lost(platform: str) -> None:
    fields: dict[str, str | None] = {"handle": "zoe-m.example"} if platform == "bluesky" else {}
    short = next(r for r in _routes(platform, None, fields) if "tf_description" in (r.url or ""))
    long = next(r for r in _routes(platform, LONG, fields) if "tf_description" in (r.url or ""))
    assert 1800 < len(long.url or "") <= RULES.limits.zendesk
    assert long.prefilled == short.prefilled
    assert (short.shortened, long.shortened) == ((), ("description",))
    before, after = _query(short), _query(long)
    assert after["tf_description"].endswith("…")
    assert len(after["tf_description"]) > 200
    assert {k: v for k, v in after.items() if k != "tf_description"} == {
        k: v for k, v in before.items() if k != "tf_description"
    }


@pytest.mark.parametrize("platform", ["discord", "snapchat", "medium", "quora", "patreon", "tinder", "cameo"])
def test_a_prefill_without_evidence_is_not_claimed(platform: str) -> None:
    for route in _routes(platform, None, {"handle": "zoem"}):
        if (route.url or "").startswith("https"):
            assert route.prefilled == ()
            assert "tf_" not in (route.url or "")
            assert "example.org" not in (route.url or "")


def test_a_mailto_link_follows_rfc_6068() -> None:
    route = _only("telegram", "mailto:abuse@telegram.org", {"handle": "zoe_m"})
    head, _, tail = (route.url or "").partition("?")
    assert head == "mailto:abuse@telegram.org"
    fields = dict(part.split("=") for part in tail.split("&"))
    assert fields.keys() == {"subject", "body"}
    assert "+" not in tail
    assert "%0D%0A" in fields["body"]
    assert "%0A" not in fields["body"].replace("%0D%0A", "")
    assert "\r\n" not in unquote(fields["subject"])
    assert unquote(fields["body"]).replace("\r\n", "\n") == route.copy[1].text


def test_a_mailto_link_stays_short_and_the_whole_text_is_there_to_copy() -> None:
    route = _only("telegram", "mailto:abuse@telegram.org", {"handle": "zoe_m"}, LONG)
    assert len(route.url or "") <= RULES.limits.mailto
    assert len(route.copy[1].text) > 2000
    assert parse_qs(urlsplit(route.url or "").query)["subject"] == ["Suspected impersonation: zoe_m"]


def test_a_server_without_a_known_address_gets_an_open_mail() -> None:
    route = next(r for r in _routes("mastodon", None, {"handle": "zoe@social.example"}) if r.channel == "email")
    assert (route.url or "").startswith("mailto:?subject=")
    assert "The e-mail address of the server's administrator" in route.bring
    assert route.note == "The server's contact address stands at https://social.example/about."


def test_a_handle_of_the_wrong_shape_rides_in_no_link() -> None:
    route = _only("github", "https://github.com/contact", {"handle": "zoe&report_type=dmca"})
    assert route.url == "https://github.com/contact/report-abuse"


@given(st.text(max_size=300), st.integers(0, 600))
def test_shortening_keeps_the_limit_and_the_beginning(text: str, room: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    cut = shorten(text, room)
    encoded = quote(cut.replace("\r\n", "\n").replace("\n", "\r\n"), safe="")
    assert len(encoded) <= room
    assert text.startswith(cut.removesuffix("…"))


def test_an_answer_that_cannot_be_cut_is_left_out_before_the_whole_prefill_is_lost() -> None:
    form = next(c for c in load_catalogue().platforms["bluesky"].channels if c.channel == "web_form")
    values = {"subject": "Hello", "report_text_short": "Text", "real_handle": "ä" * 500}
    link = build_link(form, values, RULES, "self")
    assert link.prefilled == ("subject", "description")
    assert len(link.url or "") <= RULES.limits.zendesk


def test_angle_brackets_do_not_eat_a_zendesk_text() -> None:
    form = next(c for c in load_catalogue().platforms["bluesky"].channels if c.channel == "web_form")
    link = build_link(form, {"report_text_short": "Jane <3 <b>Doe</b>"}, RULES, "self")
    assert parse_qs(urlsplit(link.url or "").query)["tf_description"] == ["Jane ‹3 ‹b›Doe‹/b›"]


def test_reporters_stay_out_of_links_unless_they_say_who_they_are() -> None:
    for platform in load_catalogue().platforms:
        account = Account(platform=platform, handle="zoem@social.example", display_name="Zoë")
        for route in build_routes(JANE, account, "clone", ["Same photo"], Reporter()).routes:
            assert "requester_email" not in (route.url or "")


def test_a_preselected_form_is_opened_for_the_role_it_answers_for() -> None:
    form = load_catalogue().platforms["x"].channels[0]
    assert "i-am-being-impersonated" in (build_link(form, {}, RULES, "self").url or "")
    assert build_link(form, {}, RULES, "authorised_representative").url == form.url
