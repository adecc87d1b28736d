// The live nodes, and for a while those that are gone.

import { byId, make, say, show } from '../dom.js';
import { clock, duration, number } from '../words.js';
import { repeat } from './rest.js';

const EVERY = 1500; // ms: not in step with the nodes' heartbeats
const LATE = 3; // seconds: a heartbeat and a half
const LEASE = 6; // seconds, after which a silent loop's connections no longer count
const ELSEWHERE = 'This node lists the nodes on the operators’ port only (--internal-port), at /api/v1/nodes.';
const REMEMBERED = 10 * 60 * 1000; // how long a node that is gone is still listed

export class Nodes {
  #rest; #stop; #isOver = false; #known = new Map(); #heardAt = null;

  constructor(rest) {
    this.#rest = rest;
    this.#stop = repeat(EVERY, () => this.#look());
  }

  end() {
    this.#isOver = true;
    this.#stop();
    byId('node-rows').replaceChildren();
  }

  async #look() {
    const answer = await this.#rest.ask('api/v1/nodes');
    if (this.#isOver) return 0;
    const isKnown = answer.status === 200;
    show(byId('nodes-denied'), !isKnown);
    if ([401, 403, 404].includes(answer.status)) this.#forget();
    show(byId('nodes'), this.#known.size > 0 || isKnown);
    byId('nodes').classList.toggle('old', !isKnown);
    if (!isKnown) {
      const why = answer.status === 404 ? ELSEWHERE : this.#rest.refusal(answer);
      say(byId('nodes-denied'), this.#heardAt === null ? why : `${why} As it was at ${clock(this.#heardAt)}:`);
      return answer.status;
    }
    this.#heardAt = Date.now();
    this.#remember(answer.body.nodes, Date.now());
    byId('node-rows').replaceChildren(...[...this.#known.values()].map(row));
    return answer.status;
  }

  /** A user who may no longer see the nodes must not see the last ones either. */
  #forget() {
    this.#known.clear();
    this.#heardAt = null;
    byId('node-rows').replaceChildren();
  }

  #remember(nodes, now) {
    for (const node of this.#known.values()) node.goneAt ??= now;
    for (const node of nodes) this.#known.set(node.id, { ...node, goneAt: null });
    for (const { id, goneAt } of this.#known.values()) {
      if (goneAt !== null && now - goneAt > REMEMBERED) this.#known.delete(id);
    }
  }
}

function row(node) {
  const { tone, words } = condition(node);
  const line = make(
    'tr', {},
    make('td', {}, make('span', { className: 'mono', textContent: node.id }),
      make('span', { className: 'node-words', textContent: words })),
    make('td', { className: 'number', textContent: node.goneAt === null ? number(node.connections) : '–' }),
    make('td', { className: 'number', textContent: node.goneAt === null ? heard(node.last_heartbeat_seconds) : '–' }));
  line.dataset.tone = tone;
  return line;
}

/** Nodes beat every two seconds, so tenths matter. */
const heard = (seconds) => (seconds < 10 ? `${seconds.toFixed(1)} s ago` : `${duration(seconds)} ago`);

function condition({ version, loops, goneAt, last_heartbeat_seconds: seconds }) {
  if (goneAt !== null) {
    return { tone: 'bad', words: `gone since ${clock(goneAt)}; its viewers connect to the others by themselves` };
  }
  if (seconds >= LATE) {
    const left = Math.max(0, Math.ceil(LEASE - seconds));
    return { tone: 'warn', words: `silent; ${left ? `in ${left} s` : 'any moment'} its users are counted out` };
  }
  return { tone: 'good', words: `${version}, ${loops === 1 ? '1 loop' : `${loops} loops`}` };
}
