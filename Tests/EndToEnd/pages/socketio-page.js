// socket.io-client as its users have it; nothing of ours.

const sockets = new Map();
window.got = {};
window.open_client = (name, options) => new Promise((done) => {
  const socket = window.io(location.origin, { reconnectionDelay: 100, reconnectionDelayMax: 300, forceNew: true, ...options });
  sockets.set(name, socket);
  window.got[name] = [];
  socket.onAny((event, message) => window.got[name].push([event, message]));
  socket.on('connect', () => { window.got[name].push(['connect', {}]); done(); });
  socket.on('connect_error', (error) => { window.got[name].push(['connect_error', { message: error.message }]); done(); });
  socket.on('disconnect', (reason) => window.got[name].push(['disconnect', { reason }]));
});
window.emit = (name, event, message) => { sockets.get(name).emit(event, message); };
window.ask = (name, event, message) => sockets.get(name).emitWithAck(event, message);
window.transport_of = (name) => sockets.get(name).io.engine.transport.name;
window.events_of = (name, event) => window.got[name].filter(([type]) => type === event).map(([, message]) => message);

window.isReady = true;
