"""The grammar of the hash commands that redis-server 7.0 has."""

from grammar import Op, Row

# Fields on both sides of the limits of the compact form, integers and what nearly reads as one.
_FIELDS = [b"f%d" % i for i in range(12)] + [
    b"", b"0", b"7", b"-7", b"007", b"9223372036854775807", b"9223372036854775808", b"field with spaces",
    b"bin\x00\xff", b"x" * 5, b"x" * 6, b"x" * 20, b"x" * 21, b"x" * 64, b"x" * 65, b"y" * 300]

# Limits that random hashes cross often, and the defaults. Later versions than 7.0 count the pairs of a command before
# they look for equal fields among them, so what has equal ones stays below all limits but zero.
_ENTRIES = (b"0", b"3", b"4", b"8", b"8", b"20", b"128", b"512")
_VALUE = (b"0", b"5", b"20", b"64", b"64")


def _field(g):
    return g.pick(_FIELDS) if g.chance(0.93) else g.value()


def _fields(g, most=5):
    return [_field(g) for _ in range(g.rng.randint(1, most))]


def _pairs(g):
    fields = [_field(g) for _ in range(g.rng.randint(1, 6))]
    out = []
    for field in fields if len(fields) <= 3 else dict.fromkeys(fields):
        out += [field, g.value()]
    if g.chance(0.04):  # around the default limit of entries
        first = g.rng.randint(0, 300)
        out = []
        for i in range(first, first + g.rng.randint(100, 500)):
            out += [b"%d" % i, b"v"]
    if g.chance(0.03):
        out.append(_field(g))
    return out


def _many_fields(g):
    if g.chance(0.05):
        first = g.rng.randint(0, 300)
        return [b"%d" % i for i in range(first, first + g.rng.randint(100, 500))]
    return _fields(g)


def _random_field(g):
    args = [g.key()]
    if g.chance(0.8):
        args.append(g.pick((b"1", b"2", b"5", b"100", b"-1", b"-3", b"-40", b"0", b"-9223372036854775808",
                            b"9223372036854775807", b"4611686018427387904", b"x", b"")))
        if args[-1] == b"9223372036854775807" or g.chance(0.5):
            args.append(g.word(b"WITHVALUES"))
        if g.chance(0.03):
            args.append(g.pick((b"WITHVALUES", b"foo")))
    return args


def _scan_options(g):
    args = []
    if g.chance(0.4):
        args += [g.word(b"MATCH"), g.pick((b"*", b"f*", b"f[0-5]", b"[0-9]*", b"x*x", b"nothing", b""))]
    if g.chance(0.4):
        args += [g.word(b"COUNT"), g.pick((b"1", b"10", b"1000", b"0", b"-1", b"x"))]
    if g.chance(0.04):
        args += g.pick(([b"MATCH"], [b"COUNT"], [b"TYPE", b"hash"], [b"foo"]))
    return args


def _scan(g):
    return [g.key(), g.pick((b"0", b"0", b"0", b"1", b"-1", b"17", b"x", b"", b"+3", b"99999999999999999999"))
            ] + _scan_options(g)


def _whole_scan(g):
    if g.in_multi.get(g.conn):
        return None
    return Op(g.conn, [b"HSCAN", g.key(), b"0"] + _scan_options(g), loop=True)


def _limits(g):
    if g.chance(0.5):
        return [b"hash-max-listpack-entries", g.pick(_ENTRIES)]
    return [b"hash-max-listpack-value", g.pick(_VALUE)]


ROWS = [
    Row(14, b"HSET", lambda g: [g.key()] + _pairs(g)),
    Row(2, b"HMSET", lambda g: [g.key()] + _pairs(g)),
    Row(3, b"HSETNX", lambda g: [g.key(), _field(g), g.value()]),
    Row(5, b"HGET", lambda g: [g.key(), _field(g)]),
    Row(3, b"HMGET", lambda g: [g.key()] + _fields(g)),
    Row(8, b"HDEL", lambda g: [g.key()] + _many_fields(g)),
    Row(2, b"HEXISTS", lambda g: [g.key(), _field(g)]),
    Row(2, b"HLEN", lambda g: [g.key()]),
    Row(2, b"HSTRLEN", lambda g: [g.key(), _field(g)]),
    Row(3, b"HGETALL", lambda g: [g.key()]),
    Row(2, b"HKEYS", lambda g: [g.key()]),
    Row(2, b"HVALS", lambda g: [g.key()]),
    Row(5, b"HINCRBY", lambda g: [g.key(), _field(g), g.integer()]),
    Row(5, b"HINCRBYFLOAT", lambda g: [g.key(), _field(g), g.number()]),
    Row(3, b"HRANDFIELD", _random_field, mutate=False),
    Row(2, b"HSCAN", _scan),
    Row(0.5, b"HSCAN", _whole_scan),
    Row(3, b"OBJECT ENCODING", lambda g: [g.key()]),
    Row(1.5, b"CONFIG SET", _limits, mutate=False),
    Row(1, b"DEL", lambda g: [g.key()]),
    Row(1, b"COPY", lambda g: [g.key(), g.key(), b"REPLACE"]),
    Row(1, b"RENAME", lambda g: [g.key(), g.key()]),
]
