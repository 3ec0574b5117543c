"""A sender who lies: BFA's own keys, its signed delivery, and another program behind them. What it can not do: get one wrong
byte under an item's name, fill the disk, or hold up what the honest node sends afterwards.
"""
import http.server
import re
import ssl
import threading

from items_over import Moved, until
from pair import digest, seeded

CHUNK = 65_552
SIZE = 20 * 65_536 + 5
ENDLESS = 64 << 20  # far more than any answer here may take


class Answer:
    """What the honest node would say to one question, for a lie to change."""

    def __init__(self, status, body, first, total):
        self.status, self.body = status, body
        self.headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(body))}
        if status == 206:
            self.headers["Content-Range"] = f"bytes {first}-{first + len(body) - 1}/{total}"
        self.first, self.total = first, total
        self.endless = False

    def of_chunks(self):
        return self.status == 206 and self.first > 0


def header(name, change):
    def lie(answer):
        if answer.of_chunks():
            answer.headers[name] = change(answer)
    return lie


def body(change):
    """Other bytes, under a true length."""
    def lie(answer):
        if answer.of_chunks():
            answer.body = change(answer)
            answer.headers["Content-Length"] = str(len(answer.body))
    return lie


def tile(change):
    def lie(answer):
        if answer.status == 200:
            answer.body = change(answer.body)
            answer.headers["Content-Length"] = str(len(answer.body))
    return lie


def endless(answer):
    if answer.of_chunks():
        del answer.headers["Content-Length"]
        answer.headers["Transfer-Encoding"] = "chunked"
        answer.endless = True


def without_the_last_chunk(answer):
    """All but the item's last chunk, and never that one."""
    if answer.of_chunks():
        left = answer.total - (SIZE % 65_536 + 16) - answer.first
        answer.body = answer.body[:max(0, left)]


def other_status(status):
    def lie(answer):
        if answer.of_chunks():
            answer.status = status
    return lie


# Whether bytes can arrive under it all the same: what is right is right, whatever is said around it. None: the lie
# is named, and what came before it was right and whole, so the item may be there at the next try.
LIES = {
    "a length too long": (header("Content-Length", lambda one: str(len(one.body) + 1)), None),
    "a length too short": (header("Content-Length", lambda one: str(max(0, len(one.body) - CHUNK))), False),
    "a length that is none": (header("Content-Length", lambda one: "many"), False),
    "another range": (body(lambda one: one.body[1:] + b"\0"), False),
    "fewer bytes": (body(lambda one: one.body[:-1]), False),
    "more bytes": (body(lambda one: one.body + b"\0" * CHUNK), None),
    "bytes of zeros": (body(lambda one: bytes(len(one.body))), False),
    "another content type": (header("Content-Type", lambda one: "text/html"), True),
    "a whole file for a range": (other_status(200), False),
    "not there": (other_status(404), False),
    "elsewhere": (other_status(302), False),
    "another root": (tile(lambda hashes: bytes([hashes[0] ^ 1]) + hashes[1:]), False),
    "more chunks": (tile(lambda hashes: hashes + hashes[:32]), False),
    "fewer chunks": (tile(lambda hashes: hashes[:-32]), False),
    "bytes without end": (endless, None),
    "the last chunk withheld": (without_the_last_chunk, False),
}


class Liar:
    def __init__(self, home, lies):
        """`lies`: by item. Speaks with the keys of `home`, and knows the bytes that lie there."""
        self.sent = dict.fromkeys(lies, 0)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                self.send_error(503)
                self.close_connection = True

            def do_GET(handler):
                found = re.fullmatch(r"/comity/v1/items/([0-9a-f]{32})/(sealed|tiles/(.+))", handler.path)
                if not found or found[1] not in lies:
                    return handler.send_error(404)
                folder = home / "evidence" / found[1]
                if found[3]:
                    answer = Answer(200, (folder / "chunks.tiles" / "tile" / found[3]).read_bytes(), 0, 0)
                else:
                    sealed = (folder / "sealed.age").read_bytes()
                    first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers["Range"]).groups())
                    answer = Answer(206, sealed[first:last + 1], first, len(sealed))
                lies[found[1]](answer)
                self.say(handler, answer, found[1])

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(home / "keys" / "tls.crt", home / "keys" / "tls.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.handle_error = lambda *_: None  # whoever is lied to hangs up
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def say(self, handler, answer, item):
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if not answer.endless:
            self.sent[item] += len(answer.body)
            handler.wfile.write(answer.body)
            if int(answer.headers["Content-Length"] if answer.headers["Content-Length"].isdigit() else 0) != len(answer.body):
                handler.close_connection = True
            return
        # All that was asked for, as it is, and then no end.
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(answer.body), answer.body))
        piece = b"10000\r\n" + bytes(65_536) + b"\r\n"
        while self.sent[item] < ENDLESS:
            handler.wfile.write(piece)
            self.sent[item] += 65_536

    def end(self):
        self.server.shutdown()
        self.server.server_close()


def only_right(partial, sealed):
    """What was written is right, or nothing yet."""
    right = sealed.read_bytes()
    try:
        written = partial.read_bytes()
    except FileNotFoundError:
        return
    assert len(written) <= len(right)
    for at in range(0, len(written), 4096):
        piece = written[at:at + 4096]
        if piece != right[at:at + 4096]:
            wrong = [i for i, byte in enumerate(piece) if byte and byte != right[at + i]]
            assert not wrong, f"{partial}: a wrong byte at {at + wrong[0]}"


def liar(base, seed, say):
    moved = Moved(base)
    kgz, bfa = moved.pair.nodes
    try:
        dice = seeded(seed, "liar")
        items = dict(zip(moved.release(dice, [SIZE] * len(LIES)), LIES))
        until("no act is under way", lambda: not any(node.look("status")["outbox"] for node in moved.pair.nodes))
        kgz.restart()  # none of them has failed yet in this life
        bfa.rest()
        false = Liar(bfa.home, {item: LIES[name][0] for item, name in items.items()})
        try:
            moved.line.target, moved.line.is_up = false.port, True
            for item, name in items.items():
                harmless = LIES[name][1]
                until(f"{name}: it is told", lambda item=item, harmless=harmless:
                      moved.states(kgz)[item] == "arrived" if harmless else f"item {item} from BFA: " in kgz.says.read_text())
                assert harmless is None or (moved.states(kgz)[item] == "arrived") == harmless, name
                if not harmless:
                    only_right(kgz.home / "evidence" / item / "sealed.age.partial", moved.sealed(bfa, item))
                if moved.sealed(kgz, item).exists():
                    assert harmless is not False and digest(moved.sealed(kgz, item)) == digest(moved.sealed(bfa, item)), name
                said = [line for line in kgz.says.read_text().splitlines() if item in line]
                say(f"{name}: {said[-1].split(item)[-1] if said else 'arrived all the same'}")
            endless_item = next(item for item, name in items.items() if name == "bytes without end")
            assert false.sent[endless_item] < ENDLESS, "it went on to take bytes without end"
            assert sum(path.stat().st_size for path in (kgz.home / "evidence").rglob("*") if path.is_file()) < 2 * SIZE * len(items)
        finally:
            false.end()
        moved.line.cut()
        moved.line.target = bfa.port
        bfa.keep()
        kgz.restart()  # else it waits longer after each lie
        moved.arrive(items)
        moved.check(items, lied_to=True)
        moved.check_at_rest()
        return f"{len(items)} lies refused, and the honest bytes came after all of them"
    finally:
        moved.end()
