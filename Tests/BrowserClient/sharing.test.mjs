import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdTimers, load } from './parts.mjs';

const { followPresence, followTask, reconnecting, share } = await load(
  ['dialects', 'place', 'task', 'subscriptions', 'outbox', 'socketio', 'connection', 'client', 'sharing'],
  'followPresence', 'followTask', 'reconnecting', 'share');

/** The token is waited for, even where it is at hand. */
const settle = () => new Promise((done) => setImmediate(done));

/** The sockets of the connections that are opened until the test is over. */
function socketsOf(context) {
  const before = globalThis.WebSocket;
  const sockets = [];
  globalThis.WebSocket = class {
    readyState = 0;
    constructor(url) { sockets.push(Object.assign(this, { url })); }
    send() {}
    close() {}
  };
  context.after(() => { globalThis.WebSocket = before; });
  return sockets;
}

test('classes and hooks reconnect as their documents say, where the page says nothing else', () => {
  assert.deepEqual(reconnecting('jobs'), { maxReconnectAttempts: 5, reconnectInterval: 3000 });
  assert.deepEqual(reconnecting('presence', { url: 'x' }), { reconnectInterval: 5000 });
  assert.deepEqual(reconnecting('tasks'), {});
  assert.deepEqual(reconnecting('jobs', { maxReconnectAttempts: 0 }), { maxReconnectAttempts: 0, reconnectInterval: 3000 });
  assert.deepEqual(
    reconnecting('jobs', { maxReconnectAttempts: undefined, reconnectInterval: 0 }), { maxReconnectAttempts: 5, reconnectInterval: 0 });
  assert.equal(reconnecting('jobs', { pauses: { first: 1 } }).reconnectInterval, undefined); // growing pauses
});

test('what is no number says nothing about reconnecting', () => {
  for (const nothing of [null, NaN, '', '7', {}]) {
    assert.deepEqual(
      reconnecting('jobs', { maxReconnectAttempts: nothing, reconnectInterval: nothing }), { maxReconnectAttempts: 5, reconnectInterval: 3000 });
  }
  assert.deepEqual(
    reconnecting('jobs', { maxReconnectAttempts: Infinity, reconnectInterval: -1 }),
    { maxReconnectAttempts: Infinity, reconnectInterval: 3000 });
});

test('only who asks for the same shares a connection', async (context) => {
  holdTimers();
  const sockets = socketsOf(context);
  const same = { url: 'http://h:1', token: 'one' };
  const different = [
    {}, { batch: true }, { socketIO: true }, { batch: true, socketIO: true }, { dialect: 'jobs' }, { dialect: 'jobs', batch: true },
    { token: 'other' }, { url: 'http://h:2' }, { maxReconnectAttempts: 1 }, { reconnectInterval: 1 }, { pauses: { first: 1 } },
  ];
  const clients = different.map((options) => share({ ...same, ...options })[0]);
  assert.equal(new Set(clients).size, different.length);
  assert.deepEqual(different.map((options) => share({ ...same, ...options })[0]), clients);
  assert.equal(share({ ...same, batch: false, socketIO: undefined, onGiveUp() {} })[0], clients[0]);
  await settle();
  assert.deepEqual(sockets.slice(0, 4).map(({ url }) => new URL(url).pathname), ['/ws', '/ws', '/socket.io/', '/socket.io/']);
});

test('each holder is told that the connection has given up, until it releases it', async (context) => {
  holdTimers();
  const sockets = socketsOf(context);
  const told = [];
  const hold = (name) => share({ url: 'http://h:3', token: 't', onGiveUp: ({ code }) => told.push([name, code]) })[1];
  hold('first');
  const release = hold('second');
  hold('third');
  release();
  await settle();
  assert.equal(sockets.length, 1);
  sockets[0].onclose({ code: 1008, reason: '' });
  assert.deepEqual(told, [['first', 1008], ['third', 1008]]);
});

test('the hooks pass on how they connect', async (context) => {
  holdTimers();
  const sockets = socketsOf(context);
  const told = [];
  const options = { url: 'http://h:4', batch: true, onGiveUp: ({ code }) => told.push(code) };
  followTask('v', 't', () => {}, { ...options, socketIO: true });
  followPresence('t', { isConnected() {}, onlineCount() {}, messages() {} }, options);
  await settle();
  assert.deepEqual(sockets.map(({ url }) => url), [
    'ws://h:4/socket.io/?EIO=4&transport=websocket', 'ws://h:4/api/v1/ws?batch=1&token=t']);
  for (const socket of sockets) socket.onclose({ code: 1008, reason: '' });
  assert.deepEqual(told, [1008, 1008]);
});
