"""The servers under comparison: how each is started, pinned, watched and spoken to."""

import contextlib
import dataclasses
import os
import pathlib
import socket
import subprocess
import tempfile
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_TIMEOUT = 10.0


@dataclasses.dataclass(frozen=True)
class Target:
    """A server program. `name` is its key in the results; `threads_option` sets its number of threads;
    `stores` says whether it keeps what it is given."""

    name: str
    label: str
    program: str
    options: tuple = ()
    threads_option: str = ""
    stores: bool = True

    def command(self, port, threads):
        threads_part = [self.threads_option, str(threads)] if self.threads_option else []
        return [self.program, "--port", str(port), *self.options, *threads_part]


def redis(program):
    return Target("redis", "Redis", program, ("--save", "", "--appendonly", "no"), "--io-threads")


def pinion(program):
    return Target("pinion", "Pinion", program, ("--save", "", "--appendonly", "no"), "--threads")


def floor(program):
    return Target("floor", "do-nothing server", program, stores=False)


@dataclasses.dataclass(frozen=True)
class Cores:
    """Which cores the server and its clients run on; None leaves the choice to the kernel."""

    server: frozenset = None
    client: frozenset = None

    def describe(self):
        if self.server is None:
            return "not pinned"
        return f"server on core {_listed(self.server)}, clients on core {_listed(self.client)}"


def _listed(cores):
    return ",".join(str(core) for core in sorted(cores))


def apart(server_threads):
    """Cores such that `server_threads` server threads and as many client threads never share one, if there are any."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 * server_threads:
        return Cores()
    return Cores(frozenset(cores[:server_threads]), frozenset(cores[server_threads : 2 * server_threads]))


class Server:
    """A running server in an empty folder of its own."""

    def __init__(self, process, port):
        self.port = port
        self._process = process

    def cpu_seconds(self):
        """User and system time of all threads so far."""
        fields = self._proc("stat").rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_bytes(self):
        for line in self._proc("status").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the server has gone")

    def _proc(self, name):
        return pathlib.Path(f"/proc/{self._process.pid}/{name}").read_text()


@contextlib.contextmanager
def running(target, threads=1, cores=Cores()):
    """Starts `target` on a free port, yields it as a Server once it accepts connections, and stops it."""
    with tempfile.TemporaryDirectory(prefix="pinion-bench-") as folder:
        port = _free_port()
        process = subprocess.Popen(
            target.command(port, threads), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: cores.server and os.sched_setaffinity(0, cores.server))
        try:
            _wait_until_open(target, process, port)
            yield Server(process, port)
            if process.poll() is not None:
                raise RuntimeError(f"{target.label} ended by itself with status {process.returncode}")
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_open(target, process, port):
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{target.label} did not open its port: {' '.join(target.command(port, 1))}")


def encode(*parts):
    """One request in RESP."""
    raw = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"*%d\r\n" % len(raw) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in raw)


class Refused(RuntimeError):
    """A server answered a request with an error."""


class Client:
    """A blocking connection that sends requests in batches."""

    BATCH = 2000

    def __init__(self, server, timeout=120):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def run(self, requests):
        """Sends encoded `requests` (any iterable) pipelined; each must be answered by one line, not an error."""
        batch = []
        for request in requests:
            batch.append(request)
            if len(batch) == self.BATCH:
                self._exchange(batch)
                batch = []
        self._exchange(batch)

    def _exchange(self, batch):
        if not batch:
            return
        self.socket.sendall(b"".join(batch))
        for request in batch:
            line = self.lines.readline()
            if not line or line.startswith(b"-"):
                raise Refused(f"{request[:40]!r}... was answered {line[:80]!r}")
