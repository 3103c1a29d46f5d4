/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The one table of what a VM entry checks: SDM Vol. 3C, "VM Entries", chapter 27,
 * edition 083. The module has a predicate for each rule (module/entry_*.c), vmrun
 * prints what is broken in these words, docs/entry.md tells how to use them.
 *
 * They stand in the SDM's order, which is the order of the messages, too. Not among them
 * are those of what minivmx never switches on: guest IA32_RTIT_CTL, IA32_LBR_CTL and
 * UINV, HLAT, IPI virtualization, PASID translation.
 */
#ifndef _UAPI_ENTRY_RULES_H
#define _UAPI_ENTRY_RULES_H

/* S(name, number, title): where in chapter 27 a rule stands */
#define ENTRY_SECTIONS(S)						       \
	S(EXECUTION,	"27.2.1.1", "VM-Execution Control Fields")	       \
	S(EXIT,		"27.2.1.2", "VM-Exit Control Fields")		       \
	S(ENTRY,	"27.2.1.3", "VM-Entry Control Fields")		       \
	S(HOST_CR,	"27.2.2",   "Checks on Host Control Registers, MSRs, and SSP") \
	S(HOST_SEGMENT,	"27.2.3",   "Checks on Host Segment and Descriptor-Table Registers") \
	S(ADDRESS_SIZE,	"27.2.4",   "Checks Related to Address-Space Size")    \
	S(GUEST_CR,	"27.3.1.1", "Checks on Guest Control Registers, Debug Registers, and MSRs") \
	S(GUEST_SEGMENT, "27.3.1.2", "Checks on Guest Segment Registers")      \
	S(GUEST_TABLE,	"27.3.1.3", "Checks on Guest Descriptor-Table Registers") \
	S(GUEST_RIP,	"27.3.1.4", "Checks on Guest RIP, RFLAGS, and SSP")    \
	S(NON_REGISTER,	"27.3.1.5", "Checks on Guest Non-Register State")      \
	S(PDPTE,	"27.3.1.6", "Checks on Guest Page-Directory-Pointer-Table Entries") \
	S(MSR_LOAD,	"27.4",	    "Loading MSRs")

