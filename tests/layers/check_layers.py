#!/usr/bin/env python3
"""Checks that includes only go down the rooms of src/, and that every file there reads as agreed.

usage: check_layers.py [REPOSITORY]

Four rules; each breach is printed as FILE:LINE: what is wrong, and the exit status is then 1.

1. A room includes itself and what stands below it: the rooms ROOMS lists for it and, in turn, theirs.
2. A file opens with a comment: the sentence that says what it is.
3. No file is longer than 600 lines, unless LONG_FILES names it.
4. No line is longer than 120 columns.
"""

import pathlib
import re
import sys

# room: (level, rooms it uses directly). docs/architecture.md says what each is for.
ROOMS = {
    "base": (0, []),
    "config": (1, ["base"]),
    "resp": (1, ["base"]),
    "types": (1, ["base"]),
    "store": (2, ["types"]),
    "net": (2, ["resp"]),
    "rdb": (3, ["store"]),
    "command": (3, ["config", "resp", "store"]),
    "commands": (4, ["command"]),
    "script": (4, ["command", "rdb"]),
    "persist": (5, ["command", "net", "rdb"]),
    "repl": (5, ["command", "net", "rdb"]),
    "cluster": (5, ["command", "net"]),
    "admin": (5, ["command", "net"]),
    "server": (6, ["commands", "script", "persist", "repl", "cluster", "admin"]),
}

# Headers of include/pinion/ that rooms other than server/ may include: plain facts, no server.
PUBLIC_FOR_ALL = {"pinion/version.h"}

MAX_LINES = 600
MAX_COLUMNS = 120

# Files allowed past MAX_LINES, each with its reason.
LONG_FILES = {}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def reachable(room):
    """The rooms that `room` may include: itself and everything it uses, directly or through another."""
    found = {room}
    waiting = list(ROOMS[room][1])
    while waiting:
        lower = waiting.pop()
        if lower not in found:
            found.add(lower)
            waiting.extend(ROOMS[lower][1])
    return found


def check_rooms():
    """The table itself must go down: a slip here would quietly allow what it should forbid."""
    for room, (level, uses) in ROOMS.items():
        for lower in uses:
            if ROOMS[lower][0] >= level:
                yield f"check_layers.py: {room} (level {level}) cannot use {lower} (level {ROOMS[lower][0]})"


def check_include(room, target):
    """What is wrong with `#include "target"` in a file of `room`, or None. Room "pinion" is include/."""
    target_room = target.split("/")[0] if "/" in target else None
    if target_room == "pinion":
        if room in ("pinion", "server") or target in PUBLIC_FOR_ALL:
            return None
        return f"{target} is for programs that embed the server; {room}/ may not include it"
    if room == "pinion":
        return f"a public header may not include the private {target}"
    if target_room not in ROOMS:
        return f'"{target}" is not in a room: write #include "room/file.h", or <...> for a library'
    if target_room not in reachable(room):
        return f"{room}/ may not include {target_room}/ ({target})"
    return None


def check_file(path, name, room):
    lines = path.read_text(encoding="utf-8").splitlines()
    first = lines[0] if lines else ""
    if not re.match(r"//\s*\S|/\*", first):
        yield f"{name}:1: the file does not open with a comment that says what it is"
    if len(lines) > MAX_LINES and name not in LONG_FILES:
        yield f"{name}:{len(lines)}: {len(lines)} lines, more than {MAX_LINES}: split it"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield f"{name}:{number}: {len(line)} columns, more than {MAX_COLUMNS}"
        include = INCLUDE.match(line)
        wrong = include and check_include(room, include.group(1))
        if wrong:
            yield f"{name}:{number}: {wrong}"


def check_tree(root):
    """Every breach of the rules in the repository at `root`, as printable lines."""
    problems = list(check_rooms())
    for top in ("src", "include"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cc"):
                continue
            name = path.relative_to(root).as_posix()
            parts = name.split("/")
            room = parts[1] if len(parts) > 2 else None
            if room not in ROOMS and not (top == "include" and room == "pinion"):
                problems.append(f"{name}:1: this folder is not a room that check_layers.py knows")
                continue
            problems.extend(check_file(path, name, room))
    return problems


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    if not (root / "src").is_dir():
        sys.exit(f"{root} has no src/")
    problems = check_tree(root)
    print("\n".join(problems) or "the layers hold")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
