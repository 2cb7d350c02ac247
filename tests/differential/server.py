"""The grammar of the server commands: CONFIG, COMMAND, INFO and the like."""

from grammar import Row

# Options whose values may be changed freely without changing what the other commands reply, each with values
# to try.
OPTIONS = {
    b"maxmemory": (b"0", b"1gb", b"2GB", b"1g", b"3000000000", b"1024mb", b"-1", b"abc", b"1.5gb"),
    b"maxmemory-policy": (b"noeviction", b"allkeys-lru", b"volatile-ttl", b"foo", b"NoEviction"),
    b"maxmemory-samples": (b"5", b"10", b"1", b"0", b"-1", b"x", b"64"),
    b"timeout": (b"0", b"1000", b"-1", b"x", b"99999999999"),
    b"tcp-keepalive": (b"300", b"0", b"60", b"-1", b"x"),
    b"slowlog-log-slower-than": (b"10000", b"-1", b"1000000", b"x"),
    b"slowlog-max-len": (b"128", b"0", b"1000", b"-1", b"x"),
    # Never with keymiss where somebody hears it: redis-server 7.0 puts a client's own message into its array of MGET.
    b"notify-keyspace-events": (b"", b"KEA", b"AKE", b"Kg$", b"Elshz", b"Kx", b"m", b"Am", b"foo", b"K",
                                b"E", b"gKd", b"KEn"),
    b"lfu-log-factor": (b"10", b"0", b"100", b"-1", b"x"),
    b"lfu-decay-time": (b"1", b"0", b"60", b"-1"),
    b"lazyfree-lazy-expire": (b"no", b"yes", b"YES", b"maybe", b"1"),
    b"lazyfree-lazy-user-del": (b"no", b"yes", b"true"),
    b"proto-max-bulk-len": (b"512mb", b"536870912", b"1", b"x"),
    b"hash-max-listpack-entries": (b"128", b"512", b"-1", b"x"),
    b"hash-max-listpack-value": (b"64", b"x"),
    b"list-max-listpack-size": (b"-2", b"128", b"x"),
    b"set-max-intset-entries": (b"512", b"-1"),
    b"zset-max-listpack-entries": (b"128", b"x"),
    b"zset-max-listpack-value": (b"64",),
    b"hll-sparse-max-bytes": (b"3000", b"0", b"100", b"-1", b"x"),
    b"stream-node-max-entries": (b"100", b"-1"),
    b"stream-node-max-bytes": (b"4096", b"-1"),
    b"maxclients": (b"x", b"0", b"-1"),
    b"databases": (b"4",),
}
NAMES = tuple(OPTIONS)


def _config_get(g):
    names = [g.word(g.pick(NAMES)) for _ in range(g.rng.randint(1, 3))]
    if g.chance(0.1):
        names.append(g.pick((b"nosuchoption", b"", b"maxmem*", b"*-max-listpack-entries", b"m?xmemory", b"[")))
    return names


def _config_set(g):
    args = []
    for _ in range(1 if g.chance(0.75) else g.rng.randint(2, 3)):
        name = g.pick(NAMES)
        args += [g.word(name), g.pick(OPTIONS[name])]
    if g.chance(0.05):
        args += g.pick(([b"nosuchoption", b"1"], [b"nosuchoption"], [b"maxmemory"], [args[0], args[1]]))
    return args


