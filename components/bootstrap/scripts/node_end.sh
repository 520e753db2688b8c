#!/bin/bash
# Ends this machine at the soft end last seen in the lease's store, and at the hard end whatever the store says.
# Without -e: nothing that fails on the way may keep the end from acting.
set -uo pipefail

readonly config=${1:-/etc/trainyard/node-end}
readonly seen=${STATE_DIRECTORY:-/var/lib/trainyard}/soft-end
readonly hook_ran=${RUNTIME_DIRECTORY:-/run/trainyard}/hook-ran
readonly instant='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'

say() { echo "trainyard-node-end: $*" >&2; }

value() { if [[ -r $config/$1 ]]; then cat "$config/$1"; fi; }

# Seconds since 1970; fails for anything but an instant in UTC, for `date` would also take "tomorrow".
epoch() { [[ $1 =~ $instant ]] && date --utc --date="$1" +%s; }

fetch_soft_end() {
  local object program token
  program=$(value soft-end-program)
  if [[ -n $program ]]; then
    timeout 30 "$program" "$config"
    return
  fi
  object=$(value soft-end-s3)
  if [[ -n $object ]]; then
    timeout 30 aws s3 cp --only-show-errors "$object" - | head -c 64
    return
  fi
  token=$(curl --silent --fail --max-time 10 --header 'Metadata-Flavor: Google' "$(value token-url)" |
    sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
  # The header comes from standard input: an argument would show the token to every process.
  printf 'Authorization: Bearer %s\n' "$token" |
    curl --silent --fail --max-time 10 --header @- "$(value soft-end-url)" | head -c 64
}

look_up_soft_end() {
  local answer
  if answer=$(fetch_soft_end) && epoch "$answer" >/dev/null; then
    printf '%s\n' "$answer" >"$seen.new" && mv "$seen.new" "$seen"
  else
    say "the store gave no soft end; keeping the last one seen: $(cat "$seen" 2>/dev/null || echo none)"
  fi
}

run_hook() {
  local hook
  hook=$(value hook)
  if [[ -e $hook_ran || ! -x $hook ]]; then
    return
  fi
  : >"$hook_ran"
  say "running $hook, at most $hook_seconds s"
  timeout --kill-after=10 "$hook_seconds" "$hook" || say "$hook ended with $?; ending all the same"
}

# A cloud whose guests go on billing when they power off has a program that ends the machine: "soft" or "hard".
end_now() {
  local program
  say "$2"
  run_hook
  program=$(value end-program)
  if [[ -n $program ]]; then
    "$program" "$1" "$config" || say "the machine could not be ended; trying again in a minute"
    return
  fi
  shutdown -h now || systemctl poweroff --force --force
}

hook_seconds=$(value hook-seconds)
readonly hook_seconds=${hook_seconds:-0}
now=$(date --utc +%s)

# The cloud takes the machine back: the hook runs now, the end is the cloud's.
if [[ ${2:-} == notice ]]; then
  run_hook
  exit
fi
# The cloud may take it back before long: the hook runs now, and once more when it does.
if [[ ${2:-} == warning ]]; then
  if [[ -e $hook_ran ]]; then
    exit
  fi
  run_hook
  rm -f "$hook_ran"
  exit
fi

# The cloud deletes the machine at the hard end: the hook has to be through by then.
if ! hard=$(epoch "$(value hard-end)"); then
  say "no hard end in $config/hard-end"
elif ((now >= hard - hook_seconds)); then
  end_now hard "the hard end $(value hard-end) is here"
  exit
fi

if [[ -n $(value soft-end-url)$(value soft-end-s3) ]]; then
  look_up_soft_end
fi
if soft=$(epoch "$(cat "$seen" 2>/dev/null)") && ((now >= soft)); then
  end_now soft "the soft end $(cat "$seen") is here"
fi
