// SPDX-License-Identifier: GPL-2.0
/*
 * What a VMCS has to hold before a VM entry: controls, host state, and the
 * guest state that struct minivmx_sregs has no word for.
 *
 * All three run inside a window, with the VMCS current.
 */
#include <linux/smp.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/segment.h>
#include <asm/special_insns.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "host_state.h"
#include "vcpu.h"
#include "vmcs_setup.h"
#include "vmenter.h"
#include "vmx_cpu.h"

/*
 * Exceptions of the guest that exit; the others are the guest's own business.
 * #MC is the host's. #DB and #AC can repeat for ever while they are being
 * delivered, with no instruction boundary at which anything else could stop
 * the guest (CVE-2015-5307, CVE-2015-8104).
 */
#define EXCEPTIONS	(BIT(X86_TRAP_MC) | BIT(X86_TRAP_DB) | BIT(X86_TRAP_AC))

/**
 * vmcs_setup_exceptions() - which exceptions of the guest exit
 * @vcpu: the vCPU: a debugger and the exit policy may want more
 */
void vmcs_setup_exceptions(const struct vcpu *vcpu)
{
	u32 bitmap = EXCEPTIONS | vcpu->policy.exceptions;

	if (vcpu->debug.control & MINIVMX_GUESTDBG_USE_SW_BP)
		bitmap |= BIT(X86_TRAP_BP);
	vmcs_write32(VMCS_EXCEPTION_BITMAP, bitmap);
}

/**
 * vmcs_setup_controls() - what causes an exit, and what entry and exit switch
 * @vcpu: the vCPU
 * @ept_pointer: the VM's EPT
 */
