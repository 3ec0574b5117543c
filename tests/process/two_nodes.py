#!/usr/bin/env python3
"""Two real nodes on this machine: from nothing to an opened item of evidence, by the verbs that people type.

usage: two_nodes.py COMITY DATA   (the program, the folder of the law's data)

Nodes are killed in between, without warning, and go on. Loopback only; everything lies in a
temporary folder that is removed. It waits for conditions ('comity … wait'), never for time.
"""
import hashlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile

from defence import give_to_the_defence, revoke_and_show
from every_call import ask_everything

COMITY, DATA = (str(pathlib.Path(argument).absolute()) for argument in sys.argv[1:3])
DEADLINE_S = "60"
ITEM_BYTES = 8_000_003  # many chunks, the last one short
FORM = {
    "requesting_authority": "Cybercrime Unit",
    "offences": ["illegal-access"],
    "summary_of_facts": "On 3 March 2026 unknown persons entered the accounting system of a hospital.",
    "data": [{"identifier": "user-4711@mail.example", "kind": "account", "service": "Mail Example"}],
    "relationship_to_offence": "The account received the records.",
    "necessity": "The provider deletes mail logs after 30 days.",
}
PRESERVATION = FORM | {"intends_request": True}
STORED_DATA = FORM | {
    "proportionality": "One account and one week are asked for; the records of many were copied.",
    "proceeding": "investigation",
    "subject_matter": "Investigation 114/2026 into unauthorised access to patient records.",
    "conducting_authority": "Cybercrime Unit of the Public Prosecutor",
    "assistance_sought": "Disclosure of the stored content of the account named, as preserved.",
    "purpose": "To identify those who copied the records.",
    "offence_provision": "Criminal Code, article 289: entering a computer system without right, up to 5 years.",
    "max_penalty_years": 5,
    "conduct": "Entering another's computer system with a password obtained by deceit.",
    "data_categories": ["subscriber", "content"],
    "period": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z"},
    "language": "en",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*arguments, fails=None, **options):
    done = subprocess.run([COMITY, *map(str, arguments)], capture_output=True, timeout=180, **options)
    said = f"comity {' '.join(map(str, arguments))}\n{done.stdout.decode(errors='replace')}{done.stderr.decode()}"
    if fails is None:
        assert done.returncode == 0, f"exit {done.returncode}: {said}"
    else:
        assert done.returncode != 0 and fails in done.stderr.decode(), f"should say {fails}: {said}"
    return done.stdout.decode(errors="replace")


