// Publishing a test event.

import { byId, make, say, show } from '../dom.js';
import { count } from '../words.js';
import { isTask } from './view.js';

const EVENTS = {
  progress: (progress) => ({ progress, message: 'a test event', estimatedTimeRemaining: 60 }),
  stage: () => ({ type: 'stage', stage: 'PLAN', nextStage: 'OUTLINE' }),
  completed: () => ({ type: 'completed', result: { videoUrl: 'https://example.com/video.mp4' } }),
  failed: () => ({ type: 'failed', error: { code: 'TEST', message: 'a test failure', retryable: true } }),
  restart: () => ({ progress: 0, restart: true, message: 'begun again' }),
};
const NO_ID = 'A task’s id has 1 to 128 printable ASCII characters, without spaces and braces.';
const NO_EVENT = 'An event is one JSON object; this is not. Nothing was sent.';
const UNANSWERED = 'The node does not answer, so whether the event arrived is not known. Publish it again when the page is '
  + 'connected: it counts once.';
const ENDED = 'This task has ended, so nothing was published. Choose “Begin again after the end” to bring it back to life.';

export class Publish {
  #rest; #watch; #unanswered = null;

  constructor(rest, denial, watch) {
    show(byId('publish-denied'), denial !== null);
    show(byId('publish'), denial === null);
    say(byId('publish-denied'), denial ?? '');
    this.#rest = rest;
    this.#watch = watch;
    byId('publish').onsubmit = (event) => { event.preventDefault(); this.#publish(); };
    for (const id of ['publish-kind', 'publish-progress']) byId(id).oninput = () => this.#compose();
    for (const id of ['publish-json', 'publish-task']) byId(id).oninput = () => this.#showShell();
    this.#compose();
  }

  /** The task to publish to, where the user has entered none. */
  suggest(id) {
    const field = byId('publish-task');
    if (field.value || !id || document.activeElement === field) return;
    field.value = id;
    this.#showShell();
  }

  end() {
    byId('publish').reset();
    this.#said('');
  }

  #compose() {
    const kind = byId('publish-kind').value;
    const progress = byId('publish-progress').valueAsNumber;
    show(byId('publish-progress-field'), kind === 'progress');
    say(byId('publish-progress-value'), `${progress} %`);
    byId('publish-json').value = JSON.stringify(EVENTS[kind](progress));
    this.#showShell();
  }

  #showShell() {
    const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
    const task = byId('publish-task').value.trim() || 'example';
    const keys = ['m', 'h'].map((key) => quote(`ft:{task:${task}}:${key}`)).join(' ');
    say(byId('publish-shell'), `redis-cli -c FCALL fantail_publish 2 ${keys} ${quote(byId('publish-json').value)}`);
  }

  async #publish() {
    const task = byId('publish-task').value.trim();
    const text = byId('publish-json').value;
    const problem = !task ? ['publish-task', 'Say which task it is for.']
      : !isTask(task) ? ['publish-task', NO_ID] : !isObject(text) ? ['publish-json', NO_EVENT] : null;
    for (const id of ['publish-task', 'publish-json']) {
      byId(id).setAttribute('aria-invalid', String(problem?.[0] === id));
    }
    if (problem) {
      byId(problem[0]).focus();
      return this.#said(problem[1], 'bad');
    }
    this.#said('Publishing…');
    const key = this.#key(task, text);
    const answer = await this.#rest.ask(`api/v1/tasks/${encodeURIComponent(task)}/events`, {
      method: 'POST', body: text, headers: { 'Idempotency-Key': key },
    });
    this.#unanswered = answer.status === 0 ? { task, text, key } : null;
    if (answer.status !== 200) return this.#said(this.#words(answer), 'bad');
    const { sequence, receivers } = answer.body;
    const fate = receivers ? `${count(receivers, 'loop')} got it` : 'nobody watches it now';
    this.#said(`Published to ${task} as number ${sequence}; ${fate}. `, 'good');
    if (!receivers) byId('publish-said').append(make('button', {
      type: 'button', className: 'plain small', textContent: `Watch ${task}`, onclick: () => this.#watch(task),
    }));
  }

  /** A retry after a lost answer has the same idempotency key, so the event is published once. */
  #key(task, text) {
    const before = this.#unanswered;
    if (before?.task === task && before.text === text) return before.key;
    return `console-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  }

  #words(answer) {
    const { status, body } = answer;
    const message = body?.error?.message ?? '';
    if (status === 0) return UNANSWERED;
    if (status === 409) return ENDED;
    if (status === 401 || status === 403) return this.#rest.refusal(answer);
    return `Nothing was published: ${message || `the node answered ${status}`}.`;
  }

  #said(text, tone = '') {
    const element = byId('publish-said');
    element.className = `said ${tone}`;
    element.replaceChildren(text);
  }
}

function isObject(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value);
  } catch { return false; }
}
