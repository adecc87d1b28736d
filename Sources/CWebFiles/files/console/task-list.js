// The tasks in view, over one connection.

import { beforePaint, byId, make, say, show } from '../dom.js';
import { TaskRow } from './task-row.js';
import { isTask, keepInView, MOST, tasksInView } from './view.js';

const PHASES = [
  ['running', 'running'], ['completed', 'completed'], ['failed', 'failed'], ['refused', 'not shown'],
  ['unknown', 'not begun'],
];
const MOST_OFFERS = 5;

export class TaskList {
  onchange = () => {}; // the list of tasks changed, or a task's state
  oncaughtup = () => {}; // after a reconnect the server has answered for each; true if all could be asked for
  #client; #rest; #announce; #stops = [];
  #entries = new Map(); // id -> the row, and the function that stops watching
  #offered = new Map(); // id -> its button
  #unanswered = new Set(); #isWhole = true; // since the page connected
  #quietSince = null; // ms: the time since when no news arrive; nothing counts down

  constructor(client, rest, announce) {
    this.#client = client;
    this.#rest = rest;
    this.#announce = announce;
    byId('add-task').onsubmit = (event) => { event.preventDefault(); this.#submit(); };
    byId('remove-ended').onclick = () => this.#removeEnded();
    byId('example').onclick = () => this.add(['example']);
    this.#stops.push(
      client.on('*', (body, message) => this.#happened(body, message)),
      client.on('authSuccess', () => this.#awaitAnswers()),
      client.on('error', ({ videoId, code }) => this.#answered(videoId, code !== 'UNAVAILABLE')),
      client.on('subscribeSuccess', ({ videoId }) => {
        this.#entries.get(videoId)?.row.subscribed();
        this.#answered(videoId, true);
        this.render();
      }));
    const reread = () => this.#follow(tasksInView());
    window.addEventListener('hashchange', reread);
    const timer = setInterval(() => this.#tick(), 1000);
    this.#stops.push(() => window.removeEventListener('hashchange', reread), () => clearInterval(timer));
    reread();
  }

  get ids() { return [...this.#entries.keys()]; }
  get running() { return this.#rows.filter(({ phase }) => phase === 'running').length; }
  set isQuiet(is) {
    this.#quietSince = is ? this.#quietSince ?? Date.now() : null;
    this.#tick();
  }

  get #rows() { return [...this.#entries.values()].map(({ row }) => row); }

  end() {
    for (const stop of this.#stops) stop();
    for (const { row, stop } of this.#entries.values()) { stop(); row.end(); }
    byId('task-list').replaceChildren();
  }

  add(ids) {
    this.#follow([...this.ids, ...ids]);
    keepInView(this.ids);
  }

  // Tasks that enter and leave the view.

  #follow(ids) {
    const wanted = new Set(ids.slice(0, MOST));
    for (const id of this.ids) if (!wanted.has(id)) this.#drop(id);
    for (const id of wanted) if (!this.#entries.has(id)) this.#begin(id);
    this.#changed();
  }

  #begin(id) {
    const row = new TaskRow(id, { rest: this.#rest, remove: () => this.#remove(id) });
    byId('task-list').append(row.element);
    const stop = this.#client.watch(id, (state, type, body) => {
      const before = row.phase;
      row.take(state, type, body);
      this.#tellEnd(row, before, body);
      this.render();
    });
    this.#entries.set(id, { row, stop });
  }

  #drop(id) {
    const { row, stop } = this.#entries.get(id);
    this.#entries.delete(id);
    this.#answered(id, true); // no answer is awaited any more
    stop();
    row.end();
    row.element.remove();
  }

  /** Removes a task from view; the focus goes to the next one's button. */
  #remove(id) {
    const { element } = this.#entries.get(id).row;
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    this.#drop(id);
    keepInView(this.ids);
    (neighbour?.querySelector('.remove') ?? byId('task-id')).focus();
    this.#announce(`No longer watching ${id}`);
    this.#changed();
  }

  #removeEnded() {
    for (const row of this.#rows) if (['completed', 'failed'].includes(row.phase)) this.#drop(row.id);
    keepInView(this.ids);
    byId('task-id').focus();
    this.#changed();
  }

  #submit() {
    const field = byId('task-id');
    const ids = field.value.split(/\s+/).filter(Boolean);
    const bad = ids.find((id) => !isTask(id));
    const problem = !ids.length ? 'Type a task’s id first.'
      : bad ? `“${bad}” is not a task’s id: 1 to 128 printable ASCII characters, without spaces and braces.`
        : new Set([...this.ids, ...ids]).size > MOST ? `One page watches ${MOST} tasks at most; remove some first.`
          : '';
    say(byId('add-said'), problem);
    show(byId('add-said'), problem !== '');
    field.setAttribute('aria-invalid', String(problem !== ''));
    if (problem) return field.focus();
    field.value = '';
    this.add(ids);
  }

  // Messages from the server.

  #awaitAnswers() {
    this.#unanswered = new Set(this.ids);
    this.#isWhole = true;
    if (!this.#unanswered.size) this.oncaughtup(true);
  }

  #answered(id, isWhole) {
    if (!this.#unanswered.delete(id)) return;
    this.#isWhole &&= isWhole;
    if (!this.#unanswered.size) this.oncaughtup(this.#isWhole);
  }

  #happened(body, { type, timestamp }) {
    const row = this.#entries.get(body?.videoId)?.row;
    if (row && typeof timestamp === 'number' && type.startsWith('task')) row.happened(timestamp);
    // The server also sends the user's own tasks and the team's: worth a hint.
    if (!row && type === 'taskUpdated' && isTask(body.videoId ?? '')) this.#offer(body.videoId);
  }

  #offer(id) {
    if (this.#offered.has(id) || this.#offered.size >= MOST_OFFERS) return;
    this.#offered.set(id, make('button', { type: 'button', textContent: id, onclick: () => { this.add([id]); } }));
    this.#showOffers();
  }

  #showOffers() {
    for (const id of this.ids) this.#offered.delete(id);
    show(byId('offers'), this.#offered.size > 0);
    const heading = this.#offered.size ? ['Yours or your team’s, and moving:'] : [];
    byId('offers').replaceChildren(...heading, ...this.#offered.values());
  }

  /** The remaining time and the age change without news. */
  #tick() {
    for (const row of this.#rows) row.isStale = true;
    this.render();
  }

  #tellEnd(row, before, body) {
    if (before === row.phase || body.snapshot) return;
    if (row.phase === 'completed') this.#announce(`${row.id} completed`);
    if (row.phase === 'failed') this.#announce(`${row.id} failed: ${row.state.error}`);
  }

  #changed() {
    show(byId('no-tasks'), this.#entries.size === 0);
    byId('publish-tasks').replaceChildren(...this.ids.map((value) => make('option', { value })));
    this.#showOffers();
    this.render();
    this.onchange();
  }

  render = beforePaint(() => {
    const now = this.#quietSince ?? Date.now();
    for (const row of this.#rows) if (row.isStale) row.render(now);
    const phases = this.#rows.map(({ phase }) => phase);
    const said = PHASES.map(([phase, word]) => [phases.filter((one) => one === phase).length, word])
      .filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    say(byId('task-summary'), said.join(' · '));
    show(byId('remove-ended'), phases.includes('completed') || phases.includes('failed'));
    this.onchange();
  });
}
