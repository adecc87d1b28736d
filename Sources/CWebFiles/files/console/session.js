// The page of a signed-in user: the connection and the panels.

import { Fantail } from '../fantail.js';
import { byId, say, show } from '../dom.js';
import { Nodes } from './nodes.js';
import { Notice } from './notice.js';
import { Online } from './online.js';
import { Publish } from './publish.js';
import { repeat, Rest } from './rest.js';
import { TaskList } from './task-list.js';
import { lacks } from './token.js';
import { Traffic } from './traffic.js';

const READY_EVERY = 5000;

export class Session {
  #client; #parts = []; #stops = []; #token; #welcomed = false; #isHealthElsewhere = false;

  /** `onGreeted()` once the node accepts the token, `onEnded(reason, wasGreeted)` when the node refuses it. */
  constructor(token, { onGreeted, onEnded, onWaiting }) {
    this.#token = token;
    this.#client = new Fantail({ dialect: 'tasks', token, url: new URL('ws', document.baseURI).href });
    this.#client.on('authSuccess', (user) => {
      if (!this.#welcomed) this.#furnish();
      this.#welcomed = true;
      this.#greet(user);
      onGreeted();
    });
    this.#stops.push(this.#client.onStatus((status) => {
      // The sign-in form shows an end: the notice is only for connections that come back.
      if (status.state === 'error') return onEnded(status.reason, this.#welcomed);
      if (this.notice) this.notice.status = status;
      if (!this.#welcomed && (status.attempt > 0 || status.retryAt !== null)) onWaiting(status);
    }));
    this.#client.connect();
  }

  end() {
    for (const stop of this.#stops) stop();
    for (const part of this.#parts) part.end();
    this.#client.close();
    hush();
    document.title = 'Fantail';
  }

  /** Tries at once instead of waiting. */
  retry() {
    this.#client.close();
    this.#client.connect();
  }

  #furnish() {
    const rest = new Rest(this.#token);
    this.notice = new Notice(announce);
    const tasks = new TaskList(this.#client, rest, announce);
    const publish = new Publish(rest, lacks(this.#token, 'publish'), (id) => tasks.add([id]));
    const online = new Online(rest, (answer) => this.#heard(answer));
    this.#parts = [this.notice, tasks, publish, new Traffic(this.#client), online, new Nodes(rest)];
    this.notice.onquiet = (isQuiet) => { tasks.isQuiet = isQuiet; };
    tasks.oncaughtup = (isWhole) => this.notice.caughtUp(isWhole);
    tasks.onchange = () => {
      publish.suggest(tasks.ids[0]);
      document.title = tasks.running ? `${tasks.running} running – Fantail` : 'Fantail';
    };
    tasks.onchange();
    byId('retry').onclick = () => this.retry();
    const stopAsking = repeat(READY_EVERY, async () => {
      const { status, body } = await rest.ask('health/ready');
      this.#isHealthElsewhere = status === 404;
      if (this.#isHealthElsewhere) stopAsking();
      else this.notice.unready = status === 503 ? body.reason ?? 'it is not ready' : null;
    });
    this.#stops.push(stopAsking);
  }

  /** Where only the operators' port tells the node's health, its answers about users online tell it, too. */
  #heard({ status, body: { error } }) {
    if (!this.#isHealthElsewhere) return;
    if (status === 200) this.notice.unready = null;
    if (status === 503) this.notice.unready = error?.code === 'DRAINING' ? 'draining' : error?.message ?? 'it is not ready';
  }

  #greet({ userId, username, expiresAt }) {
    this.notice.status = this.#client.status;
    this.notice.expiresAt = expiresAt ?? null;
    show(byId('who'), true);
    say(byId('who'), username || userId);
    byId('who').title = `Signed in as ${userId}`;
  }
}

let announcing;

/** Text for a screen reader; cleared, so that the same words are read again. */
function announce(text) {
  hush();
  announcing = setTimeout(() => say(byId('announcer'), text), 50);
}

function hush() {
  clearTimeout(announcing);
  say(byId('announcer'), '');
}
