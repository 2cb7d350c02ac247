"""The grammar of the sorted set commands that redis-server 7.0 has.

Ranges of members (BYLEX and its older forms) mean something only where all scores are equal, so they have keys of
their own. A command that may wait is only given where it need not: behind a ZADD, or inside a transaction.
"""

from grammar import Op, Row

# Members on both sides of a listpack's limits, integers and what nearly reads as one. Sets have some of them too.
_MEMBERS = [b"a", b"b", b"c", b"d", b"e", b"f", b"", b"0", b"7", b"-7", b"007", b"9223372036854775807",
            b"9223372036854775808", b"member with spaces", b"bin\x00\xff", b"x" * 5, b"x" * 6, b"x" * 63, b"x" * 64,
            b"x" * 65, b"y" * 254, b"y" * 255]
_SCORES = [b"0", b"1", b"2", b"3", b"-1", b"-0", b"1.5", b"-2.25", b"1e3", b"0x10", b"inf", b"-inf", b"+inf",
           b"1e17", b"1e19", b"-3e17", b"0.1", b"3.0", b"123456789.123", b"1e-300", b"1e308", b"9007199254740993",
           b"4611686018427387904", b"-4611686018427387905", b"9223372036854775807"]
_BAD_SCORES = [b"", b"x", b"nan", b"1 ", b" 1", b"1e400", b"1\x00", b"(1", b"--1"]

# Limits that random sorted sets cross often, and the defaults.
_ENTRIES = (b"0", b"3", b"5", b"8", b"16", b"128", b"128")
_VALUE = (b"0", b"5", b"64", b"64")

_LEX_KEYS = (b"lex0", b"lex1", b"lex2")


def _member(g):
    return g.pick(_MEMBERS) if g.chance(0.95) else g.value()


def _score(g):
    roll = g.rng.random()
    if roll < 0.4:
        return b"%d" % g.rng.randint(-5, 20)
    return g.pick(_SCORES) if roll < 0.98 else g.pick(_BAD_SCORES)


def _pairs(g):
    if g.chance(0.05):  # around the default limit, and trees of several levels
        first, count = g.rng.randint(0, 300), g.rng.choice((100, 130, 400, 2500))
        out = []
        for i in range(first, first + count):
            out += [b"%d" % (g.rng.randint(0, 50) if count > 200 else i), b"m%d" % i]
        return out
    out = []
    for _ in range(g.rng.randint(1, 6)):
        out += [_score(g), _member(g)]
    return out


def _add(g):
    args = [g.key()]
    for option, p in ((b"NX", 0.12), (b"XX", 0.12), (b"GT", 0.12), (b"LT", 0.1), (b"CH", 0.3)):
        if g.chance(p):
            args.append(g.word(option))
    if g.chance(0.15):
        return args + [g.word(b"INCR"), _score(g), _member(g)] + ([_score(g), b"a"] if g.chance(0.05) else [])
    args += _pairs(g)
    if g.chance(0.03):
        args.append(b"1")
    return args


def _lex_add(g):
    args = [g.pick(_LEX_KEYS)]
    names = [b"%d" % i for i in range(g.rng.randint(0, 400))] if g.chance(0.1) else [
        _member(g) for _ in range(g.rng.randint(1, 8))]
    for name in names:
        args += [b"1", name]
    return args if names else args + [b"1", b"a"]


def _score_bound(g):
    roll = g.rng.random()
    if roll < 0.04:
        return g.pick((b"x", b"(", b"", b" 1", b"((1", b"nan", b"[1", b"1\x00", b"(inf", b"1e400"))
    text = b"%d" % g.rng.randint(-6, 21) if roll < 0.6 else g.pick(_SCORES)
    return b"(" + text if g.chance(0.3) else text


def _lex_bound(g):
    roll = g.rng.random()
    if roll < 0.04:
        return g.pick((b"x", b"", b"++", b"-x", b"1"))
    if roll < 0.3:
        return g.pick((b"-", b"+"))
    return g.pick((b"[", b"(")) + _member(g)[:20]


def _rank(g):
    roll = g.rng.random()
    return b"%d" % g.rng.randint(-10, 20) if roll < 0.9 else g.integer()


def _limit(g):
    if not g.chance(0.4):
        return []
    counts = (b"0", b"1", b"2", b"3", b"5", b"10", b"1000", b"-1", b"-5", b"9223372036854775807")
    args = [g.word(b"LIMIT"), g.pick(counts), g.pick(counts)]
    return args[:2] if g.chance(0.02) else args


