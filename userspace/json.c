// SPDX-License-Identifier: GPL-2.0
/*
 * Strings and numbers for JSON.
 */
#include <ctype.h>

#include "json.h"

/* Above, not every integer is a number of JavaScript's. */
#define MAX_SAFE_INTEGER	((1ULL << 53) - 1)

/**
 * json_put_string() - a text as a string of JSON
 * @out: where to
 * @text: bytes that are not ASCII are taken for characters of Latin-1: whatever a
 *	file is called, what comes out is JSON
 *
 * There is no "</" and no "<!" in it: it may stand in the script of a page.
 */
void json_put_string(FILE *out, const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	fputc('"', out);
	for (; *byte; byte++) {
		if (*byte == '"' || *byte == '\\')
			fprintf(out, "\\%c", *byte);
		else if (isascii(*byte) && isprint(*byte) &&
			 !(*byte == '<' && (byte[1] == '/' || byte[1] == '!')))
			fputc(*byte, out);
		else
			fprintf(out, "\\u%04x", *byte);
	}
	fputc('"', out);
}

/**
 * json_put_number() - a number, or a string if it is too large for JavaScript
 * @out: where to
 * @value: the number; the string is "0x..."
 */
void json_put_number(FILE *out, __u64 value)
{
	fprintf(out, value > MAX_SAFE_INTEGER ? "\"0x%llx\"" : "%llu", value);
}
