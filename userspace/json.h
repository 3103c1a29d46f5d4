/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_JSON_H
#define VMRUN_JSON_H

#include <stdio.h>
#include <linux/types.h>

/*
 * Values of JSON (RFC 8259). A library would want memory, and in the sandbox
 * there is no more to be had; the rest of JSON is what printf() does.
 */
void json_put_string(FILE *out, const char *text);
void json_put_number(FILE *out, __u64 value);

#endif /* VMRUN_JSON_H */
