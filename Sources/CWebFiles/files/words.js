// Words for the pages: times, counts, the meaning of a close code.

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const NUMBER = new Intl.NumberFormat();

/** 12:04:31, with the day where it is not today. */
export function clock(ms, now = Date.now()) {
  const time = CLOCK.format(ms);
  return new Date(ms).toDateString() === new Date(now).toDateString() ? time : `${DAY.format(ms)}, ${time}`;
}

/** Seconds as a duration with two units at most. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  for (const [name, size, next, part] of [['d', 86400, 'h', 3600], ['h', 3600, 'min', 60], ['min', 60, 's', 1]]) {
    if (whole < size) continue;
    const rest = Math.floor((whole % size) / part);
    return rest ? `${Math.floor(whole / size)} ${name} ${rest} ${next}` : `${Math.floor(whole / size)} ${name}`;
  }
  return `${whole} s`;
}

export const number = (value) => NUMBER.format(value);
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

/** A rate: with a decimal only where it matters. */
export const rate = (value) => (value === 0 ? '0' : value < 10 ? value.toFixed(1) : number(Math.round(value)));

/** The meaning of a WebSocket's close codes here, and what happens next. */
const CLOSES = {
  1000: ['closed as asked', 'Nothing was wrong.'],
  1001: ['the page or the server went away', 'A client connects again.'],
  1002: ['protocol error', 'One side did not keep to the protocol; connecting again the same way will not help.'],
  1005: ['closed without a code', 'The other side gave no reason.'],
  1006: ['cut off', 'The connection ended without a goodbye: the node died, a proxy cut it, or the network is away. '
    + 'A client connects again after a pause.'],
  1007: ['not UTF-8', 'A text message was not valid UTF-8.'],
  1008: ['refused', 'The token is wrong or has expired, the user was disconnected by an administrator, or far too many '
    + 'messages came. A client must not come back with the same token.'],
  1009: ['message too big', 'A message was longer than the node takes.'],
  1011: ['the node failed', 'It was not the client’s fault. A client connects again after a pause.'],
  1012: ['the node is stopping', 'Another node, or this one restarted, will answer. Clients connect again, spread over '
    + 'some seconds.'],
  1013: ['try again later', 'This client read too slowly, or the user has too many connections. A client waits longer '
    + 'than usual.'],
};

/** `{name, meaning}` of a close code. */
export function closing(code) {
  const [name, meaning] = CLOSES[code] ?? ['unknown code', 'No code of Fantail’s; perhaps a proxy’s.'];
  return { name, meaning };
}

const CATCHES_UP = 'It keeps trying, and the page catches up by itself.';

/** Why a node is not ready, by the word of `/health/ready`; `isQuiet` where no news arrive meanwhile. */
const CAUSES = {
  starting: { short: 'Starting', isQuiet: true, text: 'The node is starting. News come as soon as it is ready.' },
  draining: { short: 'Stopping', text: 'The node is stopping. The page connects to another by itself.' },
  redis_refused: {
    isQuiet: true, text: 'Redis does not let the node in, or is too old for it, so no news come. Only an operator can '
      + 'help; the page catches up by itself after that.',
  },
  redis_refuses_writes: {
    isQuiet: true, text: 'Redis takes no writes now: it is full, a replica, or cannot save. Few news or none come until an '
      + `operator has helped. ${CATCHES_UP}`,
  },
  redis_rights: {
    isQuiet: true, text: 'Redis denies the node a right that it needs, so few news or none come. Only an operator can help; '
      + 'the page catches up by itself after that.',
  },
  redis_commands: { isQuiet: true, text: `The node is up but cannot reach Redis, so no news come. ${CATCHES_UP}` },
  redis_shard: {
    isQuiet: true, text: `The node cannot reach one of the servers of its Redis Cluster, so no news come of some tasks. ${CATCHES_UP}`,
  },
  redis_pubsub: {
    isQuiet: true, text: `The node has lost the connection over which Redis tells it the news, so none come. ${CATCHES_UP}`,
  },
  redis_delivery: {
    isQuiet: true, text: `The node is connected to Redis, but what is published does not come through. ${CATCHES_UP}`,
  },
  presence: {
    text: 'Redis has not counted this node in yet, so who is online may be wrong. The tasks are live, and the node '
      + 'keeps trying.',
  },
};

/** `{short, text, isQuiet}` for a cause above, or for the node's own sentence about it. */
export function unreadyWords(cause) {
  const said = `The node says: ${cause}. So no news come. ${CATCHES_UP}`;
  return { short: 'Waiting for Redis', isQuiet: false, ...(CAUSES[cause] ?? { text: said, isQuiet: true }) };
}

/** The connection's state, for people: a short word; where there is a problem also the reason, and what happens next. */
export function connectionWords({ state, code, attempt, retryAt }, { now = Date.now(), isOnline = true } = {}) {
  if (state === 'connected') return { tone: 'good', short: 'Live' };
  if (state === 'connecting' && attempt === 0) return { tone: 'warn', short: 'Connecting' };
  const promise = 'Until then you see what was last known; what happens meanwhile is caught up.';
  if (!isOnline) {
    return {
      tone: 'bad', short: 'Offline', next: '',
      text: `This computer is offline. The page connects again by itself when the network is back. ${promise}`,
    };
  }
  const why = {
    1011: 'The node failed.',
    1012: 'The node is stopping; another one will answer.',
    1013: 'The node asks for a pause: this page read too slowly, or this user has too many connections.',
  }[code] ?? 'The connection is lost: the node does not answer, or the network between is away.';
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000);
  return {
    tone: 'bad', short: 'Disconnected', text: `${why} The page connects again by itself. ${promise}`,
    next: seconds > 0 ? `Next attempt in ${duration(seconds)}.` : 'Trying now.',
  };
}
