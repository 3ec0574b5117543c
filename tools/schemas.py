#!/usr/bin/env python3
"""Writes spec/schemas/measures/ from the forms of the instrument, as the program reads it; with --check, ends with 1 if they
disagree.

Usage: schemas.py [--check] COMITY [SOURCE_DIR]
"""
import json
import pathlib
import subprocess
import sys


def main():
    arguments = sys.argv[1:]
    checks = "--check" in arguments
    if checks:
        arguments.remove("--check")
    comity = str(pathlib.Path(arguments[0]).absolute())
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else ".")
    folder = root / "spec/schemas/measures"

    def measures(*words):
        said = subprocess.run([comity, "treaty", "measures", *words, "--data", str(root / "data")], capture_output=True,
                              text=True, check=True).stdout
        return json.loads(said)

    def text(*words):
        return json.dumps(measures(*words, "--schema"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    made = {}
    for one in measures("--json")["measures"]:
        made[f"{one['code']}.json"] = text(one["code"])
        if one["answer"]:
            made[f"{one['code']}.answer.json"] = text(one["code"], "--answer")
    if not checks:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (folder / name).write_text(text)
    there = {path.name: path.read_text() for path in folder.glob("*.json")}
    for name in sorted(made.keys() | there.keys()):
        if made.get(name) != there.get(name):
            print(f"spec/schemas/measures/{name}: is not what the instrument says; run tools/schemas.py build/release/bin/comity")
    if made == there:
        print(f"schemas: {len(made)} forms, as the instrument says")
    return made != there


sys.exit(main())
