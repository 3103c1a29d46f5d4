// SPDX-License-Identifier: GPL-2.0
/*
 * What holds whatever the input was.
 */
#include <errno.h>
#include <string.h>

#include "../guest_code.h"
#include "../vm.h"
#include "fuzz.h"

#define CANARY		0xc5
#define GOOD_IRET	0x1100		/* of all vectors */
#define GOOD_STACK	0x7000
#define GOOD_RESULT	0x3000
#define GOOD_SUM	5050

/* ------------------------- exits ----------------------------------------- */

static const uint32_t reasons[] = {
	MINIVMX_EXIT_IO, MINIVMX_EXIT_DEBUG, MINIVMX_EXIT_HLT, MINIVMX_EXIT_MMIO,
	MINIVMX_EXIT_IRQ_WINDOW_OPEN, MINIVMX_EXIT_SHUTDOWN, MINIVMX_EXIT_FAIL_ENTRY,
	MINIVMX_EXIT_SET_TPR, MINIVMX_EXIT_INTERNAL_ERROR, MINIVMX_EXIT_VMX,
	MINIVMX_EXIT_QUANTUM,
};

/*
 * Basic exit reasons that no handler is there for, and that a guest can cause: a
 * task switch, and GETSEC. An EPT misconfiguration would be a bug.
 */
static const uint8_t unhandled[] = { 9, 11 };

bool judge_known_reason(uint32_t reason)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i] == reason)
			return true;
	return false;
}

static void judge_internal_error(const struct minivmx_run *run)
{
	uint8_t basic = run->internal.data[MINIVMX_UNEXPECTED_EXIT_REASON];

	switch (run->internal.suberror) {
	case MINIVMX_INTERNAL_ERROR_EMULATION:
		if (run->emulation_failure.ndata >= 3 &&
		    run->emulation_failure.insn_size > 15)
			fuzz_fail("%u bytes of an instruction",
				  run->emulation_failure.insn_size);
		break;
	case MINIVMX_INTERNAL_ERROR_DELIVERY_EV:
		break;
	case MINIVMX_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
		if (!memchr(unhandled, basic, sizeof(unhandled)))
			fuzz_fail("unexpected VMX exit reason %u, qualification %llx", basic,
				  run->internal.data[MINIVMX_UNEXPECTED_EXIT_QUALIFICATION]);
		break;
	default:
		fuzz_fail("suberror %u", run->internal.suberror);
	}
}

void judge_exit(const struct minivmx_run *run, size_t run_size)
{
	if (!judge_known_reason(run->exit_reason))
		fuzz_fail("exit reason %u", run->exit_reason);
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		if ((run->io.size != 1 && run->io.size != 2 && run->io.size != 4) ||
		    !run->io.count || run->io.direction > MINIVMX_EXIT_IO_OUT ||
		    run->io.data_offset > run_size ||
		    (uint64_t)run->io.size * run->io.count > run_size - run->io.data_offset)
			fuzz_fail("IO: direction %u, size %u, count %u, data at %llx",
				  run->io.direction, run->io.size, run->io.count,
				  run->io.data_offset);
		break;
	case MINIVMX_EXIT_MMIO:
		if (!run->mmio.len || run->mmio.len > 8 || run->mmio.is_write > 1)
			fuzz_fail("MMIO: %u bytes, write %u", run->mmio.len,
				  run->mmio.is_write);
		break;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		judge_internal_error(run);
		break;
	}
}

/* ------------------------- a good guest ---------------------------------- */

/* Adds up 1 to 100; says so in a port and in memory. */
GUEST_CODE(16, good,
	   "xor	%ax, %ax\n"
	   "mov	$100, %cx\n"
	   "1:\n"
	   "add	%cx, %ax\n"
	   "loop	1b\n"
	   "mov	%ax, 0x3000\n"
	   "out	%ax, $0x10\n"
	   "hlt\n"
	   ".org good + 0x100\n"
	   "iret\n");

static int run_again(int vcpu)
{
	int ret;

	do
		ret = vm_run(vcpu);
	while (ret == -EINTR);
	return ret;
}

