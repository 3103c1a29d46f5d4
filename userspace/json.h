/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_JSON_H
#define VMRUN_JSON_H

#include <stdio.h>

/*
 * Strings for JSON (RFC 8259). A library would want memory, and in the sandbox
 * there is no more to be had; the rest of JSON is what printf() does.
 */
void json_string(FILE *out, const char *text);

#endif /* VMRUN_JSON_H */
