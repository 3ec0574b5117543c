#!/usr/bin/env python3
"""Parts of items, proven without the rest: by both States, for ranges and for each file of a folder; checked by the program
and by hand as docs/part-proofs.md says it.

usage: parts.py COMITY DATA
"""
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import tarfile

from items import SAID, add
from two_nodes import COMITY, accepted, holds_in_court, item_state, play

DOC = (pathlib.Path(__file__).parents[2] / "docs/part-proofs.md").read_text()
FILES = 300


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


def by_hand(bundle, fingerprint, base):
    """What the document says, typed."""
    folder = base / "by-hand"
    subprocess.run(["rm", "-rf", folder], check=True)
    folder.mkdir()
    told = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(blocks("sh"))], cwd=folder, capture_output=True,
                          env=os.environ | {"BUNDLE": str(bundle)})
    said = told.stdout.decode().split()
    assert told.returncode == 0, told.stderr.decode()
    assert said[0] == fingerprint and said[2] == "true" and said[3] == said[4], told.stdout
    checked = subprocess.run(["python3", "-c", *blocks("python")], cwd=folder, capture_output=True)
    return checked.returncode == 0, (checked.stdout + checked.stderr).decode(), folder


def verified(bundle, node, code=0):
    words = ["--trust", f"{node.state}={node.fingerprint}"] if node else []
    done = subprocess.run([COMITY, "verify", bundle, *words, "--json"], capture_output=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def a_range(kgz, bfa, item, plain, base):
    bundle = base / "range.part"
    told = json.loads(kgz.do("evidence", "prove", item, "--range", "70000-70003", "-o", bundle, "--json"))
    assert (told["first"], told["end"]) == (65_536, 131_072), told
    with tarfile.open(bundle) as archive:
        names = archive.getnames()
        shown = archive.extractfile("bytes").read()
    assert names == ["README.txt", "part.json", "manifest.json", "delivery.p7m", "entry.p7m", "bytes"], names
    assert shown == plain.read_bytes()[65_536:131_072] and hashlib.sha256(shown).hexdigest() == told["sha256"]
    checks = verified(bundle, bfa)
    assert "bytes 65536 to 131072 of the 400003" in checks["part.bytes"]["words"], checks
    assert verified(bundle, None, code=2)["state.trust"]["verdict"] == "not_checked"
    holds, words, folder = by_hand(bundle, bfa.fingerprint, base)
    assert holds, words
    # One bit, in each member: neither believes it.
    size = bundle.stat().st_size
    for at in (600, 3_000, size // 20, size // 2, size - 3_000):
        bent = base / "bent.part"
        bytes_ = bytearray(bundle.read_bytes())
        bytes_[at] ^= 1
        bent.write_bytes(bytes_)
        verified(bent, bfa, code=1)
    shown = bytearray((folder / "bytes").read_bytes())
    shown[5] ^= 1
    (folder / "bytes").write_bytes(shown)
    assert subprocess.run(["python3", "-c", *blocks("python")], cwd=folder, capture_output=True).returncode != 0
    # The beginning, the end, and all of it.
    for number, span in enumerate(("0-0", "400002-400002", "0-400002")):
        out = base / f"range-{number}.part"
        kgz.do("evidence", "prove", item, "--range", span, "-o", out)
        verified(out, bfa)
        assert by_hand(out, bfa.fingerprint, base)[0]
    kgz.do("evidence", "prove", item, "--range", "0-400003", "-o", base / "none", fails="request.usage")
    kgz.do("evidence", "prove", item, "--file", "a", "-o", base / "none", fails="request.usage")
    kgz.do("evidence", "prove", item, "--range", "5-1", "-o", base / "none", fails="request.usage")
    assert not list(base.glob("none*")) and not list(base.glob("*.parts")), "something stays"
    return told


def make_folder(base, dice):
    folder = base / "mailbox"
    for number in range(FILES):
        path = folder / f"{number % 7}" / f"{number}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dice.randbytes(dice.choice((0, 1, 511, 512, 5_000))))
        path.chmod(0o640)
        os.utime(path, ns=(0, 1_700_000_000_123_456_789 + number))
    (folder / "большое.bin").write_bytes(dice.randbytes(300_000))
    os.symlink("0/0.eml", folder / "link")
    return folder


def a_file_of_a_folder(node, bfa, item, folder, base, name):
    bundle = base / f"{node.state}-{name.replace('/', '_')}.part"
    node.do("evidence", "prove", item, "--file", f"mailbox/{name}", "-o", bundle)
    words = verified(bundle, bfa)["part.entry"]["words"]
    path = folder / name
    content = path.read_bytes()
    assert f"{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}" in words, words
    holds, said, by = by_hand(bundle, bfa.fingerprint, base)
    assert holds, said
    with tarfile.open(by / "bytes") as archive:
        (entry,) = archive.getmembers()
        assert archive.extractfile(entry).read() == content
    assert entry.name == f"mailbox/{name}" and entry.mode == path.stat().st_mode & 0o7777, entry.name
    assert abs(entry.mtime - path.stat().st_mtime) < 0.001
    # The least that can be: its headers and itself.
    assert (by / "bytes").stat().st_size <= 2_560 + (len(content) + 511) // 512 * 512


def kinds(node, other):
    return [row["entry"] for row in node.json("log", "entries", f"partner/{other.state}")["entries"]]


def story(kgz, bfa, base):
    exchange = accepted(kgz, bfa, base)
    dice = random.Random(77)
    plain = base / "disk.img"
    plain.write_bytes(dice.randbytes(400_003))
    folder = make_folder(base, dice)
    items = [add(bfa, exchange, path).split()[-1] for path in (plain, folder)]
    bfa.do("evidence", "prove", items[0], "--range", "0-1", "-o", base / "early", by=("x",), fails="evidence.unreleased")
    for item in items:
        bfa.do("evidence", "release", exchange, item, by=("x", "a"))
    for item in items:
        item_state(kgz, item, "arrived")
    told = a_range(kgz, bfa, items[0], plain, base)
    for node in (kgz, bfa):
        for name in ("0/0.eml", "3/150.eml", "большое.bin"):
            a_file_of_a_folder(node, bfa, items[1], folder, base, name)
    kgz.do("evidence", "prove", items[1], "--file", "mailbox/none.eml", "-o", base / "none", fails="request.not_found")
    proven = [entry["facts"] for entry in kinds(kgz, bfa) if entry["kind"] == "item.proven"]
    assert len(proven) == 4 + 3 and proven[0]["first"] == told["first"] and proven[0]["end"] == told["end"], proven
    assert proven[0]["sha256"] == told["sha256"] and proven[0]["item"] == items[0], proven
    holds_in_court(kgz, bfa, exchange, base / "export")


if __name__ == "__main__":
    play(story)
    print("parts: ranges and files proven by both States, checked by hand")
