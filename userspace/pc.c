// SPDX-License-Identifier: GPL-2.0
/*
 * The board: which device is where, and how they are connected. A PC of 1990,
 * as far as guests look for one.
 */
#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "array_size.h"
#include "exit_status.h"
#include "nsec.h"
#include "pc.h"

/* Inputs of the interrupt controllers. */
#define IRQ_PIT		0
#define IRQ_KEYBOARD	1
#define IRQ_RTC		8

/* The register device has registers of 4 bytes. */
#define REGISTERS_SIZE		8
#define REGISTER_OUTPUT		0	/* write: a byte to standard output */
#define REGISTER_COUNTER	4	/* read: how often this was read */

/* ------------------------- devices of ours -------------------------------- */

static __u64 registers_read(void *device, unsigned int offset, unsigned int size)
{
	struct pc *pc = device;

	if (offset == REGISTER_COUNTER && size <= sizeof(pc->nr_reads))
		return ++pc->nr_reads;
	return ~0ULL;
}

static void registers_write(void *device, unsigned int offset, __u64 value,
			    unsigned int size)
{
	struct pc *pc = device;

	(void)size;
	if (offset == REGISTER_OUTPUT)
		console_write(&pc->serial.consoles->standard, value);
}

static const struct bus_ops registers_ops = {
	.read = registers_read, .write = registers_write,
};

/** pc_end() - the run ends, with this status if it is the first to say so */
void pc_end(struct pc *pc, int status)
{
	if (!pc->ended)
		pc->status = status;
	pc->ended = true;
}

/* The status has 8 bits, so the low byte is all that counts. */
static void exit_port(void *device, __u8 value)
{
	struct pc *pc = device;

	pc_end(pc, pc->exit_code == EXIT_CODE_QEMU ? (__u8)(value << 1 | 1) : value);
}

static void debug_output(void *device, __u8 byte)
{
	struct pc *pc = device;

	console_write(&pc->serial.consoles->standard, byte);
}

/* While nobody takes the guest's output: the time is over, or Ctrl-A x was typed. */
static bool gives_up(void *board)
{
	struct pc *pc = board;
	struct console *standard = &pc->serial.consoles->standard;

	if (standard->escapes)
		console_look(standard);
	return alarm_expired(&pc->alarm) || consoles_status(pc->serial.consoles);
}

static void reset(void *device)
{
	pc_end(device, STATUS_RESET);
}

/* ------------------------- the board -------------------------------------- */

static_assert(MAX_CPUS <= STARTER_MAX_CPUS, "the start registers reach all vCPUs");

static int claim_ports(struct pc *pc)
{
	const struct bus_claim claims[] = {
		{ "the first PIC", PIC_MASTER_PORT, PIC_NR_PORTS, &chip_ops, &pc->pic.chips[0] },
		{ "PIT", PIT_PORT, PIT_NR_PORTS, &pit_ops, &pc->pit },
		{ "interval timer", TICKER_PORT, TICKER_NR_PORTS, &ticker_ops, &pc->ticker },
		{ "keyboard controller", I8042_DATA_PORT, 1, &i8042_data_ops, &pc->i8042 },
		{ "port 0x61", PIT_PORT61, 1, &pit_port61_ops, &pc->pit },
		{ "keyboard controller", I8042_COMMAND_PORT, 1, &i8042_command_ops, &pc->i8042 },
		{ "RTC", RTC_PORT, RTC_NR_PORTS, &rtc_ops, &pc->rtc },
		{ "POST code", DEBUG_POST_PORT, 1, &debug_post_ops, &pc->debug },
		{ "the second PIC", PIC_SLAVE_PORT, PIC_NR_PORTS, &chip_ops, &pc->pic.chips[1] },
		{ "debug console", DEBUG_CONSOLE_PORT, 1, &debug_console_ops, &pc->debug },
		{ "exit", DEBUG_EXIT_PORT, 1, &debug_exit_ops, &pc->debug },
		{ "edge or level", PIC_ELCR_PORT, PIC_NR_PORTS, &pic_elcr_ops, &pc->pic },
		{ "reset", RESET_PORT, RESET_NR_PORTS, &reset_ops, &pc->reset },
	};
	int status = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(claims) && !status; i++)
		status = bus_claim(&pc->ports, &claims[i]);
	return status;
}

