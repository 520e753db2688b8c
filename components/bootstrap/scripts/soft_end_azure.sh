#!/bin/bash
# Prints the soft end out of the lease's blob, read as the lease's identity.
set -euo pipefail

readonly config=${1:-/etc/trainyard/node-end}

value() { cat "$config/$1"; }

token=$(curl --silent --fail --max-time 10 --header 'Metadata: true' --get --data-urlencode 'api-version=2018-02-01' \
  --data-urlencode 'resource=https://storage.azure.com/' --data-urlencode "mi_res_id=$(value identity)" \
  "$(value metadata-url)/identity/oauth2/token" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
# The header comes from standard input: an argument would show the token to every process.
printf 'Authorization: Bearer %s\n' "$token" |
  curl --silent --fail --max-time 10 --header @- --header 'x-ms-version: 2021-08-06' "$(value soft-end-url)" | head -c 64
