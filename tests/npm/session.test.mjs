// connect-redis with express-session: a login that lasts over requests, and ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { useServer } from './server.mjs';

let client, http;
useServer(async (port) => {
  client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
  const app = express();
  app.use(session({ store: new RedisStore({ client, prefix: 'sess:', ttl: 60 }), secret: 's', resave: false, saveUninitialized: false }));
  app.get('/login', (request, response) => { request.session.user = request.query.user; response.end('in'); });
  app.get('/whoami', (request, response) => response.end(request.session.user ?? 'nobody'));
  app.get('/logout', (request, response) => request.session.destroy(() => response.end('out')));
  http = app.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return () => {
    http.close();
    client.destroy();
  };
});

test('a session lives in the store until it is destroyed', async () => {
  const ask = async (path, cookie) => {
    const response = await fetch(`http://127.0.0.1:${http.address().port}${path}`, { headers: cookie ? { cookie } : {} });
    return { text: await response.text(), cookie: response.headers.get('set-cookie')?.split(';')[0] };
  };
  const { cookie } = await ask('/login?user=ada');
  assert.equal((await ask('/whoami', cookie)).text, 'ada');
  assert.equal((await ask('/whoami')).text, 'nobody');
  const [key] = await client.keys('sess:*');
  const ttl = await client.ttl(key);
  assert.ok(ttl > 50 && ttl <= 60);
  await ask('/logout', cookie);
  assert.equal((await ask('/whoami', cookie)).text, 'nobody');
  assert.deepEqual(await client.keys('sess:*'), []);
});
