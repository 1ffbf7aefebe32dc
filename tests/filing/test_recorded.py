"""Mastodon's report beside what its reference client sends, and the reply recorded from a real server."""

from __future__ import annotations

import json
from pathlib import Path

from tests.filing.cases import file_as_shown, order, preview, run_service, scan_with, settings_for
from tests.filing.platform import Says, run_platform
from tests.sources.recordings import read_mastodon_cassette, read_mastodon_form, read_mastodon_parameters

HANDLE = "adaezebrandvo1d@impostors.example"
REPORTS = "/api/v1/reports"


def test_mastodon_takes_the_form_and_its_recorded_reply_is_understood(tmp_path: Path) -> None:
    recorded = read_mastodon_form("test_report", REPORTS)
    [reply] = [one for one in read_mastodon_cassette("test_report") if one.path.rstrip("/") == REPORTS]
    known = Says({"id": recorded["account_id"][0], "acct": HANDLE})
    with run_platform({"/api/v1/accounts/lookup": known, REPORTS: Says(reply.body)}) as platform:
        with run_service(settings_for(tmp_path, platform.url)) as client:
            scan = scan_with(client, {"platform": "mastodon", "handle": HANDLE})
            asked = order(scan, "mastodon-api", server=platform.url, forward=True, rules=["1", "3"])
            text = preview(client, asked)["text"]
            filed = file_as_shown(client, asked, "a-token")
        [sent] = platform.posted(REPORTS)
    assert filed.json()["receipt"] == json.loads(reply.body)["id"]
    ours = sent.form()
    same = {"account_id", "comment"}
    assert same <= recorded.keys()
    assert {name: ours[name] for name in same} == {"account_id": recorded["account_id"], "comment": [text]}
    assert (ours["category"], ours["forward"], ours["rule_ids[]"]) == (["violation"], ["true"], ["1", "3"])
    # As it writes a list: recorded of the posts.
    assert "status_ids[]" in recorded
    assert {name.removesuffix("[]") for name in ours} <= read_mastodon_parameters("reports", "report")
