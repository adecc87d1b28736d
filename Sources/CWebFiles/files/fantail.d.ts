// Types of fantail.js, Fantail's browser client.

export type DialectName = 'jobs' | 'tasks' | 'presence' | 'topics';
export type ConnectionStatus = 'connecting' | 'connected' | 'disconnected' | 'error';
/** Stops what returned it; a second call does nothing. */
export type Stop = () => void;
export interface Position { epoch: string; sequence: number }

/**
 * A token, or a function that gets one: called before every attempt, and, where the dialect lets a session be renewed, shortly
 * before the token expires. `refused`: the server refused the last one. The same token again then ends the attempts.
 */
export type TokenSource = string | ((why: { refused: boolean; expiresAt?: number }) => string | Promise<string>);

/** How long, and how often, a client tries to reconnect. */
export interface Reconnecting {
  /**
   * Attempts in a row that may fail; then the status is `error`. Default: no end; 5 in the class and hook of jobs. 0 and less: none.
   * Attempts while the browser is offline, and those that it makes early because the page is visible or the network back, do not count.
   * A client that has given up tries once more each time the network comes back, unless it may make no attempt. `null` and whatever
   * is no number, such as `NaN` and text, mean the default.
   */
  maxReconnectAttempts?: number;
  /**
   * ms before each attempt, instead of growing pauses; 3,000 in the class and hook of jobs, 5,000 in the hooks of presence. A node
   * that drains or refuses for a while (1012, 1013) is given pauses that differ for each client. What is not a finite number, and
   * what is less than 0, means the default.
   */
  reconnectInterval?: number;
  /** The client does not go on by itself: it has no attempt left, until the network comes back, or the node refuses it. */
  onGiveUp?: (status: Status) => void;
}

export interface FantailOptions extends Reconnecting {
  /**
   * `http(s)` or `ws(s)`, with or without a path. Default: the node that served `/fantail.js`; for a copy, for example in a
   * bundle, the page's own host.
   */
  url?: string;
  /** Default: `tasks`. */
  dialect?: DialectName;
  token?: TokenSource;
  /** topics: the client's name across reconnects. Default: a random one. */
  clientId?: string;
  /** topics. Default: `1.0`. */
  protocol?: string;
  /** ms between heartbeats; default 30,000. */
  heartbeat?: number;
  /** ms without an answer to a heartbeat after which the client closes the connection; default 5,000. */
  patience?: number;
  /** ms for connecting and signing in; default 15,000. */
  openPatience?: number;
  /** ms: the first pause before a reconnect (500), and the longest (30,000). Each is shortened at random by up to a half. */
  pauses?: { first?: number; most?: number };
  /** Several messages as one frame; handlers still get them one by one, up to 40 ms later. */
  batch?: boolean;
  /** tasks: speak Socket.IO over a WebSocket, at `/socket.io/`, for example where a gateway lets only that pass. Never polls. */
  socketIO?: boolean;
  /** For hosts without a global WebSocket, such as node 20 with the package `ws`; and for tests. */
  WebSocket?: unknown;
  random?: () => number;
}

export interface Status {
  state: ConnectionStatus;
  /** Failed attempts since the last connection, as `maxReconnectAttempts` counts them. */
  attempt: number;
  /** When the next attempt comes, ms since 1970; null unless one is planned. */
  retryAt: number | null;
  /** Of the last close; null while connected. */
  code: number | null;
  reason: string;
  /** The server refuses this client (1008), usually its token. */
  refused: boolean;
}

/** The known state of a task, the same in every dialect. */
export interface TaskState {
  id: string;
  /** QUEUED, PROCESSING, COMPLETED, FAILED, or the worker's own word; null before anything is known. */
  status: string | null;
  /** 0 to 100. */
  progress: number;
  stage: string | null;
  completedStages: string[];
  message: string | null;
  /** Seconds. */
  remaining: number | null;
  videoUrl: string | null;
  result: unknown;
  error: string | null;
  ended: boolean;
  /** Why the client may not watch it. */
  refused?: string;
}