/* R(name, section, what must hold, how to mend it) */
#define ENTRY_CONTROL_RULES(R)						       \
	R(PIN_CONTROLS, EXECUTION,					       \
	  "each reserved bit of the pin-based controls has its fixed value",   \
	  "OR it with the low half of IA32_VMX_(TRUE_)PINBASED_CTLS, AND it with the high half") \
	R(PRIMARY_CONTROLS, EXECUTION,					       \
	  "each reserved bit of the primary processor-based controls has its fixed value", \
	  "OR it with the low half of IA32_VMX_(TRUE_)PROCBASED_CTLS, AND it with the high half") \
	R(SECONDARY_CONTROLS, EXECUTION,				       \
	  "each reserved bit of the secondary processor-based controls is 0",  \
	  "AND it with the high half of IA32_VMX_PROCBASED_CTLS2")	       \
	R(TERTIARY_CONTROLS, EXECUTION,					       \
	  "each reserved bit of the tertiary processor-based controls is 0",   \
	  "AND it with IA32_VMX_PROCBASED_CTLS3")			       \
	R(CR3_TARGETS, EXECUTION,					       \
	  "there are no more CR3-target values than the processor has",	       \
	  "at most bits 24:16 of IA32_VMX_MISC; 0 if you do not use them")     \
	R(IO_BITMAPS, EXECUTION,					       \
	  "with \"use I/O bitmaps\", the addresses of both are of pages in physical memory", \
	  "give each bitmap a page: bits 11:0 are 0, and no bit is above the processor's physical width") \
	R(MSR_BITMAPS, EXECUTION,					       \
	  "with \"use MSR bitmaps\", their address is of a page in physical memory", \
	  "give the bitmaps a page: bits 11:0 are 0, and no bit is above the processor's physical width") \
	R(VIRTUAL_APIC_PAGE, EXECUTION,					       \
	  "with \"use TPR shadow\", the virtual-APIC address is of a page in physical memory", \
	  "give it a page, or do without the control")			       \
	R(TPR_THRESHOLD, EXECUTION,					       \
	  "with \"use TPR shadow\" and without \"virtual-interrupt delivery\", bits 31:4 of the TPR threshold are 0", \
	  "a threshold is a priority from 0 to 15")			       \
	R(TPR_THRESHOLD_VTPR, EXECUTION,				       \
	  "the TPR threshold is not above bits 7:4 of VTPR, unless APIC accesses are virtualized or virtual interrupts delivered", \
	  "lower it to the guest's own task priority, at offset 80H of the virtual-APIC page") \
	R(VIRTUAL_NMIS, EXECUTION,					       \
	  "\"virtual NMIs\" comes only with \"NMI exiting\"",		       \
	  "set \"NMI exiting\" too")					       \
	R(NMI_WINDOW, EXECUTION,					       \
	  "\"NMI-window exiting\" comes only with \"virtual NMIs\"",	       \
	  "set \"virtual NMIs\" too")					       \
	R(APIC_ACCESS_PAGE, EXECUTION,					       \
	  "with \"virtualize APIC accesses\", the APIC-access address is of a page in physical memory", \
	  "give it a page, or do without the control")			       \
	R(TPR_SHADOW_NEEDED, EXECUTION,					       \
	  "\"virtualize x2APIC mode\", \"APIC-register virtualization\" and \"virtual-interrupt delivery\" come only with \"use TPR shadow\"", \
	  "set \"use TPR shadow\", with a virtual-APIC page, or clear the three") \
	R(X2APIC_MODE, EXECUTION,					       \
	  "\"virtualize x2APIC mode\" and \"virtualize APIC accesses\" exclude each other", \
	  "clear one of the two")					       \
	R(VIRTUAL_INTERRUPTS, EXECUTION,				       \
	  "\"virtual-interrupt delivery\" comes only with \"external-interrupt exiting\"", \
	  "set \"external-interrupt exiting\" too")			       \
	R(POSTED_INTERRUPTS, EXECUTION,					       \
	  "\"process posted interrupts\" comes only with \"virtual-interrupt delivery\" and \"acknowledge interrupt on exit\"", \
	  "set both too")						       \
	R(POSTED_VECTOR, EXECUTION,					       \
	  "with \"process posted interrupts\", the notification vector is at most 255", \
	  "bits 15:8 are 0")						       \
	R(POSTED_DESCRIPTOR, EXECUTION,					       \
	  "with \"process posted interrupts\", the descriptor's address is a multiple of 64, in physical memory", \
	  "bits 5:0 are 0, and no bit is above the processor's physical width") \
	R(VPID, EXECUTION,						       \
	  "with \"enable VPID\", the VPID is not 0",			       \
	  "0 is the host's: number guests from 1 on")			       \
	R(EPT_MEMORY_TYPE, EXECUTION,					       \
	  "bits 2:0 of the EPT pointer are a memory type that the processor supports", \
	  "6, write-back, or 0, uncacheable, as IA32_VMX_EPT_VPID_CAP bits 14 and 8 say") \
	R(EPT_WALK_LENGTH, EXECUTION,					       \
	  "bits 5:3 of the EPT pointer are one less than a page-walk length that the processor supports", \
	  "3 for tables of four levels")				       \
	R(EPT_ACCESSED_DIRTY, EXECUTION,				       \
	  "bit 6 of the EPT pointer, accessed and dirty flags, is 1 only if the processor has them", \
	  "look at IA32_VMX_EPT_VPID_CAP bit 21 first")			       \
	R(EPT_POINTER, EXECUTION,					       \
	  "the reserved bits of the EPT pointer are 0",			       \
	  "bits 11:8 are 0, bit 7 too without supervisor shadow-stack control, and no bit is above the processor's physical width") \
	R(EPT_NEEDED, EXECUTION,					       \
	  "\"unrestricted guest\", \"mode-based execute control for EPT\", \"enable PML\", \"sub-page write permissions for EPT\", \"Intel PT uses guest physical addresses\" and EPTP switching come only with \"enable EPT\"", \
	  "set \"enable EPT\", or clear them")				       \
	R(PML_PAGE, EXECUTION,						       \
	  "with \"enable PML\", the PML address is of a page in physical memory", \
	  "give the log a page")					       \
	R(SPP_TABLE, EXECUTION,						       \
	  "with \"sub-page write permissions for EPT\", the SPPT pointer is of a page in physical memory", \
	  "give the table a page")					       \
	R(VM_FUNCTIONS, EXECUTION,					       \
	  "with \"enable VM functions\", each reserved bit of the VM-function controls is 0", \
	  "AND them with IA32_VMX_VMFUNC")				       \
	R(EPTP_LIST, EXECUTION,						       \
	  "with EPTP switching, the EPTP-list address is of a page in physical memory", \
	  "give the list a page")					       \
	R(SHADOW_BITMAPS, EXECUTION,					       \
	  "with \"VMCS shadowing\", the VMREAD- and VMWRITE-bitmap addresses are of pages in physical memory", \
	  "give each bitmap a page")					       \
	R(VE_PAGE, EXECUTION,						       \
	  "with \"EPT-violation #VE\", the information address is of a page in physical memory", \
	  "give it a page")						       \
	R(PT_GUEST_ADDRESSES, EXECUTION,				       \
	  "\"Intel PT uses guest physical addresses\" comes only with \"clear IA32_RTIT_CTL\" on exit and \"load IA32_RTIT_CTL\" on entry", \
	  "set both too")						       \
	R(TSC_MULTIPLIER, EXECUTION,					       \
	  "with \"use TSC scaling\", the TSC multiplier is not 0",	       \
	  "1 << 48 is the host's own speed")				       \
	R(EXIT_CONTROLS, EXIT,						       \
	  "each reserved bit of the primary VM-exit controls has its fixed value", \
	  "OR it with the low half of IA32_VMX_(TRUE_)EXIT_CTLS, AND it with the high half") \
	R(SECONDARY_EXIT_CONTROLS, EXIT,				       \
	  "each reserved bit of the secondary VM-exit controls is 0",	       \
	  "AND them with IA32_VMX_EXIT_CTLS2")				       \
	R(TIMER_SAVED, EXIT,						       \
	  "\"save VMX-preemption timer value\" comes only with \"activate VMX-preemption timer\"", \
	  "activate the timer, or do not save it")			       \
	R(EXIT_MSR_STORE, EXIT,						       \
	  "the VM-exit MSR-store area, unless it is empty, starts at a multiple of 16 and lies in physical memory", \
	  "set the count to 0 if there is none")			       \
	R(EXIT_MSR_LOAD, EXIT,						       \
	  "the VM-exit MSR-load area, unless it is empty, starts at a multiple of 16 and lies in physical memory", \
	  "set the count to 0 if there is none")			       \
	R(ENTRY_CONTROLS, ENTRY,					       \
	  "each reserved bit of the VM-entry controls has its fixed value",    \
	  "OR it with the low half of IA32_VMX_(TRUE_)ENTRY_CTLS, AND it with the high half") \
	R(INJECTED_TYPE, ENTRY,						       \
	  "the type of an injected event is none that is reserved",	       \
	  "0 interrupt, 2 NMI, 3 exception, 4 INT n, 5 INT1, 6 INT3 or INTO; 7 only with the monitor trap flag") \
	R(INJECTED_VECTOR, ENTRY,					       \
	  "the vector of an injected event fits its type",		       \
	  "2 for an NMI, at most 31 for an exception, 0 for an event of type 7") \
	R(INJECTED_ERROR_CODE, ENTRY,					       \
	  "\"deliver error code\" is set for those exceptions that have one, and for nothing else", \
	  "set bit 11 for #DF, #TS, #NP, #SS, #GP, #PF and #AC in protected mode; clear it otherwise") \
	R(INJECTED_RESERVED, ENTRY,					       \
	  "bits 30:12 of the VM-entry interruption-information field are 0",   \
	  "the field that an exit leaves has bit 12 for NMI blocking: mask it")  \
	R(INJECTED_ERROR_BITS, ENTRY,					       \
	  "with \"deliver error code\", bits 31:16 of the error code are 0",   \
	  "an error code has 16 bits")					       \
	R(INJECTED_LENGTH, ENTRY,					       \
	  "an injected software interrupt or exception has an instruction length from 1 to 15", \
	  "the length of INT n is 2, of INT3 and INT1 1; 0 only if IA32_VMX_MISC bit 30 allows it") \
	R(ENTRY_MSR_LOAD, ENTRY,					       \
	  "the VM-entry MSR-load area, unless it is empty, starts at a multiple of 16 and lies in physical memory", \
	  "set the count to 0 if there is none")			       \
	R(ENTRY_SMM, ENTRY,						       \
	  "\"entry to SMM\" and \"deactivate dual-monitor treatment\" are 0 outside of SMM", \
	  "only an SMM-transfer monitor sets them")

