// ioredis: pipelines, transactions, pub/sub, blocking, streams, scripts, automatic pipelining, reconnection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { beforeEach, test } from 'node:test';
import Redis from 'ioredis';
import { useServer } from './server.mjs';

let redis;
const server = useServer((port) => {
  redis = new Redis(port);
  return () => redis.disconnect();
});
beforeEach(() => redis.flushall());

test('values of every type come back as they went', async () => {
  await redis.set('s', 'väl\u0000ue', 'EX', 100);
  assert.equal(await redis.get('s'), 'väl\u0000ue');
  assert.deepEqual(await redis.getBuffer('s'), Buffer.from('väl\u0000ue'));
  await redis.hset('h', { a: 1, b: 'two' });
  assert.deepEqual(await redis.hgetall('h'), { a: '1', b: 'two' });
  await redis.rpush('l', 1, 2, 3);
  assert.deepEqual(await redis.lrange('l', 0, -1), ['1', '2', '3']);
  await redis.zadd('z', 1.5, 'x', '-inf', 'y');
  assert.deepEqual(await redis.zrange('z', 0, -1, 'WITHSCORES'), ['y', '-inf', 'x', '1.5']);
  await redis.sadd('set', 'm');
  assert.equal(await redis.sismember('set', 'm'), 1);
});

test('a pipeline answers in order, errors in their places', async () => {
  const replies = await redis.pipeline().set('k', 'v').incr('k').get('k').exec();
  assert.deepEqual(replies[0], [null, 'OK']);
  assert.match(replies[1][0].message, /value is not an integer/);
  assert.deepEqual(replies[2], [null, 'v']);
});

test('a transaction is done whole, or not at all when a watched key changes', async () => {
  assert.deepEqual(await redis.multi().set('a', 1).incr('a').exec(), [[null, 'OK'], [null, 2]]);
  const other = redis.duplicate();
  await redis.watch('a');
  await other.set('a', 'changed');
  assert.equal(await redis.multi().set('a', 'mine').exec(), null);
  other.disconnect();
});

test('messages reach subscribers of channels and patterns', async () => {
  const subscriber = redis.duplicate();
  await subscriber.subscribe('news');
  await subscriber.psubscribe('ne*');
  const message = once(subscriber, 'message'), pmessage = once(subscriber, 'pmessage');
  assert.equal(await redis.publish('news', 'hello'), 2);
  assert.deepEqual(await message, ['news', 'hello']);
  assert.deepEqual(await pmessage, ['ne*', 'news', 'hello']);
  subscriber.disconnect();
});

test('a blocked client is served, and a timeout is null', async () => {
  const waiter = redis.duplicate();
  const popped = waiter.blpop('queue', 5);
  await redis.rpush('queue', 'job');
  assert.deepEqual(await popped, ['queue', 'job']);
  assert.equal(await waiter.blpop('queue', 0.05), null);
  waiter.disconnect();
});

test('a stream read waits for the next entry', async () => {
  const reader = redis.duplicate();
  const read = reader.xread('BLOCK', 5000, 'STREAMS', 'events', '$');
  const feeding = setInterval(() => redis.xadd('events', '*', 'k', 'v'), 20);
  const [[key, [[, fields]]]] = await read;
  clearInterval(feeding);
  assert.deepEqual([key, fields], ['events', ['k', 'v']]);
  reader.disconnect();
});

test('a script is a command of its own, loaded by its digest', async () => {
  redis.defineCommand('addTo', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" });
  assert.equal(await redis.addTo('n', 5), 5);
  assert.equal(await redis.addTo('n', 5), 10);
  await redis.script('FLUSH');
  assert.equal(await redis.addTo('n', 5), 15);
  await assert.rejects(redis.eval("return redis.error_reply('NO way')", 0), /NO way/);
});

test('scans meet every key', async () => {
  const pipeline = redis.pipeline();
  for (let i = 0; i < 1000; ++i) pipeline.set(`key:${i}`, i);
  await pipeline.exec();
  const seen = new Set();
  for await (const keys of redis.scanStream({ match: 'key:*', count: 50 })) for (const k of keys) seen.add(k);
  assert.equal(seen.size, 1000);
});

test('automatic pipelining keeps each caller its own reply', async () => {
  const automatic = new Redis(server.port, { enableAutoPipelining: true });
  const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => automatic.set(`k${i}`, i).then(() => automatic.get(`k${i}`))));
  assert.deepEqual(replies, Array.from({ length: 500 }, (_, i) => `${i}`));
  automatic.disconnect();
});

test('a killed client connects again and goes on', async () => {
  const victim = redis.duplicate();
  const id = await victim.client('ID');
  await redis.client('KILL', 'ID', id);
  assert.equal(await victim.ping(), 'PONG');
  victim.disconnect();
});