export class Fantail {
  constructor(options?: FantailOptions);
  readonly clientId: string;
  readonly status: Status;
  /** presence: how many users are online. */
  readonly onlineCount: number;
  connect(): this;
  close(code?: number): void;
  /**
   * Sends a message, or keeps it until there is a connection; false where 500 wait already. Subscriptions are kept until they
   * are left, not queued. Messages in flight when the connection broke may be lost.
   */
  send(message: object): boolean;
  /** `body` is the message's `payload` or `data`; `'*'` is every type. */
  on(type: string, handler: (body: any, message: any) => void): Stop;
  onStatus(handler: (status: Status) => void): Stop;
  /** jobs, tasks, topics: `count` numbered events of a subscription, before `message`, are lost. */
  onMissed(handler: (
    count: number, target: { id?: string; topic?: string; params?: Record<string, unknown> }, message: any) => void): Stop;
  /**
   * jobs, tasks, topics: the task's state now, if it is known, and after every change. `type` and `body` are the message's;
   * `state` where another watcher on this page already had it. `since`: the position where this page stopped.
   */
  watch(id: string, handler: (state: TaskState, type: string, body: any) => void, since?: Position): Stop;
  /** topics. */
  subscribe(topic: string, params: Record<string, unknown> | undefined, handler: (data: any, message: any) => void): Stop;
}

export function connect(options?: FantailOptions): Fantail;
/**
 * One connection for everything on the page with the same url, dialect, token, `batch`, `socketIO` and way of reconnecting; the
 * second value releases it. `onGiveUp` is called for each who has not released it.
 */
export function share(options: FantailOptions): [Fantail, Stop];

/** Exported for tests, as `Place` below is. */
export function pauseBefore(
  attempt: number, code?: number | null, random?: () => number, limits?: { first?: number; most?: number; every?: number },
): number;
export function unknownTask(id: string): TaskState;
export function readTask(state: TaskState, type: string, body: any): TaskState;
export class Place {
  readonly position: Position | {};
  admit(type: string, place?: { epoch?: string; sequence?: number; snapshot?: boolean }): boolean;
  begin(place?: { epoch?: string; sequence?: number; recovered?: boolean }): void;
  settle(): void;
  unsettle(): void;
}

/** For hooks: how they reconnect, as the documents say where the page says nothing else. */
export function reconnecting(
  dialect: DialectName, options?: FantailOptions): Pick<Reconnecting, 'maxReconnectAttempts' | 'reconnectInterval'>;
/** For hooks: the users online and the messages, until the second value is called. */
export function followPresence(
  token: TokenSource,
  set: {
    isConnected: (is: boolean) => void; onlineCount: (count: number) => void;
    messages: (change: (old: PresenceMessage[]) => PresenceMessage[]) => void;
  }, options?: Reconnecting & { url?: string; batch?: boolean }): [Fantail, Stop];
/** A task in the hooks: `QUEUED` and an empty address before anything is known. */
export interface TaskProgress extends Omit<TaskState, 'status' | 'videoUrl'> { status: string; videoUrl: string }
export function taskProgress(state: TaskState): TaskProgress;
/** For hooks: every state of a task, until the returned function is called. */
export function followTask(
  videoId: string | null | undefined, token: TokenSource | null | undefined, set: (state: TaskProgress) => void,
  options?: Reconnecting & { url?: string; batch?: boolean; socketIO?: boolean }): Stop;
export function chatMessage(to: UserId | object, message?: string): object;

// ---- jobs ----

export interface JobStatusData {
  jobId: string; status: string; currentStage: string | null; completedStages: string[]; timestamp: string;
  progress?: number; message?: string; sequence?: number; epoch?: string; snapshot?: boolean; missed?: number; [more: string]: unknown;
}
export interface StageCompletedData {
  jobId: string; stage: string; nextStage?: string | null; timestamp: string; [more: string]: unknown;
}
export interface JobErrorData {
  jobId: string; error: string; stage: string | null; timestamp: string; [more: string]: unknown;
}
export type JobMessage =
  | { type: 'connection_established'; clientId: string; timestamp: string; heartbeatInterval: number }
  | { type: 'job_status'; data: JobStatusData }
  | { type: 'stage_completed'; data: StageCompletedData }
  | { type: 'job_error'; data: JobErrorData }
  | { type: 'missed'; data: { jobId: string; missed: number; epoch: string; sequence: number; timestamp: string } }
  | { type: 'pong'; timestamp: string }
  | { type: 'error'; message: string; code: string; timestamp: string };
export type JobRequest =
  | { type: 'join_job'; jobId: string; epoch?: string; sequence?: number }
  | { type: 'leave_job'; jobId: string }
  | { type: 'ping' };

export class WebSocketClient {
  constructor(jobId: string, token?: TokenSource, options?: FantailOptions);
  jobId: string;
  reconnectAttempts: number;
  readonly connectionStatus: ConnectionStatus;
  connect(): void;
  joinJobRoom(): void;
  send(message: object): boolean;
  handleMessage(message: JobMessage): void;
  handleReconnect(): void;
  disconnect(): void;
}

// ---- tasks ----

