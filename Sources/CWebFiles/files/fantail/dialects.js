// Fantail's browser client: one ES module, nothing to install. Types and docs: fantail.d.ts.
// Its parts are served joined in this order: dialects, place, task, subscriptions, outbox, socketio, connection, client, sharing,
// classes.

// ---- The four dialects: gives DIALECTS and keyOf. Needs no other part. ----------------------------------------

const DIALECTS = {
  jobs: {
    name: 'jobs', path: '/ws', welcome: 'connection_established', batch: 'batch', tokenInQuery: true, joinsInSilence: true,
    ping: () => ({ type: 'ping' }),
    body: (m) => m.data ?? m,
    join: (target, position) => ({ type: 'join_job', jobId: target.id, ...position }),
    leave: (target) => ({ type: 'leave_job', jobId: target.id }),
    joins: (m) => (m.type === 'join_job' ? { id: m.jobId } : undefined),
    leaves: (m) => (m.type === 'leave_job' ? { id: m.jobId } : undefined),
    target: (m) => ({ id: m.data?.jobId ?? m.jobId }),
    position: (m) => m.data,
  },
  tasks: {
    name: 'tasks', path: '/ws', welcome: 'authSuccess', batch: 'taskBatch', tokenInQuery: false,
    ping: () => ({ type: 'ping' }),
    body: (m) => m.payload ?? {},
    join: (target, position) => ({ type: 'subscribe_task', payload: { videoId: target.id, ...position } }),
    leave: (target) => ({ type: 'unsubscribe_task', payload: { videoId: target.id } }),
    joins: (m) => (m.type === 'subscribe_task' ? { id: m.payload?.videoId } : undefined),
    leaves: (m) => (m.type === 'unsubscribe_task' ? { id: m.payload?.videoId } : undefined),
    target: (m) => ({ id: m.payload?.videoId }),
    position: (m) => m.payload,
  },
  presence: {
    name: 'presence', path: '/api/v1/ws', welcome: 'connected', batch: 'batch', tokenInQuery: true, countsUsers: true,
    ping: () => ({ type: 'ping', timestamp: new Date().toISOString() }),
    body: (m) => m.data ?? m,
    joins: () => undefined, leaves: () => undefined, target: () => ({}), position: () => undefined,
  },
  topics: {
    name: 'topics', path: '/api/v1/ws', welcome: 'connect', batch: 'batch', tokenInQuery: true, hasTopics: true,
    ping: () => ({ type: 'heartbeat', timestamp: Date.now() }),
    body: (m) => m.data ?? {},
    join: (target, position) => ({ type: 'subscribe', data: { ...topicOf(target), ...position } }),
    leave: (target) => ({ type: 'unsubscribe', data: topicOf(target) }),
    joins: (m) => (m.type === 'subscribe' ? m.data : undefined),
    leaves: (m) => (m.type === 'unsubscribe' ? m.data : undefined),
    target: (m) => (m.topic ? m : m.type === 'ack' ? m.data ?? {} : m.type === 'error' ? m.data?.details ?? {} : {}),
    position: (m) => (m.type === 'ack' ? m.data : m),
  },
};

/** A task is the topic `task` with its id as the only param. */
const topicOf = (target) =>
  target.id === undefined ? { topic: target.topic, ...(target.params && { params: target.params }) }
    : { topic: 'task', params: { taskId: target.id } };

/** One key per subscription; params count in any order, and their values as text. */
const keyOf = (target) => {
  if (target.id !== undefined) return `task ${target.id}`;
  if (target.topic === undefined) return undefined;
  const params = Object.entries(target.params ?? {}).map(([name, value]) => [name, String(value)]).sort();
  if (target.topic === 'task' && params.length === 1 && params[0][0] === 'taskId') return `task ${params[0][1]}`;
  return `topic ${target.topic} ${JSON.stringify(params)}`;
};
