// SPDX-License-Identifier: GPL-2.0
/* Exceptions, interrupts and NMIs that are on their way: VCPU_EVENTS, NMI. */
#include "diff.h"

#define GET "KVM_GET_VCPU_EVENTS"
#define SET "KVM_SET_VCPU_EVENTS"

GUEST_CODE(16, spin_out,
	   "1: out	%al, $0x10\n"
	   "jmp	1b\n");

static int set(struct rec *r, const struct minivmx_vcpu_events *e)
{
	return vm_ioctl_p(r->vm.vcpu, MINIVMX_SET_VCPU_EVENTS, e);
}

/* What is set is got, and reaches the guest. */
static void one(struct rec *r, const struct diff_case *c)
{
	const struct minivmx_vcpu_events *e = c->data;

	r->nmi = e->nmi.injected || e->nmi.pending || e->nmi.masked;
	record_vm(r);
	guest_start(r, c->arg, CODE(spin_out));
	guest_warm(r);
	guest_rflags(r, c->arg2);
	record_ret(r, "SET_VCPU_EVENTS", set(r, e));
	record_events(r);
	record_run(r);
	record_events(r);
	record_regs(r, "rsp rip rflags");
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 48, 48);
	record_flags(r);
	record_run(r);
}

#define EVENTS(...) &(const struct minivmx_vcpu_events) { __VA_ARGS__ }
#define CASE(name, mode, ...)						\
	{ SET, name, one, .arg = mode, .data = EVENTS(__VA_ARGS__) }
/* Older processors refuse software events of length 0: SDM, IA32_VMX_MISC. */
#define CASE_SOFT(name, mode, ...)					\
	{ SET, name, one, DIFF_CPU, .arg = mode, .data = EVENTS(__VA_ARGS__) }
#define CASE_IF(name, mode, ...)					\
	{ SET, name, one, .arg = mode, .arg2 = RFLAGS_IF, .data = EVENTS(__VA_ARGS__) }

/* In the shadow of STI and MOV SS: an OUT in it, then GET. */
GUEST_CODE(16, sti_code, "sti\nout %al, $0x10\nout %al, $0x11\nhlt\n");
GUEST_CODE(16, movss_code, "mov %ss, %ax\nmov %ax, %ss\nout %al, $0x10\nout %al, $0x11\nhlt\n");
GUEST_CODE(16, popss_code, "push %ss\npop %ss\nout %al, $0x10\nout %al, $0x11\nhlt\n");
GUEST_CODE(16, sti_hlt, "sti\nhlt\nout %al, $0x11\nhlt\n");
GUEST_CODE(16, sti_sti, "sti\nsti\nout %al, $0x11\nhlt\n");

static void shadow(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, c->data, c->end);
	guest_warm(r);
	record_run(r);
	record_events(r);
	record_flags(r);
	record_run(r);
	record_events(r);
	record_flags(r);
}

/* NMIs: each handler says so; IRET opens for the next. */
GUEST_CODE(16, nmi_code,
	   "out	%al, $0x10\n"
	   "out	%al, $0x11\n"
	   "out	%al, $0x12\n"
	   "out	%al, $0x13\n"
	   "hlt\n");

static void nmis(struct rec *r, const struct diff_case *c)
{
	uint64_t i;

	r->nmi = true;
	record_vm(r);
	guest_start(r, c->arg2, CODE(nmi_code));
	guest_warm(r);
	guest_return(&r->vm, c->arg2, 2);
	record_run(r);
	for (i = 0; i < c->arg; i++)
		record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	record_events(r);
	record_run(r);
	record_events(r);
	record_runs(r, 7);
	record_events(r);
}

/* One in the handler of another. */
static void nmi_in_nmi(struct rec *r, const struct diff_case *c)
{
	uint64_t i;

	r->nmi = true;
	record_vm(r);
	guest_start(r, REAL, CODE(nmi_code));
	guest_warm(r);
	guest_return(&r->vm, REAL, 2);
	record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	record_run(r);
	for (i = 0; i < c->arg; i++)
		record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	record_events(r);
	record_runs(r, 8);
}

static void nmi_hlt(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(sti_hlt));
	guest_warm(r);
	guest_return(&r->vm, REAL, 2);
	record_run(r);
	record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	record_run(r);
	record_run(r);
	record_run(r);
}

/* An NMI in the shadow of STI or MOV SS. */
static void nmi_shadow(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, c->data, c->end);
	guest_warm(r);
	guest_return(&r->vm, REAL, 2);
	record_run(r);
	record_ret(r, "NMI", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 0));
	record_runs(r, 5);
}

