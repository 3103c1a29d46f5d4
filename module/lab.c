// SPDX-License-Identifier: GPL-2.0
/*
 * The VMCS laboratory: break a field, and see what the processor says.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <asm/msr.h>
#include <asm/segment.h>
#include <asm/special_insns.h>
#include <asm/traps.h>
#include <asm/vmx.h>

#include "entry_cpu.h"
#include "entry_explain.h"
#include "event.h"
#include "exit_decode.h"
#include "lab.h"
#include "mitigation.h"
#include "snapshot.h"
#include "vcpu.h"
#include "vmenter.h"
#include "vmx_cpu.h"
#include "window.h"

static bool lab;
module_param(lab, bool, 0444);
MODULE_PARM_DESC(lab, "let CAP_SYS_ADMIN break fields of a VMCS (MINIVMX_TRY_ENTRY)");

/**
 * struct bench - what an experiment needs; too large for the stack
 * @original: the VMCS as minivmx made it
 * @before: the same, ready for an experiment
 * @after: and with the changes
 * @broken: rules that the entry breaks
 * @memory: what the entry reads in memory
 * @page: virtual-APIC page, with VTPR 0, and MSR-load area
 * @zeros: a page of zeros
 * @try: what user space asked for, and is told
 */
struct bench {
	struct vmcs_snapshot original, before, after;
	struct entry_broken broken[MINIVMX_TRY_MAX_BROKEN];
	struct entry_memory memory;
	void *page, *zeros;
	struct minivmx_entry_try *try;
};

/* MSRs that lab_fields.c lets an experiment have loaded at the exit. */
struct host_msrs {
	u64 fs_base, sysenter_cs, sysenter_esp, sysenter_eip, pat, perf;
};

static bool has_perf(void)
{
	return vmx_has(&vmx_caps, VMX_CTL_EXIT, VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL);
}

static void save_host_msrs(struct host_msrs *msrs)
{
	rdmsrl(MSR_FS_BASE, msrs->fs_base);
	rdmsrl(MSR_IA32_SYSENTER_CS, msrs->sysenter_cs);
	rdmsrl(MSR_IA32_SYSENTER_ESP, msrs->sysenter_esp);
	rdmsrl(MSR_IA32_SYSENTER_EIP, msrs->sysenter_eip);
	rdmsrl(MSR_IA32_CR_PAT, msrs->pat);
	if (has_perf())
		rdmsrl(MSR_CORE_PERF_GLOBAL_CTRL, msrs->perf);
}

/* Selectors first: loading one loads a base as well. */
static void restore_host(const struct host_msrs *msrs, const struct host_state *host)
{
	loadsegment(ds, host->ds);
	loadsegment(es, host->es);
	loadsegment(fs, host->fs);
	wrmsrl(MSR_FS_BASE, msrs->fs_base);
	wrmsrl(MSR_IA32_SYSENTER_CS, msrs->sysenter_cs);
	wrmsrl(MSR_IA32_SYSENTER_ESP, msrs->sysenter_esp);
	wrmsrl(MSR_IA32_SYSENTER_EIP, msrs->sysenter_eip);
	wrmsrl(MSR_IA32_CR_PAT, msrs->pat);
	if (has_perf())
		wrmsrl(MSR_CORE_PERF_GLOBAL_CTRL, msrs->perf);
}

/* ------------------------- what user space asks for ---------------------- */

