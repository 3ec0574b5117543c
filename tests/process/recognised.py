#!/usr/bin/env python3
"""What officers have, added to a real node: each is recognised beside its seal, and both States read the same of it.

usage: recognised.py COMITY DATA

A capture, an image of a medium whose hashes hold and one that was changed, one in segments, a mailbox, a folder, bytes of no form; through the
command line, as a stream, and with a surveying process that is stopped, killed or not there, or whose node dies. Whatever befalls it, the item is sealed.
"""
import hashlib
import json
import mailbox
import email.message
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import zlib

from items import SAID, add, items, until
from two_nodes import COMITY, accepted, item_state, play, run

WALLS = {"no-new-rights", "not-dumpable", "limits", "seccomp"}


def capture(path, packets):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(packets):
            out.write(struct.pack("<IIII", 1_773_045_000 + number, 0, 60, 60) + bytes(60))
    return path


def image(base, name, medium, *options):
    """By other people's tool: an Expert Witness image."""
    with open(medium, "rb") as source:
        subprocess.run(["ewfacquirestream", "-q", "-d", "sha1", "-c", "fast", "-t", base / name, *options], stdin=source,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return base / f"{name}.E01"


def mailbox_of(path, messages):
    box = mailbox.mbox(path)
    for number in range(messages):
        message = email.message.EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@mail.example", "b@mail.example", f"exercise {number}"
        message.set_content("From the exercise\n")
        message.add_attachment(b"x" * 300, maintype="application", subtype="octet-stream")
        box.add(message)
    box.flush()
    return path


def surveyed(node, item):
    return items(node)[item]["manifest"]["survey"]


def added(node, exchange, path, *more):
    return add(node, exchange, path, *more).split()[-1]


def bent(base, good):
    """The image with another MD5 in it, each checksum made right again: only reading the medium tells."""
    said = bytearray(good.read_bytes())
    for section, size in ((b"digest", 76), (b"hash", 32)):
        at = said.index(section.ljust(16, b"\0")) + 76
        said[at] ^= 1
        said[at + size:at + size + 4] = struct.pack("<I", zlib.adler32(said[at:at + size]))
    path = base / "bent.E01"
    path.write_bytes(said)
    return path


def each_form(kgz, bfa, exchange, base):
    medium = base / "medium.img"
    medium.write_bytes(b"a medium of the exercise" * 64 * 1_000)
    good = image(base, "good", medium)
    folder = base / "folder"
    folder.mkdir()
    capture(folder / "net.pcap", 3)
    mailbox_of(folder / "box", 2)
    unknown = base / "secret-name.bin"
    unknown.write_bytes(random.Random(5).randbytes(100_000))
    expected = {
        "pcap": (capture(base / "secret-name.pcap", 5000), {"packets": 5000, "first_at": "2026-03-09T08:30:00.000Z"}, "whole"),
        "ewf-e01": (good, {"medium_bytes": medium.stat().st_size}, "whole"),
        "mbox": (mailbox_of(base / "box", 4), {"messages": 4, "mime_parts": 8}, "whole"),
        "tar": (folder, {"files": 2, "holds-pcap": 1, "holds-mbox": 1}, "whole"),
        "unknown": (unknown, {}, "part"),
    }
    sealed = {}
    for form, (path, facts, read) in expected.items():
        item = added(bfa, exchange, path)
        survey = surveyed(bfa, item)
        assert survey["form"] == form and survey["read"] == read, survey
        assert facts.items() <= survey.get("facts", {}).items(), survey
        assert WALLS <= set(survey["walls"]) and survey["by"].startswith("comity-survey "), survey
        assert "secret" not in json.dumps(survey) and "exercise" not in json.dumps(survey), survey
        sealed[item] = survey
    (image_survey,) = [one for one in sealed.values() if one["form"] == "ewf-e01"]
    assert [check["agrees"] for check in image_survey["checks"]] == [True, True], image_survey
    return good, image_survey, sealed


def a_hash_that_disagrees(bfa, exchange, base, good):
    """It is sealed all the same, and nobody can overlook it."""
    told = bfa.do("evidence", "add", exchange, bent(base, good), *SAID, by=("x",))
    assert "ATTENTION: the md5" in told and "DISAGREES" in told, told
    item = next(one for one in items(bfa).values() if one["name"] == "bent.E01")
    assert item["state"] == "sealed" and "hash-disagrees" in item["manifest"]["survey"]["flaws"], item
    assert "ATTENTION" in bfa.do("evidence", "show", item["id"])
    bfa.do("evidence", "release", exchange, item["id"], "--draft-only", by=("x",))
    draft = bfa.do("request", "drafts", "-q").split()[-1]
    shown = bfa.do("request", "approve", draft, by=("x",))
    assert "ATTENTION: the md5" in " ".join(shown.split()), shown
    bfa.do("request", "drop", draft, by=("x",))
    return item["id"]


def segmented(base):
    """An image of 5 MB in segments of one: several files, as tools make them of 2 GB."""
    medium = base / "segmented.img"
    medium.write_bytes(random.Random(9).randbytes(5_000_192))
    folder = base / "segmented"
    folder.mkdir()
    image(folder, "disk", medium, "-S", "1048576")
    segments = sorted(folder.iterdir())
    assert len(segments) >= 5 and segments[-1].name == f"disk.E0{len(segments)}", segments
    return medium, folder, segments


def agrees_with(medium, survey):
    found = {check["what"]: check["found"] for check in survey["checks"]}
    bytes_of = medium.read_bytes()
    assert found == {"md5": hashlib.md5(bytes_of).hexdigest(), "sha1": hashlib.sha1(bytes_of).hexdigest()}, survey
    assert all(check["agrees"] for check in survey["checks"]) and "flaws" not in survey, survey


def an_image_in_segments(bfa, exchange, base):
    medium, folder, segments = segmented(base)
    whole = {"images": 1, "images_checked": 1, "segments": len(segments), "medium_bytes": 5_000_192, "holds-ewf-e01": len(segments)}
    item = added(bfa, exchange, folder)
    survey = surveyed(bfa, item)
    assert survey["form"] == "tar" and whole.items() <= survey["facts"].items(), survey
    agrees_with(medium, survey)
    # As files, in no order; and with one that is not there.
    given = [segments[2], segments[0], segments[1], *segments[3:]]
    agrees_with(medium, surveyed(bfa, added(bfa, exchange, given[0], *given[1:], "--name", "disk.tar")))
    survey = surveyed(bfa, added(bfa, exchange, given[0], *given[2:], "--name", "disk.tar"))
    assert survey["flaws"] == ["segments-missing"] and "checks" not in survey, survey
    assert survey["facts"]["images_checked"] == 0, survey
    # A byte of the medium that rotted in the second segment.
    rotten = bytearray(segments[1].read_bytes())
    rotten[500_000] ^= 1
    segments[1].write_bytes(rotten)
    survey = surveyed(bfa, added(bfa, exchange, folder))
    assert not all(check.get("agrees") for check in survey["checks"]) and survey["flaws"], survey
    return item


def streamed(bfa, exchange, path):
    """What is said of a file that comes through a pipe."""
    signers = ["--home", bfa.home, "--as", bfa.key("x")]
    with open(path, "rb") as source:
        through = subprocess.Popen(["cat"], stdin=source, stdout=subprocess.PIPE)
        done = subprocess.run([COMITY, "evidence", "add", exchange, "-", "--name", path.name, *SAID, "-q", *signers], stdin=through.stdout,
                              capture_output=True, timeout=120)
        through.stdout.close()
        through.wait()
    assert done.returncode == 0, done.stderr
    return surveyed(bfa, done.stdout.decode().split()[-1])


def a_stream(bfa, exchange, base, good, image_survey):
    survey = streamed(bfa, exchange, capture(base / "stream.pcap", 700))
    assert survey["form"] == "pcap" and survey["read"] == "whole" and survey["facts"]["packets"] == 700, survey
    # The bytes of an image are asked for again once they are sealed: no more and no less is said than of the file.
    assert streamed(bfa, exchange, good) == image_survey


def children(node):
    """The surveying processes of a node."""
    listed = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(node.process.pid)], capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if line.split()[1].startswith("comity-survey")]


