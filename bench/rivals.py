"""What people use today to hand an item over, each as a function that does it once and says how many seconds it took.

What is received is durable at the end, as with the node. Programs that this machine does not have are named, and left out.
"""
import contextlib
import getpass
import json
import os
import pathlib
import re
import shutil
import socket
import time
import urllib.request

from nodes import answers, free_port, process, run

DEADLINE_S = 900


class Missing(Exception):
    """A program that is not here."""


def need(*programs):
    for program in programs:
        if not (shutil.which(program) or pathlib.Path("/usr/sbin", program).exists()):
            raise Missing(f"{program} is not installed")


def received(folder):
    target = folder / "received"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    return target


def timed(work):
    started = time.monotonic()
    work()
    return time.monotonic() - started


def age_alone(folder, item):
    need("age", "age-keygen")
    key, sealed = folder / "age.key", folder / "item.age"
    if not key.exists():
        run("age-keygen", "-o", key)
    recipient = run("age-keygen", "-y", key)
    seconds = timed(lambda: (run("age", "-r", recipient, "-o", sealed, item), run("sync", sealed)))
    sealed.unlink()
    return seconds


def habit(folder, item, copy, digest=("sha256sum",)):
    """A digest, age, a copy, a digest of what came, sync."""
    need("age", "age-keygen", digest[0])
    key, sealed, target = folder / "age.key", folder / "item.age", received(folder)
    if not key.exists():
        run("age-keygen", "-o", key)
    recipient = run("age-keygen", "-y", key)

    def work():
        run(*digest, item)
        run("age", "-r", recipient, "-o", sealed, item)
        copy(sealed, target)
        run(*digest, target / sealed.name)
        run("sync", target / sealed.name)
    seconds = timed(work)
    shutil.rmtree(target)
    sealed.unlink()
    return seconds


def move_alone(folder, item, copy):
    """The copy by itself: neither sealed nor proved."""
    target = received(folder)
    seconds = timed(lambda: (copy(item, target), run("sync", target / item.name)))
    shutil.rmtree(target)
    return seconds


def rsync(source, target):
    """A local copy: no network and no TLS, which is generous to the habit."""
    need("rsync")
    run("rsync", source, target)


@contextlib.contextmanager
def rclone(folder):
    """Through 'rclone serve webdav' with TLS on the loopback; the certificate is not checked."""
    need("rclone", "openssl")
    certificate, key, port, served = folder / "tls.crt", folder / "tls.key", free_port(), folder / "served"
    served.mkdir(exist_ok=True)
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate)
    with process(["rclone", "serve", "webdav", served, "--addr", f"127.0.0.1:{port}", "--cert", certificate,
                  "--key", key, "--dir-cache-time", "1ms"], lambda: answers(("127.0.0.1", port), socket.AF_INET)):
        def copy(source, target):
            os.rename(source, served / source.name)
            try:
                run("rclone", "copy", f":webdav:{source.name}", target, "--webdav-url", f"https://127.0.0.1:{port}",
                    "--no-check-certificate")
            finally:
                os.rename(served / source.name, source)
        yield copy


