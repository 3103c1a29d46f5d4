#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034,SC2154 # busybox; variables are shared
# A dialogue with Linux in vmrun, for the tests that begin with it:
#
#	. linux_dialogue.sh
#
# They set $device, and $where, with which names of results begin.
prompt='guest# '
said=/tmp/linux.said
heard=/tmp/linux.heard
count=0
failed=0

# What is told does not matter; that nothing comes for so long does (seconds).
patience=600

# What is said to a vmrun that has ended is lost. vmrun itself does not inherit this.
trap : PIPE

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

# expect NAME CONDITION...: one of test(1)
expect() {
	local name=$1

	shift
	if [ "$@" ]; then result ok "$name"; else result no "$name"; fi
}

# launch ARG...: vmrun, and nothing is said yet.
launch() {
	rm -f $said $heard
	mkfifo $said
	: > $heard
	vmrun --device="$device" "$@" <$said >$heard 2>&1 &
	vmrun=$!
	exec 3>$said
	prompts=0
	asked=1
}

# launch_linux KERNEL MEMORY [ARG...]: to the first prompt.
launch_linux() {
	local kernel=$1 memory=$2

	shift 2
	launch "linux/$kernel" --initrd=linux/rootfs.cpio.gz --append='console=ttyS0 quiet' \
		--mem="$memory" "$@"
	prompts=1
	heard_often "$prompt" 1
}

# Waits until vmrun has printed TEXT for the Nth time, or ended; if nothing comes, it is
# ended, so that what follows fails at once.
heard_often() {
	local waited=0

	while [ "$(grep -o "$1" $heard | wc -l)" -lt "$2" ]; do
		kill -0 "$vmrun" 2>/dev/null || return
		if [ $waited -ge $patience ]; then
			kill "$vmrun" 2>/dev/null
			return
		fi
		sleep 1
		waited=$((waited + 1))
	done
}

# ask NAME COMMAND PATTERN: a line of the answer is PATTERN.
ask() {
	prompts=$((prompts + 1))
	echo "$2" >&3
	heard_often "$prompt" $prompts
	if [ "$(grep -o "$prompt" $heard | wc -l)" -eq $prompts ] &&
		tr -d '\r' <$heard | tail -n +"$asked" | grep -qE "$3"; then
		result ok "$1"
	else
		result no "$1"
	fi
	asked=$(($(wc -l <$heard) + 1))
}

# answer PATTERN: what it matched in its group, the last time.
answer() {
	tr -d '\r' <$heard | sed -n "s/^$1\$/\1/p" | tail -n 1
}

# ended NAME WHY STATUS: vmrun ends.
ended() {
	local status waited=0

	while kill -0 "$vmrun" 2>/dev/null && [ $waited -lt $patience ]; do
		sleep 1
		waited=$((waited + 1))
	done
	kill "$vmrun" 2>/dev/null
	wait "$vmrun"
	status=$?
	exec 3>&-
	echo "# $where: $2: status $status"
	expect "$1" $status -eq "$3"
}

# end NAME COMMAND STATUS: the guest is told to end.
end() {
	echo "$2" >&3
	ended "$@"
}
