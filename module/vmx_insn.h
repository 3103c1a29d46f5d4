/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One wrapper per VMX instruction; VM entry itself is in vmenter.S.
 *
 * A VMX instruction reports failure in RFLAGS: CF is VMfailInvalid (there is
 * no current VMCS), ZF is VMfailValid (the error number is in the current
 * VMCS). SDM Vol. 3C, "Conventions", 31.2, edition 083.
 */
#ifndef MINIVMX_VMX_INSN_H
#define MINIVMX_VMX_INSN_H

#include <linux/errno.h>
#include <linux/types.h>
#include <asm/asm.h>

/**
 * vmxon() - enter VMX operation on this CPU
 * @region: physical address of a page that holds the VMCS revision identifier
 *
 * Context: interrupts off, CR4.VMXE set.
 * Return: 0; -EIO if the CPU refused, by a flag or by #GP.
 */
static inline int vmxon(u64 region)
{
	int err = 0;

	asm volatile("1: vmxon %[region]\n\t"
		     "   ja 3f\n"
		     "2: mov %[eio], %[err]\n"
		     "3:\n\t"
		     _ASM_EXTABLE(1b, 2b)
		     : [err] "+r" (err)
		     : [region] "m" (region), [eio] "i" (-EIO)
		     : "cc", "memory");
	return err;
}

/** vmxoff() - leave VMX operation on this CPU */
static inline void vmxoff(void)
{
	asm volatile("vmxoff" : : : "cc", "memory");
}

/** vmptrld() - make the VMCS at @region current. Return: false if it failed. */
static inline bool vmptrld(u64 region)
{
	bool ok;

	asm volatile("vmptrld %[region]"
		     : "=@cca" (ok) : [region] "m" (region) : "memory");
	return ok;
}

/**
 * vmclear() - write the VMCS at @region back to memory and forget it
 *
 * Its launch state becomes "clear". Return: false if it failed.
 */
static inline bool vmclear(u64 region)
{
	bool ok;

	asm volatile("vmclear %[region]"
		     : "=@cca" (ok) : [region] "m" (region) : "memory");
	return ok;
}

/** vmread() - read @field of the current VMCS. Return: false if it failed. */
static __always_inline bool vmread(unsigned long field, unsigned long *value)
{
	bool ok;

	asm volatile("vmread %[field], %[value]"
		     : "=@cca" (ok), [value] "=r" (*value)
		     : [field] "r" (field));
	return ok;
}

/** vmwrite() - write @field of the current VMCS. Return: false if it failed. */
static __always_inline bool vmwrite(unsigned long field, unsigned long value)
{
	bool ok;

	asm volatile("vmwrite %[value], %[field]"
		     : "=@cca" (ok)
		     : [field] "r" (field), [value] "rm" (value));
	return ok;
}

/**
 * invept() - forget what this CPU cached of EPT
 * @type: one of the INVEPT types that IA32_VMX_EPT_VPID_CAP offers
 * @eptp: the EPT pointer, for the single-context type
 *
 * Return: false if it failed.
 */
static inline bool invept(unsigned long type, u64 eptp)
{
	struct { u64 eptp, zero; } descriptor = { eptp, 0 };
	bool ok;

	asm volatile("invept %[descriptor], %[type]"
		     : "=@cca" (ok)
		     : [type] "r" (type), [descriptor] "m" (descriptor)
		     : "memory");
	return ok;
}

#endif /* MINIVMX_VMX_INSN_H */
