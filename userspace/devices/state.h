/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_STATE_H
#define VMRUN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct state - the state of a device on its way into a snapshot, or out of one
 * @data: the bytes
 * @size: how many there are, or there is room for
 * @at: how many are done
 * @saving: into them; else out of them
 * @failed: too few bytes, or a value that no such device can have
 *
 * A device has one function for both ways, X_state(). It names each of its fields, so
 * that what is read is what was written: integers of a fixed width, the lowest byte
 * first. What follows from other fields, and what leads to other devices, stays out.
 *
 * Going out, all values come from a file that anybody may have written. A device that
 * could not live with one of them says so with state_valid().
 */
struct state {
	__u8 *data;
	size_t size, at;
	bool saving;
	bool failed;
};

void state_u8(struct state *state, __u8 *value);
void state_u16(struct state *state, __u16 *value);
void state_u32(struct state *state, __u32 *value);
void state_u64(struct state *state, __u64 *value);
void state_bool(struct state *state, bool *value);
void state_bytes(struct state *state, __u8 *bytes, size_t nr);
void state_valid(struct state *state, bool valid);
bool state_ended(const struct state *state);

#endif /* VMRUN_STATE_H */
