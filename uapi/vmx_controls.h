/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The one table of VMX controls: what the SDM calls each, what minivmx wants of
 * it, and why. The choice of controls, the verdict at insmod and the report of
 * "vmrun caps" all come from it.
 *
 * Source: SDM Vol. 3C, "VM-Execution Control Fields", 25.6, "VM-Exit Control
 * Fields", 25.7, and "VM-Entry Control Fields", 25.8; Vol. 3D, "VMX Capability
 * Reporting Facility", Appendix A, edition 083. Names are those of its running
 * text; where it has one for an exit and an entry control, ours says which.
 */
#ifndef _UAPI_VMX_CONTROLS_H
#define _UAPI_VMX_CONTROLS_H

/* The five words of controls that decide what causes an exit. */
enum vmx_ctl_word {
	VMX_CTL_PIN,		/* pin-based VM-execution controls */
	VMX_CTL_PRIMARY,	/* primary processor-based VM-execution controls */
	VMX_CTL_SECONDARY,	/* secondary processor-based VM-execution controls */
	VMX_CTL_EXIT,		/* primary VM-exit controls */
	VMX_CTL_ENTRY,		/* VM-entry controls */
	VMX_NR_CTL_WORDS
};

/* How much minivmx wants a control. */
enum vmx_need {
	VMX_UNUSED,	/* 0, unless the processor insists on 1 */
	VMX_REQUIRED,	/* minivmx does not work, or is not safe, without it */
	VMX_OPTIONAL,	/* used where the processor has it */
	VMX_FORBIDDEN,	/* must be 0, and the processor must allow that */
	VMX_SWITCHED,	/* 0 at first; set and cleared as a guest needs it */
	VMX_NR_NEEDS
};

/* M(name, number, what the SDM calls it) */
#define VMX_MSRS(M)							       \
	M(FEATURE_CONTROL,	0x03a, "IA32_FEATURE_CONTROL")		       \
	M(BASIC,		0x480, "IA32_VMX_BASIC")		       \
	M(PIN,			0x481, "IA32_VMX_PINBASED_CTLS")	       \
	M(PRIMARY,		0x482, "IA32_VMX_PROCBASED_CTLS")	       \
	M(EXIT,			0x483, "IA32_VMX_EXIT_CTLS")		       \
	M(ENTRY,		0x484, "IA32_VMX_ENTRY_CTLS")		       \
	M(MISC,			0x485, "IA32_VMX_MISC")			       \
	M(CR0_FIXED0,		0x486, "IA32_VMX_CR0_FIXED0")		       \
	M(CR0_FIXED1,		0x487, "IA32_VMX_CR0_FIXED1")		       \
	M(CR4_FIXED0,		0x488, "IA32_VMX_CR4_FIXED0")		       \
	M(CR4_FIXED1,		0x489, "IA32_VMX_CR4_FIXED1")		       \
	M(SECONDARY,		0x48b, "IA32_VMX_PROCBASED_CTLS2")	       \
	M(EPT_VPID_CAP,		0x48c, "IA32_VMX_EPT_VPID_CAP")		       \
	M(TRUE_PIN,		0x48d, "IA32_VMX_TRUE_PINBASED_CTLS")	       \
	M(TRUE_PRIMARY,		0x48e, "IA32_VMX_TRUE_PROCBASED_CTLS")	       \
	M(TRUE_EXIT,		0x48f, "IA32_VMX_TRUE_EXIT_CTLS")	       \
	M(TRUE_ENTRY,		0x490, "IA32_VMX_TRUE_ENTRY_CTLS")

/* VMX_MSR_BASIC and so on */
enum vmx_msr {
#define M(name, number, sdm_name)	VMX_MSR_##name = (number),
	VMX_MSRS(M)
#undef M
};

