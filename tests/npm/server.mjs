// A server of its own for a test file: the program that PINION_SERVER names, on a free port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port) {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

// The server of a test file: it runs while the file's tests do. open(port) connects to it and returns what closes the
// connections.
export function useServer(open = () => () => {}) {
  const server = {};
  let close;
  before(async () => {
    Object.assign(server, await startServer());
    close = await open(server.port);
  });
  after(async () => {
    await close();
    await server.stop();
  });
  return server;
}

// Resolves to {port, stop} when connections are accepted.
async function startServer() {
  const program = process.env.PINION_SERVER;
  if (!program) throw new Error('PINION_SERVER must name the server program');
  const port = await freePort();
  const child = spawn(program, ['--port', `${port}`, '--loglevel', 'warning'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  for (let i = 0; i < 500 && !(await accepts(port)); ++i) await sleep(20);
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      if (code !== 0) throw new Error(`the server ended with status ${code}`);
    },
  };
}
