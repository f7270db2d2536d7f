#!/usr/bin/env bash
# enter.sh ROOT USER [FROM:TO:ro|rw]... -- COMMAND...
#
# Run by `unshare --mount --pid --fork`: what a container engine does before it gives way to a
# command. ROOT can only be read, but for /tmp and what is mounted; a USER other than 0 has no
# capability and gets none. COMMAND is the first process, with no environment but its own.
set -euo pipefail

root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while [[ $1 != -- ]]; do
  IFS=: read -r from to how <<<"$1"
  mount --bind "$from" "$root$to"
  [[ $how == rw ]] || mount -o remount,bind,ro "$root$to"
  shift
done
shift
mount -o remount,bind,ro "$root"
as=()
if [[ $user != 0 ]]; then
  as=(setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups
    --no-new-privs --bounding-set=-all --inh-caps=-all)
fi
exec chroot "$root" "${as[@]}" env -i "$@"
