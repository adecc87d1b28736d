// fantail.js in node: `node node-client.mjs FANTAIL.MJS WS URL TASK`. Tells every status and state, a line each, until its
// standard input ends. WS is the module of a WebSocket, or `-` for one that every connection is refused to.
import { EventEmitter } from 'node:events';

const [file, module, url, task] = process.argv.slice(2);

/** As the package ws has it: an emitter, whose `on…` properties add listeners. An 'error' that nobody hears is thrown. */
class Refused extends EventEmitter {
  readyState = 0;

  constructor() {
    super();
    setImmediate(() => {
      this.readyState = 3;
      this.emit('error', Object.assign(new Error('connect ECONNREFUSED'), { type: 'error' }));
      this.emit('close', { code: 1006, reason: '' });
    });
  }

  send() { throw new Error('it was never open'); }
  close() {}
}
for (const name of ['open', 'message', 'error', 'close']) {
  Object.defineProperty(Refused.prototype, `on${name}`, { set(listener) { this.on(name, listener); } });
}

const { connect } = await import(file);
const WebSocket = module === '-' ? Refused : (await import(module)).WebSocket;
const client = connect({ url, token: 'demo-token', WebSocket, pauses: { first: 20, most: 50 } });
const tell = (what) => console.log(JSON.stringify(what));
client.onStatus(({ state, attempt }) => tell({ state, attempt }));
client.watch(task, ({ status, progress }) => tell({ status, progress }));
process.stdin.on('end', () => client.close()).resume();
