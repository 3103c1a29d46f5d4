/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_TERMINAL_H
#define VMRUN_TERMINAL_H

#include <stdbool.h>

bool terminal_raw(void);
void terminal_restore(void);

#endif /* VMRUN_TERMINAL_H */
