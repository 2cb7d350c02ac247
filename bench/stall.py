"""Stalls a bystander sees: a probe asks once a millisecond while another client stores millions of new keys."""

import gc
import os
import subprocess
import time

import servers
from percentile import at

QUANTILES = (("p50_ms", 0.5), ("p99_ms", 0.99), ("p999_ms", 0.999), ("p9999_ms", 0.9999), ("max_ms", 1))
PROBE_SECONDS = 0.001


def measure(targets, quick):
    """Growth of the key table is the work under test: every SET brings a new key."""
    keys = 1_000_000 if quick else 8_000_000
    figures = {target.name: _probe_during_load(target, keys) for target in targets}
    for name, figure in figures.items():
        print(f"  {name}: " + ", ".join(f"{field} {figure[field]:.2f}" for field, _ in QUANTILES), flush=True)
    return {"keys": keys, "cores": servers.apart(1).describe(), "servers": figures}


def _probe_during_load(target, keys):
    cores = servers.apart(1)
    load = ["redis-benchmark", "-t", "set", "-n", str(keys), "-r", "1000000000", "-d", "32", "-c", "8", "-P", "16", "-q"]

    def as_background():
        if cores.client:
            os.sched_setaffinity(0, cores.client)
        os.nice(10)

    with servers.running(target, 1, cores) as server:
        loading = subprocess.Popen(load + ["-p", str(server.port)], stdout=subprocess.DEVNULL, preexec_fn=as_background)
        try:
            with servers.Client(server) as client, _undisturbed(cores.client):
                times = sorted(_probe(client, lambda: loading.poll() is None))
        finally:
            loading.kill()
            loading.wait()
    return {"probes": len(times), **{field: at(times, share) for field, share in QUANTILES}}


def _probe(client, wanted):
    """Round trips of a GET, in milliseconds."""
    request = servers.encode("GET", "probe")
    times = []
    while wanted():
        start = time.perf_counter()
        client.socket.sendall(request)
        client.socket.recv(64)
        times.append((time.perf_counter() - start) * 1000)
        time.sleep(PROBE_SECONDS)
    return times


class _undisturbed:
    """Keeps this process on `cores`, in front of all others if the system allows it, and without collecting garbage:
    the probe must not measure its own waiting."""

    def __init__(self, cores):
        self._cores = cores

    def __enter__(self):
        self._before = os.sched_getaffinity(0)
        if self._cores:
            os.sched_setaffinity(0, self._cores)
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        except PermissionError:
            print("  (no real-time priority: the probe's own scheduling is in its figures)")
        gc.disable()

    def __exit__(self, *_):
        gc.enable()
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, self._before)
