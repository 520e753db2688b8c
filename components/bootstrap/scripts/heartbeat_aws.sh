#!/bin/bash
# Writes one point of each metric: this node lives, and the mean of its accelerators' use over some seconds.
set -euo pipefail

readonly config=${1:-/etc/trainyard/heartbeat}
readonly samples=10 pause_seconds=2

value() { cat "$config/$1"; }
metadata() {
  printf 'X-aws-ec2-metadata-token: %s\n' "$token" |
    curl --silent --fail --max-time 10 --header @- "$(value metadata-url)/latest/meta-data/$1"
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

point() {
  printf '{"MetricName":"%s","Dimensions":[{"Name":"Lease","Value":"%s"},{"Name":"Workload","Value":"%s"},' \
    "$1" "$(value lease)" "$workload"
  printf '{"Name":"Node","Value":"%s"}],"Value":%s}' "$node" "$2"
}

busy=$(busy_ratio)
token=$(curl --silent --fail --max-time 10 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
  "$(value metadata-url)/latest/api/token")
node=$(metadata instance-id)
workload=$(metadata tags/instance/trainyard-workload)
readonly busy token node workload

points="[$(point "$(value heartbeat-metric)" 1)"
if [[ -n $busy ]]; then
  points+=",$(point "$(value busy-metric)" "$busy")"
fi
points+="]"

timeout 25 aws cloudwatch put-metric-data --region "$(value region)" --namespace "$(value namespace)" \
  --metric-data "$points"
