#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs the selftests, inside the lab. All of them print TAP; the last line sums
# up what they said.
#
#	run.sh full		everything
#	run.sh core		the same without the long loops
#	run.sh debug		that, without KVM: for a kernel that is slow
#	MINIVMX_ALL=1 run.sh debug	and no program left out of it
#	MINIVMX_LEAVE_OUT="PROGRAM..." run.sh core	without these; or of_vmrun, and so
#				on: the lists below
#	run.sh streams		random streams of instructions, 100,000 of them
#	run.sh exits		the tests of exits only
#	run.sh linux		Linux as a guest: the kernels of lab --linux
#	run.sh only PROGRAM...	these tests, as often as the environment says
#	run.sh fuzz		fuzzers, each for FUZZ_SECONDS, from FUZZ_SEED on
#	run.sh preflight	what a machine without VT-x has to do
#
# Exit status: 1 if a test failed, a program died, nothing ran, or the kernel
# complained.

# Where minivmx.ko and guests/ are, and below them this file.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1

programs="uapi_test api_test memory_test registers_test sregs2_test lifetime_test
	exit_test guest_memory_test owner_memory_test accessed_dirty_test
	memory_cost_test limits_test mode_test step_test signal_test
	smp_test isolation_test hoststate_test guests_test crash_report_test console_test
	loader_test leak_test fault_test extension_test policy_test
	policy_exception_test emulate_test emulate_string_test
	string_io_test string_io_paging_test string_io_segment_test
	regression_test sandbox_test sandbox_calls_test permission_test
	hotplug_test suspend_test owner_events_test realtime_test nmi_test
	owner_swap_test rmmod_test padding_test host_change_test
	page_walk_test teardown_test quantum_test share_test start_test parallel_test
	caps_test ept_test trace_ring_test observe_test trace_test trace_json_test report_test
	snapshot_test snapshot_refused_test vmcs_test diff_test stream_test fuzz"

# They break the VMCS on purpose, which only lab=1 allows.
lab_programs="set_vmcs_test try_entry_test entry_fuzz"

# What they look at is vmrun, the kernel around a guest, or KVM beside minivmx. Where all
# is slow, and KVM is not asked, other runs have said enough of that.
of_kvm="diff_test"
of_vmrun="crash_report_test console_test loader_test sandbox_calls_test caps_test
	trace_json_test report_test snapshot_test snapshot_refused_test"
of_vmrun_and_host="sandbox_test share_test start_test parallel_test"
of_the_host="owner_swap_test host_change_test memory_cost_test"
# The same code completes an instruction whoever's VT-x has reported it.
of_the_emulator="emulate_test emulate_string_test"
# guests_test has run the same guests.
of_the_guests="trace_test"

mode=${1:-}

# Lane nested. There, and in the debug kernel, all is slow.
in_a_vm() {
	grep -qw hypervisor /proc/cpuinfo
}

# leave_out PROGRAM...
leave_out() {
	[ -z "${MINIVMX_ALL:-}" ] || return 0
	for program in "$@"; do
		# shellcheck disable=SC2086 # a list of words
		programs=$(printf '%s\n' $programs | grep -vx "$program")
	done
}

# The same, with names of lists among them.
leave_out_named() {
	for name in "$@"; do
		list=$name
		case $name in
		of_*) eval "list=\${$name:-$name}" ;;
		esac
		for program in $list; do
			# shellcheck disable=SC2086 # a list of words
			printf '%s\n' $programs | grep -qx "$program" ||
				not_ok "MINIVMX_LEAVE_OUT" "there is no $program to leave out"
		done
		# shellcheck disable=SC2086 # a list of words
		leave_out $list
	done
}

# A test that nobody runs proves nothing.
forgotten() {
	for program in selftests/*_test selftests/fuzz; do
		# shellcheck disable=SC2086 # a list of words
		printf '%s\n' $programs $lab_programs | grep -qx "${program##*/}" ||
			not_ok "${program##*/}" "run.sh does not know it"
	done
}

