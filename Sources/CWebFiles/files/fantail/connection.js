
// ---- The connection: gives HOME, pauseBefore and Connection. Needs the dialects and SocketIOSocket. ------------

/** After these codes the server would refuse the same client again. */
const FINAL = new Set([1000, 1002, 1008]);
const AT_ONCE = 300; // ms: clients that are woken together do not all connect together
const LATE = 2000; // a timer that fires so much too late means that the tab slept
const LONGEST_PAUSE = 2 ** 31 - 1; // ms: a timer fires at once where it should wait longer

/**
 * The default address: the node that served this file, which need not be the page's own host. A file from elsewhere, bundled or
 * copied, knows no node: then the page's host, and without a page this computer.
 */
const HOME = (() => {
  const page = globalThis.location?.href ?? 'http://localhost:8000/';
  try {
    const file = new URL(import.meta.url);
    return /^https?:$/.test(file.protocol) && file.pathname === '/fantail.js' ? file.origin : page;
  } catch { return page; }
})();

/** Whether a number of attempts says something: -1 says as much as 0; null, NaN and text say nothing. */
const isLimit = (value) => typeof value === 'number' && !Number.isNaN(value);

/** Whether a number of milliseconds says something: less than 0, infinitely many, null and text do not. */
const isInterval = (value) => Number.isFinite(value) && value >= 0;

/**
 * Milliseconds to wait before the next attempt: growing, capped, and different for each client; `every` is one pause for all. A
 * node that drains (1012) or is too busy (1013) sends all clients away at once, so those waits are spread wider.
 */
export function pauseBefore(attempt, code, random = Math.random, limits = {}) {
  const { first = 500, most = 30000, every } = limits;
  if (code === 1013) return 5000 + random() * 15000;
  if (code === 1012 && attempt <= 1) return random() * 4000;
  if (isInterval(every)) return Math.min(every, LONGEST_PAUSE);
  const full = Math.min(most, first * 2 ** Math.min(attempt - 1, 20));
  return full * (0.5 + random() * 0.5);
}

function isDebugging() {
  try { return globalThis.localStorage?.getItem('ws-debug') === 'true'; } catch { return false; }
}

let connectionNumber = 0;

/** One socket after another: opened, greeted, tested by heartbeats, lost, and opened again after a pause. */
class Connection {
  #options; #dialect; #url; #owner; #socket; #wanted = false; #welcomed = false;
  #attempt = 0; #failures = 0; #isWoken = false; #isOffline = false; // the failures are those that the pauses grow with
  #state = 'disconnected'; #retryAt = null; #code = null; #reason = ''; #refused = false;
  #token; #written = 0;
  #retry; #beat; #patience; #renewal;

