
// ---- Small classes for pages of jobs and of topics: gives WebSocketClient and WsClient. Needs the client and sharing. ----

/** A job's messages in plain JavaScript: override or assign `handleMessage`. */
export class WebSocketClient {
  #client; #stop;

  constructor(jobId, token = 'demo-token', options = {}) {
    this.jobId = jobId;
    this.reconnectAttempts = 0;
    this.#client = new Fantail({ dialect: 'jobs', token, ...options, ...reconnecting('jobs', options) });
    this.#client.on('*', (_, message) => this.handleMessage(message));
    this.#client.on('connection_established', () => this.joinJobRoom());
    this.#client.onStatus(({ attempt, retryAt }) => {
      this.reconnectAttempts = attempt;
      if (retryAt !== null) this.handleReconnect();
    });
  }

  get connectionStatus() { return this.#client.status.state; }
  connect() { this.#client.connect(); }
  joinJobRoom() { if (this.jobId) this.#stop ??= this.#client.watch(this.jobId, () => {}); }
  send(message) { return this.#client.send(message); }
  handleMessage() {}
  /** Called when a reconnect is planned; the client reconnects by itself. */
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