static int claim_memory(struct pc *pc, const struct options *opt)
{
	const struct bus_claim registers = {
		"registers", REGISTERS_BASE, REGISTERS_SIZE, &registers_ops, pc,
	};
	const struct bus_claim starter = {
		"start registers", STARTER_BASE, STARTER_SIZE, &starter_ops, &pc->starter,
	};
	int status = bus_claim(&pc->memory, &registers);

	if (!status && opt->start_register)
		status = bus_claim(&pc->memory, &starter);
	return status;
}

/**
 * pc_open() - put the board together
 * @pc: filled in; the calling thread is that of vCPU 0
 * @opt: what the command line says of devices
 * @consoles: open; they are there until pc_close()
 * @vm: for the BIOS: its VM
 * @vcpu: for the BIOS: its vCPU 0
 *
 * Return: 0, or an exit status after a message.
 */
int pc_open(struct pc *pc, const struct options *opt, struct consoles *consoles,
	    const struct vm *vm, const struct vcpu *vcpu)
{
	const struct clock clock = { .now = alarm_now, .arg = &pc->alarm };
	int status;

	memset(pc, 0, sizeof(*pc));
	pc->ports.name = "port";
	pc->memory.name = "address";
	pc->exit_code = opt->exit_code;
	status = alarm_open(&pc->alarm, opt->timeout);
	if (status)
		return status;
	pic_init(&pc->pic);
	pit_init(&pc->pit, &clock, &(struct irq){ pic_set, &pc->pic, IRQ_PIT });
	pc->rtc.clock = clock;
	pc->rtc.irq = (struct irq){ pic_set, &pc->pic, IRQ_RTC };
	rtc_init(&pc->rtc, time(NULL), opt->mem_size);
	pc->reset = (struct reset){ .pulse = reset, .arg = pc };
	pc->i8042.irq = (struct irq){ pic_set, &pc->pic, IRQ_KEYBOARD };
	pc->i8042.reset = &pc->reset;
	i8042_init(&pc->i8042);
	pc->debug = (struct debug_ports){
		.output = debug_output, .exit = exit_port, .arg = pc,
	};
	pc->ticker.clock = clock;
	starter_init(&pc->starter, opt->cpus, opt->mem_size);
	status = claim_ports(pc);
	if (!status)
		status = serial_ports_open(&pc->serial, consoles, &pc->ports, &pc->pic, &clock);
	consoles_give_up(consoles, gives_up, pc);
	if (!status)
		status = claim_memory(pc, opt);
	if (!status && opt->bios)
		status = pc_add_bios(pc, vm, vcpu);
	if (status)
		alarm_close(&pc->alarm);
	return status;
}

/** pc_close() - give up what pc_open() took, if it did not fail */
void pc_close(struct pc *pc)
{
	alarm_close(&pc->alarm);
}

/* ------------------------- accesses --------------------------------------- */

static enum pc_result result(struct pc *pc, bool claimed)
{
	int status = consoles_status(pc->serial.consoles);

	if (status)
		pc_end(pc, status);
	return pc->ended ? PC_END : claimed ? PC_CLAIMED : PC_UNCLAIMED;
}

/**
 * pc_io() - carry out what a MINIVMX_EXIT_IO asks for
 * @pc: the board
 * @run: the run page; for IN, the data is put there
 *
 * Return: what became of it; of several items, all fare alike but for an end.
 */
enum pc_result pc_io(struct pc *pc, struct minivmx_run *run)
{
	bool in = run->io.direction == MINIVMX_EXIT_IO_IN, claimed = false;
	__u8 *data = (__u8 *)run + run->io.data_offset;
	__u32 i;

	/* INS and OUTS with REP may bring many items at once. */
	for (i = 0; i < run->io.count && !pc->ended && !consoles_status(pc->serial.consoles); i++) {
		claimed = in ? bus_read(&pc->ports, run->io.port, data, run->io.size) :
			bus_write(&pc->ports, run->io.port, data, run->io.size);
		data += run->io.size;
	}
	return result(pc, claimed);
}

