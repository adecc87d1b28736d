// What pages in TypeScript write; checked by tsc, never run.

import { connect, Fantail, MessageType, share, WebSocketClient, WsClient, WsErrorCode } from '/fantail.js';
import type {
  HeartbeatMessage, JobMessage, PresenceMessage, Status, TaskMessage, TaskState, WsConnectParams, WsError, WsMessage,
} from '/fantail.js';
import { useTaskProgress, useWebSocket } from '/fantail-react.js';
import { useTaskProgress as useTaskInVue, useWebSocket as useInVue } from '/fantail-vue.js';

// jobs
const { connectionStatus, reconnectAttempts, connect: open, disconnect } = useWebSocket({
  jobId: 'job-123',
  onJobStatusUpdate: (data) => data.completedStages.concat(data.currentStage ?? []),
  onStageCompleted: ({ stage, nextStage }) => [stage, nextStage],
  onJobError: ({ error }) => error.toUpperCase(),
  onConnectionChange: (connected: boolean) => !connected,
  onError: (error) => error.message,
});
const states: Array<'connecting' | 'connected' | 'disconnected' | 'error'> = [connectionStatus];
const attempts: number = reconnectAttempts;
open(); disconnect();
// @ts-expect-error a job has an id
useWebSocket({ onError: () => {} });
// @ts-expect-error `onJobStatus` is no callback
useWebSocket({ jobId: 'j', onJobStatus: () => {} });

function hearJob(message: JobMessage): string | null {
  switch (message.type) {
    case 'connection_established': return `${message.clientId} ${message.heartbeatInterval.toFixed()}`;
    case 'job_status': return message.data.currentStage;
    case 'stage_completed': return message.data.stage;
    case 'job_error': return message.data.error;
    case 'error': return message.code;
    case 'pong': return message.timestamp;
    case 'missed': return `${message.data.missed.toFixed()} ${message.data.sequence}`;
  }
}
const job = new WebSocketClient('job-123');
job.handleMessage = hearJob;
job.connect(); job.joinJobRoom(); job.send({ type: 'ping' }); job.disconnect();

// tasks
const { progress, status, videoUrl } = useTaskProgress('video_xxx', 'JWT');
const shown: [number, string, string] = [progress, status, videoUrl];
useTaskProgress('video_xxx', async () => 'JWT', { url: 'http://localhost:8000' });
const inVue = useTaskInVue({ value: 'video_xxx' }, 'JWT', { url: 'http://localhost:8000' });
const shownInVue: [number, string, string] = [inVue.progress.value, inVue.status.value, inVue.videoUrl.value];
// @ts-expect-error a field in Vue is a ref
inVue.status.toUpperCase();
function hearTask(message: TaskMessage): unknown {
  switch (message.type) {
    case 'taskProgress': return message.payload.progress + (message.payload.estimatedTimeRemaining ?? 0);
    case 'taskCompleted': return message.payload.result.videoUrl;
    case 'taskFailed': return message.payload.error.retryable;
    // @ts-expect-error there is no such message
    case 'taskExploded': return 1;
    default: return message.timestamp;
  }
}

// presence
const people = useWebSocket('JWT');
const sent: boolean = people.sendMessage(456, 'Hello!') && people.setTyping(true, 'post_123') && people.setPresence('away');
// @ts-expect-error not a status
people.setPresence('asleep');
const names: string[] = people.messages.map((message: PresenceMessage) =>
  (message.type === 'chat' ? message.data.from_username : message.type));
const vue = useInVue({ value: 'JWT' });
const online: number = vue.onlineCount.value;
// @ts-expect-error Vue's token is a ref
useInVue('JWT');

// topics
const parameters: WsConnectParams = { token: 'JWT', clientId: 'client_123', protocol: '1.0' };
const orders = new WsClient(parameters);
orders.on(MessageType.NOTIFICATION, ({ title }) => title);
orders.on('error', (error: WsError) => error.code === WsErrorCode.AUTH_FAILED);
orders.send(MessageType.SUBSCRIBE, { topic: 'order_updates', params: { orderId: 'ORDER_123' } });
orders.subscribe('order_updates', { orderId: 'ORDER_123' }, (data, message: WsMessage<{ n: number }>) => message.data.n);
// The documents' own types, in which `type` is any string.
interface DocumentMessage<T = any> { type: string; data: T; timestamp: number; messageId: string; sequence?: number }
const theirs: DocumentMessage<{ n: number }> = { type: 'data', data: { n: 1 }, timestamp: 1, messageId: 'm' };
const ours: WsMessage<{ n: number }> = theirs;
const theirsAgain: DocumentMessage<{ n: number }> = ours;
const beat: HeartbeatMessage = { type: 'heartbeat', timestamp: Date.now() };

// The client itself
const client: Fantail = connect({
  dialect: 'tasks', batch: true, token: async ({ refused, expiresAt }) => (refused ? 'new' : `old ${expiresAt}`),
});
const stop = client.watch('video_xxx', (state: TaskState) => state.completedStages.join());
client.onStatus(({ state, retryAt }: Status) => (state === 'disconnected' ? retryAt : null));
stop();
// @ts-expect-error not a dialect
connect({ dialect: 'smoke' });
const [shared, release] = share({ dialect: 'jobs' });
shared.send({ type: 'ping' }); release();

connect({ socketIO: true, maxReconnectAttempts: 5, reconnectInterval: 3000, onGiveUp: ({ reason, attempt }) => `${reason} ${attempt}` });
useWebSocket({ jobId: 'j', maxReconnectAttempts: 10, reconnectInterval: 1000, onGiveUp: (last: Status) => last.code });
useWebSocket('JWT', { maxReconnectAttempts: 10, onGiveUp: () => {} });
useTaskProgress('video_xxx', 'JWT', { reconnectInterval: 1000, batch: true, socketIO: true });
useWebSocket({ jobId: 'j', batch: true });
useTaskInVue('video_xxx', { value: 'JWT' }, { batch: true, socketIO: true });
// @ts-expect-error only tasks are spoken over Socket.IO
useWebSocket('JWT', { socketIO: true });
useInVue({ value: 'JWT' }, { reconnectInterval: 1000, onGiveUp: () => {} });
new WebSocketClient('job-123', 'demo-token', { maxReconnectAttempts: 10 }).connect();
// @ts-expect-error a number
connect({ maxReconnectAttempts: '5' });

export { attempts, beat, hearTask, names, online, sent, shown, shownInVue, states, theirsAgain };
