#!/bin/bash
# Ends this machine through Azure Resource Manager as its own identity: at the soft end it is deallocated, at the hard end
# deleted. It never powers off: a guest that is down goes on billing and could not try again. What fails is tried again
# at the next minute's look.
set -uo pipefail

readonly how=$1 config=${2:-/etc/trainyard/node-end}
readonly compute_api=2024-07-01

say() { echo "trainyard-node-end: $*" >&2; }
value() { cat "$config/$1"; }
metadata() { curl --silent --fail --max-time 10 --header 'Metadata: true' "$(value metadata-url)/$1"; }

# Without an identity being named, the metadata service gives the machine's own.
token=$(metadata 'identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F' |
  sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
machine=$(metadata 'instance/compute/resourceId?api-version=2021-02-01&format=text')
readonly token machine

# The header comes from standard input: an argument would show the token to every process.
ask() {
  local method=$1 path=$2 status
  status=$(printf 'Authorization: Bearer %s\n' "$token" |
    curl --silent --max-time 60 --request "$method" --header @- --header 'Content-Length: 0' --output /dev/null \
      --write-out '%{http_code}' "$(value arm-url)$machine$path?api-version=$compute_api")
  say "$method $machine$path: $status"
  [[ $status == 2* ]]
}

if [[ -z $token || -z $machine ]]; then
  say "the metadata service gave no identity or no name of this machine; trying again in a minute"
  exit 1
fi
if [[ $how == hard ]] && ask DELETE ''; then
  exit
fi
ask POST /deallocate
