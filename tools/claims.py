#!/usr/bin/env python3
"""Holds docs/threat-model.md to the tests: whatever it names as proof must be there, and every claim must name something.
A proof is a test, a file of tests, or one function of such a file (FILE:FUNCTION).

usage: tools/claims.py FOLDER
"""
import pathlib
import re
import sys

TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\((\w+),\s*(\w+)", re.MULTILINE)
SOURCES = ("src", "sim", "tests", "cmd")


def named_tests(root):
    found = set()
    for folder in SOURCES:
        for path in (root / folder).rglob("*.cpp"):
            found.update(".".join(match) for match in TEST.findall(path.read_text()))
    return found


def is_there(proof, tests, root):
    path, _, function = proof.partition(":")
    if function:
        return (root / path).is_file() and f"def {function}(" in (root / path).read_text()
    return proof in tests or (root / path).is_file()


def main():
    root = pathlib.Path(sys.argv[1])
    tests = named_tests(root)
    text = (root / "docs/threat-model.md").read_text()
    section = text.split("## Claims, and")[1].split("## What is not defended")[0]
    wrong, proofs = [], 0
    for line in section.splitlines():
        if not line.startswith("| ") or line in ("| claim | held by |", "| --- | --- |"):
            continue
        claim, held_by = line.strip("| ").split(" | ")
        named = re.findall(r"`([^`]+)`", held_by)
        proofs += len(named)
        if not named:
            wrong.append(f"no test holds: {claim}")
        wrong += [f"{claim}: {proof} is not there" for proof in named if not is_there(proof, tests, root)]
    print("\n".join(wrong) or f"claims: {proofs} proofs are there")
    return 1 if wrong or not proofs else 0


if __name__ == "__main__":
    sys.exit(main())
