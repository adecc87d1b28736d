// The one line above everything that says what is wrong, and what happens next.

import { byId, say, show } from '../dom.js';
import { clock, connectionWords, duration } from '../words.js';

const TICK = 1000;
const SLEPT = 90000; // ms between two ticks; hidden pages are woken once a minute
const SHOWN = 8000; // ms that good news stay
const SOON = 5 * 60 * 1000; // before a token ends
const DRAINING = 'The node is stopping. The page connects to another by itself.';
const NO_REDIS = 'The node is up but cannot reach Redis, so no news come. It keeps trying, and the page catches up by itself.';

export class Notice {
  #status = { state: 'connecting', attempt: 0, code: null, retryAt: null };
  #lastTick = Date.now(); #timer; #lostAt = null; #slept = null; #news = null; #expiresAt = null; #unready = null;
  #announce; #said = '';

  constructor(announce) {
    this.#announce = announce;
    this.#timer = setInterval(() => this.#tick(), TICK);
    window.addEventListener('online', this.#draw);
    window.addEventListener('offline', this.#draw);
  }

  end() {
    clearInterval(this.#timer);
    window.removeEventListener('online', this.#draw);
    window.removeEventListener('offline', this.#draw);
    show(byId('notice'), false);
  }

  set status(status) {
    const isLive = status.state === 'connected';
    if (!isLive && this.#status.state === 'connected') this.#lostAt = Date.now();
    if (isLive && this.#lostAt !== null) {
      const away = duration((Date.now() - this.#lostAt) / 1000);
      this.#good(`Connected again after ${away}. Everything is up to date.`);
      this.#lostAt = null;
    }
    this.#status = status;
    this.#draw();
  }

  /** When the token ends, ms since 1970; null if never. */
  set expiresAt(at) { this.#expiresAt = at; this.#draw(); }

  /** Why the node is not ready; null if it is. */
  set unready(reason) { this.#unready = reason; this.#draw(); }

  #tick() {
    const now = Date.now();
    if (now - this.#lastTick > SLEPT) {
      this.#slept = { from: this.#lastTick, to: now };
      setTimeout(() => { this.#slept = null; this.#draw(); }, 30000);
    }
    this.#lastTick = now;
    this.#draw();
  }

  #good(text) {
    this.#news = text;
    setTimeout(() => { if (this.#news === text) { this.#news = null; this.#draw(); } }, SHOWN);
  }

  #draw = () => {
    const now = Date.now();
    const connection = connectionWords(this.#status, { now, isOnline: navigator.onLine });
    const { tone, text, next = '' } = this.#words(connection, now);
    byId('state').dataset.tone = this.#unready && connection.tone === 'good' ? 'warn' : connection.tone;
    say(byId('state'), this.#unready && connection.tone === 'good' ? 'Waiting for Redis' : connection.short);
    const isLost = Boolean(connection.text);
    show(byId('notice'), Boolean(text));
    show(byId('retry'), isLost);
    document.body.classList.toggle('stale', isLost);
    if (text) byId('notice').dataset.tone = tone;
    say(byId('notice-text'), text ?? '');
    say(byId('notice-next'), next);
    // Read out once, without the seconds that count down.
    if ((text ?? '') !== this.#said) this.#announce(this.#said = text ?? '');
  };

  #words(connection, now) {
    const slept = this.#slept
      && `This page slept from ${clock(this.#slept.from, now)} to ${clock(this.#slept.to, now)}.`;
    if (connection.text) return { ...connection, text: slept ? `${slept} ${connection.text}` : connection.text };
    if (this.#status.state !== 'connected') return {};
    if (this.#unready) return { tone: 'warn', text: this.#unready === 'draining' ? DRAINING : NO_REDIS };
    if (slept) {
      return { tone: 'good', text: `${slept} It is connected, and the tasks are up to date; the plots have a gap.` };
    }
    if (this.#expiresAt !== null && this.#expiresAt - now < SOON) {
      return {
        tone: 'warn', text: 'Your token ends soon. The page will ask for a new one then; the tasks stay in view.',
        next: `Left: ${duration((this.#expiresAt - now) / 1000)}.`,
      };
    }
    return this.#news ? { tone: 'good', text: this.#news } : {};
  }
}
