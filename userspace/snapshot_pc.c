// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of a machine that is saved or restored, each in a section of its own.
 */
#include <assert.h>
#include <err.h>
#include <stddef.h>

#include "array_size.h"
#include "exit_status.h"
#include "nsec.h"
#include "snapshot_pc.h"

/*
 * Its time, and what no device has. Standard input is another one in another process:
 * that it had ended is not of the machine.
 */
static void board_state(void *device, struct state *state)
{
	struct pc *pc = device;
	__u64 now = alarm_now(&pc->alarm);

	state_u64(state, &now);
	state_u32(state, &pc->nr_reads);
	/* Room for as long as a machine may run: 292 years. */
	state_valid(state, now <= ~0ULL / 2);
	if (!state->saving)
		alarm_continue(&pc->alarm, now);
}

/* The board has the time, so it comes first. */
static const struct {
	enum snapshot_type type;
	size_t offset;
	void (*state)(void *device, struct state *state);
} devices[] = {
#define DEVICE(member)	offsetof(struct pc, member)
	{ SNAPSHOT_BOARD, 0, board_state },
	{ SNAPSHOT_PIC, DEVICE(pic), pic_state },
	{ SNAPSHOT_PIT, DEVICE(pit), pit_state },
	{ SNAPSHOT_RTC, DEVICE(rtc), rtc_state },
	{ SNAPSHOT_SERIAL, DEVICE(serial), serial_ports_state },
	{ SNAPSHOT_I8042, DEVICE(i8042), i8042_state },
	{ SNAPSHOT_RESET, DEVICE(reset), reset_state },
	{ SNAPSHOT_DEBUG_PORTS, DEVICE(debug), debug_ports_state },
	{ SNAPSHOT_TICKER, DEVICE(ticker), ticker_state },
};

static_assert(ARRAY_SIZE(devices) == SNAPSHOT_OF_MACHINE - SNAPSHOT_BOARD,
	      "each section has a device");

static bool transfer(struct pc *pc, enum snapshot_type type, struct state *state)
{
	const size_t i = type - SNAPSHOT_BOARD;

	devices[i].state((char *)pc + devices[i].offset, state);
	return !state->failed;
}

/**
 * snapshot_pc_save() - the section of a device
 * @pc: the board; its devices have done what is due
 * @type: which device
 * @bytes: gets the section
 * @room: for how many
 *
 * Return: how many it got; 0 if there is too little room.
 */
size_t snapshot_pc_save(struct pc *pc, enum snapshot_type type, __u8 *bytes, size_t room)
{
	struct state state = { .data = bytes, .size = room, .saving = true };

	return transfer(pc, type, &state) ? state.at : 0;
}

/* The guest's clock has a battery: it went on while the machine was a file. */
static void tell_of_gap(const struct snapshot *snapshot, struct pc *pc)
{
	__s64 gap = nsec_now(CLOCK_REALTIME) - snapshot->machine.wall_clock;

	rtc_advance(&pc->rtc, gap / NSEC_PER_SEC);
}

/* Where they lead is the command line's to say, and how many there are. */
static bool has_its_ports(const struct snapshot *snapshot, const struct pc *pc)
{
	unsigned int nr = snapshot->data[snapshot_find(snapshot, SNAPSHOT_SERIAL, 0)->offset];

	if (nr != pc->serial.consoles->nr_ports)
		warnx("%s: the machine has %u serial port%s, and not %u (see --serial)",
		      snapshot->file, nr, nr == 1 ? "" : "s", pc->serial.consoles->nr_ports);
	return nr == pc->serial.consoles->nr_ports;
}

/**
 * snapshot_pc_restore() - put all devices back into the state that they were in
 * @snapshot: the snapshot
 * @pc: the board, new
 *
 * Return: 0, or an exit status after a message.
 */
int snapshot_pc_restore(const struct snapshot *snapshot, struct pc *pc)
{
	const struct snapshot_section *section;
	enum snapshot_type type;
	struct state state;

	if (!has_its_ports(snapshot, pc))
		return STATUS_LOAD;
	for (type = SNAPSHOT_BOARD; type < SNAPSHOT_OF_MACHINE; type++) {
		section = snapshot_find(snapshot, type, 0);
		state = (struct state){
			.data = (__u8 *)snapshot->data + section->offset,
			.size = section->size,
		};
		if (!transfer(pc, type, &state) || !state_ended(&state)) {
			warnx("%s: damaged: the section %s", snapshot->file,
			      snapshot_name(type));
			return STATUS_LOAD;
		}
	}
	tell_of_gap(snapshot, pc);
	return 0;
}
