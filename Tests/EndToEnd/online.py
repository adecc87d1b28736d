"""Who is online, as Redis has it: in one bucket on one Redis, in sixteen on a Redis Cluster."""

BASES = ["ft:{online}:", *(f"ft:{{online:{number}}}:" for number in range(1, 16))]


def text(word):
    return word.decode() if isinstance(word, bytes) else word


def keys(*names):
    """The keys of these names, of every bucket."""
    return [base + name for base in BASES for name in names]


def stored(client):
    """Every user's connections."""
    return {text(user): int(count) for key in keys("u") for user, count in client.hgetall(key).items()}


def are_there(client, *names):
    """Whether a bucket has a key of these names."""
    return any(client.exists(key) for key in keys(*names))
