#!/bin/bash
# Asks for scheduled events every few seconds and has the checkpoint hook run when one takes this machine away. An event
# of a scale set tells which of its machines it is for. Freeze pauses for seconds only and takes nothing away.
set -uo pipefail

readonly config=${1:-/etc/trainyard/preemption-watch}
readonly node_end=${NODE_END:-/usr/local/lib/trainyard/node_end.sh}
readonly pause_seconds=5
url=$(<"$config/metadata-url")
readonly url

say() { echo "trainyard-preemption-watch: $*" >&2; }
metadata() { curl --silent --fail --max-time 150 --header 'Metadata: true' "$url/$1"; }

# The type of the first event that takes this machine; nothing where there is none.
event_of() {
  local events=$1 name=$2 event
  while read -r event || [[ -n $event ]]; do
    if [[ $event == *"\"$name\""* && $event =~ \"EventType\":\ *\"(Preempt|Terminate|Reboot|Redeploy)\" ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return
    fi
  done < <(tr -d '\n\r' <<<"$events" | sed 's/{ *"EventId"/\n&/g')
}

name=''
while true; do
  if [[ -z $name ]]; then
    name=$(metadata 'instance/compute/name?api-version=2021-02-01&format=text') || name=''
  fi
  # The first answer may take two minutes: asking turns the events on.
  if [[ -n $name ]] && events=$(metadata 'scheduledevents?api-version=2020-07-01'); then
    kind=$(event_of "$events" "$name")
    if [[ -n $kind ]]; then
      say "$kind is scheduled for $name"
      "$node_end" /etc/trainyard/node-end notice
      exit
    fi
  fi
  sleep "$pause_seconds"
done
