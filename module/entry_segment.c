// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM entry checks of the guest's segments: SDM Vol. 3C, "Checks on Guest
 * Segment Registers", 27.3.1.2, edition 083. A rule that is broken is exit reason 33.
 */
#include <linux/bits.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "entry_check.h"

#define F(name)		ENTRY_FIELD(c, name)

/* In the order of the table: selectors, limits, access rights and bases alike. */
enum segment { ES, CS, SS, DS, FS, GS, LDTR, TR };

#define V86_RIGHTS	0xf3	/* present, DPL 3, read/write data, accessed */

/* Types of a segment descriptor (SDM Vol. 3A, 3.4.5.1, edition 083). */
#define TYPE_ACCESSED	1
#define TYPE_READABLE	2	/* of code */
#define TYPE_CODE	8
#define TYPE_DATA_RW	3	/* accessed */
#define TYPE_DATA_DOWN	7	/* accessed, expand-down */

#define FIELD_OF(part, s)	(VMCS_GUEST_ES_##part + 2 * (s))
#define VALUE_OF(part, s)	(c->vmcs->value[VMCS_INDEX_GUEST_ES_##part + (s)])

static bool is_v86(const struct entry_check *c)
{
	return F(GUEST_RFLAGS) & X86_EFLAGS_VM;
}

static bool is_unrestricted(const struct entry_check *c)
{
	return c->secondary & SECONDARY_EXEC_UNRESTRICTED_GUEST;
}

static bool is_usable(const struct entry_check *c, enum segment s)
{
	return !(VALUE_OF(ACCESS_RIGHTS, s) & VMX_AR_UNUSABLE_MASK);
}

/* CS counts even if it says that it is not usable. */
static bool counts(const struct entry_check *c, enum segment s)
{
	return s == CS || is_usable(c, s);
}

static unsigned int type_of(const struct entry_check *c, enum segment s)
{
	return VALUE_OF(ACCESS_RIGHTS, s) & VMX_AR_TYPE_MASK;
}

static unsigned int dpl_of(const struct entry_check *c, enum segment s)
{
	return VMX_AR_DPL(VALUE_OF(ACCESS_RIGHTS, s));
}

static unsigned int rpl_of(const struct entry_check *c, enum segment s)
{
	return VALUE_OF(SELECTOR, s) & 3;
}

static bool granularity_fits(const struct entry_check *c, enum segment s)
{
	u32 limit = VALUE_OF(LIMIT, s);
	bool g = VALUE_OF(ACCESS_RIGHTS, s) & VMX_AR_G_MASK;

	return !(g && ~limit & 0xfff) && !(!g && limit >> 20);
}

/* The first of ES to GS for which @test does not hold, as a field. */
static u32 each_segment(const struct entry_check *c, u32 field,
			bool (*test)(const struct entry_check *c, enum segment s))
{
	enum segment s;

	/* CS first: it is the one that is wrong most often. */
	if (!test(c, CS))
		return field + 2 * CS;
	for (s = ES; s <= GS; s++)
		if (!test(c, s))
			return field + 2 * s;
	return ENTRY_HOLDS;
}

/* ------------------------- selectors, bases, limits ---------------------- */

u32 entry_GUEST_TR_TI(const struct entry_check *c)
{
	return ENTRY_TEST(!(F(GUEST_TR_SELECTOR) & 4), GUEST_TR_SELECTOR);
}

u32 entry_GUEST_LDTR_TI(const struct entry_check *c)
{
	return ENTRY_TEST(!is_usable(c, LDTR) || !(F(GUEST_LDTR_SELECTOR) & 4),
			  GUEST_LDTR_SELECTOR);
}

u32 entry_GUEST_SS_RPL(const struct entry_check *c)
{
	return ENTRY_TEST(is_v86(c) || is_unrestricted(c) ||
			  rpl_of(c, SS) == rpl_of(c, CS), GUEST_SS_SELECTOR);
}

