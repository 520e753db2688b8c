#!/bin/bash
# Docker's credential helper for Azure Container Registry. It is asked before each pull, and gets a token of three hours as
# the lease's identity; nothing is stored. The token is never an argument or a line of a log.
# learn.microsoft.com/azure/container-registry/container-registry-disable-authentication-as-arm tells the audience that every
# registry takes; Azure/acr, docs/AAD-OAuth.md the exchange.
set -euo pipefail

readonly config=${CONFIG:-/etc/trainyard/registry-login}
readonly scheme=${SCHEME:-https}
# What stands for a name where the password is a token.
readonly nobody=00000000-0000-0000-0000-000000000000

say() { echo "docker-credential-trainyard-acr: $*" >&2; }
value() { cat "$config/$1"; }
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

case ${1:-} in
  get) ;;
  list) echo '{}' && exit 0 ;;
  store | erase) exit 0 ;; # there is nothing to keep
  *) say "get, store, erase and list are known" && exit 2 ;;
esac

read -r server || [[ -n $server ]]
host=${server#*://}
host=${host%%/*}

if ! token=$(curl --silent --show-error --fail --max-time 10 --header 'Metadata: true' --get \
  --data-urlencode 'api-version=2018-02-01' --data-urlencode 'resource=https://containerregistry.azure.net' \
  --data-urlencode "mi_res_id=$(value identity)" "$(value metadata-url)/identity/oauth2/token" | field access_token) ||
  [[ -z $token ]]; then
  say "the metadata service gave no token of $(value identity)"
  echo "credentials not found in native keychain" # what Docker takes for "go on without"
  exit 1
fi

# The form comes from standard input: an argument would show the token to every process.
if ! refresh=$(printf 'grant_type=access_token&service=%s&access_token=%s' "$host" "$token" |
  curl --silent --show-error --fail --max-time 20 --data @- "$scheme://$host/oauth2/exchange" | field refresh_token) ||
  [[ -z $refresh ]]; then
  say "$host gave no token: has the lease's identity the role AcrPull on it?"
  echo "credentials not found in native keychain"
  exit 1
fi

printf '{"ServerURL":"%s","Username":"%s","Secret":"%s"}\n' "$server" "$nobody" "$refresh"
