// SPDX-License-Identifier: GPL-2.0
/* Instructions that exit or fault, and what the guest and the owner see then. */
#include "diff.h"

#define RUN "KVM_RUN"

GUEST_CODE(64, hypercall, "mov $99, %eax\nvmcall\nhlt\n");
GUEST_CODE(64, invd, "invd\nwbinvd\nhlt\n");
GUEST_CODE(64, rdpmc, "xor %ecx, %ecx\nrdpmc\nhlt\n");
GUEST_CODE(64, monitor, "xor %eax, %eax\nxor %ecx, %ecx\nxor %edx, %edx\nmonitor\nmwait\nhlt\n");
GUEST_CODE(64, vmxon_insn, "vmxoff\nhlt\n");
GUEST_CODE(64, vmread_insn, "vmread %rax, %rbx\nhlt\n");
GUEST_CODE(64, pause_insn, "pause\npause\nhlt\n");
GUEST_CODE(64, rdtscp_insn, "rdtscp\nxor %eax, %eax\nxor %edx, %edx\nhlt\n");
GUEST_CODE(64, invlpg_insn, "invlpg 0x2000\nhlt\n");
GUEST_CODE(64, lgdt_insn, "sgdt 0x2000\nlgdt 0x2000\nsidt 0x2010\nlidt 0x2010\nstr %eax\nsldt %ebx\nhlt\n");
GUEST_CODE(64, cr0_clear, "mov %cr0, %rax\nand $0x7fffffff, %eax\nmov %rax, %cr0\nhlt\n");
GUEST_CODE(64, cr0_bad, "mov %cr0, %rax\nor $0x20000000, %eax\nmov %rax, %cr0\nhlt\n");
GUEST_CODE(64, cr0_reserved, "mov %cr0, %rax\nor $0x40, %rax\nmov %rax, %cr0\nmov %cr0, %rbx\nhlt\n");
GUEST_CODE(64, cr0_high, "mov $1, %eax\nshl $40, %rax\nmov %cr0, %rbx\nor %rbx, %rax\nmov %rax, %cr0\nhlt\n");
GUEST_CODE(64, cr4_vmxe, "mov %cr4, %rax\nor $0x2000, %eax\nmov %rax, %cr4\nhlt\n");
GUEST_CODE(64, cr4_pae, "xor %eax, %eax\nmov %rax, %cr4\nhlt\n");
GUEST_CODE(64, cr4_reserved, "mov %cr4, %rax\nor $0x80000000, %eax\nmov %rax, %cr4\nhlt\n");
GUEST_CODE(64, cr4_pge, "mov %cr4, %rax\nor $0x80, %eax\nmov %rax, %cr4\nmov %cr4, %rbx\nhlt\n");
GUEST_CODE(64, cr3_high, "mov $1, %eax\nshl $60, %rax\nmov %rax, %cr3\nhlt\n");
GUEST_CODE(64, clts_lmsw, "mov %cr0, %rax\nor $8, %rax\nmov %rax, %cr0\nclts\nmov %cr0, %rbx\nmov $0xb, %cx\nlmsw %cx\nmov %cr0, %rdx\nhlt\n");
GUEST_CODE(64, task_switch, "int $0x20\nhlt\n");
GUEST_CODE(64, page_fault, "mov 0x40000000, %eax\nhlt\n");
GUEST_CODE(64, gp_canonical, "mov $1, %eax\nshl $63, %rax\nmov (%rax), %eax\nhlt\n");

static void executes(struct rec *r, const struct diff_case *c)
{
	struct minivmx_sregs s;

	record_vm(r);
	guest_cpuid(r);
	guest_start(r, c->arg, c->data, c->end);
	record_run(r);
	record_regs(r, "rax rbx rcx rdx rip rsp");
	record_words(r, "stack", r->vm.memory + GUEST_STACK - 48, 48);
	record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
	record(r, "cr0 %#llx cr2 %#llx cr3 %#llx cr4 %#llx efer %#llx", s.cr0,
	       s.cr2, s.cr3, s.cr4, s.efer);
	record_run(r);
}

