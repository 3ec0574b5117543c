#!/usr/bin/env python3
"""Keys end, are lost and are stolen, and what two States said stays said: the run books of docs/runbooks, as typed.

usage: keys_over_time.py COMITY DATA   (the program, the folder of the law's data)

Two real nodes on the loopback. Every command of the run books named below is taken from their text; what nobody typed fails the test.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from run_book import RunBook
from two_nodes import COMITY, PRESERVATION, Node, found, run, trust, wait, write

BOOKS = ("expiry.md", "rotate-keys.md", "lost-or-stolen-key.md", "rotate-root.md", "lost-root.md")
SOON = ("--days", "20")  # of KGZ's first entry


class Story:
    def __init__(self, base, kgz, bfa):
        self.base, self.kgz, self.bfa = base, kgz, bfa
        self.form = write(base / "form.json", PRESERVATION)
        self.books = {}
        self.roots = {"KGZ": [kgz.fingerprint], "BFA": [bfa.fingerprint]}
        self.root = kgz.home / "root"
        self.parts = 0

    def begin(self, book):
        """The files of a run book's section lie in a folder of their own."""
        self.parts += 1
        folder = self.base / f"part-{self.parts}"
        folder.mkdir()
        self.books.setdefault(book, RunBook(book, folder)).folder = folder
        return folder

    def play(self, book, section, number=0, words=None, **cut):
        return self.books[book].play(section, number, COMITY, self.kgz, self.bfa, {"ROOT": str(self.root)} | (words or {}), **cut)

    def ask(self, node=None):
        node = node or self.kgz
        other = self.bfa if node is self.kgz else self.kgz
        return node.do("request", "new", "--to", other.state, "--measure", "preservation", "--fields", self.form, "--send",
                       "-q").strip()

    def both_ways(self):
        for node in (self.kgz, self.bfa):
            exchange = self.ask(node)
            receipted(node, exchange)

    def proven(self, exchange):
        """Whatever was changed since: an export of it holds before a court."""
        folder = self.base / f"export-{exchange}-{self.parts}"
        self.kgz.do("export", exchange, "-o", folder, "--for", "court")
        trusted = [word for state, roots in self.roots.items() for root in roots for word in ("--trust", f"{state}={root}")]
        run("verify", folder, *trusted)


def receipted(node, exchange):
    wait(node, exchange, "--act", "request", "--standing", "receipted")


def rejected(node, exchange):
    wait(node, exchange, "--act", "request", "--standing", "rejected")


def standing(node, exchange):
    return node.json("request", "show", exchange)["acts"][0]["standing"]


def fingerprint(certificate):
    said = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"], capture_output=True,
                          check=True).stdout.decode()
    return said.strip().split("=")[1]


def root_fingerprint(folder):
    return json.loads(run("root", "show", folder, "--json"))["fingerprint"]


def reviewed(node, state):
    return [act["exchange"] for act in node.json("directory", "show", state)["review"]["acts"]]


def next_second():
    """From when a key is revoked: whole seconds, and all that was done so far lies before it."""
    second = int(time.time()) + 1
    while time.time() < second:
        time.sleep(0.01)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def doctor(home):
    done = subprocess.run([COMITY, "doctor", home, "--json", "--offline"], capture_output=True, timeout=60)
    return done.returncode, {(one["subject"], one["severity"], one["words"]) for one in json.loads(done.stdout)["findings"]}


def ends_are_told(story):
    kgz = story.kgz
    log = kgz.home.with_suffix(".log").read_text()
    assert "our own directory entry ends in 19 days" in log and "expiry.md" in log, log
    code, said = doctor(kgz.home)
    assert code == 1 and any(one[:2] == ("certificates", "attention") and "19 days" in one[2] for one in said), said
    story.begin("expiry.md")
    story.play("expiry.md", "Look")
    story.play("expiry.md", "Our entry")
    assert not any(one[0] == "certificates" and one[1] == "attention" for one in doctor(kgz.home)[1])
    story.begin("expiry.md")
    story.play("expiry.md", "Officers' certificates")
    story.both_ways()


