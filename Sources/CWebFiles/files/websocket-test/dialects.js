// The four dialects, and tasks over Socket.IO: their addresses, and a sample message of every kind.

const now = () => Date.now();
const iso = () => new Date().toISOString();
let made = 0;
const messageId = () => `c-${++made}`;

const client = `test-${Math.random().toString(36).slice(2, 8)}`;

/** The message that signs in where the address has no token. */
export const signIn = (token) => ({ type: 'auth', id: 'auth-001', timestamp: now(), payload: { token } });

export const DIALECTS = {
  jobs: {
    path: (token) => `/ws?token=${token}`,
    examples: [
      ['Join a job', () => ({ type: 'join_job', jobId: 'job-123' })],
      ['Join where you left off', () => ({
        type: 'join_job', jobId: 'job-123', epoch: 'from an earlier message', sequence: 7,
      })],
      ['Leave a job', () => ({ type: 'leave_job', jobId: 'job-123' })],
      ['Ping', () => ({ type: 'ping' })],
    ],
  },
  tasks: {
    path: () => '/ws',
    signsIn: true,
    examples: [
      ['Subscribe to a task', () => ({
        type: 'subscribe_task', id: 'sub-001', timestamp: now(), payload: { videoId: 'video_1' },
      })],
      ['Sign in', signIn],
      ['Subscribe where you left off', () => ({
        type: 'subscribe_task', id: 'sub-002', timestamp: now(),
        payload: { videoId: 'video_1', epoch: 'from subscribeSuccess', sequence: 7 },
      })],
      ['Ask how a task stands', () => ({ type: 'requestTaskStatus', id: 'ask-001', payload: { videoId: 'video_1' } })],
      ['Ask how several stand', () => ({
        type: 'requestMultipleTaskStatus', payload: { videoIds: ['video_1', 'video_2'] },
      })],
      ['Unsubscribe', () => ({
        type: 'unsubscribe_task', id: 'unsub-001', timestamp: now(), payload: { videoId: 'video_1' },
      })],
      ['Ping', () => ({ type: 'ping', id: 'p-1' })],
    ],
  },
  presence: {
    path: (token) => `/api/v1/ws?token=${token}`,
    examples: [
      ['Say how you are: away', () => ({ type: 'presence', status: 'away', data: { device: 'desktop' } })],
      ['Say how you are: online', () => ({ type: 'presence', status: 'online', data: { device: 'desktop' } })],
      ['Typing', () => ({ type: 'typing', data: { is_typing: true, context: 'post_123' } })],
      ['No longer typing', () => ({ type: 'typing', data: { is_typing: false, context: 'post_123' } })],
      ['Chat', () => ({ type: 'message', to_user_id: 'demo', message: 'Hello!', timestamp: iso() })],
      ['Ping', () => ({ type: 'ping', timestamp: iso() })],
    ],
  },
  topics: {
    path: (token) => `/api/v1/ws?token=${token}&clientId=${client}&protocol=1.0`,
    examples: [
      ['Subscribe to a task', () => ({
        type: 'subscribe', data: { topic: 'task', params: { taskId: 'video_1' } }, timestamp: now(),
        messageId: messageId(),
      })],
      ['Subscribe to a topic', () => ({
        type: 'subscribe', data: { topic: 'order_updates', params: { orderId: 'ORDER_123' } }, timestamp: now(),
        messageId: messageId(),
      })],
      ['Acknowledge a message', () => ({ type: 'ack', data: { messageId: 'msg_126' } })],
      ['Unsubscribe', () => ({
        type: 'unsubscribe', data: { topic: 'order_updates', params: { orderId: 'ORDER_123' } }, timestamp: now(),
        messageId: messageId(),
      })],
      ['Heartbeat', () => ({ type: 'heartbeat', timestamp: now() })],
      ['Leave', () => ({ type: 'disconnect', data: {}, timestamp: now(), messageId: messageId() })],
    ],
  },
};

/** A message as an event of Socket.IO, in its packet. */
const packet = (message) => `42${JSON.stringify([message.type, message], null, 2)}`;

DIALECTS.socketio = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  signsIn: true,
  /** What a client must answer at once: the open packet, then the connect packet, and each ping. */
  answer(received, signIn) {
    if (received.startsWith('0')) return '40';
    if (received.startsWith('40')) return signIn && packet(signIn);
    return received === '2' ? '3' : null;
  },
  examples: [
    ...DIALECTS.tasks.examples.map(([label, made]) => [label, (token) => packet(made(token))]),
    ['Ask how a task stands, with an acknowledgement', () => '421["requestTaskStatus", {"videoId": "video_1"}]'],
  ],
  mistakes: [
    ['A mistake: not JSON', '42["subscribe_task", '],
    ['A mistake: an unknown type', '42["no_such_type", {}]'],
    ['A mistake: another namespace', '40/other,'],
  ],
};

/** Mistakes on purpose, to see the node's answers. */
const MISTAKES = [
  ['A mistake: not JSON', '{"type": '],
  ['A mistake: an unknown type', '{\n  "type": "no_such_type"\n}'],
];
export const samples = (dialect) => [...DIALECTS[dialect].examples, ...DIALECTS[dialect].mistakes ?? MISTAKES];

/**
 * What a frame is called, and its JSON spread out. Before the JSON of a packet of Socket.IO stands its number, and a namespace
 * where it is not `/`.
 */
export function read(text) {
  const [, number, namespace, json] = /^(\d*)((?:(?<=\d)\/[^,]*,)?)(.*)$/s.exec(text);
  const kind = PACKETS[number.slice(0, 2)] ?? PACKETS[number[0]];
  if (kind && json === '') return { type: kind, pretty: text };
  try {
    const value = JSON.parse(json);
    const type = number.startsWith('42') ? value[0] : number ? kind : value.type;
    return { type: String(type ?? ''), pretty: number + namespace + JSON.stringify(value, null, 2) };
  } catch { return { type: 'not JSON', pretty: text }; }
}
const PACKETS = {
  0: 'open', 1: 'close', 2: 'ping', 3: 'pong', 6: 'noop', 40: 'connect', 41: 'disconnect', 43: 'acknowledgement', 44: 'connect error',
};

const BEATS = new Set(['ping', 'pong', 'heartbeat']);
export const isBeat = (type) => BEATS.has(type);
