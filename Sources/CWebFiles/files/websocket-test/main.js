// The test page: one bare WebSocket, without client code between you and the node.

import { byId, make, say, show } from '../dom.js';
import { closing } from '../words.js';
import { DIALECTS, read, samples, signIn } from './dialects.js';
import { Record } from './record.js';

const record = new Record();
let socket = null;

const dialect = () => document.querySelector('input[name=dialect]:checked').value;
const token = () => byId('token').value.trim();

// ---- Connecting --------------------------------------------------------------------------------------------------

function compose() {
  const { host, protocol } = location;
  const path = DIALECTS[dialect()].path(encodeURIComponent(token()));
  byId('address').value = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${path}`;
  show(byId('auth-field'), DIALECTS[dialect()].signsIn === true);
}

function connect() {
  complain('');
  let address;
  try {
    address = new URL(byId('address').value);
  } catch { return complain('This is not an address: it begins with ws:// or wss://.'); }
  if (address.host !== location.host) {
    return complain(`This page may speak with its own node only, ${location.host}. Open the other node’s test page.`);
  }
  try {
    socket = new WebSocket(address);
  } catch (error) { return complain(`The browser refuses this address: ${error.message}`); }
  const mine = socket;
  const spoken = DIALECTS[dialect()];
  let isOpen = false;
  say(byId('connect-button'), 'Disconnect');
  state('warn', 'Connecting');
  socket.onopen = () => {
    isOpen = true;
    state('good', 'Connected');
    record.note('Connected', masked(address), 'good');
    byId('send-button').disabled = false;
    if (spoken === DIALECTS.tasks && byId('auth').checked) send(JSON.stringify(signIn(token())));
  };
  socket.onmessage = ({ data }) => {
    record.received(data);
    const answer = spoken.answer?.(data, byId('auth').checked ? signIn(token()) : null);
    if (answer && socket === mine) send(answer);
  };
  socket.onclose = (event) => {
    if (socket === mine) ended(event, isOpen);
  };
}

function ended({ code, reason }, wasOpen) {
  socket = null;
  byId('send-button').disabled = true;
  say(byId('connect-button'), 'Connect');
  if (!wasOpen) {
    state('bad', 'Not connected');
    return record.note('No connection', 'The node does not answer, or refused the handshake: a full or stopping node, or '
      + 'an unknown path. The browser does not tell pages which; its developer tools do.', 'bad');
  }
  const { name, meaning } = closing(code);
  state(code === 1000 ? '' : 'bad', `Closed: ${code}, ${name}`);
  const words = reason ? `The node says: ${reason}. ${meaning}` : meaning;
  record.note(`Closed with ${code}: ${name}.`, words, code === 1000 ? '' : 'bad');
}

function disconnect() {
  say(byId('connect-button'), 'Connect');
  state('warn', 'Closing');
  socket.close(1000);
}

function state(tone, text) {
  byId('state').dataset.tone = tone;
  say(byId('state'), text);
}

function complain(text) {
  show(byId('connect-said'), text !== '');
  say(byId('connect-said'), text);
}

/** Tokens are secrets, and records get copied into tickets. */
const masked = (address) => String(address).replace(/(token=)[^&]+/, '$1…');

// ---- Sending -----------------------------------------------------------------------------------------------------

function send(text) {
  socket.send(text);
  record.sent(text.replace(/("token"\s*:\s*")[^"]{16,}"/, '$1…"'));
}

function sendTyped() {
  const text = byId('message').value;
  if (socket?.readyState !== WebSocket.OPEN) return said('Connect first; nothing was sent.', 'bad');
  send(text);
  const isJSON = read(text).type !== 'not JSON';
  said(isJSON ? 'Sent.' : 'Sent as it stands, though it is not JSON: see what the node says.');
}

function said(text, tone = '') {
  byId('message-said').className = `said ${tone}`;
  say(byId('message-said'), text);
}

function offerExamples() {
  byId('example').replaceChildren(
    ...samples(dialect()).map(([label], index) => make('option', { value: index, textContent: label })));
  useExample();
}

function useExample() {
  const [, sample] = samples(dialect())[byId('example').value];
  const made = typeof sample === 'string' ? sample : sample(token());
  byId('message').value = typeof made === 'string' ? made : JSON.stringify(made, null, 2);
  said('');
}

// ---- The page ----------------------------------------------------------------------------------------------------

for (const choice of document.querySelectorAll('input[name=dialect]')) {
  choice.onchange = () => { compose(); offerExamples(); };
}
byId('token').oninput = compose;
byId('example').onchange = useExample;
byId('connect').onsubmit = (event) => {
  event.preventDefault();
  if (socket) disconnect();
  else connect();
};
byId('send').onsubmit = (event) => { event.preventDefault(); sendTyped(); };
byId('message').onkeydown = (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); sendTyped(); }
};

const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
byId('token').value = sessionStorage.getItem('fantail-token') ?? (isLocal ? 'demo-token' : '');
compose();
offerExamples();
