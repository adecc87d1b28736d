// Types of fantail-react.js, Fantail's React hooks.

import type {
  ConnectionStatus, JobErrorData, JobStatusData, PresenceMessage, PresenceStatus, Reconnecting, StageCompletedData,
  TaskProgress, TokenSource, UserId,
} from './fantail.js';

export interface UseJobOptions extends Reconnecting {
  jobId: string;
  onJobStatusUpdate?: (data: JobStatusData) => void;
  onStageCompleted?: (data: StageCompletedData) => void;
  onJobError?: (data: JobErrorData) => void;
  onConnectionChange?: (connected: boolean) => void;
  onError?: (error: Error) => void;
  /** Default: the node that served this file; for a copy the page's own host. */
  url?: string;
  /** Several messages as one frame. */
  batch?: boolean;
  /** Default: `demo-token`, which only development nodes accept. A function must be the same one on every render. */
  token?: TokenSource;
}
export interface UseJob {
  connectionStatus: ConnectionStatus;
  /** Since the last connection. */
  reconnectAttempts: number;
  connect: () => void;
  disconnect: () => void;
}
export interface UsePresence {
  isConnected: boolean;
  /** The last 200. */
  messages: PresenceMessage[];
  onlineCount: number;
  /** False where nothing can be sent: without a token, or when too much waits already. Otherwise waits for the connection. */
  sendMessage: (to: UserId | object, message?: string) => boolean;
  /** Not queued: false while there is no connection. */
  setTyping: (isTyping: boolean, context?: string) => boolean;
  setPresence: (status: PresenceStatus, data?: object) => boolean;
}
export interface HookOptions extends Reconnecting {
  url?: string;
  /** Several messages as one frame. */
  batch?: boolean;
}
export interface TaskHookOptions extends HookOptions {
  /** Speak Socket.IO, over a WebSocket. */
  socketIO?: boolean;
}
/** The hook for jobs, and with a token for presence. */
export function useWebSocket(options: UseJobOptions): UseJob;
export function useWebSocket(token: string | null | undefined, options?: HookOptions): UsePresence;
/**
 * `progress`, `status`, `videoUrl`, and other known fields: 0, `QUEUED` and an empty address at first. All tasks of a page
 * share one connection.
 */
export function useTaskProgress(
  videoId: string | null | undefined, token: TokenSource | null | undefined, options?: TaskHookOptions): TaskProgress;
