// The tasks in view, over one connection.

import { beforePaint, byId, make, say, show } from '../dom.js';
import { TaskRow } from './task-row.js';
import { isTask, keepInView, MOST, tasksInView } from './view.js';

export class TaskList {
  #client; #rest; #rows = new Map(); #stops = []; #offered = new Map(); #announce;

  constructor(client, rest, announce) {
    Object.assign(this, { onchange: () => {} });
    this.#client = client;
    this.#rest = rest;
    this.#announce = announce;
    byId('add-task').onsubmit = (event) => { event.preventDefault(); this.#submit(); };
    byId('remove-ended').onclick = () => this.#removeEnded();
    byId('example').onclick = () => this.add(['example']);
    this.#stops.push(
      client.on('*', (body, message) => this.#happened(body, message)),
      client.on('subscribeSuccess', (body) => { this.#rows.get(body.videoId)?.subscribed(); this.render(); }));
    const reread = () => this.#follow(tasksInView());
    window.addEventListener('hashchange', reread);
    const timer = setInterval(() => this.#tick(), 1000);
    this.#stops.push(() => window.removeEventListener('hashchange', reread), () => clearInterval(timer));
    reread();
  }

  get ids() { return [...this.#rows.keys()]; }
  get running() { return [...this.#rows.values()].filter(({ phase }) => phase === 'running').length; }

  end() {
    for (const stop of this.#stops) stop();
    for (const { row, stop } of this.#entries.values()) { stop(); row.end(); }
    byId('task-list').replaceChildren();
  }

  add(ids) {
    this.#follow([...this.ids, ...ids]);
    keepInView(this.ids);
  }

  // In and out of view.

  #entries = new Map(); // id -> how to stop

  #follow(ids) {
    const wanted = new Set(ids.slice(0, MOST));
    for (const id of this.ids) if (!wanted.has(id)) this.#drop(id);
    for (const id of wanted) if (!this.#rows.has(id)) this.#begin(id);
    this.#changed();
  }

  #begin(id) {
    const row = new TaskRow(id, { rest: this.#rest, remove: () => this.#remove(id) });
    this.#rows.set(id, row);
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
    this.#rows.delete(id);
    stop();
    row.end();
    row.element.remove();
  }

  /** Takes a task out of view; the focus goes to the next one's button, not to nowhere. */
  #remove(id) {
    const { element } = this.#rows.get(id);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    this.#drop(id);
    keepInView(this.ids);
    (neighbour?.querySelector('.remove') ?? byId('task-id')).focus();
    this.#announce(`No longer watching ${id}`);
    this.#changed();
  }

  #removeEnded() {
    for (const [id, row] of [...this.#rows]) if (['completed', 'failed'].includes(row.phase)) this.#drop(id);
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
        : new Set([...this.ids, ...ids]).size > MOST ? `One page watches ${MOST} tasks at most; remove some first.` : '';
    say(byId('add-said'), problem);
    show(byId('add-said'), problem !== '');
    field.setAttribute('aria-invalid', String(problem !== ''));
    if (problem) return field.focus();
    field.value = '';
    this.add(ids);
  }

  // What comes.

  #happened(body, { type, timestamp }) {
    const row = this.#rows.get(body?.videoId);
    if (row && typeof timestamp === 'number' && type.startsWith('task')) row.happened(timestamp);
    // The user's own tasks and the team's come unasked: worth a hint.
    if (!row && type === 'taskUpdated' && isTask(body.videoId ?? '')) this.#offer(body.videoId);
  }

  #offer(id) {
    if (this.#offered.has(id) || this.#offered.size >= 5) return;
    this.#offered.set(id, make('button', { type: 'button', textContent: id, onclick: () => { this.add([id]); } }));
    this.#showOffers();
  }

  #showOffers() {
    for (const id of this.ids) this.#offered.delete(id);
    show(byId('offers'), this.#offered.size > 0);
    if (this.#offered.size) byId('offers').replaceChildren('Yours or your team’s, and moving:', ...this.#offered.values());
  }

  /** What is left and how long ago change by themselves. */
  #tick() {
    for (const row of this.#rows.values()) row.isStale = true;
    this.render();
  }

  #tellEnd(row, before, body) {
    if (before === row.phase || body.snapshot) return;
    if (row.phase === 'completed') this.#announce(`${row.id} completed`);
    if (row.phase === 'failed') this.#announce(`${row.id} failed: ${row.state.error}`);
  }

  #changed() {
    show(byId('no-tasks'), this.#rows.size === 0);
    byId('publish-tasks').replaceChildren(...this.ids.map((value) => make('option', { value })));
    this.#showOffers();
    this.render();
    this.onchange();
  }

  render = beforePaint(() => {
    const now = Date.now();
    for (const row of this.#rows.values()) if (row.isStale) row.render(now);
    const phases = [...this.#rows.values()].map(({ phase }) => phase);
    const said = [['running', 'running'], ['completed', 'completed'], ['failed', 'failed'], ['refused', 'not shown'], ['unknown', 'not begun']]
      .map(([phase, word]) => [phases.filter((one) => one === phase).length, word]).filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`);
    say(byId('task-summary'), said.join(' · '));
    show(byId('remove-ended'), phases.includes('completed') || phases.includes('failed'));
    this.onchange();
  });
}