def _command(g):
    name = g.pick((b"get", b"SET", b"mset", b"nosuch", b"config|get", b"config", b"expire", b"touch", b""))
    return g.pick(([b"COUNT"], [b"INFO", name], [b"INFO", name, b"get"], [b"GETKEYS", b"GET", b"k"],
                   [b"GETKEYS", b"MSET", b"a", b"1", b"b", b"2"],
                   [b"GETKEYS", b"PING", b"x"], [b"GETKEYS", b"NOSUCH", b"x"], [b"GETKEYS", b"GET", b"a", b"b"],
                   [b"GETKEYS", b"COPY", b"a", b"b"],
                   [b"GETKEYSANDFLAGS", b"SET", b"a", b"b"], [b"GETKEYSANDFLAGS", b"GET", b"a"],
                   [b"GETKEYSANDFLAGS", b"SET", b"a", b"b", b"EX", b"5", b"GET"],
                   [b"GETKEYSANDFLAGS", b"BITFIELD", b"a", b"GET", b"u8", b"0"],
                   [b"GETKEYSANDFLAGS", b"BITFIELD", b"a", b"GET", b"u8", b"0", b"SET", b"u8", b"0", b"1"],
                   [b"GETKEYSANDFLAGS", b"RENAME", b"a", b"b"], [b"GETKEYSANDFLAGS", b"ECHO", b"x"],
                   [b"foo"], [b"LIST", b"FILTERBY", b"foo", b"x"], [b"LIST", b"foo"], [b"HELP"]))


ROWS = [
    Row(8, b"CONFIG SET", _config_set, mutate=False),
    Row(8, b"CONFIG GET", _config_get),
    Row(1, b"CONFIG RESETSTAT", lambda g: []),
    Row(0.5, b"CONFIG", lambda g: g.pick(([], [b"foo"], [b"HELP"], [b"GET"], [b"SET", b"maxmemory"],
                                          [b"foo", b"bar"])), mutate=False),
    Row(2, b"DBSIZE", lambda g: []),
    Row(2, b"INFO", lambda g: g.pick(([b"keyspace"], [b"KEYSPACE"], [b"nosuchsection"], [b"clients"],
                                      [b"replication"]))),
    Row(1, b"TIME", lambda g: []),
    Row(1, b"LASTSAVE", lambda g: []),
    Row(1, b"ROLE", lambda g: []),
    Row(5, b"COMMAND", _command, mutate=False),
    Row(1, b"MEMORY USAGE", lambda g: [g.key()] + g.pick(([], [b"SAMPLES", b"5"], [b"SAMPLES", b"-1"],
                                                          [b"SAMPLES", b"x"], [b"foo"]))),
    Row(0.3, b"MEMORY", lambda g: g.pick(([], [b"foo"], [b"HELP"]))),
    Row(1, b"SLOWLOG", lambda g: g.pick(([b"RESET"], [b"GET", b"x"], [b"GET", b"-2"], [b"foo"], [b"LEN", b"x"],
                                         [], [b"HELP"]))),
    Row(1, b"LATENCY", lambda g: g.pick(([b"RESET"], [b"LATEST"], [b"HISTORY", b"command"], [b"foo"],
                                         [b"RESET", b"foo", b"bar"], [b"HISTORY"]))),
    Row(1, b"ACL WHOAMI", lambda g: []),
    Row(0.5, b"MODULE", lambda g: g.pick(([b"LIST"], [b"foo"], []))),
    Row(1, b"CLUSTER", lambda g: g.pick(([b"HELP"], [b"KEYSLOT", b"a"], [b"KEYSLOT"], [b"INFO"], [b"INFO", b"x"], [b"SLOTS"],
                                         [b"RESET", b"HARD"], [b"SETSLOT", b"1"], [b"COUNTKEYSINSLOT", b"x"], [b"foo"],
                                         [])), mutate=False),
    Row(0.5, b"READONLY", lambda g: g.pick(([], [b"x"]))),
    Row(0.5, b"READWRITE", lambda g: []),
    Row(0.5, b"ASKING", lambda g: []),
    Row(1, b"WAIT", lambda g: [b"0", g.pick((b"0", b"1", b"-1", b"x"))]),
    Row(0.2, b"FLUSHALL", lambda g: g.pick(([], [b"ASYNC"], [b"SYNC"], [b"foo"])), mutate=False),
    Row(0.2, b"SWAPDB", lambda g: [g.pick((b"0", b"1", b"2", b"16", b"x")), g.pick((b"0", b"1", b"-1", b"x"))]),
    Row(6, b"SET", lambda g: [g.key(), g.value()]),
    Row(2, b"EXPIRE", lambda g: [g.key(), b"%d" % g.far_seconds()]),
]
