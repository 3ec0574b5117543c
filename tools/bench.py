#!/usr/bin/env python3
"""Measures Comity beside what people use today, on this machine, in one run, and says what it measured.

usage: tools/bench.py COMITY [--size-mib 2048] [--quick]
Two real nodes are driven by the public command line alone, as in tools/demo.sh. Prints one table and writes
build/bench/results.json. Everything runs on one machine, so nothing here says what a network would add.
"""
import argparse
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHUNK = 1 << 22
sys.path.insert(0, str(ROOT / "bench"))

from nodes import Pair, answers, free_port, memory_mib, process, run  # noqa: E402


def habit(folder, item, copy, digest=("sha256sum",)):
    """Seconds of: a digest, age, a copy, a digest of what came, sync. `copy` takes one file into a folder."""
    key, sealed, received = folder / "age.key", folder / "item.age", folder / "received"
    if not key.exists():
        run("age-keygen", "-o", key)
    received.mkdir()
    recipient = run("age-keygen", "-y", key)
    started = time.monotonic()
    run(*digest, item)
    run("age", "-r", recipient, "-o", sealed, item)
    copy(sealed, received)
    run(*digest, received / sealed.name)
    run("sync", received / sealed.name)  # durable, as the node's arrival is
    seconds = time.monotonic() - started
    shutil.rmtree(received)
    sealed.unlink()
    return seconds


def rsync(sealed, received):
    """A local copy: no network and no TLS, which is generous to the habit."""
    run("rsync", sealed, received)


@contextlib.contextmanager
def rclone_over_tls(folder):
    """A copy through 'rclone serve webdav' with TLS on loopback; the certificate is not checked."""
    certificate, key, port = folder / "tls.crt", folder / "tls.key", free_port()
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate)
    served = folder / "served"
    served.mkdir()
    with process(["rclone", "serve", "webdav", served, "--addr", f"127.0.0.1:{port}", "--cert", certificate,
                  "--key", key], lambda: answers(("127.0.0.1", port), socket.AF_INET)):
        def copy(sealed, received):
            os.rename(sealed, served / sealed.name)
            run("rclone", "copy", f":webdav:{sealed.name}", received, "--webdav-url", f"https://127.0.0.1:{port}",
                "--no-check-certificate")
            os.rename(served / sealed.name, sealed)
        yield copy


def measure_place(comity, parent, size_mib, times):
    """All ways of handing one item over, with every file below `parent`."""
    found = {"transfer_s": [], "rsync_s": [], "rsync_openssl_s": [], "rclone_s": []}
    with tempfile.TemporaryDirectory(prefix="comity-bench-", dir=parent) as name:
        folder = pathlib.Path(name)
        item = folder / "item.bin"
        with open(item, "wb") as out:
            for _ in range(size_mib * (1 << 20) // CHUNK):
                out.write(os.urandom(CHUNK))
        pair = Pair(comity, folder)
        pair.make_homes()
        with pair.serve("kgz") as (kgz, start_kgz), pair.serve("bfa") as (bfa, start_bfa):
            pair.settle()
            pair.agree()
            found["start_s"] = statistics.median((start_kgz, start_bfa))
            found["idle_mib"] = {"sender": memory_mib(kgz, "VmRSS"), "receiver": memory_mib(bfa, "VmRSS")}
            for _ in range(times):
                os.sync()
                found["transfer_s"].append(pair.transfer(item))
            found["peak_mib"] = {"sender": memory_mib(kgz, "VmHWM"), "receiver": memory_mib(bfa, "VmHWM")}
        for _ in range(times):
            os.sync()
            found["rsync_s"].append(habit(folder, item, rsync))
            found["rsync_openssl_s"].append(habit(folder, item, rsync, ("openssl", "dgst", "-sha256")))
        if shutil.which("rclone"):
            with rclone_over_tls(folder) as copy:
                for _ in range(times):
                    os.sync()
                    found["rclone_s"].append(habit(folder, item, copy))
    return found


def machine(comity):
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    return {"cpu": model, "cores": os.cpu_count(), "load_before": os.getloadavg(), "kernel": platform.release(),
            "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
            "commit": run("git", "-C", ROOT, "rev-parse", "HEAD"),
            "program_sha256": hashlib.sha256(comity.read_bytes()).hexdigest(),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def table(results):
    here = results["machine"]
    yield f"{here['cpu']}, {here['cores']} cores, {here['memory_mib']} MiB; Linux {here['kernel']}"
    yield f"commit {here['commit'][:12]}, program {here['program_sha256'][:12]}, {here['date']}"
    yield "load average: before %.2f %.2f %.2f" % here["load_before"] + ", after %.2f %.2f %.2f" % here["load_after"]
    if acts := results["acts"]:
        yield f"\nActs ({acts['what']}), every turn durable on disk"
        yield f"  round trip, 1 act: p50 {acts['round_trip_p50_ms']:.1f} ms, p99 {acts['round_trip_p99_ms']:.1f} ms"
        yield f"  letters of {acts['letter_acts']} acts: {acts['acts_per_s']:.0f} acts/s, durable and receipted"
        yield f"  custody log, batches of {acts['log_batch_entries']}: {acts['log_entries_per_s']:.0f} entries/s"
    for place, found in results["places"].items():
        yield f"\nOne item of {results['size_mib']} MiB, {place} (median of {results['times']})"
        ours = statistics.median(found["transfer_s"])
        rows = (("Comity: add, release, arrive verified", "transfer_s"),
                ("sha256sum, age, rsync to a local folder (no network, no TLS), sha256sum", "rsync_s"),
                ("the same with openssl's digest, faster on processors that hash", "rsync_openssl_s"),
                ("sha256sum, age, rclone over TLS on loopback, sha256sum", "rclone_s"))
        for label, key in rows:
            if found[key]:
                seconds = statistics.median(found[key])
                yield (f"  {label:<72} {seconds:7.2f} s {results['size_mib'] / seconds:7.0f} MiB/s"
                       f"   {seconds / ours:5.2f} x Comity's time")
        for label, key in (("idle", "idle_mib"), ("peak", "peak_mib")):
            yield f"  node's memory, {label}: sender {found[key]['sender']:.0f} MiB, " \
                  f"receiver {found[key]['receiver']:.0f} MiB"
        yield f"  start of serve to the first /healthz: {found['start_s'] * 1000:.0f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("comity", type=pathlib.Path)
    parser.add_argument("--size-mib", type=int, default=2048)
    parser.add_argument("--quick", action="store_true", help="each way once instead of three times")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    comity, out = options.comity.resolve(), ROOT / "build/bench"
    out.mkdir(parents=True, exist_ok=True)
    results = {"machine": machine(comity), "size_mib": options.size_mib, "times": 1 if options.quick else 3,
               "acts": None, "places": {}}
    acts_bench = out / "bin/acts_bench"
    if acts_bench.exists():
        with tempfile.TemporaryDirectory(prefix="acts-", dir=out) as folder:
            results["acts"] = json.loads(run(acts_bench, folder))
    for place, parent in (("on disk", out), ("in memory (/dev/shm)", pathlib.Path("/dev/shm"))):
        results["places"][place] = measure_place(comity, parent, options.size_mib, results["times"])
    results["machine"]["load_after"] = os.getloadavg()
    (out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
