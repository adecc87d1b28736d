import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdTimers, load } from './parts.mjs';

const { Outbox } = await load(['outbox'], 'Outbox');

function outbox() {
  const socket = { isReady: true, sent: [], write(message) { this.sent.push(message); } };
  return { socket, box: new Outbox(socket), timers: holdTimers() };
}

const count = (from, to) => Array.from({ length: to - from }, (_, place) => from + place);

test('40 messages a second, in order', () => {
  const { socket, box, timers } = outbox();
  for (const number of count(0, 100)) box.push(number);
  assert.deepEqual(socket.sent, count(0, 40));
  timers.after(999);
  assert.equal(socket.sent.length, 40);
  timers.after(1);
  assert.deepEqual(socket.sent, count(0, 80));
  timers.after(1000);
  assert.deepEqual(socket.sent, count(0, 100));
});

test('what is kept goes out first when there is a connection', () => {
  const { socket, box } = outbox();
  box.keep('a');
  box.keep('b');
  assert.deepEqual([socket.sent, box.queued], [[], ['a', 'b']]);
  box.open();
  box.push('c');
  assert.deepEqual([socket.sent, box.queued], [['a', 'b', 'c'], []]);
});

test('what was on its way when the line broke is kept before all else, but for what is said anew', () => {
  const { socket, box } = outbox();
  socket.isReady = false;
  box.push('subscribe');
  box.push('first');
  box.keep('second');
  box.close((message) => message !== 'subscribe');
  socket.isReady = true;
  box.open();
  assert.deepEqual(socket.sent, ['first', 'second']);
});

test('500 wait, not more, and a timer is not left behind', () => {
  const { box, timers } = outbox();
  for (const number of count(0, 499)) box.keep(number);
  assert.equal(box.isFull, false);
  box.keep(499);
  assert.equal(box.isFull, true);
  box.push(500);
  box.close(() => true);
  assert.equal(timers.count, 0);
});
