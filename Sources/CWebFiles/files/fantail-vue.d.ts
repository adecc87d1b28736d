// Types of fantail-vue.js, Fantail's Vue 3 composable.

import type { PresenceMessage, UserId } from './fantail.js';

/** A Vue ref. */
export interface VueRef<T> { value: T }
export interface UsePresence {
  isConnected: VueRef<boolean>;
  /** The last 200. */
  messages: VueRef<PresenceMessage[]>;
  onlineCount: VueRef<number>;
  /** False where nothing can be sent: before it is mounted, without a token, or when too much waits already. */
  sendMessage: (to: UserId | object, message?: string) => boolean;
}
/** Connects when the component is mounted, closes when it is unmounted. */
export function useWebSocket(token: VueRef<string | null | undefined>): UsePresence;
