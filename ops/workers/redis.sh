command -v redis-cli >/dev/null || { echo "${0##*/}: redis-cli is missing: apt-get install redis-tools" >&2; exit 1; }

# fantail_publish TASK EVENT - publishes with redis-cli to FANTAIL_REDIS_URL. The workers in this folder source this file.
fantail_publish() {
    local url=${FANTAIL_REDIS_URL:-redis://127.0.0.1:6379} user=()
    # redis-cli reads the password from the environment, because every process of the machine can see arguments.
    if [[ $url =~ ^(rediss?)://([^:@/]*):([^@]*)@(.*)$ ]]; then
        [ -z "${BASH_REMATCH[2]}" ] || user=(--user "${BASH_REMATCH[2]}")
        local -x REDISCLI_AUTH=${BASH_REMATCH[3]}
        url=${BASH_REMATCH[1]}://${BASH_REMATCH[4]}
    fi
    # One server of a cluster is enough, because with -c redis-cli follows to the server that has the task. -e: redis-cli fails when
    # Redis answers with an error.
    redis-cli --no-auth-warning -c -e "${user[@]}" -u "${url%%,*}" \
        FCALL fantail_publish 2 "ft:{task:$1}:m" "ft:{task:$1}:h" "$2" >/dev/null
}
