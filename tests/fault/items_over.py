"""Two nodes that reach each other over lines (proxy.py), an accepted request, and items that move while the lines fail."""
import collections
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "process"))

from pair import DEADLINE_S, Pair, digest  # noqa: E402
from proxy import Line  # noqa: E402
from two_nodes import write  # noqa: E402

SAID = ("--custodian", "Mail Example", "--collector", "Sgt. X", "--collected-at", "2026-03-09T08:30:00Z", "--authorisation",
        "Order 77/2026", "--tool", "imager 1.0")


class Moved:
    """KGZ asked, BFA accepted. `line` is the way to BFA, over which evidence comes; `letters` the way to KGZ."""

    def __init__(self, base):
        self.lines = Line(None), Line(None)
        self.letters, self.line = self.lines
        self.pair = Pair(base, [line.port for line in self.lines])
        self.kgz, self.bfa = self.pair.nodes
        self.plain = {}  # item: its bytes
        self.kills = 0
        for line, node in zip(self.lines, self.pair.nodes):
            line.target = node.port
        try:
            self.exchange = self._accepted()
        except BaseException:
            self.end()
            raise

    def end(self):
        self.pair.end()
        for line in self.lines:
            line.end()

    def _accepted(self):
        kgz, bfa = self.pair.nodes
        code, exchange, complaint = kgz.ask("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", self.pair.form,
                                            "--send", "-q", by=("a", "b"))
        assert code == 0, complaint
        exchange = exchange.strip()
        kgz.await_that("request", "wait", exchange, "--act", "request", "--standing", "receipted")
        self.pair.call_back(exchange)
        words = write(self.pair.base / "answers.json", {
            one["code"]: {"answer": "yes" if one["accept_if"] == "yes" else "no", "reasons": "So it is."}
            for one in bfa.look("request", "assess", exchange)["questions"]
        })
        bfa.do("request", "accept", exchange, "--answers", words)
        kgz.await_that("request", "wait", exchange, "--phase", "accepted")
        return exchange

    def add(self, dice, size, *more):
        """An item of that size, sealed by BFA."""
        plain = self.pair.base / f"item-{len(self.plain)}.img"
        plain.write_bytes(dice.randbytes(size))
        item = self.bfa.do("evidence", "add", self.exchange, plain, *SAID, *more, "-q", by=("x",)).split()[-1]
        self.plain[item] = plain
        return item

    def release(self, dice, sizes):
        """Items that are announced to KGZ while the way to BFA is closed: nothing of them has come yet."""
        items = [self.add(dice, size) for size in sizes]
        self.line.is_up = False
        for item in items:
            self.bfa.do("evidence", "release", self.exchange, item, by=("x", "a"))
        until("the items are announced", lambda: set(items) <= set(self.states(self.kgz)))
        return items

    @staticmethod
    def states(node):
        """By item, read on in pages."""
        return {one["id"]: one["state"] for one in node.look("evidence", "list")["items"]}

    def arrive(self, items, deadline_s=10 * DEADLINE_S):
        for item in items:
            end = time.monotonic() + deadline_s
            while self.kgz.ask("evidence", "wait", item, "--state", "arrived", "--deadline-s", 30)[0] != 0:
                assert time.monotonic() < end, f"{item} does not come: {self.kgz.says.read_text()[-2000:]}"

    def calm(self):
        for line in self.lines:
            line.next_trouble = lambda: None
            line.widen()
            line.delay_s, line.is_up = 0.0, True

    def troubles(self):
        told = collections.Counter(kill=sum(node.fell() for node in self.pair.nodes))
        for line in self.lines:
            told.update(line.befell)
        return told

    def befallen(self):
        return sum(sum(line.befell.values()) for line in self.lines)

    def sealed(self, node, item):
        return node.home / "evidence" / item / "sealed.age"

    def sealed_bytes(self, item):
        return self.sealed(self.bfa, item).stat().st_size

    def check(self, items, lied_to=False):
        """Every byte is what it was, at both States. Unless KGZ was lied to, nobody ever saw a wrong one."""
        for item in items:
            assert digest(self.sealed(self.kgz, item)) == digest(self.sealed(self.bfa, item)), item
            left = {path.name for path in (self.kgz.home / "evidence" / item).iterdir()}
            assert left == {"sealed.age", "chunks.tiles"}, left
            opened = self.pair.base / "opened.img"
            opened.unlink(missing_ok=True)
            code, _, complaint = self.kgz.ask("evidence", "open", item, "-o", opened)
            assert code == 0 and digest(opened) == digest(self.plain[item]), complaint
        # What the line did was seen as what it is: a line that fails. No wrong byte came as far as a chunk.
        for node in () if lied_to else self.pair.nodes:
            said = node.says.read_text(errors="replace")
            assert "evidence.chunk" not in said and "evidence.hash" not in said, said[-2000:]

    def check_at_rest(self):
        until("all acts have arrived", lambda: not any(node.look("status")["outbox"] for node in self.pair.nodes))
        arrivals = self.pair.acts(self.bfa, self.exchange, "arrival")
        assert len(arrivals) == len(self.pair.acts(self.kgz, self.exchange, "delivery")), "an arrival for each delivery, and once"
        self.pair.check_at_rest()


def until(what, condition):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


