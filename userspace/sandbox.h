/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_SANDBOX_H
#define VMRUN_SANDBOX_H

#include "options.h"

int sandbox_enter(enum sandbox mode, const int *keep, unsigned int nr);
int sandbox_seal(enum sandbox mode);

/* The last step of sandbox_seal(); it has a file of its own. */
int sandbox_filter(void);

#endif /* VMRUN_SANDBOX_H */