/* A guest that goes from real mode to 64-bit mode by itself. */
GUEST_CODE(16, all_modes,
	   "lgdtl	0x2000\n"
	   "mov	%cr0, %eax\n"
	   "or	$1, %al\n"
	   "mov	%eax, %cr0\n"
	   "ljmpl	$8, $" HERE(1f, all_modes) "\n"
	   ".code32\n"
	   "1: mov $16, %ax\n"
	   "mov	%ax, %ds\n"
	   "mov	%ax, %ss\n"
	   "out	%al, $0x32\n"
	   "mov	$0x20, %eax\n"
	   "mov	%eax, %cr4\n"
	   "mov	$0x8000, %eax\n"
	   "mov	%eax, %cr3\n"
	   "mov	$0xc0000080, %ecx\n"
	   "rdmsr\n"
	   "or	$0x100, %eax\n"
	   "wrmsr\n"
	   "mov	%cr0, %eax\n"
	   "or	$0x80000000, %eax\n"
	   "mov	%eax, %cr0\n"
	   "out	%al, $0x33\n"
	   "ljmp	$24, $" HERE(2f, all_modes) "\n"
	   ".code64\n"
	   "2: mov $-1, %rax\n"
	   "out	%al, $0x64\n"
	   "hlt\n");

static void modes_by_itself(struct rec *r, const struct diff_case *c)
{
	static const uint8_t gdtr[] = { 0x2f, 0, 0x00, 0x05, 0, 0 };
	struct minivmx_sregs s;
	int i;

	record_vm(r);
	guest_cpuid(r);
	guest_tables(&r->vm, LONG);
	guest_start(r, REAL, CODE(all_modes));
	memcpy(r->vm.memory + 0x2000, gdtr, sizeof(gdtr));
	for (i = 0; i < 4; i++) {
		record_run(r);
		record_regs(r, "rip rax");
		record_need(r, "GET_SREGS", vm_get_sregs(r->vm.vcpu, &s));
		record(r, "cr0 %#llx cr3 %#llx cr4 %#llx efer %#llx cs %#x l %u db %u",
		       s.cr0, s.cr3, s.cr4, s.efer, s.cs.selector, s.cs.l, s.cs.db);
	}
}

#define X(name, mode, code)						\
	{ RUN, "guest executes " name, executes, .arg = mode,		\
	  .data = code, .end = code##_end }

static const struct diff_case cases[] = {
	X("VMCALL", LONG, hypercall), X("INVD, WBINVD", LONG, invd),
	X("RDPMC", LONG, rdpmc), X("MONITOR, MWAIT", LONG, monitor),
	X("VMXOFF", LONG, vmxon_insn), X("VMREAD", LONG, vmread_insn),
	X("PAUSE", LONG, pause_insn), X("RDTSCP", LONG, rdtscp_insn),
	X("INVLPG", LONG, invlpg_insn), X("LGDT, LIDT", LONG, lgdt_insn),
	X("MOV CR0 without PG", LONG, cr0_clear),
	X("MOV CR0 with NW", LONG, cr0_bad),
	X("MOV CR0 with a reserved bit", LONG, cr0_reserved),
	X("MOV CR0 with bit 40", LONG, cr0_high),
	X("MOV CR4 with VMXE", LONG, cr4_vmxe),
	X("MOV CR4 without PAE", LONG, cr4_pae),
	X("MOV CR4 with a reserved bit", LONG, cr4_reserved),
	X("MOV CR4 with PGE", LONG, cr4_pge),
	X("MOV CR3 with bit 60", LONG, cr3_high),
	X("CLTS, LMSW", LONG, clts_lmsw), X("INT n", LONG, task_switch),
	X("a page fault", LONG, page_fault),
	X("an address that is not canonical", LONG, gp_canonical),
	{ RUN, "guest goes from real to 64-bit mode", modes_by_itself },
};

void add_execute(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
