// SPDX-License-Identifier: GPL-2.0
/*
 * The BIOS on the board: an OUT of its guest's half becomes a call of ours, with the
 * guest's registers, and with the FLAGS that IRET will take from the guest's stack.
 */
#include <err.h>
#include <string.h>
#include <asm/processor-flags.h>

#include "exit_status.h"
#include "pc.h"
#include "vcpu.h"

/* What INT pushes: IP, CS, FLAGS. */
#define STACKED_FLAGS	4

static int refuse(unsigned int vector, const char *why)
{
	warnx("BIOS: INT 0x%x %s", vector, why);
	return STATUS_EXIT;
}

/* Return: 0, or an exit status after a message. */
static int serve(struct pc *pc, unsigned int vector)
{
	const struct vcpu *vcpu = pc->vcpu;
	struct minivmx_sregs sregs;
	struct bios_call call;
	void *flags;

	if (vm_ioctl(pc->vm, vcpu->fd, MINIVMX_GET_REGS, &call.regs) < 0 ||
	    vm_ioctl(pc->vm, vcpu->fd, MINIVMX_GET_SREGS, &sregs) < 0)
		return STATUS_HOST;
	if (sregs.cr0 & X86_CR0_PE)
		return refuse(vector, "outside of real mode");
	flags = bios_memory(&pc->bios, sregs.ss.base,
			    call.regs.rsp + STACKED_FLAGS, sizeof(call.flags));
	if (!flags)
		return refuse(vector, "with a stack that has no room for it");
	call.ds = sregs.ds.base;
	call.es = sregs.es.base;
	memcpy(&call.flags, flags, sizeof(call.flags));
	bios_call(&pc->bios, vector, &call);
	/* RIP stays: the OUT ends as any other. */
	if (vm_ioctl(pc->vm, vcpu->fd, MINIVMX_SET_REGS, &call.regs) < 0)
		return STATUS_HOST;
	memcpy(flags, &call.flags, sizeof(call.flags));
	return 0;
}

static void bios_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct pc *pc = device;
	int status = serve(pc, BIOS_FIRST + offset);

	(void)value;
	(void)size;
	if (status)
		pc_end(pc, status);
}

static const struct bus_ops bios_ops = { .write = bios_write, .bytes = true };

static int output(void *arg, __u8 byte)
{
	struct pc *pc = arg;

	return console_write(&pc->serial.consoles->standard, byte);
}

static bool input(void *arg, int timeout_ms, __u8 *byte)
{
	struct console *console = &((struct pc *)arg)->serial.consoles->standard;
	__u16 entry;

	/* A question may be what was written last. */
	if (timeout_ms && !console->nr_input) {
		console_flush(console);
		console_wait(console, timeout_ms);
	}
	console_look(console);
	while (console_read(console, &entry)) {
		if (entry == CONSOLE_BREAK)
			continue;
		*byte = entry;
		return true;
	}
	return false;
}

static void reset(void *arg)
{
	struct pc *pc = arg;

	reset_pulse(&pc->reset);
}

/**
 * pc_add_bios() - serve the BIOS that bios_install() put into the guest's memory
 * @pc: the board
 * @vm: whose memory it is, and whose disk
 * @vcpu: who calls
 *
 * Return: 0, or an exit status after a message.
 */
int pc_add_bios(struct pc *pc, const struct vm *vm, const struct vcpu *vcpu)
{
	const struct bus_claim claim = {
		"BIOS", BIOS_PORT, BIOS_NR, &bios_ops, pc,
	};

	pc->vm = vm;
	pc->vcpu = vcpu;
	pc->bios = (struct bios){
		.mem = vm->mem, .mem_size = vm->mem_size, .ports = &pc->ports,
		.output = output, .input = input, .reset = reset, .arg = pc,
	};
	if (vm->disk)
		bios_disk_insert(&pc->bios.disk, vm->disk, vm->disk_size);
	return bus_claim(&pc->ports, &claim);
}
