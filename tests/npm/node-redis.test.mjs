// node-redis: RESP2 and RESP3, transactions, pub/sub, blocking, scripts, functions, client-side caching.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, createClientPool, defineScript } from 'redis';
import { useServer } from './server.mjs';

const server = useServer();
const url = () => `redis://127.0.0.1:${server.port}`;

for (const RESP of [2, 3]) {
  let client;
  const connect = (options = {}) => createClient({ url: url(), RESP, ...options }).on('error', assert.fail).connect();
  test(`RESP${RESP}`, async (t) => {
    t.before(async () => { client = await connect(); });
    t.after(() => client.destroy());
    t.beforeEach(() => client.flushAll());

    await t.test('values of every type', async () => {
      assert.equal(await client.set('k', 'v', { expiration: { type: 'PX', value: 100000 } }), 'OK');
      assert.equal(await client.set('k', 'w', { condition: 'NX' }), null);
      assert.equal(await client.get('k'), 'v');
      await client.hSet('h', { a: '1', b: '2' });
      assert.deepEqual({ ...(await client.hGetAll('h')) }, { a: '1', b: '2' });
      await client.zAdd('z', [{ score: 1.5, value: 'x' }, { score: -Infinity, value: 'y' }]);
      assert.deepEqual((await client.zRangeWithScores('z', 0, -1)).map((e) => ({ ...e })),
        [{ value: 'y', score: -Infinity }, { value: 'x', score: 1.5 }]);
      await client.sAdd('s', ['a', 'b']);
      assert.deepEqual(new Set(await client.sMembers('s')), new Set(['a', 'b']));
      await client.geoAdd('g', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' });
      assert.equal((await client.geoSearch('g', { longitude: 15, latitude: 37 }, { radius: 200, unit: 'km' }))[0], 'Palermo');
    });

    await t.test('a transaction, and one that a change undoes', async () => {
      assert.deepEqual(await client.multi().set('a', '1').incr('a').exec(), ['OK', 2]);
      const mine = await connect();
      await mine.watch('a');
      await client.set('a', 'changed');
      await assert.rejects(mine.multi().set('a', 'mine').exec(), /One \(or more\) of the watched keys has been changed/);
      mine.destroy();
    });

    await t.test('messages', async () => {
      const subscriber = await connect();
      const messages = [];
      await subscriber.subscribe('news', (text) => messages.push(text));
      await subscriber.pSubscribe('n*', (text, channel) => messages.push(`${channel}: ${text}`));
      await client.publish('news', 'hello');
      while (messages.length < 2) await new Promise((done) => setTimeout(done, 5));
      assert.deepEqual(messages.sort(), ['hello', 'news: hello']);
      subscriber.destroy();
    });

    await t.test('a blocked client', async () => {
      const waiter = await connect();
      const popped = waiter.blPop('queue', 5);
      await client.rPush('queue', 'job');
      assert.deepEqual({ ...(await popped) }, { key: 'queue', element: 'job' });
      waiter.destroy();
    });

    await t.test('scripts and functions', async () => {
      const scripts = { add: defineScript({ NUMBER_OF_KEYS: 1, SCRIPT: "return redis.call('INCRBY', KEYS[1], ARGV[1])",
        parseCommand(parser, key, n) { parser.pushKey(key); parser.push(`${n}`); }, transformReply: undefined }) };
      const scripted = await connect({ scripts });
      assert.equal(await scripted.add('n', 5), 5);
      assert.equal(await scripted.add('n', 5), 10);
      scripted.destroy();
      await client.functionLoad("#!lua name=lib\nredis.register_function('twice', function(keys, args) return args[1] * 2 end)", { REPLACE: true });
      assert.equal(await client.fCall('twice', { arguments: ['21'] }), 42);
    });

    await t.test('streams in groups', async () => {
      await client.xGroupCreate('st', 'g', '0', { MKSTREAM: true });
      const id = await client.xAdd('st', '*', { k: 'v' });
      const read = await client.xReadGroup('g', 'c', { key: 'st', id: '>' });
      assert.equal(JSON.stringify(read).includes(id), true);
      assert.equal(await client.xAck('st', 'g', id), 1);
    });
  });
}

test('a pool of connections', async () => {
  const pool = await createClientPool({ url: url() }).connect();
  await Promise.all(Array.from({ length: 200 }, (_, i) => pool.set(`p${i}`, `${i}`)));
  assert.equal(await pool.get('p199'), '199');
  pool.destroy();
});

test('what a client caches is taken back when it changes', async () => {
  const cache = { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' };
  const reader = await createClient({ url: url(), RESP: 3, clientSideCache: cache }).connect();
  const writer = await createClient({ url: url() }).connect();
  await writer.set('cached', 'old');
  assert.equal(await reader.get('cached'), 'old');
  await writer.set('cached', 'new');
  let value;
  for (let i = 0; i < 200 && value !== 'new'; ++i) {
    value = await reader.get('cached');
    await new Promise((done) => setTimeout(done, 5));
  }
  assert.equal(value, 'new');
  reader.destroy();
  writer.destroy();
});
