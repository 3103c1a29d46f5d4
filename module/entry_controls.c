// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM entry checks of the controls: SDM Vol. 3C, "Checks on VMX Controls",
 * 27.2.1, edition 083. A rule that is broken is VM-instruction error 7.
 */
#include <linux/bits.h>
#include <asm/msr-index.h>
#include <asm/page_types.h>
#include <asm/vmx.h>

#include "entry_check.h"

/* Bits that older kernels have no names for, and the table of controls neither. */
#define EPTP_SHADOW_STACK	BIT_ULL(7)
#define VMFUNC_EPTP_SWITCHING	BIT_ULL(0)
#define BASIC_32_BIT_ADDRESSES	BIT_ULL(48)

#define F(name)		ENTRY_FIELD(c, name)

/* Capability MSR: bits 31:0 must be 1, bits 63:32 may be 1. */
static bool allowed(u64 capability, u64 value)
{
	u32 must = capability, may = capability >> 32;

	return !(must & ~value) && !(value & ~(u64)may);
}

/* Is it the address of a page, for a structure that a control needs. */
static bool is_page(const struct entry_check *c, u64 address)
{
	if (c->cpu->msrs.basic & BASIC_32_BIT_ADDRESSES && address >> 32)
		return false;
	return !(address & ~PAGE_MASK) && !entry_above_width(c, address);
}

/* Is it an MSR area: of 16 bytes each; the last byte counts, too. */
static bool is_msr_area(const struct entry_check *c, u64 address, u32 count)
{
	u64 last = address + (u64)count * 16 - 1;

	if (!count)
		return true;
	if (c->cpu->msrs.basic & BASIC_32_BIT_ADDRESSES && (address | last) >> 32)
		return false;
	return !(address & 15) && !entry_above_width(c, address) &&
		last >= address && !entry_above_width(c, last);
}

/* ------------------------- 27.2.1.1 -------------------------------------- */

u32 entry_PIN_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(allowed(c->cpu->msrs.ctl[VMX_CTL_PIN], c->pin),
			  PIN_EXEC_CONTROLS);
}

u32 entry_PRIMARY_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(allowed(c->cpu->msrs.ctl[VMX_CTL_PRIMARY], c->primary),
			  PRIMARY_EXEC_CONTROLS);
}

u32 entry_SECONDARY_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(!c->secondary ||
			  allowed(c->cpu->msrs.ctl[VMX_CTL_SECONDARY], c->secondary),
			  SECONDARY_EXEC_CONTROLS);
}

u32 entry_TERTIARY_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->tertiary & ~c->cpu->ctl3), TERTIARY_EXEC_CONTROLS);
}

u32 entry_CR3_TARGETS(const struct entry_check *c)
{
	return ENTRY_TEST(F(CR3_TARGET_COUNT) <= (c->cpu->msrs.misc >> 16 & 0x1ff),
			  CR3_TARGET_COUNT);
}

u32 entry_IO_BITMAPS(const struct entry_check *c)
{
	if (!(c->primary & CPU_BASED_USE_IO_BITMAPS))
		return ENTRY_HOLDS;
	if (!is_page(c, F(IO_BITMAP_A)))
		return VMCS_IO_BITMAP_A;
	return ENTRY_TEST(is_page(c, F(IO_BITMAP_B)), IO_BITMAP_B);
}

u32 entry_MSR_BITMAPS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->primary & CPU_BASED_USE_MSR_BITMAPS) ||
			  is_page(c, F(MSR_BITMAPS)), MSR_BITMAPS);
}

u32 entry_VIRTUAL_APIC_PAGE(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->primary & CPU_BASED_TPR_SHADOW) ||
			  is_page(c, F(VIRTUAL_APIC_ADDRESS)), VIRTUAL_APIC_ADDRESS);
}

u32 entry_TPR_THRESHOLD(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->primary & CPU_BASED_TPR_SHADOW) ||
			  c->secondary & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY ||
			  F(TPR_THRESHOLD) <= 15, TPR_THRESHOLD);
}

u32 entry_TPR_THRESHOLD_VTPR(const struct entry_check *c)
{
	const u32 not_checked = SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES |
		SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY;

	if (!(c->primary & CPU_BASED_TPR_SHADOW) || c->secondary & not_checked ||
	    c->memory->vtpr < 0)
		return ENTRY_HOLDS;
	return ENTRY_TEST((F(TPR_THRESHOLD) & 15) <= c->memory->vtpr >> 4,
			  TPR_THRESHOLD);
}

u32 entry_VIRTUAL_NMIS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->pin & PIN_BASED_VIRTUAL_NMIS) ||
			  c->pin & PIN_BASED_NMI_EXITING, PIN_EXEC_CONTROLS);
}

u32 entry_NMI_WINDOW(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->primary & CPU_BASED_NMI_WINDOW_EXITING) ||
			  c->pin & PIN_BASED_VIRTUAL_NMIS, PRIMARY_EXEC_CONTROLS);
}

