#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A machine without VT-x: loading the module is refused, with a reason, and
# nothing is left behind; and vmrun explains itself. Run it in the directory that holds minivmx.ko.
#
# shellcheck disable=SC2317 # check calls the functions

echo "TAP version 13"

if grep -qw vmx /proc/cpuinfo; then
	echo "1..0 # SKIP this machine has VT-x"
	exit 0
fi
echo "1..8"

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

# The options are the lines from the first empty one to the second; none begins at the left.
help_is_whole() {
	for command in "" caps stat share; do
		# shellcheck disable=SC2086 # no command is no argument
		vmrun $command --help > help.txt || return 1
		awk '
		/^$/ { part++ }
		/^ +$/ || /--[a-z-]+ +=/ || length > 79 || (part == 1 && /^[^ ]/) {
			print "# " $0
			bad = 1
		}
		part == 1 && /^ .*--help / { complete = 1 }
		END { exit bad || !complete }' help.txt || return 1
	done
}

usage_is_whole() {
	vmrun --usage > usage.txt || return 1
	! grep -vE '^(Usage: vmrun|      )( [^ ]+)+$' usage.txt &&
		grep -qF '[--help]' usage.txt && ! grep -qE '.{80}' usage.txt
}

check insmod_refused refused
check reason_in_dmesg dmesg_says 'minivmx: .*this processor has no VT-x'
check not_loaded [ ! -e /sys/module/minivmx ]
check no_device [ ! -e /dev/minivmx ]
check caps_reason caps_says 248 'cannot run here: this processor has no VT-x'
check help_is_whole help_is_whole
check usage_is_whole usage_is_whole
check caps_where caps_says 248 '/dev/minivmx: No such file or directory'
exit $failed
