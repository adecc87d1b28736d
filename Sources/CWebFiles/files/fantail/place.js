
// ---- Messages in order: gives Place. Needs no other part. -----------------------------------------------------

/**
 * The position in one subscription: tells news from copies, and where to resume. Exported only for tests, as `pauseBefore` is.
 */
export class Place {
  #epoch; #last; #updated; #begun;

  /** Whether the message is news; remembers it if it is. Messages without a sequence always are. */
  admit(type, { epoch, sequence, snapshot } = {}) {
    if (typeof sequence !== 'number') return true;
    if (epoch !== undefined && epoch !== this.#epoch) [this.#epoch, this.#last, this.#updated] = [epoch];
    // An event and the `taskUpdated` that repeats it have one sequence: two series, each in order.
    const isUpdate = type === 'taskUpdated';
    const before = isUpdate ? this.#updated : this.#last;
    if (before !== undefined && (snapshot ? sequence < before : sequence <= before)) return false;
    if (isUpdate) this.#updated = sequence;
    else this.#last = sequence;
    return true;
  }

  /** The server has answered the subscription: events continue after this. No epoch: nothing was published yet. */
  begin({ epoch = '*', sequence = 0, recovered } = {}) {
    if (recovered) this.#epoch = epoch; // the missed events follow
    else if (epoch !== this.#epoch) this.#begun = { epoch, sequence };
  }

  /**
   * A message followed the answer, so the next ones are the stream. Not earlier: when a connection breaks between the answer
   * and the state, the client has not got the state.
   */
  settle() {
    const { epoch, sequence } = this.#begun ?? {};
    this.#begun = undefined;
    if (epoch !== undefined && epoch !== this.#epoch) [this.#epoch, this.#last, this.#updated] = [epoch, sequence];
  }

  /** The connection broke: an answer without a following message is forgotten. */
  unsettle() { this.#begun = undefined; }

  /** The position for subscribing again: undefined where none is known. */
  get position() {
    return this.#epoch === undefined || this.#last === undefined ? {} : { epoch: this.#epoch, sequence: this.#last };
  }
}
