"""The grammar of SORT: on keys of its own, so that what it sorts has the type that is meant.

Sorted sets are large from the start, for redis-server makes a small one large when it sorts it.
"""

from grammar import Row

_LISTS = [b"sort:list:%d" % i for i in range(3)]
_SETS = [b"sort:set:%d" % i for i in range(3)]
_SORTED_SETS = [b"sort:zset:%d" % i for i in range(2)]
_STORED = [b"sort:stored:%d" % i for i in range(2)]
_OTHERS = [b"sort:absent", b"sort:w_1", b"sort:h_1"]
_NAMES = [b"%d" % i for i in range(12)] + [b"-7", b"100", b"1.5", b"1e3", b"-0.5", b"inf"]
_TEXTS = [b"a", b"b", b"B", b"aa", b"", b"01", b" 1", b"0x10", b"1 ", b"nan", b"\xff"]
_WEIGHTS = [b"1", b"2", b"-3", b"2.5", b"1e2", b"10", b"inf", b"-inf", b"7"]
_BY = [b"sort:w_*", b"sort:h_*->f", b"sort:h_*->g", b"nosort", b"sort:none_*", b"sort:w_*->f", b"*", b"sort:h_*->"]
_GET = [b"#", b"sort:w_*", b"sort:h_*->f", b"sort:h_*->g", b"sort:none_*", b"nothing", b"sort:h_*", b"sort:w_*->f",
        b"*", b"sort:h_*->"]


def _element(g):
    return g.pick(_NAMES) if g.chance(0.93) else g.pick(_TEXTS)


def _elements(g):
    return [_element(g) for _ in range(g.rng.randint(1, 6))]


def _limit(g):
    if g.chance(0.06):
        return [g.word(b"LIMIT")] + g.pick(([b"x", b"1"], [b"0", b"x"], [b"1"], [], [b"0", b"9223372036854775808"]))
    numbers = (b"0", b"1", b"2", b"3", b"-1", b"-2", b"10", b"100", b"9223372036854775807", b"-9223372036854775808")
    return [g.word(b"LIMIT"), g.pick(numbers), g.pick(numbers)]


def _sort(g):
    """Options in any order. What has no order of its own is not cut: equal weights, or a set as it comes."""
    key = g.pick(_LISTS + _SETS + _SORTED_SETS) if g.chance(0.97) else g.pick(_OTHERS)
    by = g.pick(_BY) if g.chance(0.5) else None
    options = []
    if by is not None:
        options.append([g.word(b"BY"), by])
    if by is None or (by == b"nosort" and key not in _SETS):
        if g.chance(0.4):
            options.append(_limit(g))
    for _ in range(g.pick((0, 0, 0, 1, 2, 3))):
        options.append([g.word(b"GET"), g.pick(_GET)])
    for word, p in ((b"ASC", 0.1), (b"DESC", 0.4), (b"ALPHA", 0.4)):
        if g.chance(p):
            options.append([g.word(word)])
    g.rng.shuffle(options)
    if g.chance(0.02):
        options.append([g.pick((b"foo", b"BY", b"GET", b""))])
    return [key] + [part for option in options for part in option]


def _sort_store(g):
    """What is stored must have an order, and not depend on how one server judges scores (compare.py)."""
    args = _sort(g)
    words = [part.upper() for part in args[1:]]
    if not g.chance(0.5) or b"BY" in words or b"GET" in words or b"ALPHA" not in words:
        return args
    return args + [g.word(b"STORE"), g.pick(_STORED)]


def _weight(g):
    return g.pick(_WEIGHTS) if g.chance(0.97) else g.pick((b"x", b"", b"1x", b"nan", b"1e999"))


ROWS = [
    # Never damaged: an option that is lost could leave a set cut in the order in which a server has it.
    Row(10, b"SORT", _sort_store, mutate=False),
    Row(4, b"SORT_RO", lambda g: _sort(g) + ([g.word(b"STORE"), b"x"] if g.chance(0.02) else []), mutate=False),
    Row(3, b"RPUSH", lambda g: [g.pick(_LISTS)] + _elements(g)),
    Row(3, b"SADD", lambda g: [g.pick(_SETS)] + _elements(g)),
    Row(3, b"ZADD", lambda g: [g.pick(_SORTED_SETS), b"0", b"1" + b"0" * 70, b"%d" % g.rng.randint(-5, 5),
                               _element(g)]),
    Row(1, b"LPOP", lambda g: [g.pick(_LISTS), b"2"]),
    Row(1, b"SREM", lambda g: [g.pick(_SETS)] + _elements(g)),
    Row(1, b"ZREM", lambda g: [g.pick(_SORTED_SETS)] + _elements(g)),
    Row(0.3, b"DEL", lambda g: [g.pick(_LISTS + _SETS + _SORTED_SETS)]),
    Row(4, b"SET", lambda g: [b"sort:w_" + _element(g), _weight(g)]),
    Row(4, b"HSET", lambda g: [b"sort:h_" + _element(g), g.pick((b"f", b"g", b"")), _weight(g)]),
    Row(1, b"DEL", lambda g: [g.pick((b"sort:w_", b"sort:h_")) + _element(g)]),
    Row(1, b"LRANGE", lambda g: [g.pick(_STORED), b"0", b"-1"]),
]
