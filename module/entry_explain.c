// SPDX-License-Identifier: GPL-2.0
/*
 * Why the processor did not enter a guest: for the run page.
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "entry_cpu.h"
#include "entry_explain.h"
#include "snapshot.h"
#include "vcpu.h"
#include "window.h"

/**
 * entry_report() - broken rules, as user space is told of them
 * @vmcs: the VMCS that broke them
 * @broken: the rules
 * @nr: how many
 * @report: filled in
 */
void entry_report(const struct vmcs_snapshot *vmcs, const struct entry_broken *broken,
		  unsigned int nr, struct minivmx_broken_rule *report)
{
	bool all = capable(CAP_SYS_ADMIN);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		int index = snapshot_index(broken[i].field);

		report[i] = (struct minivmx_broken_rule) {
			.rule = broken[i].rule, .field = broken[i].field,
			.value = all || !snapshot_is_secret(index) ?
				vmcs->value[index] : 0,
		};
	}
}

/**
 * entry_explain() - which rules did the entry break that has just failed
 * @vcpu: the vCPU; its run page is filled in
 *
 * The VMCS is in memory, as the failed entry left it, but for what
 * exit_entry_failed() cleared. Where there is no memory or no window, the run page
 * says that no rule is known to be broken.
 *
 * Context: vcpu->lock held, outside of a window.
 */
void entry_explain(struct vcpu *vcpu)
{
	const struct entry_memory memory = {
		.current_vmcs = vcpu->vmcs.phys, .vtpr = -1, .link = -1,
	};
	struct entry_broken broken[MINIVMX_RUN_MAX_BROKEN];
	struct minivmx_run *run = vcpu->run;
	struct vmcs_snapshot *snapshot;
	struct window window;
	unsigned int nr;

	run->fail_entry.nr_broken = 0;
	snapshot = kmalloc(sizeof(*snapshot), GFP_KERNEL_ACCOUNT);
	if (!snapshot)
		return;
	if (window_open(vcpu, &window))
		goto out;
	snapshot_read(snapshot);
	window_close(vcpu, &window);

	snapshot->value[VMCS_INDEX_VM_ENTRY_INTERRUPTION_INFO] = vcpu->exit.injected;
	nr = entry_check(snapshot, &entry_cpu, &memory, broken, ARRAY_SIZE(broken));
	entry_report(snapshot, broken, min_t(unsigned int, nr, ARRAY_SIZE(broken)),
		     run->fail_entry.broken);
	run->fail_entry.nr_broken = nr;
out:
	kfree(snapshot);
}
