#!/usr/bin/env python3
"""How long a node with many acts takes from its start to its doors: after an orderly stop, and after a kill.

usage: bench/restart.py COMITY MANY_ACTS [--acts N] [--starts N] [--folder F]

MANY_ACTS: the program of that name. Answers in one line of JSON; all else goes to stderr.
"""
import argparse
import json
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from nodes import free_port, memory_mib, run


def started(comity, home):
    """A node that serves, and how long that took."""
    began = time.monotonic()
    node = subprocess.Popen([comity, "serve", home], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    line = node.stdout.readline()
    seconds = time.monotonic() - began
    if not line:
        raise SystemExit(f"restart: it does not serve: exit {node.wait()}")
    return node, seconds


def ended(node, how):
    node.send_signal(how)
    node.wait()
    node.stdout.close()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("comity")
    words.add_argument("many_acts")
    words.add_argument("--acts", type=int, default=1_000_000)
    words.add_argument("--starts", type=int, default=5)
    words.add_argument("--folder")
    wanted = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="comity-restart-", dir=wanted.folder) as folder:
        home = pathlib.Path(folder) / "kgz"
        run(wanted.comity, "init", home, "--state", "KGZ", "--name", "State KGZ", "--authority", "Exercise Authority",
            "--listen", f"127.0.0.1:{free_port()}", "--exercise", "--contact", "Duty officer|+996 312 000000|Exercise only", "-q")
        node, empty_s = started(wanted.comity, home)
        ended(node, signal.SIGTERM)
        began = time.monotonic()
        run(wanted.many_acts, home, wanted.acts)
        print(f"restart: {wanted.acts} acts in {time.monotonic() - began:.0f} s", file=sys.stderr)
        node, first_s = started(wanted.comity, home)
        ended(node, signal.SIGTERM)
        stopped, killed = [], []
        for list_of, how in ((stopped, signal.SIGTERM), (killed, signal.SIGKILL)):
            for _ in range(wanted.starts):
                node, seconds = started(wanted.comity, home)
                list_of.append(seconds)
                resident_mib = memory_mib(node, "VmRSS")
                ended(node, how)
        print(json.dumps({
            "what": "from start to open doors", "acts": wanted.acts, "database_mib": (home / "node.db").stat().st_size >> 20,
            "empty_s": round(empty_s, 3), "first_s": round(first_s, 3),
            "after_stop_s": round(statistics.median(stopped), 3), "after_stop_max_s": round(max(stopped), 3),
            "after_kill_s": round(statistics.median(killed), 3), "after_kill_max_s": round(max(killed), 3),
            "resident_mib": round(resident_mib, 1)}))


if __name__ == "__main__":
    main()
