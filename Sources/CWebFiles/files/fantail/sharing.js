
// ---- Sharing: one connection for all users of the same options on a page, and code that the hooks of fantail-react.js and
// fantail-vue.js share. Gives share, followPresence, followTask, taskProgress and chatMessage. Needs the client.

const shared = new Map();

/** The page's one connection with these options, and a function that releases it; it closes a moment after the last release. */
export function share(options) {
  const { url = HOME, dialect = 'tasks', token = '' } = options;
  const tokens = typeof token === 'function' ? token : `=${token}`;
  const bucket = shared.get(tokens) ?? new Map();
  shared.set(tokens, bucket);
  const key = `${dialect} ${url}`;
  let slot = bucket.get(key);
  // A client that the server has ended for good stays with its holders.
  if (!slot || slot.client.status.state === 'error') slot = { client: connect(options), users: 0 };
  bucket.set(key, slot);
  slot.users += 1;
  clearTimeout(slot.closing);
  let held = true;
  return [slot.client, () => {
    if (!held) return;
    held = false;
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

const MOST_MESSAGES = 200; // kept for `messages`

/** Presence for a hook: passes values to `set.isConnected`, `set.onlineCount`; to `set.messages` a function of the old list. */
export function followPresence(token, set, url) {
  const [client, release] = share({ dialect: 'presence', url, token });
  const stops = [
    client.onStatus(({ state }) => set.isConnected(state === 'connected')),
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
export function followTask(videoId, token, set, url) {
  set(taskProgress(unknownTask(videoId)));
  if (!videoId || !token) return () => {};
  const [client, release] = share({ dialect: 'tasks', url, token });
  const stop = client.watch(videoId, (state) => set(taskProgress(state)));
  return () => { stop(); release(); };
}

/** `sendMessage(to, message)`, or `sendMessage(wholeMessage)`. */
export const chatMessage = (to, message) => (typeof to === 'object' ? to
  : { type: 'message', to_user_id: to, message, timestamp: new Date().toISOString() });
