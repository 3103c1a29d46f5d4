// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers in the command line: addresses and sizes.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "options.h"
#include "vm.h"

/* Physical addresses of x86 have no more bits. */
#define ADDRESS_BITS	52

/** options_parse_number() - at most 64 bits, all digits; *end is what follows them */
bool options_parse_number(const char *arg, __u64 *value, char **end)
{
	bool hex = arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X');

	/* strtoull() would take spaces and signs too. */
	if (hex ? !isxdigit((unsigned char)arg[2]) : !isdigit((unsigned char)arg[0]))
		return false;
	errno = 0;
	*value = strtoull(arg, end, hex ? 16 : 10);
	return errno == 0;
}

/**
 * options_parse_address() - the value of an option that is an address
 * @option: its name, for the message
 * @arg: its value
 * @value: gets the address
 * @state: argp's
 *
 * Does not return if it is none.
 */
void options_parse_address(const char *option, const char *arg, __u64 *value,
			   struct argp_state *state)
{
	char *end;

	if (!options_parse_number(arg, value, &end) || *end || *value >> ADDRESS_BITS)
		argp_failure(state, STATUS_USAGE, 0,
			     "--%s=%s: not an address (examples: 4096, 0x1000; no K, M or G)",
			     option, arg);
}

/**
 * options_parse_size() - the value of an option that is a size of guest memory
 * @option: its name, for the message
 * @arg: its value: K, M or G may follow the number
 * @value: gets the size in bytes: a multiple of PAGE_SIZE, not 0
 * @state: argp's
 *
 * Does not return if it is none.
 */
void options_parse_size(const char *option, const char *arg, __u64 *value,
			struct argp_state *state)
{
	static const char suffixes[] = "KMG";
	const char *suffix;
	int shift = 0;
	char *end;

	if (!options_parse_number(arg, value, &end))
		goto bad;
	suffix = *end ? strchr(suffixes, toupper((unsigned char)*end)) : NULL;
	if (suffix) {
		shift = 10 * (suffix - suffixes + 1);
		end++;
	}
	if (*end || *value > ~0ULL >> shift)
		goto bad;
	*value <<= shift;
	if (*value && *value % PAGE_SIZE == 0)
		return;
bad:
	argp_failure(state, STATUS_USAGE, 0,
		     "--%s=%s: not a size: a multiple of 4K above 0 (examples: 64K, 1M, 0x10000)",
		     option, arg);
}
