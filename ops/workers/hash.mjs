#!/usr/bin/env node
// usage: hash.mjs TASK FOLDER - hashes a folder's files and publishes its progress in the Redis protocol to FANTAIL_REDIS_URL; needs no package
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import net from 'node:net';
import process from 'node:process';
import tls from 'node:tls';

/** A connection to Redis, for commands whose replies are numbers, texts, errors, or arrays of these. */
class Redis {
  constructor(url) {
    const isSecure = url.protocol === 'rediss:';
    if (!isSecure && url.protocol !== 'redis:') throw new Error(`expected redis:// or rediss://, got ${url.protocol}//`);
    this.waiting = [];
    this.received = Buffer.alloc(0);
    const place = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 6379) };
    // TLS checks the certificate, and names the host where it is no address. NODE_EXTRA_CA_CERTS names an authority of your own.
    this.socket = isSecure ? tls.connect({ ...place, servername: net.isIP(place.host) ? '' : place.host }) : net.connect(place);
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes) => this.take(bytes));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('Redis closed the connection')));
    if (url.password) {
      const user = decodeURIComponent(url.username || 'default');
      this.send('AUTH', user, decodeURIComponent(url.password)).catch((error) => this.fail(error));
    }
  }

  /** Sends a command (an array of bulk strings); returns a promise of its reply. */
  send(...words) {
    return new Promise((resolve, reject) => {
      if (this.error) return reject(this.error);
      this.waiting.push({ resolve, reject });
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      this.socket.write(`*${words.length}\r\n${parts.join('')}`);
    });
  }

  close() {
    this.socket.end();
  }

  take(bytes) {
    this.received = Buffer.concat([this.received, bytes]);
    for (let answer = this.read(0); answer; answer = this.read(0)) {
      this.received = this.received.subarray(answer.end);
      const { resolve, reject } = this.waiting.shift();
      if (answer.value instanceof Error) reject(answer.value);
      else resolve(answer.value);
    }
  }

  /** The reply that begins at `start` and its end; undefined while the reply is incomplete. */
  read(start) {
    const lineEnd = this.received.indexOf('\r\n', start);
    if (lineEnd < 0) return undefined;
    const text = this.received.toString('utf8', start + 1, lineEnd);
    const end = lineEnd + 2;
    switch (String.fromCharCode(this.received[start])) {
      case '+': return { value: text, end };
      case '-': return { value: new Error(text), end };
      case ':': return { value: Number(text), end };
      case '$': {
        const length = Number(text);
        if (length < 0) return { value: null, end };
        if (this.received.length < end + length + 2) return undefined;
        return { value: this.received.toString('utf8', end, end + length), end: end + length + 2 };
      }
      case '*': {
        const value = [];
        let at = end;
        for (let count = Number(text); count > 0; count -= 1) {
          const item = this.read(at);
          if (!item) return undefined;
          value.push(item.value);
          at = item.end;
        }
        return { value, end: at };
      }
      default: {
        this.socket.destroy(new Error('not a Redis reply'));
        return undefined;
      }
    }
  }

  fail(error) {
    this.error ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

/** One Redis, or a Redis Cluster, of which one server is enough: a command goes on to the server that it is sent to. */
class Server {
  constructor(address) {
    // Of several servers the first.
    this.url = new URL(address.replace(/,[^@]*$/, ''));
    this.redis = new Redis(this.url);
  }

  async send(...words) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.redis.send(...words);
      } catch (error) {
        const [, kind, , place] = /^(MOVED|ASK|TRYAGAIN)(?: (\d+) (\S+))?/.exec(error.message) ?? [];
        if (!kind || tries === 20) throw error;
        if (kind === 'TRYAGAIN') await new Promise((resume) => setTimeout(resume, 250));
        else if (kind === 'MOVED') this.moveTo(place);
        else return this.ask(place, words);
      }
    }
  }

  /** The slot has another server from now on. */
  moveTo(place) {
    this.redis.close();
    this.redis = this.at(place);
  }

  /** The slot is being moved: this once. */
  async ask(place, words) {
    const other = this.at(place);
    try {
      const [, answer] = await Promise.all([other.send('ASKING'), other.send(...words)]);
      return answer;
    } finally {
      other.close();
    }
  }

  at(place) {
    const url = new URL(this.url);
    const colon = place.lastIndexOf(':');
    const host = place.slice(0, colon);
    if (host) url.hostname = host.includes(':') ? `[${host}]` : host;
    url.port = place.slice(colon + 1);
    return new Redis(url);
  }

  close() {
    this.redis.close();
  }
}

