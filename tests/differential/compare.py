"""Decides whether two replies to the same command mean the same.

Replies must be equal byte for byte. RULES is the complete list of exceptions, each with the reason why the
difference is inherent; a difference no rule explains is a failure. A rule sees parsed replies only after the
bytes were found unequal.
"""

import re

from client import parse

_KEYSPACE_LINE = re.compile(rb"(db\d+):keys=(\d+),expires=(\d+)")


class Context:
    """What a rule may need to know about the run: how far apart in time the two servers can have been."""

    def __init__(self):
        self.skew_ms = 0.0

    def tolerance_ms(self):
        # 50 ms, or more when a batch has taken longer than that on this machine: the two servers saw the command
        # that set the deadline, and the one that asks for it, at moments up to a batch apart.
        return 50 + 2 * self.skew_ms


class Rule:
    """An inherent difference: the commands it concerns, why, and the test that replies must still pass."""

    def __init__(self, commands, reason, same):
        self.commands = frozenset(commands.split(", "))
        self.reason = reason
        self.same = same


def told(messages):
    """Messages as they are to be compared. Broadcast invalidations are cut into one for each key, and each is counted
    once: how many changes share a message depends on how a pipeline falls into pieces."""
    out, keys = [], set()
    for frame in messages:
        if frame.startswith(b">2\r\n$10\r\ninvalidate\r\n*"):
            keys.update(b">2\r\n$10\r\ninvalidate\r\n*1\r\n$%d\r\n%s\r\n" % (len(key), key)
                        for _, key in parse(frame)[1][1][1])
        else:
            out.append(frame)
    return out + sorted(keys)


def same_encoding(reference, other):
    """Whether two encodings are the same, or a small list's or set's, which redis-server 7.0 does not have yet. A set
    that SADD makes of more arguments than an intset may have members never was one, as in 7.2."""
    return reference == other or (reference[1], other[1]) in ((b"quicklist", b"listpack"),
                                                              (b"hashtable", b"listpack"),
                                                              (b"intset", b"listpack"))


def _number(tree):
    kind, value = tree
    return value if kind == b":" else None


def _close(unit_ms):
    def same(argv, left, right, context):
        a, b = _number(left), _number(right)
        if a is None or b is None or (a < 0) != (b < 0):
            return False
        # A value in seconds is rounded, so it may differ by one however small the distance is.
        slack = context.tolerance_ms() / unit_ms + (1 if unit_ms > 1 else 0)
        return abs(a - b) <= slack
    return same


def _same_kind_of_number(argv, left, right, context):
    a, b = _number(left), _number(right)
    return a is not None and b is not None and a >= 0 and b >= 0


def _size_or_gone(argv, left, right, context):
    return _number(left) is not None and (right[1] is None or _number(right) is not None)


def _same_members(argv, left, right, context):
    if left[0] != right[0] or left[1] is None or right[1] is None:
        return False
    return sorted(left[1]) == sorted(right[1])


def scored(items):
    """Members and scores in turn as pairs, whatever digits the scores are written with."""
    return [(items[i], repr(float(items[i + 1])).encode()) for i in range(0, len(items), 2)]


def _same_numbers(argv, left, right, context):
    """Equal, but redis-server 7.0 writes a double with 17 digits where later versions write the fewest."""
    if left[0] != right[0]:
        return False
    if isinstance(left[1], list):
        return len(left[1]) == len(right[1]) and all(_same_numbers(argv, a, b, context)
                                                     for a, b in zip(left[1], right[1]))
    return left == right or (left[0] in (b"$", b",") and left[1] == b"%.17g" % float(right[1]))


def _same_kinds(argv, left, right, context):
    """Equal but for what strings and doubles say."""
    if left[0] != right[0] or (left[1] is None) != (right[1] is None):
        return False
    if not isinstance(left[1], list):
        return left[0] in (b"$", b",") or left == right
    return len(left[1]) == len(right[1]) and all(_same_kinds(argv, a, b, context)
                                                 for a, b in zip(left[1], right[1]))


def _pairs(tree):
    """The pairs of a map reply, or of the flat array that it is in RESP2, sorted."""
    return sorted(zip(tree[1][::2], tree[1][1::2]))


def _same_pairs(argv, left, right, context):
    return left[0] == right[0] and len(left[1]) == len(right[1]) and _pairs(left) == _pairs(right)


