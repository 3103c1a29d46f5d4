// SPDX-License-Identifier: GPL-2.0
/*
 * Strings for JSON.
 */
#include <ctype.h>

#include "json.h"

/**
 * json_string() - a text as a string of JSON
 * @out: where to
 * @text: bytes that are not ASCII are taken for characters of Latin-1: whatever a
 *	file is called, what comes out is JSON
 */
void json_string(FILE *out, const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	fputc('"', out);
	for (; *byte; byte++) {
		if (*byte == '"' || *byte == '\\')
			fprintf(out, "\\%c", *byte);
		else if (isascii(*byte) && isprint(*byte))
			fputc(*byte, out);
		else
			fprintf(out, "\\u%04x", *byte);
	}
	fputc('"', out);
}
