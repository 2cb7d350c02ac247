"""The grammar of publish/subscribe: publishers on the ordinary connections, subscribers on their own."""

from grammar import Row

CHANNELS = (b"news", b"news.sport", b"n1", b"", b"bin\x00\xff", b"{tag}c")
PATTERNS = (b"news*", b"n?", b"*", b"[mn]1", b"nothing", b"", b"\\*")


def _channels(g, choices=CHANNELS, most=3):
    return [g.pick(choices) for _ in range(g.rng.randint(1, most))]


def _tracking(g):
    if g.chance(0.25):
        return [g.pick((b"OFF", b"off", b"maybe"))]
    options = [g.pick((b"OPTIN", b"OPTOUT", b"NOLOOP", b"BCAST", b"BCAST", b"foo"))
               for _ in range(g.pick((0, 0, 1, 1, 2)))]
    # Not more than two: from the second on, 7.0 answers an overlap among them with an error and OK.
    for _ in range(g.pick((0, 1, 2)) if b"BCAST" in options or g.chance(0.1) else 0):
        options += [b"PREFIX", g.pick((b"k", b"k1", b"{t", b"", b"x"))]
    if g.chance(0.1):
        options += [b"REDIRECT", g.pick((b"999999", b"x", b"0"))]
    return [b"ON"] + options


PUBLISHER_ROWS = [
    Row(10, b"PUBLISH", lambda g: [g.pick(CHANNELS), g.value()]),
    Row(3, b"SPUBLISH", lambda g: [g.pick(CHANNELS), g.value()]),
    Row(2, b"PUBSUB CHANNELS", lambda g: g.pick(([], [g.pick(PATTERNS)], [b"a", b"b"]))),
    Row(2, b"PUBSUB NUMSUB", lambda g: g.pick(([], _channels(g)))),
    Row(2, b"PUBSUB NUMPAT", lambda g: []),
    Row(1, b"PUBSUB SHARDCHANNELS", lambda g: g.pick(([], [g.pick(PATTERNS)]))),
    Row(1, b"PUBSUB SHARDNUMSUB", lambda g: g.pick(([], _channels(g)))),
    Row(0.3, b"PUBSUB", lambda g: g.pick(([], [b"foo"], [b"HELP"], [b"NUMPAT", b"x"]))),
    Row(10, b"SET", lambda g: [g.key(), g.value()]),
    Row(2, b"DEL", lambda g: [g.key(), g.key()]),
    Row(0.2, b"FLUSHDB", lambda g: []),
]

SUBSCRIBER_ROWS = [
    Row(8, b"SUBSCRIBE", lambda g: _channels(g)),
    Row(6, b"PSUBSCRIBE", lambda g: _channels(g, PATTERNS)),
    Row(3, b"SSUBSCRIBE", lambda g: _channels(g)),
    Row(5, b"UNSUBSCRIBE", lambda g: g.pick(([], _channels(g), _channels(g)))),
    Row(4, b"PUNSUBSCRIBE", lambda g: g.pick(([], _channels(g, PATTERNS)))),
    Row(3, b"SUNSUBSCRIBE", lambda g: g.pick(([], _channels(g)))),
    Row(3, b"PING", lambda g: g.pick(([], [g.value()]))),
    Row(8, b"GET", lambda g: [g.key()]),
    Row(2, b"MGET", lambda g: [g.key(), g.key()]),
    Row(1, b"SET", lambda g: [g.key(), g.value()]),
    Row(2, b"CLIENT TRACKING", _tracking),
    Row(2, b"CLIENT CACHING", lambda g: [g.pick((b"YES", b"no", b"foo"))]),
    Row(1, b"CLIENT TRACKINGINFO", lambda g: []),
    Row(1, b"CLIENT GETREDIR", lambda g: []),
    Row(1, b"PUBLISH", lambda g: [g.pick(CHANNELS), g.value()]),
    Row(1, b"NOSUCHCOMMAND", lambda g: []),
    Row(0.5, b"RESET", lambda g: []),
]

ROWS = PUBLISHER_ROWS