def _same_shape(argv, left, right, context):
    """Equal but for the bytes of strings."""
    if left[0] != right[0] or (left[1] is None) != (right[1] is None):
        return False
    if not isinstance(left[1], list):
        return left[0] == b"$" or left == right
    return len(left[1]) == len(right[1]) and all(_same_shape(argv, a, b, context)
                                                 for a, b in zip(left[1], right[1]))


def _as_many(argv, left, right, context):
    """Both are one value, or equally many."""
    if left[0] != right[0] or left[1] is None or right[1] is None:
        return False
    return left[0] == b"$" or len(left[1]) == len(right[1])


def _sorted_alike(argv, left, right, context):
    if left == (b"-", b"ERR One or more scores can't be converted into double"):
        return right[0] == b"*"
    if left[0] != right[0] or not isinstance(left[1], list):
        return False
    options = [word.upper() for word in argv]
    if b"BY" not in options:
        if b"ALPHA" not in options:
            return False
        if b"GET" not in options:  # also where LIMIT has cut: the same texts, as redis-server reads them
            return [_up_to_zero(item) for item in left[1]] == [_up_to_zero(item) for item in right[1]]
        if not any(b"\0" in (item[1] or b"") for item in left[1]):
            return False
    return sorted(left[1], key=repr) == sorted(right[1], key=repr)


def _up_to_zero(item):
    return item[0], (item[1] or b"").split(b"\0")[0]


def _some_string(argv, left, right, context):
    return all(kind == b"$" and value is not None for kind, value in (left, right))


def _same_dump(argv, left, right, context):
    """Equal but for the version and the checksum behind the value; what is written in the order of a hash table, cut
    into nodes, in integers as wide as some member once was, or in a later form, need only be of the same type."""
    if left[1] is None or right[1] is None:
        return False
    a, b = left[1][:-10], right[1][:-10]
    unordered = (2, 4, 5, 11, 18)         # sets, hashes and sorted sets that are large; intsets; lists
    later = {(2, 20), (19, 21)}           # sets and streams of 7.2
    if a == b or (a[0] == b[0] and a[0] in unordered) or (a[0], b[0]) in later:
        return True
    if a[0] == b[0] == 17 and b"." in b:  # small sorted sets: 7.0 writes fractions with 17 digits
        return True
    text = _dumped_string(left)  # strings may be packed differently
    return text is not None and text == _dumped_string(right)


def _scan_shape(argv, left, right, context):
    def ok(tree):
        kind, items = tree
        if kind != b"*" or len(items) != 2:
            return False
        cursor, keys = items
        return cursor[0] == b"$" and cursor[1].isdigit() and keys[0] == b"*"
    return ok(left) and ok(right)


def as_dict(tree):
    """A map reply, or the flat array it is in RESP2, as a dictionary; None when it is neither."""
    kind, items = tree
    if kind not in (b"*", b"%") or items is None or len(items) % 2:
        return None
    return {items[i][1].lower(): items[i + 1] for i in range(0, len(items), 2)}


def _hello(argv, left, right, context):
    a, b = as_dict(left), as_dict(right)
    if a is None or b is None or left[0] != right[0] or set(a) != set(b):
        return False
    return all(a[name] == b[name] for name in (b"proto", b"role", b"mode", b"server"))


def _config_get(argv, left, right, context):
    from server import OPTIONS
    a, b = as_dict(left), as_dict(right)
    if a is None or b is None or left[0] != right[0]:
        return False
    shared = {name for name in set(a) | set(b) if name in OPTIONS}
    if any((argument.lower() in OPTIONS and argument.lower() not in b) for argument in argv[2:]):
        return False
    return all(a.get(name) == b.get(name) for name in shared if name in a and name in b)


# Fields of CLIENT INFO that do not depend on when or where the connection was made.
_CLIENT_FIELDS = (b"name", b"db", b"sub", b"psub", b"multi", b"user", b"redir", b"resp", b"cmd")


def _client_info(argv, left, right, context):
    def fields(tree):
        kind, text = tree
        if kind not in (b"$", b"="):
            return None
        rows = []
        for line in text.removeprefix(b"txt:").splitlines():
            parts = dict(p.split(b"=", 1) for p in line.split(b" ") if b"=" in p)
            rows.append([parts.get(name) for name in _CLIENT_FIELDS])
        return sorted(rows)
    a = fields(left)
    return left[0] == right[0] and a is not None and a == fields(right)


