import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdTimers, load } from './parts.mjs';

const { connect, WebSocketClient } = await load(
  ['dialects', 'place', 'task', 'subscriptions', 'outbox', 'socketio', 'connection', 'client', 'sharing', 'classes'],
  'connect', 'WebSocketClient');

/** The token is waited for, even where it is at hand. */
const settle = () => new Promise((done) => setImmediate(done));

/** A class of sockets that remembers them. */
function recorded() {
  const sockets = [];
  class Socket {
    readyState = 0;
    constructor(url) { sockets.push(Object.assign(this, { url })); }
    send() {}
    close() {}
    lose(code) { this.onclose({ code, reason: '' }); }
  }
  return [sockets, Socket];
}

test('the class of jobs tries 5 times, every 3 seconds, until it is asked again', async () => {
  const timers = holdTimers();
  const [sockets, Socket] = recorded();
  const job = new WebSocketClient('job-1', 'demo-token', { url: 'http://h:1', WebSocket: Socket });
  let planned = 0;
  job.handleReconnect = () => { planned += 1; };
  job.connect();
  await settle();
  for (let count = 0; count < 10; count += 1) {
    sockets.at(-1).lose(1006);
    timers.after(2999);
    await settle();
    timers.after(1);
    await settle();
  }
  assert.deepEqual([sockets.length, planned, job.reconnectAttempts, job.connectionStatus], [6, 5, 5, 'error']);
  job.connect();
  await settle();
  assert.deepEqual([sockets.length, job.connectionStatus, job.reconnectAttempts], [7, 'connecting', 0]);
});

test('who gives up is told once, and not when the page closes', async () => {
  const timers = holdTimers();
  const [sockets, Socket] = recorded();
  const told = [];
  const options = { url: 'http://h:1', WebSocket: Socket, onGiveUp: ({ code, attempt }) => { told.push([code, attempt]); throw new Error('mine'); } };
  console.error = () => {};
  const client = connect({ ...options, token: 't', maxReconnectAttempts: 1, reconnectInterval: 5 });
  await settle();
  sockets.at(-1).lose(1006);
  timers.after(5);
  await settle();
  sockets.at(-1).lose(1006);
  client.close();
  const refused = connect({ ...options, token: 't' });
  await settle();
  sockets.at(-1).lose(1008);
  refused.close();
  const closed = connect({ ...options, token: 't' });
  await settle();
  closed.close();
  assert.deepEqual(told, [[1006, 1], [1008, 0]]);
});

test('Socket.IO is for tasks only', () => {
  assert.throws(() => connect({ dialect: 'topics', socketIO: true }), TypeError);
});
