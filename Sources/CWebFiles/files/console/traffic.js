// How many events arrive here each second.

import { byId, say } from '../dom.js';
import { clock, count, rate } from '../words.js';
import { plot } from './plot.js';

const SECONDS = 60;
const STEADY = 5; // seconds over which the number is averaged
const REPLIES = new Set(['subscribeSuccess', 'unsubscribeSuccess', 'error']);

export class Traffic {
  #since = Date.now(); #total = 0; #current = 0; #past = []; #timer;

  constructor(client) {
    client.on('*', (body, message) => {
      // A state that answers a subscription is old news, and no traffic.
      if (body?.videoId !== undefined && !body.snapshot && !REPLIES.has(message.type)) this.#current += 1;
    });
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#draw();
  }

  end() { clearInterval(this.#timer); }

  #tick() {
    this.#total += this.#current;
    this.#past.push({ at: Date.now(), value: this.#current });
    this.#past = this.#past.slice(-SECONDS);
    this.#current = 0;
    this.#draw();
  }

  #draw() {
    const recent = this.#past.slice(-STEADY);
    const mean = recent.reduce((sum, { value }) => sum + value, 0) / Math.max(1, recent.length);
    const most = Math.max(0, ...this.#past.map(({ value }) => value));
    say(byId('event-rate'), rate(mean));
    say(byId('event-caption'), `the last minute · ${count(this.#total, 'event')} since ${clock(this.#since)}`);
    const said = `Events a second in the last minute: now ${rate(mean)}, most ${most}`;
    byId('event-plot').setAttribute('aria-label', said);
    // Each bar shows the second before it was counted.
    const samples = this.#past.map(({ at, value }) => ({ at: at - 1000, value }));
    plot(byId('event-plot'), samples, { span: SECONDS * 1000, now: Date.now(), gap: 2500 });
  }
}
