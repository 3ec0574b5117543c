#!/usr/bin/env python3
"""Measures live items between two real nodes, beside NATS JetStream and Redis streams on the same machine, in one run.

usage: bench/live.py COMITY [--seconds 10] [--rate 10000] [--quick]

A record of 200 bytes goes in by the API of State B; it counts as there when State A says that it is verified and durable. The
rivals keep one copy on one node, without TLS, sealing or proof: publish to acknowledgement, which is less than is asked of us.
Prints one table and writes build/bench/live.json.
"""
import argparse
import base64
import bisect
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from nodes import Pair, answers, free_port, memory_mib, process, run

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK_S = 0.001
RECORD_BYTES = 200


def record(number):
    """A flow of exactly 200 bytes with its line feed."""
    text = (f'{{"sequence":{number},"start":"2026-03-01T12:00:00Z","end":"2026-03-01T12:00:01.000Z","source":"192.0.2.7",'
            f'"destination":"192.0.2.9","source_port":40000,"destination_port":443,"protocol":6,"bytes":')
    digits = RECORD_BYTES - len(text) - 2
    assert digits > 0, f"no room for the number {number}"
    return text + "9" * digits + "}\n"


def records(first, count):
    return "".join(record(number) for number in range(first, first + count)).encode()


class Officer:
    """Calls at a node's socket, signed with openssl and nothing of ours."""

    def __init__(self, home, state, key):
        self.home, self.state, self.key = home, state, key
        der = subprocess.run(["openssl", "x509", "-in", f"{key}.crt", "-outform", "DER"], capture_output=True, check=True).stdout
        self.fingerprint = hashlib.sha256(der).hexdigest()

    def call(self, method, target, bulk=False):
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, nonce = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z", secrets.token_hex(16)
        body = "bulk" if bulk else hashlib.sha256(b"").hexdigest()
        text = f"comity-call/1\n{method}\n{target}\n{self.state}\n{stamp}\n{nonce}\n{body}\n"
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), capture_output=True,
                                   check=True).stdout
        head = (f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n"
                f"comity-officer: v1 {self.fingerprint} {stamp} {nonce} {base64.b64encode(signature).decode()}\r\n")
        door = socket.socket(socket.AF_UNIX)
        door.connect(str(self.home / "socket"))
        door.sendall((head + ("Transfer-Encoding: chunked\r\n" if bulk else "") + "\r\n").encode())
        return door


def lines_of_chunks(reader):
    """The lines of an answer's chunked body; where one chunk ends and the next begins is nothing to them."""
    while reader.readline().strip():
        pass
    held = b""
    while size := int(reader.readline() or b"0", 16):
        held += reader.read(size)
        reader.readline()
        *whole, held = held.split(b"\n")
        yield from (line for line in whole if line)


class Heads(threading.Thread):
    """When how many records were said to be durable at a node: (seconds, records), both growing."""

    def __init__(self, officer, item):
        super().__init__(daemon=True)
        self.reader = officer.call("GET", f"/v1/items/{item}/heads").makefile("rb")
        self.seen, self.grown = [], threading.Condition()
        self.start()

    def run(self):
        for line in lines_of_chunks(self.reader):
            now, count = time.monotonic(), json.loads(line).get("records", 0)
            with self.grown:
                self.seen.append((now, count))
                self.grown.notify_all()

    def wait(self, count, seconds=120):
        with self.grown:
            assert self.grown.wait_for(lambda: self.seen and self.seen[-1][1] >= count, seconds), \
                f"only {self.seen[-1:]} of {count} records became durable"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def paced(send, rate, seconds, begin=1):
    """Gives records at a rate, a tick at a time; (seconds, last record) of each tick, as it was handed over."""
    given, batches = begin - 1, []
    prepared = [records(begin + i * int(rate * TICK_S), int(rate * TICK_S)) for i in range(int(seconds / TICK_S))]
    started = time.monotonic()
    for tick, data in enumerate(prepared):
        ahead = started + tick * TICK_S - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        given += int(rate * TICK_S)
        batches.append((time.monotonic(), given))
        send(data)
    return batches


def latencies(batches, seen):
    """Milliseconds from each batch to the first word that covers it, a value a batch (all of one size)."""
    counts = [count for _, count in seen]
    return sorted(1000 * (seen[bisect.bisect_left(counts, last)][0] - at) for at, last in batches)


def told(values):
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]  # noqa: E731
    return {"p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": values[-1]}


