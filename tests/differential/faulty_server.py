#!/usr/bin/env python3
"""A redis-server behind a proxy with one fault, named in FAULT, to show that the comparison finds and shrinks
faults.

none      passes everything on
strlen    STRLEN of a value longer than three bytes is one too many
messages  a message published on a channel that starts with "n" is not delivered
dies      the process ends when it sees GETDEL
silent    DECR gets no reply
"""

import os
import signal
import socket
import sys
import tempfile
import threading

from client import frame_end, parse
from servers import Server


class Pipe:
    """One proxied connection: a thread for each direction, joined by the names of the commands still to be
    answered."""

    def __init__(self, client, server, fault, end):
        self.fault, self.end = fault, end
        self.names = []
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._pump, args=(client, server, self._request), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, client, self._reply), daemon=True).start()

    @staticmethod
    def _pump(source, target, change):
        buf = bytearray()
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                buf += data
                while buf:
                    if buf[0] not in b"*$:+-%~>_,#(=!|":  # an inline request
                        target.sendall(buf)
                        buf.clear()
                        break
                    end = frame_end(buf, 0)
                    if end < 0:
                        break
                    target.sendall(change(bytes(buf[:end])))
                    del buf[:end]
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _request(self, frame):
        name = parse(frame)[1][0][1].upper()
        if self.fault == "dies" and name == b"GETDEL":
            self.end()
        self.names.append(name)
        return frame

    def _reply(self, frame):
        if frame[:1] in (b"*", b">") and self.fault == "messages":
            items = parse(frame)[1]
            if items and items[0][1] == b"message" and items[1][1].startswith(b"n"):
                return b""
        name = self.names.pop(0) if self.names else b""
        if self.fault == "strlen" and name == b"STRLEN" and frame[:1] == b":" and parse(frame)[1] > 3:
            return b":%d\r\n" % (parse(frame)[1] + 1)
        if self.fault == "silent" and name == b"DECR":
            return b""
        return frame


def die(behind):
    behind.process.kill()
    behind.process.wait()
    os._exit(1)


def main():
    fault = os.environ.get("FAULT", "none")
    port = int(sys.argv[sys.argv.index("--port") + 1])
    # So that whoever started this one cleans up in any case.
    tempfile.tempdir = sys.argv[sys.argv.index("--dir") + 1]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server("behind", "redis-server") as behind:
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        while True:
            client, _ = listener.accept()
            Pipe(client, socket.create_connection(("127.0.0.1", behind.port)), fault, lambda: die(behind))


if __name__ == "__main__":
    main()
