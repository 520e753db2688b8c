#!/bin/bash
# Reads each secret as this node's identity into a file in memory that only root may read. No secret is ever an
# argument, a line of a log or a file on a disk.
set -euo pipefail
umask 077

readonly config=${1:-/etc/trainyard/secret-files}
readonly folder=${RUNTIME_DIRECTORY:-/run/trainyard}/secrets
metadata_url=$(<"$config/metadata-url")
api_url=$(<"$config/api-url")
readonly metadata_url api_url

say() { echo "trainyard-secret-files: $*" >&2; }

token=$(curl --silent --fail --max-time 10 --header 'Metadata-Flavor: Google' \
  "$metadata_url/instance/service-accounts/default/token" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
readonly token

mkdir -p "$folder"
failed=0
for file in "$config"/secret-*; do
  name=${file##*/secret-}
  version=$(<"$file")
  # The header comes from standard input: an argument would show the token to every process.
  if printf 'Authorization: Bearer %s\n' "$token" |
    curl --silent --fail --max-time 20 --header @- "$api_url/$version:access" |
    sed -n 's/.*"data" *: *"\([^"]*\)".*/\1/p' | base64 --decode >"$folder/$name.new" && [[ -s $folder/$name.new ]]; then
    mv "$folder/$name.new" "$folder/$name"
  else
    rm -f "$folder/$name.new"
    say "$name could not be read from $version: may this node's identity access it?"
    failed=1
  fi
done
exit "$failed"