def surveying(node):
    """The one process that surveys for the node, once it has confined itself."""
    until("it is surveyed", lambda: children(node))
    (process,) = children(node)
    until("it is confined", lambda: "Seccomp:\t2" in pathlib.Path(f"/proc/{process}/status").read_text())
    return process


def meddled(bfa, exchange, path, meddle):
    """Adds an item from a pipe that stays open until `meddle` was done to the surveying process."""
    signers = ["--home", bfa.home, "--as", bfa.key("x")]
    upload = subprocess.Popen([COMITY, "evidence", "add", exchange, "-", "--name", path, *SAID, "-q", *signers], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    upload.stdin.write(b"a line of text\n" * 10_000)
    upload.stdin.flush()
    process = surveying(bfa)
    held = {os.readlink(f"/proc/{process}/fd/{one}").split(":")[0] for one in os.listdir(f"/proc/{process}/fd")} if os.geteuid() == 0 else set()
    assert held <= {"socket", "pipe", "/dev/null"}, held
    meddle(process)
    told, complaint = upload.communicate(b"a last line\n", timeout=240)
    assert upload.returncode == 0, complaint
    assert not children(bfa), "a surveying process is left"
    return surveyed(bfa, told.decode().split()[-1])


def a_process_that_ends_early(bfa, exchange):
    assert meddled(bfa, exchange, "killed.txt", lambda process: os.kill(process, signal.SIGKILL))["missed"] == "crashed"


def a_process_that_hangs(bfa, exchange):
    assert meddled(bfa, exchange, "hung.txt", lambda process: os.kill(process, signal.SIGSTOP))["missed"] == "too-slow"


def a_node_that_dies(bfa, exchange):
    """Its surveying process dies with it, also one that hangs."""
    signers = ["--home", bfa.home, "--as", bfa.key("x")]
    upload = subprocess.Popen([COMITY, "evidence", "add", exchange, "-", "--name", "orphan.txt", *SAID, *signers], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    upload.stdin.write(b"a line of text\n" * 10_000)
    upload.stdin.flush()
    process = surveying(bfa)
    os.kill(process, signal.SIGSTOP)
    bfa.stop(signal.SIGKILL)
    until("the surveying process is gone", lambda: not is_running(process))
    upload.stdin.close()
    assert upload.wait(60) != 0
    bfa.serve()


def is_running(process):
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # of a node that is dead, somebody else reaps it


def without_the_program(base, exchange, bfa):
    """A node whose surveying program is not there seals as ever, and says so."""
    bfa.stop()
    alone = base / "alone"
    alone.mkdir()
    shutil.copy(COMITY, alone / "comity")
    bfa.process = subprocess.Popen([alone / "comity", "serve", bfa.home], stdout=subprocess.PIPE, stderr=bfa.errors)
    assert bfa.process.stdout.readline().decode().endswith("(EXERCISE)\n")
    item = added(bfa, exchange, capture(base / "alone.pcap", 1))
    assert surveyed(bfa, item)["missed"] == "no-program", surveyed(bfa, item)
    assert "not surveyed (no-program)" in " ".join(bfa.do("evidence", "add", exchange, base / "alone.pcap", *SAID, by=("x",)).split())
    bfa.stop()
    bfa.serve()


def story(kgz, bfa, base):
    exchange = accepted(kgz, bfa, base)

    good, image_survey, sealed = each_form(kgz, bfa, exchange, base)
    changed = a_hash_that_disagrees(bfa, exchange, base, good)
    in_segments = an_image_in_segments(bfa, exchange, base)
    sealed[in_segments] = surveyed(bfa, in_segments)
    a_stream(bfa, exchange, base, good, image_survey)
    a_process_that_ends_early(bfa, exchange)
    a_process_that_hangs(bfa, exchange)
    a_node_that_dies(bfa, exchange)
    without_the_program(base, exchange, bfa)

    # What was recognised travels, signed, and stands at the other State and before a court.
    for item in [*sealed, changed]:
        bfa.do("evidence", "release", exchange, item, by=("x", "a"))
        item_state(kgz, item, "arrived")
    for item, survey in sealed.items():
        assert surveyed(kgz, item) == survey, item
    assert "ATTENTION" in kgz.do("evidence", "show", changed)
    export = base / "export"
    kgz.do("export", exchange, "-o", export, "--for", "court")
    told = run("verify", export, "--trust", f"KGZ={kgz.fingerprint}", "--trust", f"BFA={bfa.fingerprint}", "--json")
    words = [check["words"] for check in json.loads(told)["checks"] if check["name"] == "item.manifest"]
    assert any("recognised by the sending node: pcap" in one for one in words), words
    assert any("md5 that it carries DISAGREES" in one for one in words), words


if __name__ == "__main__":
    play(story)
    print("survey: what officers have is recognised, told and signed, and costs no item anything")
