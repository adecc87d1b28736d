// The node is another host than the page's: `?node=http://…` is where the hooks come from.
const { useTaskProgress, useWebSocket } = await import(`${new URL(location.href).searchParams.get('node')}/fantail-react.js`);

const { createElement: h } = window.React;

function Task({ videoId, options }) {
  const { progress, status, videoUrl } = useTaskProgress(videoId, 'demo-token', options);
  return h('p', { id: videoId }, `${progress} ${status} ${JSON.stringify(videoUrl)}`);
}

function Job({ jobId }) {
  const { connectionStatus } = useWebSocket({ jobId });
  return h('p', { id: 'job' }, connectionStatus);
}

function People({ options }) {
  const { isConnected } = useWebSocket('demo-token', options);
  return h('p', { id: 'people' }, String(isConnected));
}

window.show = (name, properties) => {
  window.ReactDOM.createRoot(document.getElementById('root')).render(h({ Job, People, Task }[name], properties));
};
window.isReady = true;
