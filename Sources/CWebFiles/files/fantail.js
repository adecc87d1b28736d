// Fantail's browser client: one ES module, nothing to install. Types and docs: fantail.d.ts.

// ---- The four dialects ---------------------------------------------------------------------------------------

const DIALECTS = {
  jobs: {
    path: '/ws', welcome: 'connection_established', tokenInQuery: true, joinsInSilence: true,
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
    path: '/ws', welcome: 'authSuccess', tokenInQuery: false,
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
    path: '/api/v1/ws', welcome: 'connected', tokenInQuery: true,
    ping: () => ({ type: 'ping', timestamp: new Date().toISOString() }),
    body: (m) => m.data ?? m,
    joins: () => undefined, leaves: () => undefined, target: () => ({}), position: () => undefined,
  },
  topics: {
    path: '/api/v1/ws', welcome: 'connect', tokenInQuery: true,
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

/** One text for one subscription; params count in any order, and their values as text. */
const keyOf = (target) => {
  if (target.id !== undefined) return `task ${target.id}`;
  if (target.topic === undefined) return undefined;
  const params = Object.entries(target.params ?? {}).map(([name, value]) => [name, String(value)]).sort();
  if (target.topic === 'task' && params.length === 1 && params[0][0] === 'taskId') return `task ${params[0][1]}`;
  return `topic ${target.topic} ${JSON.stringify(params)}`;
};

// ---- Pure parts -----------------------------------------------------------------------------------------------
// `unknownTask` and `readTask` are for pages that get a task's messages in another way, over an event stream say;
// `pauseBefore` and `Place` are exported for the tests alone, which would wait for minutes otherwise.

/** After these the server does not want this client back as it is. */
const FINAL = new Set([1000, 1002, 1008]);

/**
 * Milliseconds to wait before the next attempt: growing, capped, and never the same for two clients.
 * A node that stops (1012) or is too busy (1013) asks everyone at once, so those are spread wider.
 */
export function pauseBefore(attempt, code, random = Math.random, limits = {}) {
  const { first = 500, most = 30000 } = limits;
  if (code === 1013) return 5000 + random() * 15000;
  if (code === 1012 && attempt <= 1) return random() * 4000;
  const full = Math.min(most, first * 2 ** Math.min(attempt - 1, 20));
  return full * (0.5 + random() * 0.5);
}

/** What has been seen of one subscription: tells news from copies, and where to resume. */
export class Place {
  #epoch; #last; #updated; #begun;

  /** Whether the message is news; remembers it if it is. Messages without a sequence always are. */
  admit(type, { epoch, sequence, snapshot } = {}) {
    if (typeof sequence !== 'number') return true;
    if (epoch !== undefined && epoch !== this.#epoch) [this.#epoch, this.#last, this.#updated] = [epoch];
    // An event and the `taskUpdated` that repeats it have one sequence: two lines, each in order.
    const isUpdate = type === 'taskUpdated';
    const before = isUpdate ? this.#updated : this.#last;
    if (before !== undefined && (snapshot ? sequence < before : sequence <= before)) return false;
    if (isUpdate) this.#updated = sequence;
    else this.#last = sequence;
    return true;
  }

  /** The server has answered the subscription: the stream goes on after this. Nothing published yet: no epoch. */
  begin({ epoch = '*', sequence = 0, recovered } = {}) {
    if (recovered) this.#epoch = epoch; // what was missed follows
    else if (epoch !== this.#epoch) this.#begun = { epoch, sequence };
  }

  /**
   * What followed the answer has come, so what comes next is the stream. Not before: a connection that breaks between
   * the answer and the state has not told the state.
   */
  settle() {
    const { epoch, sequence } = this.#begun ?? {};
    this.#begun = undefined;
    if (epoch !== undefined && epoch !== this.#epoch) [this.#epoch, this.#last, this.#updated] = [epoch, sequence];
  }

  /** The connection broke: an answer that nothing has followed is forgotten. */
  unsettle() { this.#begun = undefined; }

  /** What to say when subscribing again: nothing where nothing is known. */
  get position() {
    return this.#epoch === undefined || this.#last === undefined ? {} : { epoch: this.#epoch, sequence: this.#last };
  }
}

/** The state of a task nobody has heard of yet. */
export const unknownTask = (id) => ({
  id, status: null, progress: 0, stage: null, completedStages: [], message: null, remaining: null, videoUrl: null,
  result: null, error: null, ended: false,
});

const hasEnded = (status) => status === 'COMPLETED' || status === 'FAILED';

/** A message in the shape of `GET /api/v1/tasks/{id}`, as the messages of tasks say it. */
const stateBody = (state) => ({
  ...state.state?.payload ?? state.state?.data ?? state.state, status: state.status ?? 'PROCESSING',
  progress: state.progress, currentStage: state.current_stage, completedStages: state.completed_stages,
  message: state.message, estimatedTimeRemaining: state.estimated_time_remaining, result: state.result, error: state.error,
});

/**
 * A task's state after a message about it, in whichever dialect; the old one where the message says nothing. `snapshot` is
 * an event stream's, which says all there is.
 */
export function readTask(state, type, body) {
  if (type === 'snapshot' && 'completed_stages' in body) return readTask(unknownTask(state.id), 'state', stateBody(body));
  const next = { ...state };
  const isStage = type === 'stage_completed' || body.type === 'stage' || (type === 'taskProgress' && body.stage !== undefined);
  let status = typeof body.status === 'string' ? body.status.toUpperCase() : null;
  // What goes on is not waiting, and not at an end.
  const isOver = hasEnded(state.status) || state.status === 'QUEUED';
  if (!status && (isStage ? isOver || state.status === null : isOver && Number.isFinite(body.progress))) status = 'PROCESSING';
  if (type === 'taskCompleted') status = 'COMPLETED';
  if (type === 'taskFailed' || type === 'job_error') status = 'FAILED';
  if (status) next.status = status === 'RUNNING' ? 'PROCESSING' : status;
  if (Number.isFinite(body.progress)) next.progress = Math.min(100, Math.max(0, body.progress));
  next.stage = body.currentStage ?? body.currentStep ?? body.nextStage ?? next.stage;
  if (Array.isArray(body.completedStages)) next.completedStages = body.completedStages;
  else if (isStage && !next.completedStages.includes(body.stage)) next.completedStages = [...next.completedStages, body.stage];
  if (hasEnded(state.status) && status && !hasEnded(next.status)) [next.message, next.remaining] = [null, null];
  if (typeof body.message === 'string') next.message = body.message;
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

// ---- The connection ------------------------------------------------------------------------------------------

const MOST_QUEUED = 500;
const MOST_REMEMBERED = 1000; // message ids, for copies
const MOST_ASKED = 100; // tasks whose status was asked for; the server takes as many in one request
const A_SECOND_AT_MOST = 40; // the server takes 50 a second
const LATE = 2000; // a timer that fires so much too late means that the tab slept
const REPLIES = new Set(['subscribeSuccess', 'unsubscribeSuccess', 'ack', 'error']);

let connectionNumber = 0;

/**
 * Where to connect to unless it is said: to the node that served this file, which need not be the page's own host. A file
 * that came in another way, bundled or copied, knows no node: then the page's host it is, and without a page this computer.
 */
const HOME = (() => {
  const page = globalThis.location?.href ?? 'http://localhost:8000/';
  try {
    const file = new URL(import.meta.url);
    return /^https?:$/.test(file.protocol) && file.pathname === '/fantail.js' ? file.origin : page;
  } catch { return page; }
})();

/** One connection that stays: many subscriptions, any dialect. */
export class Fantail {
  #options; #dialect; #url; #socket; #wanted = false; #welcomed = false;
  #attempt = 0; #state = 'disconnected'; #retryAt = null; #code = null; #reason = ''; #refused = false;
  #token;
  #targets = new Map(); #handlers = new Map(); #watchers = new Set(); #missedHandlers = new Set();
  #queue = []; #outgoing = []; #sent = 0; #sentInWindow = 0; #window = null;
  #retry; #beat; #patience; #renewal; #ids = new Set(); #asked = new Set(); #unsettled = new Set();

  constructor(options = {}) {
    this.#options = { dialect: 'tasks', heartbeat: 30000, patience: 5000, openPatience: 15000, ...options };
    this.#dialect = DIALECTS[this.#options.dialect];
    if (!this.#dialect) throw new TypeError(`unknown dialect ${this.#options.dialect}`);
    this.#url = new URL(this.#options.url ?? '/', HOME);
    this.#url.protocol = this.#url.protocol.replace('http', 'ws');
    if (this.#url.pathname === '/') this.#url.pathname = this.#dialect.path;
    this.clientId = this.#options.clientId ?? `web-${Math.random().toString(36).slice(2, 12)}`;
    this.number = ++connectionNumber;
    this.onlineCount = 0; // in presence: how many users are online
  }

  get #isTopics() { return this.#options.dialect === 'topics'; }

  /** Where the connection stands; `retryAt` is a time in ms while it waits, `code` and `reason` are of the last close. */
  get status() {
    return {
      state: this.#state, attempt: this.#attempt, retryAt: this.#retryAt, code: this.#code, reason: this.#reason,
      refused: this.#refused,
    };
  }

  connect() {
    if (this.#wanted) return this;
    this.#wanted = true;
    this.#refused = false;
    this.#attempt = 0;
    globalThis.addEventListener?.('online', this.#wake);
    globalThis.document?.addEventListener('visibilitychange', this.#wake);
    this.#open();
    return this;
  }

  /** Ends it for good; `connect()` begins again, with the subscriptions and the queue still there. */
  close(code = 1000) {
    this.#rest();
    this.#drop(code);
    this.#code = code;
    this.#say('disconnected');
  }

  /** Sends a message, or keeps it until there is a connection. False where too many wait already. */
  send(message) {
    const [joined, left] = [this.#dialect.joins(message), this.#dialect.leaves(message)];
    // Subscriptions are remembered, not queued: they are said again after every reconnect.
    if (joined && keyOf(joined)) {
      this.#join(this.#entry(joined).entry, message);
      return true;
    }
    if (left && keyOf(left)) {
      this.#forget(left);
      this.#out(message);
      return true;
    }
    if (this.#queue.length + this.#outgoing.length >= MOST_QUEUED) return false;
    message = this.#asking(message);
    if (this.#welcomed) this.#out(message);
    else this.#queue.push(message);
    return true;
  }

  /** Calls `handler(body, message)` for messages of a type, `'*'` for all of them. Returns what stops it. */
  on(type, handler) {
    const set = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, set.add(handler));
    return () => set.delete(handler);
  }

  /** Calls `handler(status)` now and whenever the status changes. Returns what stops it. */
  onStatus(handler) {
    this.#watchers.add(handler);
    handler(this.status);
    return () => this.#watchers.delete(handler);
  }

  /**
   * Calls `handler(count, target, message)` where numbered events of a task (`target.id`) or a topic (`target.topic`,
   * `target.params`) can no longer be told: so many before this message. Returns what stops it.
   */
  onMissed(handler) {
    this.#missedHandlers.add(handler);
    return () => this.#missedHandlers.delete(handler);
  }

  /** Follows a task: `handler(state, type, body)` after every change. Returns what stops it. */
  watch(id, handler, since) {
    return this.#follow({ id }, handler, true, since);
  }

  /** Follows a topic: `handler(data, message)`. Returns what stops it. */
  subscribe(topic, params, handler) {
    return this.#follow({ topic, params }, handler, false);
  }

  // Subscriptions.

  #follow(target, handler, isTask, since) {
    if (!this.#dialect.join) throw new TypeError(`nothing can be followed in ${this.#options.dialect}`);
    const { entry, isKnown } = this.#entry(target);
    const follower = { handler, isTask };
    entry.followers.add(follower);
    if (!isKnown) {
      if (since) entry.place.begin(since);
      entry.place.settle();
      this.#join(entry);
    }
    // Somebody else follows it already, so the server will not say its state again: we do.
    if (isTask && entry.state) {
      queueMicrotask(() => entry.followers.has(follower) && this.#safely(handler, entry.state, 'state', entry.body));
    }
    return () => {
      if (!entry.followers.delete(follower) || entry.followers.size || this.#targets.get(keyOf(target)) !== entry) return;
      this.#forget(target);
      this.#out(this.#dialect.leave(target));
    };
  }

  #entry(target) {
    const key = keyOf(target);
    const isKnown = this.#targets.has(key);
    if (!isKnown) this.#targets.set(key, { target, place: new Place(), followers: new Set(), state: null, body: {} });
    return { entry: this.#targets.get(key), isKnown };
  }

  #join(entry, message) {
    const { position } = entry.place;
    if (!this.#out(message ?? this.#dialect.join(entry.target, position))) return;
    // Where joining is not answered, whatever comes next is taken for the answer.
    if (this.#dialect.joinsInSilence && position.epoch === undefined) this.#begin(entry, {});
  }

  #begin(entry, place) {
    entry.place.begin(place);
    this.#unsettled.add(entry);
  }

  #forget(target) {
    this.#targets.delete(keyOf(target));
    if (!this.#isTopics || target.params || target.id !== undefined) return;
    for (const [key, entry] of this.#targets) if (entry.target.topic === target.topic) this.#targets.delete(key);
  }

  /**
   * Requests for a task's status get an id, so that their answers are told from copies, and are remembered: who has
   * asked is told of every change (ops/dialects.md), also by the next connection.
   */
  #asking(message) {
    const { videoId, videoIds = [videoId] } = message.payload ?? {};
    if (!/^request(Multiple)?TaskStatus$/.test(message.type)) return message;
    for (const id of videoIds) {
      this.#asked.delete(id);
      this.#asked.add(id);
      if (this.#asked.size > MOST_ASKED) this.#asked.delete(this.#asked.values().next().value);
    }
    return { id: `ask-${this.number}-${++this.#sent}`, ...message };
  }

  #askAgain() {
    const queued = new Set(this.#queue.flatMap(({ payload }) => payload?.videoIds ?? payload?.videoId ?? []));
    const videoIds = [...this.#asked].filter((id) => !queued.has(id));
    if (videoIds.length) this.#out(this.#asking({ type: 'requestMultipleTaskStatus', payload: { videoIds } }));
  }

  // Opening and closing.

  async #open() {
    this.#retryAt = null;
    this.#say('connecting');
    const attempt = {};
    this.#socket = attempt;
    this.#within(this.#options.openPatience, 'no token');
    const previous = this.#token;
    try {
      this.#token = await this.#newToken({ refused: this.#refused });
    } catch (error) {
      this.#log('no token', error);
      if (this.#socket === attempt) this.#lost(null, `no token: ${error.message}`);
      return;
    }
    if (this.#socket !== attempt) return; // closed or begun again meanwhile
    if (this.#refused && this.#token === previous) return void this.#stay('error'); // it would be refused again
    const url = new URL(this.#url);
    if (this.#dialect.tokenInQuery) url.searchParams.set('token', this.#token ?? '');
    if (this.#isTopics) {
      url.searchParams.set('clientId', this.clientId);
      url.searchParams.set('protocol', this.#options.protocol ?? '1.0');
    }
    let socket;
    try {
      socket = new (this.#options.WebSocket ?? globalThis.WebSocket)(url.href, [`fantail.${this.#options.dialect}`]);
    } catch (error) { // the browser forbids the address: no later attempt can do better
      this.#reason = error.message;
      return this.#stay('error');
    }
    this.#socket = socket;
    // What a socket says after it has been given up is nobody's business.
    socket.onopen = () => this.#socket === socket && this.#opened();
    socket.onmessage = (event) => this.#socket === socket && this.#received(event.data);
    socket.onclose = (event) => this.#socket === socket && this.#lost(event.code, event.reason);
    // The close that follows an error is what counts. But somebody must listen: an error that nobody hears ends a program
    // whose WebSocket is one of node's event emitters, as that of the package ws.
    socket.onerror = (event) => this.#log('an error', event.message ?? '');
    this.#within(this.#options.openPatience, 'no answer');
  }

  async #newToken(why) {
    const { token } = this.#options;
    return typeof token === 'function' ? await token(why) : token;
  }

  #opened() {
    if (!this.#dialect.tokenInQuery) this.#authenticate();
  }

  #authenticate() {
    const { batch } = this.#options;
    this.#write({ type: 'auth', id: 'auth', payload: { token: this.#token, ...(batch && { batch }) } });
  }

  #greeted(body) {
    this.#heard();
    if (this.#welcomed) return this.#renewLater(body); // the session was renewed
    this.#welcomed = true;
    this.#attempt = 0;
    this.#refused = false;
    this.#code = null;
    this.#reason = '';
    if (body.heartbeatInterval > 0) this.#options.heartbeat = Math.min(this.#options.heartbeat, body.heartbeatInterval);
    this.#renewLater(body);
    this.#beatLater();
    for (const entry of this.#targets.values()) this.#join(entry);
    this.#askAgain();
    for (const message of this.#queue.splice(0)) this.#out(message);
    this.#say('connected');
  }

  #lost(code, reason) {
    this.#drop();
    this.#code = code;
    this.#reason = reason || this.#reason;
    if (!this.#wanted) return;
    // A refused token is not tried twice; a callback may have a better one.
    const mayRenew = code === 1008 && typeof this.#options.token === 'function' && !this.#refused;
    this.#refused = code === 1008;
    if (FINAL.has(code) && !mayRenew) {
      this.#log('stays closed', code, this.#reason);
      return this.#stay(code === 1000 ? 'disconnected' : 'error');
    }
    this.#attempt += 1;
    const pause = pauseBefore(this.#attempt, code, this.#options.random, this.#options.pauses);
    this.#retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => this.#open(), pause);
    this.#log(`lost (${code ?? 'no socket'}), again in ${Math.round(pause)} ms`);
    this.#say('disconnected');
  }

  #stay(state) {
    this.#rest();
    this.#drop();
    this.#say(state);
  }

  /** The socket is dead to us whatever it thinks; a dead network would take minutes to say so. */
  #giveUp(why) {
    this.#reason = why;
    const socket = this.#socket;
    this.#lost(1006, why);
    try { socket.close?.(); } catch { /* it was never open */ }
  }

  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    this.#retryAt = null;
    for (const { place } of this.#unsettled) place.unsettle();
    this.#unsettled.clear();
    // Subscriptions are said anew; what was on its way out is kept.
    this.#queue.unshift(...this.#outgoing.splice(0).filter((m) => !this.#dialect.joins(m) && !this.#dialect.leaves(m)));
    for (const timer of [this.#retry, this.#beat, this.#renewal, this.#window]) clearTimeout(timer);
    this.#heard();
    this.#window = null;
    if (code !== undefined) socket?.close?.(code);
  }

  #rest() {
    this.#wanted = false;
    globalThis.removeEventListener?.('online', this.#wake);
    globalThis.document?.removeEventListener('visibilitychange', this.#wake);
  }

  /** The network is back, or somebody looks: no reason to wait longer, and a good time to ask whether the line is alive. */
  #wake = () => {
    if (!this.#wanted || globalThis.document?.visibilityState === 'hidden') return;
    if (this.#welcomed) return this.#ping();
    if (this.#retryAt === null || this.#code === 1013) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), Math.random() * 300);
  };

  // Heartbeats.

  #beatLater() {
    clearTimeout(this.#beat);
    this.#beat = setTimeout(() => { this.#ping(); this.#beatLater(); }, this.#options.heartbeat);
  }

  #ping() {
    this.#write(this.#dialect.ping());
    // An earlier one that still waits for its answer keeps its time.
    if (this.#patience === undefined) this.#within(this.#options.patience, 'the server fell silent');
  }

  /**
   * A timer that fires much too late did not measure the server's silence but our own sleep: what came meanwhile has
   * not been handed to us yet. Then ask again, once, and wait anew.
   */
  #within(milliseconds, complaint, isSecond = false) {
    this.#heard();
    const due = Date.now() + milliseconds;
    this.#patience = setTimeout(() => {
      if (isSecond || Date.now() - due < LATE) return this.#giveUp(complaint);
      if (this.#welcomed) this.#write(this.#dialect.ping());
      this.#within(milliseconds, complaint, true);
    }, milliseconds);
  }

  /** Nothing is waited for any more. */
  #heard() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  /** A new token shortly before the old one ends, where the dialect lets a session be renewed. */
  #renewLater(body) {
    clearTimeout(this.#renewal);
    if (typeof this.#options.token !== 'function' || !body.expiresAt || this.#dialect.tokenInQuery) return;
    const left = body.expiresAt - Date.now();
    const pause = Math.min(2 ** 31 - 1, Math.max(1000, left - Math.max(5000, Math.min(60000, left / 5))));
    this.#renewal = setTimeout(async () => {
      try {
        const token = await this.#newToken({ refused: false, expiresAt: body.expiresAt });
        if (!this.#welcomed || token === this.#token) return;
        this.#token = token;
        this.#authenticate();
      } catch (error) { this.#log('no new token', error); }
    }, pause);
  }

  // Messages.

  #received(text) {
    if (this.#welcomed) this.#heard(); // any word is a sign of life
    let message;
    try { message = JSON.parse(text); } catch { return this.#log('not JSON', text); }
    this.#log('<-', message);
    for (const one of message.type === 'taskBatch' ? message.payload.updates : [message]) this.#take(one);
  }

  #take(message) {
    const { type } = message;
    const body = this.#dialect.body(message);
    const entry = this.#targets.get(keyOf(this.#dialect.target(message)));
    this.#settle(this.#dialect.position(message));
    const isCopy = this.#isCopy(message) || (entry && !REPLIES.has(type) && !this.#isNews(entry, message));
    if (isCopy) this.#log('a copy', message.messageId ?? type);
    else this.#tell(entry, message, body);
    // Only now that it has been handed over; and a copy too, which came because the first answer was lost.
    if (this.#isTopics && message.ack === true) this.send({ type: 'ack', data: { messageId: message.messageId } });
  }

  #tell(entry, message, body) {
    const { type } = message;
    if (type === 'error' || type === 'authError') this.#reason = body.message ?? message.message ?? this.#reason;
    if (entry && (type === 'subscribeSuccess' || (type === 'ack' && body.subscribed))) this.#begin(entry, body);
    if (this.#options.dialect === 'presence') this.#count(type, body);
    if (type === this.#dialect.welcome && !(this.#welcomed && this.#dialect.tokenInQuery)) this.#greeted(body);
    if (entry) {
      this.#tellMissed(entry, message);
      this.#tellFollowers(entry, message, body);
    }
    for (const name of [type, '*']) {
      for (const handler of [...this.#handlers.get(name) ?? []]) this.#safely(handler, body, message);
    }
  }

  /** What follows the answer to a subscription says that the answer was whole, unless it is the state that belongs to it. */
  #settle(place) {
    if (place?.snapshot) return;
    for (const entry of this.#unsettled) entry.place.settle();
    this.#unsettled.clear();
  }

  /** How many numbered events before this message are gone; a state of tasks says it twice. */
  #tellMissed(entry, message) {
    const { missed } = this.#dialect.position(message) ?? {};
    if (!(missed > 0) || message.type === 'taskUpdated') return;
    for (const handler of [...this.#missedHandlers]) this.#safely(handler, missed, entry.target, message);
  }

  #tellFollowers(entry, message, body) {
    const { type } = message;
    const isState = saysHowTaskStands(type, body);
    if (isState) {
      entry.state = readTask(entry.state ?? unknownTask(entry.target.id), type, body);
      if (type !== 'stage_completed') entry.body = body;
    }
    if (type === 'error') entry.state = { ...entry.state ?? unknownTask(entry.target.id), refused: this.#reason };
    for (const { handler, isTask } of [...entry.followers]) {
      if (!isTask) { if (type !== 'ack' && type !== 'missed') this.#safely(handler, body, message); }
      else if (isState || type === 'error') this.#safely(handler, entry.state, type, body);
    }
  }

  #count(type, body) {
    if (type === 'connected') this.onlineCount = body.online_count;
    if (type === 'user_status') this.onlineCount = Math.max(0, this.onlineCount + (body.status === 'online' ? 1 : -1));
  }

  /** An answer to a question that carried an id is wanted even when it says nothing new. */
  #isNews(entry, message) {
    return entry.place.admit(message.type, this.#dialect.position(message)) || message.id !== undefined;
  }

  #isCopy({ messageId, type }) {
    if (!this.#isTopics || !messageId || type === 'heartbeat' || type === 'ack') return false;
    if (this.#ids.has(messageId)) return true;
    this.#ids.add(messageId);
    if (this.#ids.size > MOST_REMEMBERED) this.#ids.delete(this.#ids.values().next().value);
    return false;
  }

  /** In order, and never faster than the server takes it. False where there is no connection for it. */
  #out(message) {
    if (!this.#welcomed) return false;
    this.#outgoing.push(message);
    this.#pump();
    return true;
  }

  #pump() {
    // A socket that is closing already takes nothing; what waits then goes to the next one.
    while (this.#sentInWindow < A_SECOND_AT_MOST && this.#outgoing.length && this.#socket.readyState === 1) {
      this.#sentInWindow += 1;
      this.#write(this.#outgoing.shift());
    }
    this.#window ??= setTimeout(() => {
      this.#window = null;
      this.#sentInWindow = 0;
      if (this.#outgoing.length) this.#pump();
    }, 1000);
  }

  #write(message) {
    if (this.#isTopics) {
      this.#sent += 1;
      message = { timestamp: Date.now(), messageId: `${this.clientId}-${this.number}-${this.#sent}`, ...message };
    }
    this.#log('->', message.type === 'auth' ? { ...message, payload: '(token)' } : message);
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  // Telling.

  #say(state) {
    this.#state = state;
    const { status } = this;
    for (const watcher of [...this.#watchers]) this.#safely(watcher, status);
  }

  /** A handler that throws must not take the others with it. */
  #safely(handler, ...args) {
    try { handler(...args); } catch (error) { console.error('fantail: a handler threw', error); }
  }

  #log(...words) {
    if (isDebugging()) console.debug(`fantail ${this.number} ${this.#options.dialect}`, ...words);
  }
}

function isDebugging() {
  try { return globalThis.localStorage?.getItem('ws-debug') === 'true'; } catch { return false; }
}

/** A connection, opened. */
export const connect = (options) => new Fantail(options).connect();

// ---- Sharing: one connection for everything on a page that wants the same ------------------------------------

const shared = new Map();

/** The page's one connection with these options, and how to give it back; it is closed a moment after the last has. */
export function share(options) {
  const { url = HOME, dialect = 'tasks', token = '' } = options;
  const tokens = typeof token === 'function' ? token : `=${token}`;
  const bucket = shared.get(tokens) ?? new Map();
  shared.set(tokens, bucket);
  const key = `${dialect} ${url}`;
  let slot = bucket.get(key);
  // One that the server has ended for good is left to those who hold it.
  if (!slot || slot.client.status.state === 'error') slot = { client: connect(options), users: 0 };
  bucket.set(key, slot);
  slot.users += 1;
  clearTimeout(slot.closing);
  let held = true;
  return [slot.client, () => {
    if (!held) return;
    held = false;
    slot.users -= 1;
    if (slot.users) return;
    slot.closing = setTimeout(() => {
      slot.client.close();
      if (bucket.get(key) !== slot) return; // another has taken its place
      bucket.delete(key);
      if (!bucket.size) shared.delete(tokens);
    }, 500);
  }];
}

// ---- What the hooks of fantail-react.js and fantail-vue.js have in common ------------------------------------

const MOST_MESSAGES = 200; // kept for `messages`

/** Presence for a hook: hands values to `set.isConnected`, `set.onlineCount`; to `set.messages` what makes the new list of the old. */
export function followPresence(token, set, url) {
  const [client, release] = share({ dialect: 'presence', url, token });
  const stops = [
    client.onStatus(({ state }) => set.isConnected(state === 'connected')),
    client.on('connected', () => set.onlineCount(client.onlineCount)),
    client.on('user_status', () => set.onlineCount(client.onlineCount)),
    client.on('*', (_, message) => message.type !== 'pong'
      && set.messages((old) => [...old.slice(1 - MOST_MESSAGES), message])),
  ];
  set.onlineCount(client.onlineCount);
  return [client, () => { stops.forEach((stop) => stop()); release(); }];
}

/** A task as the hooks show it: with a status and an address, if empty, from the first moment on. */
export const taskProgress = (state) => ({ ...state, status: state.status ?? 'QUEUED', videoUrl: state.videoUrl ?? '' });

/** A task for a hook: hands every state to `set`, the first one at once. */
export function followTask(videoId, token, set, url) {
  set(taskProgress(unknownTask(videoId)));
  if (!videoId || !token) return () => {};
  const [client, release] = share({ dialect: 'tasks', url, token });
  const stop = client.watch(videoId, (state) => set(taskProgress(state)));
  return () => { stop(); release(); };
}

/** `sendMessage(to, message)`, or `sendMessage(wholeMessage)`. */
export const chatMessage = (to, message) => (typeof to === 'object' ? to
  : { type: 'message', to_user_id: to, message, timestamp: new Date().toISOString() });

// ---- Small classes for pages of jobs and of topics -----------------------------------------------------------

/** A job's messages in plain JavaScript: override or assign `handleMessage`. */
export class WebSocketClient {
  #client; #stop;

  constructor(jobId, token = 'demo-token', options = {}) {
    this.jobId = jobId;
    this.reconnectAttempts = 0;
    this.#client = new Fantail({ dialect: 'jobs', token, ...options });
    this.#client.on('*', (_, message) => this.handleMessage(message));
    this.#client.on('connection_established', () => this.joinJobRoom());
    this.#client.onStatus(({ attempt, retryAt }) => {
      const isNew = attempt > this.reconnectAttempts && retryAt !== null;
      this.reconnectAttempts = attempt;
      if (isNew) this.handleReconnect();
    });
  }

  get connectionStatus() { return this.#client.status.state; }
  connect() { this.#client.connect(); }
  joinJobRoom() { if (this.jobId) this.#stop ??= this.#client.watch(this.jobId, () => {}); }
  send(message) { return this.#client.send(message); }
  handleMessage() {}
  /** Called when a reconnect is planned; the reconnect itself needs nobody's help. */
  handleReconnect() {}
  disconnect() { this.#client.close(); }
}

/** Topics in plain JavaScript: `on(type, handler)` gets `data`, `send(type, data)` waits for the connection. */
export class WsClient {
  #client;

  constructor({ token, clientId, protocol = '1.0', url, ...options } = {}) {
    this.#client = new Fantail({ ...options, dialect: 'topics', token, clientId, protocol, url });
    this.clientId = this.#client.clientId;
    this.connect();
  }

  get status() { return this.#client.status; }
  connect() { this.#client.connect(); return this; }
  on(type, handler) { return this.#client.on(type, handler); }
  onStatus(handler) { return this.#client.onStatus(handler); }
  send(type, data) { return this.#client.send({ type, data }); }
  subscribe(topic, params, handler) { return this.#client.subscribe(topic, params, handler); }
  close() { this.#client.close(); }
}

export const MessageType = Object.freeze({
  CONNECT: 'connect', DISCONNECT: 'disconnect', ERROR: 'error', HEARTBEAT: 'heartbeat', NOTIFICATION: 'notification',
  STATUS_CHANGE: 'status', DATA_UPDATE: 'data', SUBSCRIBE: 'subscribe', UNSUBSCRIBE: 'unsubscribe', ACK: 'ack',
});

export const WsErrorCode = Object.freeze({
  CONNECT_ERROR: 1000, AUTH_FAILED: 1001, INVALID_PROTOCOL: 1002, INVALID_MESSAGE: 2000, MESSAGE_TOO_LARGE: 2001,
  RATE_LIMIT: 2002, SUBSCRIBE_FAILED: 3000, PERMISSION_DENIED: 3001, INVALID_OPERATION: 3002,
});
