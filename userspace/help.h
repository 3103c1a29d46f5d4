/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_HELP_H
#define VMRUN_HELP_H

#include <argp.h>

/* --help and --usage, in place of argp's own: a child for each struct argp of vmrun. */
extern const struct argp help_argp;
/* The same, where there is no other child. */
extern const struct argp_child help_children[];

#endif /* VMRUN_HELP_H */
