// SPDX-License-Identifier: GPL-2.0
/*
 * kvm.golden: what KVM said, for places where KVM cannot be asked.
 * minivmx.golden: what minivmx says where it differs on purpose. Both are part
 * of the program. "diff_test --record=FILE" and "--record-explained=FILE" write
 * them.
 *
 * The first line names the kernel. A case is a line "== IOCTL: NAME", and then
 * its text, indented by a tab.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "diff.h"

asm(".pushsection .rodata\n"
	".globl golden_kvm, golden_minivmx\n"
	"golden_kvm:\n"
	".incbin \"kvm.golden\"\n"
	".byte 0\n"
	"golden_minivmx:\n"
	".incbin \"minivmx.golden\"\n"
	".byte 0\n"
	".popsection\n");

const char *golden_release(void)
{
	static char series[32];

	if (sscanf(golden_kvm, "# Linux %31[0-9.]", series) != 1)
		return "no kernel";
	return series;
}

const char *kernel_series(void)
{
	static char series[64];
	struct utsname name;
	int major, minor;

	if (uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return "unknown";
	snprintf(series, sizeof(series), "%d.%d", major, minor);
	return series;
}

bool golden_is_live(void)
{
	return !strcmp(golden_release(), kernel_series());
}

const char *golden_find(const char *golden, const char *key)
{
	static char text[65536];
	const char *line = golden, *end;
	size_t at = 0, length = strlen(key);
	bool found = false;

	for (; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (!strncmp(line, "== ", 3)) {
			if (found)
				break;
			found = (size_t)(end - line) == length + 3 &&
				!strncmp(line + 3, key, length);
		} else if (found && *line == '\t' &&
			   at + (end - line) < sizeof(text)) {
			memcpy(text + at, line + 1, end - line - 1);
			at += end - line - 1;
			text[at++] = '\n';
		}
	}
	text[at] = 0;
	return found ? text : NULL;
}
