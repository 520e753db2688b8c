#!/bin/bash
# Reads each secret as this node's role into a file in memory that only root may read. No secret is ever an argument, a
# line of a log or a file on a disk.
set -euo pipefail
umask 077

readonly config=${1:-/etc/trainyard/secret-files}
readonly folder=${RUNTIME_DIRECTORY:-/run/trainyard}/secrets

say() { echo "trainyard-secret-files: $*" >&2; }

# What a secret holds as text, or as bytes where it holds no text; `aws` writes the end of a line behind either.
read_secret() {
  local region=$1 name=$2 version=$3 text
  local asked=(--region "$region" --secret-id "$name" ${version:+--version-id "$version"})
  text=$(timeout 60 aws secretsmanager get-secret-value "${asked[@]}" --query SecretString --output text) || return
  if [[ $text != None ]]; then
    printf '%s' "$text"
    return
  fi
  timeout 60 aws secretsmanager get-secret-value "${asked[@]}" --query SecretBinary --output text | base64 --decode
}

mkdir -p "$folder"
failed=0
for file in "$config"/secret-*; do
  variable=${file##*/secret-}
  { read -r region && read -r name && read -r version; } <"$file"
  if read_secret "$region" "$name" "$version" >"$folder/$variable.new" && [[ -s $folder/$variable.new ]]; then
    mv "$folder/$variable.new" "$folder/$variable"
  else
    rm -f "$folder/$variable.new"
    say "$variable could not be read from $name in $region: may this node's role read it?"
    failed=1
  fi
done
exit "$failed"
