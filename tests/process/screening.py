#!/usr/bin/env python3
"""What is privileged is kept from those who investigate: by the verbs that officers type, in both States.

usage: screening.py COMITY DATA
"""
import os
import random

from items import add
from two_nodes import accepted, holds_in_court, item_state, play, wait


def logged(node, other, kind):
    rows = node.json("log", "entries", f"partner/{other.state}")["entries"]
    return [row["entry"]["facts"] for row in rows if row["entry"]["kind"] == kind]


def screened(bfa, kgz, exchange, mail):
    """A folder that the screener has read; what was taken out is told to whoever gets the rest."""
    reason = ("--reason", "Counsel's addresses were searched for.")
    assert "waits for  screener" in bfa.do("evidence", "screen", exchange, mail, *reason, by=("a",))
    bfa.do("evidence", "screen", exchange, mail, *reason, "--withheld", "12 letters|between the accused and counsel", by=("s",))
    (facts,) = logged(bfa, kgz, "item.screened")
    # Nothing else may be sealed from now on, be it one byte.
    before = mail.stat()
    (mail / "late.eml").write_text("Subject: added after the screening\n\n")
    add(bfa, exchange, mail, fails="evidence.hash")
    (mail / "late.eml").unlink()
    os.utime(mail, ns=(before.st_atime_ns, before.st_mtime_ns))  # the folder's own time is among what was screened


def quarantined(kgz, exchange, item, base):
    out = base / "opened.tar"
    kgz.do("evidence", "quarantine", item, "--reason", "Holds letters of counsel.", by=("x",))
    kgz.do("evidence", "quarantine", item, "--reason", "Once more.", by=("x",), fails="request.conflict")
    assert "QUARANTINE" in kgz.do("evidence", "list")
    assert kgz.json("evidence", "show", item)["quarantine"]["reason"] == "Holds letters of counsel."
    for by in ("a", "x"):
        complaint = kgz.do("evidence", "open", item, "-o", out, by=(by,), fails="request.forbidden")
        assert not out.exists(), complaint
    kgz.do("evidence", "prove", item, "--range", "0-10", "-o", base / "part", by=("x",), fails="request.forbidden")
    left_out = base / "left-out"
    kgz.do("export", exchange, "-o", left_out, "--for", "court")
    assert not list(left_out.rglob("sealed.age")) and not list(left_out.rglob("plain*")), "its bytes are in the export"
    kgz.do("evidence", "open", item, "-o", base / "judged.tar", by=("s",))
    assert "waits for  screener" in kgz.do("evidence", "clear", item, "--reason", "No counsel is among them.", by=("a",))
    kgz.do("evidence", "clear", item, "--reason", "No counsel is among them.", by=("s", "a"))
    kgz.do("evidence", "open", item, "-o", out)
    kgz.do("evidence", "open", item, "-o", base / "again.tar", by=("s",), fails="officer.role")
    assert "quarantine" not in kgz.json("evidence", "show", item)


def story(kgz, bfa, base):
    for node in (kgz, bfa):
        node.officer("s", "screener", by=("a", "b"))
    exchange = accepted(kgz, bfa, base)
    mail = base / "mail"
    mail.mkdir()
    (mail / "one.eml").write_bytes(random.Random(7).randbytes(70_001))
    screened(bfa, kgz, exchange, mail)
    item = add(bfa, exchange, mail).split()[-1]
    bfa.do("evidence", "quarantine", item, "--reason", "To be looked at once more.", by=("a",))
    bfa.do("evidence", "release", exchange, item, by=("x", "a"), fails="request.forbidden")
    bfa.do("evidence", "clear", item, "--reason", "Looked at.", by=("s", "b"))
    # Released while the other State is away, and found to be doubtful before it asks for the bytes.
    kgz.stop()
    bfa.do("evidence", "release", exchange, item, by=("x", "a"))
    bfa.do("evidence", "quarantine", item, "--reason", "A letter was overlooked.", by=("x",))
    kgz.serve()
    wait(bfa, exchange, "--act", "delivery", "--standing", "receipted")
    assert kgz.json("evidence", "show", item)["state"] == "announced", "bytes in quarantine were served"
    bfa.do("evidence", "clear", item, "--reason", "It is no letter of counsel.", by=("s", "b"))
    item_state(kgz, item, "arrived")
    manifest = kgz.json("evidence", "show", item)["manifest"]
    assert {"what": "12 letters", "reason": "between the accused and counsel"} in manifest["omissions"], manifest
    quarantined(kgz, exchange, item, base)
    assert len(logged(kgz, bfa, "item.quarantined")) == len(logged(kgz, bfa, "item.cleared")) == 1
    holds_in_court(kgz, bfa, exchange, base / "export")


if __name__ == "__main__":
    play(story)
    print("screening: passed, quarantined, judged and cleared by those who may")