static int check_request(const struct minivmx_entry_try *try)
{
	const u32 flags = MINIVMX_TRY_CHECK_ONLY | MINIVMX_TRY_RESUME |
		MINIVMX_TRY_LINK_ZEROS | MINIVMX_TRY_LINK_SELF | MINIVMX_TRY_TRUST;
	u32 i;

	if (try->flags & ~flags || try->nr_fields > MINIVMX_TRY_MAX_FIELDS ||
	    try->nr_msrs > MINIVMX_TRY_MAX_MSRS)
		return -EINVAL;
	for (i = 0; i < try->nr_fields; i++) {
		const struct minivmx_vmcs_field *field = &try->fields[i];

		/* vmenter.S writes host RSP, and nothing checks it. */
		if (field->flags || snapshot_index(field->encoding) < 0 ||
		    VMCS_FIELD_TYPE(field->encoding) == VMCS_TYPE_EXIT_INFORMATION ||
		    field->encoding == VMCS_HOST_RSP ||
		    field->value > snapshot_max(field->encoding))
			return -EINVAL;
		/* The MSRs that are judged would not be those that are loaded. */
		if (try->nr_msrs && field->encoding == VMCS_VM_ENTRY_MSR_LOAD_ADDRESS)
			return -EINVAL;
	}
	/* Anybody may ask whether a guest is fit to run. */
	if (try->flags == MINIVMX_TRY_CHECK_ONLY && !try->nr_fields && !try->nr_msrs)
		return 0;
	if (!lab || !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return vmx_has(&vmx_caps, VMX_CTL_PIN, PIN_BASED_VMX_PREEMPTION_TIMER) ? 0 :
		-EOPNOTSUPP;
}

/* ------------------------- in the window --------------------------------- */

/* The base of all experiments: the guest as it stands, with no time to run. */
static void write_base(struct bench *bench)
{
	const struct minivmx_entry_try *try = bench->try;

	if (bench->original.present[VMCS_INDEX_VMX_PREEMPTION_TIMER_VALUE])
		vmcs_write32(VMCS_VMX_PREEMPTION_TIMER_VALUE, 0);
	if (try->nr_msrs) {
		memcpy(bench->page, try->msrs, try->nr_msrs * sizeof(*try->msrs));
		vmcs_write64(VMCS_VM_ENTRY_MSR_LOAD_ADDRESS, __pa(bench->page));
		vmcs_write32(VMCS_VM_ENTRY_MSR_LOAD_COUNT, try->nr_msrs);
	}
	/* The field exists only where the control may be 1. */
	if (bench->original.present[VMCS_INDEX_VIRTUAL_APIC_ADDRESS])
		vmcs_write64(VMCS_VIRTUAL_APIC_ADDRESS, __pa(bench->page));
}

/* The link pointer, to something of which the checker knows the revision identifier. */
static void set_link(struct bench *bench, u64 link, u32 revision)
{
	vmcs_write64(VMCS_VMCS_LINK_POINTER, link);
	bench->after.value[VMCS_INDEX_VMCS_LINK_POINTER] = link;
	bench->memory.link = revision;
}

/* Return: 0, or -EOPNOTSUPP if the processor lacks a field. */
static int change_fields(struct bench *bench)
{
	const struct minivmx_entry_try *try = bench->try;
	u32 i;

	bench->after = bench->before;
	for (i = 0; i < try->nr_fields; i++) {
		int index = snapshot_index(try->fields[i].encoding);

		if (!bench->before.present[index])
			return -EOPNOTSUPP;
		vmcs_write(try->fields[i].encoding, try->fields[i].value);
		/* Some processors drop reserved bits of access rights on VMWRITE. */
		bench->after.value[index] = vmcs_read(try->fields[i].encoding);
		if (index == VMCS_INDEX_VIRTUAL_APIC_ADDRESS)
			bench->memory.vtpr = -1;
	}
	if (try->flags & MINIVMX_TRY_LINK_ZEROS)
		set_link(bench, __pa(bench->zeros), 0);
	if (try->flags & MINIVMX_TRY_LINK_SELF)
		set_link(bench, bench->memory.current_vmcs, vmx_caps.revision);
	return 0;
}

static void judge(struct bench *bench)
{
	struct minivmx_entry_try *try = bench->try;

	try->nr_broken = entry_check(&bench->after, &entry_cpu, &bench->memory,
				     bench->broken, ARRAY_SIZE(bench->broken));
}

static bool survives(const struct bench *bench)
{
	const struct minivmx_entry_try *try = bench->try;
	unsigned int nr = min_t(u32, try->nr_broken, ARRAY_SIZE(bench->broken));

	/* They are loaded, one by one, into the host's MSRs: only if the first cannot be. */
	if (try->nr_msrs && entry_msr_valid(bench->page))
		return false;
	if (try->flags & MINIVMX_TRY_TRUST && nr)
		return true;
	return lab_may_enter(&bench->before, &bench->after, bench->broken, nr);
}

static void note_exit(struct minivmx_entry_try *try)
{
	u32 reason = vmcs_read32(VMCS_EXIT_REASON);
	u32 info = vmcs_read32(VMCS_VM_EXIT_INTERRUPTION_INFO);

	try->exit_reason = reason;
	try->qualification = vmcs_readl(VMCS_EXIT_QUALIFICATION);
	if (reason & EXIT_REASON_ENTRY_FAILURE) {
		try->outcome = MINIVMX_ENTRY_FAIL_EXIT;
		if (exit_basic_reason(reason) == EXIT_REASON_MCE_DURING_VMENTRY)
			asm volatile("int $18");
		return;
	}
	try->outcome = MINIVMX_ENTRY_ENTERED;
	/* Events of the host's that do not stay pending. */
	if (reason == EXIT_REASON_EXCEPTION_NMI) {
		if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR)
			asm volatile("int $2");
		else if ((info & INTR_INFO_VECTOR_MASK) == X86_TRAP_MC)
			asm volatile("int $18");
	}
}

