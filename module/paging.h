/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's own page tables, and its memory by linear address.
 */
#ifndef MINIVMX_PAGING_H
#define MINIVMX_PAGING_H

#include <linux/bits.h>
#include <linux/types.h>

struct vcpu;

/* What an access is, in the bits of a page-fault error code. */
#define ACCESS_WRITE	BIT(1)	/* X86_PF_WRITE */
#define ACCESS_USER	BIT(2)	/* X86_PF_USER */
#define ACCESS_FETCH	BIT(4)	/* X86_PF_INSTR */
/* Ask only: no rights are checked, no bit is set in the tables. */
#define ACCESS_PROBE	BIT(31)

/* What became of it. */
enum paging_result {
	PAGING_OK,
	PAGING_FAULT,		/* the guest gets #PF, which is queued */
	PAGING_MMIO,		/* no memory is there */
	PAGING_NO_TABLE,	/* nor where a page table should be */
	PAGING_FAILED,		/* the owner's memory failed: see the errno */
};

/**
 * struct paging_error - why an access failed
 * @error_code: of the #PF
 * @err: of PAGING_FAILED: a negative errno
 */
struct paging_error {
	u32 error_code;
	int err;
};

enum paging_result paging_walk(struct vcpu *vcpu, u64 linear, u32 access,
			       u64 *gpa, struct paging_error *error);
enum paging_result paging_fetch(struct vcpu *vcpu, u64 linear, u8 *to, u32 size,
				u32 *got);
u32 paging_user_access(const struct vcpu *vcpu);
int paging_read_pdptes(struct vcpu *vcpu);
int paging_translate(struct vcpu *vcpu, void *translation);

#endif /* MINIVMX_PAGING_H */
