"""The disk is full at each stage: officers are told by name, with what was kept and what to do; with room all goes on.

Each node gets a small disk of its own (tmpfs, so this needs root); a ballast file fills it.
"""
import os
import shutil
import subprocess
import threading
import time

from pair import DEADLINE_S, Pair, code_of, digest, seeded
from two_nodes import COMITY, write

MIB = 1 << 20
DISK = 192 * MIB
RESERVE = 64 * MIB  # spec/limits.md


class Skipped(Exception):
    """This can not be tried here."""


class SmallDisk:
    def __init__(self, folder):
        self.folder, self.ballast = folder, folder / "ballast"
        folder.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "none", folder],
                                               capture_output=True).returncode != 0:
            raise Skipped("a small disk can not be mounted here (not root)")

    def leave(self, free):
        """Fills it up to `free` bytes."""
        self.ballast.unlink(missing_ok=True)
        disk = os.statvfs(self.folder)
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - free)

    def empty(self):
        self.ballast.unlink(missing_ok=True)

    def end(self):
        subprocess.run(["umount", "-l", self.folder], capture_output=True)


def moved(pair, node, disk):
    node.rest()
    shutil.copytree(node.home, disk.folder / "home")
    node.home = disk.folder / "home"
    node.keep()
    assert node.serving.wait(DEADLINE_S), node.ends


def refused(node, *arguments, by=("a",), kept="Nothing was changed."):
    """By name, and with what was kept and what to do."""
    lives = len(node.ends)
    code, _, complaint = node.ask(*arguments, by=by)
    assert code == 5 and code_of(complaint) == "store.full", complaint
    assert "Make room." in complaint and kept in " ".join(complaint.split()), complaint
    assert len(node.ends) == lives, node.ends


def done(node, *arguments, by=("a",)):
    code, answer, complaint = node.ask(*arguments, "-q", by=by)
    assert code == 0, complaint
    return answer.split()[-1]


def wait_until(condition):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.05)


def full_disk(base, seed, say):
    disks = []
    pair = Pair(base)
    kgz, bfa = pair.nodes
    try:
        for node in pair.nodes:
            disks.append(SmallDisk(base / f"{node.state}.disk"))
            moved(pair, node, disks[-1])
        story(pair, seeded(seed, "full"), *disks, say)
        pair.check_at_rest()
        return "every stage refused by name, and went on with room"
    finally:
        pair.end()
        for disk in disks:
            disk.end()


def story(pair, dice, kgz_disk, bfa_disk, say):
    kgz, bfa = pair.nodes
    low = RESERVE - 8 * MIB
    new = ("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", pair.form, "--send")

    kgz_disk.leave(low)
    refused(kgz, *new, by=("a", "b"))
    assert kgz.look("request", "list")["exchanges"] == []  # reading goes on
    kgz_disk.empty()
    exchange = done(kgz, *new, by=("a", "b"))
    kgz.await_that("request", "wait", exchange, "--act", "request", "--standing", "receipted")
    say("a request is drafted and sent")

    # The partner's disk: its node takes no letter, which stays with its author.
    bfa_disk.leave(low)
    done(kgz, "request", "query", exchange, "--text", "Which time zone?")
    refused(bfa, "directory", "confirm", "KGZ", "--words", "Called, and spoke with the duty officer")
    questions = bfa.look("request", "assess", exchange)["questions"]
    words = write(pair.base / "answers.json", {
        one["code"]: {"answer": "yes" if one["accept_if"] == "yes" else "no", "reasons": "So it is."} for one in questions
    })
    refused(bfa, "request", "accept", exchange, "--answers", words)
    assert len(pair.acts(bfa, exchange, "query")) == 0 and kgz.look("status")["outbox"] == 1
    bfa_disk.empty()
    pair.call_back(exchange)
    kgz.await_that("request", "wait", exchange, "--act", "query", "--standing", "receipted")
    done(bfa, "request", "accept", exchange, "--answers", words)
    kgz.await_that("request", "wait", exchange, "--phase", "accepted")
    say("a letter comes, a decision is made")

    plain = pair.base / "item.img"
    plain.write_bytes(dice.randbytes(48 * MIB))
    add = ("evidence", "add", exchange, plain, "--custodian", "Mail Example", "--collector", "Sgt. X", "--collected-at",
           "2026-03-09T08:30:00Z", "--authorisation", "Order 77/2026", "--tool", "imager 1.0")
    bfa_disk.leave(low)
    refused(bfa, *add, by=("x",))
    assert bfa.look("evidence", "list", exchange)["items"] == []
    bfa_disk.leave(RESERVE + 20 * MIB)  # it ends in the middle
    refused(bfa, *add, by=("x",), kept="Once the cause is removed, add it again.")
    assert [item["state"] for item in bfa.look("evidence", "list", exchange)["items"]] == ["failed"]
    assert not any(any(files) for _, _, files in os.walk(bfa.home / "evidence")), "half an item stays"
    bfa_disk.empty()
    item = done(bfa, *add, by=("x",))
    release = ("evidence", "release", exchange, item)
    bfa_disk.leave(low)
    refused(bfa, *release, by=("x", "a"))
    bfa_disk.empty()
    say("an item is sealed and released")

    # Where it is to come there is room for its announcement, and not for its bytes.
    kgz_disk.leave(RESERVE + 20 * MIB)
    done(bfa, *release, by=("x", "a"))
    wait_until(lambda: f"item {item} from BFA: store.full" in kgz.says.read_text())
    assert [one["state"] for one in kgz.look("evidence", "list", exchange)["items"]] == ["announced"]
    kgz_disk.empty()
    kgz.await_that("evidence", "wait", item, "--state", "arrived")
    bfa.await_that("request", "wait", exchange, "--act", "arrival")
    say("an item arrives")

    # What officers write elsewhere: nothing half made stays under its name.
    room = kgz_disk.folder
    kgz_disk.leave(RESERVE + 20 * MIB)
    opened, export = room / "opened.img", room / "export"
    kgz_disk.leave(20 * MIB)
    code, _, complaint = kgz.ask("evidence", "open", item, "-o", opened)
    assert code == 5 and code_of(complaint) == "store.full" and not opened.exists(), complaint
    kgz_disk.leave(RESERVE + 20 * MIB)
    code, _, complaint = kgz.ask("export", exchange, "-o", export, "--for", "court")
    assert code == 5 and code_of(complaint) == "store.full" and not (export / "index.p7m").exists(), complaint
    shutil.rmtree(export, ignore_errors=True)
    kgz_disk.empty()
    code, _, complaint = kgz.ask("evidence", "open", item, "-o", opened)
    assert code == 0 and digest(opened) == digest(plain), complaint
    opened.unlink()
    say("it is opened and exported")

    # Not a byte is left: what would have to be written down is not done, and the node says so and stops.
    bfa.wanted = False
    bfa_disk.leave(0)
    code, _, complaint = bfa.ask("request", "show", exchange)
    assert code == 4 and code_of(complaint) == "node.down", complaint
    bfa.thread.join(DEADLINE_S)
    assert bfa.ends[-1][0] == 5 and "store.full" in bfa.ends[-1][1], bfa.ends[-1]
    for stderr in (subprocess.PIPE, open("/dev/full", "wb")):
        serve = subprocess.run([COMITY, "serve", bfa.home], stdout=subprocess.PIPE, stderr=stderr, timeout=DEADLINE_S)
        assert serve.returncode == 5, serve
        assert serve.stderr is None or b"store.full" in serve.stderr, serve
    bfa_disk.empty()
    bfa.keep()
    say("a node without a byte stops, and starts again")
    pair.check(exchange)
