"""Write app/web/locale/messages.pot: every text of the pages, for translators. `make messages` runs it."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

WEB = Path(__file__).resolve().parent.parent / "app" / "web"
TEMPLATE = WEB / "locale" / "messages.pot"
_METHODS = [("**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}}


def collect_messages() -> str:
    """All texts of the templates as a gettext template, in a fixed order and without a date."""
    catalog = Catalog(project="clonecheck", charset="utf-8", fuzzy=False)
    found = extract_from_dir(WEB / "templates", _METHODS, _OPTIONS)
    for name, _line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1], str(item[2]))):
        catalog.add(message, None, [(f"templates/{name}", 0)], auto_comments=comments, context=context)
    out = io.BytesIO()
    write_po(out, catalog, width=120, omit_header=True, no_location=False, include_lineno=False)
    return out.getvalue().decode()


if __name__ == "__main__":
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_text(collect_messages(), encoding="utf-8")
