#!/usr/bin/env python3
"""A live item between two real nodes: released by two officers, fed by a source, followed at the other State as it grows, cut
and killed on both sides, and at its end an item like any other, which stock tools open.

usage: live.py COMITY DATA [--kills N]
"""
import argparse
import datetime
import json
import pathlib
import queue
import struct
import subprocess
import sys
import tempfile
import threading
import time

import api
from every_call import LIVE
from pair import DEADLINE_S, Pair, seeded
from two_nodes import COMITY, STORED_DATA, run, write

SAID = ("--custodian", "Example Net (exercise)", "--collector", "Sgt. X (exercise)", "--authorisation", "Order 78/2026",
        "--tool", "probe 2.0", "--source", "Border router 2 (exercise)", "--scope", "Flows of 192.0.2.7")


def instant(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def form(now, days=2):
    return {field: value for field, value in STORED_DATA.items() if field not in ("data_categories", "period")} | {
        "summary_of_facts": "A hospital's systems are being controlled from 192.0.2.7 (exercise).",
        "assistance_sought": "The flows of the address named, as they pass.",
        "data": [{"kind": "ip-address", "identifier": "192.0.2.7"}],
        "relationship_to_offence": "Commands come from 192.0.2.7.",
        "authorisation": "Order 77/2026 of the investigating judge (exercise)",
        "collection_need": "No log is kept of the connections.",
        "collection_period": {"from": instant(now - datetime.timedelta(days=1)), "to": instant(now + datetime.timedelta(days=days))},
        "period_reason": "It calls once in four weeks.",
    }


def flow(number):
    return json.dumps({"sequence": number, "start": "2026-03-01T12:00:00Z", "end": "2026-03-01T12:00:01Z", "source": "192.0.2.7",
                       "destination": f"198.51.100.{number % 250 + 1}", "source_port": 1024 + number % 60000,
                       "destination_port": 443, "protocol": 6, "packets": 3, "bytes": number}, separators=(",", ":"))


class Follower:
    """`comity evidence follow` at a node; its lines as they come."""

    def __init__(self, node, item):
        self.lines = queue.Queue()
        self.child = subprocess.Popen([COMITY, "evidence", "follow", item, "--home", node.home, "--as", node.key("a")],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        self.records = {}

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(json.loads(line))

    def until(self, records):
        """Every line until so many records were shown, each once and in order."""
        end = time.monotonic() + DEADLINE_S
        while len(self.records) < records:
            try:
                line = self.lines.get(timeout=1)
            except queue.Empty:
                assert self.child.poll() is None, self.child.stderr.read()
                assert time.monotonic() < end, f"only {len(self.records)} of {records} records were shown"
                continue
            if "n" in line:
                assert line["n"] == len(self.records) + 1, line
                self.records[line["n"]] = line["record"]
        return self.records

    def end(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()
        self.child.stderr.close()


def accepted(pair, now):
    """A request for traffic data in real time, accepted."""
    kgz, bfa = pair.nodes
    fields = write(pair.base / "traffic.json", form(now))
    before = {one["id"] for one in kgz.look("request", "list")["exchanges"]}
    kgz.until(lambda: {one["id"] for one in kgz.look("request", "list")["exchanges"]} - before, "request", "new", "--to", "BFA",
              "--measure", "realtime-traffic", "--fields", fields, "--send", by=("a", "b"))
    (exchange,) = {one["id"] for one in kgz.look("request", "list")["exchanges"]} - before
    kgz.await_that("request", "wait", exchange, "--act", "request", "--standing", "receipted")
    pair.call_back(exchange)
    questions = bfa.look("request", "assess", exchange)["questions"]
    words = write(pair.base / "answers.json", {
        one["code"]: {"answer": "yes" if one["accept_if"] == "yes" else "no", "reasons": "So it is."} for one in questions})
    bfa.until(lambda: pair.acts(bfa, exchange, "acceptance"), "request", "accept", exchange, "--answers", words)
    kgz.await_that("request", "wait", exchange, "--act", "acceptance")
    return exchange


def items(node, exchange):
    return {one["id"]: one for one in node.look("evidence", "list", exchange)["items"]}


def opened(pair, exchange, *more, records="flow"):
    """An item that two officers opened and released; no record yet."""
    bfa = pair.bfa
    before = set(items(bfa, exchange))
    code, _, said = bfa.ask("evidence", "live", exchange, "/dev/null", "--records", records, *SAID, *more, "-q", by=("x", "a"))
    assert code == 0, said
    (item,) = set(items(bfa, exchange)) - before
    until("the other State knows it", lambda: item in items(pair.kgz, exchange))
    return item


def until(what, condition):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        threading.Event().wait(0.05)


def feed(node, exchange, item, **options):
    return subprocess.Popen([COMITY, "evidence", "live", exchange, "--item", item, "--home", node.home, "--as", node.key("x"), "-q"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def give(source, numbers):
    for number in numbers:
        source.stdin.write(flow(number) + "\n")
    source.stdin.flush()


def finish(source):
    source.stdin.close()
    code = source.wait(DEADLINE_S)
    said = source.stderr.read()
    source.stdout.close()
    source.stderr.close()
    return code, said


def stands_alike(pair, exchange, item, wanted):
    """Closed: both States hold the same item, which stock tools open, and a court can check."""
    kgz, bfa = pair.nodes
    kgz.await_that("evidence", "wait", item, "--state", "arrived")
    bfa.await_that("request", "wait", exchange, "--act", "arrival")
    theirs, ours = items(kgz, exchange)[item]["manifest"], items(bfa, exchange)[item]["manifest"]
    assert theirs == ours and theirs["live"]["records"] == wanted, (theirs, ours)
    sealed = [(node.home / "evidence" / item / "sealed.age").read_bytes() for node in pair.nodes]
    assert sealed[0] == sealed[1]
    key = kgz.home / "keys/evidence" / f"request-{exchange}.age-identity"
    plain = subprocess.run(["age", "-d", "-i", key, kgz.home / "evidence" / item / "sealed.age"], capture_output=True, check=True).stdout
    lines = [json.loads(line) for line in plain.splitlines() if line]
    assert lines[0]["comity"] == "live/1" and lines[-1]["closed"]["records"] == wanted, (lines[0], lines[-1])
    numbered = [line for line in lines if "n" in line]
    assert [line["n"] for line in numbered] == list(range(1, wanted + 1))
    export = pair.base / f"export-{item}"
    kgz.do("export", exchange, "-o", export, "--for", "court")
    run("verify", export, "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}")
    return numbered


def one_after_another(pair, now):
    """From the first record to the court."""
    kgz, bfa = pair.nodes
    exchange = accepted(pair, now)
    item = opened(pair, exchange, "--until", instant(now + datetime.timedelta(days=1)))
    follower = Follower(kgz, item)
    source = feed(bfa, exchange, item)
    give(source, [1, 2, 5])
    shown = follower.until(3)  # while the source goes on
    assert shown[3]["sequence"] == 5, shown
    give(source, [4, 4, 6])
    follower.until(6)
    code, said = finish(source)
    assert code == 0, said
    live = items(bfa, exchange)[item]["live"]
    assert (live["records"], live["gaps"], live["missing"], live["late"], live["duplicates"]) == (6, 1, 2, 1, 1), live
    until("the other State's word", lambda: items(bfa, exchange)[item]["live"].get("acknowledged") == 6)

    # Content does not pass, and costs its source the connection; what came before stays.
    source = feed(bfa, exchange, item)
    give(source, [7])
    source.stdin.write('{"text":"meet me at eight"}\n')
    code, said = finish(source)
    assert code == 2 and "evidence.record" in said and "record 2" in said, (code, said)
    follower.until(7)
    follower.end()

    bfa.do("evidence", "end", item, by=("x",))
    stands_alike(pair, exchange, item, 7)
    code, _, said = bfa.ask("evidence", "live", exchange, "/dev/null", "--item", item, by=("x",))
    assert code == 3 and "evidence.ended" in said, said
    return exchange


def at_its_end(pair, now, exchange):
    """The node stops by itself, with a source connected."""
    kgz, bfa = pair.nodes
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=15)
    item = opened(pair, exchange, "--until", instant(end))
    source = feed(bfa, exchange, item)
    given = 0
    while source.poll() is None and given < 100_000:
        given += 1
        try:
            give(source, [given])
        except BrokenPipeError:
            break
        threading.Event().wait(0.02)
    code, said = finish_quietly(source)
    assert code == 3 and "evidence.ended" in said, (code, said)
    wanted = lambda: items(kgz, exchange)[item]["manifest"].get("live", {}).get("records")  # noqa: E731
    until("it is completed", wanted)
    numbered = stands_alike(pair, exchange, item, wanted())
    assert numbered and all(line["at"] < instant(end) for line in numbered), numbered[-1]
    assert items(bfa, exchange)[item]["manifest"]["live"]["why"] == "authorisation"
    kinds = [row["entry"]["kind"] for row in bfa.look("log", "entries", "partner/KGZ")["entries"]]
    assert "item.completed" in kinds, kinds


def finish_quietly(source):
    try:
        source.stdin.close()
    except BrokenPipeError:
        pass
    code = source.wait(DEADLINE_S)
    said = source.stderr.read()
    source.stdout.close()
    source.stderr.close()
    return code, said


def captured(pair, now, exchange):
    """Packets: headers alone, whatever they carry."""
    bfa = pair.bfa
    item = opened(pair, exchange, "--until", instant(now + datetime.timedelta(days=1)), records="packet-headers")
    packet = bytes(12) + b"\x08\x00" + bytes([0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1]) + \
        struct.pack(">HHHH", 53, 53, 40, 0) + b"a secret question, twice: secret"
    stream = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + \
        b"".join(struct.pack("<IIII", 1772366400 + i, 0, len(packet), len(packet)) + packet for i in range(50))
    capture = pair.base / "capture.pcap"
    capture.write_bytes(stream)
    code, _, said = bfa.ask("evidence", "live", exchange, capture, "--item", item, "--end", by=("x",))
    assert code == 0, said
    numbered = stands_alike(pair, exchange, item, 50)
    assert all(bytes.fromhex(line["record"]["bytes"]) == packet[:42] for line in numbered)
    said = items(bfa, exchange)[item]["manifest"]["transformations"]
    assert any("content of packets" in one["what"] for one in said), said


def by_calls(pair, now, exchange):
    """As a State's own systems do it: by HTTP, with every answer held against the specification."""
    kgz, bfa = pair.nodes
    x, a = api.Caller(bfa, "x"), api.Caller(kgz, "a")
    described = {"name": "flow.jsonl", "custodian": "Example Net", "collector": "Sgt. X", "tool": "probe 2.0",
                 "authorisation": "Order 78/2026", "records": "flow", "source": "Router 2", "scope": "Flows of 192.0.2.7",
                 "from": instant(now), "until": instant(now + datetime.timedelta(days=1)), "segment_ms": 5}
    item = x.ask("POST", f"/v1/exchanges/{exchange}/live", described)["id"]
    x.put(f"/v1/items/{item}/records", b"", status=403, code="evidence.unreleased")
    bfa.do("evidence", "release", exchange, item, by=("x", "a"))
    until("the other State knows it", lambda: item in items(kgz, exchange))
    records = "".join(flow(number) + "\n" for number in range(1, 101)).encode()
    assert x.put(f"/v1/items/{item}/records", records)["records"] == 100
    shown = stream(a, f"/v1/items/{item}/records?from=11", lambda line: line.get("n") == 100)
    assert [line["n"] for line in shown if "n" in line] == list(range(11, 101))
    events = stream(a, f"/v1/items/{item}/records?from=99&as=events", lambda line: line.get("n") == 100)
    assert events[-1]["record"]["sequence"] == 100
    stream(x, f"/v1/items/{item}/heads", lambda line: line.get("acknowledged") == 100)
    api.seen.update({"GET /v1/items/{item}/records", "GET /v1/items/{item}/heads"})
    assert a.get(f"/v1/items/{item}")["live"]["records"] == 100
    x.ask("POST", f"/v1/items/{item}/end")
    stands_alike(pair, exchange, item, 100)
    assert LIVE <= api.seen, LIVE - api.seen


def stream(caller, target, is_last):
    """The lines of an answer without end, up to one."""
    door = api.Socket(caller.node.home / "socket")
    door.request("GET", target, headers=api.signed(caller.node, caller.name, "GET", target))
    answer = door.getresponse()
    assert answer.status == 200, answer.read()
    lines = []
    while not lines or not is_last(lines[-1]):
        text = answer.readline().decode().removeprefix("data: ").strip()
        if text.startswith("{"):
            lines.append(json.loads(text))
    door.close()
    return lines


def killed(pair, now, wanted, seed, say):
    """Nodes of both sides are killed at random while records come: nothing is lost and nothing doubled."""
    kgz, bfa = pair.nodes
    exchange = accepted(pair, now)
    item = opened(pair, exchange, "--until", instant(now + datetime.timedelta(days=1)))
    dice = seeded(seed, "live")
    source = feed(bfa, exchange, item)
    given = 0
    while sum(node.fell() for node in pair.nodes) < wanted:
        node = dice.choice(pair.nodes)
        lives = len(node.ends)
        for _ in range(dice.randrange(1, 20)):
            give(source, range(given + 1, given + 51))
            given += 50
            threading.Event().wait(dice.uniform(0, 0.03))
        node.process.kill()
        until("it comes up again", lambda: len(node.ends) > lives and node.serving.is_set())
        assert source.poll() is None, source.stderr.read()
        say(f"{sum(node.fell() for node in pair.nodes)} kills, {given} records")
    code, said = finish(source)
    assert code == 0, said
    bfa.do("evidence", "end", item, by=("x",))
    numbered = stands_alike(pair, exchange, item, given)
    assert [line["record"]["sequence"] for line in numbered] == list(range(1, given + 1))
    assert not any(word in line for line in numbered for word in ("missing", "duplicate", "late"))
    return f"{wanted} kills: {given} records, each there once"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("comity")
    parser.add_argument("data")
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as name:
        pair = Pair(pathlib.Path(name))
        try:
            exchange = one_after_another(pair, now)
            at_its_end(pair, now, exchange)
            captured(pair, now, exchange)
            by_calls(pair, now, exchange)
            print(killed(pair, now, options.kills, options.seed, lambda text: print(text, file=sys.stderr)))
            pair.check_at_rest()
        finally:
            pair.end()
    print("live items: taken, followed, closed, checked")


if __name__ == "__main__":
    main()