/** Publishes a task's events. */
class Progress {
  constructor(task, redis) {
    // The task's own keys, both in one slot of a Cluster.
    this.keys = [`ft:{task:${task}}:m`, `ft:{task:${task}}:h`];
    this.redis = redis;
    this.last = undefined;
  }

  publish(event) {
    return this.redis.send('FCALL', 'fantail_publish', '2', ...this.keys, JSON.stringify(event));
  }

  /** Publishes an event; when that fails, prints a warning and returns, so that the work goes on. */
  async tell(event) {
    try {
      await this.publish(event);
    } catch (error) {
      console.error(`hash.mjs: not published: ${error.message}`);
    }
  }

  async at(percent, message) {
    if (percent === this.last) return;
    this.last = percent;
    await this.tell({ type: 'progress', progress: percent, message });
  }
}

/** Path and size of every regular file. A name may not be UTF-8, so it is kept with one character for each byte. */
async function filesBelow(folder, prefix = '') {
  const found = [];
  for (const entry of await readdir(path(folder, prefix), { withFileTypes: true, encoding: 'latin1' })) {
    const name = prefix + entry.name;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, `${name}/`)));
    else if (entry.isFile()) found.push({ name, size: (await lstat(path(folder, name))).size });
  }
  return found;
}

const path = (folder, name) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
const shown = (name) => Buffer.from(name, 'latin1').toString('utf8').replaceAll('\ufffd', '');

async function hashFiles(folder, files, progress) {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const all = createHash('sha256');
  let done = 0;
  for (const { name } of files) {
    const percent = () => (total ? Math.min(99, Math.floor((done * 100) / total)) : 0);
    await progress.at(percent(), shown(name));
    const digest = createHash('sha256');
    for await (const block of createReadStream(path(folder, name), { highWaterMark: 1 << 20 })) {
      digest.update(block);
      done += block.length;
      await progress.at(percent(), shown(name));
    }
    all.update(Buffer.concat([Buffer.from(`${digest.digest('hex')}  `), Buffer.from(`${name}\n`, 'latin1')]));
  }
  return { files: files.length, bytes: total, digest: all.digest('hex') };
}

async function main([task, folder, ...rest]) {
  if (!task || !folder || rest.length) {
    console.error('usage: hash.mjs TASK FOLDER');
    return 2;
  }
  const redis = new Server(process.env.FANTAIL_REDIS_URL ?? 'redis://127.0.0.1:6379');
  const progress = new Progress(task, redis);
  try {
    // Restarts the task when an earlier run has ended.
    await progress.tell({ type: 'progress', progress: 0, currentStage: 'LIST', restart: true });
    const files = (await filesBelow(folder)).sort((a, b) => (a.name < b.name ? -1 : 1));
    await progress.tell({ type: 'stage', stage: 'LIST', nextStage: 'HASH' });
    const result = await hashFiles(folder, files, progress);
    await progress.tell({ type: 'stage', stage: 'HASH' });
    await progress.publish({ type: 'completed', result });
    return 0;
  } catch (error) {
    console.error(`hash.mjs: ${error.message}`);
    await progress.tell({ type: 'failed', error: { code: 'HASH_FAILED', message: error.message, retryable: false } });
    return 1;
  } finally {
    redis.close();
  }
}

process.exitCode = await main(process.argv.slice(2));
