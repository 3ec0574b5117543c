"""Two real Comity nodes, driven by the public command line alone as in tools/demo.sh: what tools/bench.py measures.

All persons, cases and officers are fictional. Stops only the processes that it started.
"""
import contextlib
import datetime
import filecmp
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "data/samples/demo"
UP_WITHIN_S = 30


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"bench: {command[0]} failed: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address, family, request=b"", expect=b""):
    with contextlib.suppress(OSError), socket.socket(family) as probe:
        probe.settimeout(1)
        probe.connect(address)
        probe.sendall(request)
        return not expect or expect in probe.recv(64)
    return False


@contextlib.contextmanager
def process(command, ready):
    """A program of ours while the block runs; gives the process and the seconds until it was ready."""
    with tempfile.TemporaryFile() as log:
        started = time.monotonic()
        child = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        try:
            while not ready():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(0.001)
                if child.returncode is not None or time.monotonic() - started > UP_WITHIN_S:
                    log.seek(0)
                    raise SystemExit(f"bench: {command[0]} did not come up:\n{log.read().decode()}")
            yield child, time.monotonic() - started
        finally:
            child.terminate()
            try:
                child.wait(UP_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def cpu_s(child):
    """Seconds of processor that a process has used."""
    row = pathlib.Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(row[11]) + int(row[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(child, row):
    for line in pathlib.Path(f"/proc/{child.pid}/status").read_text().splitlines():
        if line.startswith(row + ":"):
            return int(line.split()[1]) / 1024


class Pair:
    """BFA asks and KGZ answers: homes, officers, accepted entries, and one accepted request."""

    def __init__(self, comity, folder):
        self.comity, self.folder = comity, folder

    def at(self, state, *words):
        return run(self.comity, *words, "--home", self.folder / state)

    def officer(self, state, name):
        return self.folder / f"{state}-{name}"

    def two(self, state):
        return ["--as", self.officer(state, "approver"), "--as", self.officer(state, "executor")]

    def make_homes(self):
        self.prints = {}
        for state in ("kgz", "bfa"):
            self.prints[state] = run(
                self.comity, "init", self.folder / state, "--state", state.upper(), "--name", f"State {state.upper()}",
                "--authority", "Exercise Authority", "--listen", f"127.0.0.1:{free_port()}", "--exercise",
                "--contact", "Duty officer|+996 312 000000|Exercise only", "-q")

    def serve(self, state):
        healthz = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        path = str(self.folder / state / "socket")
        return process([self.comity, "serve", self.folder / state],
                       lambda: answers(path, socket.AF_UNIX, healthz, b" 200 "))

    def settle(self):
        roles = {"approver": ["approver"], "executor": ["approver", "executor"], "drafter": ["drafter"]}
        for state in ("kgz", "bfa"):
            for name, held in roles.items():
                file = self.officer(state, name)
                words = [word for role in held for word in ("--role", role)]
                run(self.comity, "officer", "new", file, "--state", state.upper(), "--name", f"{name} (exercise)")
                run(self.comity, "root", "certify", self.folder / state / "root", "--request", f"{file}.csr", *words,
                    "-o", f"{file}.crt")
                self.at(state, "officer", "add", "--certificate", f"{file}.crt",
                        *(self.two(state) if name == "drafter" else []))
            self.at(state, "directory", "own", "-o", self.folder / f"{state}.p7m")
        for state, other in (("kgz", "bfa"), ("bfa", "kgz")):
            self.at(state, "directory", "accept", self.folder / f"{other}.p7m", "--fingerprint", self.prints[other],
                    "--how", "Read aloud (exercise)", *self.two(state))
            self.at(state, "directory", "confirm", other.upper(), "--words", "Called back (exercise)",
                    "--as", self.officer(state, "approver"))

    def agree(self):
        """A preservation request and then one for stored data, both accepted; keeps the second's id."""
        linked = []
        for measure in ("preservation", "stored-data"):
            asks, grants = self.officer("bfa", "approver"), self.officer("kgz", "approver")
            draft = self.at("bfa", "request", "new", "--to", "KGZ", "--measure", measure, "--fields",
                            SAMPLES / f"{measure}.json", *linked, "--as", self.officer("bfa", "drafter"), "-q")
            self.at("bfa", "request", "approve", draft, "--as", asks, "--send", "-q")
            listed = json.loads(self.at("bfa", "request", "list", "--json", "--as", asks))
            self.request = next(one["id"] for one in listed["exchanges"] if one["measure"] == measure)
            self.at("kgz", "request", "wait", self.request, "--phase", "open", "--deadline-s", "60", "--as", grants)
            assessed = json.loads(self.at("kgz", "request", "assess", self.request, "--as", grants, "--json"))
            given = [{"code": one["code"], "answer": "yes" if one["accept_if"] == "yes" else "no",
                      "reasons": "Examined (exercise)"} for one in assessed["questions"]]
            file = self.folder / "answers.json"
            file.write_text(json.dumps({"answers": given}))
            self.at("kgz", "request", "accept", self.request, "--answers", file, "--as", grants)
            self.at("bfa", "request", "wait", self.request, "--phase", "accepted", "--deadline-s", "60", "--as", asks)
            linked = ["--linked", self.request]

    def wait_arrived(self, item):
        """The receiver knows the item only once its announcement came: until then the question is repeated."""
        until = time.monotonic() + UP_WITHIN_S
        while True:
            done = subprocess.run([self.comity, "evidence", "wait", item, "--state", "arrived", "--deadline-s", "3600",
                                   "--as", self.officer("bfa", "approver"), "-q", "--home", self.folder / "bfa"],
                                  capture_output=True, text=True)
            if done.returncode == 0:
                return
            if "evidence.unknown" not in done.stderr or time.monotonic() > until:
                raise SystemExit(f"bench: the item did not arrive:\n{done.stderr}")

    def transfer(self, item):
        """Seconds from 'evidence add' until the item is durable at BFA, every chunk verified; in all and by step."""
        started = time.monotonic()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = self.at("kgz", "evidence", "add", self.request, item, "--custodian", "Mail Example (fictional)",
                         "--collector", "Exercise Unit", "--collected-at", now, "--authorisation", "Order 12/2026", "--tool", "dd 9.1",
                         "--as", self.officer("kgz", "executor"), "-q")
        added = time.monotonic()
        self.at("kgz", "evidence", "release", self.request, number, *self.two("kgz"))
        released = time.monotonic()
        self.wait_arrived(number)
        arrived = time.monotonic()
        sealed = [self.folder / state / "evidence" / number / "sealed.age" for state in ("kgz", "bfa")]
        if sealed[0].stat().st_size <= item.stat().st_size or not filecmp.cmp(*sealed, shallow=False):
            raise SystemExit("bench: what arrived is not what was sealed")
        for file in sealed:  # room for the next one; these homes are thrown away
            file.unlink()
        return {"seconds": arrived - started, "add_s": added - started, "release_s": released - added,
                "arrive_s": arrived - released}
