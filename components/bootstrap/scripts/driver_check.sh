#!/bin/bash
# Waits until the driver lists as many accelerators as the machine has, and writes the outcome down.
set -euo pipefail

readonly config=${1:-/etc/trainyard/driver-check}
readonly outcome=${RUNTIME_DIRECTORY:-/run/trainyard}/driver-check
expected=$(<"$config/accelerator-count")
maker=$(<"$config/maker")
wait_seconds=$(<"$config/wait-seconds")
readonly expected maker wait_seconds

conclude() {
  printf '%s\n' "$1" | tee "$outcome"
}

# A line for each accelerator begins with its number; a header begins with a word.
list() {
  case $maker in
    amd) amd-smi list --csv 2>&1 ;;
    *) nvidia-smi --query-gpu=index --format=csv,noheader 2>&1 ;;
  esac
}

found=0
until answer=$(list) && found=$(grep -c '^[0-9]' <<<"$answer") && ((found == expected)); do
  if ((SECONDS >= wait_seconds)); then
    conclude "failed: the driver lists ${found:-0} of $expected accelerators; last answer: ${answer//$'\n'/ }"
    exit 1
  fi
  sleep 5
done
conclude "ok: $found accelerators"