void vmcs_setup_controls(struct vcpu *vcpu, u64 ept_pointer)
{
	const struct vmx_caps *caps = &vmx_caps;

	vcpu->primary = caps->ctl[VMX_CTL_PRIMARY];
	vmcs_write32(VMCS_PIN_EXEC_CONTROLS, caps->ctl[VMX_CTL_PIN]);
	vmcs_write32(VMCS_PRIMARY_EXEC_CONTROLS, vcpu->primary);
	vmcs_write32(VMCS_SECONDARY_EXEC_CONTROLS, caps->ctl[VMX_CTL_SECONDARY]);
	vmcs_write32(VMCS_PRIMARY_VM_EXIT_CONTROLS, caps->ctl[VMX_CTL_EXIT]);

	vmcs_write64(VMCS_MSR_BITMAPS, __pa(vcpu->msrs.bitmap));
	vmcs_setup_exceptions(vcpu);
	vmcs_write64(VMCS_EPT_POINTER, ept_pointer);
	if (vmx_has(caps, VMX_CTL_SECONDARY, SECONDARY_EXEC_ENCLS_EXITING))
		vmcs_write64(VMCS_ENCLS_EXITING_BITMAP, ~0ULL);

	/* A fresh VMCS holds anything: say that these lists are empty. */
	vmcs_write32(VMCS_PAGE_FAULT_ERROR_MASK, 0);
	vmcs_write32(VMCS_PAGE_FAULT_ERROR_MATCH, 0);
	vmcs_write32(VMCS_CR3_TARGET_COUNT, 0);
	vmcs_write32(VMCS_VM_EXIT_MSR_STORE_COUNT, 0);
	vmcs_write32(VMCS_VM_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write32(VMCS_VM_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write32(VMCS_VM_ENTRY_INTERRUPTION_INFO, 0);
}

/* Base of the segment that @selector names in the GDT: the TSS, 16 bytes long. */
static unsigned long tss_base(const struct desc_ptr *gdt, u16 selector)
{
	const struct ldttss_desc *tss =
		(void *)(gdt->address + (selector & ~7));

	return tss->base0 | tss->base1 << 16 | (unsigned long)tss->base2 << 24 |
		(unsigned long)tss->base3 << 32;
}

/* What belongs to the CPU: written when a vCPU comes to another one. */
static void setup_host_cpu(const struct host_state *host)
{
	unsigned long value;
	u16 tr;

	store_tr(tr);
	vmcs_write16(VMCS_HOST_TR_SELECTOR, tr);
	vmcs_writel(VMCS_HOST_TR_BASE, tss_base(&host->gdt, tr));
	vmcs_writel(VMCS_HOST_GDTR_BASE, host->gdt.address);
	vmcs_writel(VMCS_HOST_IDTR_BASE, host->idt.address);
	rdmsrl(MSR_GS_BASE, value);
	vmcs_writel(VMCS_HOST_GS_BASE, value);

	rdmsrl(MSR_IA32_SYSENTER_CS, value);
	vmcs_write32(VMCS_HOST_IA32_SYSENTER_CS, value);
	rdmsrl(MSR_IA32_SYSENTER_ESP, value);
	vmcs_writel(VMCS_HOST_IA32_SYSENTER_ESP, value);
	rdmsrl(MSR_IA32_SYSENTER_EIP, value);
	vmcs_writel(VMCS_HOST_IA32_SYSENTER_EIP, value);
	rdmsrl(MSR_EFER, value);
	vmcs_write64(VMCS_HOST_IA32_EFER, value);
	rdmsrl(MSR_IA32_CR_PAT, value);
	vmcs_write64(VMCS_HOST_IA32_PAT, value);
	vmcs_writel(VMCS_HOST_CR0, read_cr0());

	vmcs_write16(VMCS_HOST_CS_SELECTOR, __KERNEL_CS);
	vmcs_write16(VMCS_HOST_SS_SELECTOR, __KERNEL_DS);
	/*
	 * The caller's own selectors have RPL 3, which the host-state area does
	 * not allow (SDM Vol. 3C, 27.2.3): host_state_restore() loads them.
	 */
	vmcs_write16(VMCS_HOST_DS_SELECTOR, 0);
	vmcs_write16(VMCS_HOST_ES_SELECTOR, 0);
	vmcs_write16(VMCS_HOST_FS_SELECTOR, 0);
	vmcs_write16(VMCS_HOST_GS_SELECTOR, 0);
	vmcs_writel(VMCS_HOST_RIP, (unsigned long)minivmx_vmexit);
}

/**
 * vmcs_setup_host() - the host state that an exit is to load, here and now
 * @vcpu: whose VMCS it is; its cache says what the VMCS holds already
 * @host: the state of this window
 */
void vmcs_setup_host(struct vcpu *vcpu, const struct host_state *host)
{
	struct vcpu_host_cache *cache = &vcpu->host;
	unsigned long cr3 = __read_cr3();
	unsigned long cr4 = __read_cr4();
	int cpu = raw_smp_processor_id();
	bool moved = cache->cpu != cpu;
	u64 perf;

	if (unlikely(moved)) {
		setup_host_cpu(host);
		cache->cpu = cpu;
	}
	if (unlikely(moved || cache->cr3 != cr3)) {
		vmcs_writel(VMCS_HOST_CR3, cr3);
		cache->cr3 = cr3;
	}
	if (unlikely(moved || cache->cr4 != cr4)) {
		vmcs_writel(VMCS_HOST_CR4, cr4);
		cache->cr4 = cr4;
	}
	if (unlikely(moved || cache->fs_base != host->fs_base)) {
		vmcs_writel(VMCS_HOST_FS_BASE, host->fs_base);
		cache->fs_base = host->fs_base;
	}
	if (vmx_has(&vmx_caps, VMX_CTL_EXIT, VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL)) {
		rdmsrl(MSR_CORE_PERF_GLOBAL_CTRL, perf);
		vmcs_write64(VMCS_HOST_IA32_PERF_GLOBAL_CTRL, perf);
	}
}

/**
 * vmcs_setup_guest() - guest state that only a reset sets
 *
 * The rest is written from struct minivmx_sregs and struct minivmx_regs.
 * SDM Vol. 3A, "Processor State After Reset", 10.1.1, edition 083.
 */
void vmcs_setup_guest(void)
{
	vmcs_write64(VMCS_VMCS_LINK_POINTER, ~0ULL);
	vmcs_write64(VMCS_GUEST_IA32_DEBUGCTL, 0);
	if (vmx_has(&vmx_caps, VMX_CTL_ENTRY, VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL))
		vmcs_write64(VMCS_GUEST_IA32_PERF_GLOBAL_CTRL, 0);
	vmcs_write32(VMCS_GUEST_ACTIVITY_STATE, GUEST_ACTIVITY_ACTIVE);
	vmcs_writel(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
}
