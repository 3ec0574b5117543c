"""Run books as they are typed: the commands of docs/runbooks, taken from the text itself.

A code block is a part of its section. Lines beginning with # say where the commands after them are typed; words in capitals
stand for names. What a run book says and nobody played is found out in the end.
"""
import pathlib
import re
import shlex
import subprocess

RUNBOOKS = pathlib.Path(__file__).parents[2] / "docs" / "runbooks"
PLACES = {
    "at the node": "node",
    "where the root lies": "node",
    "where the next root lies": "node",
    "where the root will lie": "node",
    "at each officer's desk": "node",
    "at the officer's desk": "node",
    "at each partner": "partner",
}


class RunBook:
    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.parts = {}
        section = None
        block = None
        for line in (RUNBOOKS / name).read_text().splitlines():
            if line.startswith("## "):
                section = line[3:].strip()
            elif line == "```sh":
                block = []
            elif line == "```":
                self.parts.setdefault(section, []).append(block)
                block = None
            elif block is not None:
                block.append(line)
        self.left = {(section, number) for section, blocks in self.parts.items() for number in range(len(blocks))}

    def play(self, section, number, comity, node, partner, words, until=None, after=None):
        """Types one code block; `until` and `after` cut it at the first line that begins so. Gives what was said, line by line."""
        self.left.discard((section, number))
        who = None
        said = []
        lines = self.parts[section][number]
        begin = next(i for i, line in enumerate(lines) if line.startswith(after)) + 1 if after else 0
        for i, line in enumerate(lines):
            if until and i >= begin and line.startswith(until):
                break
            if line.startswith("#"):
                who = {"node": node, "partner": partner}[PLACES[line[2:]]]
            elif i >= begin:
                said.append(self.type(line, comity, who, node if who is partner else partner, words))
        return said

    def type(self, line, comity, who, other, words):
        if line.startswith("systemctl"):
            assert line in ("systemctl stop comity", "systemctl start comity"), line
            who.stop() if "stop" in line else who.serve()
            return ""
        names = words | {
            "OFFICER-A": str(who.key("a")), "OFFICER-B": str(who.key("b")), "OFFICER-NEW": str(who.key("new")),
            "HOME": str(who.home), "STATE": other.state, "OWN-STATE": who.state, "HOST": "127.0.0.1",
        }
        pattern = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        typed = re.sub(rf"(?<![A-Z-])({pattern})(?![A-Z-])", lambda found: names[found[1]], line)
        arguments = shlex.split(typed)
        if arguments[0] == "comity":
            arguments[0] = comity
        assert arguments[0] in (comity, "cp"), line
        done = subprocess.run(arguments, cwd=self.folder, capture_output=True, timeout=120)
        complaint = done.stderr.decode(errors="replace")
        well = (0, 1) if arguments[1] == "doctor" else (0,)
        assert done.returncode in well, f"{self.name}: {line}\n{typed}\n{done.stdout.decode()}{complaint}"
        return done.stdout.decode(errors="replace")

    def everything_was_played(self):
        assert not self.left, f"{self.name}: nobody typed {sorted(self.left)}"
