/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small virtual machine with a device right behind its memory: bytes that
 * can be read and written, and that remember who did so. For tests of
 * instructions that are completed in the guest's place.
 *
 * As in vm.h nothing here judges.
 */
#ifndef SELFTESTS_MMIO_VM_H
#define SELFTESTS_MMIO_VM_H

#include <stdio.h>

#include "vm.h"

#define DEVICE		VM_MEMORY	/* where no memory is */
#define DEVICE_SIZE	(3 * PAGE)
#define TABLES		0xa000UL	/* of 64-bit code: four pages */
#define STACK		0x9000UL
#define MAX_ACCESSES	64

#define EFER_LME	0x100
#define EFER_LMA	0x400
#define RFLAGS_STATUS	0x8d5UL		/* OF, SF, ZF, AF, PF, CF */
#define RFLAGS_AF	0x10UL
#define RFLAGS_DF	0x400UL

#define PTE_PRESENT	1UL
#define PTE_WRITABLE	2UL
#define PTE_USER	4UL
#define PTE_LARGE	0x80UL

/* The code segment decides what an instruction means. */
enum mode { CODE16, CODE32, CODE64, NR_MODES };

static const char *const mode_names[] = { "16-bit", "32-bit", "64-bit" };

/**
 * struct access - what the device sees, or should see
 * @gpa: where
 * @len: bytes
 * @write: a write
 */
struct access {
	uint64_t gpa;
	uint32_t len;
	bool write;
};

struct accesses {
	struct access at[MAX_ACCESSES];
	int n;
};

/**
 * struct mmio_vm - the machine
 * @vm: its processor and memory
 * @reset: system registers that it began with
 * @device: what the device holds
 * @seen: what it saw
 * @expected: what a test says that it should see
 */
struct mmio_vm {
	struct vm vm;
	struct minivmx_sregs reset;
	uint8_t device[DEVICE_SIZE];
	struct accesses seen, expected;
};

/** mmio_pte() - write entry @i of a table of 64-bit paging in guest memory */
static inline void mmio_pte(struct mmio_vm *m, uint64_t table, int i, uint64_t entry)
{
	memcpy(m->vm.memory + table + 8 * i, &entry, sizeof(entry));
}

/** mmio_open() - the machine, with 2 MiB mapped as they are for 64-bit code */
static inline int mmio_open(struct mmio_vm *m, const char *path)
{
	const uint64_t rights = PTE_PRESENT | PTE_WRITABLE | PTE_USER;
	int ret = vm_open(&m->vm, path);

	if (ret)
		return ret;
	mmio_pte(m, TABLES, 0, (TABLES + PAGE) | rights);
	mmio_pte(m, TABLES + PAGE, 0, (TABLES + 2 * PAGE) | rights);
	mmio_pte(m, TABLES + 2 * PAGE, 0, PTE_LARGE | rights);
	return vm_get_sregs(m->vm.vcpu, &m->reset);
}

/** mmio_put_code() - what the next run executes */
static inline void mmio_put_code(struct mmio_vm *m, const uint8_t *code,
				 const uint8_t *end)
{
	memcpy(m->vm.memory + VM_ENTRY, code, end - code);
}

/**
 * mmio_set_mode() - enter a mode
 * @m: the machine
 * @mode: real mode, flat protected mode, or 64-bit mode
 * @base: of DS, ES, SS and FS; 64-bit code heeds only that of FS
 */
static inline int mmio_set_mode(struct mmio_vm *m, enum mode mode, uint64_t base)
{
	struct minivmx_sregs sregs = m->reset;

	if (mode != CODE16)
		vm_flat_segments(&sregs, 0);
	else
		sregs.cs.selector = 0;
	sregs.cs.base = 0;
	sregs.ds.base = base;
	sregs.es.base = base;
	sregs.ss.base = base;
	sregs.fs.base = base;
	if (mode == CODE64) {
		sregs.cr3 = TABLES;
		sregs.cr4 |= CR4_PAE;
		sregs.cr0 |= CR0_PG;
		sregs.efer |= EFER_LME | EFER_LMA;
		sregs.cs.db = 0;
		sregs.cs.l = 1;
		sregs.tr.type = 11;
	}
	return vm_set_sregs(m->vm.vcpu, &sregs);
}

/** mmio_byte() - a byte of guest-physical memory, or of the device */
static inline uint8_t *mmio_byte(struct mmio_vm *m, uint64_t gpa)
{
	return gpa < DEVICE ? m->vm.memory + gpa : m->device + (gpa - DEVICE);
}

/**
 * mmio_run() - run to an exit that is no access to the device
 *
 * Return: its reason, or a negative errno; -ERANGE: an access that the device
 * cannot be meant by.
 */
static inline int mmio_run(struct mmio_vm *m)
{
	struct minivmx_run *run = m->vm.run;
	uint32_t i;
	int ret;

	for (m->seen.n = 0; ; m->seen.n++) {
		struct access *seen = &m->seen.at[m->seen.n];

		ret = vm_run(m->vm.vcpu);
		if (ret)
			return ret;
		if (run->exit_reason != MINIVMX_EXIT_MMIO)
			return run->exit_reason;
		if (m->seen.n == MAX_ACCESSES || run->mmio.len > 8 ||
		    run->mmio.phys_addr < DEVICE ||
		    run->mmio.phys_addr + run->mmio.len > DEVICE + DEVICE_SIZE)
			return -ERANGE;
		*seen = (struct access) {
			.gpa = run->mmio.phys_addr, .len = run->mmio.len,
			.write = run->mmio.is_write,
		};
		for (i = 0; i < seen->len; i++) {
			uint8_t *byte = mmio_byte(m, seen->gpa + i);

			if (seen->write)
				*byte = run->mmio.data[i];
			else
				run->mmio.data[i] = *byte;
		}
	}
}

/** mmio_expect() - an instruction's access: the device sees its part of it */
static inline void mmio_expect(struct mmio_vm *m, uint64_t at, uint32_t len, bool write)
{
	while (len) {
		uint32_t piece = PAGE - at % PAGE < len ? PAGE - at % PAGE : len;

		if (at >= DEVICE && m->expected.n < MAX_ACCESSES)
			m->expected.at[m->expected.n++] = (struct access) {
				.gpa = at, .len = piece, .write = write,
			};
		at += piece;
		len -= piece;
	}
}

/** mmio_as_expected() - has the device seen what it should have */
static inline bool mmio_as_expected(const struct mmio_vm *m)
{
	int i;

	if (m->seen.n != m->expected.n)
		return false;
	for (i = 0; i < m->seen.n; i++) {
		const struct access *a = &m->seen.at[i], *b = &m->expected.at[i];

		if (a->gpa != b->gpa || a->len != b->len || a->write != b->write)
			return false;
	}
	return true;
}

/** mmio_print() - both, as comments of TAP */
static inline void mmio_print(const struct mmio_vm *m)
{
	const struct accesses *lists[] = { &m->expected, &m->seen };
	int list, i;

	for (list = 0; list < 2; list++) {
		fprintf(stderr, "# %s:", list ? "seen" : "expected");
		for (i = 0; i < lists[list]->n; i++)
			fprintf(stderr, " %c%u@%#llx",
				lists[list]->at[i].write ? 'w' : 'r',
				lists[list]->at[i].len,
				(unsigned long long)lists[list]->at[i].gpa);
		fprintf(stderr, "\n");
	}
}

#endif /* SELFTESTS_MMIO_VM_H */
