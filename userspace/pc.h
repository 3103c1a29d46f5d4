/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PC_H
#define VMRUN_PC_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "alarm.h"
#include "devices/bus.h"
#include "devices/debug_ports.h"
#include "devices/i8042.h"
#include "devices/pic.h"
#include "devices/pit.h"
#include "devices/reset.h"
#include "devices/rtc.h"
#include "devices/ticker.h"
#include "minivmx.h"
#include "options.h"
#include "serial_ports.h"

/* The register device: a device whose registers are memory. */
#define REGISTERS_BASE	0xd0000000ULL

/**
 * enum pc_result - what became of an access
 * @PC_CLAIMED: a device took it, or a part of its bytes
 * @PC_UNCLAIMED: no device took it; a read gives all ones
 * @PC_END: the run ends, with struct pc.status
 */
enum pc_result {
	PC_CLAIMED,
	PC_UNCLAIMED,
	PC_END,
};

/**
 * struct pc - the board: devices, buses, and wires between them
 * @ports: what IN and OUT reach
 * @memory: what accesses to memory reach that is not there
 * @alarm: the time, and what gets vCPU 0 out of the guest
 * @serial: the serial ports, and all output and input
 * @nr_reads: how often the counter of the register device was read
 * @exit_code: meaning of what is written to port 0xf4
 * @ended: the run is over
 * @status: exit status of vmrun, then
 *
 * The lock of struct machine guards all of it.
 */
struct pc {
	struct bus ports, memory;
	struct alarm alarm;
	struct serial_ports serial;
	struct pic pic;
	struct pit pit;
	struct rtc rtc;
	struct i8042 i8042;
	struct reset reset;
	struct debug_ports debug;
	struct ticker ticker;
	__u32 nr_reads;
	enum exit_code exit_code;
	bool ended;
	int status;
};

int pc_open(struct pc *pc, const struct options *opt, struct consoles *consoles);
enum pc_result pc_io(struct pc *pc, struct minivmx_run *run);
enum pc_result pc_mmio(struct pc *pc, struct minivmx_run *run);
bool pc_interrupts(const struct pc *pc);
int pc_acknowledge(struct pc *pc);
int pc_run(struct pc *pc);
__u64 pc_next(struct pc *pc);
bool pc_wait(struct pc *pc, pthread_mutex_t *lock, const sigset_t *signals);
void pc_flush(struct pc *pc);
void pc_close(struct pc *pc);

#endif /* VMRUN_PC_H */
