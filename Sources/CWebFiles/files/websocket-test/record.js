// Every frame in both directions, with times.

import { byId, copy, make, say, show } from '../dom.js';
import { duration, number } from '../words.js';
import { isBeat, read } from './dialects.js';

const SHOWN = 400; // characters of a frame until it is opened
const MOST = 1000; // frames kept; a page left open must not grow for ever

export class Record {
  #frames = []; #last = null; #sent = 0; #received = 0;

  constructor() {
    byId('clear').onclick = () => this.clear();
    byId('copy').onclick = () => this.#copy();
    byId('without-beats').onchange = ({ target }) => byId('frames').classList.toggle('without-beats', target.checked);
  }

  sent(text) { this.#sent += 1; this.#frame('sent', '→', text); }
  received(text) { this.#received += 1; this.#frame('received', '←', text); }

  /** A record that is no frame: connected, closed. */
  note(title, text = '', tone = '') {
    const line = make('div', { className: 'note' }, ...this.#stamp(),
      make('span', { className: 'way', 'aria-hidden': 'true', textContent: '·' }), make('span', { className: 'what' }, make('b', { textContent: title }), text));
    line.dataset.tone = tone;
    this.#add(line, `# ${title} ${text}`, '');
  }

  clear() {
    this.#frames = [];
    this.#last = null;
    this.#sent = this.#received = 0;
    byId('frames').replaceChildren();
    this.#count();
  }

  #frame(kind, arrow, text) {
    const { type, pretty } = read(text);
    const line = make(
      'details', { className: kind },
      make('summary', {}, ...this.#stamp(),
        make('span', { className: 'way' }, make('span', { 'aria-hidden': 'true', textContent: arrow }),
          make('span', { className: 'visually-hidden', textContent: kind })),
        make('span', { className: 'what' },
          make('b', { textContent: type }), make('code', { textContent: text.slice(0, SHOWN), dir: 'auto' }))),
      make('pre', {}, make('code', { textContent: pretty, dir: 'auto' })));
    this.#add(line, `${kind === 'sent' ? '>' : '<'} ${text}`, isBeat(type) ? 'beat' : '');
  }

  #stamp() {
    const now = Date.now();
    const passed = now - (this.#last ?? now);
    const later = this.#last === null ? '' : passed < 10000 ? `+${number(passed)} ms` : `+${duration(passed / 1000)}`;
    this.#last = now;
    return [
      make('time', { dateTime: new Date(now).toISOString(), textContent: clock(now) }),
      make('span', { className: 'later', textContent: later }),
    ];
  }

  #add(line, text, className) {
    const list = byId('frames');
    const { scrollHeight, clientHeight, scrollTop } = document.scrollingElement;
    const isAtEnd = scrollHeight - clientHeight - scrollTop < 80;
    list.append(make('li', { className }, line));
    this.#frames.push(`${new Date().toISOString()} ${text}`);
    if (this.#frames.length > MOST) {
      this.#frames.shift();
      list.firstElementChild.remove();
    }
    this.#count();
    if (isAtEnd) line.scrollIntoView({ block: 'nearest' });
  }

  #count() {
    show(byId('no-frames'), this.#frames.length === 0);
    const kept = this.#frames.length === MOST ? `, the last ${number(MOST)} lines kept` : '';
    const counts = `${number(this.#sent)} sent, ${number(this.#received)} received${kept}`;
    say(byId('frames-count'), this.#frames.length ? counts : '');
  }

  async #copy() {
    const text = this.#frames.join('\n');
    const said = !text ? 'There is nothing to copy yet.'
      : await copy(`${text}\n`) ? `Copied ${number(this.#frames.length)} lines.`
        : 'The browser does not let this page copy. Select the text by hand.';
    show(byId('copied'), true);
    say(byId('copied'), said);
    setTimeout(() => show(byId('copied'), false), 4000);
  }
}

/** With milliseconds: frames often follow each other quickly. */
function clock(ms) {
  const date = new Date(ms);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
