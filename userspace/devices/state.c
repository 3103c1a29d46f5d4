// SPDX-License-Identifier: GPL-2.0
/*
 * Integers into bytes, and back: see struct state.
 */
#include "state.h"

static void transfer(struct state *state, __u64 *value, unsigned int size)
{
	__u64 read = 0;
	unsigned int i;

	if (state->failed || state->size - state->at < size) {
		state->failed = true;
		return;
	}
	for (i = 0; i < size; i++) {
		if (state->saving)
			state->data[state->at++] = *value >> 8 * i;
		else
			read |= (__u64)state->data[state->at++] << 8 * i;
	}
	if (!state->saving)
		*value = read;
}

/** state_u8() - a field of 8 bits; after a failure it keeps its value */
void state_u8(struct state *state, __u8 *value)
{
	__u64 wide = *value;

	transfer(state, &wide, sizeof(*value));
	*value = wide;
}

/** state_u16() - a field of 16 bits, likewise */
void state_u16(struct state *state, __u16 *value)
{
	__u64 wide = *value;

	transfer(state, &wide, sizeof(*value));
	*value = wide;
}

/** state_u32() - a field of 32 bits, likewise */
void state_u32(struct state *state, __u32 *value)
{
	__u64 wide = *value;

	transfer(state, &wide, sizeof(*value));
	*value = wide;
}

/** state_u64() - a field of 64 bits, likewise */
void state_u64(struct state *state, __u64 *value)
{
	transfer(state, value, sizeof(*value));
}

/** state_bool() - a byte that is 0 or 1, likewise */
void state_bool(struct state *state, bool *value)
{
	__u64 wide = *value;

	transfer(state, &wide, 1);
	state_valid(state, wide <= 1);
	*value = wide;
}

/** state_bytes() - @nr fields of 8 bits */
void state_bytes(struct state *state, __u8 *bytes, size_t nr)
{
	while (nr--)
		state_u8(state, bytes++);
}

/** state_valid() - a value of a device that was read is one that it can have */
void state_valid(struct state *state, bool valid)
{
	if (!state->saving && !valid)
		state->failed = true;
}

/** state_ended() - nothing failed, and there is nothing left */
bool state_ended(const struct state *state)
{
	return !state->failed && state->at == state->size;
}
