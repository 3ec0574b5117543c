#!/usr/bin/env python3
"""What gives a source to a node, or follows an item, outlasts the node: in front of one that answers by a script, and goes
away at each step.

usage: patience.py COMITY DATA
"""
import hashlib
import json
import pathlib
import socket
import subprocess
import tempfile

from two_nodes import COMITY, Node, free_port

ITEM = "ab" * 16
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
PLAIN = bytes(range(256)) * 1024


def heard(connection):
    """One request, to its end; a source is sent in chunks."""
    stream = connection.makefile("rb")
    length, chunked = 0, False
    stream.readline()
    for line in iter(stream.readline, b"\r\n"):
        name, value = line.decode().strip().lower().split(": ", 1)
        length, chunked = int(value) if name == "content-length" else length, chunked or value == "chunked"
    stream.read(length)
    while chunked and (size := int(stream.readline(), 16)):
        stream.read(size + len(b"\r\n"))


def answers(**fields):
    def say(connection):
        heard(connection)
        body = json.dumps(fields).encode()
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n%s" % (len(body), body))

    return say


def dies(connection):
    """In the middle of a call: nobody knows what it did."""
    connection.recv(64)


def pours(plain, ends=True):
    """The item's bytes as they are verified; the connection may end before the item does."""
    def say(connection):
        heard(connection)
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(plain), plain))
        if ends:
            connection.sendall(b"0\r\n\r\n")

    return say


def item(**fields):
    return answers(id=ITEM, state="released", manifest={"records": "bytes"} | fields.pop("manifest", {}), **fields)


def says(home, words, script, fails=None):
    """What the verb says to a node of this script, one connection a step."""
    with socket.socket(socket.AF_UNIX) as door, tempfile.TemporaryFile() as said:
        (home / "socket").unlink(missing_ok=True)
        door.bind(str(home / "socket"))
        door.listen()
        door.settimeout(60)
        child = subprocess.Popen([COMITY, "evidence", *words, "--home", home], stdout=said, stderr=subprocess.PIPE)
        try:
            for step in script:
                connection, _ = door.accept()
                with connection:
                    step(connection)
            _, complaint = child.communicate(timeout=60)
        finally:
            child.kill()
        said.seek(0)
        told = said.read()
    if fails is None:
        assert child.returncode == 0, complaint.decode()
    else:
        assert child.returncode != 0 and fails in complaint.decode(), complaint.decode()
    return told


def gives(home, file, script, fails=None):
    said = says(home, ("live", "0" * 32, file, "--item", ITEM, "-q"), script, fails)
    assert fails or said.decode().split() == [ITEM], said


OPEN = item(is_open=True, live={"taken": 0, "has_source": False})
DONE = answers(records=len(PLAIN))


def closed(plain):
    return item(is_open=False, manifest={"plaintext_len": len(plain), "plaintext_sha256": hashlib.sha256(plain).hexdigest()})


def gives_all(home, file):
    file.write_bytes(PLAIN)
    gives(home, file, [OPEN, OPEN, DONE])
    gives(home, file, [OPEN, OPEN, dies, dies, dies, OPEN, dies, dies, OPEN, DONE])
    # It sealed the last byte, and died before it could say so: what it holds is compared with the source.
    gives(home, file, [OPEN, OPEN, dies, dies, closed(PLAIN), closed(PLAIN)])
    # It was closed for another reason, and holds something else.
    gives(home, file, [OPEN, OPEN, dies, closed(PLAIN[1:]), closed(PLAIN[1:])], fails="evidence.ended")
    # Nobody gives to an item that was closed before he came.
    gives(home, file, [OPEN, closed(PLAIN)], fails="evidence.ended")


def follows(home):
    """Each byte once, whatever broke in between."""
    breaks = [pours(PLAIN[:1000]), dies, dies, pours(PLAIN[:5000], ends=False)]
    assert says(home, ("follow", ITEM), [OPEN, *breaks, pours(PLAIN), OPEN, pours(PLAIN), closed(PLAIN)]) == PLAIN
    assert says(home, ("follow", ITEM), [OPEN, pours(PLAIN[:9]), closed(PLAIN)], fails="evidence.ended") == PLAIN[:9]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        base = pathlib.Path(folder)
        Node.make(base / "kgz", "KGZ", free_port(), "--name", "Kyrgyz Republic")
        gives_all(base / "kgz", base / "source")
        follows(base / "kgz")
    print("patience: what gives a source, or follows one, outlasts the node")
