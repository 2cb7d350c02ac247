#!/usr/bin/env python3
"""What two servers say of themselves, side by side: COMMAND, the names and defaults of CONFIG GET *, what CONFIG SET
answers to good and bad values of every option, the fields of INFO everything and of CLIENT INFO.

    tables.py --pinion build/release/pinion

Pinion may have more of each than redis-server 7.0. What redis-server has and Pinion lacks, or has otherwise, must stand
in one of the tables here with its reason.
"""

import argparse
import sys

from client import Client
from servers import Server

# --- COMMAND ---------------------------------------------------------------------------------------------------------

COLUMNS = ("name", "arity", "flags", "first key", "last key", "step", "categories", "tips", "key specifications")

_TIPS = ("in a cluster the call goes to all nodes, as later versions say", ("tips",))
_NO_SCRIPT = ("later versions let scripts call what may wait: it does not, there", ("flags",))
_READ_ONLY = ("later versions count the read-only variants of EVAL and FCALL as reads", ("categories",))
_RANK = ("WITHSCORE of 7.2", ("arity",))
OTHER_COMMANDS = {
    **dict.fromkeys(("acl|deluser", "acl|save", "acl|setuser", "client|setname", "config|resetstat", "config|rewrite",
                     "latency|reset", "msetnx", "randomkey", "scan"), _TIPS),
    **dict.fromkeys(("blmove", "blpop", "brpop", "brpoplpush", "bzpopmax", "bzpopmin"), _NO_SCRIPT),
    **dict.fromkeys(("cluster|info", "cluster|myid", "cluster|nodes", "cluster|shards", "cluster|slots"),
                    ("later versions answer these while they load", ("flags",))),
    **dict.fromkeys(("eval_ro", "evalsha_ro", "fcall_ro"), _READ_ONLY),
    **dict.fromkeys(("zrank", "zrevrank"), _RANK),
    **dict.fromkeys(("command|getkeys", "command|getkeysandflags"), ("a call of one word is a call", ("arity",))),
    **dict.fromkeys(("multi", "watch"), ("refused inside MULTI before they run, as in Valkey 8", ("flags",))),
    "sinterstore": ("the destination is overwritten, as later versions say", ("key specifications",)),
    "wait": ("it may wait, and scripts may call it, as in later versions", ("flags", "categories")),
}


def commands(client):
    """The rows of COMMAND, subcommands too, by name; what has no order is sorted."""
    rows = {}

    def add(row):
        sets = [sorted(column) for column in (row[2], row[6], row[7])] + [sorted(map(specification, row[8]))]
        rows[row[0]] = [row[0], row[1], sets[0], *row[3:6], *sets[1:]]
        for sub in row[9]:
            add(sub)

    for row in plain(client.command("COMMAND")):
        add(row)
    return rows


def specification(items):
    """A key specification as text, without the notes, which are prose."""
    parts = dict(zip(items[::2], items[1::2]))
    return f"{sorted(parts['flags'])} {parts['begin_search']} {parts['find_keys']}"


def check_commands(redis, pinion, report):
    theirs, ours = commands(redis), commands(pinion)
    for name in sorted(set(theirs) - set(ours)):
        report(f"COMMAND: {name} is missing")
    for name in sorted(set(theirs) & set(ours)):
        differing = {COLUMNS[i] for i in range(1, 9) if theirs[name][i] != ours[name][i]}
        explained = set(OTHER_COMMANDS.get(name, ("", ()))[1])
        for column in sorted(differing - explained):
            i = COLUMNS.index(column)
            report(f"COMMAND: {column} of {name}: {theirs[name][i]} in redis-server, {ours[name][i]} in pinion")
        for column in sorted(explained - differing):
            report(f"COMMAND: {column} of {name} is the same by now: its exception is of no use")


# --- CONFIG ----------------------------------------------------------------------------------------------------------

OTHER_DEFAULTS = {
    "lazyfree-lazy-eviction": "yes in Valkey 8", "lazyfree-lazy-server-del": "yes in Valkey 8",
    "lazyfree-lazy-user-flush": "yes in Valkey 8",
    "port": "of the run", "dir": "of the run",
}
MISSING_OPTIONS = {"aof-disable-auto-gc": "hidden, as in later versions"}

