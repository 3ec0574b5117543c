#!/usr/bin/env python3
"""The life of evidence items on two real nodes: what goes wrong leaves nothing behind and can be done again.

usage: items.py COMITY DATA

Items of every size and with holes, a custodian's hash that does not match, a node that dies while bytes come, bytes that are told as they move, a
destruction that comes too early and one that does not, files that are gone. It waits for conditions, never for time.
"""
import hashlib
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from api import Socket, ask, signed
from two_nodes import COMITY, DEADLINE_S, Node, STORED_DATA, answers, found, item_state, trust, wait, write

SAID = ("--custodian", "Mail Example", "--collector", "Sgt. X", "--collected-at", "2026-03-09T08:30:00Z",
        "--authorisation", "Order 77/2026")


def until(what, condition):
    end = time.monotonic() + float(DEADLINE_S)
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def folders(node):
    return sorted(path.name for path in (node.home / "evidence").iterdir())


def keys(node, kind):
    return sorted(path.name for path in (node.home / "keys/evidence").iterdir() if path.name.startswith(kind))


def items(node):
    return {item["id"]: item for item in node.json("evidence", "list")["items"]}


def log_of(node):
    return node.home.with_suffix(".log").read_text()


def add(node, exchange, path, *more, **options):
    return node.do("evidence", "add", exchange, path, *SAID, *more, "-q", by=("x",), **options)


def wrong_hash(bfa, exchange, plain):
    add(bfa, exchange, plain, "--received-sha256", "00" * 31 + "01", fails="evidence.hash")
    (failed,) = items(bfa).values()
    assert failed["state"] == "failed", failed
    until("the sealed bytes are removed", lambda: folders(bfa) == [])
    assert keys(bfa, "item-") == []
    kinds = [row["entry"]["kind"] for row in bfa.json("log", "entries", "partner/KGZ")["entries"]]
    assert kinds.count("item.failed") == 1 and "item.sealed" not in kinds, kinds


