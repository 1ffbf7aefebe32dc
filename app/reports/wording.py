"""From what is known to the texts of a report. A sentence with an unknown value is left out, never printed half."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from app.platforms.catalogue import Platform, split_instance
from app.platforms.identity import address_of, ascii_host, profile_url
from app.platforms.texts import Text, Texts
from app.reports.route import Reporter, Statement
from matchers.profile import Account, Subject

Values = Mapping[str, str]

MAX_VALUE = 200
MAX_SENTENCE = 400
MAX_SENTENCES = 12
MAX_URLS = 5
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_HOSTILE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def single_line(text: str, limit: int = MAX_VALUE) -> str:
    """A text on one line, without controls and direction marks, cut to `limit` characters."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if unicodedata.category(c) in _HOSTILE else c for c in text if c not in _BIDI)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def fill(template: str, values: Values) -> str | None:
    """Fill a template; None if it stands in for anything unknown."""
    if "{" not in template:
        return template
    if any(name not in values for name in _PLACEHOLDER.findall(template)):
        return None
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _sentence(alternatives: Sequence[str], values: Values) -> str | None:
    filled = next((f for f in (fill(a, values) for a in alternatives) if f is not None), None)
    if filled is None or filled.startswith("http"):
        return filled
    return filled[:1].upper() + filled[1:]


def render(text: Text, values: Values, joint: str = " ") -> str:
    """Write out a text: of each sentence the first alternative that can be filled, or nothing."""
    return joint.join(s for s in (_sentence(alternatives, values) for alternatives in text) if s)


def _web_url(url: str | None) -> str | None:
    """A web address that is safe to print and to open, or None."""
    if not url or len(url) > 2000 or any(c.isspace() or c in "\"'<>\\" for c in url) or single_line(url, 2000) != url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not parts.netloc.isascii():
        return None
    return url if ascii_host(parts.hostname or "") else None


def account_url(account: Account, platform: Platform) -> str | None:
    """The address of an account: canonical where it has one, else the one observed with it."""
    return address_of(platform, account.handle, account.account_id) or _web_url(account.profile_url)


def _unchanged(text: str | None) -> str | None:
    """A handle or id that is safe to print as it is. Cleaned of hidden characters it would be somebody else's."""
    return text if text and single_line(text) == text else None


def _suspect_values(account: Account, platform: Platform) -> dict[str, str | None]:
    stable = _unchanged(account.account_id)
    handle = _unchanged(account.handle.strip().removeprefix("@")) if account.handle else None
    known_id = stable if stable and platform.id_pattern and platform.id_pattern.fullmatch(stable) else None
    return {
        "platform": platform.name.partition(" (")[0],
        "suspect_url": account_url(account, platform),
        "suspect_handle": handle,
        "suspect_id": stable,
        "suspect_did": known_id if known_id and known_id.startswith("did:") else None,
        "suspect_name": single_line(account.display_name) if account.display_name else None,
        "handle": handle,
        "id": known_id,
        "channel_id": known_id,
        "instance": _instance(handle) if handle and platform.names_host else None,
    }


def _instance(handle: str) -> str | None:
    """The server a handle names; a stranger wrote it, so only a host name passes into a link."""
    host = split_instance(handle)[1]
    return ascii_host(host) if host else None


def _own_urls(subject: Subject, platform: Platform, suspect_url: str | None) -> list[str]:
    """Addresses of the person's own accounts, those on the suspect's platform first."""
    refs = [(a.platform, a.handle, a.account_id) for a in subject.own_accounts]
    refs += [(h.platform, h.text, None) for h in subject.handles if h.platform]
    refs.sort(key=lambda ref: ref[0] != platform.id)
    urls = (profile_url(*ref) for ref in refs)
    return [url for url in dict.fromkeys(urls) if url and url != suspect_url][:MAX_URLS]


def _own_handle(subject: Subject, platform: Platform) -> str | None:
    own = [a.handle for a in subject.own_accounts if a.platform == platform.id and a.handle]
    own += [h.text for h in subject.handles if h.platform == platform.id]
    return single_line(own[0].removeprefix("@")) if own else None


