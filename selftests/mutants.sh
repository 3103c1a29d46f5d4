#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mutants.sh - is each bug found that somebody puts into the module?
#
#	mutants.sh [NAME...]	all of them, or only these
#
# A mutant is the module with one line broken on purpose. It is built and run in the
# lab, with the tests that should notice. The last line says how many were caught;
# the exit status is 1 if one survived that is not marked as expected to.
#
# It takes about a minute a mutant, and is no part of "make check".
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
lab=selftests/lab/lab

# NAME | FILE in module/ | sed's COMMAND | TESTS that should notice
mutants() {
	cat <<'END'
invalidate-nothing      | gmem.c       | s/^\tgmem_unmap(gmem, r->guest_phys_addr + (start/\tif (0)\n\t&/ | owner_memory_test
invalidate-less         | gmem.c       | s/, end - start);/, 0);/ | owner_memory_test
dirty-write-unseen      | gmem.c       | s/^\tnote_write(slot, gpa);// | diff_test
large-page-with-a-log   | gmem.c       | s/ && !slot->dirty && / \&\& / | owner_memory_test diff_test
large-page-misaligned   | gmem.c       | s/ && !((gpa ^ hva) & (size - 1)) &&/ \&\&/ | owner_memory_test
page-size-ignored       | gmem.c       | s/return slot->gmem->large_pages && /return / | ept_test
populate-is-a-write     | gmem_ept.c   | s/gmem_fault(gmem, gpa, false)/gmem_fault(gmem, gpa, true)/ | ept_test
ranges-of-any-rights    | gmem_ept.c   | s/ && last->rights == rights &&/ \&\&/ | ept_test
shape-start-ignored     | gmem_ept.c   | s/gpa + size <= shape->start || // | ept_test
page-never-put          | gmem.c       | s/^\tput_page(page);// | leak_test owner_memory_test
read-only-slot-written  | gmem.c       | s/(write && slot->region.flags & MINIVMX_MEM_READONLY)/0/ | diff_test
slot-deleted-but-mapped | slot.c       | s/if (!new || r->guest_phys_addr != region->guest_phys_addr)/if (0)/ | guest_memory_test
slots-may-touch         | slot.c       | s/r->guest_phys_addr < s->guest_phys_addr + s->memory_size/r->guest_phys_addr <= s->guest_phys_addr + s->memory_size/ | memory_test diff_test
slot-number-unchecked   | slot.c       | s/r->slot >= GMEM_SLOTS || // | diff_test
ept-keeps-write         | ept.c        | s/test_and_clear_bit(EPT_WRITE_SHIFT/test_bit(EPT_WRITE_SHIFT/ | diff_test
dirty-page-lost         | gmem.c       | s/^\t\tSetPageDirty(page);$/\t\t;/ | accessed_dirty_test
dirty-not-by-kernel     | gmem.c       | s/^\t\tept_add(leaf, EPT_DIRTY);$/\t\t;/ | accessed_dirty_test
vms-without-limit       | vm.c         | s/may = others < READ_ONCE(max_vms)/may = true/ | limits_test
vms-counted-for-ever    | vm.c         | s/^\tlist_del(&vm->link);$// | limits_test leak_test
l1tf-full-ignored       | l1d_flush.h  | s/return L1D_FLUSH_ALWAYS;/return L1D_FLUSH_CONDITIONAL;/ | kunit_test.sh
ept-tables-lost         | ept.c        | s/^\t\t\*walk->dead = child;// | leak_test
ept-wrong-table         | ept_bits.h   | s/9 \* (level - 1)) & (EPT/9 * (level - 1)) \& 0xff \& (EPT/ | kunit_test.sh guest_memory_test owner_memory_test
cr4-not-restored        | vmx_cpu.c    | s/^\twrite_cr4_raw(host_cr4);// | api_test
idt-limit-lost          | host_state.c | s/^\tnative_load_idt(&host->idt);// | hoststate_test
fs-base-lost            | host_state.c | s/^\t\twrite_fs_base(host->fs_base);// | hoststate_test
ldt-lost                | host_state.c | s/unlikely(host->ldt_selector)/0/ | hoststate_test
gs-base-lost            | host_state.c | s/wrmsrl(MSR_KERNEL_GS_BASE, host->user_gs_base)/(void)0/ | hoststate_test
syscall-msrs-lost       | msr.c        | s/for_each_set_bit(i, &msrs->changed, NR_SWITCHED_MSRS)/for (i = 0; 0; )/ | hoststate_test
lstar-not-canonical     | msr.c        | s/{ MSR_LSTAR, CANONICAL/{ MSR_LSTAR, ANY/ | diff_test
pat-unchecked           | msr.c        | s/if (!entry_pat_valid(data))/if (0)/ | diff_test
fpu-not-saved           | vcpu.c       | s/^\t\tguest_fpu_save(&vcpu->fpu);// | isolation_test diff_test
tsc-offset-not-written  | vcpu.c       | s/vmcs_write64(VMCS_TSC_OFFSET, vcpu->msrs.tsc_offset);// | diff_test
vm-reference-lost       | vcpu.c       | s/^\tvm_put(vcpu->vm);// | leak_test
interrupt-while-blocked | event.c      | s/return vcpu->rflags & X86_EFLAGS_IF && /return / | diff_test
nmi-while-blocked       | event.c      | s/^#define NMI_BLOCKED.*/#define NMI_BLOCKED SHADOW/ | diff_test stream_test
error-code-in-real-mode | event.c      | s/^\t\tinfo &= ~INTR_INFO_DELIVER_CODE_MASK;$/\t\t;/ | diff_test exit_test
ac-of-ring-0            | exit_event.c | s/return VMX_AR_DPL(vmcs_read32(VMCS_GUEST_SS_ACCESS_RIGHTS)) == 3 &&/return/ | exit_test diff_test policy_exception_test
cr8-above-15            | exit_cr.c    | s/if (value > 15)/if (0)/ | diff_test stream_test
cr4-reserved            | exit_cr.c    | s/value & ~vcpu->cpuid.cr4 || // | diff_test mode_test
in-keeps-upper-half     | exit_io.c    | s/if (io->size == sizeof(data))/if (0)/ | exit_test diff_test
write-protect-ignored   | paging.c     | s/ || rights & PTE_WRITE ||/ || 1 ||/ | emulate_test string_io_paging_test diff_test
high-byte-register      | operand.c    | s/>> (high_byte ? 8 : 0)/>> 0/ | emulate_test diff_test
items-beyond-the-page   | string_io.c  | s/(PAGE_SIZE - at) \/ size;/(PAGE_SIZE - at) \/ size + 1;/ | string_io_test string_io_paging_test diff_test
ring-overwritten        | ring.c       | s/if (next == READ_ONCE(ring->page->first))/if (0)/ | diff_test
other-process           | dev.c        | s/if (vm->mm != current->mm)/if (0)/ | diff_test
msr-count               | dev_vcpu.c   | s/if (n >= MINIVMX_MAX_MSRS)/if (0)/ | diff_test
cpuid-after-run         | cpuid.c      | s/if (vcpu->has_run) {/if (0) {/ | diff_test
signals-not-seen        | run.c        | s/^\t\tif (signal_pending(current)) {/\t\tif (0) {/ | suspend_test signal_test
window-without-end      | vcpu.c       | s/(u64)tsc_khz \* WINDOW_USEC \/ 1000 >>/0xffffffff00ULL >>/ | realtime_test
merged-page-written     | gmem.c       | s/^\tgmem_unmap(gmem, r->guest_phys_addr + (start/\tif (0)\n\t&/ | owner_swap_test
immediate-exit-ignored  | run.c        | s/if (!ret && READ_ONCE(vcpu->run->immediate_exit))/if (0)/ | signal_test diff_test
port-list-unbounded     | policy.c     | s/policy->nr_ports > MINIVMX_POLICY_MAX ||// | policy_test
invept-skipped          | vcpu.c       | s/if (invept(VMX_EPT_EXTENT_CONTEXT, ept->pointer))/if (1)/ | guest_memory_test owner_memory_test smp_test
END
}

# These may go unnoticed, and why.
expected() {
	case $1 in
	invept-skipped) echo "Bochs forgets all translations at VMXON" ;;
	*) return 1 ;;
	esac
}

# Return: 0, caught; 1, survived; 2, it cannot be tried.
run_mutant() {
	local name=$1 file=$2 command=$3 status
	local -a programs

	read -ra programs <<< "$4"
	cp "$top/module/$file" "$work/module/$file" &&
		sed -i -e "$command" "$work/module/$file" || return 2
	if cmp -s "$top/module/$file" "$work/module/$file"; then
		echo "mutants: $name: nothing in $file to break" >&2
		return 2
	fi
	make -s -C "$work" lab-payload "KDIR=$kdir" > "$work/log" 2>&1 || {
		cat "$work/log" >&2
		return 2
	}
	# shellcheck disable=SC2016 # the lab's shell is to expand it
	LAB_NO_BUILD=1 "$work/$lab" --lane=bochs --timeout=800 -- sh -c '
		set -o pipefail
		modprobe kvm-intel pml=0
		insmod hoststate.ko || exit 99
		insmod minivmx.ko || exit 1
		# The first failure is enough.
		for program; do
			[ -x "selftests/$program" ] || exit 99
			"selftests/$program" |
				awk "{ print } /^not ok/ { exit 1 }" || exit 1
		done
		! dmesg | grep -qE "WARNING:|BUG:|Oops"' sh "${programs[@]}" \
		> "$work/log" 2>&1 < /dev/null
	status=$?
	cp "$top/module/$file" "$work/module/$file"
	[ $status -eq 99 ] && cat "$work/log" >&2 && return 2
	# 125: a kernel that went down has caught it, a lab that did not start has not.
	if [ $status -eq 125 ] && ! grep -qE 'panicked|went down' "$work/log"; then
		cat "$work/log" >&2
		return 2
	fi
	# Nothing but the time: it may be the mutant that hangs, or a busy machine.
	[ $status -eq 124 ] && how=", or too slow"
	[ $status -ne 0 ]
}

work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$work" || exit 1
kdir=$($lab --print-kdir) || exit 1
make -s -C "$work" selftests > "$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
export MINIVMX_EXITS=2000 MINIVMX_CYCLES=400 MINIVMX_STREAMS=300

caught=0 survived=0 wrong=0
while IFS='|' read -r name file rest; do
	name=${name// /}
	[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
	# The command may have a | of its own; the tests follow the last one.
	tests=${rest##*|}
	command=${rest%|*}
	command=${command# }
	how=
	run_mutant "$name" "${file// /}" "${command% }" "$tests"
	case $? in
	0)
		caught=$((caught + 1))
		echo "caught   $name$how"
		;;
	1)
		survived=$((survived + 1))
		echo "survived $name$(expected "$name" | sed 's/^/: /')"
		expected "$name" > /dev/null || wrong=$((wrong + 1))
		;;
	*) wrong=$((wrong + 1)) ;;
	esac
done < <(mutants)
echo "$caught of $((caught + survived)) mutants caught"
[ "$wrong" -eq 0 ]
