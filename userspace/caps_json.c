// SPDX-License-Identifier: GPL-2.0
/*
 * The report of "vmrun caps", for programs: docs/caps.md has the schema. 64-bit
 * values are strings, since a number of JSON is often a double.
 */
#include <err.h>
#include <jansson.h>
#include <stdio.h>

#include "caps.h"
#include "exit_status.h"

static json_t *hex(__u64 value)
{
	return json_sprintf("0x%llx", value);
}

static json_t *verdict(const struct caps *caps)
{
	const struct vmx_verdict_text *text = &vmx_verdicts[caps->verdict];

	return json_pack("{s:b, s:i, s:s, s:s?, s:s}",
			 "usable", caps->verdict == VMX_OK, "errno", text->errno_,
			 "why", text->why, "missing", caps->missing,
			 "remedy", text->remedy);
}

/* By name, as a later "vmrun caps --from" wants them: those that exist. */
static json_t *msrs(const struct caps *caps)
{
	json_t *object = json_object();
	const struct vmx_msrs *m = &caps->msrs;
	const struct caps_msr *msr;
	int word;

	if (!caps->have_msrs)
		return object;
	for (msr = caps_msrs; msr->name; msr++)
		json_object_set_new(object, msr->name, hex(caps_msr_value(caps, msr->msr)));
	for (word = 0; word < VMX_NR_CTL_WORDS; word++)
		json_object_set_new(object, caps_msr_name(caps_word_msr(caps, word)),
				    hex(m->ctl[word]));
	json_object_set_new(object, caps_msr_name(VMX_MSR_CR0_FIXED0), hex(m->cr0_fixed0));
	json_object_set_new(object, caps_msr_name(VMX_MSR_CR0_FIXED1), hex(m->cr0_fixed1));
	json_object_set_new(object, caps_msr_name(VMX_MSR_CR4_FIXED0), hex(m->cr4_fixed0));
	json_object_set_new(object, caps_msr_name(VMX_MSR_CR4_FIXED1), hex(m->cr4_fixed1));
	return object;
}

static json_t *control(const struct caps *caps, const struct caps_control *c)
{
	__u64 value = caps->msrs.ctl[c->word];
	json_t *written = caps->verdict == VMX_OK ?
		json_boolean(caps->used[c->word] >> c->bit & 1) : json_null();

	return json_pack("{s:s, s:i, s:s, s:b, s:b, s:o, s:s, s:s}",
			 "word", caps_word_names[c->word], "bit", c->bit, "name", c->name,
			 "may_be_0", !(value >> c->bit & 1),
			 "may_be_1", (int)(value >> (32 + c->bit) & 1),
			 "written", written, "wish", caps_need_names[c->need],
			 "why", c->why);
}

static json_t *controls(const struct caps *caps)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < caps_nr_controls && caps->have_msrs; i++)
		json_array_append_new(array, control(caps, &caps_controls[i]));
	return array;
}

static json_t *field(const struct caps_msr *msr, const struct caps_field *f, __u64 value)
{
	return json_pack("{s:s, s:i, s:i, s:s, s:o, s:s, s:s}",
			 "msr", msr->name, "high", f->high, "low", f->low,
			 "name", f->name, "value", hex(caps_field_value(value, f)),
			 "wish", caps_need_names[f->need], "why", f->why);
}

static json_t *fields(const struct caps *caps)
{
	json_t *array = json_array();
	const struct caps_msr *msr;
	const struct caps_field *f;

	for (msr = caps_msrs; msr->name && caps->have_msrs; msr++)
		for (f = msr->fields; f->name; f++)
			json_array_append_new(array, field(msr, f,
							   caps_msr_value(caps, msr->msr)));
	return array;
}

static json_t *written(const struct caps *caps)
{
	json_t *object = json_object();
	int word;

	for (word = 0; word < VMX_NR_CTL_WORDS && caps->verdict == VMX_OK; word++)
		json_object_set_new(object, caps_word_names[word], hex(caps->used[word]));
	return object;
}

/**
 * caps_print_json() - all that is known, as one object
 * @caps: what is known
 *
 * Return: 0, or an exit status after a message.
 */
int caps_print_json(const struct caps *caps)
{
	json_t *root = json_pack("{s:s, s:s, s:o, s:{s:b, s:i}, s:o, s:o, s:o, s:o}",
				 "source", caps->source, "note", caps->note,
				 "verdict", verdict(caps),
				 "cpuid", "vmx", caps->msrs.cpuid_vmx,
				 "perfmon", caps->msrs.perfmon,
				 "msrs", msrs(caps), "written", written(caps),
				 "controls", controls(caps), "fields", fields(caps));

	if (!root) {
		warnx("--json: no memory, or a name that is not UTF-8");
		return STATUS_HOST;
	}
	/* A failed write is found when standard output is closed. */
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return 0;
}
