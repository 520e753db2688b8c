#!/bin/bash
# Mounts each data set under one folder. May run again: what is mounted stays; a failed one does not keep others away.
set -uo pipefail

readonly config=${1:-/etc/trainyard/data-mounts}
readonly devices=${DEVICES:-/dev/disk/by-id}
readonly lists=${LISTS:-/etc/apt/sources.list.d} keyrings=${KEYRINGS:-/usr/share/keyrings}
readonly downloads=${DOWNLOADS:-/var/cache/trainyard}
root=$(<"$config/mount-point")
cache=$(<"$config/cache-folder")
readonly root cache

say() { echo "trainyard-data-mounts: $*" >&2; }
value() { cat "$config/$1"; }
apt() { DEBIAN_FRONTEND=noninteractive apt-get --option DPkg::Lock::Timeout=600 "$@"; }
download() { curl --silent --show-error --fail --location --max-time 300 --output "$2" "$1"; }
codename() { sed -n 's/^VERSION_CODENAME=//p' "${OS_RELEASE:-/etc/os-release}"; }

need_mountpoint() {
  if command -v mount-s3 >/dev/null; then
    return
  fi
  local package=$downloads/mount-s3.deb architecture=x86_64
  if [[ $(uname -m) == aarch64 ]]; then
    architecture=arm64
  fi
  say "installing Mountpoint for Amazon S3"
  mkdir -p "$downloads"
  download "$(value mountpoint-url)/$architecture/mount-s3.deb" "$package" || return
  apt update --quiet && apt install --yes --no-install-recommends "$package"
}

mount_bucket() {
  local name=$1 mode=$2 bucket=$3 target=$4
  need_mountpoint || return
  local options=(--allow-other)
  if [[ $mode == ro ]]; then
    options+=(--read-only)
  else
    options+=(--allow-delete --allow-overwrite)
  fi
  if [[ -n $cache ]]; then
    mkdir -p "$cache/$name"
    options+=(--cache "$cache/$name")
  fi
  mount-s3 "${options[@]}" "$bucket" "$target"
}

# The client's modules belong to one kernel, so an image that has none gets those of the running one.
need_lustre() {
  if command -v mount.lustre >/dev/null; then
    return
  fi
  local key=$keyrings/fsx-lustre.asc
  say "installing the Lustre client"
  download "$(value lustre-key-url)" "$key" || return
  printf 'deb [signed-by=%s] %s %s main\n' "$key" "$(value lustre-packages-url)" "$(codename)" \
    >"$lists/fsx-lustre.list"
  apt update --quiet && apt install --yes --no-install-recommends "lustre-client-modules-$(uname -r)"
}

mount_lustre() {
  need_lustre || return
  mount -t lustre -o "$2,relatime,flock" "$3" "$4"
}

# A volume is named by its id, without its hyphen. A blank one is given a file system by the one who may write; one that
# is read is never changed.
mount_disk() {
  local mode=$2 device="$devices/nvme-Amazon_Elastic_Block_Store_${3//-/}" target=$4 status=0
  if [[ ! -e $device ]]; then
    say "$3 is not attached yet"
    return 1
  fi
  blkid "$device" >/dev/null || status=$?
  if ((status == 2)) && [[ $mode == rw ]]; then
    mkfs.ext4 -q -F -m 0 "$device" || return
  elif ((status != 0)); then
    say "blkid failed on $device ($status); nothing was formatted"
    return 1
  fi
  if [[ $mode == ro ]]; then
    mount -o ro,noatime,noload "$device" "$target"
  else
    mount -o rw,noatime,discard "$device" "$target"
  fi
}

mount_set() {
  local kind=$1
  shift
  case $kind in
    bucket) mount_bucket "$@" ;;
    lustre) mount_lustre "$@" ;;
    disk) mount_disk "$@" ;;
    *) return 1 ;;
  esac
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
  if mount_set "$kind" "$name" "$mode" "$source" "$target"; then
    say "$source at $target ($mode)"
  else
    say "$source could not be mounted at $target; tried again in half a minute"
    failed=1
  fi
done
exit "$failed"