/* Back to the state of a reset, as far as there are ioctls for it. */
static void set_anew(int vcpu, struct minivmx_run *run, const struct minivmx_sregs *reset)
{
	struct minivmx_debugregs debugregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct minivmx_regs regs = {
		.rip = VM_ENTRY, .rsp = GOOD_STACK, .rflags = RFLAGS_FIXED,
	};
	struct minivmx_vcpu_events events = {
		.flags = MINIVMX_VCPUEVENT_VALID_SHADOW | MINIVMX_VCPUEVENT_VALID_NMI_PENDING,
	};
	static const struct minivmx_exit_policy policy;
	struct minivmx_guest_debug no_debug = { 0 };
	struct minivmx_sregs sregs = *reset;
	int i;

	memset(run, 0, offsetof(struct minivmx_run, exit_reason));
	run->cr8 = 0;
	/* Finish what is unfinished. */
	run->immediate_exit = 1;
	for (i = 0; i < 64 && !vm_run(vcpu); i++)
		;
	run->immediate_exit = 0;
	run->cr8 = 0;
	sregs.cs.selector = 0;
	sregs.cs.base = 0;
	if (vm_ioctl_p(vcpu, MINIVMX_SET_EXIT_POLICY, &policy) ||
	    vm_ioctl_p(vcpu, MINIVMX_SET_GUEST_DEBUG, &no_debug) ||
	    vm_ioctl(vcpu, MINIVMX_SET_SIGNAL_MASK, 0) ||
	    vm_ioctl_p(vcpu, MINIVMX_SET_DEBUGREGS, &debugregs) ||
	    vm_set_sregs(vcpu, &sregs) || vm_set_regs(vcpu, &regs) ||
	    vm_ioctl_p(vcpu, MINIVMX_SET_VCPU_EVENTS, &events))
		fuzz_fail("a state that was good is refused: %s", strerror(errno));
}

/*
 * Afterwards, a good guest runs as ever. @memory is the guest's first 32 KiB.
 */
void judge_good_guest(int vcpu, struct minivmx_run *run, uint8_t *memory,
		      const struct minivmx_sregs *reset)
{
	uint16_t sum = 0;
	int ret, i;

	/* An exception that waits in the processor comes first. */
	for (i = 0; i < 256; i++)
		memcpy(memory + 4 * i, (uint16_t[]){ GOOD_IRET, 0 }, 4);
	memcpy(memory + VM_ENTRY, good, good_end - good);
	memset(memory + GOOD_RESULT, 0, sizeof(sum));
	set_anew(vcpu, run, reset);
	ret = run_again(vcpu);
	if (ret || run->exit_reason != MINIVMX_EXIT_IO || run->io.port != 0x10)
		fuzz_fail("good guest: RUN %d, exit reason %u instead of IO", ret,
			  run->exit_reason);
	memcpy(&sum, vm_io_data(run), sizeof(sum));
	if (sum != GOOD_SUM)
		fuzz_fail("good guest: said %u", sum);
	ret = run_again(vcpu);
	if (ret || run->exit_reason != MINIVMX_EXIT_HLT)
		fuzz_fail("good guest: RUN %d, exit reason %u instead of HLT", ret,
			  run->exit_reason);
	memcpy(&sum, memory + GOOD_RESULT, sizeof(sum));
	if (sum != GOOD_SUM)
		fuzz_fail("good guest: stored %u", sum);
}

/* The same in a VM of its own. */
void judge_fresh_vm(void)
{
	struct minivmx_sregs reset;
	struct vm vm;
	int ret = vm_open(&vm, FUZZ_DEVICE);

	if (ret || vm_get_sregs(vm.vcpu, &reset))
		fuzz_fail("no fresh VM: %d", ret);
	judge_good_guest(vm.vcpu, vm.run, vm.memory, &reset);
	vm_close(&vm);
}

/* ------------------------- canaries -------------------------------------- */

void canary_make(void *at)
{
	memset(at, CANARY, CANARY_SIZE);
}

void canary_check(const void *at, const char *where)
{
	const uint8_t *bytes = at;

	if (bytes[0] != CANARY || memcmp(bytes, bytes + 1, CANARY_SIZE - 1))
		fuzz_fail("memory was written: %s", where);
}