def acts_wait_for_a_renewal(story):
    """An act that was made under the entry before is taken under the one that followed while it waited."""
    kgz, bfa = story.kgz, story.bfa
    bfa.stop()
    waiting = story.ask()
    story.begin("rotate-keys.md")
    story.play("rotate-keys.md", "The authority's key", 0)
    story.play("rotate-keys.md", "The authority's key", 2)
    new = story.ask()
    kgz.stop()
    bfa.serve()
    kgz.serve()
    receipted(kgz, waiting)
    assert standing(kgz, new) == "logged"  # until its key is known there
    story.play("rotate-keys.md", "The authority's key", 1)
    receipted(kgz, new)
    story.play("rotate-keys.md", "The authority's key", 3)
    story.both_ways()
    return waiting


def acts_of_a_key_that_is_gone_end(story):
    """Hurried: the old certificate leaves the entry while an act that it signed is still under way."""
    kgz, bfa = story.kgz, story.bfa
    story.begin("rotate-keys.md")
    section = "The authority's key"
    story.play("rotate-keys.md", section, 0)
    bfa.stop()
    waiting = story.ask()
    story.play("rotate-keys.md", section, 2)
    story.play("rotate-keys.md", section, 3, until="# at each partner")
    kgz.stop()
    bfa.serve()
    story.play("rotate-keys.md", section, 3, after="comity directory renew")
    kgz.serve()
    rejected(kgz, waiting)
    story.both_ways()


def tls_changes(story):
    kgz, bfa = story.kgz, story.bfa
    story.begin("rotate-keys.md")
    story.play("rotate-keys.md", "The TLS key", 0)
    story.both_ways()
    story.play("rotate-keys.md", "The TLS key", 1, until="# where")
    story.both_ways()
    story.play("rotate-keys.md", "The TLS key", 1, after="systemctl start")
    story.both_ways()


def logs_change(story):
    story.begin("rotate-keys.md")
    story.play("rotate-keys.md", "The keys of the logs", 0, until="# at each partner")
    story.both_ways()
    story.play("rotate-keys.md", "The keys of the logs", 0, after="comity directory renew")
    story.both_ways()
    story.play("rotate-keys.md", "The keys of the logs", 1)
    story.both_ways()


def authority_is_stolen(story):
    kgz, bfa = story.kgz, story.bfa
    book, section = "lost-or-stolen-key.md", "The authority's key was stolen"
    before = story.ask()
    receipted(kgz, before)
    words = {"CERTIFICATE": fingerprint(kgz.home / "keys/authority.crt"), "TIME": next_second()}
    after = story.ask()
    receipted(kgz, after)
    bfa.stop()
    under_way = story.ask()
    story.begin(book)
    story.play(book, section, 0, words)
    kgz.stop()
    bfa.serve()
    story.play(book, section, 1, words)
    assert reviewed(bfa, "KGZ") == [after]
    # An entry that forgets the revocation would bring the key back: nobody accepts it unwarned.
    folder = story.books[book].folder
    run("root", "entry", story.root, "--from", folder / "entry.p7m", "-o", folder / "forgetful.p7m")
    said = bfa.do("directory", "accept", folder / "forgetful.p7m", "--how", "By letter", "--draft-only")
    assert "TAKES A REVOCATION BACK" in said and "broken into" in said, said
    kgz.serve()
    rejected(kgz, under_way)
    story.play(book, section, 2, words)
    story.play(book, section, 3, words)
    assert reviewed(bfa, "KGZ") == [after] and set(reviewed(kgz, "KGZ")) == {after, under_way}
    story.both_ways()
    story.proven(before)


def tls_is_stolen(story):
    kgz, bfa = story.kgz, story.bfa
    book, section = "lost-or-stolen-key.md", "The TLS key was stolen"
    words = {"CERTIFICATE": fingerprint(kgz.home / "keys/tls.crt"), "TIME": next_second()}
    story.begin(book)
    story.play(book, section, 0, words)
    waiting = story.ask()
    code = subprocess.run([COMITY, "doctor", kgz.home], capture_output=True, timeout=60)
    assert b"BFA can not be reached" in code.stdout, code.stdout.decode()
    assert standing(kgz, waiting) == "logged"
    story.play(book, section, 1, words)
    receipted(kgz, waiting)
    story.both_ways()


def log_key_is_lost(story):
    story.kgz.stop()
    (story.kgz.home / "keys/log-partner.key").unlink()
    story.begin("lost-or-stolen-key.md")
    story.play("lost-or-stolen-key.md", "A log's key is lost")
    story.both_ways()


