// fantail.js in node: `node rules-client.mjs FANTAIL.MJS WS URL DIALECT`, tasks on standard input, one a line. Follows them all, and
// tells of each: `heard` once it hears a `marker`, and its state at a `done`.
import { createInterface } from 'node:readline';

const MOST = 100; // tasks that one connection follows
const [file, module, url, dialect] = process.argv.slice(2);
const { connect } = await import(file);
const { WebSocket } = await import(module);
const tell = (what) => console.log(JSON.stringify(what));
const states = new Map(), clients = [];

const input = createInterface({ input: process.stdin });
let count = 0;
input.on('line', (task) => {
  if (count++ % MOST === 0) {
    const client = connect({ url, dialect, token: 'demo-token', WebSocket });
    client.on('marker', (body) => tell({ heard: body.videoId ?? body.jobId }));
    client.on('done', (body) => {
      const id = body.videoId ?? body.jobId;
      tell({ done: id, state: states.get(id) ?? null });
    });
    clients.push(client);
  }
  clients.at(-1).watch(task, (state) => states.set(task, state));
});
input.on('close', () => clients.forEach((client) => client.close()));
