"""Starts and stops the two servers under comparison, each on a free port in its own temporary directory."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# Both servers get the same options, so that they have the same defaults where those matter.
COMMON_OPTIONS = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning",
                  "--enable-debug-command", "yes", "--lazyfree-lazy-expire", "yes", "--lazyfree-lazy-user-del", "yes"]


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent():
    """Runs in the new process: even a killed harness leaves no server behind (Linux; elsewhere this does
    nothing)."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server process. `start` returns when it answers PING; `stop` leaves neither process nor directory."""

    def __init__(self, name, path, options=()):
        self.name = name
        self.path = os.path.abspath(shutil.which(path) or path)  # the process runs in another directory
        self.options = list(options)
        self.port = None
        self.process = None
        self.directory = None

    def start(self):
        for _ in range(5):  # somebody else may take the port between our probe and the server's bind
            self.port = free_port()
            self.directory = tempfile.mkdtemp(prefix=f"differential-{self.name}-")
            self.log = open(os.path.join(self.directory, "log"), "wb")
            self.process = subprocess.Popen(
                [self.path, "--port", str(self.port), "--dir", self.directory, *COMMON_OPTIONS, *self.options],
                stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.directory,
                preexec_fn=_die_with_parent)
            if self._answers(seconds=20):
                return self
            tail = self.log_tail()
            self.stop()
        raise RuntimeError(f"{self.path} did not start:\n{tail}")

    def _answers(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.alive():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    probe.sendall(b"*1\r\n$4\r\nPING\r\n")
                    if probe.recv(64) == b"+PONG\r\n":
                        return True
            except OSError:
                pass
            time.sleep(0.02)
        return False

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def death(self):
        """How the process ended, in words; empty while it runs."""
        if self.process is None or self.process.poll() is None:
            return ""
        code = self.process.returncode
        return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def log_tail(self, size=3000):
        self.log.flush()
        with open(self.log.name, "rb") as log:
            return log.read()[-size:].decode("utf-8", "replace")

    def restart(self):
        self.stop()
        return self.start()

    def stop(self):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.terminate()
                try:
                    self.process.wait(5)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
            self.process = None
        if self.directory is not None:
            self.log.close()
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