#define ENTRY_HOST_RULES(R)						       \
	R(HOST_CR0, HOST_CR,						       \
	  "host CR0 has no bit that VMX operation does not allow",	       \
	  "IA32_VMX_CR0_FIXED0 and _FIXED1 tell; simply write the CR0 in force") \
	R(HOST_CR4, HOST_CR,						       \
	  "host CR4 has no bit that VMX operation does not allow, and CET only with CR0.WP", \
	  "IA32_VMX_CR4_FIXED0 and _FIXED1 tell; VMXE must be 1; simply write the CR4 in force") \
	R(HOST_CR3, HOST_CR,						       \
	  "no bit of host CR3 is above the processor's physical width",	       \
	  "write the CR3 in force")					       \
	R(HOST_SYSENTER, HOST_CR,					       \
	  "host IA32_SYSENTER_ESP and _EIP are canonical",		       \
	  "write the MSRs in force")					       \
	R(HOST_PERF, HOST_CR,						       \
	  "with \"load IA32_PERF_GLOBAL_CTRL\" on exit, its reserved bits are 0", \
	  "a bit for each counter that CPUID.0AH tells of")		       \
	R(HOST_PAT, HOST_CR,						       \
	  "with \"load IA32_PAT\" on exit, each of its 8 bytes is a memory type", \
	  "0, 1, 4, 5, 6 or 7")						       \
	R(HOST_EFER, HOST_CR,						       \
	  "with \"load IA32_EFER\" on exit, its reserved bits are 0",	       \
	  "write the EFER in force")					       \
	R(HOST_EFER_MODE, HOST_CR,					       \
	  "with \"load IA32_EFER\" on exit, its LMA and LME equal \"host address-space size\"", \
	  "a 64-bit host has all three 1")				       \
	R(HOST_CET, HOST_CR,						       \
	  "with \"load CET state\" on exit, host IA32_S_CET, SSP and the interrupt-SSP table's address are valid", \
	  "write the MSRs in force; SSP is a multiple of 4")		       \
	R(HOST_PKRS, HOST_CR,						       \
	  "with \"load PKRS\" on exit, bits 63:32 of host IA32_PKRS are 0",    \
	  "write the MSR in force")					       \
	R(HOST_SELECTORS, HOST_SEGMENT,					       \
	  "RPL and TI of each host selector are 0",			       \
	  "the host runs at CPL 0 with selectors of the GDT: mask bits 2:0")   \
	R(HOST_CS_NULL, HOST_SEGMENT,					       \
	  "the host CS selector is not 0",				       \
	  "write the kernel's CS")					       \
	R(HOST_TR_NULL, HOST_SEGMENT,					       \
	  "the host TR selector is not 0",				       \
	  "the host needs a TSS: load TR, and write what STR says")	       \
	R(HOST_SS_NULL, HOST_SEGMENT,					       \
	  "the host SS selector is not 0, unless \"host address-space size\" is 1", \
	  "write the kernel's SS")					       \
	R(HOST_BASES, HOST_SEGMENT,					       \
	  "the host bases of FS, GS, GDTR, IDTR and TR are canonical",	       \
	  "write the ones in force; a TSS descriptor is 16 bytes long, its base 64 bits") \
	R(HOST_SIZE, ADDRESS_SIZE,					       \
	  "\"host address-space size\" is 1 if the processor is in IA-32e mode, 0 if it is not", \
	  "an exit comes back to the mode that the entry was made in")	       \
	R(HOST_32_BIT, ADDRESS_SIZE,					       \
	  "a host of 32 bits has no \"IA-32e mode guest\", no CR4.PCIDE, and a RIP of 32 bits", \
	  "set \"host address-space size\" for a 64-bit host")		       \
	R(HOST_PAE, ADDRESS_SIZE,					       \
	  "a 64-bit host has CR4.PAE",					       \
	  "write the CR4 in force")					       \
	R(HOST_RIP, ADDRESS_SIZE,					       \
	  "the RIP of a 64-bit host is canonical",			       \
	  "it is the address of your exit handler")

