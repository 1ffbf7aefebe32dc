"""How many real attackers' labels are among the lookalikes that we generate, and how soon.

Run: python -m benchmarks.lookalikes [--data DIR] [--fit]      (DIR or CLONECHECK_TEST_DATA holds names/)

The labels are registered domain names beside the name that they copy. Rows fall into development and test by a hash of
their text; `--fit` prints what the costs of matchers/lookalike_tables.py rest on, from development rows alone. The five
names are in both halves: the figures say how well the order holds for other labels of the same names. Where the package
dnstwist is installed, its figures stand beside ours; it gives no order, so all that it generates counts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib
import math
import os
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from benchmarks.matching_rows.name_rows import read_rows
from matchers.lookalike_twists import list_twists
from matchers.lookalikes import Syntax, apply_twists, lookalikes

SIZES = (100, 1_000, 5_000)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LABEL = Syntax(allows=lambda text: _LABEL.fullmatch(text) is not None, shows_case=False)
Labels = dict[str, set[str]]


def in_test(text: str) -> bool:
    """Put half of everything into the test part, by a hash."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


def read_labels(folder: Path, *, test: bool) -> Labels:
    """Read one half of the attackers' labels by the name that they copy."""
    labels: Labels = defaultdict(set)
    for row in read_rows(folder / "phish_lookalike_labels.csv"):
        target, label = row["target"], row["lookalike"]
        if in_test(f"{target}|{label}") == test and label != target:
            labels[target].add(label)
    return dict(labels)


def share(generated: Iterable[str], labels: Collection[str]) -> float:
    """The share of the labels that was generated."""
    return len(set(generated) & set(labels)) / len(labels)


def check_labels(labels: Labels) -> None:
    """Print the share of each name's labels among the first lookalikes."""
    heads = "".join(f"{f'top {size:,}':>11}" for size in SIZES)
    for title, syntax in (("as domain labels", LABEL), ("no platform restriction", Syntax(shows_case=False))):
        print(f"{title:28}{'labels':>8}{heads}")
        rows = []
        for target, known in labels.items():
            found = [one.handle for one in lookalikes(target, None, max(SIZES), syntax)]
            rows.append([share(found[:size], known) for size in SIZES])
            print(f"  {target:26}{len(known):>8}" + "".join(f"{value:>11.3f}" for value in rows[-1]))
        print(f"  {'mean':34}" + "".join(f"{statistics.mean(column):>11.3f}" for column in zip(*rows, strict=True)))


def check_dnstwist(labels: Labels) -> None:
    """Print the same for dnstwist, where it is installed."""
    try:
        dnstwist = importlib.import_module("dnstwist")
    except ImportError:
        print("dnstwist is not installed: pip install dnstwist")
        return
    print(f"{'dnstwist, all it generates':28}{'labels':>8}{'generated':>11}{'share':>11}{'ours, as many':>15}")
    for target, known in labels.items():
        fuzzer = dnstwist.Fuzzer(f"{target}.com")
        fuzzer.generate()
        domains = {item["domain"].removesuffix(".com") for item in fuzzer.domains} - {target}
        ours = [one.handle for one in lookalikes(target, None, len(domains), LABEL)]
        shares = f"{share(domains, known):>11.3f}{share(ours, known):>15.3f}"
        print(f"  {target:26}{len(known):>8}{len(domains):>11,}{shares}")


def check_press(folder: Path) -> None:
    """Print the rank of the fake handles that the press named; there are too few of them to split."""
    with (folder / "press_cases.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["real_handle"]]
    for row in rows:
        found = [one.handle for one in lookalikes(row["real_handle"], "x", 20_000, Syntax(), (row["real_name"],))]
        rank = f"{found.index(row['other_handle']) + 1:,}" if row["other_handle"] in found else "not in 20,000"
        print(f"  {row['real_handle']:16}{row['other_handle']:16}{rank:>14}")


def print_fit(labels: Labels) -> None:
    """Print for each kind of twist which share attackers took, as the mean over the names, and the cost from it.

    Half of the labels are held back, so twice the share is what is expected of all.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for target, known in labels.items():
        kinds: dict[str, dict[str, None]] = defaultdict(dict)
        seen = {target}
        for twist in list_twists(target, shows_case=False, other_scripts=False):
            text = apply_twists(target, (twist,))
            if text not in seen and LABEL.allows(text):
                seen.add(text)
                edge = ", first letter" if twist.start == 0 else ", at the end" if twist.start == len(target) else ""
                kinds[twist.kind + edge][text] = None
        for kind, texts in kinds.items():
            shares[kind].append(sum(text in known for text in texts) / len(texts))
    for kind, values in sorted(shares.items(), key=lambda item: -statistics.mean(item[1])):
        expected = min(1.0, 2 * statistics.mean(values))
        cost = f"{-math.log2(expected):.1f}" if expected else "-"
        print(f"  {kind:26} share {expected:.3f}   cost {cost:>4}   ({len(values)} names)")


def check_speed() -> None:
    """Print how long a list of 50 takes."""
    handles = ("elonmusk", "repjanedoe", "jane.doe_99", "McFaul", "adaezebrandvold") * 20
    lookalikes("janedoe", "x", 50, Syntax())
    start = time.perf_counter()
    for handle in handles:
        lookalikes(handle, "x", 50, Syntax())
    print(f"50 lookalikes in {(time.perf_counter() - start) / len(handles) * 1e3:.2f} ms")


def main() -> None:
    """Print every figure, or what the costs rest on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CLONECHECK_TEST_DATA", "../shared/data")))
    parser.add_argument("--fit", action="store_true", help="print the shares that the costs were read from")
    chosen = parser.parse_args()
    folder = chosen.data / "names"
    if chosen.fit:
        print_fit(read_labels(folder, test=False))
        return
    labels = read_labels(folder, test=True)
    check_labels(labels)
    check_dnstwist(labels)
    print("fake handles named by the press, and their rank")
    check_press(folder)
    check_speed()


if __name__ == "__main__":
    main()
