// SPDX-License-Identifier: GPL-2.0
/* Exits for memory that is in no slot, and IN and OUT of strings. */
#include <stdio.h>

#include "diff.h"

/* What a read finds: bytes that tell sizes and extensions apart. */
static const uint8_t answer[8] = {
	0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8,
};

GUEST_CODE(64, mov_r8, "mov 0x100000, %al\nhlt\n");
GUEST_CODE(64, mov_r16, "mov 0x100000, %ax\nhlt\n");
GUEST_CODE(64, mov_r32, "mov 0x100000, %eax\nhlt\n");
GUEST_CODE(64, mov_r64, "mov 0x100000, %rax\nhlt\n");
GUEST_CODE(64, mov_ah, "mov 0x100000, %ah\nhlt\n");
GUEST_CODE(64, mov_r9, "mov 0x100000, %r9\nhlt\n");
GUEST_CODE(64, mov_moffs, "movabs 0x100000, %eax\nhlt\n");
GUEST_CODE(64, mov_w8, "mov %al, 0x100000\nhlt\n");
GUEST_CODE(64, mov_w16, "mov %ax, 0x100000\nhlt\n");
GUEST_CODE(64, mov_w32, "mov %eax, 0x100000\nhlt\n");
GUEST_CODE(64, mov_w64, "mov %rax, 0x100000\nhlt\n");
GUEST_CODE(64, mov_wsil, "mov %sil, 0x100000\nhlt\n");
GUEST_CODE(64, mov_wbh, "mov %bh, 0x100000\nhlt\n");
GUEST_CODE(64, mov_i8, "movb $0x5a, 0x100000\nhlt\n");
GUEST_CODE(64, mov_i16, "movw $0x5aa5, 0x100000\nhlt\n");
GUEST_CODE(64, mov_i32, "movl $0x12345678, 0x100000\nhlt\n");
GUEST_CODE(64, mov_i64, "movq $-2, 0x100000\nhlt\n");
GUEST_CODE(64, movzx8, "movzbl 0x100000, %eax\nhlt\n");
GUEST_CODE(64, movzx16, "movzwq 0x100000, %rax\nhlt\n");
GUEST_CODE(64, movsx8, "movsbq 0x100000, %rax\nhlt\n");
GUEST_CODE(64, movsx16, "movswl 0x100000, %eax\nhlt\n");
GUEST_CODE(64, movsxd, "movslq 0x100000, %rax\nhlt\n");
GUEST_CODE(64, mov_sib, "mov (%rsi,%rdi,4), %eax\nhlt\n");
GUEST_CODE(64, mov_rip, "mov 0x100000(%rip), %eax\nhlt\n");
GUEST_CODE(64, mov_addr32, "mov (%esi), %eax\nhlt\n");
GUEST_CODE(64, mov_split, "mov 0x100ffd, %rax\nhlt\n");
GUEST_CODE(64, mov_wsplit, "mov %rax, 0x100ffd\nhlt\n");
GUEST_CODE(64, mov_mixed, "mov 0xfffe, %eax\nhlt\n");
GUEST_CODE(64, add_mem, "add %eax, 0x100000\nhlt\n");
GUEST_CODE(64, cmp_mem, "cmp %eax, 0x100000\nhlt\n");
GUEST_CODE(64, xchg_mem, "xchg %eax, 0x100000\nhlt\n");
GUEST_CODE(64, push_mem, "push 0x100000\nhlt\n");
GUEST_CODE(64, stos_mem, "mov $0x100000, %edi\nmov $2, %ecx\nrep stosl\nhlt\n");
GUEST_CODE(64, movs_mem, "mov $0x100000, %esi\nmov $0x2000, %edi\nmovsl\nhlt\n");
GUEST_CODE(64, jump_nowhere, "mov $0x100000, %eax\njmp *%rax\n");
GUEST_CODE(64, sse_mem, "movdqu 0x100000, %xmm0\nhlt\n");
GUEST_CODE(32, mov32_r8, "mov 0x100000, %al\nhlt\n");
GUEST_CODE(32, mov32_w32, "mov %eax, 0x100000\nhlt\n");
GUEST_CODE(32, mov32_addr16, "mov $0xfff0, %ebx\nmov %al, 0x10(%bx)\nhlt\n");
GUEST_CODE(16, mov16_r16, "mov $0xffff, %ax\nmov %ax, %ds\nmov 0x10, %ax\nhlt\n");
GUEST_CODE(16, mov16_w8, "mov $0xffff, %ax\nmov %ax, %ds\nmovb $0x77, 0x10\nhlt\n");
GUEST_CODE(16, mov16_es, "mov $0xffff, %ax\nmov %ax, %es\nmov %ax, %es:0x20\nhlt\n");