  /**
   * `owner` gets `received(message)`, `welcomed()` when the client may send, `dropped()` when a socket is abandoned, and
   * `changed(status)`.
   */
  constructor(options, dialect, owner) {
    this.#options = { ...options };
    this.#dialect = dialect;
    this.#owner = owner;
    this.#url = new URL(options.url ?? '/', HOME);
    this.#url.protocol = this.#url.protocol.replace('http', 'ws');
    if (this.#url.pathname === '/') this.#url.pathname = options.socketIO ? '/socket.io/' : dialect.path;
    this.clientId = options.clientId ?? `web-${Math.random().toString(36).slice(2, 12)}`;
    this.number = ++connectionNumber;
  }

  /** The connection's status; `retryAt` is a time in ms while it waits, `code` and `reason` are of the last close. */
  get status() {
    return {
      state: this.#state, attempt: this.#attempt, retryAt: this.#retryAt, code: this.#code, reason: this.#reason,
      refused: this.#refused,
    };
  }

  /** Whether the server has greeted the client, which may send from then on. */
  get isWelcomed() { return this.#welcomed; }

  /** Whether the socket accepts a message now. */
  get isReady() { return this.#socket?.readyState === 1; }

  /** The server's last reason for a refusal. */
  get reason() { return this.#reason; }
  set reason(reason) { this.#reason = reason; }

  open() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#refused = false;
    this.#attempt = 0;
    this.#begin();
  }

  close(code) {
    this.#rest();
    this.#drop(code);
    this.#code = code;
    this.#say('disconnected');
  }

  /** Writes a message to the socket, if that accepts one. */
  write(message) {
    if (this.#dialect.hasTopics) {
      this.#written += 1;
      message = { timestamp: Date.now(), messageId: `${this.clientId}-${this.number}-${this.#written}`, ...message };
    }
    this.log('->', message.type === 'auth' ? { ...message, payload: '(token)' } : message);
    if (this.isReady) this.#socket.send(JSON.stringify(message));
  }

  /** The server's first message arrived; in a dialect that renews its sessions, also a later one. */
  greeted(body) {
    this.#heard();
    if (this.#welcomed) return this.#renewLater(body); // the session was renewed
    this.#welcomed = true;
    this.#attempt = this.#failures = 0;
    this.#isWoken = this.#isOffline = false;
    this.#refused = false;
    this.#code = null;
    this.#reason = '';
    if (body.heartbeatInterval > 0) this.#options.heartbeat = Math.min(this.#options.heartbeat, body.heartbeatInterval);
    this.#renewLater(body);
    this.#beatLater();
    this.#owner.welcomed();
    this.#say('connected');
  }

  log(...words) {
    if (isDebugging()) console.debug(`fantail ${this.number} ${this.#dialect.name}`, ...words);
  }

  #say(state) {
    this.#state = state;
    this.#owner.changed(this.status);
  }

  // Opening.

  #begin() {
    this.#rest(); // from waiting for the network
    this.#wanted = true;
    this.#failures = 0;
    globalThis.addEventListener?.('online', this.#wake);
    globalThis.document?.addEventListener('visibilitychange', this.#wake);
    this.#open();
  }

  /** `isWoken`: an attempt before its time. */
  async #open(isWoken = false) {
    clearTimeout(this.#retry);
    this.#isWoken = isWoken;
    this.#isOffline = globalThis.navigator?.onLine === false;
    this.#retryAt = null;
    this.#say('connecting');
    const attempt = {};
    this.#socket = attempt;
    this.#within(this.#options.openPatience, 'no token');
    const previous = this.#token;
    try {
      this.#token = await this.#newToken({ refused: this.#refused });
    } catch (error) {
      this.log('no token', error);
      if (this.#socket === attempt) this.#lost(null, `no token: ${error.message}`);
      return;
    }
    if (this.#socket !== attempt) return; // closed or started again meanwhile
    if (this.#refused && this.#token === previous) return void this.#stay('error'); // it would be refused again
    let socket;
    try {
      socket = this.#makeSocket(this.#options.WebSocket ?? globalThis.WebSocket);
    } catch (error) { // the browser forbids the address: a later attempt would fail, too
      this.#reason = error.message;
      return this.#stay('error');
    }
    this.#listen(socket);
    this.#within(this.#options.openPatience, 'no answer');
  }

  #makeSocket(WebSocket) {
    if (this.#options.socketIO) return new SocketIOSocket(this.#address, WebSocket);
    return new WebSocket(this.#address, [`fantail.${this.#dialect.name}`]);
  }

  get #address() {
    const url = new URL(this.#url);
    if (this.#options.socketIO) {
      url.searchParams.set('EIO', '4');
      url.searchParams.set('transport', 'websocket');
    }
    if (this.#options.batch && this.#dialect.tokenInQuery) url.searchParams.set('batch', '1');
    if (this.#dialect.tokenInQuery) url.searchParams.set('token', this.#token ?? '');
    if (this.#dialect.hasTopics) {
      url.searchParams.set('clientId', this.clientId);
      url.searchParams.set('protocol', this.#options.protocol ?? '1.0');
    }
    return url.href;
  }

  #listen(socket) {
    this.#socket = socket;
    // Events of an abandoned socket are ignored.
    socket.onopen = () => this.#socket === socket && this.#opened();
    socket.onmessage = (event) => this.#socket === socket && this.#received(event.data);
    socket.onclose = (event) => this.#socket === socket && this.#lost(event.code, event.reason);
    // The close that follows an error is what counts. But the error needs a listener: without one it ends a program whose
    // WebSocket is one of node's event emitters, as that of the package ws.
    socket.onerror = (event) => this.log('an error', event.message ?? '');
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
    this.write({ type: 'auth', id: 'auth', payload: { token: this.#token, ...(batch && { batch }) } });
  }

  #received(text) {
    if (this.#welcomed) this.#heard(); // every message is a sign of life
    let message;
    try { message = JSON.parse(text); } catch { return this.log('not JSON', text); }
    this.log('<-', message);
    for (const one of this.#updates(message) ?? [message]) this.#owner.received(one);
  }

  /** The messages in a batch. A worker's own event may have its type, but it is about a task or a topic, and a batch is not. */
  #updates(message) {
    if (!this.#options.batch || message.type !== this.#dialect.batch) return undefined;
    const { updates } = this.#dialect.body(message);
    return Array.isArray(updates) && keyOf(this.#dialect.target(message)) === undefined ? updates : undefined;
  }

  // Losing the connection, and reconnecting.

  #lost(code, reason) {
    this.#drop();
    this.#code = code;
    this.#reason = reason || this.#reason;
    if (!this.#wanted) return;
    // A refused token is not tried twice; a callback may have a better one.
    const mayRenew = code === 1008 && typeof this.#options.token === 'function' && !this.#refused;
    this.#refused = code === 1008;
    if (FINAL.has(code) && !mayRenew) {
      this.log('stays closed', code, this.#reason);
      return this.#stay(code === 1000 ? 'disconnected' : 'error');
    }
    if (!this.#isOver) return this.#openLater(code);
    this.log(`gives up after ${this.#attempt} attempts`);
    this.#stay('error', this.#most > 0);
  }

  /** Whether the attempt that failed was one of those that `maxReconnectAttempts` counts. */
  get #counts() { return !this.#isWoken && !this.#isOffline; }

  /** How many attempts in a row may fail. */
  get #most() {
    const { maxReconnectAttempts } = this.#options;
    return isLimit(maxReconnectAttempts) ? maxReconnectAttempts : Infinity;
  }

  get #isOver() { return this.#most <= 0 || (this.#counts && this.#attempt >= this.#most); }

  #openLater(code) {
    if (this.#counts) this.#attempt += 1;
    if (!this.#isWoken) this.#failures += 1;
    const { reconnectInterval, pauses, random } = this.#options;
    const pause = pauseBefore(Math.max(1, this.#failures), code, random, { ...pauses, every: reconnectInterval });
    this.#retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => this.#open(), pause);
    this.log(`lost (${code ?? 'no socket'}), again in ${Math.round(pause)} ms`);
    this.#say('disconnected');
  }

  /** `triesOnline`: there will be one more attempt when the network comes back. */
  #stay(state, triesOnline = false) {
    this.#rest();
    if (triesOnline) globalThis.addEventListener?.('online', this.#tryAgain);
    this.#drop();
    this.#say(state);
  }

  /** Abandons the socket, whatever its state; a dead network would take minutes to close it. */
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
    this.#owner.dropped();
    for (const timer of [this.#retry, this.#beat, this.#renewal]) clearTimeout(timer);
    this.#heard();
    if (code !== undefined) socket?.close?.(code);
  }

  #rest() {
    this.#wanted = false;
    globalThis.removeEventListener?.('online', this.#wake);
    globalThis.removeEventListener?.('online', this.#tryAgain);
    globalThis.document?.removeEventListener('visibilitychange', this.#wake);
  }

  /** The network is back, or the page is visible again: no reason to wait longer, and a good time to test the connection. */
  #wake = () => {
    if (!this.#wanted || globalThis.document?.visibilityState === 'hidden') return;
    if (this.#welcomed) return this.#ping();
    if (this.#retryAt === null || this.#code === 1013) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(true), Math.random() * AT_ONCE);
  };

  /** The network is back after the last attempt: one more, as it may have been the network's fault. */
  #tryAgain = () => {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#begin(), Math.random() * AT_ONCE);
  };

  // Heartbeats.

  #beatLater() {
    clearTimeout(this.#beat);
    this.#beat = setTimeout(() => { this.#ping(); this.#beatLater(); }, this.#options.heartbeat);
  }

  #ping() {
    this.write(this.#dialect.ping());
    // An earlier heartbeat that still waits for its answer keeps its deadline.
    if (this.#patience === undefined) this.#within(this.#options.patience, 'the server fell silent');
  }

  /**
   * A timer that fires much too late measured the tab's own sleep, not the server's silence: messages that arrived meanwhile
   * have not been delivered yet. Then the client asks again, once, and waits anew.
   */
  #within(milliseconds, complaint, isSecond = false) {
    this.#heard();
    const due = Date.now() + milliseconds;
    this.#patience = setTimeout(() => {
      if (isSecond || Date.now() - due < LATE) return this.#giveUp(complaint);
      if (this.#welcomed) this.write(this.#dialect.ping());
      this.#within(milliseconds, complaint, true);
    }, milliseconds);
  }

  /** Clears the deadline. */
  #heard() {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  /** Gets a new token shortly before the old one expires, where the dialect lets a session be renewed. */
  #renewLater(body) {
    clearTimeout(this.#renewal);
    if (typeof this.#options.token !== 'function' || !body.expiresAt || this.#dialect.tokenInQuery) return;
    const left = body.expiresAt - Date.now();
    const pause = Math.min(LONGEST_PAUSE, Math.max(1000, left - Math.max(5000, Math.min(60000, left / 5))));
    this.#renewal = setTimeout(async () => {
      try {
        const token = await this.#newToken({ refused: false, expiresAt: body.expiresAt });
        if (!this.#welcomed || token === this.#token) return;
        this.#token = token;
        this.#authenticate();
      } catch (error) { this.log('no new token', error); }
    }, pause);
  }
}
