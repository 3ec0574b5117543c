"""Two receivers, one slow: a State at the end of a thin line holds up nobody but itself."""
import re
import subprocess
import time

from items_over import Moved, SAID, until
from pair import DEADLINE_S, Kept, digest, seeded
from two_nodes import COMITY, answers, found, trust

SIZE = 8_000_000
THIN = 100_000  # bytes a second: this one would take more than a minute


def receivers(base, seed, say):
    moved = Moved(base)
    lao = Kept(base, "LAO", "Lao PDR")
    try:
        dice = seeded(seed, "receivers")
        exchange = accepted(moved, lao, base)
        slow = base / "slow.img"
        slow.write_bytes(dice.randbytes(SIZE))
        item = moved.bfa.do("evidence", "add", exchange, slow, *SAID, "-q", by=("x",)).split()[-1]
        moved.line.rate = THIN
        moved.bfa.do("evidence", "release", exchange, item, by=("x", "a"))
        until("the slow one has begun", lambda: any((lao.home / "evidence").glob("*/sealed.age.partial")))
        watch = subprocess.Popen([COMITY, "evidence", "status", "--watch", "--home", lao.home, "--as", lao.key("a")],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        moved.line.rate = None  # of whoever comes from now on
        begun = time.monotonic()
        others = moved.release(dice, [SIZE, 1])
        moved.line.is_up = True
        moved.arrive(others)
        took = time.monotonic() - begun
        assert moved.states(lao)[item] == "announced", "the thin line was none"
        say(f"the quick one has all after {took:.1f} s, the slow one is still waiting")
        moved.line.widen()
        lao.await_that("evidence", "wait", item, "--state", "arrived")
        told_as_it_moves(watch, item)
        opened = base / "opened.img"
        lao.do("evidence", "open", item, "-o", opened)
        assert digest(opened) == digest(slow)
        opened.unlink()
        moved.check(others)
        lao.rest()
        moved.check_at_rest()
        return f"the quick one had {SIZE} bytes after {took:.1f} s, beside one at {THIN} bytes a second"
    finally:
        lao.end()
        moved.end()


def told_as_it_moves(watch, item):
    """Bytes, rate and time left, of the item and in all; and in the end, where it stands."""
    told = watch.communicate(timeout=DEADLINE_S)[0].decode()
    assert watch.returncode == 0, told
    assert re.search(rf"{item[:8]}\S* +announced +\S+ \S+ of \S+ \S+ \(\d+ %\) +\S+ \S+/s +\d", told), told
    assert re.search(r"in all  1, .* of .*/s  .* left", told), told
    assert re.search(rf"{item[:8]}\S* +arrived", told), told


def accepted(moved, lao, base):
    lao.keep()
    assert lao.serving.wait(DEADLINE_S), lao.ends
    found(lao)
    trust(lao, moved.bfa)
    trust(moved.bfa, lao)
    exchange = lao.do("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", moved.pair.form, "--send",
                      "-q", by=("a", "b")).strip()
    lao.await_that("request", "wait", exchange, "--act", "request", "--standing", "receipted")
    moved.bfa.do("directory", "confirm", "LAO", "--words", "Called, and spoke with the duty officer.")
    moved.bfa.do("request", "accept", exchange, "--answers", answers(moved.bfa, exchange, base / "lao.json"))
    lao.await_that("request", "wait", exchange, "--phase", "accepted")
    return exchange
