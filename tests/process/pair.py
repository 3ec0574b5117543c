"""Two States' nodes that are brought up again whenever they fall, as a service manager does it, and officers who look
before they repeat: what the tests of faults have in common.

A Fate says how one life of a process is to end. What a node acknowledged is demanded of every later life.
"""
import collections
import hashlib
import json
import pathlib
import random
import select
import signal
import subprocess
import threading
import time

from two_nodes import COMITY, STORED_DATA, Node, answers, found, run, trust, write

DEADLINE_S = 120
# How a process may end that was not killed: it served and was asked to stop; or it named why it stops.
SAID_WHY = (1, 2, 4, 5, 6)
CRASHES = ("Sanitizer", "runtime error:", "terminate called", "comity: bug:", "Assertion")

Fate = collections.namedtuple("Fate", "prefix after_s", defaults=((), None))
CALM = Fate()


def strace(*options, trace="/dev/null"):
    """The node below strace, which waits beside it (-D), so that the node stays our own child."""
    return ("strace", "-D", "-f", "-q", "--seccomp-bpf", "-o", str(trace), *options)


class Kept(Node):
    """A node that is started again whenever its process ends."""

    def __init__(self, base, state, name, *options):
        super().__init__(base, state, name, *options)
        self.says = self.home.with_suffix(".log")
        self.fate = lambda: CALM
        self.faults = collections.Counter()  # codes that officers were given
        self.serving = threading.Event()
        self.ends = []  # (exit code, what it said), a life each
        self.hangs = CALM  # the fate of this life
        self.wanted = False
        self.thread = None

    def keep(self):
        self.wanted = True
        self.thread = threading.Thread(target=self._lives, daemon=True)
        self.thread.start()

    def _lives(self):
        while self.wanted:
            fate = self.hangs = self.fate()
            before = self.says.stat().st_size if self.says.exists() else 0
            with open(self.says, "ab") as errors:
                self.process = subprocess.Popen([*fate.prefix, COMITY, "serve", self.home], stdout=subprocess.PIPE, stderr=errors)
            timer = threading.Timer(fate.after_s, self.process.kill) if fate.after_s is not None else None
            if timer:
                timer.start()
            # A line, or the end of a process that died before it served.
            if select.select([self.process.stdout], [], [], 60)[0] and self.process.stdout.readline():
                self.serving.set()
            code = self.process.wait()
            self.serving.clear()
            self.process.stdout.close()
            if timer:
                timer.cancel()
            with open(self.says, "rb") as text:
                text.seek(before)
                self.ends.append((code, text.read().decode(errors="replace")))
            if self.ends[-1][0] not in (0, -signal.SIGKILL) and len(self.ends) > 3 and all(end[0] == code for end in self.ends[-4:]):
                self.wanted = False  # it will not come up

    def fell(self):
        """How many lives have ended by a kill."""
        return sum(code == -signal.SIGKILL for code, _ in self.ends)

    def restart(self, how=signal.SIGTERM):
        self.process.send_signal(how)

    def rest(self):
        """Ends keeping, with an orderly stop."""
        self.wanted = False
        if self.process.poll() is None:
            self.process.terminate()
        self.thread.join(60)
        assert not self.thread.is_alive(), f"{self.state} does not stop"

    def end(self):
        self.wanted = False
        super().end()

    def ask(self, *arguments, by=("a",)):
        """Exit code, answer, complaint. Waits first until the node serves."""
        if not self.serving.wait(DEADLINE_S):
            raise AssertionError(f"{self.state} does not come up: {self.ends[-3:]}")
        signers = [word for name in by for word in ("--as", self.key(name))]
        words = [COMITY, *map(str, arguments), "--home", str(self.home), *map(str, signers)]
        done = subprocess.run(words, capture_output=True, timeout=DEADLINE_S)
        complaint = done.stderr.decode(errors="replace")
        assert not any(crash in complaint for crash in CRASHES), f"{words}: {complaint}"
        return done.returncode, done.stdout.decode(errors="replace"), complaint

    def look(self, *arguments):
        """What is so, asked until the node says it."""
        end = time.monotonic() + DEADLINE_S
        while True:
            code, answer, complaint = self.ask(*arguments, "--json")
            if code == 0:
                return json.loads(answer)
            assert time.monotonic() < end and code in (4, 5), f"{self.state} {arguments}: {complaint}"

    def await_that(self, *arguments):
        """A verb that waits, repeated when the node falls meanwhile."""
        end = time.monotonic() + DEADLINE_S
        while True:
            code, _, complaint = self.ask(*arguments, "--deadline-s", 60)
            if code == 0:
                return
            assert time.monotonic() < end, f"{self.state} {arguments}: {complaint}"

    def until(self, seen, *arguments, by=("a",)):
        """Does what `arguments` say until it is seen to be so; gives what was seen.

        What was acknowledged must be seen, and what was refused must not.
        """
        end = time.monotonic() + DEADLINE_S
        told = None
        while True:
            so = seen()
            if so:
                if told:
                    assert told[0] == 0 or "Nothing was changed" not in told[2], f"{self.state} did it after all: {told}"
                return so
            if told:
                assert told[0] != 0, f"{self.state} acknowledged what is not there: {arguments}: {told} {self.ends[-2:]}"
                self.faults[code_of(told[2])] += 1
            assert time.monotonic() < end, f"{self.state} {arguments}: {told}"
            self.drop_drafts()
            told = self.ask(*arguments, by=by)

    def drop_drafts(self):
        """What was drafted and never sent, by officers whose node fell between."""
        for draft in self.look("request", "drafts")["drafts"]:
            if draft["kind"] != "statement":
                self.ask("request", "drop", draft["draft"])


