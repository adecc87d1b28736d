#!/usr/bin/env bash
# usage: hash-http.sh TASK FOLDER - hashes a folder's files and publishes its progress over HTTP to FANTAIL_URL, with FANTAIL_TOKEN
set -euo pipefail
[ $# = 2 ] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
command -v curl >/dev/null || { echo "${0##*/}: curl is missing: apt-get install curl" >&2; exit 1; }
: "${FANTAIL_TOKEN:?a JWT with the scope publish, see: fantail token --scope publish}"
task=$1

# curl reads the token from standard input, because every process of the machine can see arguments.
publish() {
    curl -sS --fail-with-body --max-time 10 -o /dev/null --config - -H 'Content-Type: application/json' --data-binary "$1" \
        "${FANTAIL_URL:-http://127.0.0.1:8000}/api/v1/tasks/$task/events" <<<"header = \"Authorization: Bearer $FANTAIL_TOKEN\""
}

. "$(dirname "$0")/hashing.sh"
hash_folder "$2"
