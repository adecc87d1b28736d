// Types of fantail-vue.js, Fantail's Vue 3 composables.

import type { PresenceMessage, Reconnecting, TaskProgress, TokenSource, UserId } from './fantail.js';

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
export interface ComposableOptions extends Reconnecting {
  url?: string;
  /** Several messages as one frame. */
  batch?: boolean;
}
export interface TaskComposableOptions extends ComposableOptions {
  /** Speak Socket.IO, over a WebSocket. */
  socketIO?: boolean;
}
/** Connects when the component is mounted, closes when it is unmounted. */
export function useWebSocket(token: VueRef<string | null | undefined>, options?: ComposableOptions): UsePresence;

type Given<T> = T | VueRef<T>;
/** A ref for each field of `TaskProgress`: 0, `QUEUED` and an empty address at first. */
export type UseTaskProgress = { [Field in keyof Required<TaskProgress>]: VueRef<TaskProgress[Field]> };
/** All tasks of a page share one connection. A new value of a ref is another task, or another connection. */
export function useTaskProgress(
  videoId: Given<string | null | undefined>, token: Given<TokenSource | null | undefined>, options?: TaskComposableOptions,
): UseTaskProgress;