def form(now):
    day = datetime.timedelta(days=1)
    said = "An exercise with 192.0.2.7."
    return {"requesting_authority": "Exercise Authority", "proceeding": "investigation", "subject_matter": said, "conducting_authority": said,
            "summary_of_facts": said, "assistance_sought": said, "purpose": said, "offences": ["illegal-access"], "offence_provision": said,
            "max_penalty_years": 5, "conduct": said, "data": [{"kind": "ip-address", "identifier": "192.0.2.7"}], "collection_need": said,
            "collection_period": {"from": (now - day).strftime("%Y-%m-%dT%H:%M:%SZ"), "to": (now + day).strftime("%Y-%m-%dT%H:%M:%SZ")},
            "period_reason": said, "authorisation": said, "relationship_to_offence": said, "necessity": said, "proportionality": said,
            "language": "en"}


def open_item(pair, now, segment_ms):
    """A request of BFA that KGZ accepted, and a live item under it, released by two."""
    fields = pair.folder / "traffic.json"
    fields.write_text(json.dumps(form(now)))
    asking = ["--as", pair.officer("bfa", "approver")]
    draft = pair.at("bfa", "request", "new", "--to", "KGZ", "--measure", "realtime-traffic", "--fields", fields,
                    "--as", pair.officer("bfa", "drafter"), "-q")
    pair.at("bfa", "request", "approve", draft, *asking, "--send", "-q")
    listed = json.loads(pair.at("bfa", "request", "list", "--json", *asking))["exchanges"]
    exchange = next(one["id"] for one in listed if one["measure"] == "realtime-traffic")
    asked = ["--as", pair.officer("kgz", "approver")]
    pair.at("kgz", "request", "wait", exchange, "--phase", "open", "--deadline-s", "60", *asked)
    questions = json.loads(pair.at("kgz", "request", "assess", exchange, "--json", *asked))["questions"]
    answered = pair.folder / "answers.json"
    answered.write_text(json.dumps({one["code"]: {"answer": "no" if one["accept_if"] == "no" else "yes", "reasons": "Exercise."}
                                    for one in questions}))
    pair.at("kgz", "request", "accept", exchange, "--answers", answered, *asked)
    pair.at("kgz", "evidence", "live", exchange, "/dev/null", "--records", "flow", "--source", "Exercise", "--scope", "Exercise",
            "--until", (now + datetime.timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%SZ"), "--custodian", "Exercise",
            "--collector", "Exercise", "--authorisation", "Exercise order 1", "--segment-ms", segment_ms, "-q",
            "--as", pair.officer("kgz", "executor"), "--as", pair.officer("kgz", "approver"))
    item = json.loads(pair.at("kgz", "evidence", "list", exchange, "--json", *asked))["items"][0]["id"]
    seen = ["--as", pair.officer("bfa", "approver")]
    pair.at("bfa", "request", "wait", exchange, "--phase", "delivered", "--deadline-s", "60", *seen)
    return item


def comity(program, parent, options):
    found = {}
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="live-", dir=parent) as name:
        pair = Pair(program, pathlib.Path(name))
        pair.make_homes()
        with pair.serve("kgz") as (kgz, _), pair.serve("bfa") as (bfa, _):
            pair.settle()
            item = open_item(pair, now, 10)
            sender = Officer(pair.folder / "kgz", "KGZ", pair.officer("kgz", "executor"))
            receiver = Officer(pair.folder / "bfa", "BFA", pair.officer("bfa", "approver"))
            heads = Heads(receiver, item)
            door = sender.call("PUT", f"/v1/items/{item}/records", bulk=True)
            warm = paced(lambda data: door.sendall(chunk(data)), options.rate, 1)
            heads.wait(warm[-1][1])
            batches = paced(lambda data: door.sendall(chunk(data)), options.rate, options.seconds, warm[-1][1] + 1)
            heads.wait(batches[-1][1])
            found["paced"] = told(latencies(batches, heads.seen))
            given = batches[-1][1]
            block = 2000
            prepared = [records(given + 1 + i * block, block) for i in range(options.burst // block)]
            started = time.monotonic()
            for data in prepared:
                door.sendall(chunk(data))
            given += len(prepared) * block
            heads.wait(given)
            found["sustained_per_s"] = len(prepared) * block / (heads.seen[-1][0] - started)
            door.sendall(b"0\r\n\r\n")
            door.makefile("rb").readline()
            found["peak_mib"] = {"sender": memory_mib(kgz, "VmHWM"), "receiver": memory_mib(bfa, "VmHWM")}
            cpu = [sum(map(int, pathlib.Path(f"/proc/{child.pid}/stat").read_text().rsplit(") ", 1)[1].split()[11:13]))
                   for child in (kgz, bfa)]
            found["cpu_us_per_record"] = [round(1e6 * one / os.sysconf("SC_CLK_TCK") / given, 1) for one in cpu]
    return found


class Acks(threading.Thread):
    """Counts the acknowledgements of a rival: one a record, found by `mark` in what it answers."""

    def __init__(self, door, mark):
        super().__init__(daemon=True)
        self.door, self.mark, self.count = door, mark, 0
        self.seen, self.grown = [], threading.Condition()
        self.start()

    def run(self):
        rest = data = b""
        while True:
            with contextlib.suppress(OSError):
                data = self.door.recv(1 << 18)
            if not data or self.door.fileno() < 0:
                return
            data = rest + data
            with self.grown:
                self.count += data.count(self.mark)
                self.seen.append((time.monotonic(), self.count))
                self.grown.notify_all()
            rest = data[-(len(self.mark) - 1):] if len(self.mark) > 1 else b""

    wait = Heads.wait


def rival(door, mark, wrap, options):
    acks = Acks(door, mark)
    send = lambda data: door.sendall(b"".join(wrap(line) for line in data.splitlines(True)))  # noqa: E731
    warm = paced(send, options.rate, 1)
    acks.wait(warm[-1][1])
    batches = paced(send, options.rate, options.seconds, warm[-1][1] + 1)
    acks.wait(batches[-1][1])
    found = {"paced": told(latencies(batches, acks.seen))}
    given, block = batches[-1][1], 2000
    prepared = [b"".join(wrap(line) for line in records(given + 1 + i * block, block).splitlines(True))
                for i in range(options.burst // block)]
    started = time.monotonic()
    for data in prepared:
        door.sendall(data)
    acks.wait(given + len(prepared) * block)
    return found | {"sustained_per_s": len(prepared) * block / (acks.seen[-1][0] - started)}


@contextlib.contextmanager
def connected(port):
    with socket.create_connection(("127.0.0.1", port)) as door:
        yield door


def redis(parent, options):
    with tempfile.TemporaryDirectory(prefix="redis-", dir=parent) as folder:
        port = free_port()
        command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--appendfsync",
                   "always", "--save", ""]
        with process(command, lambda: answers(("127.0.0.1", port), socket.AF_INET, b"PING\r\n", b"PONG")), connected(port) as door:
            wrap = lambda line: (b"*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nr\r\n$%d\r\n%s\r\n"  # noqa: E731
                                 % (len(line), line))
            return rival(door, b"$", wrap, options)  # each answer is one bulk string


def nats(parent, options):
    with tempfile.TemporaryDirectory(prefix="nats-", dir=parent) as folder:
        port = free_port()
        command = ["nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd", folder]
        with process(command, lambda: answers(("127.0.0.1", port), socket.AF_INET, b"", b"INFO")), connected(port) as door:
            door.recv(1 << 16)
            made = json.dumps({"name": "S", "subjects": ["s"], "storage": "file"}).encode()
            door.sendall(b'CONNECT {"verbose":false}\r\nSUB _I.c 1\r\nPUB $JS.API.STREAM.CREATE.S _I.c %d\r\n%s\r\n' % (len(made), made))
            while b"stream_create_response" not in (said := door.recv(1 << 16)):
                assert said
            door.sendall(b"SUB _I.a 2\r\n")
            wrap = lambda line: b"PUB s _I.a %d\r\n%s\r\n" % (len(line), line)  # noqa: E731
            return rival(door, b'"seq":', wrap, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("comity", type=pathlib.Path)
    parser.add_argument("--rate", type=int, default=10_000, help="records a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--burst", type=int, default=1_000_000, help="records given as fast as they are taken")
    parser.add_argument("--quick", action="store_true", help="a tenth of all that")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.burst = options.seconds / 10, options.burst // 10
    out = ROOT / "build/bench"
    out.mkdir(parents=True, exist_ok=True)
    results = {"rate": options.rate, "load_before": os.getloadavg(), "Comity: two States, sealed, signed, both durable":
               comity(options.comity.resolve(), out, options)}
    if shutil.which("nats-server"):
        results["NATS JetStream, file storage: one node, publish to acknowledgement"] = nats(out, options)
    if shutil.which("redis-server"):
        results["Redis streams, appendfsync always: one node, XADD to its answer"] = redis(out, options)
    results["load_after"] = os.getloadavg()
    (out / "live.json").write_text(json.dumps(results, indent=2) + "\n")
    print(f"Records of {RECORD_BYTES} bytes, {options.rate} a second for {options.seconds} s; then as many as go")
    for name, found in results.items():
        if not isinstance(found, dict):
            continue
        print(f"  {name:<68} p50 {found['paced']['p50_ms']:6.1f} ms  p99 {found['paced']['p99_ms']:6.1f} ms"
              f"  {found['sustained_per_s']:8.0f}/s")
        if "peak_mib" in found:
            print(f"    memory: sender {found['peak_mib']['sender']:.0f} MiB, receiver {found['peak_mib']['receiver']:.0f} MiB;"
                  f" processor: {found['cpu_us_per_record'][0]} and {found['cpu_us_per_record'][1]} us a record")


if __name__ == "__main__":
    main()
