#!/usr/bin/env python3
"""clang-tidy over the program's sources, as many at once as there are cores. What was found clean is not looked at again:
a stamp names the preprocessed text, the command and the checks that it was clean under.

usage: lint.py BUILD [FILE…]   (BUILD holds compile_commands.json; without files: all but tests and fuzz targets)
Ends with 1 if there is a finding.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TIDY = "clang-tidy-19"


def is_ours(path):
    name = path.relative_to(ROOT)
    return name.parts[0] in ("src", "cmd", "sim", "bench") and not name.stem.endswith(("_test", "_fuzz"))


def commands(build):
    found = {}
    for one in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(one["file"])
        if path.suffix == ".cpp" and path.is_relative_to(ROOT):
            found.setdefault(path, one)
    return found


def stamp(command, rules):
    """What the verdict depends on. Precompiled headers are read as text, like any other."""
    words = shlex.split(command["command"])
    plain, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-c"):
            skip = word == "-o"
        elif "cmake_pch" not in word and word not in ("-Xclang", "-include-pch", "-include", "-Winvalid-pch"):
            plain.append(word)
    plain = [word for word in plain if not word.endswith("ccache")]
    text = subprocess.run([*plain, "-E", "-C"], cwd=command["directory"], capture_output=True, check=True).stdout
    return hashlib.sha256(b"\0".join([rules, " ".join(plain).encode(), text])).hexdigest()


def look(build, path, command, version):
    rules = [folder / ".clang-tidy" for folder in path.parents if folder.is_relative_to(ROOT)]
    name = stamp(command, version + b"".join(file.read_bytes() for file in rules if file.exists()))
    clean = build / "lint" / name
    if clean.exists():
        clean.touch()
        return path, ""
    done = subprocess.run([TIDY, "-p", str(build), "--quiet", str(path)], capture_output=True, text=True)
    if done.returncode == 0:
        clean.touch()
        return path, ""
    return path, done.stdout or done.stderr


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    (build / "lint").mkdir(exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    all_commands = commands(build)
    wanted = [pathlib.Path(name).resolve() for name in sys.argv[2:]] or [path for path in all_commands if is_ours(path)]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = [pool.submit(look, build, path, all_commands[path], version) for path in sorted(wanted) if path in all_commands]
        for one in concurrent.futures.as_completed(looks):
            path, said = one.result()
            if said:
                bad += 1
                print(f"{path.relative_to(ROOT)}:\n{said}", flush=True)
    print(f"lint: {len(looks)} files, {bad} with findings")
    return 1 if bad else 0


sys.exit(main())
