"""Writes the results down: JSON with everything, Markdown tables, and the charts that the README shows."""

import json

import charts
import memory

SERVERS = [("redis", "Redis"), ("pinion", "Pinion")]
MULTIPLE = "Bold: Pinion's figure as a multiple of Redis's."
WITH_FLOOR = SERVERS + [("floor", "floor")]


def write(results, results_dir, charts_dir):
    """Writes latest.json, latest.md and the charts of every section in `results`; returns the paths."""
    results_dir.mkdir(parents=True, exist_ok=True)
    charts_dir.mkdir(parents=True, exist_ok=True)
    files = {
        results_dir / "latest.json": json.dumps(results, indent=1) + "\n",
        results_dir / "latest.md": markdown(results),
    }
    for name, svg in draw(results):
        files[charts_dir / f"{name}.svg"] = svg
    for path, text in files.items():
        path.write_text(text)
    return sorted(files)


# --- Markdown ---------------------------------------------------------------------------------


def markdown(results):
    where = results["environment"]
    lines = ["# Pinion beside Redis", "",
             f"{where['cpu']}, {where['cores']} cores, Linux {where['kernel']}; {where['redis']}. "
             "The servers ran in turns on the same machine; a ratio is Pinion's figure divided by Redis's. "
             "Written by `./dev.sh bench`.", ""]
    for name, write_section in SECTIONS.items():
        if name in results["sections"]:
            section = results["sections"][name]
            lines += write_section(section) + ["", f"Measured {section['measured']} at revision {section['revision']}"
                                               + (", in a hurry (`--quick`)." if section["quick"] else "."), ""]
    return "\n".join(lines)


def _table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def _throughput_section(section):
    names = [(name, label) for name, label in WITH_FLOOR if name in section["rows"][0]["servers"]]
    count = "one server thread" if section["threads"] == 1 else f"{section['threads']} server threads"
    head = (["request", "pipelined"] + [f"{label}, requests/s" for _, label in names] + ["ratio"]
            + [f"{label}, CPU µs/request" for _, label in names] + ["ratio"]
            + [f"{label}, p50 / p99 ms" for _, label in names])
    rows = []
    for row in section["rows"]:
        figures = [row["servers"][name] for name, _ in names]
        rows.append([row["test"], row["pipeline"], *(thousands(f["rps"]) for f in figures), times(row["ratio"]["rps"]),
                     *(f"{f['cpu_us']:.2f}" for f in figures), times(row["ratio"]["cpu_us"]),
                     *(f"{f['p50_ms']:.2f} / {f['p99_ms']:.2f}" for f in figures)])
    return [f"## Throughput and CPU, {count}", "",
            f"redis-benchmark, {section['connections']} connections, {section['keys']:,} keys, {section['value_bytes']}-byte "
            f"values, {section['cores']}; medians of {section['rounds']} rounds. CPU is the server's user and system time. "
            "The floor is a server that answers every request with +OK and does nothing else: what the kernel's TCP and the "
            "event loop cost by themselves.", "",
            *_table(head, rows)]


def _memory_section(section):
    rows = [[memory.title(row), row["payload"], *(f"{row['servers'][name]:.1f}" for name, _ in SERVERS), times(row["ratio"])]
            for row in section["rows"]]
    return ["## Memory", "", "Growth of resident memory divided by the number of keys loaded.", "",
            *_table(["kind", "bytes stored", "Redis, bytes/key", "Pinion, bytes/key", "ratio"], rows)]


def _expiry_section(section):
    rows = []
    for row in section["rows"]:
        cells = [f"{row['others']:,}"]
        for name, _ in SERVERS:
            lag = row["servers"][name]
            cells += [f"{lag['delivered']} of {row['due']}", *(milliseconds(lag[q]) for q in ("p50_ms", "p99_ms", "max_ms"))]
        rows.append(cells)
    head = ["other volatile keys"] + [f"{label}, {what}" for _, label in SERVERS for what in ("events", "p50", "p99", "max")]
    return ["## Expiry lag", "",
            f"From the deadline of {section['rows'][0]['due']:,} keys, the same for all, to their `expired` events, "
            f"listened for during {section['rows'][0]['wait_seconds']} s.", "", *_table(head, rows)]


def _eviction_section(section):
    rows = [[row["policy"], row["who"], f"{row['limit']:,}", f"{row['held']:,}", f"{row['hits']:.4f}"]
            for row in section["rows"]]
    return ["## Eviction", "",
            f"GET, and SET after a miss, of {section['requests']:,} requests for {section['keys']:,} keys, the i-th with a "
            f"frequency of 1/i; {section['samples']} samples. Redis has room for {section['fit']:,} keys, Pinion for as many "
            "bytes, or for as many keys.", "",
            *_table(["policy", "server", "maxmemory, bytes", "keys held at the end", "share of hits"], rows)]


