
// ---- Sharing: one connection for everything on a page that wants the same, and what the hooks of fantail-react.js and
// fantail-vue.js have in common. Gives share, followPresence, followTask, taskProgress and chatMessage. Needs the client.

const shared = new Map();

/** The page's one connection with these options, and how to give it back; it is closed a moment after the last has. */
export function share(options) {
  const { url = HOME, dialect = 'tasks', token = '' } = options;
  const tokens = typeof token === 'function' ? token : `=${token}`;
  const bucket = shared.get(tokens) ?? new Map();
  shared.set(tokens, bucket);
  const key = `${dialect} ${url}`;
  let slot = bucket.get(key);
  // One that the server has ended for good is left to those who hold it.
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
      if (bucket.get(key) !== slot) return; // another has taken its place
      bucket.delete(key);
      if (!bucket.size) shared.delete(tokens);
    }, 500);
  }];
}

const MOST_MESSAGES = 200; // kept for `messages`

/** Presence for a hook: hands values to `set.isConnected`, `set.onlineCount`; to `set.messages` what makes the new list of the old. */
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

/** A task as the hooks show it: with a status and an address, if empty, from the first moment on. */
export const taskProgress = (state) => ({ ...state, status: state.status ?? 'QUEUED', videoUrl: state.videoUrl ?? '' });

/** A task for a hook: hands every state to `set`, the first one at once. */
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
