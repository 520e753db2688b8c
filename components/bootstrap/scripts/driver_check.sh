#!/bin/bash
# Waits until the driver lists as many accelerators as the machine has, and writes the outcome down.
set -euo pipefail

readonly config=${1:-/etc/trainyard/driver-check}
readonly outcome=${RUNTIME_DIRECTORY:-/run/trainyard}/driver-check
expected=$(<"$config/accelerator-count")
wait_seconds=$(<"$config/wait-seconds")
readonly expected wait_seconds

conclude() {
  printf '%s\n' "$1" | tee "$outcome"
}

found=0
answer="nvidia-smi did not run"
until answer=$(nvidia-smi --query-gpu=index --format=csv,noheader 2>&1) &&
  found=$(grep -c '^[0-9]' <<<"$answer") && ((found == expected)); do
  if ((SECONDS >= wait_seconds)); then
    conclude "failed: the driver lists ${found:-0} of $expected accelerators; last answer: ${answer//$'\n'/ }"
    exit 1
  fi
  sleep 5
done
conclude "ok: $found accelerators"