/**
 * pc_mmio() - carry out what a MINIVMX_EXIT_MMIO asks for
 * @pc: the board
 * @run: the run page; for a read, the data is put there
 *
 * Return: what became of it.
 */
enum pc_result pc_mmio(struct pc *pc, struct minivmx_run *run)
{
	__u64 address = run->mmio.phys_addr;
	bool claimed;

	claimed = run->mmio.is_write ?
		bus_write(&pc->memory, address, run->mmio.data, run->mmio.len) :
		bus_read(&pc->memory, address, run->mmio.data, run->mmio.len);
	return result(pc, claimed);
}

/* ------------------------- interrupts and time ----------------------------- */

/** pc_interrupts() - does an interrupt wait for vCPU 0 */
bool pc_interrupts(const struct pc *pc)
{
	return pc->ticker.pending || pic_pending(&pc->pic);
}

/** pc_acknowledge() - vCPU 0 takes it. Return: its vector. */
int pc_acknowledge(struct pc *pc)
{
	if (!pc->ticker.pending)
		return pic_acknowledge(&pc->pic);
	ticker_taken(&pc->ticker);
	return TICKER_VECTOR;
}

/**
 * pc_run() - devices do what is due
 * @pc: the board
 *
 * Return: 0, or the exit status with which the run ends.
 */
int pc_run(struct pc *pc)
{
	serial_ports_run(&pc->serial);
	pit_run(&pc->pit);
	rtc_run(&pc->rtc);
	ticker_run(&pc->ticker);
	return consoles_status(pc->serial.consoles);
}

static __u64 earlier(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/*
 * When the guest may be interrupted next, without input. However short the period of the
 * PIT, the guest gets to execute something between two of its edges: of those that come
 * before the first is taken, there is no alarm.
 */
static __u64 next_event(const struct pc *pc)
{
	__u64 next = ticker_next(&pc->ticker);

	if (!pic_masked(&pc->pic, IRQ_PIT) && !pic_requested(&pc->pic, IRQ_PIT))
		next = earlier(next, pit_next(&pc->pit));
	if (!pic_masked(&pc->pic, IRQ_RTC))
		next = earlier(next, rtc_next(&pc->rtc));
	return next;
}

/** pc_next() - when is something due, in nanoseconds; CLOCK_NEVER: at no time */
__u64 pc_next(struct pc *pc)
{
	return earlier(next_event(pc), serial_ports_next(&pc->serial));
}

/**
 * pc_wait() - vCPU 0 halts: wait until something may be due
 * @pc: the board
 * @lock: its lock, held; given up meanwhile
 * @signals: blocked meanwhile; another thread that moves a device sends ALARM_SIGNAL
 *
 * Return: false, at once, if nothing will ever come.
 */
bool pc_wait(struct pc *pc, pthread_mutex_t *lock, const sigset_t *signals)
{
	__u64 next = next_event(pc), now, left;
	struct pollfd polls[MAX_SERIAL];
	struct timespec timeout;

	if (next == CLOCK_NEVER && !serial_ports_want_input(&pc->serial))
		return false;
	pc_flush(pc);
	/* Ctrl-A x was typed while nobody took the output: pc_run() says so. */
	if (consoles_status(pc->serial.consoles))
		return true;
	next = earlier(next, pc->alarm.deadline);
	next = earlier(next, serial_ports_poll(&pc->serial, polls));
	now = alarm_now(&pc->alarm);
	left = next > now ? next - now : 0;
	timeout = (struct timespec){
		.tv_sec = left / NSEC_PER_SEC, .tv_nsec = left % NSEC_PER_SEC,
	};
	pthread_mutex_unlock(lock);
	ppoll(polls, MAX_SERIAL, next == CLOCK_NEVER ? NULL : &timeout, signals);
	pthread_mutex_lock(lock);
	/* What has come is looked at now. */
	pc->serial.look = 0;
	return true;
}

/** pc_flush() - all output goes out: others are going to write, or nobody any more */
void pc_flush(struct pc *pc)
{
	consoles_flush(pc->serial.consoles);
}