/* C(word, bit, name, how much minivmx wants it, what the SDM calls it, why) */
#define VMX_PIN_CONTROLS(C)						       \
	C(PIN, 0, EXTERNAL_INTERRUPT_EXITING, REQUIRED, "external-interrupt exiting", \
	  "a guest that spins must give the CPU back when the host needs it")  \
	C(PIN, 3, NMI_EXITING, REQUIRED, "NMI exiting",			       \
	  "an NMI belongs to the host: watchdog, perf, crash dump")	       \
	C(PIN, 5, VIRTUAL_NMIS, REQUIRED, "virtual NMIs",		       \
	  "keeps the guest's blocking of its NMIs apart from the host's")      \
	C(PIN, 6, PREEMPTION_TIMER, OPTIONAL, "activate VMX-preemption timer", \
	  "bounds the time that a window keeps interrupts off")		       \
	C(PIN, 7, POSTED_INTERRUPTS, UNUSED, "process posted interrupts", "")

#define VMX_PRIMARY_CONTROLS(C)						       \
	C(PRIMARY, 2, INTERRUPT_WINDOW_EXITING, SWITCHED, "interrupt-window exiting", \
	  "to inject an interrupt as soon as the guest can take it")	       \
	C(PRIMARY, 3, TSC_OFFSETTING, REQUIRED, "use TSC offsetting",	       \
	  "a guest's time starts at 0")					       \
	C(PRIMARY, 7, HLT_EXITING, REQUIRED, "HLT exiting",		       \
	  "a guest's HLT would put the host's CPU to sleep")		       \
	C(PRIMARY, 9, INVLPG_EXITING, FORBIDDEN, "INVLPG exiting",	       \
	  "EPT makes the guest's TLB its own business; an exit policy can ask for it") \
	C(PRIMARY, 10, MWAIT_EXITING, REQUIRED, "MWAIT exiting",	       \
	  "MWAIT would put the host's CPU to sleep")			       \
	C(PRIMARY, 11, RDPMC_EXITING, REQUIRED, "RDPMC exiting",	       \
	  "performance counters are the host's")			       \
	C(PRIMARY, 12, RDTSC_EXITING, UNUSED, "RDTSC exiting",		       \
	  "only where an exit policy asks for it")			       \
	C(PRIMARY, 15, CR3_LOAD_EXITING, FORBIDDEN, "CR3-load exiting",	       \
	  "EPT makes the guest's CR3 its own business; an exit policy can ask for it") \
	C(PRIMARY, 16, CR3_STORE_EXITING, FORBIDDEN, "CR3-store exiting",      \
	  "EPT makes the guest's CR3 its own business; an exit policy can ask for it") \
	C(PRIMARY, 17, TERTIARY_CONTROLS, UNUSED, "activate tertiary controls", "") \
	C(PRIMARY, 19, CR8_LOAD_EXITING, REQUIRED, "CR8-load exiting",	       \
	  "without a virtual APIC page, MOV to CR8 would change the host's TPR") \
	C(PRIMARY, 20, CR8_STORE_EXITING, REQUIRED, "CR8-store exiting",       \
	  "without a virtual APIC page, MOV from CR8 would read the host's TPR") \
	C(PRIMARY, 21, TPR_SHADOW, UNUSED, "use TPR shadow", "")	       \
	C(PRIMARY, 22, NMI_WINDOW_EXITING, SWITCHED, "NMI-window exiting",     \
	  "to inject an NMI as soon as the guest can take it")		       \
	C(PRIMARY, 23, MOV_DR_EXITING, REQUIRED, "MOV-DR exiting",	       \
	  "the processor does not switch DR0 to DR3 and DR6")		       \
	C(PRIMARY, 24, UNCONDITIONAL_IO_EXITING, REQUIRED, "unconditional I/O exiting", \
	  "ports are emulated in user space, all of them")		       \
	C(PRIMARY, 25, IO_BITMAPS, UNUSED, "use I/O bitmaps", "")	       \
	C(PRIMARY, 27, MONITOR_TRAP_FLAG, UNUSED, "monitor trap flag",	       \
	  "only where a debugger single-steps the guest; without it, RFLAGS.TF has to do") \
	C(PRIMARY, 28, MSR_BITMAPS, REQUIRED, "use MSR bitmaps",	       \
	  "MSRs that VM entry and exit switch need no exit")		       \
	C(PRIMARY, 29, MONITOR_EXITING, REQUIRED, "MONITOR exiting",	       \
	  "MONITOR is for MWAIT, which the guest does not get")		       \
	C(PRIMARY, 30, PAUSE_EXITING, UNUSED, "PAUSE exiting",		       \
	  "only where an exit policy asks for it")			       \
	C(PRIMARY, 31, SECONDARY_CONTROLS, REQUIRED, "activate secondary controls", \
	  "EPT and unrestricted guest are among them")

