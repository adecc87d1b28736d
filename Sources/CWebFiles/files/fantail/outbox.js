
// ---- Messages on their way out: gives Outbox. Needs no other part. --------------------------------------------

const MOST_QUEUED = 500;
const A_SECOND_AT_MOST = 40; // the server accepts 50 a second

/** Messages in order, never faster than the server accepts them; kept while there is no connection. */
class Outbox {
  #socket; #queue = []; #outgoing = []; #sentInWindow = 0; #window = null;

  /** `socket.isReady` tells whether the socket accepts a message, `socket.write(message)` sends it. */
  constructor(socket) { this.#socket = socket; }

  /** Whether too many wait already. */
  get isFull() { return this.#queue.length + this.#outgoing.length >= MOST_QUEUED; }

  /** The messages that wait for a connection. */
  get queued() { return [...this.#queue]; }

  /** Keeps a message until there is a connection. */
  keep(message) { this.#queue.push(message); }

  /** Sends a message in its turn. */
  push(message) {
    this.#outgoing.push(message);
    this.#pump();
  }

  /** There is a connection: sends the kept messages. */
  open() {
    for (const message of this.#queue.splice(0)) this.push(message);
  }

  /** The connection is gone: keeps the outgoing messages for which `isKept` is true, before all others. */
  close(isKept) {
    this.#queue.unshift(...this.#outgoing.splice(0).filter(isKept));
    clearTimeout(this.#window);
    this.#window = null;
  }

  #pump() {
    // A closing socket accepts nothing; messages that wait then go over the next one.
    while (this.#sentInWindow < A_SECOND_AT_MOST && this.#outgoing.length && this.#socket.isReady) {
      this.#sentInWindow += 1;
      this.#socket.write(this.#outgoing.shift());
    }
    this.#window ??= setTimeout(() => {
      this.#window = null;
      this.#sentInWindow = 0;
      if (this.#outgoing.length) this.#pump();
    }, 1000);
  }
}
