#!/usr/bin/env python3
"""Two real nodes over a line that fails, before a sender who lies, beside a receiver who is slow.

usage: fault.py COMITY DATA WHAT [--seed N] [--count N] …

WHAT: cuts, flight, liar, receivers, rest.  A thousand cuts: fault.py COMITY DATA cuts --count 1000 -v
Everything lies in a temporary folder that is removed, unless something fails.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "process"))

from cuts import cuts  # noqa: E402
from flight import flight  # noqa: E402
from liar import liar  # noqa: E402
from receivers import receivers  # noqa: E402
from rest import rest  # noqa: E402


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("comity")
    words.add_argument("data")
    words.add_argument("what", choices=["cuts", "flight", "liar", "receivers", "rest"])
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--count", type=int, default=40, help="how many troubles and kills")
    words.add_argument("-v", action="store_true", dest="verbose")
    wanted = words.parse_args()
    for name in ("COMITY_HOME", "COMITY_AS"):
        os.environ.pop(name, None)
    say = (lambda line: print(line, flush=True)) if wanted.verbose else (lambda line: None)
    base = pathlib.Path(tempfile.mkdtemp(prefix="comity-fault-"))
    tests = {"cuts": lambda: cuts(base, wanted.seed, wanted.count, say), "flight": lambda: flight(base, wanted.seed, say),
             "liar": lambda: liar(base, wanted.seed, say), "receivers": lambda: receivers(base, wanted.seed, say),
             "rest": lambda: rest(base, wanted.seed, say)}
    try:
        print(f"{wanted.what}, seed {wanted.seed}: {tests[wanted.what]()}")
    except BaseException:
        print(f"fault: seed {wanted.seed}; everything is kept in {base}", file=sys.stderr)
        raise
    shutil.rmtree(base)


if __name__ == "__main__":
    main()
