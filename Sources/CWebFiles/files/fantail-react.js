// Fantail's React hooks. `react` is the page's own: from its bundler or its import map. Types: fantail-react.d.ts.

import * as react from 'react';
import { chatMessage, followPresence, followTask, reconnecting, share, taskProgress, unknownTask } from './fantail.js';

const { useCallback, useEffect, useRef, useState } = react.default ?? react;

/** The hook of jobs' pages (an object) and of presence's (a token). */
export function useWebSocket(argument, options = {}) {
  return argument !== null && typeof argument === 'object' ? useJob(argument) : usePresence(argument, options);
}

function useJob(options) {
  const { jobId, url, token = 'demo-token', batch } = options;
  const { maxReconnectAttempts, reconnectInterval } = reconnecting('jobs', options);
  const latest = useRef(options);
  latest.current = options; // the callbacks of the last render; new ones do not reconnect
  const [wish, setWish] = useState({ isConnected: true }); // a new object is a new attempt
  const [status, setStatus] = useState({ state: 'connecting', attempt: 0 });
  const state = useRef(status.state);
  state.current = status.state;
  useEffect(() => {
    if (!wish.isConnected || !jobId) return setStatus({ state: 'disconnected', attempt: 0 });
    const connection = { url, token, batch, maxReconnectAttempts, reconnectInterval };
    return followJob(jobId, connection, setStatus, () => latest.current);
  }, [jobId, url, token, batch, maxReconnectAttempts, reconnectInterval, wish]);
  return {
    connectionStatus: status.state, reconnectAttempts: status.attempt,
    // Nothing where the connection is open or being opened; a new attempt after the server has ended it.
    connect: useCallback(() => setWish((old) =>
      (old.isConnected && state.current !== 'error' ? old : { isConnected: true })), []),
    disconnect: useCallback(() => setWish({ isConnected: false }), []),
  };
}

/** Calls the hook's callbacks until it is stopped. */
function followJob(jobId, connection, setStatus, callbacks) {
  const [client, release] = share({ dialect: 'jobs', ...connection });
  let was = false;
  const tell = (isOpen) => {
    if (isOpen !== was) callbacks().onConnectionChange?.(isOpen);
    was = isOpen;
  };
  const stops = [
    client.onStatus((now) => {
      setStatus(now);
      tell(now.state === 'connected');
      if (now.state !== 'error') return;
      callbacks().onError?.(new Error(now.reason || `closed with ${now.code}`));
      callbacks().onGiveUp?.(now);
    }),
    client.watch(jobId, (state, type, data) => {
      const { onJobStatusUpdate, onStageCompleted, onJobError, onError } = callbacks();
      if (type === 'job_status') onJobStatusUpdate?.(data);
      else if (type === 'stage_completed') onStageCompleted?.(data);
      else if (type === 'job_error') onJobError?.(data);
      else if (type === 'error') onError?.(new Error(state.refused));
      else if (type === 'state' && state.status === 'FAILED') onJobError?.(data);
      else if (type === 'state') onJobStatusUpdate?.(asJob(state, data));
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    release();
    tell(false);
  };
}

/** A job that another hook on the page follows already, for a hook that joins it: the last message, with the stages since. */
const asJob = (state, data) => ({
  jobId: state.id, status: state.status === 'PROCESSING' ? 'RUNNING' : state.status, ...data,
  currentStage: state.stage, completedStages: state.completedStages,
});

/** `onGiveUp` of the last render: a new one does not reconnect. */
function useGivingUp({ onGiveUp }) {
  const latest = useRef(onGiveUp);
  latest.current = onGiveUp;
  return useCallback((status) => latest.current?.(status), []);
}

function usePresence(token, options) {
  const { url, batch, maxReconnectAttempts, reconnectInterval } = options;
  const onGiveUp = useGivingUp(options);
  const client = useRef(null);
  const [isConnected, setConnected] = useState(false);
  const [messages, setMessages] = useState([]);
  const [onlineCount, setOnlineCount] = useState(0);
  useEffect(() => {
    if (!token) return undefined;
    const [opened, end] = followPresence(
      token, { isConnected: setConnected, messages: setMessages, onlineCount: setOnlineCount },
      { url, batch, maxReconnectAttempts, reconnectInterval, onGiveUp });
    client.current = opened;
    return () => { client.current = null; setConnected(false); end(); };
  }, [token, url, batch, maxReconnectAttempts, reconnectInterval, onGiveUp]);
  const sendMessage = useCallback((to, message) => client.current?.send(chatMessage(to, message)) ?? false, []);
  const setTyping = useCallback((is, context) => // worthless later, so never queued
    client.current?.status.state === 'connected'
    && client.current.send({ type: 'typing', data: { is_typing: is, ...(context !== undefined && { context }) } }), []);
  const setPresence = useCallback((status, data) =>
    client.current?.send({ type: 'presence', status, ...(data && { data }) }) ?? false, []);
  return { isConnected, messages, onlineCount, sendMessage, setTyping, setPresence };
}

/** A task's progress, over one connection for all tasks of a page. */
export function useTaskProgress(videoId, token, options = {}) {
  const [state, setState] = useState(() => taskProgress(unknownTask(videoId)));
  const { url, batch, socketIO, maxReconnectAttempts, reconnectInterval } = options;
  const onGiveUp = useGivingUp(options);
  useEffect(
    () => followTask(videoId, token, setState, { url, batch, socketIO, maxReconnectAttempts, reconnectInterval, onGiveUp }),
    [videoId, token, url, batch, socketIO, maxReconnectAttempts, reconnectInterval, onGiveUp]);
  return state;
}