def _stall_section(section):
    rows = [[label, section["servers"][name]["probes"],
             *(milliseconds(section["servers"][name][q]) for q in ("p50_ms", "p99_ms", "p999_ms", "p9999_ms", "max_ms"))]
            for name, label in SERVERS]
    return ["## Stalls", "",
            f"What a client that asks once a millisecond waits while another stores {section['keys']:,} new keys; "
            f"{section['cores']}.", "", *_table(["server", "probes", "p50", "p99", "p99.9", "p99.99", "max"], rows)]


SECTIONS = {"throughput": _throughput_section, "threads": _throughput_section, "memory": _memory_section,
            "expiry": _expiry_section, "eviction": _eviction_section, "stall": _stall_section}


# --- Charts -----------------------------------------------------------------------------------


def draw(results):
    """(name, SVG) of every chart that the results suffice for."""
    sections = results["sections"]
    for name, file in (("throughput", ""), ("threads", "-threads")):
        if name not in sections:
            continue
        section = sections[name]
        count = "one server thread" if section["threads"] == 1 else f"{section['threads']} server threads"
        rows = section["rows"]
        legend = [entry for entry in SERVERS + [("floor", "a server that does nothing")] if entry[0] in rows[0]["servers"]]
        for field, title, better, written in (
                ("rps", "Requests per second", "more is better", lambda v: thousands(v)),
                ("cpu_us", "Server CPU time per request", "less is better", lambda v: f"{v:.2f} µs")):
            groups = [(f"{row['test']}, {depth(row['pipeline'])}", {s: row["servers"][s][field] for s, _ in legend},
                       times(row["ratio"][field])) for row in rows]
            chart = {"rps": "throughput", "cpu_us": "cpu"}[field] + file
            yield chart, charts.bars(f"{title}, {count} ({better})",
                                     f"redis-benchmark, {section['connections']} connections. {MULTIPLE}", legend, groups, written)
    if "memory" in sections:
        groups = [(memory.title(row), {"redis": row["servers"]["redis"], "pinion": row["servers"]["pinion"],
                                       "floor": row["payload"]}, times(row["ratio"])) for row in sections["memory"]["rows"]]
        yield "memory", charts.bars("Bytes of memory per key (less is better)", f"Growth of resident memory. {MULTIPLE}",
                                    SERVERS + [("floor", "the key and value alone")], groups, lambda v: f"{v:.0f}")
    if "expiry" in sections:
        yield "expiry", _draw_expiry(sections["expiry"])
    if "stall" in sections:
        section = sections["stall"]
        quantiles = (("median", "p50_ms"), ("p99", "p99_ms"), ("p99.9", "p999_ms"), ("p99.99", "p9999_ms"), ("longest", "max_ms"))
        groups = [(label, {s: section["servers"][s][q] for s, _ in SERVERS},
                   times(section["servers"]["pinion"][q] / section["servers"]["redis"][q])) for label, q in quantiles]
        yield "stall", charts.bars(f"Waiting time beside a load of {section['keys']:,} new keys (less is better)",
                                   f"A GET once a millisecond; logarithmic scale. {MULTIPLE}",
                                   SERVERS, groups, milliseconds, logarithmic=True)


def _draw_expiry(section):
    wait = section["rows"][0]["wait_seconds"]
    groups = []
    for row in section["rows"]:
        figures = {}
        for name, _ in SERVERS:
            lag = row["servers"][name]
            # Events that never came are at least as late as the time they were waited for.
            figures[name] = wait * 1000 if lag["p99_ms"] is None else max(lag["p99_ms"], 0.1)
        groups.append((f"{row['others']:,} other keys", figures, _lag_ratio(row, figures)))
    return charts.bars("From a key's deadline to its expired event, 99th percentile (less is better)",
                       f"{section['rows'][0]['due']:,} keys due at once, beside others with a TTL; logarithmic scale. {MULTIPLE}", SERVERS, groups,
                       lambda v: f"more than {wait} s" if v >= wait * 1000 else milliseconds(v), logarithmic=True)


def _lag_ratio(row, figures):
    """How the lags compare, as far as they are known."""
    if row["servers"]["pinion"]["p99_ms"] is None:
        return ""
    bound = "< " if row["servers"]["redis"]["p99_ms"] is None else ""
    return bound + times(figures["pinion"] / figures["redis"])


# --- Figures in words -------------------------------------------------------------------------


def thousands(value):
    return f"{value / 1000:,.0f} k"


def times(ratio):
    return f"×{ratio:.2f}" if ratio >= 0.1 else f"×{ratio:.2g}"


def milliseconds(value):
    if value is None:
        return "not in time"
    return f"{value:.2f} ms" if value < 10 else f"{value:,.0f} ms"


def depth(pipeline):
    return "one at a time" if pipeline == 1 else f"{pipeline} pipelined"