static void enter(struct vcpu *vcpu, const struct window *window, struct bench *bench)
{
	struct minivmx_entry_try *try = bench->try;
	struct vcpu_context context = vcpu->context;
	enum vmenter_result result;
	struct host_msrs msrs;

	context.host_rsp = 0;
	save_host_msrs(&msrs);
	mitigation_before_window();
	result = minivmx_vmenter(&context, try->flags & MINIVMX_TRY_RESUME);
	mitigation_left_guest();
	if (result == VMENTER_EXITED)
		restore_host(&msrs, &window->host);

	switch (result) {
	case VMENTER_EXITED:
		note_exit(try);
		break;
	case VMENTER_FAIL_VALID:
		try->outcome = MINIVMX_ENTRY_FAIL_VALID;
		try->instruction_error = vmcs_read32(VMCS_VM_INSTRUCTION_ERROR);
		break;
	case VMENTER_FAIL_INVALID:
		try->outcome = MINIVMX_ENTRY_FAIL_INVALID;
		break;
	}
}

static int experiment(struct vcpu *vcpu, struct bench *bench)
{
	struct minivmx_entry_try *try = bench->try;
	bool msrs_loaded = vcpu->msrs.live;
	bool nmi_blocked = vcpu->nmi_blocked;
	struct vcpu_event event = vcpu->event;
	u8 nmis = vcpu->nmis;
	struct window window;
	int err;

	err = window_open(vcpu, &window);
	if (err) {
		window_explain(vcpu, err);
		return err;
	}
	vcpu_prepare_entry(vcpu, &window);
	snapshot_read(&bench->original);
	event_inject(vcpu);
	write_base(bench);
	snapshot_read(&bench->before);
	err = change_fields(bench);
	if (!err) {
		judge(bench);
		if (!(try->flags & MINIVMX_TRY_CHECK_ONLY) && survives(bench))
			enter(vcpu, &window, bench);
	}
	/* What waited to be delivered waits again: the next entry chooses. */
	snapshot_write(&bench->original);
	vcpu->primary = bench->original.value[VMCS_INDEX_PRIMARY_EXEC_CONTROLS];
	vcpu->event = event;
	vcpu->nmis = nmis;
	vcpu->nmi_blocked = nmi_blocked;
	/* The delivery of an event may have met a page fault of the guest's. */
	native_write_cr2(vcpu->sregs.cr2);
	vcpu_after_exit(vcpu, msrs_loaded);
	window_close(vcpu, &window);
	return err;
}

/**
 * lab_try_entry() - see MINIVMX_TRY_ENTRY
 * @vcpu: the vCPU, locked
 * @arg: struct minivmx_entry_try
 */
int lab_try_entry(struct vcpu *vcpu, void *arg)
{
	struct minivmx_entry_try *try = arg;
	struct bench *bench;
	int err;

	err = check_request(try);
	if (err)
		return err;
	bench = kzalloc(sizeof(*bench), GFP_KERNEL_ACCOUNT);
	if (!bench)
		return -ENOMEM;
	bench->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	bench->zeros = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!bench->page || !bench->zeros) {
		err = -ENOMEM;
		goto out;
	}
	bench->try = try;
	bench->memory = (struct entry_memory) {
		.current_vmcs = vcpu->vmcs.phys, .link = -1,
		.msrs = bench->page, .nr_msrs = try->nr_msrs,
	};
	try->outcome = MINIVMX_ENTRY_NOT_TRIED;
	try->instruction_error = 0;
	try->exit_reason = 0;
	try->qualification = 0;
	try->padding = 0;
	memset(try->broken, 0, sizeof(try->broken));

	err = experiment(vcpu, bench);
	if (!err)
		entry_report(&bench->after, bench->broken,
			     min_t(u32, try->nr_broken, ARRAY_SIZE(try->broken)),
			     try->broken);
out:
	free_page((unsigned long)bench->page);
	free_page((unsigned long)bench->zeros);
	kfree(bench);
	return err;
}
