// The tasks in view: in the page's address, so that it can be shared, and stored for the next visit.

const KEY = 'fantail-tasks';

/** The number of subscriptions that a node allows one connection. */
export const MOST = 100;

/** An id: 1 to 128 bytes of printable ASCII without spaces and braces. */
export const isTask = (id) => /^[!-z|~]{1,128}$/.test(id);

/** The tasks in the address, else the last ones in view. */
export function tasksInView() {
  const named = fields().get('tasks');
  const list = named ?? kept();
  return [...new Set(list.split(',').map(decoded).filter(isTask))].slice(0, MOST);
}

export function keepInView(ids) {
  const list = ids.map(encodeURIComponent).join(',');
  const others = [...fields()].filter(([name]) => name !== 'tasks');
  const parts = [...others.map(([name, value]) => `${name}=${value}`), ...(list ? [`tasks=${list}`] : [])];
  history.replaceState(null, '', parts.length ? `#${parts.join('&')}` : location.pathname + location.search);
  try { localStorage.setItem(KEY, list); } catch { /* the address has it */ }
}

/** A token in the address signs in once, and is removed before anybody can read or share it. */
export function takeToken() {
  const all = fields();
  const token = all.get('token');
  if (token === undefined) return null;
  all.delete('token');
  const rest = [...all].map(([name, value]) => `${name}=${value}`).join('&');
  history.replaceState(null, '', rest ? `#${rest}` : location.pathname + location.search);
  return decoded(token);
}

/** The address's fields, undecoded; `URLSearchParams` would decode the commas between ids and those inside. */
function fields() {
  const parts = location.hash.slice(1).split('&').filter((part) => part.includes('='));
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return ''; }
}

function kept() {
  try { return localStorage.getItem(KEY) ?? ''; } catch { return ''; }
}
