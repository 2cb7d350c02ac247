"""Requests per second and server CPU time per request, under redis-benchmark."""

import csv
import io
import os
import statistics
import subprocess

import servers

KEYS = 100_000
VALUE_BYTES = 64
CONNECTIONS = 50
TESTS = ("GET", "SET")
REQUESTS = {1: 200_000, 16: 1_000_000, 64: 2_000_000}  # By pipeline depth: two seconds' work, more or less.


def measure(targets, threads, quick):
    """Every test at every pipeline depth on every target: the servers take turns within each round.

    Returns a row a test and depth. Figures are medians over the rounds; a ratio is the median of the
    rounds' ratios, since two runs a few seconds apart share the machine's mood.
    """
    cores = servers.apart(threads)
    rounds = 2 if quick else 5
    scale = 0.2 if quick else 1
    samples = {}
    for turn in range(rounds):
        order = targets[turn % len(targets):] + targets[:turn % len(targets)]
        for target in order:
            with servers.running(target, threads, cores) as server:
                if target.stores:
                    _fill(server)
                for pipeline, requests in REQUESTS.items():
                    for test in TESTS:
                        sample = _sample(server, test, pipeline, int(requests * scale), threads, cores)
                        samples.setdefault((test, pipeline), {}).setdefault(target.name, []).append(sample)
        print(f"  round {turn + 1} of {rounds}", flush=True)
    rows = [_row(test, pipeline, by_server) for (test, pipeline), by_server in sorted(samples.items())]
    return {"threads": threads, "cores": cores.describe(), "connections": CONNECTIONS, "keys": KEYS,
            "value_bytes": VALUE_BYTES, "rounds": rounds, "rows": rows}


def _fill(server):
    """Stores every key that redis-benchmark will ask for, so that a GET finds its value."""
    value = b"v" * VALUE_BYTES
    with servers.Client(server) as client:
        client.run(servers.encode("SET", "key:%012d" % i, value) for i in range(KEYS))


def _sample(server, test, pipeline, requests, threads, cores):
    command = ["redis-benchmark", "-p", str(server.port), "-t", test.lower(), "-n", str(requests),
               "-c", str(CONNECTIONS), "-P", str(pipeline), "-r", str(KEYS), "-d", str(VALUE_BYTES), "--csv"]
    if threads > 1:
        command += ["--threads", str(threads)]
    before = server.cpu_seconds()
    run = subprocess.run(command, capture_output=True, text=True, check=True,
                         preexec_fn=lambda: cores.client and os.sched_setaffinity(0, cores.client))
    spent = server.cpu_seconds() - before
    report = list(csv.DictReader(io.StringIO(run.stdout[run.stdout.index('"test"'):])))[-1]
    return {"rps": float(report["rps"]), "cpu_us": spent / requests * 1e6,
            "p50_ms": float(report["p50_latency_ms"]), "p99_ms": float(report["p99_latency_ms"])}


def _row(test, pipeline, by_server):
    figures = {
        name: {field: statistics.median(sample[field] for sample in samples) for field in samples[0]}
        for name, samples in by_server.items()
    }
    row = {"test": test, "pipeline": pipeline, "servers": figures, "samples": by_server}
    if "redis" in by_server and "pinion" in by_server:
        row["ratio"] = {
            field: statistics.median(ours[field] / theirs[field] if theirs[field] else float("nan")
                                     for ours, theirs in zip(by_server["pinion"], by_server["redis"]))
            for field in ("rps", "cpu_us")
        }
    return row