@contextlib.contextmanager
def scp(folder):
    """Through an sshd of our own on the loopback, with keys made for it alone."""
    need("sshd", "scp", "ssh-keygen")
    home, port = folder / "ssh", free_port()
    home.mkdir(exist_ok=True, mode=0o700)
    for name in ("host", "caller"):
        (home / name).unlink(missing_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / name)
    shutil.copy(home / "caller.pub", home / "authorized")
    config = home / "config"
    config.write_text(f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {home}/host\nAuthorizedKeysFile {home}/authorized\n"
                      f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nSubsystem sftp internal-sftp\n")
    if os.geteuid() == 0:
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    with process(["/usr/sbin/sshd", "-D", "-e", "-f", config], lambda: answers(("127.0.0.1", port), socket.AF_INET)):
        def copy(source, target):
            run("scp", "-q", "-P", port, "-i", home / "caller", "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", f"{getpass.getuser()}@127.0.0.1:{source}", target)
        yield copy


@contextlib.contextmanager
def nncp(folder):
    """Two nncp nodes: the file is packed for the other, called for over TCP on the loopback, and unpacked."""
    need("nncp-cfgnew", "nncp-file", "nncp-daemon", "nncp-call", "nncp-toss")
    port, names = free_port(), ("here", "there")
    made = {name: dict(re.findall(r"^    (\w+): (\w+)$", run("nncp-cfgnew", "-nocomments"), re.M)) for name in names}
    for name, other in (names, names[::-1]):
        public = {who: {key: made[who][key] for key in ("id", "exchpub", "signpub", "noisepub")} for who in names}
        spool = folder / f"nncp-{name}"
        spool.mkdir(exist_ok=True)
        (folder / f"nncp-{name}.json").write_text(json.dumps({
            "spool": str(spool), "log": str(spool / "log"), "self": made[name],
            "neigh": {"self": public[name], other: public[other] | {"incoming": str(folder / "received"),
                                                                    "addrs": {"lo": f"127.0.0.1:{port}"}}}}))

    def at(name, program, *words):
        run(program, "-quiet", "-cfg", folder / f"nncp-{name}.json", *words)

    with process(["nncp-daemon", "-quiet", "-cfg", folder / "nncp-here.json", "-bind", f"127.0.0.1:{port}"],
                 lambda: answers(("127.0.0.1", port), socket.AF_INET)):
        def copy(source, target):
            at("here", "nncp-file", source, f"there:{source.name}")
            at("there", "nncp-call", "-rx", "-onlinedeadline", "1", "here")
            at("there", "nncp-toss")
            if not (target / source.name).exists():
                raise SystemExit("bench: nncp did not deliver the file")
        yield copy


@contextlib.contextmanager
def syncthing(folder):
    """Two Syncthing devices on the loopback that share one folder; nothing else is looked for or told."""
    need("syncthing")
    devices = {}
    for name in ("here", "there"):
        home, shared = folder / f"syncthing-{name}", folder / f"shared-{name}"
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(shared, ignore_errors=True)
        shared.mkdir()
        (shared / ".stfolder").mkdir()
        run("syncthing", "generate", f"--home={home}", "--no-default-folder")
        devices[name] = {"home": home, "shared": shared, "gui": free_port(), "listen": free_port(),
                         "id": run("syncthing", f"--home={home}", "--device-id")}
    for name, other in (("here", "there"), ("there", "here")):
        mine, its = devices[name], devices[other]
        (mine["home"] / "config.xml").write_text(f"""<configuration version="36">
  <folder id="item" path="{mine['shared']}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1">
    <device id="{mine['id']}"></device><device id="{its['id']}"></device><minDiskFree unit="%">0</minDiskFree></folder>
  <device id="{mine['id']}"></device>
  <device id="{its['id']}"><address>tcp://127.0.0.1:{its['listen']}</address></device>
  <gui enabled="true"><address>127.0.0.1:{mine['gui']}</address><apikey>bench</apikey></gui>
  <options><listenAddress>tcp://127.0.0.1:{mine['listen']}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled>
    <localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled>
    <crashReportingEnabled>false</crashReportingEnabled><urAccepted>-1</urAccepted><startBrowser>false</startBrowser></options>
</configuration>""")

    def ask(device, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{device['gui']}/rest/{path}", method=method,
                                         headers={"X-API-Key": "bench"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def served(name):
        device = devices[name]
        return process(["syncthing", "serve", f"--home={device['home']}", "--no-browser", "--no-restart"],
                       lambda: answers(("127.0.0.1", device["gui"]), socket.AF_INET))

    with served("here"), served("there"):
        def copy(source, target):
            here, there = devices["here"], devices["there"]
            name = f"{source.name}.{time.monotonic_ns()}"  # a name that came before would bring its deletion with it
            os.link(source, here["shared"] / name)
            ask(here, f"db/scan?folder=item&sub={name}", "POST")
            until = time.monotonic() + DEADLINE_S
            while not (there["shared"] / name).exists():  # it gets its name when it is whole
                if time.monotonic() > until:
                    raise SystemExit("bench: syncthing did not bring the file")
                time.sleep(0.02)
            os.rename(there["shared"] / name, target / source.name)
            (here["shared"] / name).unlink()
        yield copy


def ways(folder, item, wanted):
    """(label, function) of each way, its servers running only while it is measured."""
    yield "age alone, durable", lambda: age_alone(folder, item)
    yield "sha256sum, age, rsync to a local folder (no network, no TLS), sha256sum", lambda: habit(folder, item, rsync)
    yield ("the same with openssl's digest, faster on processors that hash",
           lambda: habit(folder, item, rsync, ("openssl", "dgst", "-sha256")))
    for mover, label in ((rclone, "rclone over TLS"), (scp, "scp"), (nncp, "nncp"), (syncthing, "syncthing")):
        if mover.__name__ not in wanted:
            continue
        try:
            with mover(folder) as copy:
                yield f"{label} on loopback alone: neither sealed nor proved", lambda: move_alone(folder, item, copy)
                if mover is rclone:
                    yield "sha256sum, age, rclone over TLS on loopback, sha256sum", lambda: habit(folder, item, copy)
        except Missing as why:
            yield f"{label} on loopback alone", raises(why)


def raises(why):
    def way():
        raise why
    return way
