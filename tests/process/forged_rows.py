"""What root can do to a node's home when the node stands still: read every file, change a row of the database so that its pages
prove themselves as if the node had written them, write a custody log anew and sign it with the key that lies there.
"""
import base64
import hashlib
import shutil
import sqlite3
import subprocess
import tempfile

PAGE_BYTES, PROOF_BYTES = 4096, 8


def prove_pages(path):
    """As src/store/checked_pages.cpp makes them: no secret is in it."""
    pages = bytearray(path.read_bytes())
    for number in range(len(pages) // PAGE_BYTES):
        at = number * PAGE_BYTES
        said = bytes(pages[at : at + PAGE_BYTES - PROOF_BYTES]) + number.to_bytes(8, "little")
        pages[at + PAGE_BYTES - PROOF_BYTES : at + PAGE_BYTES] = hashlib.sha256(said).digest()[:PROOF_BYTES]
    path.write_bytes(pages)


def change(home, sql, *values):
    """One statement; gives how many rows it changed."""
    with sqlite3.connect(home / "node.db") as rows:
        changed = rows.execute(sql, values).rowcount
        rows.commit()
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows.close()
    prove_pages(home / "node.db")
    return changed


def read(home, sql, *values):
    """From a copy, so that a node at work is not asked to let go of it."""
    with tempfile.TemporaryDirectory(prefix="comity-rows-") as folder:
        for name in ("node.db", "node.db-wal"):
            if (home / name).exists():
                shutil.copy(home / name, folder)
        rows = sqlite3.connect(f"{folder}/node.db")
        try:
            return rows.execute(sql, values).fetchall()
        finally:
            rows.close()


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root_of(leaves):
    """RFC 9162."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def edge_of(leaves):
    """The roots of the whole subtrees, largest first, behind the size."""
    edge, at = len(leaves).to_bytes(8, "big"), 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            edge += root_of(leaves[at : at + (1 << bit)])
            at += 1 << bit
    return edge


def signed_note(home, note, root, size):
    """The note with another tree, signed by the log's own key."""
    text, _, signature = note.partition("\n\n")
    origin = text.split("\n")[0]
    name, old = signature.strip().rsplit(" ", 1)
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    key = home / ("keys/log-partner.key" if "/partner/" in origin else "keys/log-internal.key")
    said = home / "said"
    said.write_text(text)
    made = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-in", said, "-inkey", key], capture_output=True, check=True)
    said.unlink()
    return f"{text}\n{name} {base64.b64encode(base64.b64decode(old)[:4] + made.stdout).decode()}\n"


def rewrite_log(home, log, number, entry, kind):
    """Another entry in the place of this one, in a log that agrees with itself and is signed."""
    change(home, "UPDATE log_entry SET entry = ?, kind = ?, item = NULL WHERE log = ? AND number = ?", entry, kind, log, number)
    leaves = [leaf(row[0]) for row in read(home, "SELECT entry FROM log_entry WHERE log = ? ORDER BY number", log)]
    ((note,),) = read(home, "SELECT checkpoint FROM log WHERE name = ?", log)
    forged = signed_note(home, note, root_of(leaves), len(leaves))
    change(home, "UPDATE log SET edge = ?, checkpoint = ? WHERE name = ?", edge_of(leaves), forged, log)
    folder = home / "logs" / log
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    change(home, "UPDATE log SET installed = 0 WHERE name = ?", log)
