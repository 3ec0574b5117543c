#!/usr/bin/env python3
"""Two real nodes under real faults: killed, denied their disk, damaged. All they said must hold, and all goes on.

usage: faults.py COMITY DATA WHAT [--seed N] [--kills N] …

WHAT: kills, calls, full, corruption.  Everything lies in a temporary folder that is removed, unless something fails.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

from calls import calls
from corruption import corruption
from full_disk import Skipped, full_disk
from kills import kills

SKIPPED = 77  # as ctest knows it


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("comity")
    words.add_argument("data")
    words.add_argument("what", choices=["kills", "calls", "full", "corruption"])
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kills", type=int, default=15)
    words.add_argument("--calls", type=int, default=15, help="how many of those there are; 0: all")
    words.add_argument("--flips", type=int, default=8, help="bits anywhere in a home, besides the named damage")
    words.add_argument("-v", action="store_true", dest="verbose")
    wanted = words.parse_args()
    for name in ("COMITY_HOME", "COMITY_AS"):
        os.environ.pop(name, None)
    # strace holds the node, and the leak checker can not then.
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    say = (lambda line: print(line, flush=True)) if wanted.verbose else (lambda line: None)
    base = pathlib.Path(tempfile.mkdtemp(prefix="comity-faults-"))
    try:
        tests = {"kills": lambda: kills(base, wanted.seed, wanted.kills, say),
                 "calls": lambda: calls(base, wanted.seed, wanted.calls, say),
                 "full": lambda: full_disk(base, wanted.seed, say),
                 "corruption": lambda: corruption(base, wanted.seed, wanted.flips, say)}
        print(f"{wanted.what}, seed {wanted.seed}: {tests[wanted.what]()}")
    except Skipped as why:
        print(f"{wanted.what}: SKIPPED: {why}")
        shutil.rmtree(base)
        sys.exit(SKIPPED)
    except BaseException:
        print(f"faults: seed {wanted.seed}; everything is kept in {base}", file=sys.stderr)
        raise
    shutil.rmtree(base)


if __name__ == "__main__":
    main()
