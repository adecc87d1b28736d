
// ---- Sharing: one connection for all users of the same options on a page, and code that the hooks of fantail-react.js and
// fantail-vue.js share. Gives share, reconnecting, followPresence, followTask, taskProgress and chatMessage. Needs the client.

const shared = new Map();

/** The page's one connection with these options, and a function that releases it; it closes a moment after the last release. */
export function share(options) {
  const { url = HOME, dialect = 'tasks', token = '', onGiveUp } = options;
  const tokens = typeof token === 'function' ? token : `=${token}`;
  const bucket = shared.get(tokens) ?? new Map();
  shared.set(tokens, bucket);
  const { maxReconnectAttempts, reconnectInterval, pauses, batch, socketIO } = options;
  const key = JSON.stringify([dialect, url, maxReconnectAttempts, reconnectInterval, pauses, Boolean(batch), Boolean(socketIO)]);
  let slot = bucket.get(key);
  // A client that the server has ended for good stays with its holders.
  if (!slot || slot.client.status.state === 'error') {
    slot = { client: connect({ ...options, onGiveUp: undefined }), users: 0 };
  }
  bucket.set(key, slot);
  slot.users += 1;
  clearTimeout(slot.closing);
  // Each holder is told, not only the one that came first.
  const stop = slot.client.onStatus((status) => { if (status.state === 'error') onGiveUp?.(status); });
  let held = true;
  return [slot.client, () => {
    if (!held) return;
    held = false;
    stop();
    slot.users -= 1;
    if (slot.users) return;
    slot.closing = setTimeout(() => {
      slot.client.close();
      if (bucket.get(key) !== slot) return; // another has replaced it
      bucket.delete(key);
      if (!bucket.size) shared.delete(tokens);
    }, 500);
  }];
}

/** How the documents' clients reconnect, in ms. */
const DOCUMENTED = { jobs: { maxReconnectAttempts: 5, reconnectInterval: 3000 }, presence: { reconnectInterval: 5000 } };

/** How a class or hook of a document reconnects: as the document says, where the page says nothing else. */
export function reconnecting(dialect, { maxReconnectAttempts, reconnectInterval, pauses } = {}) {
  const as = { ...DOCUMENTED[dialect] };
  if (isLimit(maxReconnectAttempts)) as.maxReconnectAttempts = maxReconnectAttempts;
  if (isInterval(reconnectInterval) || pauses) as.reconnectInterval = reconnectInterval;
  return as;
}

const MOST_MESSAGES = 200; // kept for `messages`

/** Presence for a hook: passes values to `set.isConnected`, `set.onlineCount`; to `set.messages` a function of the old list. */
export function followPresence(token, set, options = {}) {
  const { url, batch, onGiveUp } = options;
  const [client, release] = share({ dialect: 'presence', url, token, batch, onGiveUp, ...reconnecting('presence', options) });
  const stops = [
    client.onStatus((status) => set.isConnected(status.state === 'connected')),
    client.on('connected', () => set.onlineCount(client.onlineCount)),
    client.on('user_status', () => set.onlineCount(client.onlineCount)),
    client.on('*', (_, message) => message.type !== 'pong'
      && set.messages((old) => [...old.slice(1 - MOST_MESSAGES), message])),
  ];
  set.onlineCount(client.onlineCount);
  return [client, () => { stops.forEach((stop) => stop()); release(); }];
}

/** A task in the hooks: with a status and a (possibly empty) address from the first moment on. */
export const taskProgress = (state) => ({ ...state, status: state.status ?? 'QUEUED', videoUrl: state.videoUrl ?? '' });

/** A task for a hook: passes every state to `set`, the first one at once. */
export function followTask(videoId, token, set, options = {}) {
  set(taskProgress(unknownTask(videoId)));
  if (!videoId || !token) return () => {};
  const { url, batch, socketIO, onGiveUp } = options;
  const [client, release] = share({ dialect: 'tasks', url, token, batch, socketIO, onGiveUp, ...reconnecting('tasks', options) });
  const stop = client.watch(videoId, (state) => set(taskProgress(state)));
  return () => { stop(); release(); };
}

/** `sendMessage(to, message)`, or `sendMessage(wholeMessage)`. */
export const chatMessage = (to, message) => (typeof to === 'object' ? to
  : { type: 'message', to_user_id: to, message, timestamp: new Date().toISOString() });
