#!/usr/bin/env python3
"""Measures Comity beside what people use today, on this machine, in one run, and says what it measured.

usage: tools/bench.py COMITY [acts] [evidence] [--size-mib 4096] [--times 3] [--rivals rclone,scp,nncp,syncthing]
Real nodes are driven by the public command line alone, as in tools/demo.sh. Prints tables and writes build/bench/WHAT.json.
Everything runs on one machine, so nothing here says what a network would add.
"""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import signal
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/bench"
sys.path.insert(0, str(ROOT / "bench"))

import evidence  # noqa: E402
from nodes import run  # noqa: E402


def machine(comity):
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    return {"cpu": model, "cores": os.cpu_count(), "load_before": os.getloadavg(), "kernel": platform.release(),
            "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
            "commit": run("git", "-C", ROOT, "rev-parse", "HEAD"),
            "program_sha256": hashlib.sha256(comity.read_bytes()).hexdigest(),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def machine_rows(here):
    yield f"{here['cpu']}, {here['cores']} cores, {here['memory_mib']} MiB; Linux {here['kernel']}"
    yield f"commit {here['commit'][:12]}, program {here['program_sha256'][:12]}, {here['date']}"
    yield "load average: before %.2f %.2f %.2f" % here["load_before"] + ", after %.2f %.2f %.2f" % here["load_after"]


def bench_acts(options):
    with tempfile.TemporaryDirectory(prefix="acts-", dir=OUT) as folder:
        acts = json.loads(run(options.comity.parent / "acts_bench", folder))

    def rows():
        yield f"\nActs ({acts['what']}), every turn durable on disk"
        yield f"  round trip, 1 act: p50 {acts['round_trip_p50_ms']:.1f} ms, p99 {acts['round_trip_p99_ms']:.1f} ms"
        yield f"  letters of {acts['letter_acts']} acts: {acts['acts_per_s']:.0f} acts/s, durable and receipted"
        yield f"  custody log, batches of {acts['log_batch_entries']}: {acts['log_entries_per_s']:.0f} entries/s"
    return acts, rows()


def bench_evidence(options):
    found = {}
    memory = pathlib.Path("/dev/shm")
    evidence.touch_memory(memory, min(4 * options.size_mib, evidence.memory_to_touch_mib()))
    for place, parent in (("on disk", OUT), ("in memory (/dev/shm)", memory)):
        for kind in evidence.ITEMS:
            found[f"{kind}, {place}"] = evidence.measure(options.comity, options.comity.parent / "bounds_bench", parent, kind,
                                                         options.size_mib, options.times, options.rivals)
    found["first_byte"] = json.loads(run(options.comity.parent / "first_byte_bench", OUT))

    def rows():
        for title, one in found.items():
            if title == "first_byte":
                continue
            yield f"\nOne item of {one['mib']} MiB, {title} (medians of {options.times})"
            yield from evidence.rows(one)
        first = found["first_byte"]
        yield f"\nFirst byte of an item of {first['tib']} TiB: {first['first_byte_ms']:.1f} ms after it was asked for, " \
              f"{first['peak_mib']:.0f} MiB of memory at most"
    return found, rows()


BENCHES = {"acts": bench_acts, "evidence": bench_evidence}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("comity", type=pathlib.Path)
    parser.add_argument("what", nargs="*", choices=[*BENCHES, []], default=[])
    parser.add_argument("--size-mib", type=int, default=4096)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rivals", default="rclone,scp,nncp,syncthing", type=lambda text: text.split(","))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    options.comity = options.comity.resolve()
    OUT.mkdir(parents=True, exist_ok=True)
    for what in options.what or BENCHES:
        here = machine(options.comity)
        found, rows = BENCHES[what](options)
        here["load_after"] = os.getloadavg()
        (OUT / f"{what}.json").write_text(json.dumps({"machine": here, what: found}, indent=2) + "\n")
        print("\n".join([*machine_rows(here), *rows]), flush=True)


if __name__ == "__main__":
    main()
