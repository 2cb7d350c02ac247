"""The grammar of the commands about positions.

Positions are random, so that no two members are equally far from anything: the order of such is free. And they have
keys of their own, so that other commands' scores do not spoil that, and lead to no searches beyond the map.
"""

from grammar import Op, Row

# The map's eastern and northern borders themselves are left out: around such a center redis-server looks beyond the
# map instead of at its other side.
_LIMITS = (b"-180", b"-85.05112878", b"0", b"-0", b"90", b"-90", b"179.9999999", b"85.0511287")
_BAD = (b"181", b"-180.1", b"85.06", b"-86", b"abc", b"", b"nan", b"inf", b"1e400", b" 1", b"1 ", b"0x10")
_MEMBERS = [b"m%d" % i for i in range(40)] + [b"1", b"-5", b"123456789", b"", b"x" * 70, b"\x00\xff"]


def _key(g):
    return b"geo:" + g.key()


def _member(g):
    return g.pick(_MEMBERS) if g.chance(0.98) else g.value()


def _degrees(g, most):
    """Often near one another, now and then anywhere."""
    roll = g.rng.random()
    if roll < 0.75:
        return b"%.9f" % (g.pick((2.0, 60.0)) * (1 if most > 90 else 0.6) + g.rng.uniform(-2, 2))
    if roll < 0.97:
        return b"%.9f" % g.rng.uniform(-most, most)
    return g.pick(_BAD if roll > 0.985 else _LIMITS)


def _position(g):
    return [_degrees(g, 180), _degrees(g, 85)]


def _geoadd(g):
    args = [_key(g)]
    args += [g.word(option) for option, p in ((b"NX", 0.1), (b"XX", 0.1), (b"CH", 0.2)) if g.chance(p)]
    for _ in range(g.rng.randint(1, g.pick((2, 2, 12)))):
        args += _position(g) + [_member(g)]
    return args


def _unit(g):
    return g.word(g.pick((b"m", b"km", b"ft", b"mi"))) if g.chance(0.98) else g.pick((b"cm", b"", b"kms"))


def _length(g):
    roll = g.rng.random()
    if roll < 0.92:
        return b"%.3f" % 10 ** g.rng.uniform(0, 7.5)
    return g.pick((b"0", b"1", b"-1", b"abc", b"", b"nan", b"1e30", b"inf", b"100", b"1e-9"))


def _circle(g):
    return [_length(g), _unit(g)]


def _from(g):
    if g.chance(0.5):
        return [g.word(b"FROMLONLAT")] + _position(g)
    return [g.word(b"FROMMEMBER"), _member(g)]


def _by(g):
    if g.chance(0.5):
        return [g.word(b"BYRADIUS")] + _circle(g)
    return [g.word(b"BYBOX"), _length(g)] + _circle(g)


def _options(g, replies, ordered):
    options = []
    if ordered or g.chance(0.3):
        options.append([g.word(g.pick((b"ASC", b"DESC")))])
    if g.chance(0.3):
        count = g.pick((b"1", b"2", b"5", b"1000")) if g.chance(0.95) else g.pick((b"0", b"-1", b"x", b""))
        options.append([g.word(b"COUNT"), count] + ([g.word(b"ANY")] if g.chance(0.3) else []))
    if replies:
        options += [[g.word(word)] for word in (b"WITHCOORD", b"WITHDIST", b"WITHHASH") if g.chance(0.35)]
    if g.chance(0.03):
        options.append(g.pick(([b"ANY"], [b"COUNT"], [b"foo"], [b"BYRADIUS", b"1"], [b"WITHDIST"],
                               [b"FROMMEMBER", b"m1"], [b"COUNT", b"5", b"ANY", b"x"])))
    return options


def _shuffled(g, options):
    g.rng.shuffle(options)
    return [word for option in options for word in option]


def _search(g):
    return [_key(g)] + _shuffled(g, _options(g, True, g.chance(0.7)) + [_from(g), _by(g)])


def _distances_key(g):
    """A key that only holds distances: as positions they would all be about the same."""
    return b"dist:" + g.key()


def _search_store(g):
    options = _options(g, False, g.chance(0.5)) + [_from(g), _by(g)]
    if g.chance(0.4):
        return [_distances_key(g), _key(g)] + _shuffled(g, options + [[g.word(b"STOREDIST")]])
    return [_key(g), _key(g)] + _shuffled(g, options)


def _store(g):
    if g.chance(0.6):
        return []
    if g.chance(0.5):
        return [[g.word(b"STORE"), _key(g)]]
    return [[g.word(b"STOREDIST"), _distances_key(g)]]


def _radius(g):
    store = _store(g)
    return [_key(g)] + _position(g) + _circle(g) + _shuffled(g, _options(g, not store, g.chance(0.7)) + store)


def _radius_by_member(g):
    store = _store(g)
    return [_key(g), _member(g)] + _circle(g) + _shuffled(g, _options(g, not store, g.chance(0.7)) + store)


def _odd_score(g):
    """A score that no position has. Around it nothing is searched: it is on the map's border."""
    key = b"odd:" + g.key()
    score = g.pick((b"1.5", b"-1", b"-0.5", b"1e15", b"1e16", b"9007199254740991", b"1e19", b"1e20", b"-1e18",
                    b"-1e19", b"1e300", b"inf", b"-inf"))
    return [Op(g.conn, argv) for argv in (
        [b"ZADD", key, score, b"m"], [b"ZADD", key, b"%d" % g.rng.randrange(2 ** 52), b"n"], [b"GEOPOS", key, b"m"],
        [b"GEOHASH", key, b"m"], [b"GEODIST", key, b"m", b"n"])]


ROWS = [
    Row(20, b"GEOADD", _geoadd),
    Row(4, b"GEODIST", lambda g: [_key(g), _member(g), _member(g)] + ([_unit(g)] if g.chance(0.6) else [])),
    Row(3, b"GEOHASH", lambda g: [_key(g)] + [_member(g) for _ in range(g.rng.randint(0, 4))]),
    Row(3, b"GEOPOS", lambda g: [_key(g)] + [_member(g) for _ in range(g.rng.randint(0, 4))]),
    Row(14, b"GEOSEARCH", _search),
    Row(5, b"GEOSEARCHSTORE", _search_store),
    Row(5, b"GEORADIUS", _radius),
    Row(3, b"GEORADIUS_RO", lambda g: [_key(g)] + _position(g) + _circle(g) +
        _shuffled(g, _options(g, True, g.chance(0.7)))),
    Row(5, b"GEORADIUSBYMEMBER", _radius_by_member),
    Row(3, b"GEORADIUSBYMEMBER_RO", lambda g: [_key(g), _member(g)] + _circle(g) +
        _shuffled(g, _options(g, True, g.chance(0.7)))),
    Row(2, b"ZADD", lambda g: [_key(g), b"%d" % g.rng.randrange(2 ** 52), _member(g)]),
    Row(1, b"GEOPOS", _odd_score),
    Row(2, b"ZREM", lambda g: [_key(g), _member(g)]),
    Row(1, b"DEL", lambda g: [_key(g)]),
    Row(0.5, b"SET", lambda g: [_key(g), g.value()]),
    Row(1, b"CONFIG SET", lambda g: [b"zset-max-listpack-entries", g.pick((b"2", b"8", b"128"))], mutate=False),
]
