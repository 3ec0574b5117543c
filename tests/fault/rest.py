"""A byte of an item is another where it lies, in each class of byte: what is wrong is named, never served as good, never opened.

At the sender before anything was fetched; at the receiver while it comes; and at both when all is whole.
"""
import subprocess

from items_over import Moved, until
from pair import CRASHES, code_of, seeded
from proxy import Trouble
from two_nodes import COMITY

CHUNK = 65_552
SIZE = 300 * 65_536 + 77  # more than one tile of hashes, so that there is one above


def flip(path, at, bit=3):
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        file.seek(at % size)
        byte = file.read(1)[0]
        file.seek(at % size)
        file.write(bytes([byte ^ 1 << bit]))


def classes(shape):
    """(file, offset, what 'log check' says) of each class of byte of an item at rest."""
    prefix = shape["prefix_len"]
    sealed = {
        "the version line": 3, "a recipient's stanza": 30, "a wrapped key": 110, "the header's MAC": prefix - 30,
        "the nonce": prefix - 5, "the first byte of the first chunk": prefix, "a tag": prefix + CHUNK - 1,
        "the middle": prefix + 150 * CHUNK + 7, "the first byte of the last chunk": prefix + 300 * CHUNK, "the last tag": -1,
    }
    yield from ((name, "sealed.age", at) for name, at in sealed.items())
    yield "a leaf hash", "chunks.tiles/tile/0/000", 40
    yield "a leaf hash of the edge", "chunks.tiles/tile/0/001.p/45", 40
    yield "a hash above", "chunks.tiles/tile/1/000.p/1", 4


def checked(home):
    done = subprocess.run([COMITY, "log", "check", home, "--evidence"], capture_output=True, timeout=120)
    text = (done.stdout + done.stderr).decode(errors="replace")
    assert not any(crash in text for crash in CRASHES), text
    return done.returncode, text


def at_both(moved, item, say):
    """Whole items, one class of byte after the other."""
    shape = moved.kgz.look("evidence", "show", item)["manifest"]
    opened = moved.pair.base / "opened.img"
    for node in moved.pair.nodes:
        folder = node.home / "evidence" / item
        node.rest()  # who runs has the list of its items to itself
        for name, file, at in classes(shape):
            flip(folder / file, at)
            code, text = checked(node.home)
            assert code != 0 and ("evidence.chunk" in text) and item in text, f"{node.state} {name}: {text}"
            flip(folder / file, at)
        assert checked(node.home)[0] == 0
        node.keep()
        for name, file, at in classes(shape):
            flip(folder / file, at)
            opened.unlink(missing_ok=True)
            code, _, complaint = node.ask("evidence", "open", item, "-o", opened)
            # Hash tiles are asked for while it opens too: nothing is believed that does not lead to the root.
            assert code != 0 and code_of(complaint).startswith("evidence."), f"{node.state} {name}: {complaint}"
            assert not opened.exists(), name
            flip(folder / file, at)
            say(f"{node.state}, {name}: {code_of(complaint)}")


def at_the_sender(moved, dice, say):
    """Before it was fetched, a class in each item: the receiver names it, and takes the rest when it is mended."""
    kgz, bfa = moved.pair.nodes
    names = ("the version line", "a recipient's stanza", "the nonce", "the first byte of the first chunk", "the middle", "the last tag",
             "a leaf hash", "a leaf hash of the edge", "a hash above")
    items = dict(zip(moved.release(dice, [SIZE] * len(names)), names))
    places = {}
    for item, name in items.items():
        shape = bfa.look("evidence", "show", item)["manifest"]
        file, at = next(one[1:] for one in classes(shape) if one[0] == name)
        places[item] = bfa.home / "evidence" / item / file, at
        flip(*places[item])
    moved.line.is_up = True
    for item, name in items.items():
        until(f"{name}: it is named", lambda item=item: f"item {item} from BFA: evidence.chunk" in kgz.says.read_text())
        assert not moved.sealed(kgz, item).exists()
        said = next(line for line in kgz.says.read_text().splitlines() if item in line and "evidence.chunk" in line)
        say(f"at the sender, {name}: {said.split('BFA: ')[1]}")
        flip(*places[item])
    kgz.restart()
    moved.arrive(items)
    moved.check(items, lied_to=True)
    return next(iter(items))


def while_it_comes(moved, dice, say):
    """At the receiver, between a cut and the next try: a chunk is taken again, or the check of what is stored finds it."""
    kgz = moved.kgz
    (item,) = moved.release(dice, [SIZE])
    folder = kgz.home / "evidence" / item
    moved.line.next_trouble = lambda: Trouble("cut", "back", 4_000_000)
    moved.line.is_up = True
    until("some of it is there", lambda: (folder / "chunks.bitmap").exists())
    moved.line.is_up = False
    kgz.rest()
    for name in ("chunks.bitmap", "chunks.tiles/tile/0/000"):
        if (folder / name).exists():
            flip(folder / name, 50)
            say(f"while it comes: {name} is bent")
    moved.calm()
    kgz.keep()
    moved.arrive([item])
    moved.check([item], lied_to=True)


def rest(base, seed, say):
    moved = Moved(base)
    try:
        dice = seeded(seed, "rest")
        item = at_the_sender(moved, dice, say)
        while_it_comes(moved, dice, say)
        at_both(moved, item, say)
        moved.check_at_rest()
        return "every class of byte at rest: named where it lies, refused where it is read, taken again where it was sent"
    finally:
        moved.end()
