#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What minivmx does against speculative attacks is what KVM and the kernel do on the
# same processor with the same command line. Run it with minivmx loaded; kvm_intel is
# asked if it is there.
#
# It compares what is said. That the mitigations are where they belong, between the
# guest and the host, only reading vmenter.S can show.
#
# shellcheck disable=SC2317 # check calls the functions

own=/sys/class/misc/minivmx/mitigations
kernel=/sys/devices/system/cpu/vulnerabilities
kvm=/sys/module/kvm/parameters
intel=/sys/module/kvm_intel/parameters

echo "TAP version 13"
echo "1..9"

number=0
failed=0
# check NAME COMMAND...: one line of TAP; a COMMAND that ends with 77 has said why
# it cannot tell.
check() {
	name=$1
	shift
	number=$((number + 1))
	why=$("$@")
	case $? in
	0) echo "ok $number mitigation.$name" ;;
	77) echo "ok $number mitigation.$name # SKIP $why" ;;
	*)
		echo "# $why"
		echo "not ok $number mitigation.$name"
		failed=1
		;;
	esac
}

# done_by NAME: is it in force?
done_by() {
	grep -q '^Mitigation: ' "$own/$1"
}

# as_kernel NAME PATTERN FILE...: in force exactly if a FILE says PATTERN
as_kernel() {
	mitigation=$1
	pattern=$2
	shift 2
	known=
	for file; do
		[ -e "$file" ] && known=1
	done
	if [ -z "$known" ]; then
		echo "this kernel does not say"
		return 77
	fi
	echo "$mitigation: $(cat "$own/$mitigation"); $*: $(cat "$@" 2> /dev/null)"
	if grep -q -s -e "$pattern" "$@"; then done_by "$mitigation"; else ! done_by "$mitigation"; fi
}

# The words of KVM's parameter, and what is meant here.
l1d_flush() {
	if [ ! -e "$intel"/vmentry_l1d_flush ]; then
		echo "kvm_intel is not loaded"
		return 77
	fi
	mode=$(cat "$intel"/vmentry_l1d_flush)
	case $mode in
	"not required") want="Not affected" ;;
	never) want="Not chosen by the kernel" ;;
	cond) want="Mitigation: before the first entry of each window" ;;
	always) want="Mitigation: before each entry" ;;
	*) want="?" ;;
	esac
	echo "KVM: $mode; here: $(cat "$own"/l1d_flush)"
	[ "$(sed 's/;.*//' "$own"/l1d_flush)" = "$want" ]
}

# KVM has large pages that cannot be executed from, minivmx has none.
large_pages() {
	if [ ! -e "$kvm"/nx_huge_pages ]; then
		echo "kvm is not loaded"
		return 77
	fi
	as_kernel large_pages '^Y' "$kvm"/nx_huge_pages
}

each_has_a_state() {
	for file in registers rsb ibrs branch_history ibpb ibpb_user verw l1d_flush large_pages; do
		echo "$file: $(cat "$own/$file")"
		grep -qE '^(Mitigation: |Not affected$|Not chosen by the kernel$)' "$own/$file" ||
			return 1
	done
}

check l1d_flush l1d_flush
check large_pages large_pages
check rsb as_kernel rsb '; RSB filling' "$kernel"/spectre_v2
check ibrs as_kernel ibrs 'Mitigation: IBRS' "$kernel"/spectre_v2
check ibpb as_kernel ibpb '; IBPB: [ac]' "$kernel"/spectre_v2
check ibpb_user as_kernel ibpb_user 'IBPB before exit to userspace' "$kernel"/vmscape
check verw as_kernel verw 'Clear CPU buffers' "$kernel"/mds "$kernel"/tsx_async_abort \
	"$kernel"/reg_file_data_sampling
check each_has_a_state each_has_a_state
check complete grep -qx yes "$own"/complete
exit $failed
