/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The one table of VMCS fields. The enum, the width check of the accessors and
 * the names in messages and in vmrun all come from it.
 *
 * Source: SDM Vol. 3D, "Field Encoding in VMCS", Appendix B, edition 083. The
 * groups are the headings of Vol. 3C, "Virtual Machine Control Structures",
 * chapter 25. Names say CS_ACCESS_RIGHTS where the SDM says "Guest CS access
 * rights".
 *
 * An encoding tells the width of its field (SDM Vol. 3C, "Software Use of the
 * VMREAD and VMWRITE Instructions", table "Structure of VMCS Component
 * Encoding"): bits 14:13 are 0 for 16, 1 for 64, 2 for 32 bits and 3 for
 * natural width; bits 11:10 are the type; bit 0 selects the upper half.
 */
#ifndef _UAPI_VMCS_FIELDS_H
#define _UAPI_VMCS_FIELDS_H

enum vmcs_width {
	VMCS_WIDTH_16 = 0,
	VMCS_WIDTH_64 = 1,
	VMCS_WIDTH_32 = 2,
	VMCS_WIDTH_NATURAL = 3,
};

enum vmcs_type {
	VMCS_TYPE_CONTROL = 0,
	VMCS_TYPE_EXIT_INFORMATION = 1,	/* read-only data fields */
	VMCS_TYPE_GUEST = 2,
	VMCS_TYPE_HOST = 3,
};

#define VMCS_FIELD_WIDTH(encoding)	(((encoding) >> 13) & 3)
#define VMCS_FIELD_TYPE(encoding)	(((encoding) >> 10) & 3)

/* F(name, encoding, what the SDM calls it) */
#define VMCS_CONTROL_FIELDS(F)						       \
	/* 16 bits */							       \
	F(VPID,				  0x0000, "Virtual-processor identifier") \
	F(POSTED_INTERRUPT_VECTOR,	  0x0002, "Posted-interrupt notification vector") \
	F(EPTP_INDEX,			  0x0004, "EPTP index")		       \
	/* 64 bits */							       \
	F(IO_BITMAP_A,			  0x2000, "Address of I/O bitmap A")   \
	F(IO_BITMAP_B,			  0x2002, "Address of I/O bitmap B")   \
	F(MSR_BITMAPS,			  0x2004, "Address of MSR bitmaps")    \
	F(VM_EXIT_MSR_STORE_ADDRESS,	  0x2006, "VM-exit MSR-store address") \
	F(VM_EXIT_MSR_LOAD_ADDRESS,	  0x2008, "VM-exit MSR-load address")  \
	F(VM_ENTRY_MSR_LOAD_ADDRESS,	  0x200a, "VM-entry MSR-load address") \
	F(EXECUTIVE_VMCS_POINTER,	  0x200c, "Executive-VMCS pointer")    \
	F(PML_ADDRESS,			  0x200e, "PML address")	       \
	F(TSC_OFFSET,			  0x2010, "TSC offset")		       \
	F(VIRTUAL_APIC_ADDRESS,		  0x2012, "Virtual-APIC address")      \
	F(APIC_ACCESS_ADDRESS,		  0x2014, "APIC-access address")       \
	F(POSTED_INTERRUPT_DESCRIPTOR,	  0x2016, "Posted-interrupt descriptor address") \
	F(VM_FUNCTION_CONTROLS,		  0x2018, "VM-function controls")      \
	F(EPT_POINTER,			  0x201a, "EPT pointer")	       \
	F(EOI_EXIT_BITMAP_0,		  0x201c, "EOI-exit bitmap 0")	       \
	F(EOI_EXIT_BITMAP_1,		  0x201e, "EOI-exit bitmap 1")	       \
	F(EOI_EXIT_BITMAP_2,		  0x2020, "EOI-exit bitmap 2")	       \
	F(EOI_EXIT_BITMAP_3,		  0x2022, "EOI-exit bitmap 3")	       \
	F(EPTP_LIST_ADDRESS,		  0x2024, "EPTP-list address")	       \
	F(VMREAD_BITMAP_ADDRESS,	  0x2026, "VMREAD-bitmap address")     \
	F(VMWRITE_BITMAP_ADDRESS,	  0x2028, "VMWRITE-bitmap address")    \
	F(VE_INFORMATION_ADDRESS,	  0x202a, "Virtualization-exception information address") \
	F(XSS_EXITING_BITMAP,		  0x202c, "XSS-exiting bitmap")	       \
	F(ENCLS_EXITING_BITMAP,		  0x202e, "ENCLS-exiting bitmap")      \
	F(SPP_TABLE_POINTER,		  0x2030, "Sub-page-permission-table pointer") \
	F(TSC_MULTIPLIER,		  0x2032, "TSC multiplier")	       \
	F(TERTIARY_EXEC_CONTROLS,	  0x2034, "Tertiary processor-based VM-execution controls") \
	F(ENCLV_EXITING_BITMAP,		  0x2036, "ENCLV-exiting bitmap")      \
	F(LOW_PASID_DIRECTORY,		  0x2038, "Low PASID directory address") \
	F(HIGH_PASID_DIRECTORY,		  0x203a, "High PASID directory address") \
	F(SHARED_EPT_POINTER,		  0x203c, "Shared EPT pointer")	       \
	F(PCONFIG_EXITING_BITMAP,	  0x203e, "PCONFIG-exiting bitmap")    \
	F(HLATP,			  0x2040, "Hypervisor-managed linear-address translation pointer") \
	F(SECONDARY_VM_EXIT_CONTROLS,	  0x2044, "Secondary VM-exit controls") \
	/* 32 bits */							       \
	F(PIN_EXEC_CONTROLS,		  0x4000, "Pin-based VM-execution controls") \
	F(PRIMARY_EXEC_CONTROLS,	  0x4002, "Primary processor-based VM-execution controls") \
	F(EXCEPTION_BITMAP,		  0x4004, "Exception bitmap")	       \
	F(PAGE_FAULT_ERROR_MASK,	  0x4006, "Page-fault error-code mask") \
	F(PAGE_FAULT_ERROR_MATCH,	  0x4008, "Page-fault error-code match") \
	F(CR3_TARGET_COUNT,		  0x400a, "CR3-target count")	       \
	F(PRIMARY_VM_EXIT_CONTROLS,	  0x400c, "Primary VM-exit controls")  \
	F(VM_EXIT_MSR_STORE_COUNT,	  0x400e, "VM-exit MSR-store count")   \
	F(VM_EXIT_MSR_LOAD_COUNT,	  0x4010, "VM-exit MSR-load count")    \
	F(VM_ENTRY_CONTROLS,		  0x4012, "VM-entry controls")	       \
	F(VM_ENTRY_MSR_LOAD_COUNT,	  0x4014, "VM-entry MSR-load count")   \
	F(VM_ENTRY_INTERRUPTION_INFO,	  0x4016, "VM-entry interruption-information field") \
	F(VM_ENTRY_EXCEPTION_ERROR_CODE,  0x4018, "VM-entry exception error code") \
	F(VM_ENTRY_INSTRUCTION_LENGTH,	  0x401a, "VM-entry instruction length") \
	F(TPR_THRESHOLD,		  0x401c, "TPR threshold")	       \
	F(SECONDARY_EXEC_CONTROLS,	  0x401e, "Secondary processor-based VM-execution controls") \
	F(PLE_GAP,			  0x4020, "PLE_Gap")		       \
	F(PLE_WINDOW,			  0x4022, "PLE_Window")		       \
	/* natural width */						       \
	F(CR0_GUEST_HOST_MASK,		  0x6000, "CR0 guest/host mask")       \
	F(CR4_GUEST_HOST_MASK,		  0x6002, "CR4 guest/host mask")       \
	F(CR0_READ_SHADOW,		  0x6004, "CR0 read shadow")	       \
	F(CR4_READ_SHADOW,		  0x6006, "CR4 read shadow")	       \
	F(CR3_TARGET_0,			  0x6008, "CR3-target value 0")	       \
	F(CR3_TARGET_1,			  0x600a, "CR3-target value 1")	       \
	F(CR3_TARGET_2,			  0x600c, "CR3-target value 2")	       \
	F(CR3_TARGET_3,			  0x600e, "CR3-target value 3")

#define VMCS_EXIT_INFORMATION_FIELDS(F)					       \
	/* 64 bits */							       \
	F(GUEST_PHYSICAL_ADDRESS,	  0x2400, "Guest-physical address")    \
	/* 32 bits */							       \
	F(VM_INSTRUCTION_ERROR,		  0x4400, "VM-instruction error")      \
	F(EXIT_REASON,			  0x4402, "Exit reason")	       \
	F(VM_EXIT_INTERRUPTION_INFO,	  0x4404, "VM-exit interruption information") \
	F(VM_EXIT_INTERRUPTION_ERROR_CODE, 0x4406, "VM-exit interruption error code") \
	F(IDT_VECTORING_INFO,		  0x4408, "IDT-vectoring information field") \
	F(IDT_VECTORING_ERROR_CODE,	  0x440a, "IDT-vectoring error code")  \
	F(VM_EXIT_INSTRUCTION_LENGTH,	  0x440c, "VM-exit instruction length") \
	F(VM_EXIT_INSTRUCTION_INFO,	  0x440e, "VM-exit instruction information") \
	/* natural width */						       \
	F(EXIT_QUALIFICATION,		  0x6400, "Exit qualification")	       \
	F(IO_RCX,			  0x6402, "I/O RCX")		       \
	F(IO_RSI,			  0x6404, "I/O RSI")		       \
	F(IO_RDI,			  0x6406, "I/O RDI")		       \
	F(IO_RIP,			  0x6408, "I/O RIP")		       \
	F(GUEST_LINEAR_ADDRESS,		  0x640a, "Guest-linear address")

#define VMCS_GUEST_FIELDS(F)						       \
	/* 16 bits */							       \
	F(GUEST_ES_SELECTOR,		  0x0800, "Guest ES selector")	       \
	F(GUEST_CS_SELECTOR,		  0x0802, "Guest CS selector")	       \
	F(GUEST_SS_SELECTOR,		  0x0804, "Guest SS selector")	       \
	F(GUEST_DS_SELECTOR,		  0x0806, "Guest DS selector")	       \
	F(GUEST_FS_SELECTOR,		  0x0808, "Guest FS selector")	       \
	F(GUEST_GS_SELECTOR,		  0x080a, "Guest GS selector")	       \
	F(GUEST_LDTR_SELECTOR,		  0x080c, "Guest LDTR selector")       \
	F(GUEST_TR_SELECTOR,		  0x080e, "Guest TR selector")	       \
	F(GUEST_INTERRUPT_STATUS,	  0x0810, "Guest interrupt status")    \
	F(PML_INDEX,			  0x0812, "PML index")		       \
	/* 64 bits */							       \
	F(VMCS_LINK_POINTER,		  0x2800, "VMCS link pointer")	       \
	F(GUEST_IA32_DEBUGCTL,		  0x2802, "Guest IA32_DEBUGCTL")       \
	F(GUEST_IA32_PAT,		  0x2804, "Guest IA32_PAT")	       \
	F(GUEST_IA32_EFER,		  0x2806, "Guest IA32_EFER")	       \
	F(GUEST_IA32_PERF_GLOBAL_CTRL,	  0x2808, "Guest IA32_PERF_GLOBAL_CTRL") \
	F(GUEST_PDPTE_0,		  0x280a, "Guest PDPTE0")	       \
	F(GUEST_PDPTE_1,		  0x280c, "Guest PDPTE1")	       \
	F(GUEST_PDPTE_2,		  0x280e, "Guest PDPTE2")	       \
	F(GUEST_PDPTE_3,		  0x2810, "Guest PDPTE3")	       \
	F(GUEST_IA32_BNDCFGS,		  0x2812, "Guest IA32_BNDCFGS")	       \
	F(GUEST_IA32_RTIT_CTL,		  0x2814, "Guest IA32_RTIT_CTL")       \
	F(GUEST_IA32_LBR_CTL,		  0x2816, "Guest IA32_LBR_CTL")	       \
	F(GUEST_IA32_PKRS,		  0x2818, "Guest IA32_PKRS")	       \
	/* 32 bits */							       \
	F(GUEST_ES_LIMIT,		  0x4800, "Guest ES limit")	       \
	F(GUEST_CS_LIMIT,		  0x4802, "Guest CS limit")	       \
	F(GUEST_SS_LIMIT,		  0x4804, "Guest SS limit")	       \
	F(GUEST_DS_LIMIT,		  0x4806, "Guest DS limit")	       \
	F(GUEST_FS_LIMIT,		  0x4808, "Guest FS limit")	       \
	F(GUEST_GS_LIMIT,		  0x480a, "Guest GS limit")	       \
	F(GUEST_LDTR_LIMIT,		  0x480c, "Guest LDTR limit")	       \
	F(GUEST_TR_LIMIT,		  0x480e, "Guest TR limit")	       \
	F(GUEST_GDTR_LIMIT,		  0x4810, "Guest GDTR limit")	       \
	F(GUEST_IDTR_LIMIT,		  0x4812, "Guest IDTR limit")	       \
	F(GUEST_ES_ACCESS_RIGHTS,	  0x4814, "Guest ES access rights")    \
	F(GUEST_CS_ACCESS_RIGHTS,	  0x4816, "Guest CS access rights")    \
	F(GUEST_SS_ACCESS_RIGHTS,	  0x4818, "Guest SS access rights")    \
	F(GUEST_DS_ACCESS_RIGHTS,	  0x481a, "Guest DS access rights")    \
	F(GUEST_FS_ACCESS_RIGHTS,	  0x481c, "Guest FS access rights")    \
	F(GUEST_GS_ACCESS_RIGHTS,	  0x481e, "Guest GS access rights")    \
	F(GUEST_LDTR_ACCESS_RIGHTS,	  0x4820, "Guest LDTR access rights")  \
	F(GUEST_TR_ACCESS_RIGHTS,	  0x4822, "Guest TR access rights")    \
	F(GUEST_INTERRUPTIBILITY_STATE,	  0x4824, "Guest interruptibility state") \
	F(GUEST_ACTIVITY_STATE,		  0x4826, "Guest activity state")      \
	F(GUEST_SMBASE,			  0x4828, "Guest SMBASE")	       \
	F(GUEST_IA32_SYSENTER_CS,	  0x482a, "Guest IA32_SYSENTER_CS")    \
	F(VMX_PREEMPTION_TIMER_VALUE,	  0x482e, "VMX-preemption timer value") \
	/* natural width */						       \
	F(GUEST_CR0,			  0x6800, "Guest CR0")		       \
	F(GUEST_CR3,			  0x6802, "Guest CR3")		       \
	F(GUEST_CR4,			  0x6804, "Guest CR4")		       \
	F(GUEST_ES_BASE,		  0x6806, "Guest ES base")	       \
	F(GUEST_CS_BASE,		  0x6808, "Guest CS base")	       \
	F(GUEST_SS_BASE,		  0x680a, "Guest SS base")	       \
	F(GUEST_DS_BASE,		  0x680c, "Guest DS base")	       \
	F(GUEST_FS_BASE,		  0x680e, "Guest FS base")	       \
	F(GUEST_GS_BASE,		  0x6810, "Guest GS base")	       \
	F(GUEST_LDTR_BASE,		  0x6812, "Guest LDTR base")	       \
	F(GUEST_TR_BASE,		  0x6814, "Guest TR base")	       \
	F(GUEST_GDTR_BASE,		  0x6816, "Guest GDTR base")	       \
	F(GUEST_IDTR_BASE,		  0x6818, "Guest IDTR base")	       \
	F(GUEST_DR7,			  0x681a, "Guest DR7")		       \
	F(GUEST_RSP,			  0x681c, "Guest RSP")		       \
	F(GUEST_RIP,			  0x681e, "Guest RIP")		       \
	F(GUEST_RFLAGS,			  0x6820, "Guest RFLAGS")	       \
	F(GUEST_PENDING_DEBUG_EXCEPTIONS, 0x6822, "Guest pending debug exceptions") \
	F(GUEST_IA32_SYSENTER_ESP,	  0x6824, "Guest IA32_SYSENTER_ESP")   \
	F(GUEST_IA32_SYSENTER_EIP,	  0x6826, "Guest IA32_SYSENTER_EIP")   \
	F(GUEST_IA32_S_CET,		  0x6828, "Guest IA32_S_CET")	       \
	F(GUEST_SSP,			  0x682a, "Guest SSP")		       \
	F(GUEST_IA32_INTERRUPT_SSP_TABLE, 0x682c, "Guest IA32_INTERRUPT_SSP_TABLE_ADDR")

#define VMCS_HOST_FIELDS(F)						       \
	/* 16 bits */							       \
	F(HOST_ES_SELECTOR,		  0x0c00, "Host ES selector")	       \
	F(HOST_CS_SELECTOR,		  0x0c02, "Host CS selector")	       \
	F(HOST_SS_SELECTOR,		  0x0c04, "Host SS selector")	       \
	F(HOST_DS_SELECTOR,		  0x0c06, "Host DS selector")	       \
	F(HOST_FS_SELECTOR,		  0x0c08, "Host FS selector")	       \
	F(HOST_GS_SELECTOR,		  0x0c0a, "Host GS selector")	       \
	F(HOST_TR_SELECTOR,		  0x0c0c, "Host TR selector")	       \
	/* 64 bits */							       \
	F(HOST_IA32_PAT,		  0x2c00, "Host IA32_PAT")	       \
	F(HOST_IA32_EFER,		  0x2c02, "Host IA32_EFER")	       \
	F(HOST_IA32_PERF_GLOBAL_CTRL,	  0x2c04, "Host IA32_PERF_GLOBAL_CTRL") \
	F(HOST_IA32_PKRS,		  0x2c06, "Host IA32_PKRS")	       \
	/* 32 bits */							       \
	F(HOST_IA32_SYSENTER_CS,	  0x4c00, "Host IA32_SYSENTER_CS")     \
	/* natural width */						       \
	F(HOST_CR0,			  0x6c00, "Host CR0")		       \
	F(HOST_CR3,			  0x6c02, "Host CR3")		       \
	F(HOST_CR4,			  0x6c04, "Host CR4")		       \
	F(HOST_FS_BASE,			  0x6c06, "Host FS base")	       \
	F(HOST_GS_BASE,			  0x6c08, "Host GS base")	       \
	F(HOST_TR_BASE,			  0x6c0a, "Host TR base")	       \
	F(HOST_GDTR_BASE,		  0x6c0c, "Host GDTR base")	       \
	F(HOST_IDTR_BASE,		  0x6c0e, "Host IDTR base")	       \
	F(HOST_IA32_SYSENTER_ESP,	  0x6c10, "Host IA32_SYSENTER_ESP")    \
	F(HOST_IA32_SYSENTER_EIP,	  0x6c12, "Host IA32_SYSENTER_EIP")    \
	F(HOST_RSP,			  0x6c14, "Host RSP")		       \
	F(HOST_RIP,			  0x6c16, "Host RIP")		       \
	F(HOST_IA32_S_CET,		  0x6c18, "Host IA32_S_CET")	       \
	F(HOST_SSP,			  0x6c1a, "Host SSP")		       \
	F(HOST_IA32_INTERRUPT_SSP_TABLE,  0x6c1c, "Host IA32_INTERRUPT_SSP_TABLE_ADDR")

#define VMCS_FIELDS(F)			\
	VMCS_CONTROL_FIELDS(F)		\
	VMCS_EXIT_INFORMATION_FIELDS(F)	\
	VMCS_GUEST_FIELDS(F)		\
	VMCS_HOST_FIELDS(F)

/* Of these, those that hold physical addresses of the host's: nobody's business but root's. */
#define VMCS_ADDRESS_FIELDS(F)						       \
	F(IO_BITMAP_A) F(IO_BITMAP_B) F(MSR_BITMAPS) \
	F(VM_EXIT_MSR_STORE_ADDRESS) F(VM_EXIT_MSR_LOAD_ADDRESS) \
	F(VM_ENTRY_MSR_LOAD_ADDRESS) F(EXECUTIVE_VMCS_POINTER) \
	F(PML_ADDRESS) F(VIRTUAL_APIC_ADDRESS) F(APIC_ACCESS_ADDRESS) \
	F(POSTED_INTERRUPT_DESCRIPTOR) F(EPT_POINTER) \
	F(EPTP_LIST_ADDRESS) F(VMREAD_BITMAP_ADDRESS) \
	F(VMWRITE_BITMAP_ADDRESS) F(VE_INFORMATION_ADDRESS) \
	F(SPP_TABLE_POINTER) F(LOW_PASID_DIRECTORY) \
	F(HIGH_PASID_DIRECTORY) F(SHARED_EPT_POINTER) \
	F(VMCS_LINK_POINTER)

/* VMCS_GUEST_CS_ACCESS_RIGHTS and so on */
enum vmcs_encoding {
#define F(name, encoding, sdm_name)	VMCS_##name = (encoding),
	VMCS_FIELDS(F)
#undef F
};

/* Where a field is in the table: VMCS_INDEX_GUEST_CR0 and so on. */
enum vmcs_index {
#define F(name, encoding, sdm_name)	VMCS_INDEX_##name,
	VMCS_FIELDS(F)
#undef F
	VMCS_NR_FIELDS
};

#endif /* _UAPI_VMCS_FIELDS_H */
