
// ---- The state of a task: gives unknownTask, readTask and saysHowTaskStands. Needs no other part. --------------
// `unknownTask` and `readTask` are also for pages that get a task's messages in another way, such as an event stream.

/** The state of a task of which nothing is known. */
export const unknownTask = (id) => ({
  id, status: null, progress: 0, stage: null, completedStages: [], message: null, remaining: null, videoUrl: null,
  result: null, error: null, ended: false,
});

const isWord = (value) => typeof value === 'string' && value !== '';
const bytes = (text) => new TextEncoder().encode(text).length;

/** Whether a status is kept, and not only passed on: the node's bounds. */
const isKept = (word) => isWord(word) && bytes(word) <= 64 && !/[\0-\x1f\x7f]/.test(word);

const isListOfNames = (value) => Array.isArray(value) && value.every((name) => typeof name === 'string');

/** The completed stages: each once, within the node's bounds. */
function bounded(names) {
  const kept = new Set();
  let size = 0;
  for (const name of names) {
    if (typeof name !== 'string' || kept.has(name) || kept.size >= 256 || size + bytes(name) > 16384) continue;
    kept.add(name);
    size += bytes(name);
  }
  return [...kept];
}

const hasEnded = (status) => status === 'COMPLETED' || status === 'FAILED';

/** A message in the shape of `GET /api/v1/tasks/{id}`, with the names of the messages of tasks. */
const stateBody = (state) => ({
  ...state.state?.payload ?? state.state?.data ?? state.state, status: state.status ?? 'PROCESSING',
  progress: state.progress, currentStage: state.current_stage, completedStages: state.completed_stages,
  message: state.message, estimatedTimeRemaining: state.estimated_time_remaining, result: state.result, error: state.error,
});

/**
 * A task's state after a message about it, in any dialect; unchanged where the message tells nothing. `snapshot` is an event
 * stream's, which has all fields.
 */
export function readTask(state, type, body) {
  if (type === 'snapshot' && 'completed_stages' in body) return readTask(unknownTask(state.id), 'state', stateBody(body));
  if (body.restart === true) state = unknownTask(state.id);
  const next = { ...state };
  const isStage = type === 'stage_completed' || body.type === 'stage' || (type === 'taskProgress' && body.stage !== undefined);
  let status = isKept(body.status) ? body.status.toUpperCase() : null;
  if (isStage && hasEnded(status)) status = null; // it is the stage's
  // A task that goes on is no longer queued, and no longer ended.
  const isOver = hasEnded(state.status) || state.status === 'QUEUED';
  if (!status && (isStage ? isOver || state.status === null : isOver && Number.isFinite(body.progress))) status = 'PROCESSING';
  if (type === 'taskCompleted') status = 'COMPLETED';
  if (type === 'taskFailed' || type === 'job_error') status = 'FAILED';
  if (status) next.status = status === 'RUNNING' ? 'PROCESSING' : status;
  if (Number.isFinite(body.progress)) next.progress = Math.min(100, Math.max(0, body.progress));
  next.stage = [isStage && body.nextStage, body.currentStage, body.currentStep].find(isWord) ?? next.stage;
  if (isListOfNames(body.completedStages)) next.completedStages = bounded(body.completedStages);
  if (isStage) next.completedStages = bounded([...next.completedStages, body.stage]);
  if (hasEnded(state.status) && status && !hasEnded(next.status)) [next.message, next.remaining] = [null, null];
  if (typeof body.message === 'string') next.message = body.message || null; // an empty one takes back the last
  if (Number.isFinite(body.estimatedTimeRemaining)) next.remaining = body.estimatedTimeRemaining;
  next.result = body.result ?? next.result;
  next.videoUrl = body.videoUrl ?? body.result?.videoUrl ?? next.videoUrl;
  if (body.error) next.error = typeof body.error === 'string' ? body.error : body.error.message ?? 'failed';
  next.ended = hasEnded(next.status);
  if (next.status !== 'FAILED') next.error = null;
  else next.error ??= 'failed';
  if (next.status === 'COMPLETED') next.progress = 100;
  if (next.ended) next.remaining = null;
  return next;
}

const TASK_MESSAGES = new Set([
  'job_status', 'stage_completed', 'job_error', 'taskProgress', 'taskCompleted', 'taskFailed', 'taskUpdated', 'status',
]);
const saysHowTaskStands = (type, body) => TASK_MESSAGES.has(type) || (type === 'data' && body.type === 'stage');
