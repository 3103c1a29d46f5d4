// SPDX-License-Identifier: GPL-2.0
/*
 * The fields of a VMCS, all at once: for the checks of a VM entry, and for people who
 * want to see them.
 */
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "snapshot.h"
#include "vcpu.h"
#include "window.h"

static const u32 encodings[VMCS_NR_FIELDS] = {
#define F(name, encoding, sdm_name)	(encoding),
	VMCS_FIELDS(F)
#undef F
};

/* Fields that this processor has not; all CPUs have the same. */
static bool absent[VMCS_NR_FIELDS];

/* Physical addresses of the host's: nobody's business but root's. */
static const u32 addresses[] = {
#define F(name)	VMCS_##name,
	VMCS_ADDRESS_FIELDS(F)
#undef F
};

/** snapshot_index() - where the table has a field; -1 if it does not */
int snapshot_index(u32 encoding)
{
	int i;

	for (i = 0; i < VMCS_NR_FIELDS; i++)
		if (encodings[i] == encoding)
			return i;
	return -1;
}

/** snapshot_encoding() - the reverse */
u32 snapshot_encoding(unsigned int index)
{
	return encodings[index];
}

/** snapshot_max() - the largest value that a field can hold */
u64 snapshot_max(u32 encoding)
{
	switch (VMCS_FIELD_WIDTH(encoding)) {
	case VMCS_WIDTH_16:
		return U16_MAX;
	case VMCS_WIDTH_32:
		return U32_MAX;
	default:
		return U64_MAX;
	}
}

/** snapshot_read() - read the current VMCS; in a window */
void snapshot_read(struct vmcs_snapshot *snapshot)
{
	int i;

	for (i = 0; i < VMCS_NR_FIELDS; i++) {
		unsigned long value = 0;

		/* A processor that lacks a field fails the VMREAD: ask once. */
		if (!READ_ONCE(absent[i]) && !vmread(encodings[i], &value)) {
			WRITE_ONCE(absent[i], true);
			value = 0;
		}
		snapshot->present[i] = !READ_ONCE(absent[i]);
		snapshot->value[i] = value;
	}
}

/** snapshot_write() - write all fields back that can be written; in a window */
void snapshot_write(const struct vmcs_snapshot *snapshot)
{
	int i;

	for (i = 0; i < VMCS_NR_FIELDS; i++)
		if (snapshot->present[i] &&
		    VMCS_FIELD_TYPE(encodings[i]) != VMCS_TYPE_EXIT_INFORMATION)
			vmcs_write(encodings[i], snapshot->value[i]);
}

/** snapshot_is_secret() - is it the host's, and not for users to see */
bool snapshot_is_secret(unsigned int index)
{
	unsigned int i;

	if (VMCS_FIELD_TYPE(encodings[index]) == VMCS_TYPE_HOST)
		return true;
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		if (encodings[index] == addresses[i])
			return true;
	return false;
}

/** snapshot_get_vmcs() - see MINIVMX_GET_VMCS. Context: vcpu->lock held. */
int snapshot_get_vmcs(struct vcpu *vcpu, void *arg)
{
	bool all = capable(CAP_SYS_ADMIN);
	struct minivmx_vmcs *vmcs = arg;
	struct vmcs_snapshot *snapshot;
	struct window window;
	int err, i;

	BUILD_BUG_ON(VMCS_NR_FIELDS > MINIVMX_VMCS_MAX);
	snapshot = kmalloc(sizeof(*snapshot), GFP_KERNEL_ACCOUNT);
	if (!snapshot)
		return -ENOMEM;
	err = window_open(vcpu, &window);
	if (err) {
		window_explain(vcpu, err);
		goto out;
	}
	/* What user space set since is not in it yet. */
	vcpu_prepare_entry(vcpu, &window);
	snapshot_read(snapshot);
	vcpu_after_exit(vcpu, vcpu->msrs.live);
	window_close(vcpu, &window);

	memset(vmcs, 0, sizeof(*vmcs));
	for (i = 0; i < VMCS_NR_FIELDS; i++)
		if (snapshot->present[i])
			vmcs->fields[vmcs->nr++] = (struct minivmx_vmcs_field) {
				.encoding = encodings[i],
				.value = all || !snapshot_is_secret(i) ?
					snapshot->value[i] : 0,
			};
out:
	kfree(snapshot);
	return err;
}