def _info(argv, left, right, context):
    if left[0] != right[0] or left[0] not in (b"$", b"="):
        return False

    def counts(tree):
        return {db: (int(keys), int(expires)) for db, keys, expires in _KEYSPACE_LINE.findall(tree[1])}

    reference = counts(left)
    return all(_at_least(reference.get(db, (0, 0)), own) for db, own in counts(right).items())


def _at_least(reference, other):
    return all(a >= b for a, b in zip(reference, other))


def _not_fewer(argv, left, right, context):
    a, b = _number(left), _number(right)
    return a is not None and b is not None and a >= b


def _two_counters(argv, left, right, context):
    def ok(tree):
        return tree[0] == b"*" and len(tree[1]) == 2 and all(k == b"$" and v.isdigit() for k, v in tree[1])
    return ok(left) and ok(right)


def _entries(argv, left, right, context):
    """Lists of slow log entries: id, time, duration, arguments, client address, client name."""
    kinds = [b":", b":", b":", b"*", b"$", b"$"]

    def ok(tree):
        return tree[0] == b"*" and all([part[0] for part in entry[1]] == kinds for entry in tree[1])

    return ok(left) and ok(right)


def _help(argv, left, right, context):
    def ok(tree):
        return tree[0] == b"*" and len(tree[1]) > 2 and all(k == b"+" for k, _ in tree[1])
    return ok(left) and ok(right)


def _command(argv, left, right, context):
    word = argv[1].upper() if len(argv) > 1 else b""
    if word == b"COUNT":
        return _same_kind_of_number(argv, left, right, context)
    if word == b"HELP":
        return _help(argv, left, right, context)
    if word == b"GETKEYSANDFLAGS":
        return _getkeysandflags(left, right)
    if word != b"INFO" or left[0] != b"*" or right[0] != b"*" or len(left[1]) != len(right[1]):
        return False
    return all(_same_command_row(a, b) for a, b in zip(left[1], right[1]))


def _same_command_row(a, b):
    if a[1] is None or b[1] is None:
        return a[1] is None and b[1] is None
    a, b = a[1], b[1]
    return len(a) >= 6 and len(b) >= 6 and a[0] == b[0] and a[1] == b[1] and a[3:6] == b[3:6] and a[2][0] == b[2][0]


def _getkeysandflags(left, right):
    if left[0] != b"*" or right[0] != b"*" or len(left[1]) != len(right[1]):
        return False
    return all(a[1][0] == b[1][0] and _key_flags_fit(a[1][1][1], b[1][1][1]) for a, b in zip(left[1], right[1]))


def _key_flags_fit(reference, other):
    return sorted(reference) == sorted(other)


def _dumped_string(tree):
    """The value in a DUMP payload of a string, however it is packed; None when it is not one."""
    kind, data = tree
    if kind != b"$" or not data or data[0] != 0 or len(data) < 12:
        return None
    body = data[1:-10]
    first = body[0]
    if first == 0xC0:
        return b"%d" % int.from_bytes(body[1:2], "little", signed=True)
    if first == 0xC1:
        return b"%d" % int.from_bytes(body[1:3], "little", signed=True)
    if first == 0xC2:
        return b"%d" % int.from_bytes(body[1:5], "little", signed=True)
    if first == 0xC3:
        packed, at = _length(body, 1)
        size, at = _length(body, at)
        return _lzf(body[at:at + packed], size)
    size, at = _length(body, 0)
    return body[at:at + size]


def _length(body, at):
    top = body[at] >> 6
    if top == 0:
        return body[at] & 0x3F, at + 1
    if top == 1:
        return (body[at] & 0x3F) << 8 | body[at + 1], at + 2
    return int.from_bytes(body[at + 1:at + 5], "big"), at + 5


def _lzf(packed, size):
    out, at = bytearray(), 0
    while at < len(packed):
        control = packed[at]
        at += 1
        if control < 32:
            out += packed[at:at + control + 1]
            at += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += packed[at]
            at += 1
        start = len(out) - ((control & 0x1F) << 8) - packed[at] - 1
        at += 1
        for i in range(length + 2):
            out.append(out[start + i])
    return bytes(out) if len(out) == size else None


