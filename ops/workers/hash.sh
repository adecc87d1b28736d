#!/usr/bin/env bash
# usage: hash.sh TASK FOLDER - hashes a folder's files and publishes its progress with redis-cli to FANTAIL_REDIS_URL
set -euo pipefail
[ $# = 2 ] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
task=$1

. "$(dirname "$0")/redis.sh"
publish() { fantail_publish "$task" "$1"; }

. "$(dirname "$0")/hashing.sh"
hash_folder "$2"
