// One task in view.

import { make, say, show } from '../dom.js';
import { clock, duration } from '../words.js';
import { History } from './history.js';

const QUIET = 60; // seconds without news, after which the row of a running task says so
const WORDS = { QUEUED: 'Waiting', PROCESSING: 'Running', COMPLETED: 'Completed', FAILED: 'Failed' };
const UNKNOWN = 'Nothing has been published to this task yet, or it is kept no more. It appears with its next event.';

export class TaskRow {
  id; state = null; isStale = true; // isStale: changed since it was drawn
  #at = null; #leftAt = null; #took = null; #refusal = null; #isAsked = true; #history;
  #word = make('span', { className: 'word' });
  #percent = make('span', { className: 'percent' });
  #number = document.createTextNode('');
  #bar; #stages = make('ol', { className: 'stages' }); #stagesShown = '';
  #message = make('span', { className: 'message', dir: 'auto' });
  #time = make('span');
  #link = make('a', { target: '_blank', rel: 'noopener noreferrer', textContent: 'Open the result' });

  constructor(id, { rest, remove }) {
    this.id = id;
    this.#history = new History(id, rest);
    this.#bar = make('progress', { max: 100, value: 0, 'aria-label': `Progress of ${id}` });
    this.#percent.append(this.#number, make('small', { textContent: '%' }));
    this.#stages.setAttribute('aria-label', `Stages of ${id}`);
    this.element = make(
      'li', { className: 'task' },
      make('div', { className: 'top' },
        make('h3', { textContent: id }), this.#word, this.#percent,
        make('button', {
          type: 'button', className: 'plain remove', textContent: '×', title: 'Stop watching',
          'aria-label': `Stop watching ${id}`, onclick: remove,
        })),
      this.#bar,
      make('div', { className: 'below' },
        make('div', { className: 'told' }, this.#stages, this.#message, this.#link), this.#time),
      this.#history.element);
    this.render();
  }

  end() { this.#history.end(); }

  /** The server's message about the task. */
  take(state, type, body) {
    this.#isAsked = false;
    this.isStale = true;
    if (type === 'error') {
      this.#refusal = body;
      return;
    }
    this.#refusal = null;
    // The remaining time counts down from when it was reported.
    if (Number.isFinite(body.estimatedTimeRemaining)) this.#leftAt = Date.now();
    this.state = state;
    this.#took = body.metrics?.totalTime ?? (state.ended ? this.#took : null);
    this.#history.changed();
  }

  /** The time of the last event. */
  happened(at) {
    this.#at = Math.min(at, Date.now());
    this.isStale = true;
  }

  /** The subscription is confirmed; without a position nothing was ever published. */
  subscribed() {
    this.#isAsked = false;
    this.isStale = true;
  }

  get phase() {
    if (this.#refusal) return 'refused';
    if (!this.state?.status) return this.#isAsked ? 'asked' : 'unknown';
    return { COMPLETED: 'completed', FAILED: 'failed' }[this.state.status] ?? 'running';
  }

  render(now = Date.now()) {
    const { state } = this;
    this.isStale = false;
    if (this.element.dataset.phase !== this.phase) this.element.dataset.phase = this.phase;
    const isKnown = !['asked', 'unknown', 'refused'].includes(this.phase);
    show(this.#bar, isKnown);
    show(this.#percent, isKnown && !(this.phase === 'failed' && state.progress === 0)); // unknown before it failed
    show(this.#history.element, isKnown);
    say(this.#word, this.#refusal ? 'Not shown' : isKnown ? WORDS[state.status] ?? state.status.toLowerCase() : '');
    if (isKnown) {
      const whole = Math.floor(state.progress);
      if (this.#bar.value !== state.progress) this.#bar.value = state.progress;
      if (this.#number.data !== String(whole)) this.#number.data = String(whole);
    }
    this.#renderStages(['running', 'failed'].includes(this.phase) ? state : null);
    say(this.#message, this.#words());
    show(this.#message, this.#message.textContent !== '');
    this.#message.classList.toggle('failure', this.phase === 'failed');
    this.#message.classList.toggle('muted', !isKnown);
    const result = this.phase === 'completed' ? webAddress(state.videoUrl) : null;
    show(this.#link, result !== null);
    if (result) this.#link.href = result;
    say(this.#time, isKnown ? this.#times(now) : '');
  }

  #renderStages(state) {
    const done = state?.completedStages ?? [];
    const current = state && !done.includes(state.stage) ? state.stage : null;
    const names = [...done, ...(current ? [current] : [])].map(String);
    const key = JSON.stringify([done, current]);
    if (key === this.#stagesShown) return;
    this.#stagesShown = key;
    show(this.#stages, names.length > 0);
    this.#stages.replaceChildren(...names.map((textContent, index) => make(
      'li', index < done.length ? { className: 'done', textContent } : { textContent, 'aria-current': 'step' })));
  }

  #words() {
    const { state } = this;
    switch (this.phase) {
      case 'asked': return 'Asking for it…';
      case 'unknown': return UNKNOWN;
      case 'refused': return refusalWords(this.#refusal);
      case 'failed': return state.error;
      case 'completed': return state.message && !webAddress(state.videoUrl) ? state.message : '';
      default: return state.message ?? '';
    }
  }

  #times(now) {
    const { state } = this;
    const since = this.#at === null ? 0 : Math.max(0, now - this.#at) / 1000;
    if (state.ended) {
      const took = Number.isFinite(this.#took) ? `, took ${duration(this.#took)}` : '';
      return this.#at === null ? '' : `${clock(this.#at, now)}${took}`;
    }
    if (state.status === 'QUEUED') return since >= QUIET ? `waiting for ${duration(since)}` : '';
    if (since >= QUIET) return `no news for ${duration(since)}`;
    if (!Number.isFinite(state.remaining)) return '';
    const left = state.remaining - Math.max(0, now - (this.#leftAt ?? now)) / 1000;
    return left >= 1 ? `about ${duration(left)} left` : 'any moment now';
  }
}

function refusalWords({ code, message = '' }) {
  return {
    FORBIDDEN: 'This token may not watch this task. Ask for one whose claim “tasks” names it, and sign in again.',
    TOO_MANY_SUBSCRIPTIONS: 'One page watches a hundred tasks at most. Stop watching another, then add this again.',
    UNAVAILABLE: 'The node cannot reach Redis now. This task is asked for again when the page connects again.',
  }[code] ?? `The node refused: ${message || code}.`;
}

/** A worker may send anything; only web addresses become links. */
function webAddress(text) {
  if (typeof text !== 'string' || !URL.canParse(text)) return null;
  return ['http:', 'https:'].includes(new URL(text).protocol) ? text : null;
}