u32 entry_APIC_ACCESS_PAGE(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES) ||
			  is_page(c, F(APIC_ACCESS_ADDRESS)), APIC_ACCESS_ADDRESS);
}

u32 entry_TPR_SHADOW_NEEDED(const struct entry_check *c)
{
	const u32 need = SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE |
		SECONDARY_EXEC_APIC_REGISTER_VIRT | SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY;

	return ENTRY_TEST(!(c->secondary & need) || c->primary & CPU_BASED_TPR_SHADOW,
			  SECONDARY_EXEC_CONTROLS);
}

u32 entry_X2APIC_MODE(const struct entry_check *c)
{
	const u32 both = SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE |
		SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES;

	return ENTRY_TEST((c->secondary & both) != both, SECONDARY_EXEC_CONTROLS);
}

u32 entry_VIRTUAL_INTERRUPTS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY) ||
			  c->pin & PIN_BASED_EXT_INTR_MASK, SECONDARY_EXEC_CONTROLS);
}

u32 entry_POSTED_INTERRUPTS(const struct entry_check *c)
{
	if (!(c->pin & PIN_BASED_POSTED_INTR))
		return ENTRY_HOLDS;
	return ENTRY_TEST(c->secondary & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY &&
			  c->exit & VM_EXIT_ACK_INTR_ON_EXIT, PIN_EXEC_CONTROLS);
}

u32 entry_POSTED_VECTOR(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->pin & PIN_BASED_POSTED_INTR) ||
			  F(POSTED_INTERRUPT_VECTOR) <= 255, POSTED_INTERRUPT_VECTOR);
}

u32 entry_POSTED_DESCRIPTOR(const struct entry_check *c)
{
	u64 address = F(POSTED_INTERRUPT_DESCRIPTOR);

	return ENTRY_TEST(!(c->pin & PIN_BASED_POSTED_INTR) ||
			  (!(address & 63) && !entry_above_width(c, address)),
			  POSTED_INTERRUPT_DESCRIPTOR);
}

u32 entry_VPID(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & SECONDARY_EXEC_ENABLE_VPID) || F(VPID), VPID);
}

static bool has_ept(const struct entry_check *c)
{
	return c->secondary & SECONDARY_EXEC_ENABLE_EPT;
}

u32 entry_EPT_MEMORY_TYPE(const struct entry_check *c)
{
	u64 capability = c->cpu->msrs.ept_vpid;
	u64 type = F(EPT_POINTER) & VMX_EPTP_MT_MASK;

	return ENTRY_TEST(!has_ept(c) ||
			  (type == VMX_EPTP_MT_UC && capability & VMX_EPTP_UC_BIT) ||
			  (type == VMX_EPTP_MT_WB && capability & VMX_EPTP_WB_BIT),
			  EPT_POINTER);
}

u32 entry_EPT_WALK_LENGTH(const struct entry_check *c)
{
	u64 capability = c->cpu->msrs.ept_vpid;
	u64 length = F(EPT_POINTER) & VMX_EPTP_PWL_MASK;

	return ENTRY_TEST(!has_ept(c) ||
			  (length == VMX_EPTP_PWL_4 && capability & VMX_EPT_PAGE_WALK_4_BIT) ||
			  (length == VMX_EPTP_PWL_5 && capability & VMX_EPT_PAGE_WALK_5_BIT),
			  EPT_POINTER);
}

u32 entry_EPT_ACCESSED_DIRTY(const struct entry_check *c)
{
	return ENTRY_TEST(!has_ept(c) || !(F(EPT_POINTER) & VMX_EPTP_AD_ENABLE_BIT) ||
			  c->cpu->msrs.ept_vpid & VMX_EPT_AD_BIT, EPT_POINTER);
}

u32 entry_EPT_POINTER(const struct entry_check *c)
{
	u64 reserved = GENMASK_ULL(11, 8);

	if (!(c->cpu->msrs.ept_vpid & BIT_ULL(VMX_EPT_CAP_SHADOW_STACK)))
		reserved |= EPTP_SHADOW_STACK;
	return ENTRY_TEST(!has_ept(c) || !(F(EPT_POINTER) & reserved ||
					   entry_above_width(c, F(EPT_POINTER))),
			  EPT_POINTER);
}

static u64 vm_functions(const struct entry_check *c)
{
	return c->secondary & SECONDARY_EXEC_ENABLE_VMFUNC ? F(VM_FUNCTION_CONTROLS) : 0;
}

u32 entry_EPT_NEEDED(const struct entry_check *c)
{
	const u32 need = SECONDARY_EXEC_UNRESTRICTED_GUEST | SECONDARY_EXEC_ENABLE_PML |
		SECONDARY_EXEC_MODE_BASED_EPT_EXEC | VMX_SECONDARY_SUB_PAGE_WRITE |
		SECONDARY_EXEC_PT_USE_GPA;

	if (has_ept(c))
		return ENTRY_HOLDS;
	if (vm_functions(c) & VMFUNC_EPTP_SWITCHING)
		return VMCS_VM_FUNCTION_CONTROLS;
	return ENTRY_TEST(!(c->secondary & need), SECONDARY_EXEC_CONTROLS);
}

