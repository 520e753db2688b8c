#!/bin/bash
# Waits for the metadata server to say that this machine is taken back, or that its host is worked on, and has the
# checkpoint hook run. Both keys are asked by requests that hang until something changes: no second of notice is lost.
set -uo pipefail

readonly config=${1:-/etc/trainyard/preemption-watch}
readonly node_end=${NODE_END:-/usr/local/lib/trainyard/node_end.sh}
readonly folder=${RUNTIME_DIRECTORY:-/run/trainyard}
url=$(<"$config/metadata-url")
readonly url

say() { echo "trainyard-preemption-watch: $*" >&2; }

# Prints the key's value once it changed, at the latest after a minute; fails when the server does not answer.
changed() {
  local key=$1 headers="$folder/$1.headers" etag
  etag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *\([^[:space:]]*\).*/\1/p' "$headers" 2>/dev/null)
  curl --silent --fail --max-time 90 --header 'Metadata-Flavor: Google' --dump-header "$headers" \
    "$url/$key?wait_for_change=true&timeout_sec=60&last_etag=${etag:-0}"
}

# Returns once the key holds another word than the quiet one.
watch() {
  local key=$1 quiet=$2 value
  while true; do
    if ! value=$(changed "$key"); then
      sleep 5
    elif [[ $value != "$quiet" ]]; then
      say "$key is $value"
      "$node_end" /etc/trainyard/node-end notice
      return
    fi
  done
}

watch preempted FALSE &
watch maintenance-event NONE &
wait