case $mode in
full)
	export MINIVMX_REQUIRE_KVM=1
	export MINIVMX_STREAMS="${MINIVMX_STREAMS:-2000}"
	export MINIVMX_ENTRIES="${MINIVMX_ENTRIES:-20000}"
	;;
streams)
	export MINIVMX_REQUIRE_KVM=1
	programs=stream_test
	lab_programs=
	;;
core | debug)
	if [ "$mode" = debug ] || in_a_vm; then
		: "${MINIVMX_CYCLES:=100}" "${MINIVMX_RMMODS:=5}" "${MINIVMX_ENTRIES:=500}"
		: "${MINIVMX_FUZZ:=10}"
	fi
	export MINIVMX_EXITS="${MINIVMX_EXITS:-2000}"
	export MINIVMX_CYCLES="${MINIVMX_CYCLES:-400}"
	export MINIVMX_LOADS="${MINIVMX_LOADS:-3}"
	export MINIVMX_STREAMS="${MINIVMX_STREAMS:-1000}"
	export MINIVMX_FUZZ="${MINIVMX_FUZZ:-25}"
	export MINIVMX_RMMODS="${MINIVMX_RMMODS:-10}"
	export MINIVMX_SNAPSHOTS="${MINIVMX_SNAPSHOTS:-10}"
	export MINIVMX_CLONES="${MINIVMX_CLONES:-20}"
	export MINIVMX_ENTRIES="${MINIVMX_ENTRIES:-2000}"
	;;
fuzz)
	programs=
	lab_programs=
	;;
exits)
	export MINIVMX_EXITS="${MINIVMX_EXITS:-2000}"
	programs="exit_test hoststate_test guests_test"
	lab_programs=
	;;
linux)
	export MINIVMX_CLONES="${MINIVMX_CLONES:-10}"
	programs=
	lab_programs=
	;;
only)
	shift
	programs=
	all_lab_programs=$lab_programs
	lab_programs=
	for program in "$@"; do
		case " $all_lab_programs " in
		*" $program "*) lab_programs="$lab_programs $program" ;;
		*) programs="$programs $program" ;;
		esac
	done
	;;
preflight)
	programs=
	lab_programs=
	;;
*)
	echo "usage: run.sh full|core|debug|streams|exits|linux|only|fuzz|preflight" >&2
	exit 2
	;;
esac

log=/tmp/selftests.$$
: > "$log"

# not_ok NAME WHY: a failure that no test reports by itself
not_ok() {
	echo "not ok - $1 # $2" | tee -a "$log"
}

# run PROGRAM [ARG...]: runs it, and checks that its status and its TAP agree
run() {
	name=$(basename "$1")
	start=$(date +%s)
	echo "# $name"
	{ "$@" 2>&1; echo $? > "$log.status"; } | tee "$log.one"
	cat "$log.one" >> "$log"
	status=$(cat "$log.status")
	echo "# $name: $(($(date +%s) - start)) seconds of this machine's clock"

	ended=$(grep -c -E '^(not )?ok ' "$log.one")
	plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$log.one" | tail -n 1)
	if [ "${plan:-none}" != "$ended" ]; then
		not_ok "$name" "planned ${plan:-nothing}, ended $ended"
	elif [ "$status" != 0 ] && ! grep -q '^not ok ' "$log.one"; then
		not_ok "$name" "exit status $status"
	fi
}

# The kernel's own complaints. The lab's kernel may have some from its boot.
splats() {
	dmesg | grep -c -E 'WARNING:|BUG:|UBSAN:|kernel BUG|Oops|general protection|soft lockup|rcu.*stall|blocked for more than'
}

# kmemleak, in the debug kernel: what nobody refers to any more, as of now. It
# takes nothing for lost that is younger than five seconds.
kmemleak=/sys/kernel/debug/kmemleak

scan_for_leaks() {
	sleep 6
	echo scan > $kmemleak
	# What has changed since the scan before is not taken for lost.
	echo scan > $kmemleak
}

