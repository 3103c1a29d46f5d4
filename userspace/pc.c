// SPDX-License-Identifier: GPL-2.0
/*
 * The board: which device is where, and how they are connected. A PC of 1990,
 * as far as guests look for one.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <linux/serial_reg.h>

#include "exit_status.h"
#include "pc.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

/* Inputs of the interrupt controllers. */
#define IRQ_PIT		0
#define IRQ_UART	4
#define IRQ_RTC		8

/* The register device has registers of 4 bytes. */
#define REGISTERS_SIZE		8
#define REGISTER_OUTPUT		0	/* write: a byte to standard output */
#define REGISTER_COUNTER	4	/* read: how often this was read */

/*
 * How long to wait for input, when the guest asks for the second time in a row: it
 * polls, and would burn a CPU. A guest that reads the status before each byte it
 * writes is not slowed down.
 */
#define POLL_MS		1

/* How often to look for input on behalf of a guest that waits for its interrupt. */
#define INPUT_NS	(10 * NSEC_PER_MSEC)

/* ------------------------- the serial port -------------------------------- */

/* Bytes of standard input, as many as there is room for. */
static void pull_input(struct pc *pc)
{
	__u8 byte;

	while (uart_room(&pc->uart) && console_read(&pc->console, &byte))
		uart_input(&pc->uart, byte);
}

/*
 * Input is looked for when the guest looks for it: so a guest that polls sees the same
 * in each run with the same input.
 */
static __u64 serial_read(void *device, unsigned int offset, unsigned int size)
{
	struct pc *pc = device;
	__u64 value;

	if (pc->polled && offset == UART_LSR && uart_room(&pc->uart))
		console_has_input(&pc->console, POLL_MS);
	pull_input(pc);
	value = uart_ops.read(&pc->uart, offset, size);
	pc->polled = offset == UART_LSR && !(value & UART_LSR_DR);
	return value;
}

static void serial_write(void *device, unsigned int offset, __u64 value, unsigned int size)
{
	struct pc *pc = device;

	pc->polled = false;
	uart_ops.write(&pc->uart, offset, value, size);
}

static const struct bus_ops serial_ops = {
	.read = serial_read, .write = serial_write, .bytes = true,
};

/* It has to be told when there is input. */
static bool waits_for_input(const struct pc *pc)
{
	return pc->uart.ier & UART_IER_RDI && uart_room(&pc->uart) &&
		!pic_masked(&pc->pic, IRQ_UART) && !pc->console.input_ended;
}

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
		console_write(&pc->console, value);
}

static const struct bus_ops registers_ops = {
	.read = registers_read, .write = registers_write,
};

static void end(struct pc *pc, int status)
{
	if (!pc->ended)
		pc->status = status;
	pc->ended = true;
}

/* The status has 8 bits, so the low byte is all that counts. */
static void exit_port(void *device, __u8 value)
{
	struct pc *pc = device;

	end(pc, pc->exit_code == EXIT_CODE_QEMU ? (__u8)(value << 1 | 1) : value);
}

static void debug_output(void *device, __u8 byte)
{
	struct pc *pc = device;

	console_write(&pc->console, byte);
}

static void reset(void *device)
{
	end(device, STATUS_RESET);
}

/* ------------------------- the board -------------------------------------- */

