command -v redis-cli >/dev/null || { echo "${0##*/}: redis-cli is missing: apt-get install redis-tools" >&2; exit 1; }

# fantail_publish TASK EVENT - publishes by redis-cli to FANTAIL_REDIS_URL. Sourced by the workers beside it.
fantail_publish() {
    local url=${FANTAIL_REDIS_URL:-redis://127.0.0.1:6379} user=()
    # A login goes by the environment: arguments are seen by every process of the machine.
    if [[ $url =~ ^redis://([^:@/]*):([^@]*)@(.*)$ ]]; then
        [ -z "${BASH_REMATCH[1]}" ] || user=(--user "${BASH_REMATCH[1]}")
        local -x REDISCLI_AUTH=${BASH_REMATCH[2]}
        url=redis://${BASH_REMATCH[3]}
    fi
    # Of several servers of a Cluster any will do: -c goes where the task is kept. -e: an error of Redis is an error of ours.
    redis-cli --no-auth-warning -c -e "${user[@]}" -u "${url%%,*}" \
        FCALL fantail_publish 2 "ft:{task:$1}:m" "ft:{task:$1}:h" "$2" >/dev/null
}