static bool v86_base(const struct entry_check *c, enum segment s)
{
	return VALUE_OF(BASE, s) == VALUE_OF(SELECTOR, s) << 4;
}

u32 entry_GUEST_V86_BASE(const struct entry_check *c)
{
	return is_v86(c) ? each_segment(c, VMCS_GUEST_ES_BASE, v86_base) : ENTRY_HOLDS;
}

static bool v86_limit(const struct entry_check *c, enum segment s)
{
	return VALUE_OF(LIMIT, s) == 0xffff;
}

u32 entry_GUEST_V86_LIMIT(const struct entry_check *c)
{
	return is_v86(c) ? each_segment(c, VMCS_GUEST_ES_LIMIT, v86_limit) : ENTRY_HOLDS;
}

static bool v86_rights(const struct entry_check *c, enum segment s)
{
	return VALUE_OF(ACCESS_RIGHTS, s) == V86_RIGHTS;
}

u32 entry_GUEST_V86_RIGHTS(const struct entry_check *c)
{
	return is_v86(c) ? each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, v86_rights) :
		ENTRY_HOLDS;
}

u32 entry_GUEST_BASES(const struct entry_check *c)
{
	static const enum segment segments[] = { TR, FS, GS, LDTR };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		enum segment s = segments[i];

		if ((s != LDTR || is_usable(c, s)) &&
		    !entry_canonical(c, VALUE_OF(BASE, s)))
			return FIELD_OF(BASE, s);
	}
	return ENTRY_HOLDS;
}

u32 entry_GUEST_BASES_HIGH(const struct entry_check *c)
{
	static const enum segment segments[] = { CS, SS, DS, ES };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		enum segment s = segments[i];

		if (counts(c, s) && VALUE_OF(BASE, s) >> 32)
			return FIELD_OF(BASE, s);
	}
	return ENTRY_HOLDS;
}

/* ------------------------- access rights --------------------------------- */

u32 entry_GUEST_CS_TYPE(const struct entry_check *c)
{
	unsigned int type = type_of(c, CS);

	return ENTRY_TEST(is_v86(c) ||
			  (type & TYPE_CODE && type & TYPE_ACCESSED) ||
			  (type == TYPE_DATA_RW && is_unrestricted(c)),
			  GUEST_CS_ACCESS_RIGHTS);
}

u32 entry_GUEST_SS_TYPE(const struct entry_check *c)
{
	unsigned int type = type_of(c, SS);

	return ENTRY_TEST(is_v86(c) || !is_usable(c, SS) || type == TYPE_DATA_RW ||
			  type == TYPE_DATA_DOWN, GUEST_SS_ACCESS_RIGHTS);
}

static bool data_type(const struct entry_check *c, enum segment s)
{
	unsigned int type = type_of(c, s);

	return s == CS || s == SS || !is_usable(c, s) ||
		(type & TYPE_ACCESSED &&
		 (!(type & TYPE_CODE) || type & TYPE_READABLE));
}

u32 entry_GUEST_DATA_TYPE(const struct entry_check *c)
{
	return is_v86(c) ? ENTRY_HOLDS :
		each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, data_type);
}

static bool s_set(const struct entry_check *c, enum segment s)
{
	return !counts(c, s) || VALUE_OF(ACCESS_RIGHTS, s) & VMX_AR_S_MASK;
}

u32 entry_GUEST_S(const struct entry_check *c)
{
	return is_v86(c) ? ENTRY_HOLDS :
		each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, s_set);
}

u32 entry_GUEST_CS_DPL(const struct entry_check *c)
{
	unsigned int dpl = dpl_of(c, CS);
	bool holds = true;

	switch (type_of(c, CS)) {
	case 3:
		holds = dpl == 0;
		break;
	case 9:
	case 11:
		holds = dpl == dpl_of(c, SS);
		break;
	case 13:
	case 15:
		holds = dpl <= dpl_of(c, SS);
		break;
	}
	return ENTRY_TEST(is_v86(c) || holds, GUEST_CS_ACCESS_RIGHTS);
}

