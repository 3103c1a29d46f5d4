// SPDX-License-Identifier: GPL-2.0
/*
 * Which fields are changed, to what. Most values that are far off break the same few
 * rules; so most changes are of single bits.
 */
#include <string.h>

#include "entry.h"

static const struct {
	uint32_t encoding;
	const char *name;
} fields[VMCS_NR_FIELDS] = {
#define F(name, encoding, sdm_name)	{ (encoding), #name },
	VMCS_FIELDS(F)
#undef F
};

uint32_t field_encoding(unsigned int index)
{
	return fields[index].encoding;
}

int field_index(uint32_t encoding)
{
	int i;

	for (i = 0; i < VMCS_NR_FIELDS; i++)
		if (fields[i].encoding == encoding)
			return i;
	return -1;
}

const char *field_name(uint32_t encoding)
{
	int i = field_index(encoding);

	return i < 0 ? "?" : fields[i].name;
}

/* Fields that many rules are about: they are changed more often. */
static const uint32_t favourites[] = {
	VMCS_PIN_EXEC_CONTROLS, VMCS_PRIMARY_EXEC_CONTROLS, VMCS_SECONDARY_EXEC_CONTROLS,
	VMCS_PRIMARY_VM_EXIT_CONTROLS, VMCS_VM_ENTRY_CONTROLS,
	VMCS_VM_ENTRY_INTERRUPTION_INFO, VMCS_VM_ENTRY_INTERRUPTION_INFO,
	VMCS_VM_ENTRY_EXCEPTION_ERROR_CODE, VMCS_VM_ENTRY_INSTRUCTION_LENGTH,
	VMCS_EPT_POINTER, VMCS_GUEST_CR0, VMCS_GUEST_CR4, VMCS_GUEST_IA32_EFER,
	VMCS_GUEST_RFLAGS, VMCS_GUEST_RFLAGS, VMCS_GUEST_RIP, VMCS_GUEST_ACTIVITY_STATE,
	VMCS_GUEST_INTERRUPTIBILITY_STATE, VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS,
	VMCS_GUEST_CS_ACCESS_RIGHTS, VMCS_GUEST_SS_ACCESS_RIGHTS,
	VMCS_GUEST_DS_ACCESS_RIGHTS, VMCS_GUEST_TR_ACCESS_RIGHTS,
	VMCS_GUEST_LDTR_ACCESS_RIGHTS, VMCS_GUEST_CS_SELECTOR, VMCS_GUEST_SS_SELECTOR,
	VMCS_GUEST_CS_LIMIT, VMCS_VMCS_LINK_POINTER, VMCS_GUEST_PDPTE_0,
};

static unsigned int choose_field(struct rng *rng, const struct base *base)
{
	unsigned int index;

	do {
		if (rng_below(rng, 2))
			index = field_index(RNG_OF(rng, favourites));
		else
			index = rng_below(rng, VMCS_NR_FIELDS);
	} while (!base->present[index] || fields[index].encoding == VMCS_HOST_RSP ||
		 VMCS_FIELD_TYPE(fields[index].encoding) == VMCS_TYPE_EXIT_INFORMATION);
	return index;
}

/*
 * Events of all types and vectors, with what belongs to them and without; but for type
 * 7, a pending MTF exit: Bochs gives up at it.
 */
static uint64_t random_event(struct rng *rng)
{
	uint64_t info = 1U << 31 | rng_below(rng, 7) << 8 | rng_below(rng, 32);

	if (!rng_below(rng, 3))
		info |= 1 << 11;
	if (!rng_below(rng, 8))
		info ^= 1U << rng_below(rng, 31);
	return info;
}

static bool is_mtf(uint64_t info)
{
	return info & 1U << 31 && (info >> 8 & 7) == 7;
}

/* Numbers at which something begins or ends. */
static uint64_t edge(struct rng *rng)
{
	static const uint64_t edges[] = {
		0, 1, 0xff, 0xfff, 0x1000, 0xffff, 0x10000, 0xfffff, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 1ULL << 40, 1ULL << 46, 1ULL << 47,
		0x7fffffffffff, 0xffff800000000000, 1ULL << 48, 1ULL << 52, 1ULL << 63,
		~0ULL,
	};

	return RNG_OF(rng, edges);
}

static uint64_t random_value(struct rng *rng, uint32_t encoding, uint64_t old)
{
	unsigned int bits = field_bits(encoding);
	uint64_t value = old;

	if (encoding == VMCS_VM_ENTRY_INTERRUPTION_INFO && rng_below(rng, 4))
		return random_event(rng);
	if (encoding == VMCS_GUEST_ACTIVITY_STATE)
		return rng_below(rng, 5);
	switch (rng_below(rng, 8)) {
	case 0:
		value = edge(rng);
		break;
	case 1:
		value = rng_u64(rng);
		break;
	case 2:
		value = rng_below(rng, 32);
		break;
	case 3:
		value ^= 1ULL << rng_below(rng, bits);
		/* fall through */
	default:
		value ^= 1ULL << rng_below(rng, bits);
		break;
	}
	return bits == 64 ? value : value & ((1ULL << bits) - 1);
}

/**
 * mutate() - change one or two fields
 * @rng: random numbers
 * @base: what they were
 * @try: filled in
 */
void mutate(struct rng *rng, const struct base *base, struct minivmx_entry_try *try)
{
	unsigned int i;

	memset(try, 0, sizeof(*try));
	try->nr_fields = 1 + rng_below(rng, 2);
	for (i = 0; i < try->nr_fields; i++) {
		unsigned int index = choose_field(rng, base);

		try->fields[i].encoding = fields[index].encoding;
		try->fields[i].value = random_value(rng, fields[index].encoding,
						    base->value[index]);
		if (fields[index].encoding == VMCS_VM_ENTRY_INTERRUPTION_INFO &&
		    is_mtf(try->fields[i].value))
			try->fields[i].value ^= 1 << 10;
	}
}

/**
 * direct() - break one rule
 * @row: how
 * @base: what the fields were
 * @try: filled in
 */
void direct(const struct directed *row, const struct base *base,
	    struct minivmx_entry_try *try)
{
	unsigned int i;

	memset(try, 0, sizeof(*try));
	try->flags = MINIVMX_TRY_TRUST;
	for (i = 0; i < 3 && (row->set[i] || row->clear[i]); i++) {
		try->fields[i].encoding = row->fields[i];
		try->fields[i].value = (base->value[field_index(row->fields[i])] &
					~row->clear[i]) | row->set[i];
		try->nr_fields++;
	}
}