def log_key_is_stolen(story):
    """The receipt that a partner asks for again comes under the key that it knows by then."""
    kgz, bfa = story.kgz, story.bfa
    book, section = "lost-or-stolen-key.md", "A log's key was stolen"
    story.begin(book)
    story.play(book, section, until="systemctl stop")
    story.play(book, section, after="systemctl start")
    asked = story.ask(bfa)
    kgz.do("request", "wait", asked)
    assert standing(bfa, asked) == "logged"
    story.play(book, section, after="comity directory renew", until="# at each partner")
    receipted(bfa, asked)
    story.both_ways()


def officer_is_stolen(story):
    kgz, bfa = story.kgz, story.bfa
    folder = story.begin("lost-or-stolen-key.md")
    # Renewed once: the key has two certificates, and both end.
    own, renewed, entry = folder / "before.p7m", folder / "x.crt", folder / "renewed.p7m"
    kgz.do("directory", "own", "-o", own, by=())
    run("root", "certify", story.root, "--request", f"{kgz.key('x')}.csr", "--role", "executor", "-o", renewed)
    run("root", "entry", story.root, "--from", own, "-o", entry)
    kgz.do("directory", "renew", entry, "--officer", renewed)
    words = {"CERTIFICATE": fingerprint(f"{kgz.key('x')}.crt"), "TIME": next_second()}
    story.play("lost-or-stolen-key.md", "An officer's key", 0, words)
    kgz.do("request", "list", by=("x",), fails="directory.revoked")
    shutil.copy(renewed, f"{kgz.key('x')}.crt")
    kgz.do("request", "list", by=("x",), fails="directory.revoked")
    story.play("lost-or-stolen-key.md", "An officer's key", 1, words)
    kgz.do("request", "list", by=("new",))


def authority_is_lost(story):
    kgz = story.kgz
    kgz.stop()
    (kgz.home / "keys/authority.key").unlink()
    story.begin("lost-or-stolen-key.md")
    story.play("lost-or-stolen-key.md", "A key of the node is lost", until="comity directory own")
    kgz.do("request", "new", "--to", "BFA", "--measure", "preservation", "--fields", story.form, "--send", fails="directory.role")
    assert any(one[:2] == ("keys", "broken") for one in doctor(kgz.home)[1])
    story.play("lost-or-stolen-key.md", "A key of the node is lost", after="systemctl start")
    story.both_ways()


def root_follows(story):
    kgz, bfa = story.kgz, story.bfa
    folder = story.begin("rotate-root.md")
    words = {"NEXT": str(kgz.home / "root/next"), "AFTER": str(folder / "after")}
    story.play("rotate-root.md", "Once a year: is the next root there?", 0, words)
    story.play("rotate-root.md", "Make ready", 0, words, until="comity root entry")
    words["AFTER-FINGERPRINT"] = root_fingerprint(words["AFTER"])
    story.play("rotate-root.md", "Make ready", 0, words, after="comity root next")
    story.play("rotate-root.md", "Change", 0, words)
    waiting = story.ask()
    story.play("rotate-root.md", "Change", 1, words)
    receipted(kgz, waiting)
    # Each shows the other what it holds when it starts: also acts under the root of before.
    for node in (kgz, bfa):
        node.stop()
        node.serve()
    story.both_ways()
    story.root = pathlib.Path(words["NEXT"])


def next_root_is_lost(story):
    folder = story.begin("lost-root.md")
    words = {"NEXT": str(folder / "next")}
    section = "The next root is lost"
    story.play("lost-root.md", section, 0, words, until="comity root entry")
    words["NEXT-FINGERPRINT"] = root_fingerprint(words["NEXT"])
    story.play("lost-root.md", section, 0, words, after="comity root next")
    story.both_ways()


