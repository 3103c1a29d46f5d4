#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make trust: a report of what was tried to make minivmx hurt its host, and what was
# found. It takes an hour or two; "make check" has a short form of each line.
#
#	trust.sh [NAME...]	only these lines
#
# DURATION in the environment is how long each fuzzer runs, in seconds of the
# lab's clock (60); the debug kernel makes several of each.
#
# shellcheck disable=SC2034,SC2317 # COMMANDs of the table call and use them
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
lab=selftests/lab/lab
logs=build/trust
duration=${DURATION:-60}

# NAME | what is tried | COMMAND
lines() {
	cat <<'END'
state    | 1,000,000 exits, also mixed with migration, on 2 CPUs: every host register | run --cpus=2 -- MINIVMX_EXITS=100000 hoststate_test
cycles   | 10,000 VMs created, run and destroyed: what is lost | run -- MINIVMX_CYCLES=10000 leak_test
memory   | what guests cost, and who pays | run -- memory_cost_test limits_test
hotplug  | CPU offline and online 1,000 times under guests | run --cpus=2 -- MINIVMX_HOTPLUGS=1000 hotplug_test
events   | sleep, NMIs, tracing, freezing, priorities, Ctrl-C, unloading | run --cpus=2 -- suspend_test nmi_test owner_events_test realtime_test rmmod_test
swap     | swapping, merging and moving guest memory | run -- owner_memory_test owner_swap_test accessed_dirty_test
end      | reboot, panic and kexec under guests | selftests/machine_end_test.sh
faults   | each allocation and copy fails, one by one | run --kernel=debug -- fault_test
fuzz     | hostile ioctls, run pages, guests and instructions | selftests/fuzz.sh "$duration"
END
}

# run [LAB OPTION...] -- [VARIABLE=VALUE...] PROGRAM...: selftests, in the lab
run() {
	local -a options=() variables=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	while [[ $1 == *=* ]]; do
		variables+=("$1")
		shift
	done
	$lab --lane=bochs --timeout=7200 "${options[@]}" -- \
		env "${variables[@]}" selftests/run.sh only "$@"
}

for name; do
	lines | grep -q "^$name " && continue
	echo "trust: $name: no such line; there are: $(lines | sed 's/ .*//' | paste -sd ' ')" >&2
	exit 2
done
mkdir -p "$logs"
make -s selftests || exit 1

bad=0
while IFS='|' read -r name what command; do
	name=${name// /}
	[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
	echo "$name:$what"
	start=$SECONDS
	eval "$command" > "$logs/$name.log" 2>&1 < /dev/null
	status=$?
	# What the tests say of themselves: numbers, and why one could not be had.
	sed -n -E 's/^# [a-z_]+\.c:[0-9]+:([a-z0-9_]+:)/\t\1 /p; s/^# (ioctl|runpage|guest|mmio): /\t\1: /p
		s/^ok [0-9]+ (.*# SKIP.*)/\t\1/p' "$logs/$name.log"
	grep '^not ok' "$logs/$name.log" | sed 's/^/\t/'
	echo "	$(grep -c '^ok' "$logs/$name.log") ok, $(grep -c '^not ok' "$logs/$name.log") not ok, $((SECONDS - start)) s; $logs/$name.log"
	if [ $status -ne 0 ]; then
		echo "	FAILED: status $status"
		bad=1
	fi
done < <(lines)
exit $bad
