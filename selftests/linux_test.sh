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
prompt='guest# '
said=/tmp/linux.said
heard=/tmp/linux.heard
count=0
failed=0

# What is told does not matter; that nothing comes for so long does (seconds).
patience=600

result() {
	count=$((count + 1))
	if [ "$1" = ok ]; then
		echo "ok $count - $where.$2"
	else
		failed=1
		echo "not ok $count - $where.$2"
		tail -n 20 $heard | tr -d '\r' | sed 's/^/# /'
	fi
}

# Waits until vmrun has printed the prompt for the Nth time, or ended.
prompted() {
	local waited=0

	while [ "$(grep -o "$prompt" $heard | wc -l)" -lt "$1" ]; do
		kill -0 "$vmrun" 2>/dev/null && [ $waited -lt $patience ] || return
		sleep 1
		waited=$((waited + 1))
	done
}

start() {
	rm -f $said $heard
	mkfifo $said
	: > $heard
	vmrun --device="$device" "linux/$kernel" --initrd=linux/rootfs.cpio.gz \
		--append='console=ttyS0 quiet' --mem="$memory" <$said >$heard 2>&1 &
	vmrun=$!
	exec 3>$said
	prompts=1
	prompted 1
}

# ask NAME COMMAND PATTERN: a line of the answer is PATTERN.
ask() {
	prompts=$((prompts + 1))
	echo "$2" >&3
	prompted $prompts
	if [ "$(grep -o "$prompt" $heard | wc -l)" -eq $prompts ] &&
		tr -d '\r' <$heard | tail -n +"$asked" | grep -qE "$3"; then
		result ok "$1"
	else
		result no "$1"
	fi
	asked=$(($(wc -l <$heard) + 1))
}

# end NAME COMMAND STATUS
end() {
	local status waited=0

	echo "$2" >&3
	while kill -0 "$vmrun" 2>/dev/null && [ $waited -lt $patience ]; do
		sleep 1
		waited=$((waited + 1))
	done
	kill "$vmrun" 2>/dev/null
	wait "$vmrun"
	status=$?
	exec 3>&-
	echo "# $where: $2: status $status"
	if [ $status -eq "$3" ]; then result ok "$1"; else result no "$1"; fi
}

# The same as the guest's, by the same program.
sum=$(head -c 1048576 /dev/zero | tr '\0' x | sha256sum | cut -d ' ' -f 1)

echo "TAP version 13"
start
asked=1
before=$(date +%s)
ask uname 'uname -a' '^Linux guest [0-9.]+'
ask cpuinfo 'cat /proc/cpuinfo' '^vendor_id.*GenuineIntel'
ask arithmetic 'echo $((6 * 7))' '^42$'
ask dmesg 'dmesg | tail' 'init process'
ask file 'head -c 1048576 /dev/zero | tr "\0" x > /tmp/x; sha256sum /tmp/x' "^$sum "
ask ticks 'a=$(grep -w timer /proc/interrupts); sleep 1; [ "$a" = "$(grep -w timer /proc/interrupts)" ] || echo they come' '^they come$'
ask date 'echo date is $(date +%s).' '^date is [0-9]+\.$'
guest=$(tr -d '\r' <$heard | sed -n 's/^date is \([0-9]*\)\.$/\1/p')
# Of the host's lab, between those before and after.
echo "# $where: date $guest, of the host $before to $(date +%s)"
if [ "${guest:-0}" -ge "$before" ] && [ "$guest" -le "$(date +%s)" ]; then
	result ok date_right
else
	result no date_right
fi
end poweroff poweroff 0

start
end reboot reboot 249
echo "1..$count"
exit $failed
