// REST with the token, and its refusals in words.

const PATIENCE = 8000; // ms for an answer

export class Rest {
  #token;

  constructor(token) { this.#token = token; }

  /** `{status, body}`; the status is 0 where no node answered. Never throws. */
  async ask(path, { method = 'GET', body, headers } = {}) {
    try {
      const response = await fetch(new URL(path, document.baseURI), {
        method, body, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE),
        headers: {
          Authorization: `Bearer ${this.#token}`, ...(body && { 'Content-Type': 'application/json' }), ...headers,
        },
      });
      const text = await response.text();
      // A proxy that finds no node counts as no answer, too.
      return { status: [502, 504].includes(response.status) ? 0 : response.status, body: parsed(text) };
    } catch {
      return { status: 0, body: {} };
    }
  }

  /** Why there is no answer, and what happens next. */
  refusal({ status, body }) {
    const message = body?.error?.message ?? '';
    if (status === 0) return 'The node does not answer. This comes back by itself when it does.';
    if (status === 401) {
      return `The node does not take this token here (${message}). Sign out, and in again with a good one.`;
    }
    if (status === 403) {
      return `Not for this token: ${message.replace(/^the token /, 'it ')}. Sign in with one that may.`;
    }
    if (status === 503) return `Not to be had now: ${message || 'the node is not ready'}. Asked again by itself.`;
    return `The node answered ${status}${message && `: ${message}`}. Asked again by itself.`;
  }
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

const REFUSED = [401, 403, 404];
const RARELY = 30000; // ms: a refusal lasts until somebody changes the rules

/** Does `work` at intervals, one at a time; rarely once it is refused. Returns a function that stops it. */
export function repeat(milliseconds, work) {
  let timer;
  let isOver = false;
  const turn = async () => {
    const status = await work();
    if (!isOver) timer = setTimeout(turn, REFUSED.includes(status) ? RARELY : milliseconds);
  };
  turn();
  return () => { isOver = true; clearTimeout(timer); };
}
