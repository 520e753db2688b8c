#!/bin/bash
# Waits until the host sees as many TPU chips as it was sold with, and writes the outcome down.
set -euo pipefail

readonly config=${1:-/etc/trainyard/tpu-check}
readonly outcome=${RUNTIME_DIRECTORY:-/run/trainyard}/tpu-check
expected=$(<"$config/chip-count")
wait_seconds=$(<"$config/wait-seconds")
pci=$(<"$config/pci-folder")
ids=$(<"$config/pci-ids")
readonly expected wait_seconds pci ids

conclude() {
  printf '%s\n' "$1" | tee "$outcome"
}

chips() {
  local device count=0
  for device in "$pci"/*; do
    [[ -r $device/vendor && -r $device/device && $(<"$device/vendor") == 0x1ae0 ]] || continue
    [[ " $ids " == *" $(<"$device/device") "* ]] && count=$((count + 1))
  done
  printf '%s' "$count"
}

until found=$(chips) && ((found == expected)); do
  if ((SECONDS >= wait_seconds)); then
    conclude "failed: the host sees $found of $expected TPU chips"
    exit 1
  fi
  sleep 5
done
conclude "ok: $found TPU chips"
