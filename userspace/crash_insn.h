/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CRASH_INSN_H
#define VMRUN_CRASH_INSN_H

#include "crash_cause.h"

bool insn_is_none(const struct crash_facts *f);
bool insn_is_ud(const struct crash_facts *f);
bool insn_is_int3(const struct crash_facts *f);
bool insn_is_int(const struct crash_facts *f);
bool insn_is_forbidden(const struct crash_facts *f);
bool insn_is_sse_switched_off(const struct crash_facts *f);
bool insn_is_fpu_switched_off(const struct crash_facts *f);
bool insn_is_msr(const struct crash_facts *f);
bool insn_is_division(const struct crash_facts *f);
bool insn_is_selector_load(const struct crash_facts *f);
bool insn_is_control_register_write(const struct crash_facts *f);
bool insn_is_jump_to_itself(const struct crash_facts *f);
bool insn_is_pause(const struct crash_facts *f);

#endif /* VMRUN_CRASH_INSN_H */
