/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_VCPU_H
#define VMRUN_VCPU_H

#include <pthread.h>

#include "exit_history.h"
#include "share.h"
#include "vm.h"

/* Selectors in the GDT that a Linux kernel starts with: its __BOOT_CS, __BOOT_DS. */
#define START_LINUX_CODE	0x10
#define START_LINUX_DATA	0x18

/**
 * enum start_mode - in which state a guest starts
 * @START_REAL: real mode, as after a reset
 * @START_MULTIBOOT: 32-bit protected mode, as the Multiboot Specification says
 * @START_PVH: the same, as Xen's x86/HVM direct boot ABI says
 * @START_LINUX: the same, as the 32-bit boot protocol of Linux says
 */
enum start_mode {
	START_REAL,
	START_MULTIBOOT,
	START_PVH,
	START_LINUX,
};

/**
 * struct start - how a guest starts
 * @mode: the state
 * @entry: guest-physical address of the first instruction
 * @info: outside of real mode, that of the boot information
 * @gdt: for START_LINUX, that of the GDT
 * @gdt_size: and its bytes
 */
struct start {
	enum start_mode mode;
	__u64 entry;
	__u32 info;
	__u32 gdt;
	__u16 gdt_size;
};

/**
 * enum activity - what a vCPU does
 * @VCPU_RUNS: it runs
 * @VCPU_WAITS: the first one halted, and waits for an interrupt
 * @VCPU_STOPPED: another one halted, for good
 */
enum activity {
	VCPU_RUNS,
	VCPU_WAITS,
	VCPU_STOPPED,
};

/**
 * struct vcpu - a processor of a virtual machine, and the thread that runs it
 * @number: its number, from 0 on
 * @fd: the vCPU
 * @run: its run page
 * @run_size: bytes mapped at @run
 * @reset: what a reset leaves in the registers that no other structure has
 * @nr_exits: exits that reached vmrun
 * @nr_quanta: quanta that are over
 * @interrupted: it has got an interrupt
 * @seat: among guests that take turns
 * @history: the last exits
 * @activity: what it does
 * @thread: the thread; number 0 has the first one
 * @left: it is out of the loop
 */
struct vcpu {
	unsigned int number;
	int fd;
	struct minivmx_run *run;
	size_t run_size;
	struct minivmx_sregs reset;
	unsigned long nr_exits;
	unsigned long nr_quanta;
	bool interrupted;
	struct seat seat;
	struct exit_history history;
	enum activity activity;
	pthread_t thread;
	bool left;
};

int vcpu_create(struct vcpu *vcpu, const struct vm *vm, unsigned int number);
int vcpu_set_start(const struct vcpu *vcpu, const struct vm *vm, const struct start *start);
void vcpu_destroy(struct vcpu *vcpu);

#endif /* VMRUN_VCPU_H */