export interface TaskEnvelope<Type extends string, Payload> { type: Type; id?: string; timestamp: number; payload: Payload }
export interface TaskFailure { code: string; message: string; retryable: boolean; details?: unknown }
export type TaskMessage =
  | TaskEnvelope<'authSuccess', { userId: string; username: string; sessionId: string; expiresAt: number | null }>
  | TaskEnvelope<'authError' | 'error', { code: string; message: string; videoId?: string }>
  | TaskEnvelope<'subscribeSuccess' | 'unsubscribeSuccess',
      { videoId: string; subscribed: boolean; epoch?: string; sequence?: number; recovered?: boolean }>
  | TaskEnvelope<'taskProgress', {
      videoId: string; status: string; progress: number; currentStep?: string; totalSteps?: number; message?: string;
      estimatedTimeRemaining?: number; [more: string]: unknown }>
  | TaskEnvelope<'taskCompleted', { videoId: string; status: 'completed'; progress: 100; result: any; metrics?: any }>
  | TaskEnvelope<'taskFailed', { videoId: string; status: 'failed'; error: TaskFailure }>
  | TaskEnvelope<'taskUpdated', {
      videoId: string; status: string; progress: number; videoUrl: string | null; error: string | null }>
  | TaskEnvelope<'missed', { videoId: string; missed: number; epoch: string; sequence: number }>
  | TaskEnvelope<'heartbeat', { connectedClients: number; uptime: number }>
  | TaskEnvelope<'pong', {}>;

// ---- presence ----

export type PresenceStatus = 'online' | 'away' | 'busy' | 'offline';
export type UserId = number | string;
export interface NotificationData {
  id: number; type: string; title: string; message: string; data?: any; link: string | null; created_at: string;
}
export type PresenceMessage =
  | { type: 'connected'; data: { message: string; user_id: UserId; online_count: number } }
  | { type: 'pong'; timestamp: string }
  | { type: 'user_status'; data: { user_id: UserId; status: 'online' | 'offline'; timestamp: string } }
  | { type: 'notification'; notification_type: string; data: NotificationData; timestamp: string }
  | { type: 'chat'; data: { from_user_id: UserId; from_username: string; message: string; timestamp: string }; timestamp: string }
  | { type: 'typing'; data: { user_id: UserId; is_typing: boolean; context?: string } }
  | { type: 'presence'; data: { user_id: UserId; status: PresenceStatus; data?: any } }
  | { type: 'error'; error_code: string; message: string; timestamp: string };

// ---- topics ----

export interface WsConnectParams { token: TokenSource; clientId?: string; protocol?: string }
export interface HeartbeatMessage { type: 'heartbeat'; timestamp: number }
export interface WsMessage<T = unknown> {
  /** One of `MessageType`; a worker's own types too. */
  type: string; data: T; timestamp: number; messageId: string; sequence?: number; epoch?: string; snapshot?: boolean;
  missed?: number; topic?: string; params?: Record<string, string>;
}
export const MessageType: {
  readonly CONNECT: 'connect'; readonly DISCONNECT: 'disconnect'; readonly ERROR: 'error';
  readonly HEARTBEAT: 'heartbeat'; readonly NOTIFICATION: 'notification'; readonly STATUS_CHANGE: 'status';
  readonly DATA_UPDATE: 'data'; readonly SUBSCRIBE: 'subscribe'; readonly UNSUBSCRIBE: 'unsubscribe'; readonly ACK: 'ack';
};
export type MessageType = (typeof MessageType)[keyof typeof MessageType];
export interface WsError { code: WsErrorCode | 40100; message: string; details?: unknown }
export const WsErrorCode: {
  readonly CONNECT_ERROR: 1000; readonly AUTH_FAILED: 1001; readonly INVALID_PROTOCOL: 1002;
  readonly INVALID_MESSAGE: 2000; readonly MESSAGE_TOO_LARGE: 2001; readonly RATE_LIMIT: 2002;
  readonly SUBSCRIBE_FAILED: 3000; readonly PERMISSION_DENIED: 3001; readonly INVALID_OPERATION: 3002;
};
export type WsErrorCode = (typeof WsErrorCode)[keyof typeof WsErrorCode];

export class WsClient {
  constructor(options: WsConnectParams & Omit<FantailOptions, 'dialect'>);
  readonly clientId: string;
  readonly status: Status;
  connect(): this;
  on(type: MessageType | '*' | (string & {}), handler: (data: any, message: WsMessage<any>) => void): Stop;
  onStatus(handler: (status: Status) => void): Stop;
  send(type: MessageType | (string & {}), data?: unknown): boolean;
  subscribe(topic: string, params: Record<string, unknown> | undefined, handler: (data: any, message: WsMessage<any>) => void): Stop;
  close(): void;
}