class Node:
    def __init__(self, base, state, name, *options):
        self.state, self.home = state, base / state.lower()
        self.keys = base / "officers"
        self.port = free_port()
        self.process = None
        self.make(self.home, state, self.port, "--name", name, *options)
        self.fingerprint = json.loads(run("root", "show", self.home / "root", "--json"))["fingerprint"]

    @staticmethod
    def make(home, state, port, *options):
        run("init", home, "--state", state, "--authority", f"Ministry of {state}", "--listen", f"127.0.0.1:{port}",
            "--exercise", "--data", DATA, *options)

    def serve(self, ends="(EXERCISE)\n"):
        self.errors = open(self.home.with_suffix(".log"), "ab")
        self.process = subprocess.Popen([COMITY, "serve", self.home], stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline().decode()
        log = self.home.with_suffix(".log").read_text()
        assert f"{self.state} serves peers at 127.0.0.1:{self.port}" in line, f"{line} {log}"
        assert line.endswith(ends), line

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(30)
        assert code == (0 if how == signal.SIGTERM else -how), f"{self.state} ended with {code}"

    def end(self):
        """Whatever happened: nothing of ours stays behind."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def key(self, name):
        return self.keys / f"{self.state}-{name}"

    def officer(self, name, role, by=()):
        self.keys.mkdir(exist_ok=True)
        key = self.key(name)
        run("officer", "new", key, "--name", f"{self.state} {name}", "--state", self.state, "--role", role)
        run("root", "certify", self.home / "root", "--request", f"{key}.csr", "--role", role, "-o", f"{key}.crt")
        self.do("officer", "add", "--certificate", f"{key}.crt", by=by)

    tool = staticmethod(run)

    def do(self, *arguments, by=("a",), **options):
        signers = [word for name in by for word in ("--as", self.key(name))]
        return run(*arguments, "--home", self.home, *signers, **options)

    def json(self, *arguments, **options):
        return json.loads(self.do(*arguments, "--json", **options))


def found(node):
    """Who works there, and that nobody else can."""
    node.officer("a", "approver")
    node.officer("b", "approver")
    node.officer("x", "executor", by=("a", "b"))
    stranger = node.key("stranger")
    run("officer", "new", stranger, "--name", "stranger", "--state", node.state)
    run("root", "certify", node.home / "root", "--request", f"{stranger}.csr", "--role", "approver",
        "-o", f"{stranger}.crt")
    node.do("request", "list", by=("stranger",), fails="officer.unknown")
    node.do("request", "list", by=(), fails="request.unauthenticated")
    assert "waits for  second-approver" in node.do("officer", "add", "--certificate", f"{stranger}.crt")


def trust(node, other):
    node.do("directory", "accept", other.home / "entry.p7m", "--fingerprint", other.fingerprint,
            "--how", "Read out on the telephone", by=("a", "b"))


def call_back(node, other, exchange, answered):
    """The first act under a State's keys asks for a call, and nothing is given before it was made."""
    assert node.json("request", "show", exchange)["call_back"] == node.json("request", "assess", exchange)["call_back"]
    assert f"CALL BACK FIRST: the first act under the keys of {other.state}" in node.do("request", "show", exchange)
    node.do("request", "accept", exchange, "--answers", answered, fails="directory.callback")
    node.do("directory", "confirm", other.state, "--words", "Called, and spoke with the duty officer")
    assert "call_back" not in node.json("request", "show", exchange)


def not_taken(base, kgz, bfa):
    """KGZ was told that an approver of BFA's is none any more: what he signs alone is not taken, and whoever waits hears why."""
    approver = next(one for one in bfa.json("officer", "list")["officers"] if one["name"].endswith(" b"))
    file = base / "left.revocation"
    bfa.tool("directory", "revocation", "--entry", bfa.home / "entry.p7m", "--certificate", approver["officer"],
             "--reason", "Left the service", "-o", file, *(word for name in ("a", "b") for word in ("--as", bfa.key(name))))
    kgz.do("directory", "revoke", file, by=("a", "b"))
    form = write(base / "not-taken.json", PRESERVATION)
    request = bfa.do("request", "new", "--to", "KGZ", "--measure", "preservation", "--fields", form, "--send", "-q",
                     by=("b",)).strip()
    bfa.do("request", "wait", request, "--act", "request", "--standing", "receipted", "--deadline-s", DEADLINE_S,
           fails="act.rejected")
    wait(bfa, request, "--act", "request", "--standing", "rejected")
    kgz.do("request", "show", request, fails="request.not_found")


def write(path, value):
    path.write_text(json.dumps(value))
    return path


def answers(node, exchange, path):
    questions = node.json("request", "assess", exchange)["questions"]
    return write(path, {
        question["code"]: {"answer": "yes" if question["accept_if"] == "yes" else "no", "reasons": "So it is."}
        for question in questions
    })


def wait(node, exchange, *until):
    node.do("request", "wait", exchange, *until, "--deadline-s", DEADLINE_S)


def item_state(node, item, state):
    node.do("evidence", "wait", item, "--state", state, "--deadline-s", DEADLINE_S)


def accepted(kgz, bfa, base):
    """Both trust each other, and BFA has accepted to give stored data: the exchange."""
    trust(kgz, bfa)
    trust(bfa, kgz)
    form = write(base / "stored-data.json", STORED_DATA)
    exchange = kgz.do("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", form, "--send", "-q", by=("a", "b")).strip()
    wait(kgz, exchange, "--act", "request", "--standing", "receipted")
    bfa.do("directory", "confirm", "KGZ", "--words", "Called, and spoke with the duty officer")
    bfa.do("request", "accept", exchange, "--answers", answers(bfa, exchange, base / "answers.json"))
    wait(kgz, exchange, "--phase", "accepted")
    return exchange


def holds_in_court(node, other, exchange, folder):
    """What goes to a court holds, checked with both fingerprints."""
    node.do("export", exchange, "-o", folder, "--for", "court")
    run("verify", folder, *(word for one in (node, other) for word in ("--trust", f"{one.state}={one.fingerprint}")))


def play(story):
    """Between two nodes that serve and have their officers; both end in order, or are ended."""
    for name in ("COMITY_HOME", "COMITY_AS"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        kgz, bfa = Node(base, "KGZ", "Kyrgyz Republic"), Node(base, "BFA", "Burkina Faso")
        try:
            for node in (kgz, bfa):
                node.serve()
                found(node)
            story(kgz, bfa, base)
            for node in (kgz, bfa):
                node.stop()
        finally:
            for node in (kgz, bfa):
                node.end()


def rests_on_another_treaty(base, kgz, bfa):
    """Under the protocol, of which both are parties; not under a treaty that binds neither, nor one that the State does not apply."""
    form = write(base / "protocol.json", PRESERVATION)
    ask = ("request", "new", "--to", "BFA", "--measure", "preservation", "--fields", form, "--send", "-q")
    kgz.do(*ask, "--instrument", "budapest-2001", fails="act.basis")
    kgz.do(*ask, "--instrument", "magna-carta", fails="act.measure")
    kgz.do(*ask, "--without-treaty", "reciprocity", fails="act.basis")
    exchange = kgz.do(*ask, "--instrument", "example-protocol").strip()
    wait(kgz, exchange, "--act", "request", "--standing", "receipted")
    assert bfa.json("request", "assess", exchange)["instrument"] == "example-protocol"
    bfa.do("request", "accept", exchange, "--answers", answers(bfa, exchange, base / "protocol-answers.json"))
    wait(kgz, exchange, "--phase", "accepted")
    kgz.do("export", exchange, "-o", base / "protocol", "--for", "court")
    run("verify", base / "protocol", "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}")
    # Where no treaty binds both, as both publish, and the page says so.
    kgz.do(*ask, "--instrument", "budapest-2001", "--without-treaty", "domestic-law", fails="act.basis")
    exchange = kgz.do(*ask, "--instrument", "budapest-2001", "--without-treaty", "reciprocity").strip()
    wait(kgz, exchange, "--act", "request", "--standing", "receipted")
    assert bfa.json("request", "assess", exchange)["without_treaty"] is True
    page = bfa.do("request", "render", exchange)
    assert "Without a treaty" in page and "reciprocity" in page, page


def is_translated(kgz, bfa, exchange):
    step = ("request", "supplement", exchange, "--text", "Les faits (exercice)")
    kgz.do(*step, "--translates", "summary_of_facts", fails="request.usage")
    kgz.do(*step, "--translates", "summary_of_dreams", "--into", "fr", fails="format.field")
    kgz.do(*step, "--translates", "summary_of_facts", "--into", "fr")
    wait(kgz, exchange, "--act", "supplement", "--standing", "receipted")
    page = bfa.do("request", "render", exchange, "--lang", "fr")
    assert "Traduction, signée par" in page and "Les faits (exercice)" in page, page
    assert "Traduction" not in bfa.do("request", "render", exchange, "--lang", "es")


def story(base, kgz, bfa):
    for node in (kgz, bfa):
        node.serve()
        found(node)
    try:
        second = subprocess.run([COMITY, "serve", kgz.home], capture_output=True, timeout=30)
        assert second.returncode == 4 and b"Another process" in second.stderr, second.stderr
        trust(kgz, bfa)
        trust(bfa, kgz)

        form = write(base / "preservation.json", PRESERVATION)
        first = kgz.do("request", "new", "--to", "BFA", "--measure", "preservation", "--fields", form,
                       "--send", "-q").strip()
        wait(kgz, first, "--act", "request", "--standing", "receipted")
        answered = answers(bfa, first, base / "first.json")
        call_back(bfa, kgz, first, answered)
        bfa.do("request", "accept", first, "--answers", answered)
        wait(kgz, first, "--phase", "accepted")

        # The partner is away: the act waits, also across the sudden death of its author's node.
        bfa.stop()
        form = write(base / "stored-data.json", STORED_DATA)
        second = kgz.do("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", form,
                        "--linked", first, "--send", "-q", by=("a", "b")).strip()
        kgz.stop(signal.SIGKILL)
        bfa.serve()
        kgz.serve()
        wait(kgz, second, "--act", "request", "--standing", "receipted")
        bfa.do("request", "accept", second, "--answers", answers(bfa, second, base / "second.json"), by=("a", "b"))
        wait(kgz, second, "--phase", "accepted")

        plain = base / "disk.img"
        plain.write_bytes(random.Random(4711).randbytes(ITEM_BYTES))
        item = bfa.do("evidence", "add", second, plain, "--custodian", "Mail Example", "--collector", "Sgt. X",
                      "--collected-at", "2026-03-09T08:30:00Z", "--authorisation", "Order 77/2026", "--tool", "imager 1.0", "-q",
                      by=("x",)).split()[-1]
        assert "waits for  approver" in bfa.do("evidence", "release", second, item, by=("x",))
        kgz.do("evidence", "show", item, fails="evidence.unknown")
        bfa.do("evidence", "release", second, item, by=("x", "a"))
        for node in (bfa, kgz):  # both die while the bytes move, or a moment before or after
            node.stop(signal.SIGKILL)
            node.serve()
        item_state(kgz, item, "arrived")
        kgz.do("evidence", "open", item, "-o", base / "opened.img")
        assert hashlib.sha256((base / "opened.img").read_bytes()).digest() == hashlib.sha256(plain.read_bytes()).digest()
        wait(bfa, second, "--act", "arrival")

        rests_on_another_treaty(base, kgz, bfa)
        is_translated(kgz, bfa, second)
        kgz.do("export", second, "-o", base / "export", "--for", "court")
        run("verify", base / "export", "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}")
        give_to_the_defence(base, kgz, bfa, second, item, plain)
        ask_everything(kgz, bfa, second, item, PRESERVATION)
        revoke_and_show(base, kgz, bfa, second)
        not_taken(base, kgz, bfa)
        for node in (kgz, bfa):
            node.stop()
            log = node.home.with_suffix(".log").read_text()
            assert "error" not in log.lower(), log
            node.serve()
            assert len(node.json("request", "list")["exchanges"]) == (5 if node is kgz else 6)
            node.stop()
    finally:
        for node in (kgz, bfa):
            node.end()


def main():
    os.environ.pop("COMITY_HOME", None)
    os.environ.pop("COMITY_AS", None)
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        story(base, Node(base, "KGZ", "Kyrgyz Republic"), Node(base, "BFA", "Burkina Faso"))
    print("two nodes: request, decision, evidence, export: all as told")


if __name__ == "__main__":
    main()
