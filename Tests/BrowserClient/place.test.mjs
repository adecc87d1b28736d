import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './parts.mjs';

const { Place } = await load(['place'], 'Place');

test('an event is news once, and its taskUpdated once too', () => {
  const place = new Place();
  const admit = (type, position) => place.admit(type, position);
  assert.deepEqual(
    [['taskProgress', { epoch: 'e', sequence: 4 }], ['taskProgress', { sequence: 4 }], ['taskUpdated', { sequence: 4 }],
      ['taskUpdated', { sequence: 4 }], ['taskProgress', { sequence: 3 }], ['taskProgress', { sequence: 9 }]]
      .map((message) => admit(...message)),
    [true, false, true, false, false, true]);
  assert.deepEqual(place.position, { epoch: 'e', sequence: 9 });
});

test('a state at the same place is told, an older one is not', () => {
  const place = new Place();
  place.admit('status', { epoch: 'e', sequence: 4 });
  assert.equal(place.admit('status', { epoch: 'e', sequence: 4, snapshot: true }), true);
  assert.equal(place.admit('status', { epoch: 'e', sequence: 3, snapshot: true }), false);
});

test('in another epoch any number is news', () => {
  const place = new Place();
  place.admit('x', { epoch: 'e', sequence: 100 });
  assert.equal(place.admit('x', { epoch: 'f', sequence: 1 }), true);
  assert.deepEqual(place.position, { epoch: 'f', sequence: 1 });
});

test('messages without a number are news always, and nothing is claimed by them', () => {
  const place = new Place();
  assert.deepEqual([place.admit('x'), place.admit('x', {}), place.admit('x', { sequence: '1' })], [true, true, true]);
  assert.deepEqual(place.position, {});
});

test('an answer counts once something has followed it, unless the line broke before', () => {
  const place = new Place();
  place.begin({ epoch: 'e', sequence: 4 });
  assert.deepEqual(place.position, {});
  place.unsettle();
  place.settle();
  assert.deepEqual(place.position, {});
  place.begin({ epoch: 'e', sequence: 4 });
  place.settle();
  assert.deepEqual(place.position, { epoch: 'e', sequence: 4 });
});
