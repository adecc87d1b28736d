// Loads parts of fantail.js without the others, for the tests of each: `node --test Tests/BrowserClient/`.
import { readFile } from 'node:fs/promises';

const FOLDER = new URL('../../Sources/CWebFiles/files/fantail/', import.meta.url);

/** What the parts declare under these names; exported or not. */
export async function load(parts, ...names) {
  const texts = await Promise.all(parts.map((name) => readFile(new URL(`${name}.js`, FOLDER), 'utf8')));
  const text = texts.join('').replaceAll(/^export (?=\w)/gm, '');
  return import(`data:text/javascript,${encodeURIComponent(`${text}\nexport { ${names.join(', ')} };`)}`);
}

/** Timers that fire when the test says so: `after(milliseconds)`. */
export function holdTimers() {
  const timers = new Map();
  let now = 0, last = 0;
  globalThis.setTimeout = (work, pause = 0) => {
    timers.set(++last, { at: now + pause, work });
    return last;
  };
  globalThis.clearTimeout = (timer) => timers.delete(timer);
  return {
    after(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = due[1].at;
        due[1].work();
      }
      now = end;
    },
    get count() { return timers.size; },
  };
}
