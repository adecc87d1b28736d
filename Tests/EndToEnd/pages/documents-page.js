// Clients as the interface documents have them: the browser's WebSocket, and nothing of ours.

const at = (path) => `ws://${location.host}${path}`;
const { createElement: h, useEffect, useState } = window.React;

// Any message, as it is written.

const sockets = new Map();
window.got = {};
window.ended = {};
window.open_socket = (name, path) => new Promise((done) => {
  const socket = new WebSocket(at(path));
  sockets.set(name, socket);
  window.got[name] = [];
  socket.onopen = done;
  socket.onmessage = ({ data }) => window.got[name].push(JSON.parse(data));
  socket.onclose = ({ code }) => { window.ended[name] = code; };
});
window.say = (name, text) => sockets.get(name).send(text);

// jobs: the class. Five attempts, one every three seconds, counted anew once it is open.

window.WebSocketClient = class {
  constructor(jobId, token = 'demo-token') {
    Object.assign(this, { jobId, token, reconnectAttempts: 0, maxReconnectAttempts: 5, reconnectInterval: 3000, seen: [] });
  }

  connect() {
    this.ws = new WebSocket(at(`/ws?token=${this.token}`));
    this.ws.onopen = () => { this.reconnectAttempts = 0; this.joinJobRoom(); };
    this.ws.onmessage = ({ data }) => this.handleMessage(JSON.parse(data));
    this.ws.onclose = () => this.handleReconnect();
  }

  joinJobRoom() { this.send({ type: 'join_job', jobId: this.jobId }); }

  send(message) { if (this.ws.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(message)); }

  handleMessage(message) {
    switch (message.type) {
      case 'job_status':
        this.seen.push([message.data.status, message.data.currentStage, message.data.completedStages.length]);
        break;
      case 'stage_completed': this.seen.push(['stage', message.data.stage, message.data.nextStage]); break;
      case 'job_error': this.seen.push(['error', message.data.error.toUpperCase(), message.data.stage]); break;
      default: break;
    }
  }

  handleReconnect() {
    if (this.isOver || this.reconnectAttempts >= this.maxReconnectAttempts) return;
    this.reconnectAttempts += 1;
    setTimeout(() => this.connect(), this.reconnectInterval);
  }

  disconnect() { this.isOver = true; this.ws.close(1000); }
};

// tasks: the hook. It subscribes 100 ms after it has sent its token, and does not look at videoId.

function useTaskProgress(videoId, token) {
  const [progress, setProgress] = useState(0);
  const [status, setStatus] = useState('');
  const [videoUrl, setVideoUrl] = useState('');
  useEffect(() => {
    const ws = new WebSocket(at('/ws'));
    const send = (type, payload) => ws.send(JSON.stringify({ type, id: `${type}-1`, timestamp: Date.now(), payload }));
    ws.onopen = () => { send('auth', { token }); setTimeout(() => send('subscribe_task', { videoId }), 100); };
    ws.onmessage = ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === 'taskProgress') { setProgress(payload.progress); setStatus(payload.status); }
      if (type === 'taskCompleted') { setProgress(100); setStatus('completed'); setVideoUrl(payload.result.videoUrl); }
      if (type === 'taskFailed') setStatus(`failed: ${payload.error.message}`);
    };
    return () => ws.close();
  }, [videoId, token]);
  return { progress, status, videoUrl };
}

function Task({ videoId, token }) {
  const { progress, status, videoUrl } = useTaskProgress(videoId, token);
  return h('p', { id: videoId }, `${progress} ${status} ${videoUrl}`);
}

// tasks: the helper and the list, whose button asks for the freshest state.

