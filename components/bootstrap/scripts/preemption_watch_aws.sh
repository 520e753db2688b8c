#!/bin/bash
# Asks the metadata service every few seconds whether this machine is taken back, and has the checkpoint hook run then.
# A recommendation to rebalance and scheduled maintenance are warnings: the hook runs, and once more at the notice.
set -uo pipefail

readonly config=${1:-/etc/trainyard/preemption-watch}
readonly node_end=${NODE_END:-/usr/local/lib/trainyard/node_end.sh}
readonly pause_seconds=5
url=$(<"$config/metadata-url")
readonly url

say() { echo "trainyard-preemption-watch: $*" >&2; }

# Prints what stands under the key; fails where nothing does.
look() {
  printf 'X-aws-ec2-metadata-token: %s\n' "$token" |
    curl --silent --fail --max-time 5 --header @- "$url/latest/meta-data/$1"
}

# Has the hook run for each warning once, while the watch goes on.
warn() {
  say "$1 is $2"
  "$node_end" /etc/trainyard/node-end warning &
}

rebalance='' maintenance=''
while true; do
  token=$(curl --silent --fail --max-time 5 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$url/latest/api/token") || say "no token was given"
  if notice=$(look spot/instance-action); then
    say "spot/instance-action is $notice"
    "$node_end" /etc/trainyard/node-end notice
    wait
    exit
  fi
  if [[ -z $rebalance ]] && rebalance=$(look events/recommendations/rebalance); then
    warn events/recommendations/rebalance "$rebalance"
  fi
  if [[ -z $maintenance ]] && maintenance=$(look events/maintenance/scheduled); then
    if [[ $maintenance == *'"active"'* ]]; then
      warn events/maintenance/scheduled "$maintenance"
    else
      maintenance=''
    fi
  fi
  sleep "$pause_seconds"
done
