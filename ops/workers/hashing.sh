# The work and the events of hash.sh and hash-http.sh. A script that sources this file defines
# `publish EVENT` and then calls `hash_folder FOLDER`.

export LC_ALL=C

# json TEXT - prints TEXT as a JSON string: only valid UTF-8, with quotes, backslashes and control characters escaped.
json() {
    local text code
    text=$(printf '%s.' "$1" | iconv -c -f UTF-8 -t UTF-8)
    text=${text%.}
    text=${text//\\/\\\\} text=${text//\"/\\\"}
    for code in {1..31} 127; do
        printf -v char "\\x$(printf %x "$code")"
        printf -v escaped '\\u%04x' "$code"
        text=${text//"$char"/"$escaped"}
    done
    printf '"%s"' "$text"
}

# Publishes an event; when that fails, prints a warning and returns, so that the work goes on.
tell() { publish "$1" || echo "${0##*/}: not published: $1" >&2; }

fail() {
    echo "${0##*/}: $1" >&2
    tell "{\"type\":\"failed\",\"error\":{\"code\":\"HASH_FAILED\",\"message\":$(json "$1"),\"retryable\":false}}"
    exit 1
}

hash_folder() {
    local folder=$1 file size sum sums='' percent last='' bytes=0 done=0 files=()
    # Restarts the task when an earlier run has ended.
    tell '{"type":"progress","progress":0,"currentStage":"LIST","restart":true}'
    [ -d "$folder" ] || fail "no such folder: $folder"
    cd -- "$folder" || fail "cannot enter $folder"
    while IFS= read -r -d '' file; do
        size=$(stat -c %s -- "$file") || fail "cannot read $file"
        files+=("$file") bytes=$((bytes + size))
    done < <(find . -type f -printf '%P\0' | sort -z)
    tell '{"type":"stage","stage":"LIST","nextStage":"HASH"}'

    for file in "${files[@]}"; do
        percent=$((bytes ? done * 100 / bytes : 0))
        if [ "$percent" != "$last" ]; then
            tell "{\"type\":\"progress\",\"progress\":$percent,\"message\":$(json "$file")}"
            last=$percent
        fi
        sum=$(sha256sum 2>/dev/null <"$file") || fail "cannot read $file"
        sums+="${sum%% *}  $file"$'\n'
        done=$((done + $(stat -c %s -- "$file")))
    done
    tell '{"type":"stage","stage":"HASH"}'

    sum=$(printf '%s' "$sums" | sha256sum)
    publish "{\"type\":\"completed\",\"result\":{\"files\":${#files[@]},\"bytes\":$bytes,\"digest\":\"${sum%% *}\"}}"
}
