#!/usr/bin/env python3
"""A disk is lost, and what two States said to each other is not: the run book of docs/runbooks/restore.md, as typed.

usage: restore.py COMITY DATA   (the program, the folder of the law's data)

Real nodes on the loopback; backups while acts flow, old backups, a partner that is away, a copy of an old disk.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

from two_nodes import COMITY, DEADLINE_S, PRESERVATION, Node, answers, found, run, trust, wait, write


def ask(node, partner, base, *options):
    form = write(base / "form.json", PRESERVATION)
    return node.do("request", "new", "--to", partner.state, "--measure", "preservation", "--fields", form,
                   "--send", "-q", *options).strip()


def receipted(node, exchange):
    wait(node, exchange, "--act", "request", "--standing", "receipted")


def back_up(node, name, *options, by=()):
    file = node.home.parent / name
    node.do("backup", "-o", file, *options, by=by)
    return file


def check(file, key):
    return json.loads(run("backup", "check", file, "--identity", key, "--json"))


def lose_and_restore(node, file, key):
    """The machine is gone; another one is made from the backup, at the same address."""
    node.stop()
    shutil.rmtree(node.home)
    run("restore", file, node.home, "--identity", key)
    node.serve()


def stands(node, waits=True):
    """What `comity restored` says, once it needs nobody but officers."""
    by = ("--as", node.key("a"))
    done = subprocess.run([COMITY, "restored", "--home", node.home, "--json", *by]
                          + (["--wait", "--deadline-s", DEADLINE_S] if waits else []), capture_output=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr.decode()
    return json.loads(done.stdout)


def kinds(node, log):
    entries = node.json("log", "entries", log, by=("a",))["entries"]
    return [entry["entry"]["kind"] for entry in entries]


def ids(node):
    return {exchange["id"]: exchange["phase"] for exchange in node.json("request", "list")["exchanges"]}


def backup_while_acts_flow(base, kgz, bfa, key):
    sent = []
    flow = threading.Thread(target=lambda: sent.extend(ask(kgz, bfa, base) for _ in range(6)))
    flow.start()
    files = [back_up(kgz, f"flow-{number}.age") for number in range(3)]
    flow.join()
    for exchange in sent:
        receipted(kgz, exchange)
    held = [check(file, key) for file in files]
    assert [one["holds"] for one in held] == [True] * 3
    sizes = [next(log["size"] for log in one["logs"] if log["log"] == "internal") for one in held]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2], sizes
    assert kinds(kgz, "internal").count("backup.made") >= 3


def doctor(home, expects, offline=False):
    done = subprocess.run([COMITY, "doctor", home, "--json"] + (["--offline"] if offline else []), capture_output=True,
                          timeout=120)
    found_there = json.loads(done.stdout)["findings"]
    assert done.returncode == expects, (done.returncode, [one for one in found_there if one["severity"] != "ok"])
    return {(one["subject"], one["severity"]) for one in found_there}, json.dumps(found_there)


def doctors(kgz, bfa):
    found_there, said = doctor(kgz.home, 0)
    assert ("node", "ok") in found_there and ("backups", "ok") in found_there and "BFA answers" in said, said
    assert "the last is of" in said and "partner/BFA stands at" in said, said
    kgz.stop()
    found_there, said = doctor(kgz.home, 0)
    assert ("node", "note") in found_there and ("database", "ok") in found_there, said
    (kgz.home / "keys/tls.key").chmod(0o644)
    found_there, said = doctor(kgz.home, 2)
    assert "others may open it" in said, said
    (kgz.home / "keys/tls.key").chmod(0o600)
    log = kgz.home / "logs/partner/BFA"
    tile = log / "tile/0/000.p" / (log / "checkpoint").read_text().split("\n")[1]
    whole = tile.read_bytes()
    tile.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    found_there, said = doctor(kgz.home, 2)
    assert ("logs", "broken") in found_there and "another root than it signed" in said, said
    tile.write_bytes(whole)
    kgz.serve()
    found_there, said = doctor(bfa.home, 1)
    assert "none was ever made" in said, said
    bfa.stop()
    found_there, said = doctor(kgz.home, 1)
    assert "BFA can not be reached" in said, said
    bfa.serve()


def refusals(base, kgz, file, key):
    other = base / "other.key"
    run("backup", "key", other)
    run("backup", "check", file, "--identity", other, fails="crypto.open")
    run("restore", file, base / "nowhere", "--identity", other, fails="crypto.open")
    cut = base / "cut.age"
    cut.write_bytes(file.read_bytes()[:-1])
    run("backup", "check", cut, "--identity", key, fails="crypto.open")
    flipped = bytearray(file.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    cut.write_bytes(flipped)
    run("restore", cut, base / "nowhere", "--identity", key, fails="crypto.open")
    assert not list(base.glob("nowhere*")) and not list(base.glob(".comity-check-*"))
    run("restore", file, kgz.home, "--identity", key, fails="store.exists")
    kgz.do("backup", "-o", file, by=(), fails="store.exists")
    kgz.do("backup", "-o", base / "keys.age", "--with-evidence-keys", "--reason", "Alone", by=("a",))
    assert not (base / "keys.age").exists()  # it waits for a second officer
    kgz.do("backup", "-o", base / "keys.age", "--with-evidence-keys", "--reason", "Order 7", by=("a", "b"))
    assert check(base / "keys.age", key)["evidence_keys"] is True
    assert check(file, key)["evidence_keys"] is False


def nothing_was_lost(kgz, bfa, file, key):
    before = ids(kgz)
    lose_and_restore(kgz, file, key)
    stand = stands(kgz)
    assert stand["settled"], stand
    assert ids(kgz) == before
    assert "node.restored" in kinds(kgz, "internal.2")


def acts_come_back(base, kgz, bfa, key):
    """Only our own acts were lost, and no receipt of ours: the log goes on as it was."""
    file = back_up(kgz, "before-acts.age")
    lost = ask(kgz, bfa, base)
    receipted(kgz, lost)
    lose_and_restore(kgz, file, key)
    stand = stands(kgz)
    assert stand["settled"], stand
    assert lost in ids(kgz), "the request came back"
    receipted(kgz, lost)
    assert "act.recovered" in kinds(kgz, "partner/BFA")
    bfa.do("request", "accept", lost, "--answers", answers(bfa, lost, base / "back.json"))
    wait(kgz, lost, "--phase", "accepted")


def a_gap_remains(base, kgz, bfa, key):
    """The partner holds a receipt that this disk can not lead to: two officers declare a new origin."""
    file = back_up(kgz, "before-gap.age")
    lost = ask(kgz, bfa, base)
    receipted(kgz, lost)
    bfa.do("request", "accept", lost, "--answers", answers(bfa, lost, base / "gap.json"))
    wait(kgz, lost, "--phase", "accepted")
    lose_and_restore(kgz, file, key)
    stand = stands(kgz)
    partner = stand["partners"][0]
    assert not stand["settled"] and partner["gap"] and partner["held_size"] > partner["own_size"], stand
    kgz.do("request", "new", "--to", "BFA", "--measure", "preservation", "--fields", base / "form.json", "--send",
           fails="node.restored")
    assert "waits for" in kgz.do("origin", "declare", "BFA", "--reason", "Disk lost")
    kgz.do("origin", "declare", "BFA", "--reason", "The disk was lost on Tuesday", by=("a", "b"))
    stand = stands(kgz)
    assert stand["settled"], stand
    assert ids(kgz)[lost] == "accepted"
    assert "origin.accepted" in kinds(bfa, "partner/KGZ")
    later = kinds(kgz, "partner/BFA.2")
    assert later[0] == "log.begun" and later.count("act.recovered") == 2, later
    after = ask(kgz, bfa, base)
    receipted(kgz, after)
    bfa.do("request", "accept", after, "--answers", answers(bfa, after, base / "after.json"))
    wait(kgz, after, "--phase", "accepted")
    return lost, after


def partner_is_away(base, kgz, bfa, key):
    file = back_up(kgz, "before-away.age")
    lost = ask(kgz, bfa, base)
    receipted(kgz, lost)
    bfa.do("request", "accept", lost, "--answers", answers(bfa, lost, base / "away.json"))
    wait(kgz, lost, "--phase", "accepted")
    bfa.stop()
    lose_and_restore(kgz, file, key)
    assert not stands(kgz, waits=False)["settled"]
    kgz.do("origin", "declare", "BFA", "--reason", "Lost, and BFA can not be reached", by=("a", "b"))
    new = ask(kgz, bfa, base)  # a new request may be made; it waits
    bfa.serve()
    receipted(kgz, new)
    assert stands(kgz)["settled"]
    assert ids(kgz)[lost] == "accepted"


def old_copy_is_caught(base, kgz, bfa):
    kgz.stop()
    copy = base / "stolen"
    shutil.copytree(kgz.home, copy, symlinks=True, ignore=shutil.ignore_patterns("socket"))
    kgz.serve()
    later = ask(kgz, bfa, base)
    receipted(kgz, later)
    kgz.stop()
    newest = base / "newest"
    kgz.home.rename(newest)
    copy.rename(kgz.home)
    kgz.serve()
    form = write(base / "form.json", PRESERVATION)
    subprocess.run([COMITY, "request", "new", "--to", "BFA", "--measure", "preservation", "--fields", form, "--send",
                    "--home", kgz.home, "--as", kgz.key("a")], capture_output=True, timeout=60)
    assert kgz.process.wait(60) == 5, "it stops by itself"
    said = kgz.home.with_suffix(".log").read_text()
    assert "stopped for good" in said and "log.rolled_back" in said and "BFA" in said, said
    again = subprocess.run([COMITY, "serve", kgz.home], capture_output=True, timeout=60)
    assert again.returncode == 5 and b"log.rolled_back" not in again.stdout, again
    assert b"older" in again.stderr or b"does not know" in again.stderr, again.stderr
    bfa.do("request", "show", later)
    # There is a newer disk: it is put back, and all goes on.
    kgz.home.rename(base / "old")
    newest.rename(kgz.home)
    kgz.serve()
    receipted(kgz, ask(kgz, bfa, base))
    # Had there been none, the old one would have been taken for what it is.
    kgz.stop()
    shutil.rmtree(kgz.home)
    (base / "old").rename(kgz.home)
    run("restore", "--old-disk", kgz.home)
    kgz.serve()
    stand = stands(kgz)
    if not stand["settled"]:
        kgz.do("origin", "declare", "BFA", "--reason", "Only an old disk is left", by=("a", "b"))
        stand = stands(kgz)
    assert stand["settled"] and later in ids(kgz), stand


def story(base, kgz, bfa):
    key = base / "backup.key"
    recipient = run("backup", "key", key, "-q").strip()
    with open(kgz.home / "comity.toml", "a") as settings:
        settings.write(f'\n[backup]\nrecipients = ["{recipient}"]\n')
    for node in (kgz, bfa):
        node.serve()
        found(node)
    try:
        trust(kgz, bfa)
        trust(bfa, kgz)
        backup_while_acts_flow(base, kgz, bfa, key)
        bfa.do("directory", "confirm", "KGZ", "--words", "Called, and spoke with the duty officer")
        file = back_up(kgz, "idle.age")
        refusals(base, kgz, file, key)
        doctors(kgz, bfa)
        kgz.stop()
        stopped = back_up(kgz, "stopped.age")
        kgz.serve()
        nothing_was_lost(kgz, bfa, stopped, key)
        acts_come_back(base, kgz, bfa, key)
        lost, after = a_gap_remains(base, kgz, bfa, key)
        for exchange in (lost, after):
            folder = base / f"export-{exchange}"
            kgz.do("export", exchange, "-o", folder, "--for", "court")
            run("verify", folder, "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}")
        partner_is_away(base, kgz, bfa, key)
        old_copy_is_caught(base, kgz, bfa)
        for node in (kgz, bfa):
            node.stop()
            run("log", "check", node.home)
    finally:
        for node in (kgz, bfa):
            node.end()


def main():
    os.environ.pop("COMITY_HOME", None)
    os.environ.pop("COMITY_AS", None)
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        story(base, Node(base, "KGZ", "Kyrgyz Republic"), Node(base, "BFA", "Burkina Faso"))
    print("restore: backups, lost disks, a new origin, a stolen copy: all as told")


if __name__ == "__main__":
    main()