def code_of(complaint):
    lines = [line.split() for line in complaint.splitlines()]
    return next((words[1] for words in lines if len(words) == 2 and words[0] == "code"), complaint)


class Pair:
    """KGZ asks, BFA answers; both founded and trusting."""

    def __init__(self, base, lines=()):
        """`lines`: the ports that the two advertise instead of their own, if others reach them by a line."""
        self.base = base
        ways = [("--advertise", f"127.0.0.1:{port}") for port in lines] or [(), ()]
        self.kgz, self.bfa = Kept(base, "KGZ", "Kyrgyz Republic", *ways[0]), Kept(base, "BFA", "Burkina Faso", *ways[1])
        self.nodes = (self.kgz, self.bfa)
        self.exchanges = []
        self.read = collections.Counter()  # log entries
        self.form = write(base / "form.json", STORED_DATA)
        for node in self.nodes:
            node.keep()
            assert node.serving.wait(DEADLINE_S), node.ends
        try:
            for node in self.nodes:
                found(node)
            trust(self.kgz, self.bfa)
            trust(self.bfa, self.kgz)
        except BaseException:
            self.end()
            raise

    def end(self):
        for node in self.nodes:
            node.end()

    def story(self, dice, size):
        """One request from its making to its evidence; gives the exchange and the item."""
        kgz, bfa = self.nodes
        known = {one["id"] for one in kgz.look("request", "list")["exchanges"]}
        exchange = kgz.until(
            lambda: next((one["id"] for one in kgz.look("request", "list")["exchanges"] if one["id"] not in known), None),
            "request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", self.form, "--send",
            by=("a", "b"))
        self.exchanges.append(exchange)
        kgz.await_that("request", "wait", exchange, "--act", "request", "--standing", "receipted")

        self.call_back(exchange)
        questions = bfa.look("request", "assess", exchange)["questions"]
        words = write(self.base / "answers.json", {
            one["code"]: {"answer": "yes" if one["accept_if"] == "yes" else "no", "reasons": "So it is."} for one in questions
        })
        bfa.until(lambda: "call_back" not in bfa.look("request", "show", exchange), "directory", "confirm", "KGZ",
                  "--words", "Called, and spoke with the duty officer.")
        bfa.until(lambda: self.acts(bfa, exchange, "acceptance"), "request", "accept", exchange, "--answers", words)
        kgz.until(lambda: self.acts(kgz, exchange, "query"), "request", "query", exchange, "--text", "Which time zone?")

        plain = self.base / "item.img"
        plain.write_bytes(dice.randbytes(size))
        item = bfa.until(lambda: self.item(bfa, exchange, "sealed"), "evidence", "add", exchange, plain, "--custodian",
                         "Mail Example", "--collector", "Sgt. X", "--collected-at", "2026-03-09T08:30:00Z", "--authorisation",
                         "Order 77/2026", "--tool", "imager 1.0", by=("x",))
        bfa.until(lambda: self.item(bfa, exchange, "released"), "evidence", "release", exchange, item, by=("x", "a"))
        kgz.await_that("evidence", "wait", item, "--state", "arrived")
        opened = self.base / "opened.img"
        opened.unlink(missing_ok=True)
        end = time.monotonic() + DEADLINE_S
        while kgz.ask("evidence", "open", item, "-o", opened)[0] != 0:
            assert time.monotonic() < end
            assert not opened.exists() or digest(opened) == digest(plain), "half an item under its name"
            opened.unlink(missing_ok=True)
        assert digest(opened) == digest(plain)
        bfa.await_that("request", "wait", exchange, "--act", "arrival")
        return exchange, item

    def call_back(self, exchange):
        """The first act under KGZ's keys asks for a call."""
        self.bfa.until(lambda: "call_back" not in self.bfa.look("request", "show", exchange), "directory", "confirm", "KGZ",
                       "--words", "Called, and spoke with the duty officer")

    @staticmethod
    def acts(node, exchange, kind):
        shown = node.look("request", "show", exchange)
        return [act for act in shown["acts"] if act["type"] == kind]

    @staticmethod
    def item(node, exchange, state):
        """The item that came so far. One whose sealing broke is failed, and stays so."""
        items = [one for one in node.look("evidence", "list", exchange)["items"] if one["state"] != "failed"]
        assert len(items) <= 1, f"twice: {items}"
        reached = {"sealed": ("sealed", "released"), "released": ("released",)}[state]
        return next((one["id"] for one in items if one["state"] in reached), None)

    def check(self, exchange):
        """That all is whole, without help, once the faults are over."""
        kgz, bfa = self.nodes
        end = time.monotonic() + DEADLINE_S
        while any(node.look("status")["outbox"] for node in self.nodes):
            assert time.monotonic() < end, "acts are still under way"
            threading.Event().wait(0.05)
        theirs = [node.look("request", "show", exchange) for node in self.nodes]
        for node, shown in zip(self.nodes, theirs):
            side = shown["side"]
            for act in shown["acts"]:
                assert act["standing"] == ("receipted" if act["side"] == side else "logged"), (node.state, act)
            assert shown["phase"] == "delivered" and not shown["open_drafts"], shown
        ids = [[act["id"] for act in shown["acts"]] for shown in theirs]
        # Each log has its own order of what crossed.
        assert set(ids[0]) == set(ids[1]) and len(set(ids[0])) == len(ids[0]) == len(ids[1]), ids
        kinds = [act["type"] for act in theirs[0]["acts"]]
        assert sorted(kinds) == ["acceptance", "arrival", "delivery", "query", "request"], kinds
        for node, shown in zip(self.nodes, theirs):
            self.check_entries(node, exchange, shown)
            run("log", "check", node.home)
        export = self.base / f"export-{exchange}"
        kgz.do("export", exchange, "-o", export, "--for", "court")
        run("verify", export, "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}")
        return len(ids[0])

    def check_entries(self, node, exchange, shown):
        """Each act was logged once, and its receipt kept once."""
        other = "BFA" if node is self.kgz else "KGZ"
        counted = collections.Counter()
        while True:
            entries = node.look("log", "entries", f"partner/{other}", "--from", self.read[node.state])["entries"]
            if not entries:
                break
            self.read[node.state] += len(entries)
            for entry in entries:
                facts = entry["entry"]["facts"]
                if facts.get("exchange") == exchange:
                    counted[entry["entry"]["kind"], facts.get("act") or facts.get("item")] += 1
        assert all(count == 1 for (kind, _), count in counted.items() if kind.startswith(("act.", "receipt."))), counted
        for act in shown["acts"]:
            ours = act["side"] == shown["side"]
            assert counted["act.sent" if ours else "act.received", act["id"]] == 1, (node.state, act["id"], counted)
            assert counted["receipt.kept", act["id"]] == int(ours), (node.state, act["id"], counted)

    def check_at_rest(self):
        """Both nodes stop; every row, every log, every item and the end of every life is as it must be."""
        for node in self.nodes:
            node.rest()
            run("log", "check", node.home, "--evidence")
        self.check_ends()

    def check_ends(self):
        """Every life ended as it should: killed by us, asked to stop, or with a reason of the catalogue."""
        for node in self.nodes:
            for code, said in node.ends:
                assert not any(crash in said for crash in CRASHES), f"{node.state} ended with {code}: {said}"
                assert code in (0, -signal.SIGKILL, *SAID_WHY), f"{node.state} ended with {code}: {said}"


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def seeded(seed, *names):
    return random.Random(f"{seed}/{'/'.join(map(str, names))}")