# KVM is the oracle, where it can be trusted: inside KVM's nested VT-x that runs
# on Bochs, every tenth guest of KVM's fails to enter, with minivmx or without.
load_kvm() {
	if { [ "$mode" = core ] || [ "$mode" = linux ]; } && in_a_vm; then
		export MINIVMX_SKIP_KVM="KVM is no oracle inside a virtual machine"
	elif [ "$mode" = debug ] || [ "$mode" = fuzz ]; then
		export MINIVMX_SKIP_KVM="it is not KVM that is looked at here"
	else
		# Bochs does not keep to the alignment of the page-modification log.
		modprobe kvm-intel pml=0 2> /dev/null
	fi
}

# After forgotten() has seen them all.
# shellcheck disable=SC2086 # lists of words
choose_programs() {
	leave_out_named ${MINIVMX_LEAVE_OUT:-}
	if [ "$mode" = debug ]; then
		leave_out $of_kvm $of_vmrun $of_vmrun_and_host $of_the_guests
	elif [ "$mode" = core ] && in_a_vm; then
		leave_out $of_kvm $of_vmrun $of_vmrun_and_host $of_the_host $of_the_emulator
	else
		return
	fi
	export MINIVMX_TRACES_ONCE=1
}

# Each kernel on minivmx, and one on KVM. One of them is saved.
run_linux() {
	for kernel in linux/*; do
		case ${kernel#linux/} in
		rootfs.cpio.gz) ;;
		*) run selftests/linux_test.sh /dev/minivmx "${kernel#linux/}" ;;
		esac
	done
	# Where KVM is not asked, all of this is slow: lane nested.
	if [ -e linux/small ] && [ -z "${MINIVMX_SKIP_KVM:-}" ]; then
		run selftests/linux_snapshot_test.sh /dev/minivmx small
		run selftests/linux_test.sh /dev/kvm small
	fi
}

splats_before=$(splats)

case $mode in
only | linux) ;;
*) run selftests/kunit_test.sh ;;
esac
if [ "$mode" = preflight ]; then
	run selftests/preflight_test.sh
else
	load_kvm
	[ "$(splats)" = "$splats_before" ] || not_ok dmesg "the kernel complained"
	if [ "$mode" != only ] && [ "$mode" != linux ]; then
		run selftests/module_test.sh
		# It empties the log of the kernel.
		splats_before=0
	fi
	if [ -e hoststate.ko ]; then
		insmod hoststate.ko || not_ok hoststate "insmod: status $?"
	fi
	insmod minivmx.ko || not_ok insmod "status $?"
	case $mode in
	full | core | debug)
		forgotten
		choose_programs
		;;
	esac
	case $mode in
	debug) [ -z "${MINIVMX_ALL:-}" ] || run selftests/mitigation_test.sh ;;
	full | core | exits) run selftests/mitigation_test.sh ;;
	fuzz) run selftests/fuzz --seed="${FUZZ_SEED:-1}" --seconds="${FUZZ_SECONDS:-60}" ;;
	esac
	if [ "$mode" = linux ]; then
		run_linux
	fi
	for program in $programs; do
		run "selftests/$program"
	done
	rmmod minivmx || not_ok rmmod "status $?"
	if [ -n "$lab_programs" ]; then
		insmod minivmx.ko lab=1 || not_ok insmod "lab=1: status $?"
		for program in $lab_programs; do
			run "selftests/$program"
		done
		rmmod minivmx || not_ok rmmod "status $?"
	fi
fi

if [ -e $kmemleak ]; then
	scan_for_leaks
	cat $kmemleak
	[ -z "$(cat $kmemleak)" ] || not_ok kmemleak "memory is lost"
fi
if [ "$(splats)" -gt "$splats_before" ]; then
	dmesg | tail -n 100
	not_ok dmesg "the kernel complained"
fi

passed=$(grep -c -E '^ok ' "$log")
skipped=$(grep -c -E '^ok .*# SKIP' "$log")
failed=$(grep -c -E '^not ok ' "$log")
passed=$((passed - skipped))
rm -f "$log" "$log.one" "$log.status"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
