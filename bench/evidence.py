"""One item of evidence, side by side: what this machine can do at most, what Comity does, what people use today.

Everything runs on one machine and one disk, so nothing here says what a network would add. All data is made on the spot.
"""
import json
import os
import pathlib
import resource
import shutil
import statistics
import tempfile
import threading
import time

import rivals
from nodes import Pair, cpu_s, memory_mib, run

CHUNK = 1 << 22
SPARE_MIB = 3072  # left free of memory when /dev/shm is touched


def make_incompressible(item, mib):
    with open(item, "wb") as out:
        for _ in range(mib * (1 << 20) // CHUNK):
            out.write(os.urandom(CHUNK))


def make_image(item, mib):
    """A file system as it lies on a disk, with programs and libraries of this machine in it, and with holes."""
    with tempfile.TemporaryDirectory(prefix="image-", dir=item.parent) as name:
        folder, left = pathlib.Path(name), int(mib * (1 << 20) * 0.8)
        for source in sorted(pathlib.Path("/usr").rglob("*")):
            if source.is_symlink() or not source.is_file():
                continue
            left -= source.stat().st_size
            if left < 0:
                break
            target = folder / source.relative_to("/usr")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", folder, item, f"{mib}M")


ITEMS = {"incompressible": make_incompressible, "a disk image (ext4)": make_image}


def touch_memory(folder, mib):
    """Makes the host give this machine the memory that /dev/shm will use, so that no run pays for it."""
    file = folder / "touched"
    with open(file, "wb") as out:
        for _ in range(mib * (1 << 20) // CHUNK):
            out.write(bytes(CHUNK))
    file.unlink()


def memory_to_touch_mib():
    """What is free in /dev/shm, less what this machine needs to live."""
    memory = os.statvfs("/dev/shm")
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(0, min(memory.f_bavail * memory.f_frsize, pages) // (1 << 20) - SPARE_MIB)


def bounds(program, folder, mib):
    """Both bounds on one item, in seconds a GiB of it: what the processors must do, and what the disk must take."""
    found = json.loads(run(program, folder, mib))
    ns, cores = found["ns_per_byte"], os.cpu_count()
    cryptography = (ns["plaintext_sha256"] + ns["chunk_seal"] + 2 * ns["chunk_leaf_hash"] + ns["tls_encrypt"]
                    + ns["tls_decrypt"])
    kernel = 2 * ns["file_read"] + 2 * ns["file_write"] + ns["loopback"]
    disk_mib_s = max(found["buffered_mib_s"], found["direct_mib_s"])
    return found | {"cryptography_s_per_gib": cryptography * 1.073741824 / cores,
                    "cpu_s_per_gib": (cryptography + kernel) * 1.073741824 / cores,
                    "disk_s_per_gib": 2 * 1024 / disk_mib_s}


def comity(program, folder, item, times):
    """Item after item through two nodes; then a small one while a large one moves."""
    found = {"runs": []}
    pair = Pair(program, folder)
    pair.make_homes()
    with pair.serve("kgz") as (kgz, start_kgz), pair.serve("bfa") as (bfa, start_bfa):
        pair.settle()
        pair.agree()
        found["start_s"] = statistics.median((start_kgz, start_bfa))
        found["idle_mib"] = {"sender": memory_mib(kgz, "VmRSS"), "receiver": memory_mib(bfa, "VmRSS")}
        for _ in range(times):
            os.sync()
            before = cpu_s(kgz), cpu_s(bfa), children_cpu_s()
            took = pair.transfer(item)
            took["sender_cpu_s"], took["receiver_cpu_s"], took["commands_cpu_s"] = (
                cpu_s(kgz) - before[0], cpu_s(bfa) - before[1], children_cpu_s() - before[2])
            found["runs"].append(took)
        found["peak_mib"] = {"sender": memory_mib(kgz, "VmHWM"), "receiver": memory_mib(bfa, "VmHWM")}
        small = folder / "small.bin"
        small.write_bytes(os.urandom(1 << 20))
        found["small_alone_s"] = statistics.median(pair.transfer(small)["seconds"] for _ in range(3))
        found["small_beside_s"] = small_beside(pair, item, small)
    return found


def small_beside(pair, item, small):
    """Seconds of small items, from 'add' to arrived, while a large one is sealed and moves."""
    took = []
    large = threading.Thread(target=pair.transfer, args=(item,))
    large.start()
    while large.is_alive():
        one = pair.transfer(small)["seconds"]
        if large.is_alive():
            took.append(one)
    large.join()
    return took


def children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(program, bounds_program, parent, kind, mib, times, with_rivals):
    with tempfile.TemporaryDirectory(prefix="evidence-", dir=parent) as name:
        folder = pathlib.Path(name)
        item = folder / "item.bin"
        ITEMS[kind](item, mib)
        found = {"bounds": bounds(bounds_program, folder, min(mib, 2048)), "mib": mib,
                 "is_disk": not str(parent).startswith("/dev/shm")}
        found["comity"] = comity(program, folder, item, times)
        found["rivals"] = {}
        for label, way in rivals.ways(folder, item, with_rivals):
            seconds = []
            try:
                for _ in range(times):
                    os.sync()
                    seconds.append(way())
            except rivals.Missing as why:
                found["rivals"][label] = {"missing": str(why)}
                continue
            found["rivals"][label] = {"seconds": seconds}
        return found


def rows(found):
    mib, ours = found["mib"], found["comity"]
    gib = mib / 1024
    seconds = statistics.median(one["seconds"] for one in ours["runs"])
    limit = found["bounds"]
    is_disk = found["is_disk"] and limit["disk_s_per_gib"] > limit["cpu_s_per_gib"]  # memory is written by processors alone
    bound_s = limit["disk_s_per_gib" if is_disk else "cpu_s_per_gib"] * gib
    name = "disk" if is_disk else "processors"
    yield "  bounds: " + ", ".join(f"{what} {ns:.3f}" for what, ns in limit["ns_per_byte"].items()) + "  (ns a byte, one core)"
    yield f"          two writers: buffered {limit['buffered_mib_s']:.0f} MiB/s, direct {limit['direct_mib_s']:.0f} MiB/s"
    for label, key in (("processors, cryptography alone", "cryptography_s_per_gib"),
                       ("processors, with the kernel's copies", "cpu_s_per_gib"), ("disk", "disk_s_per_gib")):
        if label == "disk" and not found["is_disk"]:
            continue
        yield f"  {'bound: ' + label:<72} {limit[key] * gib:7.2f} s"
    yield f"  {'Comity: add, release, arrived, verified, durable, logged':<72} {seconds:7.2f} s {mib / seconds:7.0f} MiB/s" \
          f"   {bound_s / seconds:.2f} of the bound ({name})"
    parts = {key: statistics.median(one[key] for one in ours["runs"])
             for key in ("add_s", "release_s", "arrive_s", "sender_cpu_s", "receiver_cpu_s", "commands_cpu_s")}
    yield f"    of which sealing {parts['add_s']:.2f} s, release {parts['release_s']:.2f} s, until arrived {parts['arrive_s']:.2f} s"
    yield f"    CPU a GiB: sender {parts['sender_cpu_s'] / gib:.2f} s, receiver {parts['receiver_cpu_s'] / gib:.2f} s, " \
          f"commands {parts['commands_cpu_s'] / gib:.2f} s"
    for label, one in found["rivals"].items():
        if "missing" in one:
            yield f"  {label:<72}  not measured: {one['missing']}"
            continue
        theirs = statistics.median(one["seconds"])
        base, against = (parts["add_s"], "sealing") if label.startswith("age alone") else (seconds, "Comity")
        yield f"  {label:<72} {theirs:7.2f} s {mib / theirs:7.0f} MiB/s   {theirs / base:5.2f} x {against}'s time"
    for label, key in (("idle", "idle_mib"), ("peak", "peak_mib")):
        yield f"  node's memory, {label}: sender {ours[key]['sender']:.0f} MiB, receiver {ours[key]['receiver']:.0f} MiB"
    beside = ours["small_beside_s"]
    yield f"  an item of 1 MiB: alone {ours['small_alone_s']:.2f} s" + \
          (f", while the large one moves {statistics.median(beside):.2f} s (most {max(beside):.2f} s)" if beside else "")
    yield f"  start of serve to the first /healthz: {ours['start_s'] * 1000:.0f} ms"
