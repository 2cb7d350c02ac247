"""The grammar of the stream commands.

Since 7.2 a consumer is made by naming it, before that by giving it something: here they are made before they are
named.

IDs are explicit, since an ID made from the clock would differ between the servers. What a consumer has pending has
been idle for milliseconds, or by XCLAIM for hours or years; a least idle time is none, an hour or for ever.
"""

from grammar import JUNK, NOT_INTS, Op, Row

_MAX = 18446744073709551615
_HOURS = 100 * 3600 * 1000
_FIELDS = (b"f", b"g", b"h", b"12", b"", b"-5", b"x" * 64)
_GROUPS = (b"g1", b"g2", b"streams", b"")
_CONSUMERS = (b"c1", b"c2", b"c3", b"a rather long name of a consumer", b"")


def _key(g):
    return g.pick(g.keys_in_use[:3]) if g.chance(0.95) else g.key()


def _group(g):
    return g.pick(_GROUPS[:2]) if g.chance(0.93) else g.pick(_GROUPS)


def _consumer(g):
    return g.pick(_CONSUMERS[:2]) if g.chance(0.85) else g.pick(_CONSUMERS)


def _now(g):
    """The millisecond that entries are added at, which goes on as commands are made."""
    if not hasattr(g, "stream_ms"):
        g.stream_ms = 100
    return g.stream_ms


def _new_id(g):
    roll = g.rng.random()
    if roll < 0.5:
        g.stream_ms = _now(g) + g.pick((1, 1, 2, 300))
        return b"%d-%d" % (g.stream_ms, g.rng.randint(0, 3))
    if roll < 0.8:
        return b"%d-*" % _now(g)
    if roll < 0.9:
        return b"%d" % (_now(g) + g.rng.randint(-1, 1))
    if roll < 0.96:
        return _id(g)
    return g.pick((b"0-*", b"0-0", b"0", b"0-1", b"*-1", b"1-**", b"%d-*" % _MAX, b"%d-%d" % (_MAX, _MAX),
                   b"%d-%d" % (_now(g), _MAX), b"007-08", b"+5", b" 5", b"%d" % (_MAX + 1), b"-", b"+", b"x-1",
                   b"1-x", b"5--1", b"5--01", b"1-2-3", b"", b"1-", b"-1", b"5\x00x", b"0" * 127, b"0" * 128))


def _id(g):
    """An ID near those of entries."""
    roll = g.rng.random()
    if roll < 0.7:
        ms = _now(g) - int(g.rng.expovariate(1 / 20))
        return b"%d" % max(ms, 0) if g.chance(0.3) else b"%d-%d" % (max(ms, 0), g.rng.randint(0, 3))
    if roll < 0.9:
        return b"%d-%d" % (g.rng.randint(0, _now(g) + 5), g.rng.randint(0, 3))
    return g.pick((b"0", b"0-0", b"0-1", b"%d" % _MAX, b"%d-%d" % (_MAX, _MAX), b"%d" % _now(g), b"x", b"", b"1-x",
                   b"-", b"%d-%d" % (_now(g), _MAX)))


def _ids(g):
    return [_id(g) for _ in range(g.rng.randint(1, 4) if g.chance(0.95) else 12)]


def _bound(g):
    if g.chance(0.35):
        return g.pick((b"-", b"+"))
    return (b"(" if g.chance(0.25) else b"") + _id(g)


def _start(g):
    return b"-" if g.chance(0.35) else _bound(g)


def _end(g):
    return b"+" if g.chance(0.35) else _bound(g)


def _count(g):
    return g.pick((b"1", b"2", b"3", b"10", b"100")) if g.chance(0.92) \
        else g.pick((b"0", b"-1", b"x", b"", b"1.5", b"9223372036854775807", b"9223372036854775808"))


def _option(g, p, word, make):
    return [g.word(word), make(g)] if g.chance(p) else []


