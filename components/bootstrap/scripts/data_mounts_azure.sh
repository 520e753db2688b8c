#!/bin/bash
# Mounts each data set under one folder. May run again: what is mounted stays; a failed one does not keep others away.
set -uo pipefail

readonly config=${1:-/etc/trainyard/data-mounts}
readonly devices=${DEVICES:-/dev/disk/azure/scsi1}
readonly lists=${LISTS:-/etc/apt/sources.list.d} keyrings=${KEYRINGS:-/usr/share/keyrings}
readonly folder=${RUNTIME_DIRECTORY:-/run/trainyard}/data-mounts
root=$(<"$config/mount-point")
cache=$(<"$config/cache-folder")
identity=$(<"$config/identity")
readonly root cache identity

say() { echo "trainyard-data-mounts: $*" >&2; }

apt() { DEBIAN_FRONTEND=noninteractive apt-get --option DPkg::Lock::Timeout=600 "$@"; }
release() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" "${OS_RELEASE:-/etc/os-release}"; }

# A package from Microsoft's repository, which is added where the image has none.
need() {
  local program=$1 package=$2 repository=$3
  if command -v "$program" >/dev/null; then
    return
  fi
  say "installing $package"
  curl --silent --show-error --fail --max-time 60 https://packages.microsoft.com/keys/microsoft.asc \
    >"$keyrings/trainyard-microsoft.asc" || return
  printf 'deb [signed-by=%s] %s\n' "$keyrings/trainyard-microsoft.asc" "$repository" \
    >"$lists/trainyard-${package%%[-=]*}.list"
  apt update --quiet && apt install --yes --no-install-recommends "$package"
}

# The file cache lies on the machine's own disk where it has one; without one, blocks are streamed through memory.
mount_blob() {
  local name=$1 mode=$2 account=${3%%/*} container=${3#*/} target=$4 settings="$folder/$1.yaml" part=block_cache
  need blobfuse2 blobfuse2 \
    "https://packages.microsoft.com/ubuntu/$(release VERSION_ID)/prod $(release VERSION_CODENAME) main" || return
  if [[ -n $cache ]]; then
    part=file_cache
    mkdir -p "$cache/$name"
  fi
  mkdir -p "$folder"
  {
    printf 'allow-other: true\nread-only: %s\n' "$([[ $mode == ro ]] && echo true || echo false)"
    printf 'components: [libfuse, %s, attr_cache, azstorage]\n' "$part"
    if [[ -n $cache ]]; then
      printf 'file_cache:\n  path: %s\n  timeout-sec: 120\n  cleanup-on-start: true\n' "$cache/$name"
    fi
    printf 'azstorage:\n  type: block\n  account-name: %s\n  container: %s\n' "$account" "$container"
    printf '  mode: msi\n  resid: %s\n' "$identity"
  } >"$settings"
  blobfuse2 mount "$target" --config-file="$settings"
}

# The client's modules belong to one kernel, so an image that has none gets those of the running one.
mount_lustre() {
  need mount.lustre "amlfs-lustre-client-2.15.7-33-g79ddf99=$(uname -r)" \
    "https://packages.microsoft.com/repos/amlfs-$(release VERSION_CODENAME)/ $(release VERSION_CODENAME) main" || return
  mount -t lustre -o "$2,noatime,flock" "$3" "$4"
}

# A blank disk is given a file system by the one who may write; a disk that is read is never changed.
mount_disk() {
  local mode=$2 device="$devices/lun$3" target=$4 status=0
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
