#!/bin/bash
# Stripes the local SSDs into one file system and mounts it. Runs at every boot: after a reboot the array is found
# again with its data; after a stop the disks are blank and it is made anew.
set -euo pipefail

readonly config=${1:-/etc/trainyard/scratch-disks}
readonly array=/dev/md/scratch
pattern=$(<"$config/pattern")
count=$(<"$config/count")
mount_point=$(<"$config/mount-point")
made_by_image=$(<"$config/made-by-image")
readonly pattern count mount_point made_by_image

say() { echo "trainyard-scratch-disks: $*" >&2; }

if mountpoint --quiet "$mount_point"; then
  say "$mount_point is mounted"
  exit 0
fi

if [[ -n $made_by_image ]] && mountpoint --quiet "$made_by_image"; then
  mkdir -p "$mount_point"
  mount --bind "$made_by_image" "$mount_point"
  chmod 1777 "$mount_point"
  say "$mount_point is $made_by_image, which the image has made"
  exit 0
fi

udevadm settle --timeout=60 || true
# One name for each disk: a second one ends in its namespace.
mapfile -t disks < <(compgen -G "$pattern" | grep -v -e '-part[0-9]*$' -e '_[0-9]*$' -e '-ns-[0-9]*$' | sort --version-sort)
if ((${#disks[@]} != count)); then
  say "$count local SSDs expected, ${#disks[@]} found as $pattern; nothing was changed"
  exit 1
fi

# The array a disk is part of: udev may have put it together under another name.
array_of() { lsblk --noheadings --raw --output NAME,TYPE "$1" | awk '$2 == "raid0" { print "/dev/" $1 }'; }

if ((count == 1)); then
  device=${disks[0]}
else
  device=$(array_of "${disks[0]}")
  if [[ -z $device ]]; then
    command -v mdadm >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends mdadm
    device=$array
    if ! mdadm --assemble "$array" "${disks[@]}"; then
      mdadm --create "$array" --run --homehost=any --level=0 --raid-devices="$count" "${disks[@]}"
    fi
  fi
fi

# 2 says that nothing is on the device; any other failure is no leave to format it.
blkid "$device" >/dev/null && status=0 || status=$?
if ((status == 2)); then
  mkfs.ext4 -q -F -m 0 "$device"
elif ((status != 0)); then
  say "blkid failed on $device ($status); nothing was formatted"
  exit 1
fi
mkdir -p "$mount_point"
mount -o noatime,discard "$device" "$mount_point"
chmod 1777 "$mount_point"
say "$count local SSDs at $mount_point"
