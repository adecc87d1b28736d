// Fantail's Vue 3 composables. `vue` is the page's own: from its bundler or its import map. Types: fantail-vue.d.ts.

import { onMounted, onUnmounted, ref, shallowRef, watch } from 'vue';
import { chatMessage, followPresence, followTask, taskProgress, unknownTask } from './fantail.js';

/** The users online, and the messages to this user. `token` is a ref; a new token is a new connection. */
export function useWebSocket(token, options = {}) {
  const isConnected = ref(false);
  const messages = shallowRef([]);
  const onlineCount = ref(0);
  let client = null;
  let end = () => {};
  const close = () => {
    end();
    [client, end] = [null, () => {}];
    isConnected.value = false;
  };
  const open = () => {
    close();
    if (!token.value) return;
    [client, end] = followPresence(token.value, {
      isConnected: (is) => { isConnected.value = is; },
      messages: (change) => { messages.value = change(messages.value); },
      onlineCount: (count) => { onlineCount.value = count; },
    }, options);
  };
  whileMounted(token, open, close);
  return {
    isConnected, messages, onlineCount, sendMessage: (to, message) => client?.send(chatMessage(to, message)) ?? false,
  };
}

/**
 * A task's progress, over one connection for all tasks of a page: a ref for each of its fields. `videoId` and `token` may be
 * refs; a new value is another task, or another connection.
 */
export function useTaskProgress(videoId, token, options = {}) {
  const first = taskProgress(unknownTask(valueOf(videoId)));
  const fields = Object.fromEntries([...Object.keys(first), 'refused'].map((name) => [name, shallowRef(first[name])]));
  const set = (state) => { for (const name of Object.keys(fields)) fields[name].value = state[name]; };
  let stop = () => {};
  const close = () => { stop(); stop = () => {}; };
  whileMounted(() => [valueOf(videoId), valueOf(token)], () => {
    close();
    stop = followTask(valueOf(videoId), valueOf(token), set, options);
  }, close);
  return fields;
}

/** A ref's value; any other value itself. */
const valueOf = (given) => (given !== null && typeof given === 'object' && 'value' in given ? given.value : given);

/** Opens when the component is mounted, again when `source` changes, and closes when it is unmounted. */
function whileMounted(source, open, close) {
  let isMounted = false;
  onMounted(() => { isMounted = true; open(); });
  onUnmounted(() => { isMounted = false; close(); });
  watch(source, () => isMounted && open());
}
