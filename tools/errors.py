#!/usr/bin/env python3
"""Writes spec/errors.md from src/base/faults.def; with --check, ends with 1 if the two disagree.

Usage: errors.py [--check] [SOURCE_DIR]
"""
import pathlib
import re
import sys

ROW = re.compile(r'^FAULT\((\w+), "([a-z0-9_.]+)", (\d+), (\d+), "(.+)", "(.+)"\)$')
HEAD = """# Errors: the closed catalogue

Normative. Generated from `src/base/faults.def` by `tools/errors.py`: change that file, not this one.

A code is never reused and never changes its meaning. It stands in signed rejections (`code`), in answers to peers, in problems of
the API (RFC 9457) and behind every exit code of the command line. What comes with it in `detail` is for people alone: no program may read it.

Exit codes: 0 done · 1 a check failed · 2 usage or input · 3 refused by a rule · 4 peer or network · 5 storage · 6 trust.
"""


def document(definitions):
    lines = [HEAD]
    codes = set()
    starts_table = True
    comment = []  # of the family that begins
    for number, line in enumerate(definitions.splitlines(), 1):
        if line.startswith("//"):
            comment.append(line[2:].strip())
        elif line.startswith("FAULT("):
            match = ROW.match(line)
            if not match:
                sys.exit(f"faults.def:{number}: not a row")
            _, code, status, exit_code, happened, following = match.groups()
            if code in codes:
                sys.exit(f"faults.def:{number}: {code} is there already")
            codes.add(code)
            if starts_table:
                title = " ".join(comment).rstrip(".")
                lines.append(f"## {title}\n\n| code | HTTP | exit | what happened | what to do next |")
                lines.append("| --- | --: | --: | --- | --- |")
                starts_table = False
            lines.append(f"| `{code}` | {status} | {exit_code} | {happened} | {following} |")
        elif not line.strip():
            if not starts_table:
                lines.append("")
            starts_table = True
            comment = []
        else:
            sys.exit(f"faults.def:{number}: neither a row nor a comment")
    return "\n".join(lines).rstrip() + "\n"


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    root = pathlib.Path(arguments[0] if arguments else ".")
    target = root / "spec/errors.md"
    text = document((root / "src/base/faults.def").read_text())
    if "--check" not in sys.argv:
        target.write_text(text)
        return 0
    if target.is_file() and target.read_text() == text:
        print("errors: spec/errors.md is what src/base/faults.def says")
        return 0
    print("spec/errors.md: differs from src/base/faults.def; run tools/errors.py")
    return 1


sys.exit(main())