VALUES = ("", "yes", "no", "0", "1", "-1", "x", "99999999999999999999", "1mb", "10", "1gb", "100", "50", "64 0", "a b",
          "-2147483649", "4294967296", "1.5", "/", "local", "everysec", "*", "allkeys-lru", "notice", "sanitize",
          "hostname", "0.0.0.0", "swapdb", "default", "debug", "9223372036854775807", "65536", "65535", "101", "YES")
# Setting these would disturb the run, or the machine.
NOT_SET = {"appendonly", "bind", "crash-log-enabled", "daemonize", "dir", "logfile", "maxclients", "maxmemory-clients",
           "oom-score-adj", "pidfile", "port", "proc-title-template", "replicaof", "requirepass", "save",
           "set-proc-title", "shutdown-timeout", "slaveof", "timeout", "tls-port", "unixsocket", "watchdog-period"}
OTHER_SETTINGS = {
    "activedefrag": "refused by both, for reasons of their own", "tls-cluster": "as activedefrag",
    "tls-replication": "as activedefrag",
    "loglevel": "later versions know the level nothing", "maxmemory-samples": "at most 64 in later versions",
}


def options(client):
    items = plain(client.command("CONFIG", "GET", "*"))
    return dict(zip(items[::2], items[1::2]))


def check_options(redis, pinion, report):
    theirs, ours = options(redis), options(pinion)
    for name in sorted(set(theirs) - set(ours) - set(MISSING_OPTIONS)):
        report(f"CONFIG GET: {name} is missing")
    for name in sorted(set(theirs) & set(ours) - set(OTHER_DEFAULTS)):
        if theirs[name] != ours[name]:
            report(f"CONFIG GET: {name} is {theirs[name]!r} in redis-server, {ours[name]!r} in pinion")
    for name in sorted(set(theirs) & set(ours) - NOT_SET - set(OTHER_SETTINGS)):
        check_setting(redis, pinion, name, theirs[name], report)


def check_setting(redis, pinion, name, initial, report):
    def outcome(client, value):
        reply = plain(client.command("CONFIG", "SET", name, value))
        return reply, plain(client.command("CONFIG", "GET", name))

    start = outcome(redis, initial), outcome(pinion, initial)
    if start[0] != start[1]:
        return report(f"CONFIG SET {name} {initial}: {start}")
    for value in VALUES:
        if name == "maxmemory" and value.isdigit():
            continue  # next to nothing
        both = outcome(redis, value), outcome(pinion, value)
        # An empty text, and more than 64 bits hold, redis-server 7.0 takes for 0 and for the greatest number.
        is_memory = "must be a memory value" in str(both[1][0])
        if both[0] != both[1] and not (is_memory and value in ("", "99999999999999999999")):
            report(f"CONFIG SET {name} {value!r}: {both}")
        outcome(redis, initial), outcome(pinion, initial)


# --- INFO and CLIENT INFO --------------------------------------------------------------------------------------------

def fields(client):
    found, section = {}, ""
    for line in plain(client.command("INFO", "everything")).splitlines():
        if line.startswith("#"):
            section = line
        elif ":" in line and not line.startswith(("cmdstat_", "latency_percentiles_", "errorstat_")):
            found[line.split(":")[0]] = section
    return found


def check_info(redis, pinion, report):
    theirs, ours = fields(redis), fields(pinion)
    for name, section in theirs.items():
        if ours.get(name) != section:
            report(f"INFO: {name} is missing in {section}")


def check_client_info(redis, pinion, report):
    def names(client):
        return [word.split("=")[0] for word in plain(client.command("CLIENT", "INFO")).split()]
    theirs, ours = names(redis), names(pinion)
    if theirs != [name for name in ours if name in theirs]:
        report(f"CLIENT INFO: {theirs} in redis-server, {ours} in pinion")


# --- The run ---------------------------------------------------------------------------------------------------------

def plain(tree):
    kind, value = tree
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pinion", required=True)
    parser.add_argument("--redis", default="redis-server")
    arguments = parser.parse_args()
    found = []

    def report(text):
        found.append(text)
        print(text)

    with Server("redis", arguments.redis) as reference, Server("pinion", arguments.pinion) as other:
        redis, pinion = Client(reference.port), Client(other.port)
        for check in (check_commands, check_info, check_client_info, check_options):
            check(redis, pinion, report)
    print(f"{len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
