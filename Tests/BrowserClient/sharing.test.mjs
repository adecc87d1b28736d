import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './parts.mjs';

const { reconnecting } = await load(['sharing'], 'reconnecting');

test('classes and hooks reconnect as their documents say, where the page says nothing else', () => {
  assert.deepEqual(reconnecting('jobs'), { maxReconnectAttempts: 5, reconnectInterval: 3000 });
  assert.deepEqual(reconnecting('presence', { url: 'x' }), { reconnectInterval: 5000 });
  assert.deepEqual(reconnecting('tasks'), {});
  assert.deepEqual(reconnecting('jobs', { maxReconnectAttempts: 0 }), { maxReconnectAttempts: 0, reconnectInterval: 3000 });
  assert.deepEqual(
    reconnecting('jobs', { maxReconnectAttempts: undefined, reconnectInterval: 0 }), { maxReconnectAttempts: 5, reconnectInterval: 0 });
  assert.equal(reconnecting('jobs', { pauses: { first: 1 } }).reconnectInterval, undefined); // growing pauses
});
