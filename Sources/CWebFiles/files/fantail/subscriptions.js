
// ---- Subscriptions: gives Subscriptions and safely. Needs keyOf, Place, and the state of a task. --------------

const REPLIES = new Set(['subscribeSuccess', 'unsubscribeSuccess', 'ack', 'error']);

/** A handler that throws must not stop the others. */
function safely(handler, ...args) {
  try { handler(...args); } catch (error) { console.error('fantail: a handler threw', error); }
}

/** A client's subscriptions: each task and topic once, however many handlers it has. */
class Subscriptions {
  #dialect; #out; #entries = new Map(); #unsettled = new Set();

  /** `out(message)` sends a message; it returns false where there is no connection. */
  constructor(dialect, out) {
    this.#dialect = dialect;
    this.#out = out;
  }

  /** Whether the message subscribes, or ends a subscription. */
  concerns(message) { return Boolean(this.#dialect.joins(message) || this.#dialect.leaves(message)); }

  /** Calls `handler` for messages of `target`. Returns a function that stops it. */
  follow(target, handler, isTask, since) {
    if (!this.#dialect.join) throw new TypeError(`nothing can be followed in ${this.#dialect.name}`);
    const { entry, isKnown } = this.#entry(target);
    const follower = { handler, isTask };
    entry.followers.add(follower);
    if (!isKnown) {
      if (since) entry.place.begin(since);
      entry.place.settle();
      this.#join(entry);
    }
    // Another handler follows it already, so the server will not send its state again: the client does.
    if (isTask && entry.state) {
      queueMicrotask(() => entry.followers.has(follower) && safely(handler, entry.state, 'state', entry.body));
    }
    return () => {
      if (!entry.followers.delete(follower) || entry.followers.size || this.#entries.get(keyOf(target)) !== entry) return;
      this.#forget(target);
      this.#out(this.#dialect.leave(target));
    };
  }

  /**
   * Takes a message of the page's own that subscribes, or ends a subscription: these are remembered, not queued, since they are
   * sent again after every reconnect. False where it is another message.
   */
  take(message) {
    const [joined, left] = [this.#dialect.joins(message), this.#dialect.leaves(message)];
    if (joined && keyOf(joined)) {
      this.#join(this.#entry(joined).entry, message);
      return true;
    }
    if (left && keyOf(left)) {
      this.#forget(left);
      this.#out(message);
      return true;
    }
    return false;
  }

  /** A new connection: subscribes to everything again, from the last position. */
  joinAll() {
    for (const entry of this.#entries.values()) this.#join(entry);
  }

  /** The connection broke. */
  unsettle() {
    for (const { place } of this.#unsettled) place.unsettle();
    this.#unsettled.clear();
  }

  /** The subscription that a message belongs to. */
  find(message) { return this.#entries.get(keyOf(this.#dialect.target(message))); }

  /** A message after a subscription's answer shows that the answer was whole, unless it is the state that belongs to it. */
  settle(message) {
    if (this.#dialect.position(message)?.snapshot) return;
    for (const entry of this.#unsettled) entry.place.settle();
    this.#unsettled.clear();
  }

  /** Whether a message of a subscription is news. The answer to a question with an id is wanted even when it is none. */
  isNews(entry, message) {
    return REPLIES.has(message.type) || entry.place.admit(message.type, this.#dialect.position(message))
      || message.id !== undefined;
  }

  /** The server has answered a subscription. */
  answered(entry, { type }, body) {
    if (type === 'subscribeSuccess' || (type === 'ack' && body.subscribed)) this.#begin(entry, body);
  }

  /** How many numbered events before this message are lost; 0 for a state of tasks, which says it twice. */
  missed(message) {
    const { missed } = this.#dialect.position(message) ?? {};
    return missed > 0 && message.type !== 'taskUpdated' ? missed : 0;
  }

  /** Passes a message to the handlers of its subscription. `refusal`: the server's last reason for a refusal. */
  tell(entry, message, body, refusal) {
    const { type } = message;
    const isRestart = entry.target.id !== undefined && body.restart === true; // of any type
    if (isRestart) entry.state = unknownTask(entry.target.id);
    const saysHowItStands = saysHowTaskStands(type, body);
    if (saysHowItStands) {
      entry.state = readTask(entry.state ?? unknownTask(entry.target.id), type, body);
      if (type !== 'stage_completed') entry.body = body;
    }
    const isState = saysHowItStands || isRestart;
    if (type === 'error') entry.state = { ...entry.state ?? unknownTask(entry.target.id), refused: refusal };
    for (const { handler, isTask } of [...entry.followers]) {
      if (!isTask) { if (type !== 'ack' && type !== 'missed') safely(handler, body, message); }
      else if (isState || type === 'error') safely(handler, entry.state, type, body);
    }
  }

  #entry(target) {
    const key = keyOf(target);
    const isKnown = this.#entries.has(key);
    if (!isKnown) this.#entries.set(key, { target, place: new Place(), followers: new Set(), state: null, body: {} });
    return { entry: this.#entries.get(key), isKnown };
  }

  #join(entry, message) {
    const { position } = entry.place;
    if (!this.#out(message ?? this.#dialect.join(entry.target, position))) return;
    // Where the server does not answer joining, the next message counts as the answer.
    if (this.#dialect.joinsInSilence && position.epoch === undefined) this.#begin(entry, {});
  }

  #begin(entry, place) {
    entry.place.begin(place);
    this.#unsettled.add(entry);
  }

  #forget(target) {
    this.#entries.delete(keyOf(target));
    if (!this.#dialect.hasTopics || target.params || target.id !== undefined) return;
    for (const [key, entry] of this.#entries) if (entry.target.topic === target.topic) this.#entries.delete(key);
  }
}
