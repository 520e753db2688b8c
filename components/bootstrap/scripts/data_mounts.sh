#!/bin/bash
# Mounts each data set under one folder. May run again: what is mounted stays; a failed one does not keep others away.
set -uo pipefail

readonly config=${1:-/etc/trainyard/data-mounts}
readonly devices=${DEVICES:-/dev/disk/by-id}
readonly lists=${LISTS:-/etc/apt/sources.list.d} keyrings=${KEYRINGS:-/usr/share/keyrings}
root=$(<"$config/mount-point")
cache=$(<"$config/cache-folder")
readonly root cache

say() { echo "trainyard-data-mounts: $*" >&2; }

apt() { DEBIAN_FRONTEND=noninteractive apt-get --option DPkg::Lock::Timeout=600 "$@"; }

# A package from the distribution, or from Google's repository of that name.
need() {
  local program=$1 package=$2 repository=${3:-}
  if command -v "$program" >/dev/null; then
    return
  fi
  say "installing $package"
  if [[ -n $repository ]]; then
    curl --silent --show-error --fail --max-time 60 https://packages.cloud.google.com/apt/doc/apt-key.gpg \
      >"$keyrings/google-$package.asc" || return
    printf 'deb [signed-by=%s] %s\n' "$keyrings/google-$package.asc" "$repository" >"$lists/google-$package.list"
  fi
  apt update --quiet && apt install --yes --no-install-recommends "$package"
}

codename() { sed -n 's/^VERSION_CODENAME=//p' "${OS_RELEASE:-/etc/os-release}"; }

mount_bucket() {
  local name=$1 mode=$2 bucket=$3 target=$4
  need gcsfuse gcsfuse "https://packages.cloud.google.com/apt gcsfuse-$(codename) main" || return
  local options=(--implicit-dirs -o "allow_other,$mode")
  if [[ -n $cache ]]; then
    mkdir -p "$cache/$name"
    options+=(--cache-dir "$cache/$name" --file-cache-max-size-mb=-1)
  fi
  gcsfuse "${options[@]}" "$bucket" "$target"
}

mount_filestore() {
  need mount.nfs nfs-common || return
  mount -t nfs -o "$2,hard,nconnect=7,rsize=1048576,wsize=1048576" "$3" "$4"
}

# The client's modules belong to one kernel, so an image that has none gets those of the running one.
mount_lustre() {
  need mount.lustre "lustre-client-modules-$(uname -r)" \
    "https://us-apt.pkg.dev/projects/lustre-client-binaries lustre-client-ubuntu-$(codename) main" || return
  mount -t lustre -o "$2,flock" "$3" "$4"
}

# A blank disk is given a file system by the one who may write; a disk that is read is never changed.
mount_disk() {
  local mode=$2 device="$devices/google-$3" target=$4 status=0
  blkid "$device" >/dev/null || status=$?
  if ((status == 2)) && [[ $mode == rw ]]; then
    mkfs.ext4 -q -F -m 0 "$device" || return
  elif ((status != 0)); then
    say "blkid failed on $device ($status); nothing was formatted"
    return 1
  fi
  local options="$mode,noatime,discard"
  if [[ $mode == ro ]]; then
    options="ro,noatime,noload"
  fi
  mount -o "$options" "$device" "$target"
}

failed=0
for file in "$config"/set-*; do
  name=${file##*/set-}
  { read -r kind && read -r mode && read -r source; } <"$file"
  target=$root/$name
  if mountpoint --quiet "$target"; then
    say "$target is mounted"
    continue
  fi
  mkdir -p "$target"
  if "mount_$kind" "$name" "$mode" "$source" "$target"; then
    say "$source at $target ($mode)"
  else
    say "$source could not be mounted at $target; tried again in half a minute"
    failed=1
  fi
done
exit "$failed"
