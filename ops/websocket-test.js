#!/usr/bin/env node
// usage: websocket-test.js [--follow] [JOB [TOKEN [URL]]] - tries a node as a client of jobs; Node 18, no package
'use strict';
const { createHash, randomBytes } = require('node:crypto');

const PATIENCE = 10_000; // ms for each answer
const STATE = 1_000; // ms for a job's state, which a job that nothing was published to does not have
const LONGEST = 1 << 20; // bytes of a message; a node's are shorter
const TEXT = 1, CLOSE = 8, PING = 9;

const words = process.argv.slice(2);
const follows = words[0] === '--follow' && words.shift() !== undefined;
const [job = 'job-123', token = 'demo-token', address = 'ws://localhost:8000/ws'] = words;

/** Text for a terminal: an escape for each character that would control it, reorder the text or not be seen. */
const HOSTILE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;
const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const shown = (text) => String(text).replace(HOSTILE, (found) => found.split('').map(escape).join(''));

function end(code, reason) {
  (code ? console.error : console.log)(`websocket-test.js: ${shown(reason)}`);
  process.exit(code);
}

/** A client's frame (RFC 6455 5.2): whole, masked, of less than 64 KiB. */
function frame(opcode, payload) {
  const mask = randomBytes(4);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), mask, payload.map((byte, place) => byte ^ mask[place & 3])]);
}

/** Cuts what comes into frames, and hands each on with its payload. */
function reader(take) {
  let received = Buffer.alloc(0);
  return (bytes) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 2) {
      let length = received[1] & 0x7f, start = 2;
      if (length >= 126) {
        start = length === 126 ? 4 : 10;
        if (received.length < start) return;
        length = length === 126 ? received.readUInt16BE(2) : Number(received.readBigUInt64BE(2));
      }
      if (length > LONGEST) end(1, `a frame of ${length} bytes came`);
      if (received.length < start + length) return;
      const payload = received.subarray(start, start + length), opcode = received[0] & 0x0f;
      received = received.subarray(start + length);
      take(opcode, payload);
    }
  };
}

let url;
try {
  url = new URL(address);
  if (!/^(ws|http)s?:$/.test(url.protocol)) throw new Error();
} catch {
  end(2, `expected a URL like ws://localhost:8000/ws, got ${address}`);
}
if (url.pathname === '/') url.pathname = '/ws';
url.searchParams.set('token', token);
const isSecure = ['wss:', 'https:'].includes(url.protocol);
url = new URL(url.href.replace(/^(ws|http)s?:/, isSecure ? 'https:' : 'http:'));

let timer;
function expect(what) {
  clearTimeout(timer);
  timer = setTimeout(() => end(1, `no ${what} within ${PATIENCE / 1000} s`), PATIENCE);
}

const key = randomBytes(16).toString('base64');
const request = require(isSecure ? 'node:https' : 'node:http').get(url, {
  headers: {
    Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Protocol': 'fantail.jobs',
  },
});
expect('answer');
request.on('error', (error) => end(1, `${url.host}: ${error.message || error.code}`));
request.on('response', (response) => end(1, `${url.host} answered ${response.statusCode} instead of speaking WebSocket`));
request.on('upgrade', (response, socket, head) => {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  if (response.headers['sec-websocket-accept'] !== accept) end(1, `${url.host} does not speak WebSocket`);
  expect('connection_established');

  const say = (message) => {
    const text = JSON.stringify(message);
    console.log(`-> ${shown(text)}`);
    socket.write(frame(TEXT, Buffer.from(text)));
  };
  const leave = () => socket.end(frame(CLOSE, Buffer.from([0x03, 0xe8])), () => end(0, 'all is well'));
  const hear = (text) => {
    console.log(`<- ${shown(text)}`);
    const message = JSON.parse(text);
    if (message.type === 'connection_established') {
      say({ type: 'join_job', jobId: job });
      say({ type: 'ping' });
      expect('pong');
    } else if (message.type === 'error') {
      end(1, `${message.code}: ${message.message}`);
    } else if (message.type === 'pong') {
      clearTimeout(timer);
      if (!follows) setTimeout(leave, STATE);
    }
  };
  const take = reader((opcode, payload) => {
    if (opcode === TEXT) hear(payload.toString());
    if (opcode === PING) socket.write(frame(10, payload));
    if (opcode === CLOSE) end(1, `closed with ${payload.length > 1 ? payload.readUInt16BE(0) : 1005} ${payload.subarray(2)}`);
  });
  socket.on('error', (error) => end(1, error.message));
  socket.on('end', () => end(1, 'the connection was cut'));
  socket.on('data', take);
  take(head);
});
