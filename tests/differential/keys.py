"""The grammar of the commands that work on keys of any type, and of those that make keys of other types."""

from grammar import FAR_FUTURE, Op, Row, dump_payload


def _expire(unit, absolute):
    def make(g):
        conditions = [g.word(c) for c in (b"NX", b"XX", b"GT", b"LT") if g.chance(0.12)]
        if g.chance(0.02):
            conditions.append(g.pick((b"foo", b"", b"KEEPTTL")))
        return [g.key(), g.deadline(unit, absolute, ordered=bool(conditions))] + conditions
    return make


def _copy(g):
    args = [g.key(), g.key()]
    if g.chance(0.3):
        args += [g.word(b"DB"), g.pick((b"0", b"1", b"2", b"3", b"-1", b"16", b"x", b"9223372036854775808"))]
    if g.chance(0.4):
        args.append(g.word(b"REPLACE"))
    if g.chance(0.03):
        args.append(g.pick((b"DB", b"foo", b"REPLACE")))
    return args


def _scan_options(g):
    args = []
    if g.chance(0.5):
        args += [g.word(b"MATCH"), g.pattern()]
    if g.chance(0.5):
        args += [g.word(b"COUNT"), g.pick((b"1", b"5", b"100", b"100000"))]
    if g.chance(0.3):
        args += [g.word(b"TYPE"), g.pick((b"string", b"STRING", b"list", b"hash", b"zset", b"set", b"stream",
                                          b"nosuch"))]
    return args


def _scan(g):
    """A whole scan; inside a transaction, where it cannot be followed, one of the forms that fail."""
    if g.in_multi.get(g.conn) or g.chance(0.3):
        return [g.pick((b"abc", b"-1", b"", b"18446744073709551616", b"1.5"))] + _scan_options(g)
    if g.chance(0.15):
        return [b"0"] + g.pick(([b"COUNT", b"0"], [b"COUNT", b"-1"], [b"COUNT", b"x"], [b"MATCH"], [b"foo", b"1"],
                                [b"COUNT"], [b"TYPE"]))
    return Op(g.conn, [g.word(b"SCAN"), b"0"] + _scan_options(g), loop=True)


def _restore(g):
    payload = dump_payload(g.value()[:60])
    if g.chance(0.1):
        payload = g.pick((b"", b"abc", payload[:-1], payload[:-1] + b"\x00", dump_payload(b"x", version=60000)))
    args = [g.key()]
    if g.chance(0.3):
        args += [b"%d" % (1000 * (FAR_FUTURE + 77)), payload, g.word(b"ABSTTL")]
    else:
        args += [g.pick((b"0", b"0", b"%d" % (1000 * g.far_seconds()), b"-1", b"x")), payload]
    if g.chance(0.6):
        args.append(g.word(b"REPLACE"))
    if g.chance(0.1):
        args += g.pick(([b"IDLETIME", b"100"], [b"FREQ", b"10"], [b"IDLETIME", b"-1"], [b"FREQ", b"256"], [b"FREQ"],
                        [b"IDLETIME", b"1", b"FREQ", b"1"], [b"foo"]))
    return args


def _short_deadline(g):
    argv = g.short_deadline_args()
    return argv and Op(g.conn, argv, settle=True)


_DB = (b"0", b"1", b"2", b"3", b"15", b"16", b"-1", b"x", b"", b"9223372036854775808")

ROWS = [
    Row(5, b"DEL", lambda g: g.keys(3)),
    Row(2, b"UNLINK", lambda g: g.keys(3)),
    Row(3, b"EXISTS", lambda g: g.keys(4)),
    Row(3, b"TYPE", lambda g: [g.key()]),
    Row(5, b"EXPIRE", _expire("s", False)),
    Row(4, b"PEXPIRE", _expire("ms", False)),
    Row(4, b"EXPIREAT", _expire("s", True)),
    Row(4, b"PEXPIREAT", _expire("ms", True)),
    Row(3, b"TTL", lambda g: [g.key()]),
    Row(3, b"PTTL", lambda g: [g.key()]),
    Row(2, b"EXPIRETIME", lambda g: [g.key()]),
    Row(2, b"PEXPIRETIME", lambda g: [g.key()]),
    Row(3, b"PERSIST", lambda g: [g.key()]),
    Row(3, b"RENAME", lambda g: [g.key(), g.key()]),
    Row(3, b"RENAMENX", lambda g: [g.key(), g.key()]),
    Row(4, b"COPY", _copy),
    Row(2, b"MOVE", lambda g: [g.key(), g.pick(_DB)]),
    Row(1.5, b"SELECT", lambda g: [g.pick(_DB)]),
    Row(0.3, b"SWAPDB", lambda g: [g.pick(_DB), g.pick(_DB)]),
    Row(2, b"KEYS", lambda g: [g.pattern()]),
    Row(0.8, b"SCAN", _scan, mutate=False),  # redis-server reads the cursor as a C string: a NUL byte would be 0
    Row(1, b"RANDOMKEY", lambda g: []),
    Row(1, b"DBSIZE", lambda g: []),
    Row(2, b"TOUCH", lambda g: g.keys(3)),
    Row(4, b"OBJECT ENCODING", lambda g: [g.key()]),
    Row(1, b"OBJECT REFCOUNT", lambda g: [g.key()]),
    Row(1, b"OBJECT IDLETIME", lambda g: [g.key()]),
    Row(1, b"OBJECT FREQ", lambda g: [g.key()]),
    Row(0.2, b"OBJECT", lambda g: g.pick(([b"HELP"], [b"foo", b"k1"], [b"ENCODING"], []))),
    Row(2, b"DUMP", lambda g: [g.key()]),
    Row(2, b"RESTORE", _restore),
    Row(0.05, b"FLUSHDB", lambda g: g.pick(([], [b"ASYNC"], [b"sync"], [b"foo"], [b"ASYNC", b"SYNC"])),
        mutate=False),
    Row(0.03, b"FLUSHALL", lambda g: g.pick(([], [b"ASYNC"], [b"sync"], [b"foo"])), mutate=False),
    # Values to work on, and wrong types wherever both servers have them.
    Row(8, b"SET", lambda g: [g.key(), g.value()]),
    Row(2, b"GET", lambda g: [g.key()]),
    Row(1, b"RPUSH", lambda g: [g.key(), g.value()]),
    Row(1, b"SADD", lambda g: [g.key(), g.value()]),
    Row(1, b"HSET", lambda g: [g.key(), g.value(), g.value()]),
    Row(1, b"ZADD", lambda g: [g.key(), b"%d" % g.rng.randint(0, 9), g.value()]),
    Row(0.15, b"PEXPIRE", _short_deadline),
]
