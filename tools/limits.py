#!/usr/bin/env python3
"""Holds spec/limits.md to the code: every name in its tables has the value that the code gives it, in the file named, and every
limit of the code (a constant `k_…_max` or `k_…_min`, a member of ServerLimits) stands in it.

usage: tools/limits.py FOLDER
"""
import ast
import operator
import pathlib
import re
import sys

UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "TiB": 2**40, "s": 1, "ms": 1, "h": 3600, "days": 86400, "min": 60}
CONSTANT = re.compile(r"constexpr\s+[\w:]+\s+((?:k_\w+\s*=[^;]+?,\s*)*k_\w+)\s*(?:=|\{)([^;]*);")
MEMBER = re.compile(r"^  (?:milliseconds|std::size_t|std::int64_t|std::uint32_t|std::uint64_t) (\w+)(?: = ([^;]+)|\{([^;}]+)\});", re.MULTILINE)
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.LShift: operator.lshift,
             ast.FloorDiv: operator.floordiv, ast.Div: operator.floordiv}


def sources(root):
    for folder in ("src", "cmd"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            if not re.search(r"_(test|fuzz|gen)\.[ch]pp$", path.name):
                yield path


def constants(root):
    """(file, name) → expression, of all that the code names."""
    found = {}
    for path in sources(root):
        text = re.sub(r"//[^\n]*", "", path.read_text())
        name = str(path.relative_to(root)).removeprefix("src/")  # as spec/limits.md says where
        for match in CONSTANT.finditer(text):
            for one in re.split(r",\s*(?=k_)", match.group(0)[match.group(0).index("k_"):-1]):
                if pair := re.match(r"(k_\w+)\s*(?:=\s*|\{)(.*)", one, re.DOTALL):
                    found[name, pair.group(1)] = pair.group(2)
        if name in ("wire/limits.hpp", "store/settings.hpp", "node/heart.hpp"):
            for match in MEMBER.finditer(text):
                found[name, match.group(1)] = match.group(2) or match.group(3)
    return found


def value_of(file, expression, found):
    """The number that a constant expression of the code gives; a name in it is first looked for in the same room."""
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", expression.strip().rstrip("}"))
    text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlLzZ]+\b", r"\1", text)
    text = re.sub(r"\b(?:std::\w+|seconds|milliseconds)\{([^}]*)\}?", r"(\1)", text)
    def known(match):
        room = match.group(1) or file.split("/")[0]
        places = sorted((place for place in found if place[1] == match.group(2)),
                        key=lambda place: (place[0].split("/")[0] != room, place[0] != file))
        if not places:
            raise ValueError(f"{match.group(0)} is no constant")
        return f"({value_of(places[0][0], found[places[0]], found)})"

    text = re.sub(r"\b(?:(\w+)::)?(k_\w+)", known, text)

    def walk(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        raise ValueError(f"not a constant: {expression}")

    return walk(ast.parse(text.strip(), mode="eval").body)


def numbers_in(cell):
    """"256 KiB; 30 days; 2⁶² leaves" → the numbers, in their smallest unit."""
    powers = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
    for text in cell.split(";"):
        match = re.match(r"\s*(-?[\d,]+)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)\s*(\w+)?", text)
        if not match:
            raise ValueError(f"no number in “{text.strip()}”")
        number = int(match.group(1).replace(",", ""))
        if match.group(2):
            number **= int(match.group(2).translate(powers))
        yield number * UNITS.get(match.group(3) or "", 1)


def main():
    root = pathlib.Path(sys.argv[1])
    found = constants(root)
    wrong, named = [], set()
    for line in (root / "spec/limits.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or "`" not in cells[2]:
            continue
        names, files = re.findall(r"`([\w.]+)`", cells[2]), re.findall(r"`([\w./]+)`", cells[3])
        try:
            numbers = list(numbers_in(cells[1]))
        except ValueError as why:
            wrong.append(f"{cells[0]}: {why}")
            continue
        if len(numbers) != len(names) or not files:
            wrong.append(f"{cells[0]}: {len(names)} names, {len(numbers)} numbers, {len(files)} files")
            continue
        for name, number in zip(names, numbers):
            places = [(file, name) for file in files if (file, name) in found]
            if not places:
                wrong.append(f"{cells[0]}: {name} is not in {', '.join(files)}")
                continue
            named.update(places)
            value = value_of(places[0][0], found[places[0]], found)
            if value != number and value != number * 1000:  # the code may count milliseconds
                wrong.append(f"{cells[0]}: {name} is {value} in the code, {number} in spec/limits.md")
    for file, name in found:
        if (re.fullmatch(r"k_\w+_(max|min)", name) or file == "wire/limits.hpp" and not name.startswith("k_")) \
                and (file, name) not in named:
            wrong.append(f"{file}: {name} = {found[file, name].strip()} is not in spec/limits.md")
    print("\n".join(wrong) or f"limits: {len(named)} are as spec/limits.md says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
