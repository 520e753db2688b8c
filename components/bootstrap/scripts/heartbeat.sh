#!/bin/bash
# Writes one point of each series: this node lives, and the mean of its accelerators' use over some seconds.
set -euo pipefail

readonly config=${1:-/etc/trainyard/heartbeat}
readonly samples=10 pause_seconds=2

value() { cat "$config/$1"; }
metadata() {
  curl --silent --fail --max-time 10 --header 'Metadata-Flavor: Google' "$(value metadata-url)/$1"
}

# The mean over all accelerators and samples, 0 to 1; nothing where no driver answers.
busy_ratio() {
  local sample
  command -v nvidia-smi >/dev/null || return 0
  for ((sample = 0; sample < samples; sample++)); do
    nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits 2>/dev/null || true
    sleep "$pause_seconds"
  done | awk '/^ *[0-9]+ *$/ { sum += $1; n++ } END { if (n) printf "%.4f", sum / n / 100 }'
}

series() {
  local metric=$1 number=$2
  printf '{"metric":{"type":"%s","labels":{"workload":"%s"}},"resource":{"type":"generic_node","labels":%s},' \
    "$metric" "$workload" "$resource"
  printf '"points":[{"interval":{"endTime":"%s"},"value":{"doubleValue":%s}}]}' "$now" "$number"
}

busy=$(busy_ratio)
project=$(metadata project/project-id)
zone=$(metadata instance/zone)
host=$(metadata instance/name)
workload=$(metadata "$(value workload-key)")
token=$(metadata instance/service-accounts/default/token | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
now=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
resource=$(printf '{"project_id":"%s","location":"%s","namespace":"%s","node_id":"%s"}' \
  "$project" "${zone##*/}" "$(value lease)" "$host")
readonly busy project zone host workload token now resource

body="{\"timeSeries\":[$(series "$(value heartbeat-metric)" 1)"
if [[ -n $busy ]]; then
  body+=",$(series "$(value busy-metric)" "$busy")"
fi
body+="]}"

# The header comes from standard input: an argument would show the token to every process.
printf 'Authorization: Bearer %s\n' "$token" |
  curl --silent --show-error --fail --max-time 20 --header @- --header 'Content-Type: application/json' \
    --data "$body" --output /dev/null "$(value monitoring-url)/projects/$project/timeSeries"