function TaskList({ videoIds, token }) {
  const [rows, setRows] = useState({});
  const [notice, setNotice] = useState('');
  const [helper, setHelper] = useState(null);
  useEffect(() => {
    const ws = new WebSocket(at('/ws'));
    const handlers = {};
    const made = {
      send: (message) => ws.send(JSON.stringify(message)),
      on: (type, handler) => { handlers[type] = handler; },
    };
    ws.onmessage = ({ data }) => { const { type, payload } = JSON.parse(data); handlers[type]?.(payload); };
    ws.onopen = () => made.send({ type: 'auth', payload: { token } });
    made.on('authSuccess', () => made.send({ type: 'requestMultipleTaskStatus', payload: { videoIds } }));
    made.on('taskUpdated', ({ videoId, status, progress, videoUrl }) => {
      setRows((old) => ({ ...old, [videoId]: `${status} ${progress} ${videoUrl}` }));
      if (status === 'COMPLETED') setNotice(`${videoId} is complete`);
    });
    setHelper(made);
    return () => ws.close();
  }, []);
  const refresh = () => videoIds.forEach((videoId) => helper.send({ type: 'requestTaskStatus', payload: { videoId } }));
  return h('div', null, videoIds.map((id) => h('p', { id, key: id }, rows[id] ?? '')), h('p', { id: 'notice' }, notice),
    h('button', { onClick: refresh }, 'refresh progress'));
}

window.show = (name, properties) => {
  window.ReactDOM.createRoot(document.getElementById('root')).render(h({ Task, TaskList }[name], properties));
};

// presence: what the hook does. A heartbeat every 30 s, again after 5 s unless the code is 1000, a queue.

window.People = class {
  constructor(token, { heartbeat = 30000, pause = 5000 } = {}) {
    Object.assign(this, { token, heartbeat, pause, queue: [], messages: [], onlineCount: 0, pongs: 0 });
    this.connect();
  }

  connect() {
    this.ws = new WebSocket(at(`/api/v1/ws?token=${this.token}`));
    this.ws.onopen = () => {
      this.timer = setInterval(() => this.send({ type: 'ping', timestamp: new Date().toISOString() }), this.heartbeat);
      this.queue.splice(0).forEach((message) => this.send(message));
    };
    this.ws.onmessage = ({ data }) => this.handle(JSON.parse(data));
    this.ws.onclose = ({ code }) => {
      clearInterval(this.timer);
      if (code !== 1000) setTimeout(() => this.connect(), this.pause);
    };
  }

  handle(message) {
    if (message.type === 'pong') this.pongs += 1;
    else this.messages.push(message);
    if (message.type === 'connected') this.onlineCount = message.data.online_count;
    if (message.type === 'user_status') this.onlineCount += message.data.status === 'online' ? 1 : -1;
  }

  send(message) {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(message));
    else this.queue.push(message);
  }
};

// topics: the class. A heartbeat that must be answered, copies told by messageId, order by sequence.

window.WsClient = class {
  constructor({ token, clientId, protocol }, { heartbeat = 30000, patience = 5000 } = {}) {
    Object.assign(this, { handlers: new Map(), seen: new Set(), beats: 0, losses: 0, count: 0, heartbeat, patience });
    this.url = at(`/api/v1/ws?token=${token}&clientId=${clientId}&protocol=${protocol}`);
    this.connect();
  }

  connect() {
    this.ws = new WebSocket(this.url);
    this.ws.onopen = () => { this.timer = setInterval(() => this.beat(), this.heartbeat); };
    this.ws.onclose = () => clearInterval(this.timer);
    this.ws.onmessage = ({ data }) => {
      const { type, data: body, messageId } = JSON.parse(data);
      if (type === 'heartbeat') { clearTimeout(this.deadline); this.beats += 1; return; }
      if (this.seen.has(messageId)) { this.copies = (this.copies ?? 0) + 1; return; }
      this.seen.add(messageId);
      this.handlers.get(type)?.(body, messageId);
    };
  }

  beat() {
    this.ws.send(JSON.stringify({ type: 'heartbeat', timestamp: Date.now() }));
    this.deadline = setTimeout(() => { this.losses += 1; this.ws.close(); this.connect(); }, this.patience);
  }

  on(type, handler) { this.handlers.set(type, handler); }

  send(type, data) {
    this.count += 1;
    this.ws.send(JSON.stringify({ type, data, timestamp: Date.now(), messageId: `c-${this.count}` }));
  }
};

window.isReady = true;
