/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_LOADER_SANITIZE_H
#define SELFTESTS_LOADER_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "../userspace/vcpu.h"

#define MEMORY		0x200000UL
#define MAX_FILE	0x10000UL

#define IS(condition)	loader_is(condition, #condition)

/* loader_sanitize.c */
void loader_result(bool good);
extern struct minivmx_sregs loader_sregs;
extern struct minivmx_regs loader_regs;
bool loader_is(bool holds, const char *what);
bool loader_sets_start(const struct vm *vm, const struct start *start);
bool loader_refused(const char *file, const char *says, int status, const char *message);
int loader_load(struct options *opt, const struct vm *vm, enum format *format,
		struct start *start, char **message);
int loader_file(char *path, size_t size, const void *bytes, size_t length);

/* loader_pvh.c */
void pvh_rows(void);
extern const int pvh_nr_rows;

/* loader_linux.c */
size_t linux_kernel(unsigned char *bytes);
void linux_rows(void);
extern const int linux_nr_rows;

#endif /* SELFTESTS_LOADER_SANITIZE_H */
