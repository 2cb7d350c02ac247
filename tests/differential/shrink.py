"""Finds a small sequence that still shows a difference: delta debugging over commands, then over their
arguments."""

import time


def shrink(ops, shows, seconds):
    """The smallest subsequence found within the time for which `shows(ops)` holds (it holds for `ops`)."""
    deadline = time.monotonic() + seconds
    ops = _fewer_commands(list(ops), shows, deadline)
    ops = _fewer_arguments(ops, shows, deadline)
    return _fewer_commands(ops, shows, deadline)


def _fewer_commands(ops, shows, deadline):
    """ddmin (Zeller and Hildebrandt 2002) with removal of chunks only, from big chunks to single commands."""
    chunk = max(1, len(ops) // 2)
    while time.monotonic() < deadline:
        shrunk, start = False, 0
        while start < len(ops) and time.monotonic() < deadline:
            candidate = ops[:start] + ops[start + chunk:]
            if candidate and shows(candidate):
                ops, shrunk = candidate, True
            else:
                start += chunk
        if chunk > 1:
            chunk = max(1, chunk // 2)
        elif not shrunk:
            break
    return ops


def _fewer_arguments(ops, shows, deadline):
    """Drops arguments one by one, and puts a short plain one in the place of a long or binary one."""
    for index in range(len(ops)):
        at = len(ops[index].argv) - 1
        while at >= 1 and time.monotonic() < deadline:
            argv = ops[index].argv
            if ops[index].raw is None:
                without = ops[index].with_argv(argv[:at] + argv[at + 1:])
                plain = ops[index].with_argv(argv[:at] + [b"v"] + argv[at + 1:])
                if shows(ops[:index] + [without] + ops[index + 1:]):
                    ops[index] = without
                elif len(argv[at]) > 8 and shows(ops[:index] + [plain] + ops[index + 1:]):
                    ops[index] = plain
            at -= 1
    return ops
