// SPDX-License-Identifier: GPL-2.0
/*
 * The VMCS region: allocate, load, clear; what to say when an access fails.
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include "vmcs.h"

#define F(name, encoding, sdm_name)	{ (encoding), (sdm_name) },
static const struct {
	u32 encoding;
	const char *sdm_name;
} fields[] = { VMCS_FIELDS(F) };

#undef F

/**
 * vmcs_alloc() - allocate a VMCS region
 * @vmcs: filled in
 * @revision: VMCS revision identifier, bits 30:0 of IA32_VMX_BASIC
 *
 * The region is one page: IA32_VMX_BASIC never asks for more than 4096 bytes
 * (SDM Vol. 3D, "Basic VMX Information", A.1, edition 083).
 *
 * Return: 0 or -ENOMEM.
 */
int vmcs_alloc(struct vmcs *vmcs, u32 revision)
{
	vmcs->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vmcs->page)
		return -ENOMEM;
	*(u32 *)vmcs->page = revision;
	vmcs->phys = __pa(vmcs->page);
	return 0;
}

/** vmcs_free() - free a VMCS region that is not active on any CPU */
void vmcs_free(struct vmcs *vmcs)
{
	free_page((unsigned long)vmcs->page);
	vmcs->page = NULL;
}

/**
 * vmcs_load() - make a VMCS the current one
 * @vmcs: the VMCS; its launch state is "clear"
 *
 * Context: inside a VMX window.
 * Return: 0, or -EIO if the processor refused.
 */
int vmcs_load(const struct vmcs *vmcs)
{
	if (vmptrld(vmcs->phys))
		return 0;
	pr_err_ratelimited("VMPTRLD of %#llx failed\n", vmcs->phys);
	return -EIO;
}

/**
 * vmcs_clear() - write a VMCS back to memory; its launch state becomes "clear"
 * @vmcs: the VMCS
 *
 * Context: inside a VMX window.
 */
void vmcs_clear(const struct vmcs *vmcs)
{
	if (!vmclear(vmcs->phys))
		pr_err_ratelimited("VMCLEAR of %#llx failed\n", vmcs->phys);
}

/** vmcs_field_name() - what the SDM calls a field, for messages */
const char *vmcs_field_name(u32 encoding)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].encoding == encoding)
			return fields[i].sdm_name;
	return "unknown field";
}

/* Only a field that this CPU does not have, or a bug of ours, leads here. */
void vmcs_read_failed(u32 field)
{
	pr_err_ratelimited("VMREAD of %s (%#x) failed\n",
			   vmcs_field_name(field), field);
}

void vmcs_write_failed(u32 field, u64 value)
{
	unsigned long error = 0;

	vmread(VMCS_VM_INSTRUCTION_ERROR, &error);
	pr_err_ratelimited("VMWRITE of %#llx to %s (%#x) failed, VM-instruction error %lu\n",
			   value, vmcs_field_name(field), field, error);
}
