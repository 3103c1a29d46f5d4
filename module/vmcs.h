/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VMCS region and the typed access to the fields of the current one.
 */
#ifndef MINIVMX_VMCS_H
#define MINIVMX_VMCS_H

#include <linux/build_bug.h>

#include <vmcs_fields.h>
#include "vmx_insn.h"

/**
 * struct vmcs - a VMCS region
 * @page: one page; its first word is the revision identifier, the rest belongs
 *	to the processor
 * @phys: its physical address
 */
struct vmcs {
	void *page;
	u64 phys;
};

int vmcs_alloc(struct vmcs *vmcs, u32 revision);
void vmcs_free(struct vmcs *vmcs);
int vmcs_load(const struct vmcs *vmcs);
void vmcs_clear(const struct vmcs *vmcs);
const char *vmcs_field_name(u32 encoding);

void vmcs_read_failed(u32 field);
void vmcs_write_failed(u32 field, u64 value);

static __always_inline unsigned long vmcs_read(enum vmcs_encoding field)
{
	unsigned long value = 0;

	if (unlikely(!vmread(field, &value)))
		vmcs_read_failed(field);
	return value;
}

static __always_inline void vmcs_write(enum vmcs_encoding field, unsigned long value)
{
	if (unlikely(!vmwrite(field, value)))
		vmcs_write_failed(field, value);
}

/*
 * An access of the wrong width reads stale or writes truncated bits, so it does
 * not compile. The field is a constant wherever these are used.
 */
#define VMCS_ACCESSORS(suffix, type, width)				\
static __always_inline type vmcs_read##suffix(enum vmcs_encoding field)	\
{									\
	BUILD_BUG_ON(__builtin_constant_p(field) &&			\
		     VMCS_FIELD_WIDTH(field) != (width));		\
	return vmcs_read(field);					\
}									\
static __always_inline void vmcs_write##suffix(enum vmcs_encoding field,	\
					       type value)		\
{									\
	BUILD_BUG_ON(__builtin_constant_p(field) &&			\
		     VMCS_FIELD_WIDTH(field) != (width));		\
	vmcs_write(field, value);					\
}

VMCS_ACCESSORS(16, u16, VMCS_WIDTH_16)
VMCS_ACCESSORS(32, u32, VMCS_WIDTH_32)
VMCS_ACCESSORS(64, u64, VMCS_WIDTH_64)
VMCS_ACCESSORS(l, unsigned long, VMCS_WIDTH_NATURAL)

#endif /* MINIVMX_VMCS_H */