#define VMX_SECONDARY_CONTROLS(C)					       \
	C(SECONDARY, 0, VIRTUALIZE_APIC_ACCESSES, UNUSED, "virtualize APIC accesses", "") \
	C(SECONDARY, 1, ENABLE_EPT, REQUIRED, "enable EPT",		       \
	  "it is how guest memory is translated; shadow page tables are not here") \
	C(SECONDARY, 2, DESCRIPTOR_TABLE_EXITING, UNUSED, "descriptor-table exiting", "") \
	C(SECONDARY, 3, ENABLE_RDTSCP, UNUSED, "enable RDTSCP", "")	       \
	C(SECONDARY, 4, VIRTUALIZE_X2APIC_MODE, UNUSED, "virtualize x2APIC mode", "") \
	C(SECONDARY, 5, ENABLE_VPID, UNUSED, "enable VPID", "")		       \
	C(SECONDARY, 6, WBINVD_EXITING, REQUIRED, "WBINVD exiting",	       \
	  "a guest must not flush the caches of the whole machine")	       \
	C(SECONDARY, 7, UNRESTRICTED_GUEST, REQUIRED, "unrestricted guest",    \
	  "real mode, and protected mode without paging, without an emulator") \
	C(SECONDARY, 8, APIC_REGISTER_VIRTUALIZATION, UNUSED,		       \
	  "APIC-register virtualization", "")				       \
	C(SECONDARY, 9, VIRTUAL_INTERRUPT_DELIVERY, UNUSED, "virtual-interrupt delivery", "") \
	C(SECONDARY, 10, PAUSE_LOOP_EXITING, UNUSED, "PAUSE-loop exiting", "") \
	C(SECONDARY, 11, RDRAND_EXITING, UNUSED, "RDRAND exiting", "")	       \
	C(SECONDARY, 12, ENABLE_INVPCID, UNUSED, "enable INVPCID", "")	       \
	C(SECONDARY, 13, ENABLE_VM_FUNCTIONS, UNUSED, "enable VM functions", "") \
	C(SECONDARY, 14, VMCS_SHADOWING, UNUSED, "VMCS shadowing", "")	       \
	C(SECONDARY, 15, ENCLS_EXITING, OPTIONAL, "enable ENCLS exiting",      \
	  "SGX acts on the platform; only processors that have it have this")  \
	C(SECONDARY, 16, RDSEED_EXITING, UNUSED, "RDSEED exiting", "")	       \
	C(SECONDARY, 17, ENABLE_PML, UNUSED, "enable PML", "")		       \
	C(SECONDARY, 18, EPT_VIOLATION_VE, UNUSED, "EPT-violation #VE", "")    \
	C(SECONDARY, 19, CONCEAL_FROM_PT, UNUSED, "conceal VMX from PT", "")   \
	C(SECONDARY, 20, ENABLE_XSAVES, UNUSED, "enable XSAVES/XRSTORS", "")   \
	C(SECONDARY, 21, PASID_TRANSLATION, UNUSED, "PASID translation", "")   \
	C(SECONDARY, 22, MODE_BASED_EXECUTE, UNUSED, "mode-based execute control for EPT", "") \
	C(SECONDARY, 23, SUB_PAGE_WRITE, UNUSED, "sub-page write permissions for EPT", "") \
	C(SECONDARY, 24, PT_GUEST_PHYSICAL, UNUSED,			       \
	  "Intel PT uses guest physical addresses", "")			       \
	C(SECONDARY, 25, TSC_SCALING, UNUSED, "use TSC scaling", "")	       \
	C(SECONDARY, 26, USER_WAIT_PAUSE, UNUSED, "enable user wait and pause", "") \
	C(SECONDARY, 27, ENABLE_PCONFIG, UNUSED, "enable PCONFIG", "")	       \
	C(SECONDARY, 28, ENCLV_EXITING, UNUSED, "enable ENCLV exiting", "")    \
	C(SECONDARY, 30, BUS_LOCK_DETECTION, UNUSED, "VMM bus-lock detection", "") \
	C(SECONDARY, 31, INSTRUCTION_TIMEOUT, UNUSED, "instruction timeout", "")