def _read_arguments_first(argv, left, right, context):
    absent = left[0] == b":" and left[1] in (0, -1)
    only_start = len(argv) == 3 and argv[0].upper() == b"BITCOUNT" and left == (b"-", b"ERR syntax error")
    return (absent and right[0] == b"-") or (only_start and right[0] == b":")


def _fields_alike(argv, left, right, context):
    a, b = as_dict(left), as_dict(right)
    return a is not None and b is not None and left[0] == right[0] and all(a[n] == b[n] for n in set(a) & set(b))


def _alike(left, right, masked):
    """Whether two replies are equal but for what `masked(path)` says may differ; `path` holds the names of the maps'
    fields, and positions, that lead to a value. Fields that only one side has are passed over."""
    def same(a, b, path):
        if a == b or masked(path):
            return True
        if a[0] != b[0] or not isinstance(a[1], list) or not isinstance(b[1], list):
            return False
        fields = _named_fields(a), _named_fields(b)
        if all(fields):
            return all(same(fields[0][n], fields[1][n], path + (n,)) for n in fields[0] if n in fields[1])
        return len(a[1]) == len(b[1]) and all(same(x, y, path + (i,)) for i, (x, y) in enumerate(zip(a[1], b[1])))
    return same(left, right, ())


def _named_fields(tree):
    """What XINFO calls by name; None for another list."""
    kind, items = tree
    if kind == b"%" or (kind == b"*" and items and items[0] in ((b"$", b"name"), (b"$", b"length"))):
        return as_dict(tree)
    return None


def _pending(argv, left, right, context):
    # Entries are [id, consumer, idle time, deliveries].
    if not _alike(left, right, lambda path: len(path) == 2 and path[1] == 2):
        return False
    return all(abs(a[1][2][1] - b[1][2][1]) <= context.tolerance_ms() for a, b in zip(left[1], right[1]))


def _stream_info(argv, left, right, context):
    def masked(path):
        # Pending entries are [id, consumer, time, deliveries] in a group's list, [id, time, deliveries] in a consumer's.
        if len(path) > 2 and path[-3] in (b"pending", b"pel"):
            return path[-1] == (1 if b"consumers" in path else 2)
        return path[-1:] in ((b"radix-tree-nodes",), (b"seen-time",), (b"idle",))
    return _alike(left, right, masked)


def _acl_words(text):
    """What a line of ACL rules says but for commands, which 7.0 puts into as few rules as it can find, and for the flag
    that later versions show always."""
    words = re.sub(rb"[()]", b" ", text).split(b" ")
    return [w for w in words if w and w[:1] not in (b"+", b"-") and w != b"sanitize-payload"]


def _acl_list(argv, left, right, context):
    if left[0] != right[0] or not isinstance(left[1], list) or len(left[1]) != len(right[1]):
        return False
    return all(_acl_words(a[1]) == _acl_words(b[1]) for a, b in zip(left[1], right[1]))


def _acl_user(argv, left, right, context):
    a, b = as_dict(left), as_dict(right)
    if a is None or b is None or left[0] != right[0] or set(a) != set(b):
        return False
    flags = [[f for f in side[b"flags"][1] if f[1] != b"sanitize-payload"] for side in (a, b)]
    selectors = [[(as_dict(s)[b"keys"], as_dict(s)[b"channels"]) for s in side[b"selectors"][1]] for side in (a, b)]
    same = all(a[name] == b[name] for name in (b"passwords", b"keys", b"channels"))
    return same and flags[0] == flags[1] and selectors[0] == selectors[1]


def _acl_dry_run(argv, left, right, context):
    named = b"User %s has" % argv[2]
    return left[0] == right[0] == b"$" and left[1].replace(b"This user has", named) == right[1]