def _trim(g):
    word = g.pick((b"MAXLEN", b"MINID"))
    args = [g.word(word)]
    operator = g.pick((None, b"=", b"~", b"~"))
    if operator:
        args.append(operator)
    if word == b"MAXLEN":
        args.append(b"%d" % g.rng.randint(0, 30) if g.chance(0.95) else g.integer())
    else:
        args.append(_id(g))
    if operator == b"~" and g.chance(0.4):
        args += [g.word(b"LIMIT"), b"%d" % g.rng.randint(0, 20) if g.chance(0.9) else g.integer()]
    if g.chance(0.01):
        args += g.pick(([b"LIMIT"], [b"LIMIT", b"1"], [b"MAXLEN", b"5"], [b"MINID", b"~", b"1"], [b"foo"]))
    return args


def _pairs(g):
    if g.chance(0.6):
        return [b"f", _value(g), b"g", _value(g)] if g.chance(0.5) else [b"f", _value(g)]
    out = []
    for _ in range(g.rng.randint(1, 4)):
        out += [g.pick(_FIELDS), _value(g)]
    return out


def _limits_bytes(g):
    """Whether the episode sets stream-node-max-bytes. redis-server 7.0 corrupts a stream whose entry is larger than
    that, so then all entries are small."""
    if not hasattr(g, "stream_limits_bytes"):
        g.stream_limits_bytes = g.chance(0.5)
    return g.stream_limits_bytes


def _value(g):
    if g.chance(0.6) or _limits_bytes(g):
        return g.pick((b"v", b"1", b"-1", b"4096", b"70000", b"9223372036854775807", b"01", b"", b"y" * 63,
                       b"y" * 64))
    return g.value() if g.chance(0.97) else b"z" * g.pick((4000, 4090, 4096, 5000, 70000))


def _xadd(g):
    args = [_key(g)]
    if g.chance(0.05):
        args.append(g.word(b"NOMKSTREAM"))
    if g.chance(0.12):
        args += _trim(g)
    return args + [_new_id(g)] + _pairs(g)


def _burst(g):
    """Many small entries, so that nodes fill."""
    key = _key(g)
    ops = []
    for _ in range(g.rng.randint(5, 40)):
        g.stream_ms = _now(g) + 1
        ops.append(Op(g.conn, [b"XADD", key, b"%d-%d" % (g.stream_ms, g.rng.randint(0, 2))] + _pairs(g)))
    return ops


def _range(g, reverse):
    first, last = _start(g), _end(g)
    return [_key(g)] + ([last, first] if reverse else [first, last]) + _option(g, 0.4, b"COUNT", _count)


def _xsetid(g):
    """On a key of its own, with the last entry in place: later versions also mind the greatest ID deleted."""
    key = g.pick(g.keys_in_use) + b"!"
    older = _now(g)
    g.stream_ms = older + 10
    set_id = [g.word(b"XSETID"), key]
    if g.chance(0.8):
        set_id.append(b"%d-%d" % (g.stream_ms, g.rng.randint(1, 3)))
        g.stream_ms += 1
    else:
        set_id.append(b"%d" % g.rng.randint(0, older + 9) if g.chance(0.8) else g.pick((b"-", b"+", b"x", b"1-*")))
    set_id += _option(g, 0.3, b"ENTRIESADDED",
                      lambda g: b"%d" % g.rng.randint(-1, 99) if g.chance(0.9) else g.integer())
    set_id += _option(g, 0.3, b"MAXDELETEDID", lambda g: b"%d" % g.rng.randint(0, older) if g.chance(0.9) else b"x")
    argvs = [[b"XADD", key, b"%d" % (older + 10)] + _pairs(g), [b"XDEL", key, b"%d" % g.rng.randint(0, older)],
             set_id, [b"XINFO", b"STREAM", key]]
    if g.chance(0.2):
        argvs.append([b"DEL", key])
    return [Op(g.conn, argv) for argv in argvs]


def _streams(g, ids):
    n = 1 if g.chance(0.7) else g.rng.randint(2, 3)
    return [g.word(b"STREAMS")] + [_key(g) for _ in range(n)] + [ids(g) for _ in range(n)]