static void nmi_argument(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	record_ret(r, "1", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, 1));
	record_ret(r, "-1", vm_ioctl(r->vm.vcpu, MINIVMX_NMI, -1UL));
	record_events(r);
}

/* Exceptions of the guest's own, in each mode, seen by its handler. */
GUEST_CODE(16, ud2_code, "ud2\n");
GUEST_CODE(16, int3_code, "int3\n");
GUEST_CODE(16, int80_code, "int $0x80\n");
GUEST_CODE(16, div_code, "xor %ax, %ax\ndiv %al\n");
GUEST_CODE(16, icebp_code, ".byte 0xf1\n");

static void own(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, c->arg, c->data, c->end);
	guest_warm(r);
	record_run(r);
	record_regs(r, "rsp rip rflags");
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 48, 48);
	record_events(r);
}

/* An IDT that does not help: double fault, then shutdown. */
static void double_fault(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, PROT32, CODE(ud2_code));
	guest_warm(r);
	memset(r->vm.memory + GUEST_IDT + 8 * 6, 0, 8);
	if (c->arg)
		memset(r->vm.memory + GUEST_IDT + 8 * 8, 0, 8);
	record_run(r);
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 24, 24);
	record_events(r);
	record_run(r);
}

static const struct diff_case cases[] = {
	CASE("exception 6", REAL, .exception = { 1, 6, 0 }),
	CASE("exception 6 in 64-bit mode", LONG, .exception = { 1, 6, 0 }),
	CASE("exception 13 with an error code", PROT32, .exception = { 1, 13, 1, 0, 0x18 }),
	CASE("exception 13 with an error code in 64-bit mode", LONG,
	     .exception = { 1, 13, 1, 0, 0x18 }),
	CASE("exception 13 with an error code in real mode", REAL,
	     .exception = { 1, 13, 1, 0, 0x18 }),
	CASE("exception 14 with an error code", LONG, .exception = { 1, 14, 1, 0, 2 }),
	CASE_SOFT("exception 3", PROT32, .exception = { 1, 3, 0 }),
	CASE_SOFT("exception 4", PROT32, .exception = { 1, 4, 0 }),
	CASE("exception 1", PROT32, .exception = { 1, 1, 0 }),
	CASE("exception 8", PROT32, .exception = { 1, 8, 1, 0, 0 }),
	CASE("exception 13 without an error code", PROT32, .exception = { 1, 13, 0 }),
	CASE("exception 6 with an error code", PROT32, .exception = { 1, 6, 1, 0, 1 }),
	CASE("exception 2", REAL, .exception = { 1, 2, 0 }),
	CASE("exception 32", REAL, .exception = { 1, 32, 0 }),
	CASE("exception 31", REAL, .exception = { 1, 31, 0 }),
	CASE("exception 255", REAL, .exception = { 0, 255, 0 }),
	CASE("exception pending", REAL, .exception = { 0, 6, 0, 1 }),
	CASE("exception injected 0xff", REAL, .exception = { 0xff, 6, 0 }),
	CASE("exception with a payload", REAL, .exception = { 1, 6, 0 },
	     .exception_has_payload = 1, .exception_payload = 5),
	CASE("exception pending with the payload flag", REAL,
	     .exception = { 0, 6, 0, 1 }, .flags = 0x10),
	CASE_IF("interrupt 0x21", REAL, .interrupt = { 1, 0x21, 0, 0 }),
	CASE_IF("interrupt 0x21 in 64-bit mode", LONG, .interrupt = { 1, 0x21, 0, 0 }),
	CASE("interrupt 0x21 with IF = 0", REAL, .interrupt = { 1, 0x21, 0, 0 }),
	CASE_SOFT("soft interrupt 0x21", PROT32, .interrupt = { 1, 0x21, 1, 0 }),
	CASE_IF("interrupt and exception", REAL, .exception = { 1, 6, 0 },
		.interrupt = { 1, 0x21, 0, 0 }),
	CASE("NMI injected", REAL, .nmi = { 1, 0, 0 }),
	CASE("NMI injected and masked", REAL, .nmi = { 1, 0, 1 }),
	CASE("NMI pending", REAL, .nmi = { 0, 1, 0 }, .flags = 1),
	CASE("NMI pending without its flag", REAL, .nmi = { 0, 1, 0 }),
	CASE("NMI pending and masked", REAL, .nmi = { 0, 1, 1 }, .flags = 1),
	CASE("NMI pending 2", REAL, .nmi = { 0, 2, 0 }, .flags = 1),
	CASE("NMI pending 255", REAL, .nmi = { 0, 255, 0 }, .flags = 1),
	CASE("NMI masked", REAL, .nmi = { 0, 0, 1 }),
	CASE("NMI masked 0xff, pad 0xff", REAL, .nmi = { 0, 0, 0xff, 0xff }),
	CASE("shadow of STI", REAL, .interrupt = { 0, 0, 0, 2 }, .flags = 4),
	CASE_IF("shadow of STI with IF = 1", REAL, .interrupt = { 0, 0, 0, 2 }, .flags = 4),
	CASE("shadow of MOV SS", REAL, .interrupt = { 0, 0, 0, 1 }, .flags = 4),
	CASE_IF("shadow of both", REAL, .interrupt = { 0, 0, 0, 3 }, .flags = 4),
	CASE("shadow of ones", REAL, .interrupt = { 0, 0, 0, 0xff }, .flags = 4),
	CASE_IF("shadow without its flag", REAL, .interrupt = { 0, 0, 0, 2 }),
	CASE("SIPI vector", REAL, .sipi_vector = 0x12, .flags = 2),
	CASE("SMM flag, no SMM", REAL, .flags = 8),
	CASE("SMM", REAL, .flags = 8, .smi = { 1, 0, 0, 0 }),
	CASE("SMI pending", REAL, .flags = 8, .smi = { 0, 1, 0, 0 }),
	CASE("SMM without its flag", REAL, .smi = { 1, 1, 1, 1 }),
	CASE("triple fault without its flag", REAL, .triple_fault = { 1 }),
	CASE("flags 0x20", REAL, .flags = 0x20),
	CASE("flags 0x40", REAL, .flags = 0x40),
	CASE("flags 0x80000000", REAL, .flags = 0x80000000),
	CASE("reserved bytes", REAL, .reserved = { 1, 2, 3 }),
	{ GET, "in the shadow of STI", shadow, .data = sti_code, .end = sti_code_end },
	{ GET, "in the shadow of MOV SS", shadow, .data = movss_code,
	  .end = movss_code_end },
	{ GET, "in the shadow of POP SS", shadow, .data = popss_code,
	  .end = popss_code_end },
	{ GET, "HLT in the shadow of STI", shadow, .data = sti_hlt, .end = sti_hlt_end },
	{ GET, "after two STI", shadow, .data = sti_sti, .end = sti_sti_end },
	{ "KVM_NMI", "one", nmis, .arg = 1, .arg2 = REAL },
	{ "KVM_NMI", "two", nmis, .arg = 2, .arg2 = REAL },
	{ "KVM_NMI", "three", nmis, .arg = 3, .arg2 = REAL },
	{ "KVM_NMI", "two in 64-bit mode", nmis, .arg = 2, .arg2 = LONG },
	{ "KVM_NMI", "one in the handler", nmi_in_nmi, .arg = 1 },
	{ "KVM_NMI", "three in the handler", nmi_in_nmi, .arg = 3 },
	{ "KVM_NMI", "wakes from HLT", nmi_hlt },
	{ "KVM_NMI", "in the shadow of STI", nmi_shadow, .data = sti_code,
	  .end = sti_code_end },
	{ "KVM_NMI", "in the shadow of MOV SS", nmi_shadow, .data = movss_code,
	  .end = movss_code_end },
	{ "KVM_NMI", "argument", nmi_argument },
#define OWN(name, mode, code) \
	{ "KVM_RUN", name, own, .arg = mode, .data = code, .end = code##_end }
	OWN("UD2 in real mode", REAL, ud2_code),
	OWN("UD2 in protected mode", PROT32, ud2_code),
	OWN("UD2 in 64-bit mode", LONG, ud2_code),
	OWN("INT3 in real mode", REAL, int3_code),
	OWN("INT3 in 64-bit mode", LONG, int3_code),
	OWN("INT n in PAE paging", PAE, int80_code),
	OWN("INT n in 64-bit mode", LONG, int80_code),
	OWN("DIV by 0 in compatibility mode", COMPAT, div_code),
	OWN("INT1 in protected mode", PROT32, icebp_code),
	{ "KVM_RUN", "double fault", double_fault },
	{ "KVM_RUN", "triple fault", double_fault, .arg = 1 },
};

void add_events(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
