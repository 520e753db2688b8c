#!/bin/bash
# Reads each secret as the lease's identity into a file in memory that only root may read. No secret is ever an argument,
# a line of a log or a file on a disk.
set -euo pipefail
umask 077

readonly config=${1:-/etc/trainyard/secret-files}
readonly folder=${RUNTIME_DIRECTORY:-/run/trainyard}/secrets

say() { echo "trainyard-secret-files: $*" >&2; }
value() { cat "$config/$1"; }

token=$(curl --silent --fail --max-time 10 --header 'Metadata: true' --get --data-urlencode 'api-version=2018-02-01' \
  --data-urlencode 'resource=https://vault.azure.net' --data-urlencode "mi_res_id=$(value identity)" \
  "$(value metadata-url)/identity/oauth2/token" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
readonly token

# The answer is JSON, in which a value may hold escaped characters.
secret() { python3 -c 'import json, sys; sys.stdout.write(json.load(sys.stdin)["value"])'; }

mkdir -p "$folder"
failed=0
for file in "$config"/secret-*; do
  name=${file##*/secret-}
  url=$(<"$file")
  # The header comes from standard input: an argument would show the token to every process.
  if printf 'Authorization: Bearer %s\n' "$token" |
    curl --silent --fail --max-time 20 --header @- "$url?api-version=7.4" |
    secret >"$folder/$name.new" && [[ -s $folder/$name.new ]]; then
    mv "$folder/$name.new" "$folder/$name"
  else
    rm -f "$folder/$name.new"
    say "$name could not be read from $url: may this lease's identity get it?"
    failed=1
  fi
done
exit "$failed"
