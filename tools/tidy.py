#!/usr/bin/env python3
"""House rules that no compiler checks, run as a test: file length, column width, words with a better
replacement, a head comment in every source file, links in documents that lead somewhere.

Prints each breach as file:line and ends with 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
LINES_MAX = 600
COLUMNS_MAX = 120
BANNED = [  # pattern, what to use instead, files that may
    (r"\bstd::rand\b|\bsrand\(", "the Random port", ()),
    (r"system_clock::now", "the Clock port", ("src/base/time.cpp",)),
    (r"\bstrto[ld]|\bstd::sto[il]|\batoi\(", "std::from_chars", ()),
    (r"\bFIXME\b|\bXXX\b", "an issue, or the mend", ()),
    (r"using namespace std\b", "the full name", ()),
    (r"sleep_for|\bsleep\(|\busleep\(", "a condition to wait for", ()),
]


def tracked():
    try:
        listing = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
        return [ROOT / line for line in listing.stdout.splitlines()]
    except (OSError, subprocess.CalledProcessError):
        return [p for p in ROOT.rglob("*") if "build" not in p.parts]


def main():
    bad = []
    for path in tracked():
        if not path.is_file():
            continue
        name = str(path.relative_to(ROOT))
        if path.suffix in (".cpp", ".hpp"):
            lines = path.read_text().splitlines()
            if len(lines) > LINES_MAX:
                bad.append(f"{name}: {len(lines)} lines; one idea each ({LINES_MAX} at most)")
            if path.suffix == ".hpp" and not (lines and lines[0].startswith("//")):
                bad.append(f"{name}:1: says not what it is for")
            for number, line in enumerate(lines, 1):
                if len(line) > COLUMNS_MAX:
                    bad.append(f"{name}:{number}: {len(line)} columns")
                for pattern, instead, exempt in BANNED:
                    if re.search(pattern, line) and name not in exempt:
                        bad.append(f"{name}:{number}: use {instead}")
        if path.suffix == ".md":
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                    if not (path.parent / target).exists():
                        bad.append(f"{name}:{number}: the link to {target} leads nowhere")
    print("\n".join(bad) if bad else "tidy: all in order")
    return 1 if bad else 0


sys.exit(main())
