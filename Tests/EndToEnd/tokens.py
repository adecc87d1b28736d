"""JWTs, made here so that they can also be made wrong."""

import base64
import hashlib
import hmac
import json
import time

from harness import SECRET


def _part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(user="alice", *, scope=None, secret=SECRET, algorithm="HS256", expires_in=3600, header=None, **claims):
    claims = ({"sub": user} if user is not None else {}) | claims
    if expires_in is not None:
        claims.setdefault("exp", int(time.time()) + expires_in)
    if scope:
        claims["scope"] = scope
    return signed(json.dumps(claims), secret, algorithm, header)


def signed(claims, secret=SECRET, algorithm="HS256", header=None):
    """A token whose claims are this text."""
    head = _part(json.dumps({"alg": algorithm, "typ": "JWT"} | (header or {})).encode()) + "." + _part(claims.encode())
    if algorithm == "none":
        return head + "."
    return head + "." + _part(hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest())


def bad_tokens():
    """One of each kind that must be refused."""
    good = jwt()
    return {
        "garbage": "garbage",
        "another secret": jwt(secret="x" * 40),
        "expired": jwt(expires_in=-3600),
        "not yet valid": jwt(nbf=int(time.time()) + 3600),
        "ends at a text": jwt(exp=str(int(time.time()) + 3600)),
        "ends at nothing": jwt(exp=None),
        "begins at a text": jwt(nbf="1"),
        "needs an extension": jwt(header={"crit": ["b64"], "b64": True}),
        "alg none": jwt(algorithm="none"),
        "signature cut": good[:-5],
        "payload changed": good.split(".")[0] + "." + jwt("mallory").split(".")[1] + "." + good.split(".")[2],
        "user id with spaces": jwt("a b"),
        "too long": jwt(filler="x" * 9000),
    }
