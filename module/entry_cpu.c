// SPDX-License-Identifier: GPL-2.0
/*
 * What decides how this processor checks a VM entry.
 */
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/perf_event.h>
#include <asm/processor.h>
#include <asm/vmx.h>

#include "entry_cpu.h"
#include "vmx_cpu.h"

#define EXIT_CTLS2		0x493	/* IA32_VMX_EXIT_CTLS2 */
#define PERF_FREEZE_IN_SMM	BIT(12)	/* of IA32_PERF_CAPABILITIES */
#define PERF_METRICS		BIT(15)	/* likewise */
#define PERF_GLOBAL_METRICS	BIT_ULL(48)
#define DEBUGCTL_BUS_LOCK	BIT(2)
#define DEBUGCTL_RTM		BIT(15)
#define CPUID_RTM		BIT(11)	/* CPUID.07H:EBX */
#define CPUID_SGX		BIT(2)	/* likewise */
#define CPUID_BUS_LOCK		BIT(24)	/* CPUID.07H:ECX */

struct entry_processor entry_cpu;

static u64 read_msr_if(bool there, u32 msr)
{
	u64 value = 0;

	if (there)
		rdmsrl(msr, value);
	return value;
}

static u64 perf_capabilities(void)
{
	return read_msr_if(boot_cpu_has(X86_FEATURE_PDCM), MSR_IA32_PERF_CAPABILITIES);
}

/*
 * A bit for each counter (SDM Vol. 2A, "CPUID", leaf 0AH, edition 083), and one for
 * the metrics (SDM Vol. 4, table 2-2, IA32_PERF_GLOBAL_CTRL).
 */
static u64 perf_global_bits(u8 version)
{
	u32 eax, ebx, ecx, edx;
	u64 bits;

	if (version < 2)
		return 0;
	cpuid(0xa, &eax, &ebx, &ecx, &edx);
	bits = GENMASK_ULL(32 + (edx & 31), 32) >> 1 & GENMASK_ULL(63, 32);
	/* Those that need not follow one another came with version 5. */
	if (version >= 5)
		bits |= (u64)ecx << 32;
	if (perf_capabilities() & PERF_METRICS)
		bits |= PERF_GLOBAL_METRICS;
	return bits | (BIT_ULL(eax >> 8 & 0xff) - 1);
}

/* SDM Vol. 4, table 2-2, IA32_DEBUGCTL, edition 083. */
static u64 debugctl_bits(const struct entry_processor *cpu)
{
	u64 bits = DEBUGCTLMSR_LBR | DEBUGCTLMSR_BTF | GENMASK(13, 6);

	if (perf_capabilities() & PERF_FREEZE_IN_SMM)
		bits |= DEBUGCTLMSR_FREEZE_IN_SMM;
	if (cpu->rtm)
		bits |= DEBUGCTL_RTM;
	if (cpu->bus_lock)
		bits |= DEBUGCTL_BUS_LOCK;
	return bits;
}

/**
 * entry_cpu_init() - ask the processor
 *
 * All CPUs have the same VMX; vmx_cpu_init() has seen to that.
 */
void entry_cpu_init(void)
{
	struct entry_processor *cpu = &entry_cpu;
	const struct vmx_msrs *msrs = &cpu->msrs;
	u32 ebx = 0, ecx = 0;

	vmx_msrs_read(&cpu->msrs);
	cpu->ctl3 = read_msr_if(msrs->ctl[VMX_CTL_PRIMARY] >> 32 &
				CPU_BASED_ACTIVATE_TERTIARY_CONTROLS,
				MSR_IA32_VMX_PROCBASED_CTLS3);
	cpu->exit2 = read_msr_if(msrs->ctl[VMX_CTL_EXIT] >> 32 & VMX_EXIT_SECONDARY_CONTROLS,
				 EXIT_CTLS2);
	cpu->vmfunc = read_msr_if(msrs->ctl[VMX_CTL_SECONDARY] >> 32 &
				  SECONDARY_EXEC_ENABLE_VMFUNC, MSR_IA32_VMX_VMFUNC);
	/* The kernel takes those off that select a key of encrypted memory. */
	cpu->physical_bits = cpuid_eax(0x80000008) & 0xff;
	cpu->linear_bits = boot_cpu_data.x86_virt_bits;

	if (cpuid_eax(0) >= 7) {
		ebx = cpuid_ebx(7);
		ecx = cpuid_ecx(7);
	}
	cpu->sgx = ebx & CPUID_SGX;
	cpu->rtm = ebx & CPUID_RTM;
	cpu->bus_lock = ecx & CPUID_BUS_LOCK;
	cpu->ia32e = true;
	cpu->efer = EFER_SCE | EFER_LME | EFER_LMA;
	if (boot_cpu_has(X86_FEATURE_NX))
		cpu->efer |= EFER_NX;
	cpu->perf_global = perf_global_bits(msrs->perfmon);
	cpu->debugctl = debugctl_bits(cpu);
}
