"""Evidence over a line that is cut at any byte, between nodes that are killed at any moment: one, the other, both at once.

Each round releases some items and lets troubles loose on all that moves until they have arrived. Then every byte is what
it was, both copies are one, and no more was sent again than each cut can explain.
"""
import threading

from items_over import Moved
from pair import seeded
from proxy import KINDS, trouble

CHUNK = 65_552  # sealed
# What a cut may cost: the chunk that was under way, what its TLS records and the next handshake and question take.
A_CUT = CHUNK + 3 * 16_384
# The sizes at which a chunk ends or begins: zero bytes, one, exactly one chunk, one more; and the same of sixteen.
EDGES = (0, 1, 65_535, 65_536, 65_537, 2 * 65_536, 16 * 65_536, 16 * 65_536 + 1)


OFTEN = 600_000  # bytes: within how many a connection fails


class Killer:
    """Kills a node now and then, or both at once, as long as troubles are due."""

    def __init__(self, moved, dice, budget):
        self.moved, self.dice, self.left, self.killed = moved, dice, budget, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.left > 0 and not self.over.wait(self.dice.uniform(0.2, 2.5)):
            nodes = self.moved.pair.nodes if self.dice.random() < 0.25 else [self.dice.choice(self.moved.pair.nodes)]
            for node in nodes:
                if node.serving.is_set() and node.process.poll() is None:
                    node.process.kill()
                    self.killed += 1
                    self.left -= 1

    def end(self):
        self.over.set()
        self.thread.join()


def round_of(moved, dice, number, wanted):
    """Some items through up to `wanted` troubles; gives how many there were."""
    sizes = [int(10 ** dice.uniform(3, 7.2)) for _ in range(3)]
    sizes += EDGES if number == 1 else [dice.choice(EDGES)]
    kills = dice.random() < 0.5
    items = moved.release(dice, sizes)
    before = moved.befallen(), moved.line.passed["back"]
    budget = [wanted]
    lock = threading.Lock()

    def next_trouble():
        with lock:
            if budget[0] <= 0 or dice.random() < 0.1:
                return None
            budget[0] -= 1
            return trouble(dice, OFTEN, KINDS)

    for line in moved.lines:
        line.next_trouble = next_trouble
        line.rate = dice.choice((None, None, 4_000_000))
        line.delay_s = dice.choice((0, 0, 0.002))
    killer = Killer(moved, dice, wanted // 3 if kills else 0)
    try:
        moved.line.is_up = True
        moved.arrive(items)
    finally:
        killer.end()
        moved.calm()
    troubles = moved.befallen() - before[0]
    moved.check(items)
    if not killer.killed:  # where only the line failed, what was sent again can be counted
        sealed = sum(moved.sealed_bytes(item) for item in items)
        sent = moved.line.passed["back"] - before[1]
        most = sealed + (troubles + 2 * len(items)) * A_CUT
        assert sent <= most, f"{sent} bytes were sent for {sealed}, with {troubles} troubles"
    return troubles + killer.killed


def cuts(base, seed, wanted, say):
    moved = Moved(base)
    try:
        number = happened = items = 0
        while happened < wanted:
            number += 1
            dice = seeded(seed, "cuts", number)
            happened += round_of(moved, dice, number, min(wanted - happened, dice.randint(8, 40)))
            items = len(moved.plain)
            say(f"round {number}: {happened} of {wanted}: {dict(moved.line.befell)}, {items} items whole")
        moved.check_at_rest()
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(moved.troubles().items()))
        return f"{happened} troubles in {number} rounds ({told}): {items} items arrived byte for byte, all logs whole"
    finally:
        moved.end()
