// The events of one task that Redis keeps, the newest first.

import { make, say, show } from '../dom.js';
import { clock, count } from '../words.js';

const SHOWN = 50;
const UNKEPT = 'Nothing is kept: what comes by a plain PUBLISH is shown live and forgotten.';
const PAUSE = 1500; // ms between two reads while events arrive

export class History {
  #id; #rest; #list = make('ol'); #said = make('p', { className: 'denied' }); #timer = null;

  constructor(id, rest) {
    this.#id = id;
    this.#rest = rest;
    this.element = make(
      'details', { className: 'history', ontoggle: () => this.element.open && this.#look() },
      make('summary', {}, 'History', make('span', { className: 'visually-hidden', textContent: ` of ${id}` })),
      this.#said, this.#list);
  }

  /** The task has changed. */
  changed() {
    if (!this.element.open || this.#timer !== null) return;
    this.#timer = setTimeout(() => { this.#timer = null; this.#look(); }, PAUSE);
  }

  end() { clearTimeout(this.#timer); }

  async #look() {
    const path = `api/v1/tasks/${encodeURIComponent(this.#id)}`;
    const [answer, state] = await Promise.all([this.#rest.ask(`${path}/events`), this.#rest.ask(path)]);
    const isKnown = answer.status === 200;
    say(this.#said, isKnown ? heading(answer.body, state.body) : answer.status === 404 ? UNKEPT : this.#rest.refusal(answer));
    show(this.#list, isKnown);
    if (isKnown) this.#list.replaceChildren(...answer.body.events.slice(-SHOWN).reverse().map(line));
  }
}

function heading({ events, sequence }, { viewers }) {
  const all = count(sequence, 'event');
  const kept = events.length < sequence ? `the last ${events.length} of ${all}` : all;
  return viewers === undefined ? kept : `${kept}, ${count(viewers, 'viewer')} now`;
}

const line = ({ sequence, timestamp, event }) => make(
  'li', {}, make('span', { textContent: clock(timestamp) }), make('span', { textContent: `#${sequence}` }),
  make('code', { textContent: JSON.stringify(event), dir: 'auto' }));
