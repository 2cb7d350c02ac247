// BullMQ: producers, workers, delayed, repeated and rate-limited jobs, retries, parents and children.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { useServer } from './server.mjs';

let connection;
useServer((port) => {
  connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
  return () => {};
});

// Runs `body` with a queue of this name, its events, and workers made by work(processor, options).
async function withQueue(name, body) {
  const closing = [];
  const queue = new Queue(name, { connection });
  queue.setMaxListeners(0);
  const events = new QueueEvents(name, { connection });
  events.setMaxListeners(0);
  closing.push(queue, events);
  await events.waitUntilReady();
  const work = async (processor, options = {}) => {
    const worker = new Worker(name, processor, { connection, ...options });
    closing.push(worker);
    await worker.waitUntilReady();
    return worker;
  };
  try {
    await body({ queue, events, work });
  } finally {
    for (const c of closing.reverse()) await c.close();
  }
}

test('every job is done once, by one of several workers', () => withQueue('many', async ({ queue, events, work }) => {
  const done = new Map();
  for (let i = 0; i < 3; ++i) {
    await work(async (job) => {
      done.set(job.data.n, (done.get(job.data.n) ?? 0) + 1);
      return job.data.n * 2;
    }, { concurrency: 5 });
  }
  const jobs = await queue.addBulk(Array.from({ length: 200 }, (_, n) => ({ name: 'double', data: { n } })));
  const results = await Promise.all(jobs.map((j) => j.waitUntilFinished(events, 20000)));
  assert.deepEqual(results, Array.from({ length: 200 }, (_, n) => n * 2));
  assert.deepEqual([...done.values()], Array(200).fill(1));
}));

test('a delayed job waits, and a higher priority goes first', () => withQueue('later', async ({ queue, events, work }) => {
  const began = Date.now();
  const delayed = await queue.add('late', {}, { delay: 300 });
  const low = await queue.add('low', {}, { priority: 10 });
  const high = await queue.add('high', {}, { priority: 1 });
  const order = [];
  await work(async (job) => { order.push(job.name); });
  await Promise.all([delayed, low, high].map((j) => j.waitUntilFinished(events, 20000)));
  assert.deepEqual(order, ['high', 'low', 'late']);
  assert.ok(Date.now() - began >= 300);
}));

test('a failing job is tried again', () => withQueue('flaky', async ({ queue, events, work }) => {
  let attempts = 0;
  await work(async () => {
    if (++attempts < 3) throw new Error('not yet');
    return 'at last';
  });
  const job = await queue.add('try', {}, { attempts: 3, backoff: { type: 'fixed', delay: 20 } });
  assert.equal(await job.waitUntilFinished(events, 20000), 'at last');
  assert.equal(attempts, 3);
}));

test('a repeated job comes again and again', () => withQueue('ticking', async ({ queue, work }) => {
  let ticks = 0;
  await work(async () => { ++ticks; });
  await queue.upsertJobScheduler('tick', { every: 50 });
  for (let i = 0; i < 400 && ticks < 3; ++i) await new Promise((done) => setTimeout(done, 25));
  assert.ok(ticks >= 3);
  await queue.removeJobScheduler('tick');
}));

test('a limited queue does no more than its rate', () => withQueue('limited', async ({ queue, events, work }) => {
  await work(async () => {}, { limiter: { max: 5, duration: 300 } });
  const began = Date.now();
  const jobs = await queue.addBulk(Array.from({ length: 11 }, () => ({ name: 'x', data: {} })));
  await Promise.all(jobs.map((j) => j.waitUntilFinished(events, 20000)));
  assert.ok(Date.now() - began >= 500);
}));

test('a parent waits for its children and sees their results', () => withQueue('family', async ({ events, work }) => {
  const flow = new FlowProducer({ connection });
  await work(async (job) => {
    if (job.name === 'child') return job.data.n;
    return Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0);
  });
  const tree = await flow.add({ name: 'parent', queueName: 'family',
    children: [1, 2, 3].map((n) => ({ name: 'child', queueName: 'family', data: { n } })) });
  assert.equal(await tree.job.waitUntilFinished(events, 20000), 6);
  await flow.close();
}));
