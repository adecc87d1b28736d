// Fantail's Vue 3 composable. `vue` is the page's own: from its bundler or its import map. Types: fantail-vue.d.ts.

import { onMounted, onUnmounted, ref, shallowRef, watch } from 'vue';
import { chatMessage, followPresence } from './fantail.js';

/** Who is online, and what comes for this user. `token` is a ref; a new token is a new connection. */
export function useWebSocket(token) {
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
    });
  };
  let isMounted = false;
  onMounted(() => { isMounted = true; open(); });
  onUnmounted(() => { isMounted = false; close(); });
  watch(token, () => isMounted && open());
  return {
    isConnected, messages, onlineCount, sendMessage: (to, message) => client?.send(chatMessage(to, message)) ?? false,
  };
}
