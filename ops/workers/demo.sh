#!/usr/bin/env bash
# usage: demo.sh [TASK] - publishes a task of one minute again and again, until it is stopped. For tests by hand.
set -euo pipefail
task=${1:-demo}

. "$(dirname "$0")/redis.sh"
publish() { fantail_publish "$task" "$1" || echo "demo.sh: not published: $1" >&2; }

trap 'exit 0' TERM INT
while true; do
    publish '{"progress":0,"status":"RUNNING","currentStage":"LISTEN","restart":true}'
    for percent in {1..99}; do
        # sleep runs in the background, so that a signal ends the script at once.
        sleep 0.6 & wait $!
        publish "{\"progress\":$percent}"
        [ "$percent" != 50 ] || publish '{"type":"stage","stage":"LISTEN","nextStage":"SING"}'
    done
    publish '{"type":"completed","result":{"song":"cheet, cheet"}}'
    sleep 5 & wait $!
done