def _with_scores(g):
    return [g.word(b"WITHSCORES")] if g.chance(0.5) else []


def _range_arguments(g, storing):
    """Source and what follows it, for ZRANGE and ZRANGESTORE."""
    roll = g.rng.random()
    reverse = [g.word(b"REV")] if g.chance(0.4) else []
    if roll < 0.35:
        args, options = [g.key(), _rank(g), _rank(g)], reverse + (_limit(g) if g.chance(0.05) else [])
    elif roll < 0.75:
        args, options = [g.key(), _score_bound(g), _score_bound(g)], reverse + [g.word(b"BYSCORE")] + _limit(g)
    else:
        args = [g.pick(_LEX_KEYS), _lex_bound(g), _lex_bound(g)]
        options = reverse + [g.word(b"BYLEX")] + _limit(g)
    if not storing and (roll < 0.75 or g.chance(0.1)):
        options += _with_scores(g)
    if g.chance(0.02):
        options.append(g.pick((b"REV", b"BYSCORE", b"WITHSCORES", b"foo", b"LIMIT")))
    return args + options


def _by_score(g):
    options = _limit(g) + _with_scores(g)
    return [g.key(), _score_bound(g), _score_bound(g)] + options


def _by_lex(g):
    return [g.pick(_LEX_KEYS), _lex_bound(g), _lex_bound(g)] + _limit(g)


def _sources(g):
    keys = g.keys(4)
    if g.chance(0.05):
        return [g.pick((b"0", b"-1", b"x", b"1", b"9", b"9223372036854775808"))] + keys, len(keys)
    return [b"%d" % len(keys)] + keys, len(keys)


def _algebra(target, weights):
    def make(g):
        args, count = _sources(g)
        if target:
            args = [g.key()] + args
        if g.chance(0.35 if weights else 0.03):
            args += [g.word(b"WEIGHTS")] + [_score(g) for _ in range(count)]
        if g.chance(0.35 if weights else 0.03):
            args += [g.word(b"AGGREGATE"), g.word(g.pick((b"SUM", b"MIN", b"MAX", b"MAX", b"AVG")))]
        if g.chance(0.03 if target else 0.5):
            args.append(g.word(b"WITHSCORES"))
        return args
    return make


def _count_intersection(g):
    args, _ = _sources(g)
    if g.chance(0.4):
        args += [g.word(b"LIMIT"), g.pick((b"0", b"1", b"2", b"100", b"-1", b"x"))]
    return args


def _pop(g):
    args = [g.key()]
    if g.chance(0.5):
        args.append(g.pick((b"0", b"1", b"2", b"5", b"200", b"9223372036854775807", b"-1", b"x", b"")))
    return args


def _pop_any(g):
    args, _ = _sources(g)
    args.append(g.word(g.pick((b"MIN", b"MAX"))) if g.chance(0.97) else b"MID")
    if g.chance(0.5):
        args += [g.word(b"COUNT"), g.pick((b"1", b"2", b"10", b"9223372036854775807", b"0", b"-1", b"x"))]
    return args


def _blocking_pop(g):
    timeout = g.pick((b"0", b"0.01", b"1", b"0x1", b"-1", b"x", b"inf", b"9223372036854775807", b""))
    if g.chance(0.4):
        args, _ = _sources(g)
        argv = [g.word(b"BZMPOP"), timeout] + args + [g.word(g.pick((b"MIN", b"MAX")))]
    else:
        argv = [g.word(g.pick((b"BZPOPMIN", b"BZPOPMAX")))] + g.keys(3) + [timeout]
    if g.in_multi.get(g.conn):
        return Op(g.conn, argv)
    key = argv[3] if argv[0].upper() == b"BZMPOP" else argv[1]
    return [Op(g.conn, [b"ZADD", key, b"5", b"popped"]), Op(g.conn, argv)]


def _random_member(g):
    args = [g.key()]
    if g.chance(0.8):
        args.append(g.pick((b"1", b"2", b"5", b"100", b"-1", b"-3", b"-40", b"0", b"-9223372036854775808",
                            b"9223372036854775807", b"4611686018427387904", b"x", b"")))
        if args[-1] == b"9223372036854775807" or g.chance(0.5):
            args.append(g.word(b"WITHSCORES"))
    return args


