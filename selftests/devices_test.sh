#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The devices of vmrun, each against its data sheet, its serial lines, its BIOS, its command
# line, and what it says of exits and crashes, under ASan and UBSan: on this machine,
# without VT-x. Prints TAP.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
selftests/lab/lab --packages=devices || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Each takes seconds. This guards against a hang, with all processes of a test, and
# decides nothing else.
limit=300

n=0
failed=0
echo "TAP version 13"
for test in selftests/{devices,crash,options,trace}/*_test.c; do
	part=$(basename "$(dirname "$test")")
	name=$(basename "$test" _test.c)
	case $part in
	devices) sources=(userspace/devices/*.c
		userspace/{console,consoles,terminal,serial,serial_ports,snapshot_parse,snapshot_file,clone}.c
		userspace/bios{,_disk,_keyboard}.c userspace/bios_rom.S -lz) ;;
	trace) sources=(userspace/{trace_text,names}.c) ;;
	options) sources=(userspace/{options*,help,vmcs_names}.c) ;;
	crash) sources=(userspace/crash_{cause,handler,insn,ports}.c
		userspace/{disassembler,exit_history,trace_text,names}.c -lcapstone) ;;
	esac
	if ! ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -Iuapi \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-o "$work/$name" "$test" "${sources[@]}" -lcmocka 2> "$work/log"; then
		sed 's/^/# /' "$work/log"
		echo "not ok $((++n)) - $part.$name"
		failed=1
		continue
	fi
	CMOCKA_MESSAGE_OUTPUT=TAP timeout --kill-after=10 $limit "$work/$name" \
		> "$work/tap" 2> "$work/log" < /dev/null
	status=$?
	sed 's/^/# /' "$work/log"
	# Its numbers start anew; an end without a result is a failure, too.
	while read -r line; do
		case $line in
		"ok "*) echo "ok $((++n)) - $part.$name.${line##* - }" ;;
		"not ok "*) echo "not ok $((++n)) - $part.$name.${line##* - }"; failed=1 ;;
		"#"*) echo "$line" ;;
		esac
	done < "$work/tap"
	ended=$(grep -c -E '^(not )?ok ' "$work/tap")
	if ! grep -qx "1\.\.$ended" "$work/tap"; then
		echo "not ok $((++n)) - $part.$name # exit status $status, $ended ended"
		failed=1
	elif [ $status -ne 0 ] && ! grep -q "^not ok" "$work/tap"; then
		echo "not ok $((++n)) - $part.$name # exit status $status"
		failed=1
	fi
done
echo "1..$n"
exit $failed
