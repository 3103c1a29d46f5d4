/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_LOADER_SANITIZE_H
#define SELFTESTS_LOADER_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>

#define MEMORY		0x200000UL
#define MAX_FILE	0x10000UL

/* loader_linux.c */
size_t linux_kernel(unsigned char *bytes);
int linux_rows(int number);
extern const int linux_nr_rows;

#endif /* SELFTESTS_LOADER_SANITIZE_H */