def _subject_values(subject: Subject, platform: Platform, suspect_url: str | None) -> dict[str, str | None]:
    urls = _own_urls(subject, platform, suspect_url)
    name = next((line for line in map(single_line, subject.names) if line), None)
    return {
        "real_name": name,
        "real_handle": _own_handle(subject, platform),
        "real_url": urls[0] if urls else None,
        "real_urls": ", ".join(urls) or None,
        "other_real_urls": ", ".join(urls[1:]) or None,
    }


def _reporter_values(reporter: Reporter, texts: Texts) -> dict[str, str | None]:
    answer = None if reporter.has_account is None else texts.answers["yes" if reporter.has_account else "no"]
    return {
        "reporter_name": single_line(reporter.name) if reporter.name else None,
        "reporter_email": single_line(reporter.email, 320) if reporter.email else None,
        "reporter_role": texts.reporter_role[reporter.role],
        "has_account": answer,
        "country": reporter.country,
    }


def _said(codes: Sequence[str], values: Values, texts: Texts) -> str | None:
    """The findings in the words of this language; None where it has none for them."""
    known = [texts.evidence[code] for code in codes if code in texts.evidence]
    return " ".join(f"{told}." for told in (_sentence(one, values) for one in known) if told) or None


def _tell(statement: Statement | str, values: Values, texts: Texts) -> str | None:
    """A finding as one line: what of the profile it is about, and what was found."""
    if isinstance(statement, str):
        statement = Statement(statement)
    line = _said(statement.codes, values, texts) or single_line(statement.text, MAX_SENTENCE)
    if not line:
        return None
    label = texts.evidence_labels.get(statement.codes[0].partition(".")[0]) if statement.codes else None
    line = line if line[-1] in ".!?…" else line + "."
    return f"{label}: {line}" if label else line


def tell_evidence(evidence: Sequence[Statement | str], values: Values, texts: Texts) -> list[str]:
    """The findings as lines in the order given, each with its full stop; at most twelve."""
    return [line for line in (_tell(one, values, texts) for one in evidence[:MAX_SENTENCES]) if line]


def _evidence_values(lines: Sequence[str]) -> dict[str, str]:
    if not lines:
        return {}
    return {"evidence_summary": " ".join(lines), "evidence_list": "\n".join(f"- {line}" for line in lines)}


def collect_values(
    subject: Subject,
    account: Account,
    platform: Platform,
    evidence: Sequence[Statement | str],
    reporter: Reporter,
    texts: Texts,
    *,
    declares_parody: bool = False,
    disclosure: str | None = None,
    photo_alone: bool = False,
) -> dict[str, str]:
    """Everything that a template may stand in for and that is known about this case.

    With `declares_parody` the texts are neutral: they quote the disclosure and ask for a judgement of the label. With
    `photo_alone` they say nothing of a copied name.
    """
    suspect = _suspect_values(account, platform)
    known = {
        **suspect,
        **_subject_values(subject, platform, suspect["suspect_url"]),
        **_reporter_values(reporter, texts),
        "disclosure": single_line(disclosure).rstrip(". ") if disclosure else None,
    }
    values = {name: value for name, value in known.items() if value}
    values["suspect"] = next(f for f in (fill(a, values) for a in texts.suspect[0]) if f is not None)
    values |= _evidence_values(tell_evidence(evidence, values, texts))
    values["reporter_statement"] = render(texts.reporter_statement[reporter.role], values)
    values["copyright_subject"] = render(texts.copyright_subject, values)
    values["subject"] = render(texts.subject_parody if declares_parody else texts.subject, values)
    report, short = texts.report_text, texts.report_text_short
    if declares_parody:
        report, short = texts.report_text_parody, texts.report_text_short_parody
    elif photo_alone:
        report, short = (*texts.photo_reuse, *report[1:]), (*texts.photo_reuse_short, *short[1:])
    values["report_text"] = render(report, values, "\n")
    values["report_text_short"] = render(short, values)
    values["dmca_text"] = render(texts.dmca_text, values, "\n")
    values["gdpr_text"] = render(texts.gdpr_text, values, "\n")
    values["legal_reason"] = render(texts.legal_reason, values)
    values["dsa_text"] = render(texts.dsa_text, values, "\n")
    return values
