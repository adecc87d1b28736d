import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdTimers, load } from './parts.mjs';

const { Connection, DIALECTS, pauseBefore } = await load(
  ['dialects', 'connection'], 'Connection', 'DIALECTS', 'pauseBefore');

/** A connection in `tasks`, its sockets, and what its owner heard. */
async function opened(options = {}) {
  const timers = holdTimers();
  const [sockets, heard] = [[], []];
  class Socket {
    readyState = 0; sent = []; closed = false;
    constructor(url, protocols) { sockets.push(Object.assign(this, { url, protocols })); }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.closed = true; }
    open() { this.readyState = 1; this.onopen({}); }
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
    lose(code, reason = '') { this.readyState = 3; this.onclose({ code, reason }); }
  }
  const dialect = DIALECTS[options.dialect ?? 'tasks'];
  const connection = new Connection(
    { url: 'http://h:1', token: 't', heartbeat: 30000, patience: 5000, openPatience: 15000, WebSocket: Socket, ...options },
    dialect, {
      received: (message) => (message.type === dialect.welcome ? connection.greeted(dialect.body(message)) : heard.push(message.type)),
      welcomed: () => heard.push('welcomed'), dropped: () => heard.push('dropped'), changed: ({ state }) => heard.push(state),
    });
  connection.open();
  await settle();
  return { connection, sockets, heard, timers };
}

/** The token is waited for, even where it is at hand. */
const settle = () => new Promise((done) => setImmediate(done));

const welcome = { type: 'authSuccess', payload: {} };

test('pauses grow up to a bound, and are wider spread where everybody is asked at once', () => {
  const full = (attempt, code) => pauseBefore(attempt, code, () => 1);
  assert.deepEqual([1, 2, 3, 30].map((attempt) => full(attempt, 1006)), [500, 1000, 2000, 30000]);
  assert.equal(pauseBefore(1, 1006, () => 0), 250);
  assert.deepEqual([full(1, 1012), full(1, 1013), full(2, 1012)], [4000, 20000, 1000]);
});

test('it opens, shows its token, is greeted, and may speak', async () => {
  const { connection, sockets: [socket], heard } = await opened();
  assert.deepEqual([socket.url, socket.protocols], ['ws://h:1/ws', ['fantail.tasks']]);
  socket.open();
  assert.deepEqual(socket.sent, [{ type: 'auth', id: 'auth', payload: { token: 't' } }]);
  assert.equal(connection.isWelcomed, false);
  socket.say(welcome);
  assert.equal(connection.isWelcomed, true);
  assert.deepEqual(heard, ['connecting', 'welcomed', 'connected']);
});

test('the token is in the address where the dialect has it there', async () => {
  const { sockets: [socket] } = await opened({ dialect: 'topics', clientId: 'c' });
  assert.equal(socket.url, 'ws://h:1/api/v1/ws?token=t&clientId=c&protocol=1.0');
});

test('a lost line is opened again after a pause, and nothing is heard of the old socket', async () => {
  const { connection, sockets, heard, timers } = await opened({ random: () => 1 });
  sockets[0].open();
  sockets[0].say(welcome);
  sockets[0].lose(1006);
  assert.equal(connection.status.state, 'disconnected');
  timers.after(499);
  assert.equal(sockets.length, 1);
  timers.after(1);
  await settle();
  assert.equal(sockets.length, 2);
  sockets[0].say({ type: 'late' });
  assert.equal(heard.includes('late'), false);
});

for (const [code, state] of [[1000, 'disconnected'], [1002, 'error'], [1008, 'error']]) {
  test(`after ${code} it stays away`, async () => {
    const { connection, sockets, timers } = await opened();
    sockets[0].lose(code);
    timers.after(100_000);
    await settle();
    assert.deepEqual([connection.status.state, sockets.length], [state, 1]);
  });
}

test('a callback is asked once for a better token', async () => {
  const asked = [];
  const { connection, sockets, timers } = await opened({ token: (why) => { asked.push(why.refused); return `${asked.length}`; } });
  sockets[0].lose(1008);
  timers.after(1000);
  await settle();
  sockets[1].lose(1008);
  timers.after(100_000);
  await settle();
  assert.deepEqual([asked, connection.status.state], [[false, true], 'error']);
});

test('a server that does not answer a ping is given up', async () => {
  const { connection, sockets, timers } = await opened();
  sockets[0].open();
  sockets[0].say(welcome);
  timers.after(30_000);
  assert.equal(sockets[0].sent.at(-1).type, 'ping');
  sockets[0].say({ type: 'pong' });
  timers.after(30_000);
  timers.after(5000);
  assert.deepEqual([connection.status.state, connection.status.code, sockets[0].closed], ['disconnected', 1006, true]);
});

test('several messages that come as one are told one by one', async () => {
  const { sockets: [socket], heard } = await opened();
  socket.open();
  socket.say(welcome);
  socket.say({ type: 'taskBatch', payload: { updates: [{ type: 'a' }, { type: 'b' }] } });
  assert.deepEqual(heard.slice(-2), ['a', 'b']);
});

test('closed by the page it stays closed, and can be opened again', async () => {
  const { connection, sockets, heard, timers } = await opened();
  sockets[0].open();
  connection.close(1000);
  timers.after(100_000);
  await settle();
  assert.deepEqual([sockets.length, heard.slice(-2)], [1, ['dropped', 'disconnected']]);
  connection.open();
  await settle();
  assert.equal(sockets.length, 2);
});