static void access_nowhere(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;
	int i;

	record_vm(r);
	guest_start(r, c->arg, c->data, c->end);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	if (c->arg == LONG || c->arg == PROT32) {
		regs.rax = 0x1122334455667788;
		regs.rbx = 0xaabb;
		regs.rsi = 0x100000;
		regs.rdi = 4;
		regs.r9 = -1UL;
	}
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	for (i = 0; i < 4; i++) {
		if (record_run(r) != MINIVMX_EXIT_MMIO)
			break;
		if (!r->vm.run->mmio.is_write)
			memcpy(r->vm.run->mmio.data, answer, sizeof(answer));
	}
	record_regs(r, "rax rbx rcx rsi rdi r9 rsp rip rflags");
}

/* The internal error in full. */
static void emulation_error(struct rec *r, const struct diff_case *c)
{
	struct minivmx_run *run;

	record_vm(r);
	guest_start(r, LONG, CODE(jump_nowhere));
	record_run(r);
	run = r->vm.run;
	record(r, "ndata %u flags %#llx", run->internal.ndata,
	       run->emulation_failure.flags);
	record_regs(r, "rip");
	record_run(r);
}

/* ------------------------- IN and OUT of strings -------------------------- */

GUEST_CODE(16, outs1, "outsb\nhlt\n");
GUEST_CODE(16, outs2, "outsw\nhlt\n");
GUEST_CODE(16, outs4, "outsl\nhlt\n");
GUEST_CODE(16, rep_outs1, "rep outsb\nhlt\n");
GUEST_CODE(16, rep_outs4, "rep outsl\nhlt\n");
GUEST_CODE(16, outs_down, "std\nrep outsw\nhlt\n");
GUEST_CODE(16, ins1, "insb\nhlt\n");
GUEST_CODE(16, ins4, "insl\nhlt\n");
GUEST_CODE(16, rep_ins2, "rep insw\nhlt\n");
GUEST_CODE(16, ins_down, "std\nrep insb\nhlt\n");
GUEST_CODE(16, outs_es, "rep outsb %es:(%si), %dx\nhlt\n");

static void string_io(struct rec *r, const struct diff_case *c)
{
	struct minivmx_run *run;
	struct minivmx_regs regs;
	int i, k;

	record_vm(r);
	run = r->vm.run;
	guest_start(r, c->arg, c->data, c->end);
	for (i = 0; i < 0x40; i++)
		r->vm.memory[0x2000 + i] = 0x40 + i;
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	regs.rcx = c->arg2;
	regs.rsi = 0x2010;
	regs.rdi = 0x2010;
	regs.rdx = 0x123;
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	for (i = 0; i < 12; i++) {
		if (record_run(r) != MINIVMX_EXIT_IO)
			break;
		if (run->io.direction == MINIVMX_EXIT_IO_IN &&
		    run->io.count * run->io.size <= 1024)
			for (k = 0; k < (int)run->io.count * run->io.size; k++)
				((uint8_t *)vm_io_data(run))[k] = 0xa0 + k;
	}
	record_regs(r, "rcx rsi rdi rip");
	record_bytes(r, "memory", r->vm.memory + 0x2000, 0x28);
}

/* To and from memory that is not there. */
static void string_nowhere(struct rec *r, const struct diff_case *c)
{
	struct minivmx_regs regs;

	record_vm(r);
	guest_start(r, PROT32, c->data, c->end);
	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	regs.rcx = 2;
	regs.rsi = c->arg;
	regs.rdi = c->arg;
	regs.rdx = 0x123;
	record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	record_run(r);
	record_run(r);
	record_regs(r, "rcx rsi rdi rip");
}

/* The answer to IN is taken when the guest goes on. */
GUEST_CODE(16, in_code, "in $0x10, %al\nin %dx, %eax\nhlt\n");

static void in_answer(struct rec *r, const struct diff_case *c)
{
	record_vm(r);
	guest_start(r, REAL, CODE(in_code));
	record_run(r);
	record_regs(r, "rip rax");
	if (c->arg) {
		struct minivmx_regs regs;

		/* Registers that are set meanwhile. */
		record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
		regs.rax = 0x1111111111111111;
		regs.rdx = 0x20;
		record_need(r, "SET_REGS", vm_set_regs(r->vm.vcpu, &regs));
	}
	*(uint8_t *)vm_io_data(r->vm.run) = 0x99;
	record_run(r);
	record_regs(r, "rip rax");
	*(uint32_t *)vm_io_data(r->vm.run) = 0xfedcba98;
	/* Finished without entering the guest. */
	r->vm.run->immediate_exit = 1;
	record_run(r);
	record_regs(r, "rip rax");
	r->vm.run->immediate_exit = 0;
	record_run(r);
}

