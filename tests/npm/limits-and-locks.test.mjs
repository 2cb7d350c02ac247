// rate-limiter-flexible and redlock, which both stand on scripts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Redis from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import Redlock from 'redlock';
import { useServer } from './server.mjs';

let redis;
useServer((port) => {
  redis = new Redis(port);
  return () => redis.disconnect();
});

test('a limiter lets as many through as it should, until the time is over', async () => {
  const limiter = new RateLimiterRedis({ storeClient: redis, points: 5, duration: 1 });
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => limiter.consume('user')));
  assert.equal(tries.filter((t) => t.status === 'fulfilled').length, 5);
  const refused = tries.find((t) => t.status === 'rejected').reason;
  assert.ok(refused.msBeforeNext > 0 && refused.msBeforeNext <= 1000);
  await new Promise((done) => setTimeout(done, refused.msBeforeNext + 20));
  assert.equal((await limiter.consume('user')).consumedPoints, 1);
});

test('one holder of a lock at a time', async () => {
  const locks = new Redlock([redis], { retryCount: 200, retryDelay: 5, retryJitter: 5 });
  let inside = 0, most = 0, count = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    const lock = await locks.acquire(['lock:resource'], 5000);
    most = Math.max(most, ++inside);
    await new Promise((done) => setTimeout(done, 2));
    ++count;
    --inside;
    await lock.release();
  }));
  assert.deepEqual([most, count], [1, 20]);
});

test('a lock is extended, and gone when nobody extends it', async () => {
  const locks = new Redlock([redis], { retryCount: 0 });
  let lock = await locks.acquire(['lock:short'], 100);
  await assert.rejects(locks.acquire(['lock:short'], 100));
  lock = await lock.extend(300);
  assert.ok(await redis.pttl('lock:short') > 150);
  await new Promise((done) => setTimeout(done, 320));
  await (await locks.acquire(['lock:short'], 100)).release();
});