static int claim_ports(struct pc *pc)
{
	const struct bus_claim claims[] = {
		{ "the first PIC", PIC_MASTER_PORT, PIC_NR_PORTS, &pic_ops, &pc->pic.chips[0] },
		{ "PIT", PIT_PORT, PIT_NR_PORTS, &pit_ops, &pc->pit },
		{ "interval timer", TICKER_PORT, TICKER_NR_PORTS, &ticker_ops, &pc->ticker },
		{ "keyboard controller", I8042_DATA_PORT, 1, &i8042_data_ops, &pc->i8042 },
		{ "port 0x61", PIT_PORT61, 1, &pit_port61_ops, &pc->pit },
		{ "keyboard controller", I8042_COMMAND_PORT, 1, &i8042_command_ops, &pc->i8042 },
		{ "RTC", RTC_PORT, RTC_NR_PORTS, &rtc_ops, &pc->rtc },
		{ "POST code", DEBUG_POST_PORT, 1, &debug_post_ops, &pc->debug },
		{ "the second PIC", PIC_SLAVE_PORT, PIC_NR_PORTS, &pic_ops, &pc->pic.chips[1] },
		{ "debug console", DEBUG_CONSOLE_PORT, 1, &debug_console_ops, &pc->debug },
		{ "exit", DEBUG_EXIT_PORT, 1, &debug_exit_ops, &pc->debug },
		{ "serial port", SERIAL_PORT, SERIAL_NR_PORTS, &serial_ops, pc },
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
 *
 * Return: 0, or an exit status after a message.
 */
int pc_open(struct pc *pc, const struct options *opt)
{
	const struct clock clock = { .now = alarm_now, .arg = &pc->alarm };
	int status;

	memset(pc, 0, sizeof(*pc));
	pc->ports.name = "port";
	pc->memory.name = "address";
	pc->exit_code = opt->exit_code;
	status = alarm_open(&pc->alarm);
	if (status)
		return status;
	pic_init(&pc->pic);
	pit_init(&pc->pit, &clock, &(struct irq){ pic_set, &pc->pic, IRQ_PIT });
	pc->rtc.clock = clock;
	pc->rtc.irq = (struct irq){ pic_set, &pc->pic, IRQ_RTC };
	rtc_init(&pc->rtc, time(NULL), opt->mem_size);
	pc->uart.irq = (struct irq){ pic_set, &pc->pic, IRQ_UART };
	pc->uart.output = console_write;
	pc->uart.arg = &pc->console;
	uart_reset(&pc->uart);
	pc->reset = (struct reset){ .pulse = reset, .arg = pc };
	pc->i8042.reset = &pc->reset;
	i8042_init(&pc->i8042);
	pc->debug = (struct debug_ports){
		.output = debug_output, .exit = exit_port, .arg = pc,
	};
	pc->ticker.clock = clock;
	starter_init(&pc->starter, opt->cpus, opt->mem_size);
	status = claim_ports(pc);
	if (!status)
		status = claim_memory(pc, opt);
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
	if (pc->console.status)
		end(pc, pc->console.status);
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
	for (i = 0; i < run->io.count && !pc->ended && !pc->console.status; i++) {
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

/** pc_run() - devices do what is due */
void pc_run(struct pc *pc)
{
	if (waits_for_input(pc))
		pull_input(pc);
	pit_run(&pc->pit);
	rtc_run(&pc->rtc);
	ticker_run(&pc->ticker);
}

static __u64 earlier(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/* When the guest may be interrupted next, without input. */
static __u64 next_event(const struct pc *pc)
{
	__u64 next = ticker_next(&pc->ticker);

	if (!pic_masked(&pc->pic, IRQ_PIT))
		next = earlier(next, pit_next(&pc->pit));
	if (!pic_masked(&pc->pic, IRQ_RTC))
		next = earlier(next, rtc_next(&pc->rtc));
	return next;
}

/** pc_next() - when is something due, in nanoseconds; CLOCK_NEVER: at no time */
__u64 pc_next(struct pc *pc)
{
	__u64 next = next_event(pc), look = pc->alarm.when, now;

	if (!waits_for_input(pc))
		return next;
	now = alarm_now(&pc->alarm);
	/* Leave the alarm where it is, if that is soon: not each exit moves it. */
	if (look <= now || look - now > INPUT_NS)
		look = now + INPUT_NS;
	return earlier(next, look);
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
	__u64 next = next_event(pc), now = alarm_now(&pc->alarm);
	__u64 left = next > now ? next - now : 0;
	bool input = waits_for_input(pc), never = next == CLOCK_NEVER;
	struct pollfd poll = { .fd = input ? STDIN_FILENO : -1, .events = POLLIN };
	struct timespec timeout = {
		.tv_sec = left / NSEC_PER_SEC, .tv_nsec = left % NSEC_PER_SEC,
	};

	if (never && !input)
		return false;
	pthread_mutex_unlock(lock);
	ppoll(&poll, 1, never ? NULL : &timeout, signals);
	pthread_mutex_lock(lock);
	return true;
}