#define ENTRY_GUEST_RULES(R)						       \
	R(GUEST_CR0, GUEST_CR,						       \
	  "guest CR0 has no bit that VMX operation does not allow",	       \
	  "NE must be 1; PE and PG too without \"unrestricted guest\"; the guest sees the read shadow, not this") \
	R(GUEST_CR0_PAGING, GUEST_CR,					       \
	  "guest CR0.PG is 1 only if CR0.PE is",			       \
	  "there is no paging without protected mode")			       \
	R(GUEST_CR4, GUEST_CR,						       \
	  "guest CR4 has no bit that VMX operation does not allow, and CET only with CR0.WP", \
	  "VMXE must be 1; the guest sees the read shadow, not this")	       \
	R(GUEST_DEBUGCTL, GUEST_CR,					       \
	  "with \"load debug controls\", the reserved bits of IA32_DEBUGCTL are 0", \
	  "bits 5:2 and 63:16 are reserved")				       \
	R(GUEST_IA32E_PAGING, GUEST_CR,					       \
	  "an \"IA-32e mode guest\" has CR0.PG and CR4.PAE",		       \
	  "set both, or clear the VM-entry control")			       \
	R(GUEST_PCIDE, GUEST_CR,					       \
	  "guest CR4.PCIDE is 1 only in an \"IA-32e mode guest\"",	       \
	  "clear it, or set the VM-entry control")			       \
	R(GUEST_CR3, GUEST_CR,						       \
	  "no bit of guest CR3 is above the processor's physical width",       \
	  "it is a guest-physical address, of no more bits")		       \
	R(GUEST_DR7, GUEST_CR,						       \
	  "with \"load debug controls\", bits 63:32 of guest DR7 are 0",       \
	  "0x400 after reset")						       \
	R(GUEST_SYSENTER, GUEST_CR,					       \
	  "guest IA32_SYSENTER_ESP and _EIP are canonical",		       \
	  "0 after reset")						       \
	R(GUEST_PERF, GUEST_CR,						       \
	  "with \"load IA32_PERF_GLOBAL_CTRL\" on entry, its reserved bits are 0", \
	  "a bit for each counter that CPUID.0AH tells of")		       \
	R(GUEST_PAT, GUEST_CR,						       \
	  "with \"load IA32_PAT\" on entry, each of its 8 bytes is a memory type", \
	  "0, 1, 4, 5, 6 or 7; 0x0007040600070406 after reset")		       \
	R(GUEST_EFER, GUEST_CR,						       \
	  "with \"load IA32_EFER\" on entry, its reserved bits are 0",	       \
	  "SCE, LME, LMA and NXE are the ones that there are")		       \
	R(GUEST_EFER_LMA, GUEST_CR,					       \
	  "with \"load IA32_EFER\" on entry, its LMA equals \"IA-32e mode guest\"", \
	  "set both or none")						       \
	R(GUEST_EFER_LME, GUEST_CR,					       \
	  "with \"load IA32_EFER\" on entry and paging, its LME equals its LMA", \
	  "long mode is active (LMA) when it is enabled (LME) and CR0.PG is 1") \
	R(GUEST_BNDCFGS, GUEST_CR,					       \
	  "with \"load IA32_BNDCFGS\" on entry, bits 11:2 are 0 and the base is canonical", \
	  "0 switches bound checking off")				       \
	R(GUEST_CET, GUEST_CR,						       \
	  "with \"load CET state\" on entry, guest IA32_S_CET, SSP and the interrupt-SSP table's address are valid", \
	  "0 switches it off; SSP is a multiple of 4")			       \
	R(GUEST_PKRS, GUEST_CR,						       \
	  "with \"load PKRS\" on entry, bits 63:32 of guest IA32_PKRS are 0",  \
	  "a key has two of the low 32 bits")				       \
	R(GUEST_TR_TI, GUEST_SEGMENT,					       \
	  "the guest's TR selector has TI 0",				       \
	  "a TSS descriptor is in the GDT")				       \
	R(GUEST_LDTR_TI, GUEST_SEGMENT,					       \
	  "the guest's LDTR selector, if LDTR is usable, has TI 0",	       \
	  "an LDT descriptor is in the GDT; make LDTR unusable (access rights 0x10000) if there is none") \
	R(GUEST_SS_RPL, GUEST_SEGMENT,					       \
	  "the guest's SS selector has the RPL of CS, unless in virtual-8086 mode or an \"unrestricted guest\"", \
	  "both are the CPL")						       \
	R(GUEST_V86_BASE, GUEST_SEGMENT,				       \
	  "in virtual-8086 mode the base of a segment is its selector times 16", \
	  "write selector << 4")					       \
	R(GUEST_V86_LIMIT, GUEST_SEGMENT,				       \
	  "in virtual-8086 mode the limit of a segment is 0xffff",	       \
	  "write 0xffff")						       \
	R(GUEST_V86_RIGHTS, GUEST_SEGMENT,				       \
	  "in virtual-8086 mode the access rights of a segment are 0xf3",      \
	  "write 0xf3: present, DPL 3, read/write data, accessed")	       \
	R(GUEST_BASES, GUEST_SEGMENT,					       \
	  "the guest's bases of TR, FS, GS, and of LDTR if usable, are canonical", \
	  "bits 63:47 are equal")					       \
	R(GUEST_BASES_HIGH, GUEST_SEGMENT,				       \
	  "bits 63:32 of the guest's base of CS, and of SS, DS and ES if usable, are 0", \
	  "only FS and GS have bases of 64 bits")			       \
	R(GUEST_CS_TYPE, GUEST_SEGMENT,					       \
	  "the guest's CS is an accessed code segment (type 9, 11, 13 or 15), or type 3 in an \"unrestricted guest\"", \
	  "0x9b: present, code, readable, accessed")			       \
	R(GUEST_SS_TYPE, GUEST_SEGMENT,					       \
	  "the guest's SS, if usable, is an accessed read/write data segment (type 3 or 7)", \
	  "0x93: present, data, writable, accessed")			       \
	R(GUEST_DATA_TYPE, GUEST_SEGMENT,				       \
	  "the guest's DS, ES, FS and GS, if usable, are accessed, and readable if code", \
	  "0x93: present, data, writable, accessed")			       \
	R(GUEST_S, GUEST_SEGMENT,					       \
	  "the S bit of the guest's CS, and of its other segments if usable, is 1", \
	  "bit 4 of the access rights: code or data, not system")	       \
	R(GUEST_CS_DPL, GUEST_SEGMENT,					       \
	  "the DPL of CS is 0 for type 3, that of SS for type 9 and 11, at most that of SS for type 13 and 15", \
	  "the DPL of SS is the CPL: make CS's fit")			       \
	R(GUEST_SS_DPL, GUEST_SEGMENT,					       \
	  "the DPL of SS is its RPL without \"unrestricted guest\", and 0 in real mode or if CS has type 3", \
	  "the DPL of SS is the CPL, even if SS is unusable")		       \
	R(GUEST_DATA_DPL, GUEST_SEGMENT,				       \
	  "without \"unrestricted guest\", the DPL of a usable data or nonconforming code segment is not below its RPL", \
	  "raise the DPL, or lower the RPL")				       \
	R(GUEST_P, GUEST_SEGMENT,					       \
	  "the guest's CS, and its other segments if usable, are present",     \
	  "bit 7 of the access rights; or make the segment unusable: bit 16")  \
	R(GUEST_RESERVED, GUEST_SEGMENT,				       \
	  "bits 11:8 and 31:17 of the access rights of CS, and of other segments if usable, are 0", \
	  "a descriptor has four bits of its limit where these are: mask with 0xf0ff") \
	R(GUEST_CS_DB, GUEST_SEGMENT,					       \
	  "CS of an \"IA-32e mode guest\" does not have both L and D/B",       \
	  "64-bit code has L=1 and D/B=0: 0xa09b")			       \
	R(GUEST_G, GUEST_SEGMENT,					       \
	  "G of CS, and of other segments if usable, fits the limit: 0 unless bits 11:0 of it are all 1, 1 if any of bits 31:20 is", \
	  "the VMCS holds the limit in bytes: 0xffffffff with G=1, or up to 0xfffff with G=0") \
	R(GUEST_TR_TYPE, GUEST_SEGMENT,					       \
	  "the guest's TR is a busy TSS: type 11, or 3 outside of IA-32e mode", \
	  "0x8b: present, busy 32-bit or 64-bit TSS; LTR would have set the busy bit") \
	R(GUEST_TR_RIGHTS, GUEST_SEGMENT,				       \
	  "the guest's TR is usable and present, S and its reserved bits are 0, and G fits the limit", \
	  "0x8b with limit 0x67; a guest always has a TSS for the processor, even in real mode") \
	R(GUEST_LDTR_RIGHTS, GUEST_SEGMENT,				       \
	  "the guest's LDTR, if usable, is a present LDT (type 2, S=0), its reserved bits are 0, and G fits the limit", \
	  "0x82; or 0x10000, unusable")					       \
	R(GUEST_TABLE_BASES, GUEST_TABLE,				       \
	  "the guest's bases of GDTR and IDTR are canonical",		       \
	  "bits 63:47 are equal")					       \
	R(GUEST_TABLE_LIMITS, GUEST_TABLE,				       \
	  "bits 31:16 of the guest's limits of GDTR and IDTR are 0",	       \
	  "0xffff after reset")						       \
	R(GUEST_RIP_HIGH, GUEST_RIP,					       \
	  "bits 63:32 of RIP are 0 unless the guest is in 64-bit mode",	       \
	  "64-bit mode is \"IA-32e mode guest\" with CS.L")		       \
	R(GUEST_RIP_CANONICAL, GUEST_RIP,				       \
	  "in 64-bit mode, the bits of RIP above the processor's linear width are equal", \
	  "all 0 or all 1")						       \
	R(GUEST_RFLAGS, GUEST_RIP,					       \
	  "RFLAGS has bit 1 set, and bits 63:22, 15, 5 and 3 clear",	       \
	  "2 after reset")						       \
	R(GUEST_RFLAGS_VM, GUEST_RIP,					       \
	  "RFLAGS.VM is 0 in an \"IA-32e mode guest\" and in real mode",       \
	  "virtual-8086 mode is a part of 32-bit protected mode")	       \
	R(GUEST_RFLAGS_IF, GUEST_RIP,					       \
	  "RFLAGS.IF is 1 if an external interrupt is injected",	       \
	  "hold the interrupt back, and ask for interrupt-window exiting")

