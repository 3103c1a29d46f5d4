/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HELP_H
#define HELP_H

#include <argp.h>

/* A child for each struct argp of vmrun: --help and --usage, in place of argp's own. */
extern const struct argp_child help_children[];
extern const struct argp help_argp;

#endif
