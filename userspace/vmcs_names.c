// SPDX-License-Identifier: GPL-2.0
/*
 * The fields of a VMCS: their names, and who may see them.
 */
#include <ctype.h>
#include <string.h>

#include "array_size.h"
#include "vmcs.h"

static const struct vmcs_name names[] = {
#define F(name, encoding, sdm_name)	{ encoding, #name, sdm_name },
	VMCS_FIELDS(F)
#undef F
};

/* Addresses of the host's memory: without CAP_SYS_ADMIN they read as 0. */
static const __u32 addresses[] = {
#define F(name)	VMCS_##name,
	VMCS_ADDRESS_FIELDS(F)
#undef F
};

/** vmcs_name() - the row of a field; NULL if there is none */
const struct vmcs_name *vmcs_name(__u32 encoding)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].encoding == encoding)
			return &names[i];
	return NULL;
}

/** vmcs_find() - the same by name, with VMCS_ or without, in any case */
const struct vmcs_name *vmcs_find(const char *name)
{
	size_t i;

	if (!strncasecmp(name, "VMCS_", 5) && strcasecmp(name, "VMCS_LINK_POINTER"))
		name += 5;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(names[i].name, name))
			return &names[i];
	return NULL;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Edit distance; what is left out costs less than what is wrong: RFLAGS, GUEST_RFLAGS. */
static unsigned int distance(const char *typed, const char *name)
{
	unsigned int row[64], above, left, i;
	const char *t;

	for (i = 0; i <= strlen(name); i++)
		row[i] = i;
	for (t = typed; *t; t++) {
		above = row[0];
		row[0] += 3;
		for (i = 1; i <= strlen(name); i++) {
			left = above + (toupper((unsigned char)*t) == name[i - 1] ? 0 : 4);
			above = row[i];
			row[i] = least(left, least(row[i] + 3, row[i - 1] + 1));
		}
	}
	return row[strlen(name)];
}

/**
 * vmcs_near() - what may have been meant
 * @name: no field's
 * @near: gets the fields with the names that are nearest, the nearest first
 */
void vmcs_near(const char *name, const struct vmcs_name *near[VMCS_NEAR])
{
	unsigned int best[VMCS_NEAR], nr = 0, cost, at;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		cost = distance(name, names[i].name);
		for (at = nr; at && best[at - 1] > cost; at--)
			if (at < VMCS_NEAR) {
				best[at] = best[at - 1];
				near[at] = near[at - 1];
			}
		if (at == VMCS_NEAR)
			continue;
		best[at] = cost;
		near[at] = &names[i];
		nr = least(nr + 1, VMCS_NEAR);
	}
}

/** vmcs_width() - how many bits a field has */
unsigned int vmcs_width(__u32 encoding)
{
	static const unsigned int bits[] = {
		[VMCS_WIDTH_16] = 16, [VMCS_WIDTH_64] = 64, [VMCS_WIDTH_32] = 32,
		[VMCS_WIDTH_NATURAL] = 64,
	};

	return bits[VMCS_FIELD_WIDTH(encoding)];
}

/** vmcs_is_secret() - is it the host's, and for root only */
bool vmcs_is_secret(__u32 encoding)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		if (addresses[i] == encoding)
			return true;
	return VMCS_FIELD_TYPE(encoding) == VMCS_TYPE_HOST;
}

/** vmcs_field() - a field of a VMCS that was read; NULL if the processor has it not */
const struct minivmx_vmcs_field *vmcs_field(const struct minivmx_vmcs *vmcs, __u32 encoding)
{
	__u32 i;

	for (i = 0; i < vmcs->nr; i++)
		if (vmcs->fields[i].encoding == encoding)
			return &vmcs->fields[i];
	return NULL;
}

/** vmcs_is_hidden() - does a field read as 0 only because the reader may not see it */
bool vmcs_is_hidden(const struct minivmx_vmcs *vmcs, __u32 encoding)
{
	/* The host's CS is never 0: no exit could load it. */
	const struct minivmx_vmcs_field *cs = vmcs_field(vmcs, VMCS_HOST_CS_SELECTOR);

	return vmcs_is_secret(encoding) && (!cs || !cs->value);
}