def root_is_stolen_and_lost(story):
    kgz, bfa = story.kgz, story.bfa
    book = "lost-root.md"
    before = story.ask()
    receipted(kgz, before)
    words = {"TIME": next_second()}
    after = story.ask()
    receipted(kgz, after)
    story.begin(book)
    story.play(book, "The root was stolen", 0, words)
    assert after in reviewed(bfa, "KGZ") and before not in reviewed(bfa, "KGZ")
    folder = story.begin(book)
    words = {"NEW": str(folder / "root"), "AFTER": str(folder / "after")}
    section = "Both are lost"
    story.play(book, section, 0, words, until="comity root entry")
    words |= {"AFTER-FINGERPRINT": root_fingerprint(words["AFTER"]), "NEW-FINGERPRINT": root_fingerprint(words["NEW"])}
    entry = folder / "entry-new.p7m"
    story.play(book, section, 0, words, after="comity root certify NEW --request OFFICER-B", until="# at the node")
    officers = [word for name in "ab" for word in ("--officer", folder / f"officer-{name}.crt")]
    kgz.do("directory", "renew", entry, *officers, fails="directory.root")
    assert "waits for  second-approver" in kgz.do("directory", "renew", entry, "--fingerprint", words["NEW-FINGERPRINT"], *officers)
    kgz.do("directory", "renew", entry, "--fingerprint", words["NEW-FINGERPRINT"], by=("a", "b"), fails="officer.last")
    story.play(book, section, 0, words, after="comity root entry")
    bfa.do("directory", "accept", entry, "--how", "By letter alone", by=("a", "b"), fails="directory.fingerprint")
    story.play(book, section, 1, words)
    story.roots["KGZ"].append(words["NEW-FINGERPRINT"])
    story.both_ways()
    story.proven(before)


def nobody_alone_brings_a_root(story):
    """Neither on a node without officers: whoever comes first is not this State."""
    folder = story.begin("lost-root.md")
    node = Node(folder, "ARM", "Armenia")
    node.serve()
    try:
        run("root", "new", folder / "mine", "--state", "ARM", "--name", "Mine")
        words = ("--request", folder / "authority.csr", "-o", folder / "authority.crt")
        run("key", "new", node.home, "--for", "authority", "-o", folder / "authority.csr")
        run("root", "certify", folder / "mine", "--for", "authority", "--role", "central-authority", *words)
        words = ("--request", folder / "tls.csr", "-o", folder / "tls.crt")
        run("key", "new", node.home, "--for", "tls", "-o", folder / "tls.csr")
        run("root", "certify", folder / "mine", "--for", "tls", "--host", "127.0.0.1", *words)
        mine = folder / "mine.p7m"
        run("root", "entry", folder / "mine", "--from", node.home / "entry.p7m", "--authority",
            f"central-authority={folder / 'authority.crt'}", "--tls", folder / "tls.crt", "-o", mine)
        officers = []
        for name in "ab":
            run("officer", "new", folder / name, "--name", name, "--state", "ARM")
            run("root", "certify", folder / "mine", "--request", folder / f"{name}.csr", "--role", "approver", "-o",
                folder / f"{name}-cert.crt")
            officers += ["--officer", folder / f"{name}-cert.crt"]
        node.do("directory", "renew", mine, by=(), fails="directory.root")
        told = ("--fingerprint", root_fingerprint(folder / "mine"))
        node.do("directory", "renew", mine, *told, *officers, by=(), fails="officer.unknown")
        node.do("directory", "renew", mine, *told, by=(), fails="officer.last")
        # The file alone is no entry in force either.
        node.stop()
        (node.home / "entry.p7m").write_bytes(mine.read_bytes())
        node.serve()
        assert json.loads(run("directory", "own", "--home", node.home, "--json"))["fingerprint"] == node.fingerprint
    finally:
        node.end()


def tell(story):
    for node in (story.kgz, story.bfa):
        node.serve()
        found(node)
    try:
        for node, other in ((story.kgz, story.bfa), (story.bfa, story.kgz)):
            trust(node, other)
            node.do("directory", "confirm", other.state, "--words", "Called, and spoke with the duty officer")
        ends_are_told(story)
        first = acts_wait_for_a_renewal(story)
        acts_of_a_key_that_is_gone_end(story)
        tls_changes(story)
        logs_change(story)
        authority_is_stolen(story)
        tls_is_stolen(story)
        log_key_is_stolen(story)
        log_key_is_lost(story)
        officer_is_stolen(story)
        authority_is_lost(story)
        story.proven(first)
        root_follows(story)
        story.proven(first)
        next_root_is_lost(story)
        root_is_stolen_and_lost(story)
        nobody_alone_brings_a_root(story)
        story.proven(first)
        for node in (story.kgz, story.bfa):
            node.stop()
            run("log", "check", node.home)
        for book in BOOKS:
            story.books[book].everything_was_played()
    finally:
        for node in (story.kgz, story.bfa):
            node.end()


def main():
    os.environ.pop("COMITY_HOME", None)
    os.environ.pop("COMITY_AS", None)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        tell(Story(base, Node(base, "KGZ", "Kyrgyz Republic", *SOON), Node(base, "BFA", "Burkina Faso")))
    print(f"keys_over_time: {len(BOOKS)} run books, as typed, in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
