// Fantail's console: signing in and out. Everything else is in session.js and its imports.

import { byId, say, show } from '../dom.js';
import { connectionWords } from '../words.js';
import { Session } from './session.js';
import { faultOf } from './token.js';
import { takeToken } from './view.js';

const KEY = 'fantail-token'; // this tab's, deleted when it is closed
let session = null;

function signIn(token) {
  session?.end();
  say(byId('sign-in-said'), '');
  byId('sign-in-button').disabled = true;
  session = new Session(token, {
    onGreeted: () => {
      keep(token);
      showConsole(true);
    },
    onWaiting: (status) => {
      show(byId('sign-in-page'), true);
      const { text = '', next = '' } = connectionWords(status, { isOnline: navigator.onLine });
      say(byId('sign-in-said'), `Not signed in yet. ${text.split('. ')[0]}. ${next} It goes on by itself.`);
    },
    onEnded: (reason, wasGreeted) => signOut(wasGreeted
      ? `The node ended this session${reason && `: ${reason}`}. Sign in again to go on; the tasks stay in view.`
      : `The node refuses this token: ${faultOf(token) || reason || 'it is not valid here'}. `
        + 'See that all of it was pasted, or get a fresh one; nothing is shown before.'),
  });
}

function signOut(why = '') {
  session?.end();
  session = null;
  keep(null);
  showConsole(false);
  say(byId('sign-in-said'), why);
  byId('token').focus();
}

function showConsole(isSignedIn) {
  show(byId('console-page'), isSignedIn);
  show(byId('sign-in-page'), !isSignedIn);
  show(byId('sign-out'), isSignedIn);
  byId('sign-in-button').disabled = false;
  if (isSignedIn) {
    if (byId('token').value) byId('task-id').focus(); // it was just typed, and the form is hidden
    byId('token').value = '';
    return;
  }
  show(byId('who'), false);
  delete byId('state').dataset.tone;
  say(byId('state'), 'Not signed in');
}

function keep(token) {
  try {
    if (token === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch { /* asked again after a reload, then */ }
}

function kept() {
  try { return sessionStorage.getItem(KEY); } catch { return null; }
}

byId('sign-in').onsubmit = (event) => {
  event.preventDefault();
  const token = byId('token').value.trim().replace(/^bearer\s+/i, '');
  if (token) return signIn(token);
  say(byId('sign-in-said'), 'Paste a token first.');
  byId('token').focus();
};
byId('sign-out').onclick = () => signOut();
byId('demo').onclick = () => signIn('demo-token');
// Only development nodes accept it, and they listen on this computer only.
show(byId('demo'), ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname));

const token = takeToken() ?? kept();
if (token) signIn(token);
else signOut();
window.addEventListener('hashchange', () => {
  const given = takeToken();
  if (given) signIn(given);
});
