/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PIT_COUNTER_H
#define VMRUN_PIT_COUNTER_H

#include <stdbool.h>
#include <linux/types.h>

#include "state.h"

#define TICK_NEVER	(~0ULL)

/**
 * struct pit_counter - one counter of an 8254, its time in ticks of its clock
 * @control: the control word's low six bits: access, mode, BCD
 * @gate: the input GATE
 * @stopped: it does not count: GATE is low, or its rise has yet to load @reload
 * @null: what was written last is not counted yet
 * @reload: the count that was written, 1 to 65536; 0: none since the control word
 * @load: the tick at which @reload becomes @count; TICK_NEVER: none is known
 * @load_low: mode 3: it then starts in the half with OUT low
 * @count: what is counted down from; 0: nothing
 * @start: the tick at which it was all of @count
 * @elapsed: how far it had come, if @stopped
 * @write_high: the next byte written is the high one
 * @read_high: the next byte read is the high one
 * @low: the low byte that was written
 * @latch: the latched value
 * @latched: how many of its bytes are still to be read
 * @status: the latched status
 * @status_latched: it is still to be read
 */
struct pit_counter {
	__u8 control;
	bool gate, stopped, null;
	__u32 reload;
	__u64 load;
	bool load_low;
	__u32 count;
	__u64 start, elapsed;
	bool write_high, read_high;
	__u8 low;
	__u16 latch;
	__u8 latched;
	__u8 status;
	bool status_latched;
};

void counter_control(struct pit_counter *counter, __u8 control);
void counter_write(struct pit_counter *counter, __u8 value, __u64 tick);
__u8 counter_read(struct pit_counter *counter, __u64 tick);
void counter_gate(struct pit_counter *counter, bool level, __u64 tick);
void counter_latch(struct pit_counter *counter, __u64 tick);
void counter_latch_status(struct pit_counter *counter, __u64 tick);

void counter_advance(struct pit_counter *counter, __u64 tick);
bool counter_out(const struct pit_counter *counter, __u64 tick);
__u64 counter_rise(const struct pit_counter *counter, __u64 tick);
bool counter_fits(const struct pit_counter *counter, __u64 tick);
void counter_state(struct pit_counter *counter, struct state *state);

#endif /* VMRUN_PIT_COUNTER_H */