RULES = [
    Rule("TTL", "the servers saw the command that set the deadline milliseconds apart", _close(1000)),
    Rule("PTTL", "the servers saw the command that set the deadline milliseconds apart", _close(1)),
    Rule("EXPIRETIME", "a relative deadline was set milliseconds apart", _close(1000)),
    Rule("PEXPIRETIME", "a relative deadline was set milliseconds apart", _close(1)),
    Rule("KEYS", "a hash table has no order", _same_members),
    Rule("SMEMBERS, SINTER, SUNION, SDIFF", "a hash table has no order", _same_members),
    Rule("SRANDMEMBER", "random by definition", _as_many),
    Rule("DUMP", "redis-server 7.0 writes an older version of the format, and tables in their own order", _same_dump),
    Rule("SPOP", "random by definition; the key is deleted next", _as_many),
    Rule("SSCAN", "cursors are private to a server; whole scans are followed and compared as sets", _scan_shape),
    Rule("SORT, SORT_RO", "elements of equal weight stand in the order of a hash table, and for redis-server texts are "
         "equal that are so up to a zero byte; it takes an overflow that some earlier command met for one of its own", _sorted_alike),
    Rule("OBJECT ENCODING", "later versions keep small lists and sets in a listpack",
         lambda argv, left, right, context: same_encoding(left, right)),
    Rule("PUBSUB CHANNELS, PUBSUB SHARDCHANNELS", "a hash table has no order", _same_members),
    Rule("RANDOMKEY", "random by definition; the keyspace dump checks that the reply is a key that exists",
         _some_string),
    Rule("ZSCORE, ZMSCORE, ZADD, ZINCRBY, ZRANGE, ZREVRANGE, ZRANGEBYSCORE, ZREVRANGEBYSCORE, ZUNION, ZINTER, ZDIFF, "
         "ZPOPMIN, ZPOPMAX, ZMPOP, BZPOPMIN, BZPOPMAX, BZMPOP",
         "later versions than 7.0 write a score with the fewest digits that read back", _same_numbers),
    Rule("OBJECT ENCODING", "later versions keep small lists and sets in a listpack",
         lambda argv, left, right, context: same_encoding(left, right)),
    Rule("ZRANDMEMBER", "random by definition", _same_kinds),
    Rule("ZSCAN", "cursors are private to a server; whole scans are followed and compared as sets", _scan_shape),
    Rule("HKEYS, HVALS", "a hash table has no order", _same_members),
    Rule("HGETALL", "a hash table has no order", _same_pairs),
    Rule("HRANDFIELD", "random by definition", _same_shape),
    Rule("HSCAN", "cursors are private to a server; whole scans are followed and compared as sets", _scan_shape),
    Rule("SCAN", "cursors are private to a server; whole scans are followed and compared as sets of keys",
         _scan_shape),
    Rule("OBJECT IDLETIME", "redis-server shares small integers, and with them the clock, between keys",
         _same_kind_of_number),
    Rule("OBJECT FREQ", "a probabilistic counter", _same_kind_of_number),
    Rule("OBJECT REFCOUNT", "which values a server shares between keys is its own affair", _same_kind_of_number),
    Rule("MEMORY USAGE", "an estimate of the server's own structures, and redis-server still sees a key that is "
         "past its deadline", _size_or_gone),
    Rule("HELLO", "version, id and the list of modules are the server's own", _hello),
    Rule("CONFIG GET", "the order of options is free, and patterns may match options only one server has",
         _config_get),
    Rule("CLIENT ID", "ids are handed out by the server", _same_kind_of_number),
    Rule("CLIENT INFO, CLIENT LIST", "addresses, ids, ages and buffer sizes are the server's own", _client_info),
    Rule("BITCOUNT, BITPOS", "later versions read all arguments before they look for the key, and let BITCOUNT's "
         "end be left out", _read_arguments_first),
    Rule("CLIENT TRACKINGINFO", "later versions add fields", _fields_alike),
    Rule("INFO", "statistics are the server's own, and redis-server counts keys past their deadline until it "
         "finds them", _info),
    Rule("DBSIZE", "redis-server counts keys past their deadline until it finds them; the keyspace dump holds "
         "the other to exactly the keys it lists", _not_fewer),
    Rule("SLOWLOG LEN", "what is slow depends on the machine", _same_kind_of_number),
    Rule("SLOWLOG GET", "what is slow depends on the machine", _entries),
    Rule("TIME", "the time of asking", _two_counters),
    Rule("LASTSAVE", "the time of the start", _same_kind_of_number),
    Rule("COMMAND COUNT, COMMAND INFO, COMMAND HELP, COMMAND GETKEYSANDFLAGS",
         "the set of commands, their flags, tips and help differ by version; name, arity and key positions do not",
         _command),
    Rule("ACL LIST", "later versions keep the rules about commands as they were given, and show one flag more", _acl_list),
    Rule("ACL GETUSER", "as ACL LIST", _acl_user),
    Rule("ACL DRYRUN", "later versions name the user", _acl_dry_run),
    Rule("ACL CAT", "the order of a hash table", _same_members),
    Rule("ACL GENPASS", "random by definition",
         lambda argv, left, right, context: left[0] == right[0] == b"$" and len(left[1]) == len(right[1])),
    Rule("XPENDING", "entries were delivered milliseconds apart", _pending),
    Rule("XINFO STREAM, XINFO GROUPS, XINFO CONSUMERS", "times are of moments milliseconds apart, later versions know of "
         "more of them, and the nodes of the index are the server's own affair", _stream_info),
    Rule("XINFO HELP, XGROUP HELP, CLIENT HELP, CONFIG HELP, OBJECT HELP, PUBSUB HELP, MEMORY HELP, SLOWLOG HELP, ACL HELP",
         "help is prose", _help),
]

