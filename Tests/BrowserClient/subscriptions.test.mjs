import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './parts.mjs';

const { DIALECTS, Subscriptions } = await load(
  ['dialects', 'place', 'task', 'subscriptions'], 'DIALECTS', 'Subscriptions');

/** Subscriptions, what they send, and a connection that can be taken away. */
function follow(name) {
  const line = { isUp: true, sent: [] };
  const all = new Subscriptions(DIALECTS[name], (message) => line.isUp && Boolean(line.sent.push(message)));
  const receive = (message) => {
    const entry = all.find(message);
    all.settle(message);
    if (!entry || !all.isNews(entry, message)) return false;
    all.answered(entry, message, DIALECTS[name].body(message));
    all.tell(entry, message, DIALECTS[name].body(message), 'why');
    return true;
  };
  return { line, all, receive };
}

const progress = (id, sequence, more) => ({ type: 'taskProgress', payload: { videoId: id, progress: sequence, sequence, ...more } });

test('two that follow one task are one subscription, left with the last of them', () => {
  const { line, all } = follow('tasks');
  const stops = [all.follow({ id: 'x' }, () => {}, true), all.follow({ id: 'x' }, () => {}, true)];
  assert.equal(line.sent.length, 1);
  stops[0]();
  stops[0]();
  assert.equal(line.sent.length, 1);
  stops[1]();
  assert.deepEqual(line.sent.map(({ type }) => type), ['subscribe_task', 'unsubscribe_task']);
});

test('a message is told once, to those who follow what it is about', () => {
  const { all, receive } = follow('tasks');
  const told = { x: [], y: [] };
  for (const id of ['x', 'y']) all.follow({ id }, (state) => told[id].push(state.progress), true);
  assert.deepEqual([receive(progress('x', 1, { epoch: 'e' })), receive(progress('x', 1)), receive(progress('z', 1))],
    [true, false, false]);
  assert.deepEqual(told, { x: [1], y: [] });
});

test('after the line broke everything is subscribed to from where it was left', () => {
  const { line, all, receive } = follow('tasks');
  all.follow({ id: 'x' }, () => {}, true);
  receive({ type: 'subscribeSuccess', payload: { videoId: 'x', subscribed: true, epoch: 'e', sequence: 4 } });
  receive(progress('x', 5));
  all.unsettle();
  line.sent = [];
  all.joinAll();
  assert.deepEqual(line.sent, [{ type: 'subscribe_task', payload: { videoId: 'x', epoch: 'e', sequence: 5 } }]);
});

test('an answer that nothing followed is forgotten when the line breaks', () => {
  const { line, all, receive } = follow('tasks');
  all.follow({ id: 'x' }, () => {}, true);
  receive({ type: 'subscribeSuccess', payload: { videoId: 'x', subscribed: true, epoch: 'e', sequence: 4 } });
  all.unsettle();
  line.sent = [];
  all.joinAll();
  assert.deepEqual(line.sent, [{ type: 'subscribe_task', payload: { videoId: 'x' } }]);
});

test('without a connection a subscription is remembered, and a message of the page subscribes too', () => {
  const { line, all } = follow('jobs');
  line.isUp = false;
  assert.equal(all.take({ type: 'join_job', jobId: 'x' }), true);
  assert.equal(all.take({ type: 'ping' }), false);
  line.isUp = true;
  all.joinAll();
  assert.deepEqual(line.sent, [{ type: 'join_job', jobId: 'x' }]);
  assert.equal(all.take({ type: 'leave_job', jobId: 'x' }), true);
  assert.equal(all.find({ type: 'job_status', data: { jobId: 'x' } }), undefined);
});

test('leaving a topic without params leaves all of it', () => {
  const { all } = follow('topics');
  for (const orderId of [1, 2]) all.follow({ topic: 'orders', params: { orderId } }, () => {}, false);
  all.take({ type: 'unsubscribe', data: { topic: 'orders' } });
  assert.equal(all.find({ type: 'data', topic: 'orders', params: { orderId: '1' } }), undefined);
});

test('a refusal is part of the state, a handler that throws takes no other with it', () => {
  const { all, receive } = follow('tasks');
  const states = [];
  const error = console.error;
  console.error = () => {};
  all.follow({ id: 'x' }, () => { throw new Error('mine'); }, true);
  all.follow({ id: 'x' }, (state) => states.push(state), true);
  receive({ type: 'error', payload: { videoId: 'x', code: 'FORBIDDEN' } });
  console.error = error;
  assert.equal(states[0].refused, 'why');
});

test('a state of tasks counts what is missed once', () => {
  const { all } = follow('tasks');
  assert.equal(all.missed(progress('x', 9, { missed: 3 })), 3);
  assert.equal(all.missed({ type: 'taskUpdated', payload: { videoId: 'x', missed: 3 } }), 0);
  assert.equal(all.missed(progress('x', 9)), 0);
});

test('nothing can be followed in presence', () => {
  assert.throws(() => follow('presence').all.follow({ id: 'x' }, () => {}, true), TypeError);
});
