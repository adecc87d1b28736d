import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdTimers, load } from './parts.mjs';

const { Connection, DIALECTS, pauseBefore } = await load(
  ['dialects', 'socketio', 'connection'], 'Connection', 'DIALECTS', 'pauseBefore');

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
  const { sockets: [socket], heard } = await opened({ batch: true });
  socket.open();
  assert.equal(socket.sent[0].payload.batch, true);
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

test('batches are asked for in the address where the token is there, and only then a batch is one', async () => {
  const { sockets: [asking], heard } = await opened({ dialect: 'jobs', batch: true });
  assert.equal(asking.url, 'ws://h:1/ws?batch=1&token=t');
  asking.open();
  asking.say({ type: 'batch', data: { updates: [{ type: 'a' }, { type: 'b' }] } });
  const { sockets: [other], heard: alone } = await opened({ dialect: 'jobs' });
  other.open();
  other.say({ type: 'batch', data: { updates: 'the worker’s own' } });
  assert.deepEqual([heard.slice(-2), alone.at(-1), other.url], [['a', 'b'], 'batch', 'ws://h:1/ws?token=t']);
});

test('an event of a worker’s own with the type of a batch is no batch', async () => {
  const told = async (dialect, messages) => {
    const { sockets: [socket], heard } = await opened({ dialect, batch: true });
    socket.open();
    for (const message of messages) socket.say(message);
    return heard.slice(1);
  };
  const own = ['text', 7, true, {}, null, undefined, [], [{ type: 'a' }], [null]];
  assert.deepEqual(
    await told('jobs', own.map((updates) => ({ type: 'batch', data: { jobId: 'j', updates } }))), own.map(() => 'batch'));
  assert.deepEqual(
    await told('tasks', own.map((updates) => ({ type: 'taskBatch', payload: { videoId: 'v', updates } }))), own.map(() => 'taskBatch'));
  const noLists = own.filter((updates) => !Array.isArray(updates));
  for (const dialect of ['jobs', 'presence', 'topics']) {
    assert.deepEqual(await told(dialect, noLists.map((updates) => ({ type: 'batch', data: { updates } }))), noLists.map(() => 'batch'));
  }
  assert.deepEqual(await told('tasks', [{ type: 'taskBatch' }]), ['taskBatch']);
});

/** How often a connection that always fails is opened, and when it has given up. */
async function attempts(options, pause) {
  const { connection, sockets, timers } = await opened(options);
  for (let count = 0; count < 20; count += 1) {
    sockets.at(-1).lose(1006);
    timers.after(pause);
    await settle();
  }
  return [sockets.length, connection.status.state, connection.status.attempt, connection.status.retryAt];
}

test('it gives up after so many attempts, at so many milliseconds', async () => {
  assert.deepEqual(await attempts({ maxReconnectAttempts: 5, reconnectInterval: 3000 }, 3000), [6, 'error', 5, null]);
  const { sockets, timers } = await opened({ reconnectInterval: 3000 });
  sockets[0].lose(1006);
  timers.after(2999);
  await settle();
  assert.equal(sockets.length, 1);
  timers.after(1);
  await settle();
  assert.equal(sockets.length, 2);
});

test('the numbers of attempts and of milliseconds at their extremes', async () => {
  const opened = async (most) => (await attempts({ maxReconnectAttempts: most, reconnectInterval: 10 }, 10))[0];
  for (const none of [0, -1, -(2 ** 53), -Infinity]) assert.equal(await opened(none), 1);
  for (const many of [Infinity, 2 ** 31, 2 ** 53, 2 ** 63, 2 ** 64]) assert.equal(await opened(many), 21);
  for (const nothing of [null, undefined, NaN, '', '0', '5', false, {}]) assert.equal(await opened(nothing), 21);
  const every = (interval) => pauseBefore(3, 1006, () => 1, { every: interval });
  const long = [2 ** 31 - 1, 2 ** 31, 2 ** 53, 2 ** 63, 2 ** 64];
  assert.deepEqual([0, 1, ...long].map(every), [0, 1, ...long.map(() => 2 ** 31 - 1)]);
  const nothings = [-1, -Infinity, Infinity, NaN, null, undefined, '', '10', false, {}];
  assert.deepEqual(nothings.map(every), nothings.map(() => 2000)); // growing pauses
  assert.equal((await attempts({ reconnectInterval: null }, 0))[0], 1); // it waits
});

/** What a browser says about its network until the test is over: `signals.say('online')`. */
function signalsOf(context) {
  const signals = new EventTarget();
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.assign(signals, { isOnline: true, say: (name) => signals.dispatchEvent(new Event(name)) });
  Object.defineProperty(globalThis, 'navigator', { configurable: true, get: () => ({ onLine: signals.isOnline }) });
  globalThis.addEventListener = (...words) => signals.addEventListener(...words);
  globalThis.removeEventListener = (...words) => signals.removeEventListener(...words);
  context.after(() => {
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete globalThis.navigator;
  });
  return signals;
}

test('attempts that are made early do not count', async (context) => {
  const signals = signalsOf(context);
  const { connection, sockets, timers } = await opened({ maxReconnectAttempts: 2, reconnectInterval: 1000 });
  sockets[0].lose(1006);
  for (let count = 0; count < 10; count += 1) {
    signals.say('online');
    timers.after(300);
    await settle();
    sockets.at(-1).lose(1006);
  }
  assert.deepEqual([sockets.length, connection.status.state, connection.status.attempt], [11, 'disconnected', 1]);
  for (const state of ['disconnected', 'error']) {
    timers.after(1000);
    await settle();
    sockets.at(-1).lose(1006);
    assert.equal(connection.status.state, state);
  }
  assert.deepEqual([sockets.length, connection.status.attempt], [13, 2]);
});