#define M(name, mode, code)						\
	{ "KVM_RUN", "MMIO: " name, access_nowhere, .arg = mode,	\
	  .data = code, .end = code##_end }
#define IO(name, mode, code, count)					\
	{ "KVM_RUN", "string I/O: " name, string_io, .arg = mode,	\
	  .arg2 = count, .data = code, .end = code##_end }

static const struct diff_case cases[] = {
	M("MOV to AL", LONG, mov_r8), M("MOV to AX", LONG, mov_r16),
	M("MOV to EAX", LONG, mov_r32), M("MOV to RAX", LONG, mov_r64),
	M("MOV to AH", LONG, mov_ah), M("MOV to R9", LONG, mov_r9),
	M("MOV to EAX, moffs", LONG, mov_moffs), M("MOV from AL", LONG, mov_w8),
	M("MOV from AX", LONG, mov_w16), M("MOV from EAX", LONG, mov_w32),
	M("MOV from RAX", LONG, mov_w64), M("MOV from SIL", LONG, mov_wsil),
	M("MOV from BH", LONG, mov_wbh), M("MOV imm8", LONG, mov_i8),
	M("MOV imm16", LONG, mov_i16), M("MOV imm32", LONG, mov_i32),
	M("MOV imm32 to 64 bits", LONG, mov_i64), M("MOVZX 8", LONG, movzx8),
	M("MOVZX 16", LONG, movzx16), M("MOVSX 8", LONG, movsx8),
	M("MOVSX 16", LONG, movsx16), M("MOVSXD", LONG, movsxd),
	M("MOV, SIB", LONG, mov_sib), M("MOV, RIP-relative", LONG, mov_rip),
	M("MOV, 32-bit address", LONG, mov_addr32),
	M("MOV across a page", LONG, mov_split),
	M("MOV from RAX across a page", LONG, mov_wsplit),
	M("MOV half in memory", LONG, mov_mixed), M("ADD", LONG, add_mem),
	M("CMP", LONG, cmp_mem), M("XCHG", LONG, xchg_mem),
	M("PUSH", LONG, push_mem), M("REP STOS", LONG, stos_mem),
	M("MOVS", LONG, movs_mem), M("code", LONG, jump_nowhere),
	M("MOVDQU", LONG, sse_mem),
	M("MOV to AL in protected mode", PROT32, mov32_r8),
	M("MOV from EAX in protected mode", PROT32, mov32_w32),
	M("16-bit address in protected mode", PROT32, mov32_addr16),
	M("MOV to AX in real mode", REAL, mov16_r16),
	M("MOV imm8 in real mode", REAL, mov16_w8),
	M("MOV with ES in real mode", REAL, mov16_es),
	{ "KVM_RUN", "emulation error", emulation_error },
	IO("OUTSB", REAL, outs1, 0), IO("OUTSW", REAL, outs2, 0),
	IO("OUTSD", REAL, outs4, 0), IO("REP OUTSB", REAL, rep_outs1, 5),
	IO("REP OUTSD", REAL, rep_outs4, 3), IO("REP OUTSB of 0", REAL, rep_outs1, 0),
	IO("REP OUTSW downwards", REAL, outs_down, 3), IO("INSB", REAL, ins1, 0),
	IO("INSD", REAL, ins4, 0), IO("REP INSW", REAL, rep_ins2, 4),
	IO("REP INSW of 0", REAL, rep_ins2, 0),
	IO("REP INSB downwards", REAL, ins_down, 3),
	IO("OUTSB with ES", REAL, outs_es, 2),
	IO("REP OUTSB in protected mode", PROT32, rep_outs1, 5),
	IO("REP INS in 64-bit mode", LONG, ins_down, 3),
	IO("REP OUTSB in 64-bit mode", LONG, rep_outs1, 5),
	{ "KVM_RUN", "string I/O: OUTS from nowhere", string_nowhere,
	  .arg = 0x100000, .data = rep_outs1, .end = rep_outs1_end },
	{ "KVM_RUN", "string I/O: INS to nowhere", string_nowhere,
	  .arg = 0x100000, .data = ins_down, .end = ins_down_end },
	{ "KVM_RUN", "IN: the answer", in_answer },
	{ "KVM_RUN", "IN: the answer, registers set meanwhile", in_answer, .arg = 1 },
};

void add_mmio(void)
{
	diff_add(cases, ARRAY_SIZE(cases));
}
