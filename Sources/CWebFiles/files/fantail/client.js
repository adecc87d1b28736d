
// ---- The client: gives Fantail and connect. Needs the dialects, subscriptions, the outbox and the connection. ------

const MOST_REMEMBERED = 1000; // message ids, to detect copies
const MOST_ASKED = 100; // tasks whose status was requested; the server takes as many in one request

/** One lasting connection: many subscriptions, any dialect. */
export class Fantail {
  #dialect; #connection; #outbox; #subscriptions;
  #handlers = new Map(); #watchers = new Set(); #missedHandlers = new Set();
  #ids = new Set(); #asked = new Set(); #questions = 0;

  constructor(options = {}) {
    const all = { dialect: 'tasks', heartbeat: 30000, patience: 5000, openPatience: 15000, ...options };
    this.#dialect = DIALECTS[all.dialect];
    if (!this.#dialect) throw new TypeError(`unknown dialect ${all.dialect}`);
    if (all.socketIO && all.dialect !== 'tasks') throw new TypeError(`${all.dialect} is not spoken over Socket.IO`);
    this.#subscriptions = new Subscriptions(this.#dialect, (message) => this.#out(message));
    this.#connection = new Connection(all, this.#dialect, {
      received: (message) => this.#received(message),
      welcomed: () => this.#welcomed(),
      dropped: () => this.#dropped(),
      changed: (status) => {
        for (const watcher of [...this.#watchers]) safely(watcher, status);
        if (status.state === 'error' && all.onGiveUp) safely(all.onGiveUp, status);
      },
    });
    this.#outbox = new Outbox(this.#connection);
    this.clientId = this.#connection.clientId;
    this.number = this.#connection.number;
    this.onlineCount = 0; // in presence: how many users are online
  }

  get status() { return this.#connection.status; }

  connect() {
    this.#connection.open();
    return this;
  }

  /** Closes it for good; `connect()` starts again, with the same subscriptions and queue. */
  close(code = 1000) { this.#connection.close(code); }

  /** Sends a message, or keeps it until there is a connection. False where too many wait already. */
  send(message) {
    if (this.#subscriptions.take(message)) return true;
    if (this.#outbox.isFull) return false;
    message = this.#asking(message);
    if (!this.#out(message)) this.#outbox.keep(message);
    return true;
  }

  /** Calls `handler(body, message)` for messages of a type, `'*'` for all of them. Returns a function that stops it. */
  on(type, handler) {
    const set = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, set.add(handler));
    return () => set.delete(handler);
  }

  /** Calls `handler(status)` now and whenever the status changes. Returns a function that stops it. */
  onStatus(handler) {
    this.#watchers.add(handler);
    handler(this.status);
    return () => this.#watchers.delete(handler);
  }

  /**
   * Calls `handler(count, target, message)` where numbered events of a task (`target.id`) or a topic (`target.topic`,
   * `target.params`) are lost: so many before this message. Returns a function that stops it.
   */
  onMissed(handler) {
    this.#missedHandlers.add(handler);
    return () => this.#missedHandlers.delete(handler);
  }

  /** Follows a task: `handler(state, type, body)` after every change. Returns a function that stops it. */
  watch(id, handler, since) { return this.#subscriptions.follow({ id }, handler, true, since); }

  /** Follows a topic: `handler(data, message)`. Returns what stops it. */
  subscribe(topic, params, handler) { return this.#subscriptions.follow({ topic, params }, handler, false); }

  // Messages and changes of the connection.

  #welcomed() {
    this.#subscriptions.joinAll();
    this.#askAgain();
    this.#outbox.open();
  }

  #dropped() {
    this.#subscriptions.unsettle();
    // Subscriptions are sent again; other outgoing messages are kept.
    this.#outbox.close((message) => !this.#subscriptions.concerns(message));
  }

  #received(message) {
    const { type } = message;
    const body = this.#dialect.body(message);
    const entry = this.#subscriptions.find(message);
    this.#subscriptions.settle(message);
    const isCopy = this.#isCopy(message) || (entry && !this.#subscriptions.isNews(entry, message));
    if (isCopy) this.#connection.log('a copy', message.messageId ?? type);
    else this.#tell(entry, message, body);
    // Only now that the handlers have it; a copy too, which was sent because the first acknowledgement was lost.
    if (this.#dialect.hasTopics && message.ack === true) {
      this.send({ type: 'ack', data: { messageId: message.messageId } });
    }
  }

  #isCopy({ messageId, type }) {
    if (!this.#dialect.hasTopics || !messageId || type === 'heartbeat' || type === 'ack') return false;
    if (this.#ids.has(messageId)) return true;
    this.#ids.add(messageId);
    if (this.#ids.size > MOST_REMEMBERED) this.#ids.delete(this.#ids.values().next().value);
    return false;
  }

  #tell(entry, message, body) {
    const { type } = message;
    const connection = this.#connection;
    if (type === 'error' || type === 'authError') connection.reason = body.message ?? message.message ?? connection.reason;
    if (entry) this.#subscriptions.answered(entry, message, body);
    if (this.#dialect.countsUsers) this.#count(type, body);
    if (type === this.#dialect.welcome && !(connection.isWelcomed && this.#dialect.tokenInQuery)) connection.greeted(body);
    if (entry) {
      const missed = this.#subscriptions.missed(message);
      if (missed) for (const handler of [...this.#missedHandlers]) safely(handler, missed, entry.target, message);
      this.#subscriptions.tell(entry, message, body, connection.reason);
    }
    for (const name of [type, '*']) {
      for (const handler of [...this.#handlers.get(name) ?? []]) safely(handler, body, message);
    }
  }

  #count(type, body) {
    if (type === 'connected') this.onlineCount = body.online_count;
    if (type === 'user_status') this.onlineCount = Math.max(0, this.onlineCount + (body.status === 'online' ? 1 : -1));
  }

  // Outgoing messages.

  /** Sends in order, and never faster than the server accepts. False where there is no connection. */
  #out(message) {
    if (!this.#connection.isWelcomed) return false;
    this.#outbox.push(message);
    return true;
  }

  /**
   * Requests for a task's status get an id, which tells their answers from copies, and are remembered: a client that asked gets
   * every change (ops/dialects.md), also over the next connection.
   */
  #asking(message) {
    const { videoId, videoIds = [videoId] } = message.payload ?? {};
    if (!/^request(Multiple)?TaskStatus$/.test(message.type)) return message;
    for (const id of videoIds) {
      this.#asked.delete(id);
      this.#asked.add(id);
      if (this.#asked.size > MOST_ASKED) this.#asked.delete(this.#asked.values().next().value);
    }
    return { id: `ask-${this.number}-${++this.#questions}`, ...message };
  }

  #askAgain() {
    const queued = new Set(this.#outbox.queued.flatMap(({ payload }) => payload?.videoIds ?? payload?.videoId ?? []));
    const videoIds = [...this.#asked].filter((id) => !queued.has(id));
    if (videoIds.length) this.#out(this.#asking({ type: 'requestMultipleTaskStatus', payload: { videoIds } }));
  }
}

/** A connection, opened. */
export const connect = (options) => new Fantail(options).connect();