test('a connection that an early attempt has brought is lost like any other', async (context) => {
  const signals = signalsOf(context);
  const { connection, sockets, timers } = await opened({ maxReconnectAttempts: 5, reconnectInterval: 1000 });
  sockets[0].lose(1006);
  signals.say('online');
  timers.after(300);
  await settle();
  sockets[1].open();
  sockets[1].say(welcome);
  sockets[1].lose(1006);
  assert.equal(connection.status.attempt, 1);
});

test('attempts without a network do not count, and their pauses grow', async (context) => {
  const signals = signalsOf(context);
  const { connection, sockets, timers } = await opened({ maxReconnectAttempts: 1, random: () => 1 });
  signals.isOnline = false;
  for (const pause of [500, 1000, 2000, 4000]) {
    const before = sockets.length;
    sockets.at(-1).lose(1006);
    timers.after(pause - 1);
    await settle();
    assert.equal(sockets.length, before);
    timers.after(1);
    await settle();
    assert.equal(sockets.length, before + 1);
  }
  assert.deepEqual([connection.status.state, connection.status.attempt], ['connecting', 1]);
  signals.isOnline = true;
  sockets.at(-1).lose(1006);
  timers.after(8000);
  await settle();
  sockets.at(-1).lose(1006);
  assert.equal(connection.status.state, 'error');
});

test('after the last attempt there is one more each time that the network comes back', async (context) => {
  const signals = signalsOf(context);
  const { connection, sockets, timers } = await opened({ maxReconnectAttempts: 1, reconnectInterval: 10 });
  const back = async () => {
    signals.say('online');
    timers.after(300);
    await settle();
    return sockets.length;
  };
  sockets[0].lose(1006);
  timers.after(10);
  await settle();
  sockets[1].lose(1006);
  for (const count of [3, 4]) {
    assert.equal(connection.status.state, 'error');
    assert.equal(await back(), count);
    sockets.at(-1).lose(1006);
  }
  assert.equal(await back(), 5);
  sockets[4].open();
  sockets[4].say(welcome);
  sockets[4].lose(1006);
  assert.deepEqual([connection.status.state, connection.status.attempt], ['disconnected', 1]);
  connection.close();
  assert.equal(await back(), 5);
});

test('it stays away though the network comes back: closed by the page, refused, or not to try at all', async (context) => {
  const signals = signalsOf(context);
  for (const [options, code] of [[{ maxReconnectAttempts: 0 }, 1006], [{}, 1008], [{}, 1002]]) {
    const { sockets, timers } = await opened(options);
    sockets[0].lose(code);
    signals.say('online');
    timers.after(300);
    await settle();
    assert.equal(sockets.length, 1);
  }
  const { connection, sockets, timers } = await opened({ maxReconnectAttempts: 1, reconnectInterval: 10 });
  sockets[0].lose(1006);
  timers.after(10);
  await settle();
  sockets[1].lose(1006);
  signals.say('online');
  connection.close(); // before the attempt
  signals.say('online');
  timers.after(300);
  await settle();
  assert.deepEqual([sockets.length, connection.status.state], [2, 'disconnected']);
});

test('with one pause for all, a node that drains or refuses for a while still spreads its clients', () => {
  const every = (code) => pauseBefore(1, code, () => 0.5, { every: 3000 });
  assert.deepEqual([every(1006), every(1012), every(1013)], [3000, 2000, 12500]);
});

test('attempts count anew after a greeting, and when the page connects again', async () => {
  const { connection, sockets, timers } = await opened({ maxReconnectAttempts: 1, reconnectInterval: 10 });
  for (let count = 0; count < 3; count += 1) {
    sockets.at(-1).open();
    sockets.at(-1).say(welcome);
    sockets.at(-1).lose(1006);
    timers.after(10);
    await settle();
  }
  assert.deepEqual([sockets.length, connection.status.attempt], [4, 1]);
  sockets.at(-1).lose(1006);
  assert.equal(connection.status.state, 'error');
  connection.open();
  await settle();
  assert.deepEqual([sockets.length, connection.status.attempt], [5, 0]);
});

test('Socket.IO is another way to say the same', async () => {
  const { connection, sockets: [socket], heard } = await opened({ socketIO: true });
  const sent = [];
  socket.send = (packet) => sent.push(packet);
  const take = (packet) => socket.onmessage({ data: packet });
  assert.deepEqual([socket.url, socket.protocols], ['ws://h:1/socket.io/?EIO=4&transport=websocket', undefined]);
  socket.readyState = 1;
  take('0{"sid":"n-0-x","pingInterval":25000}');
  assert.equal(connection.isReady, false);
  take('40{"sid":"s"}');
  take('2');
  take('42["authSuccess",{"type":"authSuccess","payload":{}}]');
  take('42["a \\"] b",{"type":"a \\"] b","payload":{"n":1}}]');
  for (const other of ['6', '41', '43[]', '44{"message":"m"}', '5', '']) take(other);
  assert.deepEqual(sent, ['40', '42["auth",{"type":"auth","id":"auth","payload":{"token":"t"}}]', '3']);
  assert.deepEqual(heard, ['connecting', 'welcomed', 'connected', 'a "] b']);
  socket.lose(1008, 'no');
  assert.deepEqual([connection.status.state, connection.status.reason], ['error', 'no']);
});
