// SPDX-License-Identifier: GPL-2.0
/*
 * The serial ports of a PC, and when their consoles are looked at: the guest that waits
 * for an interrupt, or spins, does not ask.
 *
 * There is no thread for it: the alarm gets vCPU 0 out of the guest.
 */
#include "serial_ports.h"

/* How often, while there is a reason to: a person does not notice. */
#define LOOK_NS		10000000ULL

/* Where a PC has them. */
static const struct {
	const char *name;
	__u16 port;
	__u8 irq;
} places[MAX_SERIAL] = {
	{ "serial port", SERIAL_PORT, 4 },
	{ "second serial port", 0x2f8, 3 },
};

/**
 * serial_ports_open() - put serial ports on a bus
 * @serial: filled in
 * @consoles: as many as there are ports
 * @bus: of I/O ports
 * @pic: gets their interrupts
 * @clock: the time
 *
 * Return: 0, or an exit status after a message.
 */
int serial_ports_open(struct serial_ports *serial, struct consoles *consoles,
		      struct bus *bus, struct pic *pic, const struct clock *clock)
{
	int status = 0;
	unsigned int i;

	*serial = (struct serial_ports){
		.consoles = consoles, .pic = pic, .clock = *clock,
	};
	for (i = 0; i < consoles->nr_ports && !status; i++) {
		const struct bus_claim claim = {
			places[i].name, places[i].port, UART_NR_REGISTERS, &serial_ops,
			&serial->ports[i],
		};

		serial_init(&serial->ports[i], consoles->ports[i],
			    &(struct irq){ pic_set, pic, places[i].irq });
		status = bus_claim(bus, &claim);
	}
	return status;
}

/* The guest has to be told when there is input, by an interrupt that it takes. */
static bool wants_input(const struct serial_ports *serial, unsigned int i)
{
	return serial_wants_input(&serial->ports[i]) &&
		!pic_masked(serial->pic, places[i].irq);
}

/** serial_ports_want_input() - is there a port of which that is true */
bool serial_ports_want_input(const struct serial_ports *serial)
{
	bool wants = false;
	unsigned int i;

	for (i = 0; i < serial->consoles->nr_ports; i++)
		wants |= wants_input(serial, i);
	return wants;
}

/* The keyboard is watched for the sake of vmrun, too. */
static bool watches(const struct serial_ports *serial, unsigned int i)
{
	const struct console *console = serial->consoles->ports[i];

	return !console->input_ended && (console->escapes || wants_input(serial, i));
}

static bool wants_look(const struct serial_ports *serial)
{
	bool wants = serial->consoles->standard.nr_output;
	unsigned int i;

	for (i = 0; i < serial->consoles->nr_ports; i++)
		wants |= serial->consoles->ports[i]->nr_output || watches(serial, i);
	return wants;
}

/**
 * serial_ports_run() - input comes and output goes, if it is time for it
 * @serial: the ports
 */
void serial_ports_run(struct serial_ports *serial)
{
	bool look = wants_look(serial) && clock_now(&serial->clock) >= serial->look;
	unsigned int i;

	if (look) {
		consoles_flush(serial->consoles);
		serial->look = clock_now(&serial->clock) + LOOK_NS;
	}
	for (i = 0; i < serial->consoles->nr_ports; i++) {
		if (look && watches(serial, i))
			console_look(serial->consoles->ports[i]);
		if (!serial->masked)
			serial_run(&serial->ports[i]);
	}
}

/**
 * serial_ports_next() - when there is something to do, after serial_ports_run()
 * @serial: the ports
 *
 * Return: a moment that stays until it has come, so that not each exit moves the alarm.
 */
__u64 serial_ports_next(const struct serial_ports *serial)
{
	return wants_look(serial) ? serial->look : CLOCK_NEVER;
}

/**
 * serial_ports_poll() - what input a guest that halts is woken for
 * @serial: the ports
 * @polls: filled in
 *
 * Return: how long to wait for it at most. A peer that is not there is looked for.
 */
__u64 serial_ports_poll(const struct serial_ports *serial, struct pollfd polls[MAX_SERIAL])
{
	const struct consoles *consoles = serial->consoles;
	__u64 next = CLOCK_NEVER;
	unsigned int i;

	for (i = 0; i < MAX_SERIAL; i++) {
		polls[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
		if (i >= consoles->nr_ports || !watches(serial, i))
			continue;
		if (consoles->ports[i]->away)
			next = clock_now(&serial->clock) + LOOK_NS;
		else
			polls[i].fd = consoles->ports[i]->in;
	}
	return next;
}

/** serial_ports_state() - save or restore as many as there are: see struct state */
void serial_ports_state(void *serial, struct state *state)
{
	struct serial_ports *this = serial;
	__u8 nr = this->consoles->nr_ports;
	unsigned int i;

	state_u8(state, &nr);
	state_valid(state, nr == this->consoles->nr_ports);
	for (i = 0; i < this->consoles->nr_ports; i++)
		serial_state(&this->ports[i], state);
}
