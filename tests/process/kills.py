"""kill -9 at random points of acts and transfers: at a random moment, or at a random call to the disk or the net."""
import time

from pair import CALM, Fate, Pair, seeded, strace

# Where a process may be stopped in the middle of something that others rely on.
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "rename", "openat", "ftruncate", "mkdir", "unlink", "link", "sendmsg", "recvmsg", "read")
CALLS_MAX = 40
A_ROUND = 6


class Deaths:
    """The fates of one node's lives in one round: `budget` ends, then peace."""

    def __init__(self, dice, budget, span_s):
        self.dice, self.budget, self.span_s = dice, budget, span_s

    def __call__(self):
        if self.budget <= 0:
            return CALM
        self.budget -= 1
        if self.dice.random() < 0.5:
            return Fate(after_s=self.dice.uniform(0, self.span_s))
        call, when = self.dice.choice(CALLS), 1 + int(CALLS_MAX ** self.dice.random())
        return Fate(strace("-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={when}"), after_s=2 * self.span_s)


def kills(base, seed, wanted, say):
    pair = Pair(base)
    try:
        begun = time.monotonic()
        exchange, _ = pair.story(seeded(seed, "calm"), 300_000)
        span_s = time.monotonic() - begun
        acts = pair.check(exchange)
        number = items = 0
        while (fallen := sum(node.fell() for node in pair.nodes)) < wanted:
            number += 1
            dice = seeded(seed, number)
            budget = min(A_ROUND, wanted - fallen)
            first = dice.randint(0, budget)
            for node, share in zip(pair.nodes, (first, budget - first)):
                node.fate = Deaths(dice, share, span_s)
                if share:
                    node.restart()
            exchange, _ = pair.story(dice, int(10 ** dice.uniform(4.5, 7.3)))
            calm(pair)
            acts += pair.check(exchange)
            items += 1
            say(f"round {number}: {sum(node.fell() for node in pair.nodes)} kills, {acts} acts, {items} items")
        pair.check_at_rest()
        return f"{sum(node.fell() for node in pair.nodes)} kills in {number} rounds: {acts} acts receipted once each, {items} items whole"
    finally:
        pair.end()


def calm(pair):
    """What still hangs over a process happens now: the next one is left in peace."""
    for node in pair.nodes:
        node.fate = lambda: CALM
        if node.hangs is CALM:
            continue
        lives = len(node.ends)
        node.process.kill()
        while len(node.ends) == lives or not node.serving.wait(0.01):
            pass
