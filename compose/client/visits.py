#!/usr/bin/env python3
"""A web page that counts its visits and greets by a feature flag, both kept in Pinion.

GET /           counts a visit: the total, this minute's (a counter that expires), and the greeting
GET /flag/on    turns the feature flag "greeting" on for everybody; /flag/off turns it off
GET /health     answers when the server does
PINION_URL says where the server is, e.g. redis://pinion:6379/0.
"""

import http.server
import os
import signal
import sys
import time

import redis

store = redis.Redis.from_url(os.environ.get("PINION_URL", "redis://127.0.0.1:6379/0"), decode_responses=True)


def visit():
    minute = f"visits:{time.strftime('%H:%M')}"
    with store.pipeline(transaction=True) as batch:
        batch.incr("visits")
        batch.incr(minute)
        batch.expire(minute, 60)
        batch.hget("flags", "greeting")
        total, recent, _, flag = batch.execute()
    greeting = "Welcome back! " if flag == "on" else ""
    return f"{greeting}Visit {total}, {recent} this minute.\n"


def set_flag(value):
    store.hset("flags", "greeting", value)
    return f"The greeting is {value}.\n"


def health():
    store.ping()
    return "ok\n"


PAGES = {
    "/": visit,
    "/flag/on": lambda: set_flag("on"),
    "/flag/off": lambda: set_flag("off"),
    "/health": health,
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = PAGES.get(self.path)
        if page is None:
            return self.answer(404, "no such page\n")
        try:
            self.answer(200, page())
        except redis.RedisError as error:
            self.answer(503, f"the store does not answer: {error}\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    # As a container's first process it has no default reaction to being stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