#define VMX_EXIT_CONTROLS(C)						       \
	C(EXIT, 2, SAVE_DEBUG_CONTROLS, REQUIRED, "save debug controls",       \
	  "the guest keeps its DR7 and IA32_DEBUGCTL over an exit")	       \
	C(EXIT, 9, HOST_ADDRESS_SPACE_SIZE, REQUIRED, "host address-space size", \
	  "the host is in 64-bit mode")					       \
	C(EXIT, 12, LOAD_PERF_GLOBAL_CTRL, OPTIONAL,			       \
	  "load IA32_PERF_GLOBAL_CTRL on exit",				       \
	  "the host's performance counters stop in the guest, and go on after it; PEBS must") \
	C(EXIT, 15, ACKNOWLEDGE_INTERRUPT, FORBIDDEN, "acknowledge interrupt on exit", \
	  "the interrupt stays pending: the host takes it after the window")   \
	C(EXIT, 18, SAVE_PAT, REQUIRED, "save IA32_PAT",		       \
	  "the guest keeps its own over an exit")			       \
	C(EXIT, 19, LOAD_PAT, REQUIRED, "load IA32_PAT on exit",	       \
	  "the host must not run on the guest's")			       \
	C(EXIT, 20, SAVE_EFER, REQUIRED, "save IA32_EFER",		       \
	  "the guest keeps its own over an exit")			       \
	C(EXIT, 21, LOAD_EFER, REQUIRED, "load IA32_EFER on exit",	       \
	  "the host must not run on the guest's")			       \
	C(EXIT, 22, SAVE_PREEMPTION_TIMER, OPTIONAL, "save VMX-preemption timer value", \
	  "lets the timer bound the window, not just the stretch to an exit")  \
	C(EXIT, 23, CLEAR_BNDCFGS, UNUSED, "clear IA32_BNDCFGS", "")	       \
	C(EXIT, 24, CONCEAL_FROM_PT, UNUSED, "conceal VMX from PT", "")	       \
	C(EXIT, 25, CLEAR_RTIT_CTL, UNUSED, "clear IA32_RTIT_CTL", "")	       \
	C(EXIT, 26, CLEAR_LBR_CTL, UNUSED, "clear IA32_LBR_CTL", "")	       \
	C(EXIT, 27, CLEAR_UINV, UNUSED, "clear UINV", "")		       \
	C(EXIT, 28, LOAD_CET, UNUSED, "load CET state on exit", "")	       \
	C(EXIT, 29, LOAD_PKRS, UNUSED, "load PKRS on exit", "")		       \
	C(EXIT, 30, SAVE_PERF_GLOBAL_CTRL, UNUSED, "save IA32_PERF_GLOBAL_CTL", "") \
	C(EXIT, 31, SECONDARY_CONTROLS, UNUSED, "activate secondary controls", "")

#define VMX_ENTRY_CONTROLS(C)						       \
	C(ENTRY, 2, LOAD_DEBUG_CONTROLS, REQUIRED, "load debug controls",      \
	  "the guest's DR7 and IA32_DEBUGCTL are its own")		       \
	C(ENTRY, 9, IA32E_MODE_GUEST, SWITCHED, "IA-32e mode guest",	       \
	  "it is the guest's EFER.LMA")					       \
	C(ENTRY, 10, ENTRY_TO_SMM, UNUSED, "entry to SMM", "")		       \
	C(ENTRY, 11, DEACTIVATE_DUAL_MONITOR, UNUSED, "deactivate dual-monitor treatment", "") \
	C(ENTRY, 13, LOAD_PERF_GLOBAL_CTRL, OPTIONAL,			       \
	  "load IA32_PERF_GLOBAL_CTRL on entry",			       \
	  "the host's performance counters stop in the guest, and go on after it; PEBS must") \
	C(ENTRY, 14, LOAD_PAT, REQUIRED, "load IA32_PAT on entry",	       \
	  "the guest has its own")					       \
	C(ENTRY, 15, LOAD_EFER, REQUIRED, "load IA32_EFER on entry",	       \
	  "the guest has its own")					       \
	C(ENTRY, 16, LOAD_BNDCFGS, UNUSED, "load IA32_BNDCFGS", "")	       \
	C(ENTRY, 17, CONCEAL_FROM_PT, UNUSED, "conceal VMX from PT", "")       \
	C(ENTRY, 18, LOAD_RTIT_CTL, UNUSED, "load IA32_RTIT_CTL", "")	       \
	C(ENTRY, 19, LOAD_UINV, UNUSED, "load UINV", "")		       \
	C(ENTRY, 20, LOAD_CET, UNUSED, "load CET state on entry", "")	       \
	C(ENTRY, 21, LOAD_LBR_CTL, UNUSED, "load guest IA32_LBR_CTL", "")      \
	C(ENTRY, 22, LOAD_PKRS, UNUSED, "load PKRS on entry", "")

