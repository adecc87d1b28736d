import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './parts.mjs';

const { DIALECTS, keyOf } = await load(['dialects'], 'DIALECTS', 'keyOf');

test('params count in any order, and their values as text', () => {
  assert.equal(keyOf({ topic: 't', params: { a: 1, b: true } }), keyOf({ topic: 't', params: { b: 'true', a: '1' } }));
  assert.notEqual(keyOf({ topic: 't', params: { a: 1 } }), keyOf({ topic: 't', params: { a: 2 } }));
  assert.equal(keyOf({ topic: 't' }), keyOf({ topic: 't', params: {} }));
  assert.equal(keyOf({}), undefined);
});

test('a task and the topic that it is are one subscription', () => {
  assert.equal(keyOf({ id: 'x' }), keyOf({ topic: 'task', params: { taskId: 'x' } }));
  assert.notEqual(keyOf({ id: 'x' }), keyOf({ topic: 'task', params: { taskId: 'x', more: 1 } }));
});

for (const dialect of ['jobs', 'tasks', 'topics'].map((name) => DIALECTS[name])) {
  test(`${dialect.name} knows its own subscriptions again`, () => {
    const target = { id: 'x' };
    const [joined, left] = [dialect.join(target, { epoch: 'e', sequence: 4 }), dialect.leave(target)];
    assert.equal(keyOf(dialect.joins(joined)), keyOf(target));
    assert.equal(keyOf(dialect.leaves(left)), keyOf(target));
    assert.equal(dialect.joins(left) ?? dialect.leaves(joined), undefined);
    assert.match(JSON.stringify(joined), /"epoch":"e","sequence":4/);
  });
}

test('each is called by its name', () => {
  assert.deepEqual(Object.entries(DIALECTS).map(([name, one]) => name === one.name), [true, true, true, true]);
});
