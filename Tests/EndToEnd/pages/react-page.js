import { useTaskProgress, useWebSocket } from '/fantail-react.js';

const { createElement: h, useState, StrictMode } = window.React;
const heard = (window.heard = []);
const field = (id, value) => h('p', { id }, value === undefined || value === null ? '' : String(value));

function Job({ jobId, token, ...options }) {
  const [job, setJob] = useState({});
  const [failure, setFailure] = useState(null);
  const hear = (name, then) => (value) => {
    heard.push([name, value instanceof Error ? value.message : value]);
    then?.(value);
  };
  const { connectionStatus, reconnectAttempts, connect, disconnect } = useWebSocket({
    jobId,
    token,
    ...options,
    onJobStatusUpdate: hear('status', setJob),
    onStageCompleted: hear('stage'),
    onJobError: hear('failure', (data) => setFailure(data.error)),
    onConnectionChange: hear('connection'),
    onError: hear('error'),
    onGiveUp: hear('gave up'),
  });
  return h('div', null, field('connection', connectionStatus), field('attempts', reconnectAttempts),
    field('status', job.status), field('stage', job.currentStage), field('stages', job.completedStages?.join(' ')),
    field('failure', failure), h('button', { id: 'connect', onClick: connect }), h('button', { id: 'disconnect', onClick: disconnect }));
}

function Task({ videoId, token }) {
  const { progress, status, videoUrl } = useTaskProgress(videoId, token);
  return h('div', { className: 'task', id: videoId }, h('progress', { value: progress, max: 100 }),
    h('b', null, status), videoUrl && h('a', { href: videoUrl }, 'watch'));
}

function People({ token, ...options }) {
  const result = useWebSocket(token, { ...options, onGiveUp: () => heard.push(['gave up']) });
  window.people = result;
  return h('div', null, field('connected', result.isConnected), field('online', result.onlineCount),
    h('ul', null, result.messages.map((message, index) => h('li', { key: index }, message.type))));
}

const roots = new Map();
/** Shows components, each in a root of its own: `[name, properties, …]`. */
window.show = (place, name, properties, strict = false) => {
  const root = roots.get(place) ?? window.ReactDOM.createRoot(document.getElementById('root').appendChild(document.createElement('div')));
  roots.set(place, root);
  const component = h({ Job, Task, People }[name], properties);
  root.render(strict ? h(StrictMode, null, component) : component);
};
window.hide = (place) => { roots.get(place).unmount(); roots.delete(place); };
window.isReady = true;
