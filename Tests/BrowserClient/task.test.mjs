import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './parts.mjs';

const { readTask, unknownTask } = await load(['task'], 'readTask', 'unknownTask');

/** The state after these messages of tasks. */
const after = (...messages) => messages.reduce((state, [type, body]) => readTask(state, type, body), unknownTask('t'));
const progress = (body) => ['taskProgress', body];

test('what a message leaves out stays as it was', () => {
  const state = after(progress({ status: 'RENDERING', progress: 5, message: 'm' }), progress({ progress: 6 }));
  assert.deepEqual([state.status, state.progress, state.message], ['RENDERING', 6, 'm']);
});

test('a restart begins anew', () => {
  const state = after(progress({ completedStages: ['A'], message: 'm' }), progress({ restart: true, status: 'PROCESSING' }));
  assert.deepEqual([state.completedStages, state.message, state.status], [[], null, 'PROCESSING']);
});

test('a final status of a stage is the stage\'s', () => {
  assert.equal(after(['stage_completed', { stage: 'A', status: 'COMPLETED' }]).ended, false);
});

test('stages stand once, 256 of them, 16,384 bytes; a list with anything else in it is none', () => {
  const names = Array.from({ length: 300 }, (_, number) => `s${number}`);
  assert.deepEqual(after(progress({ completedStages: [...names, ...names] })).completedStages, names.slice(0, 256));
  const long = 'é'.repeat(8000);
  assert.deepEqual(after(progress({ completedStages: [long, long + 'x', 'y'] })).completedStages, [long, 'y']);
  assert.deepEqual(after(progress({ completedStages: ['A'] }), progress({ completedStages: ['B', 5] })).completedStages, ['A']);
});

test('a status that nodes do not remember is not shown', () => {
  for (const status of ['x'.repeat(65), 'a\tb', '']) {
    assert.equal(after(progress({ status: 'A' }), progress({ status })).status, 'A');
  }
});

test('an empty message takes back what was said', () => {
  assert.equal(after(progress({ message: 'm' }), progress({ message: '' })).message, null);
});