# Error texts that later versions than 7.0 word differently: (command, text of 7.0, text of the other server).
# Each is a decision to follow the later wording.
_SAMPLES = (b"ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - "
            b"argument must be between 1 and %d inclusive")
_BELOW = b"ERR The ID specified in XSETID is smaller than "
_UNBALANCED = b"ERR Unbalanced %s list of streams: for each stream key an ID or '%s' must be specified."
ERROR_TEXTS = [
    ("XADD", b"ERR Elements are too large to be stored",  # of "<ms>-*" where no sequence number is left
     b"ERR The ID specified in XADD is equal or smaller than the target stream top item"),
    ("XSETID", _BELOW + b"the target stream top item", _BELOW + b"current max_deleted_entry_id"),
    ("XREAD", _UNBALANCED % (b"XREAD", b"$"), _UNBALANCED % (b"'xread'", b"$")),
    ("XREADGROUP", _UNBALANCED % (b"XREAD", b"$"), _UNBALANCED % (b"'xreadgroup'", b">")),
    ("CONFIG SET", _SAMPLES % 2147483647, _SAMPLES % 64),
    ("ACL SETUSER", b"ERR Unmatched parenthesis in acl selector starting at '(+get'.",  # behind another "("
     b"ERR Unmatched parenthesis in acl selector starting at '('."),
    ("BITCOUNT", b"ERR syntax error", b"ERR value is not an integer or out of range"),
] + [(command, b"ERR timeout is negative", b"ERR timeout is out of range")  # of a timeout that overflows
     for command in ("BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP")]

# Arguments are read before the key is looked at.
_WRONG_TYPE = b"WRONGTYPE Operation against a key holding the wrong kind of value"
ERROR_TEXTS += [(command, _WRONG_TYPE, text) for command in ("BITCOUNT", "BITPOS")
                for text in (b"ERR syntax error", b"ERR value is not an integer or out of range")]

_RULES = {command: rule for rule in RULES for command in rule.commands}


def same_reply(op, reference, other, context, queued=None):
    """Whether two frames, unequal as bytes, are equal under the rules."""
    left, right = parse(reference), parse(other)
    if op.label() == "EXEC" and left[0] == right[0] == b"*" and left[1] is not None and right[1] is not None:
        if not queued or not len(left[1]) == len(right[1]) == len(queued):
            return False
        return all(a == b or _same_tree(op.with_argv(argv), a, b, context)
                   for argv, a, b in zip(queued, left[1], right[1]))
    return _same_tree(op, left, right, context)


def _same_tree(op, left, right, context):
    label = op.label()
    if left[0] == b"-" and right[0] == b"-":
        if left[1] == right[1].split(b"\0")[0]:
            return True  # redis-server's error texts are C strings: an argument quoted in one ends at a NUL byte
        return (label, left[1], right[1]) in ERROR_TEXTS
    rule = _RULES.get(label)
    return rule is not None and rule.same(op.argv, left, right, context)


def signature(op, reference, other):
    """What makes two differences the same one: the command and the kinds of the replies (for errors, their
    first words)."""
    def kind(frame):
        if frame is None:
            return "nothing"
        if frame[:1] == b"-":
            return frame[:24].decode("latin-1")
        return frame[:1].decode("latin-1") if not frame.startswith(b"<") else frame.decode()
    return op.label(), kind(reference), kind(other)
