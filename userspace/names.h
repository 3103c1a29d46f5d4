/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_NAMES_H
#define VMRUN_NAMES_H

#include <linux/types.h>

const char *exit_name(__u32 reason);
const char *internal_error_text(__u32 suberror);
const char *vmx_exit_name(__u64 reason);
const char *vm_instruction_error_text(__u64 error);

#endif /* VMRUN_NAMES_H */
