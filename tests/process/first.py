#!/usr/bin/env python3
"""What goes first on the line between two real nodes: large items wait for the hours that each State set, unless they avert an
emergency, or an officer says so; while they move too, and over a restart.

usage: first.py COMITY DATA
"""
import datetime
import random
import re

from api import Caller
from items import add, items, log_of, until
from two_nodes import FORM, accepted, answers, item_state, play, wait, write

LARGE, CEILING = 20 << 20, 4 << 20  # bytes; bytes a second
EMERGENCY = {
    "requesting_authority": "Cybercrime Unit",
    "persons_at_risk": [{"name": "A child of about nine years (not identified)", "location": "not known"}],
    "risk": "Threats to kill the child, with a photograph taken today.",
    "imminence": "The message names tomorrow morning, 06:00 UTC.",
    "data": FORM["data"],
    "data_categories": ["subscriber", "traffic"],
    "averting": "The address of the last login leads the patrol to the place.",
    "purpose": "To find the child before the time that the message names.",
    "certifier": "Duty prosecutor, Office of the Public Prosecutor",
    "authorisation_follows": True,
}


def set_line(node, partner, hours=True):
    """Of the line to that partner: a ceiling, and hours that are far from now; one large item moves at a time."""
    opens = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=9)
    line = f'\n[[lines]]\npartner = "{partner.state}"\nbytes_per_s_max = {CEILING}\n'
    if hours:
        line += f'hours = "{opens:%H:%M}-{opens + datetime.timedelta(hours=3):%H:%M}"\n'
    settings = node.home / "comity.toml"
    text = settings.read_text().split("\n[[lines]]")[0]
    node.stop()
    settings.write_text(re.sub(r"transfers_max = \d+", "transfers_max = 1", text) + line)
    node.serve()


def why(node, item):
    """As it is shown, and as the list says it."""
    first = node.json("evidence", "show", item).get("first", {}).get("why", "")
    (row,) = [line for line in node.do("evidence", "list").splitlines() if line.startswith(item)]
    assert (f" {first} " in row) if first else not re.search(" (small|emergency|officer) ", row), row
    return first


def moved(node, item):
    return items(node)[item].get("bytes_done", 0)


def sealed(bfa, exchange, base, size=LARGE):
    plain = base / "disk.img"
    plain.write_bytes(random.Random(size).randbytes(size))
    return add(bfa, exchange, plain).split()[-1]


def release(bfa, exchange, item):
    bfa.do("evidence", "release", exchange, item, by=("x", "a"))


def released(bfa, exchange, base, size=LARGE):
    item = sealed(bfa, exchange, base, size)
    release(bfa, exchange, item)
    return item


def averts_an_emergency(kgz, bfa, base):
    form = write(base / "emergency.json", EMERGENCY)
    exchange = kgz.do("request", "new", "--to", "BFA", "--measure", "emergency-data", "--fields", form, "--send", "-q",
                      by=("a", "b")).strip()
    wait(kgz, exchange, "--act", "request", "--standing", "receipted")
    bfa.do("request", "accept", exchange, "--answers", answers(bfa, exchange, base / "emergency-answers.json"))
    wait(kgz, exchange, "--phase", "accepted")
    item = released(bfa, exchange, base)
    assert why(bfa, item) == "emergency"
    item_state(kgz, item, "arrived")


def logged(node, other, item):
    rows = node.json("log", "entries", f"partner/{other.state}")["entries"]
    return [row["entry"]["facts"]["goes_first"] for row in rows
            if row["entry"]["kind"] == "item.precedence" and row["entry"]["facts"]["item"] == item]


def said_at_both_ends(kgz, bfa, exchange, item):
    """Each end holds it until its own officer has spoken; the word outlasts a restart, and ends with the arrival."""
    kgz.do("evidence", "first", item, by=("o",), fails="officer.role")
    assert Caller(kgz, "x").ask("POST", f"/v1/items/{item}/first")["first"]["why"] == "officer"
    kgz.do("evidence", "first", item, by=("x",), fails="request.conflict")
    kgz.stop()
    kgz.serve()
    assert why(kgz, item) == "officer" and why(bfa, item) == ""
    until("the sender refuses it at this hour", lambda: f"item {item} from BFA: limit.busy" in log_of(kgz))
    assert moved(kgz, item) == 0
    assert "at any hour" in bfa.do("evidence", "first", item, by=("x",))
    item_state(kgz, item, "arrived")
    wait(bfa, exchange, "--act", "arrival")
    for node in (kgz, bfa):
        assert why(node, item) == ""
        node.do("evidence", "first", item, "--no-longer", fails="request.conflict")
        node.do("evidence", "first", item, fails="request.conflict")
    assert logged(kgz, bfa, item) == logged(bfa, kgz, item) == [True]


def taken_back_under_way(kgz, bfa, item):
    refused = f"item {item} from BFA: limit.busy"
    assert moved(kgz, item) == 0 and refused not in log_of(kgz), "it waits for the hours"
    for node in (bfa, kgz):
        node.do("evidence", "first", item, by=("x",))
    until("its bytes move", lambda: moved(kgz, item) > 0)
    Caller(kgz, "a").ask("DELETE", f"/v1/items/{item}/first")
    until("it is broken off", lambda: refused in log_of(kgz))
    assert items(kgz)[item]["state"] == "announced" and why(kgz, item) == ""
    kgz.do("evidence", "first", item)
    item_state(kgz, item, "arrived")
    assert logged(kgz, bfa, item) == [True, False, True]


def before_another(kgz, bfa, exchange, base):
    """At any hour, but one at a time: the second does not wait for the first."""
    for node, other in ((kgz, bfa), (bfa, kgz)):
        set_line(node, other, hours=False)
    long, short = sealed(bfa, exchange, base, 6 * LARGE), sealed(bfa, exchange, base)
    bfa.do("evidence", "first", short, by=("x",))
    release(bfa, exchange, long)
    until("the long one moves", lambda: moved(kgz, long) > 0)
    release(bfa, exchange, short)
    until("the short one is announced", lambda: short in items(kgz))
    kgz.do("evidence", "first", short, by=("x",))
    item_state(kgz, short, "arrived")
    assert items(kgz)[long]["state"] == "announced"


def story(kgz, bfa, base):
    exchange = accepted(kgz, bfa, base)
    kgz.officer("o", "auditor", by=("a", "b"))
    for node, other in ((kgz, bfa), (bfa, kgz)):
        set_line(node, other)
    said, taken_back = released(bfa, exchange, base), released(bfa, exchange, base, 3 * LARGE)
    small = released(bfa, exchange, base, 1 << 20)
    item_state(kgz, small, "arrived")
    averts_an_emergency(kgz, bfa, base)
    for item in (said, taken_back):
        assert items(kgz)[item]["state"] == "announced" and moved(kgz, item) == 0 and why(kgz, item) == ""
    said_at_both_ends(kgz, bfa, exchange, said)
    taken_back_under_way(kgz, bfa, taken_back)
    before_another(kgz, bfa, exchange, base)


if __name__ == "__main__":
    play(story)
    print("first: what goes first went first, and the rest waited")
