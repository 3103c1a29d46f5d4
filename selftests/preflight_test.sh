#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A machine without VT-x: loading the module is refused, with a reason, and
# nothing is left behind. Run it in the directory that holds minivmx.ko.
#
# shellcheck disable=SC2317 # check calls the functions

echo "TAP version 13"

if grep -qw vmx /proc/cpuinfo; then
	echo "1..0 # SKIP this machine has VT-x"
	exit 0
fi
echo "1..6"

number=0
failed=0
# check NAME COMMAND...: one line of TAP
check() {
	name=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number preflight.$name"
	else
		echo "not ok $number preflight.$name"
		failed=1
	fi
}

dmesg_says() {
	dmesg | grep -q -- "$1"
}

refused() {
	message=$(insmod minivmx.ko 2>&1) && return 1
	echo "# $message"
	# ENODEV, in the words of the C library.
	case $message in
	*"No such device"*) ;;
	*) return 1 ;;
	esac
}

# caps_says STATUS TEXT
caps_says() {
	report=$(vmrun caps)
	[ $? = "$1" ] || return 1
	case $report in
	*"$2"*) ;;
	*) return 1 ;;
	esac
}

check insmod_refused refused
check reason_in_dmesg dmesg_says 'minivmx: .*this processor has no VT-x'
check not_loaded [ ! -e /sys/module/minivmx ]
check no_device [ ! -e /dev/minivmx ]
check caps_reason caps_says 248 'cannot run here: this processor has no VT-x'
check caps_where caps_says 248 '/dev/minivmx: No such file or directory'
exit $failed
