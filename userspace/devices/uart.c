// SPDX-License-Identifier: GPL-2.0
/*
 * The serial port: a 16550A, by the data sheet of National's PC16550D, whose sections
 * are named here.
 *
 * Its wire takes no time and knows no noise. A byte has left when the guest's write
 * ends, so the transmitter is always empty. Speed, word length and parity are kept, but
 * change nothing: a guest that sets none of them is understood, too. A parity error
 * cannot happen; a framing error only as part of a break.
 */
#include <string.h>
#include <linux/serial_reg.h>

#include "uart.h"

/* The modem inputs, if the guest does not feed them itself (MCR, LOOP). */
#define PEER	(UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS)

/* Errors of one character, which travel with it through the FIFO. */
#define CHARACTER_ERRORS	(UART_LSR_BI | UART_LSR_FE | UART_LSR_PE)

/* By bits 7:6 of the FCR, which are 0 while the FIFOs are off. */
static const unsigned int triggers[] = { 1, 4, 8, 14 };

static bool has_fifo(const struct uart *uart)
{
	return uart->fcr & UART_FCR_ENABLE_FIFO;
}

static unsigned int depth(const struct uart *uart)
{
	return has_fifo(uart) ? UART_FIFO_SIZE : 1;
}

/* What there is to say, the most urgent first ("Interrupt Identification Register"). */
static __u8 interrupt_id(const struct uart *uart)
{
	if (uart->ier & UART_IER_RLSI && uart->errors)
		return UART_IIR_RLSI;
	if (uart->ier & UART_IER_RDI && uart->nr >= triggers[UART_FCR_R_TRIG_BITS(uart->fcr)])
		return UART_IIR_RDI;
	if (uart->ier & UART_IER_RDI && uart->nr && uart->timeout)
		return UART_IIR_RX_TIMEOUT;
	if (uart->ier & UART_IER_THRI && uart->thre)
		return UART_IIR_THRI;
	if (uart->ier & UART_IER_MSI && uart->deltas)
		return UART_IIR_MSI;
	return UART_IIR_NO_INT;
}

/*
 * On a PC the pin OUT2 lets INTR through, and in a loop it is off like the other modem
 * outputs ("Modem Control Register", bit 4).
 */
static void update_irq(struct uart *uart)
{
	bool gate = (uart->mcr & (UART_MCR_OUT2 | UART_MCR_LOOP)) == UART_MCR_OUT2;

	irq_set(&uart->irq, gate && interrupt_id(uart) != UART_IIR_NO_INT);
}

/*
 * What the guest did ends an interrupt, and its reason is there again at once. On a
 * wire, it would be later: a controller that waits for an edge must see one.
 */
static void raise_again(struct uart *uart, bool *interrupt)
{
	*interrupt = false;
	update_irq(uart);
	*interrupt = true;
	update_irq(uart);
}

/* The errors of a character show when it is the next to be read, until LSR is read. */
static void show_errors(struct uart *uart)
{
	uart->errors |= uart->fifo[0].errors;
	uart->fifo[0].errors = 0;
}

/*
 * The time out of the FIFO is not waited for: whoever sends the bytes may be at a
 * keyboard, and fewer than the trigger level are worth an interrupt at once.
 */
static void receive(struct uart *uart, __u8 byte, __u8 errors)
{
	if (uart->nr == depth(uart)) {
		uart->errors |= UART_LSR_OE;
		update_irq(uart);
		/* With FIFOs the new character is lost, without them the old one. */
		if (has_fifo(uart))
			return;
		uart->nr = 0;
	}
	uart->fifo[uart->nr].byte = byte;
	uart->fifo[uart->nr++].errors = errors;
	show_errors(uart);
	update_irq(uart);
}

static __u8 read_data(struct uart *uart)
{
	__u8 byte = uart->fifo[0].byte;

	if (!uart->nr)
		return 0;
	memmove(&uart->fifo[0], &uart->fifo[1], --uart->nr * sizeof(uart->fifo[0]));
	show_errors(uart);
	raise_again(uart, &uart->timeout);
	return byte;
}

static void send(struct uart *uart, __u8 byte)
{
	/* During a break the wire is held, whatever the transmitter does. */
	if (uart->lcr & UART_LCR_SBC)
		return;
	if (uart->mcr & UART_MCR_LOOP)
		receive(uart, byte, 0);
	else if (!uart->status)
		uart->status = uart->output(uart->arg, byte);
}

static void write_data(struct uart *uart, __u8 byte)
{
	send(uart, byte);
	raise_again(uart, &uart->thre);
}

static void write_ier(struct uart *uart, __u8 value)
{
	/* The transmitter is empty, and says so to whoever begins to ask. */
	if (~uart->ier & value & UART_IER_THRI)
		uart->thre = true;
	uart->ier = value & (UART_IER_MSI | UART_IER_RLSI | UART_IER_THRI | UART_IER_RDI);
}

static __u8 read_iir(struct uart *uart)
{
	__u8 id = interrupt_id(uart);

	/* Only if it is this that the guest is told. */
	if (id == UART_IIR_THRI)
		uart->thre = false;
	update_irq(uart);
	/* Bits 7:6 tell a 16550A from what was before it. */
	return id | (has_fifo(uart) ? 0xc0 : 0);
}

static void write_fcr(struct uart *uart, __u8 value)
{
	bool changes = (uart->fcr ^ value) & UART_FCR_ENABLE_FIFO;

	/* "The first transmitter interrupt after changing FCR0 will be immediate". */
	if (changes)
		uart->thre = true;
	if (changes || value & UART_FCR_CLEAR_RCVR)
		uart->nr = 0;
	/* Without bit 0, no other is programmed. */
	uart->fcr = value & UART_FCR_ENABLE_FIFO ?
		    value & (UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_MASK) : 0;
}