#define VMX_CONTROLS(C)		\
	VMX_PIN_CONTROLS(C)	\
	VMX_PRIMARY_CONTROLS(C)	\
	VMX_SECONDARY_CONTROLS(C) \
	VMX_EXIT_CONTROLS(C)	\
	VMX_ENTRY_CONTROLS(C)

/* VMX_PIN_NMI_EXITING and so on: masks */
enum vmx_control {
#define C(word, bit, name, need, sdm_name, why)	VMX_##word##_##name = 1U << (bit),
	VMX_CONTROLS(C)
#undef C
};

/* E(bit, name, how much minivmx wants it, what it is, why); of IA32_VMX_EPT_VPID_CAP */
#define VMX_EPT_CAPABILITIES(E)						       \
	E(0, EXECUTE_ONLY, UNUSED, "execute-only translations", "")	       \
	E(6, WALK_4, REQUIRED, "EPT page-walk length 4",		       \
	  "the tables have four levels")				       \
	E(7, WALK_5, UNUSED, "EPT page-walk length 5", "")		       \
	E(8, UNCACHEABLE, UNUSED, "EPT paging structures in uncacheable memory", "") \
	E(14, WRITE_BACK, REQUIRED, "EPT paging structures in write-back memory", \
	  "the tables are ordinary memory of the kernel's")		       \
	E(16, LARGE_2M, OPTIONAL, "2-MByte pages in EPT",		       \
	  "where the owner has 2 MiB in one piece, one entry maps them")       \
	E(17, LARGE_1G, UNUSED, "1-GByte pages in EPT", "")		       \
	E(20, INVEPT, REQUIRED, "INVEPT",				       \
	  "a page that leaves EPT must leave the TLB, too")		       \
	E(21, ACCESSED_DIRTY, OPTIONAL, "accessed and dirty flags for EPT",    \
	  "they tell the kernel which pages a guest used, and changed")	       \
	E(22, EXIT_INFORMATION, UNUSED,					       \
	  "advanced VM-exit information for EPT violations", "")	       \
	E(23, SHADOW_STACK, UNUSED, "supervisor shadow-stack control", "")     \
	E(25, INVEPT_SINGLE, REQUIRED, "single-context INVEPT",		       \
	  "it forgets one guest's translations, and no other's")	       \
	E(26, INVEPT_ALL, UNUSED, "all-context INVEPT", "")		       \
	E(32, INVVPID, UNUSED, "INVVPID", "")				       \
	E(40, INVVPID_ADDRESS, UNUSED, "individual-address INVVPID", "")       \
	E(41, INVVPID_SINGLE, UNUSED, "single-context INVVPID", "")	       \
	E(42, INVVPID_ALL, UNUSED, "all-context INVVPID", "")		       \
	E(43, INVVPID_GLOBALS, UNUSED, "single-context-retaining-globals INVVPID", "")

/* VMX_EPT_CAP_INVEPT and so on: numbers of bits, of 64 */
enum vmx_ept_capability {
#define E(bit, name, need, what, why)	VMX_EPT_CAP_##name = (bit),
	VMX_EPT_CAPABILITIES(E)
#undef E
};

#endif /* _UAPI_VMX_CONTROLS_H */
