#!/usr/bin/env python3
"""An item that is sent while it is sealed: the other State reads it before its last byte is there; the sender's node dies in
the middle, and what arrives is the source.

usage: early.py COMITY DATA
"""
import datetime
import hashlib
import os
import random
import signal
import subprocess

from two_nodes import COMITY, accepted, holds_in_court, item_state, play, wait

SAID = ("--records", "bytes", "--source", "Server 4 (exercise)", "--scope", "The whole disk", "--custodian", "Mail Example",
        "--collector", "Sgt. X", "--authorisation", "Order 77/2026", "--tool", "imager 1.0")
CHUNK = 65_536


def until():
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def begun(node, *words):
    signers = [word for name in ("x", "a") for word in ("--as", node.key(name))]
    return subprocess.Popen([COMITY, *map(str, words), "--home", node.home, *signers], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(child):
    out, err = child.communicate(timeout=180)
    assert child.returncode == 0, err.decode()
    return out.decode()


def growing_item(bfa, exchange, before):
    (item,) = {one["id"] for one in bfa.json("evidence", "list", exchange)["items"]} - before
    return item


def is_read_before_it_ends(kgz, bfa, exchange, base):
    """From a pipe that stays open: nobody knows yet what comes."""
    plain = random.Random(8).randbytes(40 * CHUNK + 11)
    fifo = base / "tap"
    os.mkfifo(fifo)
    before = {one["id"] for one in bfa.json("evidence", "list", exchange)["items"]}
    child = begun(bfa, "evidence", "live", exchange, fifo, *SAID, "--until", until(), "-q")
    with open(fifo, "wb") as tap:
        tap.write(plain[: 20 * CHUNK])
        tap.flush()
        wait(bfa, exchange, "--act", "delivery", "--standing", "receipted")
        item = growing_item(bfa, exchange, before)
        follower = subprocess.Popen([COMITY, "evidence", "follow", item, "--home", kgz.home, "--as", kgz.key("a")],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seen = follower.stdout.read(19 * CHUNK)  # the twentieth waits until it is known not to be the last
        assert seen == plain[: 19 * CHUNK], "the other State reads other bytes"
        assert kgz.json("evidence", "show", item)["is_open"] and child.poll() is None
        tap.write(plain[20 * CHUNK :])
    assert ended(child).split()[-1] == item
    item_state(kgz, item, "arrived")
    rest, complaint = follower.communicate(timeout=60)
    seen += rest
    # Its last chunk may have come with the completion, and not through the stream: then it says so.
    assert seen == plain or (plain.startswith(seen) and b"evidence.ended" in complaint), complaint
    manifest = kgz.json("evidence", "show", item)["manifest"]
    assert manifest["live"]["why"] == "source" and manifest["plaintext_sha256"] == hashlib.sha256(plain).hexdigest(), manifest
    kgz.do("evidence", "open", item, "-o", base / "tapped")
    assert (base / "tapped").read_bytes() == plain
    return item


def outlives_its_node(kgz, bfa, exchange, base):
    """From a file, given again by the verb itself when the node is back."""
    plain = random.Random(9).randbytes(400 * CHUNK)  # a whole number of chunks
    disk = base / "disk.img"
    disk.write_bytes(plain)
    before = {one["id"] for one in bfa.json("evidence", "list", exchange)["items"]}
    count = len([act for act in bfa.json("request", "show", exchange)["acts"] if act["type"] == "delivery"])
    child = begun(bfa, "evidence", "live", exchange, disk, *SAID, "--until", until(), "-q")
    while len([act for act in bfa.json("request", "show", exchange)["acts"] if act["type"] == "delivery"]) == count:
        assert child.poll() is None, child.communicate()
    item = growing_item(bfa, exchange, before)
    sealed = bfa.home / "evidence" / item / "sealed.age.partial"
    while child.poll() is None and not (sealed.exists() and sealed.stat().st_size > 40 * CHUNK):
        pass
    bfa.stop(signal.SIGKILL)
    bfa.serve()
    ended(child)
    item_state(kgz, item, "arrived")
    kgz.do("evidence", "open", item, "-o", base / "disk.copy")
    assert (base / "disk.copy").read_bytes() == plain


def story(kgz, bfa, base):
    exchange = accepted(kgz, bfa, base)
    bfa.do("evidence", "live", exchange, "/dev/null", *SAID[2:], "--records", "flow", "--until", until(), by=("x", "a"),
           fails="format.manifest")
    item = is_read_before_it_ends(kgz, bfa, exchange, base)
    bfa.do("evidence", "live", exchange, "/dev/null", "--item", item, by=("x",), fails="evidence.ended")
    outlives_its_node(kgz, bfa, exchange, base)
    holds_in_court(kgz, bfa, exchange, base / "export")


if __name__ == "__main__":
    play(story)
    print("early: read before it ended, and whole after its node died")