u32 entry_PML_PAGE(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & SECONDARY_EXEC_ENABLE_PML) ||
			  is_page(c, F(PML_ADDRESS)), PML_ADDRESS);
}

u32 entry_SPP_TABLE(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & VMX_SECONDARY_SUB_PAGE_WRITE) ||
			  is_page(c, F(SPP_TABLE_POINTER)), SPP_TABLE_POINTER);
}

u32 entry_VM_FUNCTIONS(const struct entry_check *c)
{
	return ENTRY_TEST(!(vm_functions(c) & ~c->cpu->vmfunc), VM_FUNCTION_CONTROLS);
}

u32 entry_EPTP_LIST(const struct entry_check *c)
{
	return ENTRY_TEST(!(vm_functions(c) & VMFUNC_EPTP_SWITCHING) ||
			  is_page(c, F(EPTP_LIST_ADDRESS)), EPTP_LIST_ADDRESS);
}

u32 entry_SHADOW_BITMAPS(const struct entry_check *c)
{
	if (!(c->secondary & SECONDARY_EXEC_SHADOW_VMCS))
		return ENTRY_HOLDS;
	if (!is_page(c, F(VMREAD_BITMAP_ADDRESS)))
		return VMCS_VMREAD_BITMAP_ADDRESS;
	return ENTRY_TEST(is_page(c, F(VMWRITE_BITMAP_ADDRESS)), VMWRITE_BITMAP_ADDRESS);
}

u32 entry_VE_PAGE(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & VMX_SECONDARY_EPT_VIOLATION_VE) ||
			  is_page(c, F(VE_INFORMATION_ADDRESS)), VE_INFORMATION_ADDRESS);
}

u32 entry_PT_GUEST_ADDRESSES(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & SECONDARY_EXEC_PT_USE_GPA) ||
			  (c->exit & VM_EXIT_CLEAR_IA32_RTIT_CTL &&
			   c->entry & VM_ENTRY_LOAD_IA32_RTIT_CTL),
			  SECONDARY_EXEC_CONTROLS);
}

u32 entry_TSC_MULTIPLIER(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->secondary & SECONDARY_EXEC_TSC_SCALING) ||
			  F(TSC_MULTIPLIER), TSC_MULTIPLIER);
}

/* ------------------------- 27.2.1.2 -------------------------------------- */

u32 entry_EXIT_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(allowed(c->cpu->msrs.ctl[VMX_CTL_EXIT], c->exit),
			  PRIMARY_VM_EXIT_CONTROLS);
}

u32 entry_SECONDARY_EXIT_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->exit & VMX_EXIT_SECONDARY_CONTROLS) ||
			  !(F(SECONDARY_VM_EXIT_CONTROLS) & ~c->cpu->exit2),
			  SECONDARY_VM_EXIT_CONTROLS);
}

u32 entry_TIMER_SAVED(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->exit & VM_EXIT_SAVE_VMX_PREEMPTION_TIMER) ||
			  c->pin & PIN_BASED_VMX_PREEMPTION_TIMER,
			  PRIMARY_VM_EXIT_CONTROLS);
}

u32 entry_EXIT_MSR_STORE(const struct entry_check *c)
{
	return ENTRY_TEST(is_msr_area(c, F(VM_EXIT_MSR_STORE_ADDRESS),
				      F(VM_EXIT_MSR_STORE_COUNT)),
			  VM_EXIT_MSR_STORE_ADDRESS);
}

u32 entry_EXIT_MSR_LOAD(const struct entry_check *c)
{
	return ENTRY_TEST(is_msr_area(c, F(VM_EXIT_MSR_LOAD_ADDRESS),
				      F(VM_EXIT_MSR_LOAD_COUNT)),
			  VM_EXIT_MSR_LOAD_ADDRESS);
}

/* ------------------------- 27.2.1.3 -------------------------------------- */

u32 entry_ENTRY_CONTROLS(const struct entry_check *c)
{
	return ENTRY_TEST(allowed(c->cpu->msrs.ctl[VMX_CTL_ENTRY], c->entry),
			  VM_ENTRY_CONTROLS);
}

u32 entry_ENTRY_MSR_LOAD(const struct entry_check *c)
{
	return ENTRY_TEST(is_msr_area(c, F(VM_ENTRY_MSR_LOAD_ADDRESS),
				      F(VM_ENTRY_MSR_LOAD_COUNT)),
			  VM_ENTRY_MSR_LOAD_ADDRESS);
}

u32 entry_ENTRY_SMM(const struct entry_check *c)
{
	return ENTRY_TEST(!(c->entry & (VM_ENTRY_SMM | VM_ENTRY_DEACT_DUAL_MONITOR)),
			  VM_ENTRY_CONTROLS);
}