def death_while_sealing(bfa, exchange):
    signers = ["--home", bfa.home, "--as", bfa.key("x")]
    upload = subprocess.Popen([COMITY, "evidence", "add", exchange, "-", "--name", "live.img", *SAID, *signers],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    upload.stdin.write(random.Random(1).randbytes(4_000_000))
    upload.stdin.flush()
    until("bytes are being sealed", lambda: any((bfa.home / "evidence").glob("*/sealed.age.partial")))
    assert len(keys(bfa, "item-")) == 1
    bfa.stop(signal.SIGKILL)
    upload.stdin.close()
    assert upload.wait(60) != 0
    bfa.serve()
    assert folders(bfa) == [] and keys(bfa, "item-") == []
    assert [item["state"] for item in items(bfa).values()] == ["failed", "failed"]


def told_while_sealing(bfa, exchange, plain):
    """Progress is told while the bytes move, and then where the item stands."""
    door = Socket(bfa.home / "socket")
    door.request("GET", "/v1/events", headers=signed(bfa, "a", "GET", "/v1/events", state="BFA"))
    events = door.getresponse()
    item = add(bfa, exchange, plain).split()[-1]
    told = []
    while not told or told[-1].get("state") != "sealed":
        line = events.readline()
        assert line, told
        if line.startswith(b"data: "):
            told.append(json.loads(line.removeprefix(b"data: ")))
    progress = [one for one in told if one["kind"] == "progress"]
    assert progress and all(one["item"] == item and one["bytes_done"] > 0 for one in progress), told
    door.close()
    return item


def every_size(kgz, bfa, exchange, base):
    """Nothing, a byte, a chunk, one byte more, and a file that is mostly holes: each comes out as it went in."""
    chunk, holes = 65536, base / "holes.img"
    with open(holes, "wb") as out:
        out.truncate((128 << 20) + 7)
        for at in (1 << 20, (100 << 20) + 1, (128 << 20) + 6):
            out.seek(at)
            out.write(b"evidence"[:(128 << 20) + 7 - at])
    plain = [holes]
    for size in (0, 1, chunk, chunk + 1):
        plain.append(base / f"size-{size}.bin")
        plain[-1].write_bytes(random.Random(size).randbytes(size))
    added = {add(bfa, exchange, path).split()[-1]: path for path in plain}
    for item in added:
        bfa.do("evidence", "release", exchange, item, by=("x", "a"))
    for item, path in added.items():
        item_state(kgz, item, "arrived")
        kgz.do("evidence", "open", item, "-o", base / "opened.bin")
        with open(path, "rb") as one, open(base / "opened.bin", "rb") as other:
            assert hashlib.file_digest(one, "sha256").digest() == hashlib.file_digest(other, "sha256").digest(), path
        (base / "opened.bin").unlink()


def story(kgz, bfa, base):
    trust(kgz, bfa)
    trust(bfa, kgz)
    form = write(base / "stored-data.json", STORED_DATA)
    exchange = kgz.do("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", form, "--send",
                      "-q", by=("a", "b")).strip()
    wait(kgz, exchange, "--act", "request", "--standing", "receipted")
    bfa.do("directory", "confirm", "KGZ", "--words", "Called, and spoke with the duty officer")
    bfa.do("request", "accept", exchange, "--answers", answers(bfa, exchange, base / "answers.json"))
    wait(kgz, exchange, "--phase", "accepted")
    plain = base / "disk.img"
    plain.write_bytes(random.Random(4711).randbytes(3_000_003))

    wrong_hash(bfa, exchange, plain)
    death_while_sealing(bfa, exchange)
    item = told_while_sealing(bfa, exchange, plain)
    assert items(bfa)[item]["manifest"]["tool"].startswith("not stated; sealed with comity ")

    kgz.stop()
    bfa.do("evidence", "release", exchange, item, by=("x", "a"))
    bfa.do("evidence", "destroy", item, "--remains", "Nothing", by=("x", "a"), fails="evidence.under_way")
    kgz.serve()
    wait(kgz, exchange, "--act", "delivery")
    item_state(kgz, item, "arrived")
    wait(bfa, exchange, "--act", "arrival")
    kgz.do("evidence", "destroy", item, "--remains", "Nothing", fails="evidence.under_way")

    # What one State destroys, the other still has.
    bfa.do("evidence", "destroy", item, "--remains", "The copy of the other State", by=("x", "a"))
    until("the sealed bytes are removed", lambda: folders(bfa) == [])
    assert keys(bfa, "item-") == []
    said = bfa.json("evidence", "show", item)["destruction"]
    assert said["statement"]["remains"] == "The copy of the other State", said
    manifest = bfa.json("evidence", "show", item)["manifest"]
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert said["statement"]["items"] == [{"item": item, "name": "disk.img",
                                           "manifest": hashlib.sha256(canonical).hexdigest()}], said
    assert {one["duty"]: one["name"] for one in said["signatures"]} == {"executor": "BFA x", "approver": "BFA a"}
    (logged,) = [row["entry"]["facts"] for row in bfa.json("log", "entries", "partner/KGZ")["entries"]
                 if row["entry"]["kind"] == "item.destroyed"]
    canonical = json.dumps(said["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert logged["statement"] == said["digest"] == hashlib.sha256(canonical).hexdigest(), logged
    kgz.do("evidence", "open", item, "-o", base / "opened.img")
    assert (base / "opened.img").read_bytes() == plain.read_bytes()
    for node in (kgz, bfa):
        export = base / f"export-{node.state}"
        node.do("export", exchange, "-o", export, "--for", "court")
        node.tool("verify", export, "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}")

    every_size(kgz, bfa, exchange, base)

    # What is not there is named, and nothing that is unknown is touched.
    bfa.stop()
    kgz.stop()
    unknown = "00" * 15 + "01"
    (kgz.home / "evidence" / unknown).mkdir(0o700)
    (kgz.home / "evidence" / item / "sealed.age").rename(base / "sealed.age")
    kgz.serve()
    assert f"item {item} (disk.img): its bytes should be here" in log_of(kgz)
    assert f"evidence/{unknown}: no item of this name is known" in log_of(kgz) and unknown in folders(kgz)
    kinds = [row["entry"]["kind"] for row in kgz.json("log", "entries", "internal")["entries"]]
    assert kinds.count("node.stopped") == 2 and kinds.count("node.started") == 3, kinds


def main():
    os.environ.pop("COMITY_HOME", None)
    os.environ.pop("COMITY_AS", None)
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        kgz, bfa = Node(base, "KGZ", "Kyrgyz Republic"), Node(base, "BFA", "Burkina Faso")
        try:
            for node in (kgz, bfa):
                node.serve()
                found(node)
            story(kgz, bfa, base)
        finally:
            for node in (kgz, bfa):
                node.end()
    print("items: failed, told, destroyed and missed as told")


if __name__ == "__main__":
    main()
