"""A bit is another on the way, in each class of byte that passes: TLS makes of it a line that broke, and never a wrong byte.

Each connection bears one flipped bit; the item it carried is fetched again and is whole.
"""
import threading

from items_over import Moved
from pair import seeded
from proxy import Trouble

# (way, bytes after which): a TLS record is 5 bytes of header, a body, and 16 bytes of tag within it.
CLASSES = {
    "the head of the first record": ("there", 0), "its length": ("there", 4),
    "the client's hello": ("there", 40), "the server's hello": ("back", 60),
    "the server's certificate": ("back", 400), "the client's certificate": ("there", 900),
    "the question": ("there", 2_500), "the head of the answer": ("back", 2_400),
    "the first bytes": ("back", 4_000), "a record's head or tag": ("back", 16_400),
    "the middle": ("back", 200_000), "near the end": ("back", 390_000),
}
SIZE = 400_000


def flight(base, seed, say):
    moved = Moved(base)
    try:
        dice = seeded(seed, "flight")
        items = moved.release(dice, [SIZE] * len(CLASSES))
        waiting = [Trouble("corrupt", way, after, dice.randrange(8)) for way, after in CLASSES.values()]
        lock = threading.Lock()

        def next_trouble():
            with lock:
                return waiting.pop(0) if waiting else None

        moved.line.next_trouble = next_trouble
        moved.line.is_up = True
        moved.arrive(items)
        happened = moved.line.befell["corrupt"]
        assert happened >= len(CLASSES) - 1, moved.line.befell  # one may have ended before its byte passed
        moved.calm()
        moved.check(items)
        told = [line for line in moved.kgz.says.read_text().splitlines() if "from BFA: " in line]
        assert told and all(": peer." in line or ": crypto." in line for line in told), told
        say("\n".join(told))
        moved.check_at_rest()
        return f"{happened} flipped bits on the way: a broken line each time, no wrong byte"
    finally:
        moved.end()
