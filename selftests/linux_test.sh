#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux in vmrun, in the lab: to a shell, a dialogue with it, and its end. Prints TAP.
#
#	linux_test.sh DEVICE KERNEL	a kernel of lab --linux, on this device
#
# shellcheck shell=dash disable=SC3045,SC2016 # busybox; the guest's shell is to expand
device=$1
kernel=$2
memory=64M
# A distribution's kernel needs more.
[ "$kernel" = small ] || memory=128M
where=linux.$kernel.${device#/dev/}
# shellcheck source=selftests/linux_dialogue.sh
. "$(dirname "$0")/linux_dialogue.sh"

# The same as the guest's, by the same program.
sum=$(head -c 1048576 /dev/zero | tr '\0' x | sha256sum | cut -d ' ' -f 1)

echo "TAP version 13"
launch_linux "$kernel" $memory
before=$(date +%s)
ask uname 'uname -a' '^Linux guest [0-9.]+'
ask cpuinfo 'cat /proc/cpuinfo' '^vendor_id.*GenuineIntel'
ask arithmetic 'echo $((6 * 7))' '^42$'
ask dmesg 'dmesg | tail' 'init process'
ask file 'head -c 1048576 /dev/zero | tr "\0" x > /tmp/x; sha256sum /tmp/x' "^$sum "
ask ticks 'a=$(grep -w timer /proc/interrupts); sleep 1; [ "$a" = "$(grep -w timer /proc/interrupts)" ] || echo they come' '^they come$'
ask date 'echo date is $(date +%s).' '^date is [0-9]+\.$'
guest=$(answer 'date is \([0-9]*\)\.')
# Of the host's lab, between those before and after.
echo "# $where: date $guest, of the host $before to $(date +%s)"
expect date_right "${guest:-0}" -ge "$before" -a "${guest:-0}" -le "$(date +%s)"
end poweroff poweroff 0

launch_linux "$kernel" $memory
end reboot reboot 249
echo "1..$count"
exit $failed