static __u8 modem_inputs(const struct uart *uart)
{
	if (!(uart->mcr & UART_MCR_LOOP))
		return PEER;
	return (uart->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0) |
	       (uart->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0) |
	       (uart->mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0) |
	       (uart->mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
}

/* The receiver is connected to a transmitter that sends a break. */
static bool gets_break(const struct uart *uart)
{
	return uart->lcr & UART_LCR_SBC && uart->mcr & UART_MCR_LOOP;
}

/* LCR and MCR; a break is one zero without a stop bit, however long it takes. */
static void write_control(struct uart *uart, __u8 *control, __u8 value)
{
	bool had_break = gets_break(uart);
	__u8 before = modem_inputs(uart);
	__u8 changed;

	*control = value;
	changed = modem_inputs(uart) ^ before;
	/* Of RI, only the end of a ring counts: TERI. */
	changed &= ~(modem_inputs(uart) & UART_MSR_RI);
	uart->deltas |= changed >> 4;
	if (!had_break && gets_break(uart))
		receive(uart, 0, UART_LSR_BI | UART_LSR_FE);
}

static __u8 read_lsr(struct uart *uart)
{
	__u8 errors = uart->errors;
	__u8 value = UART_LSR_TEMT | UART_LSR_THRE | errors;
	unsigned int i;

	if (uart->nr)
		value |= UART_LSR_DR;
	for (i = 0; i < uart->nr; i++)
		errors |= uart->fifo[i].errors;
	if (has_fifo(uart) && errors & CHARACTER_ERRORS)
		value |= UART_LSR_FIFOE;
	uart->errors = 0;
	update_irq(uart);
	return value;
}

static __u8 read_msr(struct uart *uart)
{
	__u8 value = modem_inputs(uart) | uart->deltas;

	uart->deltas = 0;
	update_irq(uart);
	return value;
}

/* With DLAB set, registers 0 and 1 are the divisor. */
static bool is_divisor(const struct uart *uart, unsigned int reg)
{
	return reg <= UART_DLM && uart->lcr & UART_LCR_DLAB;
}

static __u64 uart_read(void *device, unsigned int reg, unsigned int size)
{
	struct uart *uart = device;

	(void)size;
	if (is_divisor(uart, reg))
		return uart->divisor[reg];
	switch (reg) {
	case UART_RX:
		return read_data(uart);
	case UART_IER:
		return uart->ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return read_lsr(uart);
	case UART_MSR:
		return read_msr(uart);
	default:
		return uart->scr;
	}
}

static void uart_write(void *device, unsigned int reg, __u64 value, unsigned int size)
{
	struct uart *uart = device;

	(void)size;
	if (is_divisor(uart, reg)) {
		uart->divisor[reg] = value;
		return;
	}
	switch (reg) {
	case UART_TX:
		write_data(uart, value);
		break;
	case UART_IER:
		write_ier(uart, value);
		break;
	case UART_FCR:
		write_fcr(uart, value);
		break;
	case UART_LCR:
		write_control(uart, &uart->lcr, value);
		break;
	case UART_MCR:
		/* Bits 7:5 "are permanently set to logic 0". */
		write_control(uart, &uart->mcr, value & 0x1f);
		break;
	case UART_SCR:
		uart->scr = value;
		break;
	}
	/* LSR and MSR are only read. */
	update_irq(uart);
}

const struct bus_ops uart_ops = { .read = uart_read, .write = uart_write, .bytes = true };

/**
 * uart_reset() - Master Reset
 * @uart: the UART
 */
void uart_reset(struct uart *uart)
{
	*uart = (struct uart){
		.irq = uart->irq,
		.output = uart->output,
		.arg = uart->arg,
		/* As firmware leaves it, 115200 bit/s: Linux divides by it. */
		.divisor = { 1, 0 },
		.timeout = true,
	};
	update_irq(uart);
}

/**
 * uart_room() - how many bytes uart_input() takes now
 * @uart: the UART
 *
 * Return: 0 in a loop, too: the wire leads nowhere then, and what comes has to wait.
 */
unsigned int uart_room(const struct uart *uart)
{
	return uart->mcr & UART_MCR_LOOP ? 0 : depth(uart) - uart->nr;
}

/**
 * uart_input() - a byte comes in
 * @uart: the UART
 * @byte: the byte
 *
 * Return: false if there is no room for it.
 */
bool uart_input(struct uart *uart, __u8 byte)
{
	if (!uart_room(uart))
		return false;
	receive(uart, byte, 0);
	return true;
}

/**
 * uart_break() - the other side holds the wire: a break comes in
 * @uart: the UART
 *
 * Return: false if there is no room for it.
 */
bool uart_break(struct uart *uart)
{
	if (!uart_room(uart))
		return false;
	receive(uart, 0, UART_LSR_BI | UART_LSR_FE);
	return true;
}

/** uart_state() - save or restore it, with what waits to be read: see struct state */
void uart_state(void *uart, struct state *state)
{
	struct uart *this = uart;
	unsigned int i;

	state_u8(state, &this->ier);
	state_u8(state, &this->fcr);
	state_u8(state, &this->lcr);
	state_u8(state, &this->mcr);
	state_u8(state, &this->scr);
	state_bytes(state, this->divisor, sizeof(this->divisor));
	state_u8(state, &this->errors);
	state_u8(state, &this->deltas);
	state_bool(state, &this->thre);
	state_u32(state, &this->nr);
	for (i = 0; i < UART_FIFO_SIZE; i++) {
		state_u8(state, &this->fifo[i].byte);
		state_u8(state, &this->fifo[i].errors);
	}
	state_valid(state, this->nr <= depth(this));
}
