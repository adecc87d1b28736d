// The contents of a token. Only the node decides whether it is valid; this gives better messages.

import { clock } from '../words.js';

const DEMO = 'The demo token may look at everything, and do nothing. For this, open the address that the node printed when it '
  + 'started: it signs you in with a whole token.';

/** Why this token lacks a scope; null where it has it, or only the node knows. */
export function lacks(token, scope) {
  if (token === 'demo-token') return DEMO;
  const claims = claimsOf(token);
  if (!claims || ` ${claims.scope ?? ''} `.includes(` ${scope} `)) return null;
  return `Not for this token: it lacks the scope ${scope}. Sign in with one that may.`;
}

/** The visible fault of a token that the node refuses; nothing where only the node knows it. */
export function faultOf(token, now = Date.now()) {
  if (token === 'demo-token') return 'only development nodes take the demo token';
  const claims = claimsOf(token);
  if (!claims) return 'it is not a whole JWT, which has three parts with dots between';
  if (claims.exp * 1000 < now) return `it ended at ${clock(claims.exp * 1000, now)}`;
  if (claims.nbf * 1000 > now) return `it begins only at ${clock(claims.nbf * 1000, now)}`;
  return '';
}

function claimsOf(token) {
  const parts = token.split('.');
  try {
    const claims = JSON.parse(atob(parts[1].replaceAll('-', '+').replaceAll('_', '/')));
    return parts.length === 3 && claims !== null && typeof claims === 'object' ? claims : null;
  } catch { return null; }
}
