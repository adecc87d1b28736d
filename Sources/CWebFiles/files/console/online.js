// The users online, and their number over time.

import { byId, make, say, show } from '../dom.js';
import { clock, count, number } from '../words.js';
import { plot } from './plot.js';
import { repeat } from './rest.js';

const EVERY = 3000;
const SPANS = [2, 5, 10, 15].map((minutes) => minutes * 60 * 1000); // the page shows the shortest that holds all samples
const SPAN = SPANS.at(-1);
const GAP = 20000; // between two samples: the page slept, or no node answered
const FEW = 12; // users shown at first
const MOST = 1000; // users in one answer
const KEY = 'fantail-online';

export class Online {
  #rest; #stop; #isOver = false; #shown = FEW; #samples = stored(); #onanswer;

  /** `onanswer(answer)` with each answer of the node, also a refusal. */
  constructor(rest, onanswer) {
    this.#rest = rest;
    this.#onanswer = onanswer;
    this.#stop = repeat(EVERY, () => this.#look());
    window.addEventListener('resize', this.#draw);
    const svg = byId('online-plot');
    svg.onpointermove = (event) => this.#point(event);
    svg.onpointerleave = () => this.#caption();
    byId('online-more').onclick = () => this.#showMore();
  }

  end() {
    this.#isOver = true;
    this.#stop();
    window.removeEventListener('resize', this.#draw);
    byId('online-users').replaceChildren();
    sessionStorage.removeItem(KEY);
  }

  async #look() {
    const answer = await this.#rest.ask(`api/v1/online?limit=${this.#shown}`);
    if (this.#isOver) return 0;
    this.#onanswer(answer);
    const isKnown = answer.status === 200;
    this.#remember(isKnown ? answer.body.online_count : null);
    show(byId('online-denied'), !isKnown);
    const isRefused = [401, 403].includes(answer.status);
    if (isRefused) this.#samples = [];
    const last = this.#samples.findLast(({ value }) => value !== null); // stays in view until there is a newer one
    show(byId('online-body'), !isRefused && last !== undefined);
    byId('online-body').classList.toggle('old', !isKnown);
    const since = last ? ` As it was at ${clock(last.at)}:` : '';
    if (isKnown) this.#list(answer.body);
    else say(byId('online-denied'), this.#rest.refusal(answer) + since);
    this.#count(last?.value ?? null);
    this.#draw();
    return answer.status;
  }

  #remember(value) {
    const at = Date.now();
    this.#samples = this.#samples.filter((sample) => sample.at > at - SPAN);
    this.#samples.push({ at, value });
    try { sessionStorage.setItem(KEY, JSON.stringify(this.#samples)); } catch { /* the plot begins anew on reload */ }
  }

  async #showMore() {
    this.#shown = this.#shown > FEW ? FEW : MOST;
    await this.#look();
    byId('online-users').scrollTop = 0;
  }

  #count(value) {
    say(byId('online-count'), value === null ? '–' : number(value));
    say(byId('online-unit'), value === 1 ? 'user' : 'users');
  }

  #list({ users, online_count: total }) {
    byId('online-users').replaceChildren(...users.map((user) => make(
      'li', {},
      make('span', { className: 'name', textContent: String(user.user_id), dir: 'auto' }),
      make('span', { className: 'more', textContent: details(user) }))));
    const isMore = total > users.length;
    show(byId('online-more'), isMore || this.#shown > FEW);
    byId('online-more').disabled = isMore && this.#shown > FEW; // as many as one answer holds
    say(byId('online-more'), isMore ? `and ${number(total - users.length)} more` : 'Show fewer');
  }

  #draw = () => {
    plot(byId('online-plot'), this.#samples, { span: this.#span, now: Date.now(), gap: GAP });
    const values = this.#samples.map(({ value }) => value).filter((value) => value !== null);
    const said = values.length
      ? `Users online in ${this.#period}: now ${values.at(-1)}, least ${Math.min(...values)}, `
        + `most ${Math.max(...values)}`
      : 'Users online: no sample yet';
    byId('online-plot').setAttribute('aria-label', said);
    this.#caption();
  };

  get #span() {
    const age = Date.now() - (this.#samples[0]?.at ?? Date.now());
    return SPANS.find((span) => age <= span) ?? SPAN;
  }

  get #period() { return `the last ${this.#span / 60000} minutes`; }

  #caption(text = this.#period) {
    if (byId('online-plot').matches(':hover') && text.startsWith('the')) return;
    say(byId('online-caption'), text);
  }

  #point(event) {
    const { left, width } = byId('online-plot').getBoundingClientRect();
    const at = Date.now() - (1 - (event.clientX - left) / width) * this.#span;
    const sample = this.#samples.findLast((one) => one.at <= at && at - one.at < GAP);
    const value = sample?.value ?? null;
    this.#caption(`${clock(at)}: ${value === null ? 'not known' : `${count(value, 'user')} online`}`);
  }
}

function details({ connections_count: connections, status }) {
  const word = status && status !== 'online' ? `${status}, ` : '';
  return word + count(connections, 'connection');
}

function stored() {
  try {
    const samples = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return samples.filter(({ at }) => at > Date.now() - SPAN && at <= Date.now());
  } catch { return []; }
}