# Outside a transaction redis-server waits, so no time is long.
def _block(g):
    return b"1" if g.chance(0.9) else g.pick((b"-1", b"x", b"", b"1.5", b"9223372036854775808"))


def _read_options(g):
    options = [_option(g, 0.4, b"COUNT", _count), _option(g, 0.05, b"BLOCK", _block)]
    g.rng.shuffle(options)
    return options[0] + options[1]


def _xread(g):
    args = _read_options(g)
    if g.chance(0.02):
        args += g.pick(([b"NOACK"], [b"GROUP", b"g1", b"c1"], [b"foo"], [b"COUNT"], [b"BLOCK"]))
    return args + _streams(g, lambda g: b"$" if g.chance(0.05) else b">" if g.chance(0.01) else _id(g))


def _with_consumer(g, keys, group, consumer, argv):
    made = [Op(g.conn, [b"XGROUP", b"CREATECONSUMER", key, group, consumer]) for key in keys]
    return made + [Op(g.conn, argv)]


def _xreadgroup(g):
    group, consumer = _group(g), _consumer(g)
    args = [g.word(b"XREADGROUP"), g.word(b"GROUP"), group, consumer] + _read_options(g)
    if g.chance(0.15):
        args.append(g.word(b"NOACK"))
    if g.chance(0.01):
        args += g.pick(([b"foo"], [b"COUNT"], [b"GROUP", b"g1"]))
    streams = _streams(g, lambda g: b">" if g.chance(0.7) else b"$" if g.chance(0.03) else
                       b"0" if g.chance(0.6) else _id(g))
    argv = args + streams
    return _with_consumer(g, streams[1:1 + len(streams) // 2], group, consumer,
                          g.damage(argv) if g.chance(0.02) else argv)


def _least_idle(g):
    return g.pick((b"0", b"0", b"0", b"3600000", b"9223372036854775807", b"-1")) if g.chance(0.96) \
        else g.pick(NOT_INTS)


def _xpending(g):
    args = [_key(g), _group(g)]
    if g.chance(0.3):
        return args
    if g.chance(0.3):
        args += [g.word(b"IDLE"), _least_idle(g)]
    args += [_start(g), _end(g), _count(g)]
    return args + ([_consumer(g)] if g.chance(0.4) else [])


# Damaged in another place than their ends, these would compare a small number with a time.
def _claim(g, name, make):
    key, group, consumer = _key(g), _group(g), _consumer(g)
    argv = [g.word(name), key, group, consumer, _least_idle(g)] + make(g)
    if g.chance(0.02):
        argv = argv + [g.pick(JUNK)] if g.chance(0.5) else argv[:g.rng.randint(1, 5)]
    return _with_consumer(g, [key], group, consumer, argv)


def _xclaim(g):
    args = _ids(g)
    options = [[g.word(w)] if g.chance(p) else [] for w, p in ((b"FORCE", 0.3), (b"JUSTID", 0.3))]
    idle = g.pick((b"0", b"%d" % _HOURS, b"-5", b"9223372036854775807", b"-9223372036854775807"))
    options.append(_option(g, 0.2, b"IDLE", lambda g: idle))
    options.append(_option(g, 0.1, b"TIME", lambda g: g.pick((b"0", b"1", b"-1", b"9223372036854775807", b"x"))))
    options.append(_option(g, 0.2, b"RETRYCOUNT",
                           lambda g: g.pick((b"0", b"5", b"-1", b"9223372036854775806", b"x"))))
    options.append(_option(g, 0.05, b"LASTID", _id))
    if g.chance(0.01):
        options.append(g.pick(([b"foo"], [b"IDLE"], [b"LASTID", b"-"])))
    g.rng.shuffle(options)
    return args + sum(options, [])


def _xautoclaim(g):
    args = [b"0" if g.chance(0.5) else _bound(g)]
    args += _option(g, 0.5, b"COUNT", _count)
    if g.chance(0.3):
        args.append(g.word(b"JUSTID"))
    return args


def _entries_read(g):
    return b"%d" % g.rng.randint(-2, 100) if g.chance(0.95) else g.integer()


def _create(g):
    args = [_key(g), _group(g), g.pick((b"0", b"$", _id(g), _id(g)))]
    if g.chance(0.4):
        args.append(g.word(b"MKSTREAM"))
    args += _option(g, 0.2, b"ENTRIESREAD", _entries_read)
    return args + ([g.pick((b"foo", b"MKSTREAM", b"ENTRIESREAD"))] if g.chance(0.02) else [])


def _setid(g):
    return [_key(g), _group(g), g.pick((b"0", b"$", b"-", b"+", _id(g), _id(g)))] + \
        _option(g, 0.3, b"ENTRIESREAD", _entries_read)


def _full(g):
    if g.chance(0.5):
        return [_key(g)]
    return [_key(g), g.word(b"FULL")] + _option(g, 0.5, b"COUNT", _count)


def _limit(g):
    if g.in_multi.get(g.conn):
        return None
    if _limits_bytes(g) and g.chance(0.5):
        return Op(g.conn, [b"CONFIG", b"SET", b"stream-node-max-bytes",
                           g.pick((b"4096", b"600", b"1000", b"2000", b"0"))])
    return Op(g.conn, [b"CONFIG", b"SET", b"stream-node-max-entries",
                       g.pick((b"100", b"1", b"2", b"5", b"20", b"0"))])


ROWS = [
    Row(24, b"XADD", _xadd),
    Row(2, b"XADD", _burst),
    Row(4, b"XLEN", lambda g: [_key(g)]),
    Row(6, b"XRANGE", lambda g: _range(g, False)),
    Row(5, b"XREVRANGE", lambda g: _range(g, True)),
    Row(4, b"XDEL", lambda g: [_key(g)] + _ids(g)),
    Row(2, b"XTRIM", lambda g: [_key(g)] + _trim(g)),
    Row(1, b"XSETID", _xsetid),
    Row(6, b"XREAD", _xread),
    Row(10, b"XREADGROUP", _xreadgroup),
    Row(5, b"XACK", lambda g: [_key(g), _group(g)] + _ids(g)),
    Row(5, b"XPENDING", _xpending),
    Row(5, b"XCLAIM", lambda g: _claim(g, b"XCLAIM", _xclaim)),
    Row(4, b"XAUTOCLAIM", lambda g: _claim(g, b"XAUTOCLAIM", _xautoclaim)),
    Row(4, b"XGROUP CREATE", _create),
    Row(1, b"XGROUP SETID", _setid),
    Row(0.4, b"XGROUP DESTROY", lambda g: [_key(g), _group(g)]),
    Row(1.5, b"XGROUP CREATECONSUMER", lambda g: [_key(g), _group(g), _consumer(g)]),
    Row(1, b"XGROUP DELCONSUMER", lambda g: [_key(g), _group(g), _consumer(g)]),
    Row(0.2, b"XGROUP", lambda g: g.pick(([], [b"foo"], [b"HELP"], [b"CREATE"], [b"foo", b"k0"])), mutate=False),
    Row(4, b"XINFO STREAM", _full),
    Row(3, b"XINFO GROUPS", lambda g: [_key(g)]),
    Row(2, b"XINFO CONSUMERS", lambda g: [_key(g), _group(g)]),
    Row(0.2, b"XINFO", lambda g: g.pick(([], [b"foo"], [b"HELP"], [b"STREAM"], [b"foo", b"k0"])), mutate=False),
    Row(0.5, b"DEL", lambda g: [_key(g)]),
    Row(0.3, b"COPY", lambda g: [_key(g), _key(g), b"REPLACE"]),
    Row(0.3, b"DEBUG DIGEST-VALUE", lambda g: [_key(g), _key(g)], mutate=False),
    Row(1, b"CONFIG", _limit, mutate=False),
]