u32 entry_GUEST_SS_DPL(const struct entry_check *c)
{
	bool zero = type_of(c, CS) == TYPE_DATA_RW || !(F(GUEST_CR0) & X86_CR0_PE);

	return ENTRY_TEST(is_v86(c) ||
			  ((is_unrestricted(c) || dpl_of(c, SS) == rpl_of(c, SS)) &&
			   !(zero && dpl_of(c, SS))), GUEST_SS_ACCESS_RIGHTS);
}

static bool data_dpl(const struct entry_check *c, enum segment s)
{
	return s == CS || s == SS || !is_usable(c, s) || type_of(c, s) > 11 ||
		dpl_of(c, s) >= rpl_of(c, s);
}

u32 entry_GUEST_DATA_DPL(const struct entry_check *c)
{
	return is_v86(c) || is_unrestricted(c) ? ENTRY_HOLDS :
		each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, data_dpl);
}

static bool present(const struct entry_check *c, enum segment s)
{
	return !counts(c, s) || VALUE_OF(ACCESS_RIGHTS, s) & VMX_AR_P_MASK;
}

u32 entry_GUEST_P(const struct entry_check *c)
{
	return is_v86(c) ? ENTRY_HOLDS :
		each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, present);
}

static bool reserved_clear(const struct entry_check *c, enum segment s)
{
	return !counts(c, s) || !(VALUE_OF(ACCESS_RIGHTS, s) & VMX_AR_RESERVD_MASK);
}

u32 entry_GUEST_RESERVED(const struct entry_check *c)
{
	return is_v86(c) ? ENTRY_HOLDS :
		each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, reserved_clear);
}

u32 entry_GUEST_CS_DB(const struct entry_check *c)
{
	const u32 both = VMX_AR_L_MASK | VMX_AR_DB_MASK;

	return ENTRY_TEST(is_v86(c) || !(c->entry & VM_ENTRY_IA32E_MODE) ||
			  (F(GUEST_CS_ACCESS_RIGHTS) & both) != both,
			  GUEST_CS_ACCESS_RIGHTS);
}

static bool granularity(const struct entry_check *c, enum segment s)
{
	return !counts(c, s) || granularity_fits(c, s);
}

u32 entry_GUEST_G(const struct entry_check *c)
{
	return is_v86(c) ? ENTRY_HOLDS :
		each_segment(c, VMCS_GUEST_ES_ACCESS_RIGHTS, granularity);
}

/* ------------------------- TR and LDTR ----------------------------------- */

u32 entry_GUEST_TR_TYPE(const struct entry_check *c)
{
	unsigned int type = type_of(c, TR);

	return ENTRY_TEST(type == VMX_AR_TYPE_BUSY_64_TSS ||
			  (type == VMX_AR_TYPE_BUSY_16_TSS &&
			   !(c->entry & VM_ENTRY_IA32E_MODE)), GUEST_TR_ACCESS_RIGHTS);
}

/* P=1, S=0, nothing reserved, and a limit that fits. */
static bool is_system(const struct entry_check *c, enum segment s)
{
	u32 rights = VALUE_OF(ACCESS_RIGHTS, s);

	return (rights & (VMX_AR_P_MASK | VMX_AR_S_MASK)) == VMX_AR_P_MASK &&
		!(rights & VMX_AR_RESERVD_MASK) && granularity_fits(c, s);
}

u32 entry_GUEST_TR_RIGHTS(const struct entry_check *c)
{
	return ENTRY_TEST(is_usable(c, TR) && is_system(c, TR), GUEST_TR_ACCESS_RIGHTS);
}

u32 entry_GUEST_LDTR_RIGHTS(const struct entry_check *c)
{
	return ENTRY_TEST(!is_usable(c, LDTR) ||
			  (type_of(c, LDTR) == VMX_AR_TYPE_LDT && is_system(c, LDTR)),
			  GUEST_LDTR_ACCESS_RIGHTS);
}
