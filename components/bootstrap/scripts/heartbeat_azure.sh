#!/bin/bash
# Writes one point of each metric: this node lives, and the mean of its accelerators' use over some seconds.
set -euo pipefail

readonly config=${1:-/etc/trainyard/heartbeat}
readonly samples=10 pause_seconds=2

value() { cat "$config/$1"; }
metadata() {
  curl --silent --fail --max-time 10 --header 'Metadata: true' "$(value metadata-url)/$1"
}
compute() { metadata "instance/compute/$1?api-version=2021-02-01&format=text"; }

# The mean over all accelerators and samples, 0 to 1; nothing where no driver answers.
busy_ratio() {
  local sample
  command -v nvidia-smi >/dev/null || return 0
  for ((sample = 0; sample < samples; sample++)); do
    nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits 2>/dev/null || true
    sleep "$pause_seconds"
  done | awk '/^ *[0-9]+ *$/ { sum += $1; n++ } END { if (n) printf "%.4f", sum / n / 100 }'
}

busy=$(busy_ratio)
resource=$(compute resourceId)
location=$(compute location)
host=$(compute name)
workload=$(compute tags | tr ';' '\n' | sed -n 's/^trainyard-workload://p')
token=$(metadata 'identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmonitoring.azure.com%2F' |
  sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
now=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
# A scale set's machines have no metrics of their own.
if [[ $resource == *irtual[mM]achine[sS]cale[sS]ets* ]]; then
  resource=${resource%/virtual[mM]achines/*}
fi
url=$(value monitoring-url)
readonly busy resource location host workload token now url

send() {
  local metric=$1 number=$2 body
  body=$(printf '{"time":"%s","data":{"baseData":{"metric":"%s","namespace":"%s",' "$now" "$metric" "$(value namespace)")
  body+=$(printf '"dimNames":["lease","workload","node"],"series":[{"dimValues":["%s","%s","%s"],' \
    "$(value lease)" "$workload" "$host")
  body+=$(printf '"min":%s,"max":%s,"sum":%s,"count":1}]}}}' "$number" "$number" "$number")
  # The header comes from standard input: an argument would show the token to every process.
  printf 'Authorization: Bearer %s\n' "$token" |
    curl --silent --show-error --fail --max-time 20 --header @- --header 'Content-Type: application/json' \
      --data "$body" --output /dev/null "${url/LOCATION/$location}$resource/metrics"
}

send "$(value heartbeat-metric)" 1
if [[ -n $busy ]]; then
  send "$(value busy-metric)" "$busy"
fi
