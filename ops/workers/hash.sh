#!/usr/bin/env bash
# usage: hash.sh TASK FOLDER - hashes a folder's files; progress by redis-cli to FANTAIL_REDIS_URL
set -euo pipefail
[ $# = 2 ] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
task=$1

# -e: an error of Redis is an error of ours.
publish() {
    redis-cli --no-auth-warning -e -u "${FANTAIL_REDIS_URL:-redis://127.0.0.1:6379}" FCALL fantail_publish 1 "task:$task" "$1" >/dev/null
}

. "$(dirname "$0")/hashing.sh"
hash_folder "$2"
