#!/usr/bin/env python3
"""The unit by which systemd runs a node: systemd itself finds nothing wrong with it and little that is left open, and every
system call that two nodes make in a whole exchange is one that it lets through.

usage: unit.py COMITY DATA
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from two_nodes import COMITY, STORED_DATA, Node, answers, found, item_state, trust, wait, write

SKIPPED = 77
UNIT = pathlib.Path(__file__).parents[2] / "deploy/comity@.service"
FOR_ROOT_ALONE = {"fchown"}  # SQLite gives what root makes to the database's owner; the unit runs a node as a user
EXPOSURE_MAX = 12  # of 100, by 'systemd-analyze security'; the network and its own socket are what is left


def analyze(*words):
    done = subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def is_well_formed(base):
    unit = base / "comity@.service"
    unit.write_text(UNIT.read_text().replace("/usr/bin/comity", COMITY))
    code, said = analyze("verify", unit)
    assert code == 0 and not said.strip(), said
    code, said = analyze("security", "--offline=yes", f"--threshold={EXPOSURE_MAX}", unit)
    assert code == 0, said[-400:]


def members(name):
    """The calls of a set, as this systemd knows them."""
    code, said = analyze("syscall-filter", name)
    assert code == 0, said
    calls = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= members(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed():
    calls = members("@default")  # always let through
    for line in re.findall(r"^SystemCallFilter=(.+)$", UNIT.read_text(), re.MULTILINE):
        named = set().union(*(members(word) if word[0] == "@" else {word} for word in line.lstrip("~").split()))
        calls = calls - named if line[0] == "~" else calls | named
    return calls


class Traced(Node):
    """A node whose system calls are written down; strace waits beside it (-D), so that it stays our own child."""

    def serve(self, ends="(EXERCISE)\n"):
        self.trace = self.home.with_suffix(".trace")
        self.errors = open(self.home.with_suffix(".log"), "ab")
        self.process = subprocess.Popen(["strace", "-D", "-f", "-qq", "-o", self.trace, COMITY, "serve", self.home],
                                        stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline().decode()
        assert line.endswith(ends), (line, self.home.with_suffix(".log").read_text())

    def calls(self):
        return set(re.findall(r"^\d+ +(\w+)\(", self.trace.read_text(errors="replace"), re.MULTILINE))


def exchange(base, kgz, bfa):
    for node in (kgz, bfa):
        node.serve()
        found(node)
    try:
        trust(kgz, bfa)
        trust(bfa, kgz)
        bfa.do("directory", "confirm", "KGZ", "--words", "Called, and spoke with the duty officer")
        form = write(base / "form.json", STORED_DATA)
        request = kgz.do("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", form, "--send", "-q", by=("a", "b")).strip()
        wait(kgz, request, "--act", "request", "--standing", "receipted")
        bfa.do("request", "accept", request, "--answers", answers(bfa, request, base / "answers.json"))
        wait(kgz, request, "--phase", "accepted")
        plain = base / "disk.img"
        plain.write_bytes(bytes(1_000_000))
        item = bfa.do("evidence", "add", request, plain, "--custodian", "Mail Example", "--collector", "Sgt. X", "--collected-at",
                      "2026-03-09T08:30:00Z", "--authorisation", "Order 77/2026", "--tool", "imager 1.0", "-q", by=("x",)).split()[-1]
        bfa.do("evidence", "release", request, item, by=("x", "a"))
        item_state(kgz, item, "arrived")
        kgz.do("evidence", "open", item, "-o", base / "opened.img")
        kgz.do("export", request, "-o", base / "export", "--for", "court")
        for node in (kgz, bfa):
            node.stop()
    finally:
        for node in (kgz, bfa):
            node.end()
    return kgz.calls() | bfa.calls()


def main():
    lacking = [tool for tool in ("systemd-analyze", "strace") if not shutil.which(tool)]
    if lacking:
        print(f"unit: {' and '.join(lacking)} not found; nothing was looked at")
        return SKIPPED
    # At its end the sanitizer would trace the process itself, which strace does already.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        is_well_formed(base)
        may = allowed()
        assert "execve" in may and "mlockall" in may and not may & {"ptrace", "mount", "chown", "setrlimit", "bpf"}
        made = exchange(base, Traced(base, "KGZ", "Kyrgyz Republic"), Traced(base, "BFA", "Burkina Faso"))
        if os.geteuid() == 0:
            made -= FOR_ROOT_ALONE
        assert len(made) > 40 and made <= may, f"made and not let through: {sorted(made - may)}"
    print(f"unit: well formed, and lets through each of the {len(made)} kinds of system calls that a node makes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