#define ENTRY_OTHER_RULES(R)						       \
	R(ACTIVITY, NON_REGISTER,					       \
	  "the activity state is one that the processor has",		       \
	  "0 is active; 1 HLT, 2 shutdown and 3 wait-for-SIPI if IA32_VMX_MISC bits 8:6 say so") \
	R(ACTIVITY_HLT, NON_REGISTER,					       \
	  "the activity state is HLT only at CPL 0",			       \
	  "the DPL of SS is the CPL")					       \
	R(ACTIVITY_BLOCKED, NON_REGISTER,				       \
	  "the activity state is active where STI or MOV SS blocks events",    \
	  "after them, the next instruction runs first")		       \
	R(ACTIVITY_INJECTED, NON_REGISTER,				       \
	  "an injected event is one that the activity state waits for",	       \
	  "HLT: interrupt, NMI, #DB, #MC, MTF; shutdown: NMI, #MC; wait-for-SIPI: none; or make it active") \
	R(ACTIVITY_SMM, NON_REGISTER,					       \
	  "\"entry to SMM\" does not go with wait-for-SIPI",		       \
	  "make it active")						       \
	R(BLOCKING_RESERVED, NON_REGISTER,				       \
	  "the reserved bits of the interruptibility state are 0",	       \
	  "bits 31:5; bit 4 too without SGX")				       \
	R(BLOCKING_BOTH, NON_REGISTER,					       \
	  "not both STI and MOV SS block",				       \
	  "it is one instruction that the guest executed last")		       \
	R(BLOCKING_STI, NON_REGISTER,					       \
	  "STI blocks only with RFLAGS.IF",				       \
	  "clear bit 0 of the interruptibility state: CLI undoes STI")	       \
	R(BLOCKING_INTERRUPT, NON_REGISTER,				       \
	  "neither STI nor MOV SS blocks if an external interrupt is injected", \
	  "hold it back, and ask for interrupt-window exiting")		       \
	R(BLOCKING_NMI_MOV_SS, NON_REGISTER,				       \
	  "MOV SS does not block if an NMI is injected",		       \
	  "hold it back")						       \
	R(BLOCKING_SMI, NON_REGISTER,					       \
	  "SMIs are blocked in SMM only",				       \
	  "clear bit 2 of the interruptibility state")			       \
	R(BLOCKING_NMI, NON_REGISTER,					       \
	  "with \"virtual NMIs\", NMIs are not blocked if one is injected",    \
	  "hold it back, and ask for NMI-window exiting")		       \
	R(BLOCKING_ENCLAVE, NON_REGISTER,				       \
	  "MOV SS does not block in an enclave",			       \
	  "clear bit 4 or bit 1 of the interruptibility state")		       \
	R(PENDING_RESERVED, NON_REGISTER,				       \
	  "the reserved bits of the pending debug exceptions are 0",	       \
	  "bits 10:4, 13, 15 and 63:17; 11 and 16 too unless the processor has bus-lock detection and RTM") \
	R(PENDING_STEP, NON_REGISTER,					       \
	  "where events are blocked by STI or MOV SS, or in HLT, a single step is pending (BS) if RFLAGS.TF is 1 and IA32_DEBUGCTL.BTF is 0, and else not", \
	  "the trap of the last instruction still waits: set bit 14 as TF says") \
	R(PENDING_RTM, NON_REGISTER,					       \
	  "a pending debug exception of RTM has bit 12, no bit of 11:0 and 15:13, and no blocking by MOV SS", \
	  "clear bit 16")						       \
	R(LINK_POINTER, NON_REGISTER,					       \
	  "the VMCS link pointer is ~0, or the address of a page in physical memory", \
	  "write 0xffffffffffffffff: there is no shadow VMCS")		       \
	R(LINK_REVISION, NON_REGISTER,					       \
	  "the VMCS link pointer, unless ~0, leads to a VMCS of this processor, a shadow VMCS with \"VMCS shadowing\"", \
	  "write 0xffffffffffffffff, or initialize the shadow VMCS")	       \
	R(LINK_CURRENT, NON_REGISTER,					       \
	  "the VMCS link pointer is not the current VMCS",		       \
	  "write 0xffffffffffffffff")					       \
	R(PDPTES, PDPTE,						       \
	  "with PAE paging, the reserved bits of each present PDPTE are 0",    \
	  "bits 2:1, 8:5 and those above the physical width; with \"enable EPT\" the VMCS has them, not memory") \
	R(MSR_LOAD, MSR_LOAD,						       \
	  "each entry of the VM-entry MSR-load area can be loaded",	       \
	  "not FS and GS base, not the x2APIC's MSRs; bits 63:32 are 0; and WRMSR takes the value")

#define ENTRY_RULES(R)		\
	ENTRY_CONTROL_RULES(R)	\
	ENTRY_HOST_RULES(R)	\
	ENTRY_GUEST_RULES(R)	\
	ENTRY_OTHER_RULES(R)

/* ENTRY_RULE_GUEST_CR0 and so on */
enum entry_rule {
#define R(name, section, what, mend)	ENTRY_RULE_##name,
	ENTRY_RULES(R)
#undef R
	ENTRY_NR_RULES
};

enum entry_section {
#define S(name, number, title)	ENTRY_SECTION_##name,
	ENTRY_SECTIONS(S)
#undef S
	ENTRY_NR_SECTIONS
};

#endif /* _UAPI_ENTRY_RULES_H */
