#!/usr/bin/env python3
"""Runs the code of docs/recipes.md, as it stands there, against the built server."""

import os
import re
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import redis

from server_process import ServerTestCase

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "recipes.md")


def recipes():
    """The page's Python blocks, run in order in one namespace."""
    with open(PAGE, encoding="utf-8") as page:
        blocks = re.findall(r"```python\n(.*?)```", page.read(), re.DOTALL)
    namespace = {}
    exec(compile("\n".join(blocks), PAGE, "exec"), namespace)
    return namespace


class RecipeTestCase(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recipe = recipes()

    def setUp(self):
        self.r = self.connect()
        self.r.flushall()
        self.addCleanup(self.r.close)

    def connect(self):
        return redis.Redis("127.0.0.1", port=self.server.port, decode_responses=True)

    def together(self, count, function):
        """Runs function(connection, index) in `count` threads that start at the same moment; returns the
        results."""
        start = threading.Barrier(count)

        def run(index):
            with self.connect() as r:
                r.ping()
                start.wait()
                return function(r, index)

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    def eventually(self, condition, seconds=2.0):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not happen in time")
            time.sleep(0.005)


class SessionTest(RecipeTestCase):
    def test_a_session_returns_its_data_until_it_is_closed(self):
        token = self.recipe["open_session"](self.r, {"user": "ada"})
        self.assertEqual(self.recipe["read_session"](self.r, token), {"user": "ada"})
        self.assertTrue(self.recipe["write_session"](self.r, token, {"user": "ada", "cart": 2}))
        self.assertEqual(self.recipe["read_session"](self.r, token), {"user": "ada", "cart": 2})
        self.recipe["close_session"](self.r, token)
        self.assertIsNone(self.recipe["read_session"](self.r, token))
        self.assertFalse(self.recipe["write_session"](self.r, token, {"user": "ada"}))
        self.assertEqual(self.r.dbsize(), 0)

    def test_use_prolongs_a_session_and_neglect_ends_it(self):
        token = self.recipe["open_session"](self.r, {"user": "ada"}, seconds=1)
        for _ in range(4):  # 1.6 s altogether: without renewal it would be gone
            time.sleep(0.4)
            self.assertIsNotNone(self.recipe["read_session"](self.r, token, seconds=1))
        time.sleep(1.05)
        self.assertIsNone(self.recipe["read_session"](self.r, token, seconds=1))


class CacheTest(RecipeTestCase):
    def test_many_clients_that_miss_at_once_compute_once(self):
        computed = []

        def compute():
            computed.append(time.monotonic())
            time.sleep(0.1)
            return "expensive"

        values = self.together(24, lambda r, _: self.recipe["cached"](r, "page", 60, compute))
        self.assertEqual(values, ["expensive"] * 24)
        self.assertEqual(len(computed), 1)
        self.assertEqual(self.r.keys(), ["page"])

    def test_one_client_renews_early_while_the_others_get_the_old_value_at_once(self):
        self.r.set("page", "old", px=1000)  # of 60 s, so well within the early part
        computed = []

        def compute():
            computed.append(1)
            time.sleep(0.3)
            return "new"

        def look(r, _):
            start = time.monotonic()
            return self.recipe["cached"](r, "page", 60, compute), time.monotonic() - start

        results = self.together(12, look)
        self.assertEqual(len(computed), 1)
        self.assertEqual(sorted(value for value, _ in results), ["new"] + ["old"] * 11)
        self.assertTrue(all(seconds < 0.25 for value, seconds in results if value == "old"), results)
        self.assertEqual(self.r.get("page"), "new")

    def test_a_client_that_died_with_the_lock_delays_the_others_only_until_its_deadline(self):
        self.r.set("page:lock", "of the dead", px=200)
        start = time.monotonic()
        self.assertEqual(self.recipe["cached"](self.r, "page", 60, lambda: "v"), "v")
        self.assertLess(time.monotonic() - start, 1.0)
        self.assertGreaterEqual(time.monotonic() - start, 0.15)


class RateLimiterTest(RecipeTestCase):
    def test_exactly_the_limit_passes_in_a_window_however_many_try(self):
        def attempt(r, _):
            return sum(self.recipe["allowed_in_window"](r, "ada", 50, 60) for _ in range(20))

        self.assertEqual(sum(self.together(16, attempt)), 50)
        self.assertEqual(self.r.get("rate:ada"), "50")
        self.assertTrue(self.recipe["allowed_in_window"](self.r, "bob", 50, 60))

    def test_the_window_ends_with_its_deadline_and_attempts_do_not_prolong_it(self):
        allowed = lambda: self.recipe["allowed_in_window"](self.r, "ada", 2, 1)  # noqa: E731
        start = time.monotonic()
        self.assertEqual([allowed() for _ in range(4)], [True, True, False, False])
        while time.monotonic() - start < 0.8:
            self.assertFalse(allowed())
            time.sleep(0.02)
        time.sleep(0.3)
        self.assertTrue(allowed())

    def test_the_throttle_lets_the_burst_through_and_then_says_when_to_come_back(self):
        results = [self.recipe["throttle"](self.r, "ada", 4, 1, 2) for _ in range(6)]
        self.assertEqual([allowed for allowed, _, _ in results], [True] * 5 + [False])
        self.assertEqual([remaining for _, remaining, _ in results], [4, 3, 2, 1, 0, 0])
        self.assertEqual([retry for _, _, retry in results[:5]], [-1] * 5)
        self.assertIn(results[5][2], (1, 2))

    def test_the_throttle_counts_all_clients_together(self):
        def attempt(r, _):
            return sum(self.recipe["throttle"](r, "ada", 9, 1, 600)[0] for _ in range(10))

        self.assertEqual(sum(self.together(8, attempt)), 10)

    def test_the_throttle_recovers_at_its_rate(self):
        throttle = lambda: self.recipe["throttle"](self.r, "ada", 0, 10, 1)[0]  # noqa: E731
        self.assertTrue(throttle())
        self.assertFalse(throttle())
        time.sleep(0.12)
        self.assertTrue(throttle())


class FlagsTest(RecipeTestCase):
    def test_flags_set_before_and_after_the_start_are_seen_by_every_process(self):
        self.recipe["set_flag"](self.r, "dark", "on")
        watchers = [self.recipe["Flags"](self.connect()) for _ in range(4)]
        try:
            self.assertEqual([w.get("dark") for w in watchers], ["on"] * 4)
            self.assertEqual(watchers[0].get("absent", "off"), "off")
            self.recipe["set_flag"](self.r, "dark", "off")
            self.recipe["set_flag"](self.r, "beta", "50%")
            for watcher in watchers:
                self.eventually(lambda: watcher.get("dark") == "off" and watcher.get("beta") == "50%")
        finally:
            for watcher in watchers:
                watcher.close()

    def test_a_change_made_while_a_process_starts_is_never_lost(self):
        stop = threading.Event()

        def writer():
            with self.connect() as r:
                count = 0
                while not stop.is_set():
                    count += 1
                    self.recipe["set_flag"](r, "count", str(count))
                self.last = str(count)

        thread = threading.Thread(target=writer)
        thread.start()
        watchers = [self.recipe["Flags"](self.connect()) for _ in range(5)]
        stop.set()
        thread.join()
        try:
            for watcher in watchers:
                self.eventually(lambda: watcher.get("count") == self.last)
        finally:
            for watcher in watchers:
                watcher.close()

    def test_the_server_itself_announces_changes_deletions_and_expiry(self):
        self.r.config_set("notify-keyspace-events", "K$gx")
        seen = []
        thread = self.recipe["watch_flags"](self.connect(), lambda name, value: seen.append((name, value)))
        try:
            self.eventually(lambda: self.r.pubsub_numpat() == 1)
            self.r.set("flag:a", "on")
            self.eventually(lambda: ("a", "on") in seen)
            self.r.delete("flag:a")
            self.eventually(lambda: ("a", None) in seen)
            self.r.set("flag:b", "on", px=50)
            self.eventually(lambda: ("b", None) in seen)
        finally:
            thread.stop()
            thread.join()
            self.r.config_set("notify-keyspace-events", "")


class LockTest(RecipeTestCase):
    def test_no_two_clients_are_ever_inside_and_no_update_is_lost(self):
        inside, overlaps, shared = [], [], {"count": 0}

        def work(r, index):
            for _ in range(15):
                with self.recipe["Lock"](r, "counter"):
                    inside.append(index)
                    if len(inside) != 1:
                        overlaps.append(list(inside))
                    count = shared["count"]
                    time.sleep(0.0005)  # without the lock somebody would get in between here
                    shared["count"] = count + 1
                    inside.remove(index)

        self.together(16, work)
        self.assertEqual(overlaps, [])
        self.assertEqual(shared["count"], 16 * 15)
        self.assertEqual(self.r.dbsize(), 0)

    def test_a_holder_that_was_too_slow_does_not_release_the_next_ones_lock(self):
        slow = self.recipe["Lock"](self.r, "x", ms=50)
        self.assertTrue(slow.acquire())
        time.sleep(0.08)
        fast = self.recipe["Lock"](self.connect(), "x")
        self.assertTrue(fast.acquire())
        self.assertFalse(slow.release())
        self.assertFalse(slow.prolong())
        self.assertEqual(self.r.get("lock:x"), fast._token)
        self.assertTrue(fast.release())
        self.assertFalse(fast.release())

    def test_prolonging_keeps_the_lock_beyond_its_first_deadline(self):
        lock = self.recipe["Lock"](self.r, "x", ms=150)
        self.assertTrue(lock.acquire())
        for _ in range(4):
            time.sleep(0.08)
            self.assertTrue(lock.prolong())
        self.assertFalse(self.recipe["Lock"](self.connect(), "x", wait_seconds=0).acquire())
        self.assertTrue(lock.release())

    def test_the_lock_of_a_dead_holder_passes_on_at_its_deadline(self):
        self.assertTrue(self.recipe["Lock"](self.connect(), "x", ms=200).acquire())
        start = time.monotonic()
        self.assertTrue(self.recipe["Lock"](self.r, "x", wait_seconds=5).acquire())
        self.assertGreaterEqual(time.monotonic() - start, 0.15)
        self.assertLess(time.monotonic() - start, 1.0)


if __name__ == "__main__":
    unittest.main()
