
// ---- Messages in order: gives Place. Needs no other part. -----------------------------------------------------

/**
 * What has been seen of one subscription: tells news from copies, and where to resume. Exported for tests alone, as `pauseBefore`
 * is.
 */
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
