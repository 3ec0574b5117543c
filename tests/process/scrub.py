#!/usr/bin/env python3
"""The node reads what is at rest: it names what is broken, in its log, its rows and its custody log, to listeners and to the
doctor; a human has it fetched again from the State that sent it.

usage: scrub.py COMITY DATA
"""
import json
import random
import subprocess

import api
from api import Caller
from every_call import DAMAGED
from items import add, items, log_of, until
from two_nodes import COMITY, accepted, item_state, play, wait


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))


def kinds(node, other, item):
    rows = node.json("log", "entries", f"partner/{other.state}")["entries"]
    return [row["entry"]["kind"] for row in rows if row["entry"]["facts"].get("item") == item]


def doctor(node):
    done = subprocess.run([COMITY, "doctor", "--home", node.home, "--json"], capture_output=True, timeout=60)
    return [one for one in json.loads(done.stdout)["findings"] if one["subject"] == "evidence"]


def damaged(kgz, bfa, item, harm):
    """Found by itself at the next start, and named everywhere."""
    kgz.stop()
    harm(kgz.home / "evidence" / item)
    kgz.serve()
    until("it is found", lambda: "damaged" in items(kgz)[item])
    told = items(kgz)[item]["damaged"]
    assert told["code"] == "evidence.chunk", told
    assert f"item {item}: what is stored is not what was signed: evidence.chunk" in log_of(kgz)
    assert kinds(kgz, bfa, item)[-1] == "item.damaged"
    (found_,) = doctor(kgz)
    assert item in found_["words"] and "refetch" in found_["next"], found_
    assert "DAMAGED" in kgz.do("evidence", "list")
    return told


def story(kgz, bfa, base):
    exchange = accepted(kgz, bfa, base)
    plain = base / "disk.img"
    plain.write_bytes(random.Random(8).randbytes(20 * 65_536 + 5))
    good, item = (add(bfa, exchange, plain).split()[-1] for _ in range(2))
    for one in (good, item):
        bfa.do("evidence", "release", exchange, one, by=("x", "a"))
        item_state(kgz, one, "arrived")
    wait(bfa, exchange, "--act", "arrival")
    kgz.do("evidence", "refetch", good, by=("x",), fails="request.conflict")
    bfa.do("evidence", "refetch", good, by=("x",), fails="request.conflict")

    for harm in (lambda folder: flip(folder / "sealed.age", 5 * 65_552 + 500), lambda folder: flip(folder / "sealed.age", 20),
                 lambda folder: flip(folder / "chunks.tiles/tile/0/000.p/21", 70)):
        damaged(kgz, bfa, item, harm)
        kgz.do("evidence", "open", item, "-o", base / "none", fails="")
        assert not (base / "none").exists()
        if DAMAGED - api.seen:
            assert Caller(kgz, "x").ask("POST", f"/v1/items/{item}/refetch")["item"] == item
        else:
            kgz.do("evidence", "refetch", item, by=("x",))
        item_state(kgz, item, "arrived")
        until("it is whole again", lambda: "damaged" not in items(kgz)[item])
        assert kinds(kgz, bfa, item)[-2:] == ["item.refetch", "item.mended"], kinds(kgz, bfa, item)
        assert doctor(kgz) == []
        opened = base / "opened.img"
        opened.unlink(missing_ok=True)
        kgz.do("evidence", "open", item, "-o", opened)
        assert opened.read_bytes() == plain.read_bytes()
    # Evidence outlives the exchange: it is fetched again after the end, too.
    kgz.do("request", "close", exchange)
    wait(bfa, exchange, "--phase", "closed")
    damaged(kgz, bfa, item, lambda folder: flip(folder / "sealed.age", 9 * 65_552 + 500))
    kgz.do("evidence", "refetch", item, by=("x",))
    item_state(kgz, item, "arrived")
    until("it is whole again", lambda: "damaged" not in items(kgz)[item])
    # The other State was told of the arrival once.
    acts = [act["type"] for act in bfa.json("request", "show", exchange)["acts"]]
    assert acts.count("arrival") == 2, acts
    assert "item.damaged" not in kinds(kgz, bfa, good)
    for node in (kgz, bfa):
        node.stop()
        node.tool("log", "check", node.home, "--evidence")
        node.serve()


if __name__ == "__main__":
    play(story)
    print("scrub: damage named and fetched again")
