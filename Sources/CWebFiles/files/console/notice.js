// The one line at the top that tells what is wrong, and what happens next.

import { byId, say, show } from '../dom.js';
import { clock, connectionWords, duration, unreadyWords } from '../words.js';

const TICK = 1000;
const SLEPT = 90000; // ms between two ticks; hidden pages are woken once a minute
const SHOWN = 8000; // ms that good news are shown
const SOON = 5 * 60 * 1000; // ms before a token expires

export class Notice {
  onquiet = () => {}; // called when news start or stop arriving
  #status = { state: 'connecting', attempt: 0, code: null, retryAt: null };
  #lastTick = Date.now(); #timer; #lostAt = null; #slept = null; #news = null; #expiresAt = null; #unready = null;
  #announce; #said = ''; #away = null; #isQuiet = false;

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
    document.body.classList.remove('stale');
  }

  set status(status) {
    const isLive = status.state === 'connected';
    if (!isLive && this.#status.state === 'connected') this.#lostAt = Date.now();
    if (isLive && this.#lostAt !== null) {
      this.#away = `Connected again after ${duration((Date.now() - this.#lostAt) / 1000)}.`;
      this.#news = `${this.#away} Catching up.`; // until the subscriptions are answered
      this.#lostAt = null;
    }
    if (!isLive) this.#away = null;
    this.#status = status;
    this.#draw();
  }

  /** When the token expires, ms since 1970; null if never. */
  set expiresAt(at) { this.#expiresAt = at; this.#draw(); }

  /** The server has answered for every task in view; `isWhole` if it refused none for now. */
  caughtUp(isWhole) {
    if (this.#away === null) return;
    const then = isWhole ? 'Everything is up to date.' : 'Not every task could be asked for; those say so.';
    this.#good(`${this.#away} ${then}`);
    this.#away = null;
    this.#draw();
  }

  /** Why the node is not ready: a word of `/health/ready`, or the node's own text; null if it is ready. */
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
    const unready = this.#unready && connection.tone === 'good' ? unreadyWords(this.#unready) : null;
    byId('state').dataset.tone = unready ? 'warn' : connection.tone;
    say(byId('state'), (unready ?? connection).short);
    const isLost = Boolean(connection.text);
    show(byId('notice'), Boolean(text));
    show(byId('retry'), isLost);
    this.#hush(isLost || Boolean(unready?.isQuiet));
    if (text) byId('notice').dataset.tone = tone;
    say(byId('notice-text'), text ?? '');
    say(byId('notice-next'), next);
    // Read out once, without the seconds that count down.
    if ((text ?? '') !== this.#said) this.#announce(this.#said = text ?? '');
  };

  /** While no news arrive, the page shows the last known values, and marks them as old. */
  #hush(isQuiet) {
    document.body.classList.toggle('stale', isQuiet);
    if (isQuiet !== this.#isQuiet) this.onquiet(this.#isQuiet = isQuiet);
  }

  #words(connection, now) {
    const slept = this.#slept
      && `This page slept from ${clock(this.#slept.from, now)} to ${clock(this.#slept.to, now)}.`;
    if (connection.text) return { ...connection, text: slept ? `${slept} ${connection.text}` : connection.text };
    if (this.#status.state !== 'connected') return {};
    if (this.#unready) return { tone: 'warn', text: unreadyWords(this.#unready).text };
    if (slept) {
      const then = this.#away === null ? 'the tasks are up to date; the plots have a gap' : 'catches up';
      return { tone: 'good', text: `${slept} It is connected, and ${then}.` };
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