def _scan_options(g):
    args = []
    if g.chance(0.4):
        args += [g.word(b"MATCH"), g.pick((b"*", b"m*", b"[a-c]", b"[0-9]*", b"x*x", b"nothing", b""))]
    if g.chance(0.4):
        args += [g.word(b"COUNT"), g.pick((b"1", b"10", b"1000", b"0", b"x"))]
    return args


def _whole_scan(g):
    if g.in_multi.get(g.conn):
        return None
    return Op(g.conn, [g.word(b"ZSCAN"), g.key(), b"0"] + _scan_options(g), loop=True)


def _limits(g):
    if g.chance(0.6):
        return [b"zset-max-listpack-entries", g.pick(_ENTRIES)]
    return [b"zset-max-listpack-value", g.pick(_VALUE)]


ROWS = [
    Row(16, b"ZADD", _add),
    Row(4, b"ZADD", _lex_add),
    Row(5, b"ZINCRBY", lambda g: [g.key(), _score(g), _member(g)]),
    Row(5, b"ZREM", lambda g: [g.key()] + [_member(g) for _ in range(g.rng.randint(1, 4))]),
    Row(2, b"ZCARD", lambda g: [g.key()]),
    Row(3, b"ZSCORE", lambda g: [g.key(), _member(g)]),
    Row(2, b"ZMSCORE", lambda g: [g.key()] + [_member(g) for _ in range(g.rng.randint(1, 4))]),
    # Later versions than 7.0 know WITHSCORE: with one argument too many they judge it otherwise.
    Row(3, b"ZRANK", lambda g: [g.key(), _member(g)], mutate=False),
    Row(3, b"ZREVRANK", lambda g: [g.key(), _member(g)], mutate=False),
    Row(8, b"ZRANGE", lambda g: _range_arguments(g, False)),
    Row(3, b"ZRANGESTORE", lambda g: [g.key()] + _range_arguments(g, True)),
    Row(3, b"ZREVRANGE", lambda g: [g.key(), _rank(g), _rank(g)] + _with_scores(g)),
    Row(4, b"ZRANGEBYSCORE", _by_score),
    Row(4, b"ZREVRANGEBYSCORE", _by_score),
    Row(3, b"ZRANGEBYLEX", _by_lex),
    Row(3, b"ZREVRANGEBYLEX", _by_lex),
    Row(3, b"ZCOUNT", lambda g: [g.key(), _score_bound(g), _score_bound(g)]),
    Row(2, b"ZLEXCOUNT", lambda g: [g.pick(_LEX_KEYS), _lex_bound(g), _lex_bound(g)]),
    Row(2, b"ZREMRANGEBYRANK", lambda g: [g.key(), _rank(g), _rank(g)]),
    Row(2, b"ZREMRANGEBYSCORE", lambda g: [g.key(), _score_bound(g), _score_bound(g)]),
    Row(2, b"ZREMRANGEBYLEX", lambda g: [g.pick(_LEX_KEYS), _lex_bound(g), _lex_bound(g)]),
    Row(3, b"ZUNION", _algebra(False, True)),
    Row(3, b"ZINTER", _algebra(False, True)),
    Row(3, b"ZDIFF", _algebra(False, False)),
    Row(3, b"ZUNIONSTORE", _algebra(True, True)),
    Row(3, b"ZINTERSTORE", _algebra(True, True)),
    Row(2, b"ZDIFFSTORE", _algebra(True, False)),
    Row(2, b"ZINTERCARD", _count_intersection),
    Row(3, b"ZPOPMIN", _pop),
    Row(3, b"ZPOPMAX", _pop),
    Row(2, b"ZMPOP", _pop_any),
    Row(1.5, b"BZPOPMIN", _blocking_pop, mutate=False),
    Row(2, b"ZRANDMEMBER", _random_member, mutate=False),
    Row(1, b"ZSCAN", lambda g: [g.key(), g.pick((b"x", b"", b"1.5"))] + _scan_options(g), mutate=False),
    Row(1, b"ZSCAN", _whole_scan, mutate=False),
    Row(3, b"OBJECT ENCODING", lambda g: [g.key()]),
    Row(1.5, b"CONFIG SET", _limits, mutate=False),
    Row(2, b"SADD", lambda g: [g.key()] + [_member(g) for _ in range(g.rng.randint(1, 5))]),
    Row(2, b"DEL", lambda g: [g.key()]),
    Row(1, b"SET", lambda g: [g.key(), g.value()]),
    Row(1, b"COPY", lambda g: [g.key(), g.key(), b"REPLACE"]),
    Row(0.5, b"RENAME", lambda g: [g.key(), g.key()]),
]
