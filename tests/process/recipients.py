#!/usr/bin/env python3
"""An item for one more authority: by two officers of the State that holds it, and beyond its borders with the consent of the
State that sent it. What they get is opened by age itself.

usage: recipients.py COMITY DATA
"""
import hashlib
import random
import subprocess

from items import add
from two_nodes import accepted, holds_in_court, item_state, play, wait


def new_recipient(base, name):
    """An identity of age's own, and its recipient."""
    file = base / f"{name}.identity"
    subprocess.run(["age-keygen", "-o", file], check=True, capture_output=True)
    told = subprocess.run(["age-keygen", "-y", file], check=True, capture_output=True)
    return file, told.stdout.decode().strip()


def opens(identity, file, plain):
    done = subprocess.run(["age", "-d", "-i", identity, file], capture_output=True)
    return done.returncode == 0 and done.stdout == plain.read_bytes()


def give(node, item, recipient, out, *more, by=("x", "a"), **options):
    return node.do("evidence", "recipient", item, "--recipient", recipient, "--authority", "Regional Court of the exercise",
                   "--reason", "It hears the case.", "-o", out, *more, by=by, **options)


def shared(node, other):
    rows = node.json("log", "entries", f"partner/{other.state}")["entries"]
    return [row["entry"]["facts"] for row in rows if row["entry"]["kind"] == "item.shared"]


def within(kgz, bfa, item, plain, base):
    identity, recipient = new_recipient(base, "court")
    other, _ = new_recipient(base, "other")
    out = base / "court.age"
    assert "waits for  approver" in give(kgz, item, recipient, out, by=("x",))
    assert not out.exists() and shared(kgz, bfa) == []
    give(kgz, item, recipient, out)
    assert opens(identity, out, plain) and not opens(other, out, plain)
    (facts,) = shared(kgz, bfa)
    assert facts["recipient"] == hashlib.sha256(recipient.encode()).hexdigest(), facts
    sealed = kgz.home / "evidence" / item / "sealed.age"
    chunks = sealed.stat().st_size - kgz.json("evidence", "show", item)["manifest"]["prefix_len"]
    assert out.read_bytes()[-chunks:] == sealed.read_bytes()[-chunks:], "the payload is another"
    assert hashlib.sha256(out.read_bytes()[:-chunks]).hexdigest() == facts["header"], facts
    give(kgz, item, "age1nobody", base / "none.age", fails="format.bech32")
    give(bfa, item, recipient, base / "none.age", fails="request.conflict")
    assert not (base / "none.age").exists()


def abroad(kgz, bfa, exchange, item, plain, base):
    identity, recipient = new_recipient(base, "lao")
    out = base / "lao.age"
    there = ("--state", "LAO")
    give(kgz, item, recipient, out, *there, fails="request.forbidden")

    def consent(text):
        before = {act["id"] for act in bfa.json("request", "show", exchange)["acts"]}
        bfa.do("request", "supplement", exchange, "--text", text)
        wait(bfa, exchange, "--act", "supplement", "--standing", "receipted")
        (act,) = {act["id"] for act in bfa.json("request", "show", exchange)["acts"]} - before
        return act

    another = consent(f"Item {item} may also be opened by age1another.")
    give(kgz, item, recipient, out, *there, "--consent", another, fails="request.forbidden")
    request = kgz.json("request", "show", exchange)["acts"][0]["id"]
    give(kgz, item, recipient, out, *there, "--consent", request, fails="request.forbidden")
    assert not out.exists()
    right = consent(f"Item {item} may also be opened by {recipient}, of LAO.")
    give(kgz, item, recipient, out, *there, "--consent", right)
    assert opens(identity, out, plain)
    assert len(shared(kgz, bfa)) == 2


def story(kgz, bfa, base):
    exchange = accepted(kgz, bfa, base)
    plain = base / "disk.img"
    plain.write_bytes(random.Random(5).randbytes(300_001))
    item = add(bfa, exchange, plain).split()[-1]
    bfa.do("evidence", "release", exchange, item, by=("x", "a"))
    item_state(kgz, item, "arrived")
    within(kgz, bfa, item, plain, base)
    abroad(kgz, bfa, exchange, item, plain, base)
    holds_in_court(kgz, bfa, exchange, base / "export")


if __name__ == "__main__":
    play(story)
    print("recipients: one more here, one more abroad, and nobody else")
