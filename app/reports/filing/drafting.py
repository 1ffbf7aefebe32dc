"""From a case to what would be sent: the routes' own text, cut to the limit; or why nothing is."""

from __future__ import annotations

from app.platforms.catalogue import load_catalogue
from app.problems import FieldError, InvalidInputError
from app.reports.fields import split_fields
from app.reports.filing.contract import Case, ChannelInfo, Draft, Filer, Wishes
from app.reports.filing.errors import NotReportableError
from app.reports.service import build_routes, tell_case
from app.reports.wording import single_line


def draft_report(filer: Filer, case: Case, wishes: Wishes) -> Draft:
    """What this channel would send; raises `NotReportableError` and `InvalidInputError`."""
    _check_reportable(filer.info, case)
    _check_wishes(filer.info, wishes)
    return filer.draft(case, wishes, _write_text(filer.info, case))


def _check_reportable(info: ChannelInfo, case: Case) -> None:
    account = case.account
    if account.platform not in info.platforms:
        raise InvalidInputError(
            f"{info.name} reports accounts on {', '.join(info.platforms)}, and this one is on "
            f"{single_line(account.platform, 64)}; `clonecheck routes` lists other ways.",
            errors=[FieldError("/channel", "does not reach the platform of this account")],
        )
    found = build_routes(case.subject, account, case.verdict, case.evidence, case.reporter)
    if found.none_because is not None:
        raise NotReportableError(found.none_because)


def _check_wishes(info: ChannelInfo, wishes: Wishes) -> None:
    if wishes.forward and not info.forwards:
        raise InvalidInputError(
            f"{info.title} knows no copies to another server.", errors=[FieldError("/forward", "is not known there")]
        )
    if wishes.rules and not info.rules:
        raise InvalidInputError(
            f"{info.title} knows no rules to be named.", errors=[FieldError("/rules", "are not known there")]
        )


def _write_text(info: ChannelInfo, case: Case) -> str:
    """The text that the routes offer for this form, with the facts about the account's own platform."""
    catalogue = load_catalogue()
    form, home = catalogue.platforms[info.platform], catalogue.platforms[case.account.platform]
    texts = catalogue.text(case.reporter.language)
    values = tell_case(
        case.subject, case.account, home, case.verdict, case.evidence, case.reporter, texts,
        declares_parody=case.declares_parody,
    )  # fmt: skip
    channel = next(channel for channel in form.channels if channel.channel == "api")
    copy, _ = split_fields(channel, values, case.reporter, texts)
    text = next((field.text for field in copy if field.action == "paste"), values["report_text_short"])
    return cut(text, info.limit, info.limit_bytes)


def cut(text: str, limit: int, limit_bytes: int | None = None) -> str:
    """Cut a text to a number of characters, and of bytes in UTF-8; what is within both stays as it is."""
    while len(text) > limit or (limit_bytes is not None and len(text.encode("utf-8", "replace")) > limit_bytes):
        over = len(text.encode("utf-8", "replace")) - (limit_bytes or limit)
        # A character has four bytes at most, and the mark of a cut has three.
        limit = min(limit, len(text) - max(1, over // 4))
        text = single_line(text, limit)
    return text
