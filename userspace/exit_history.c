// SPDX-License-Identifier: GPL-2.0
/*
 * The last exits of a vCPU. They are kept always, since nobody knows before which
 * guest will crash: so an entry is small, and to add one takes few instructions.
 */
#include <stdio.h>
#include <string.h>

#include "exit_history.h"
#include "trace.h"

/* Exits of one instruction in a loop, until it is said to poll. */
#define POLLS	10

static struct exit_entry *entry(struct exit_history *history, unsigned long i)
{
	return &history->entries[i % EXIT_HISTORY_SIZE];
}

static __u64 value_of(const __u8 *data, __u8 size)
{
	__u64 value = 0;

	memcpy(&value, data, size < sizeof(value) ? size : sizeof(value));
	return value;
}

static bool is_same(const struct exit_entry *a, const struct exit_entry *b)
{
	return a->reason == b->reason && a->count == b->count && a->size == b->size &&
		a->write == b->write && a->address == b->address && a->value == b->value;
}

/**
 * exit_history_add() - add an exit
 * @history: of its vCPU
 * @run: tells which, after the exit was handled: then it holds what an IN gives
 */
void exit_history_add(struct exit_history *history, const struct minivmx_run *run)
{
	struct exit_entry new = { .reason = run->exit_reason, .times = 1 }, *last;

	/* vmrun asked for it, not the guest. */
	if (run->exit_reason == MINIVMX_EXIT_IRQ_WINDOW_OPEN)
		return;
	if (run->exit_reason == MINIVMX_EXIT_IO) {
		new.count = run->io.count;
		new.size = run->io.size;
		new.write = run->io.direction == MINIVMX_EXIT_IO_OUT;
		new.address = run->io.port;
		new.value = value_of((const __u8 *)run + run->io.data_offset, new.size);
	} else if (run->exit_reason == MINIVMX_EXIT_MMIO) {
		new.size = run->mmio.len;
		new.write = run->mmio.is_write;
		new.address = run->mmio.phys_addr;
		new.value = value_of(run->mmio.data, new.size);
	}
	last = entry(history, history->nr - 1);
	if (history->nr && is_same(last, &new))
		last->times++;
	else
		*entry(history, history->nr++) = new;
}

/**
 * exit_history_polls() - does the guest ask one port again and again
 * @history: of its vCPU
 * @port: gets the port
 */
bool exit_history_polls(const struct exit_history *history, __u64 *port)
{
	const struct exit_entry *last;

	if (!history->nr)
		return false;
	last = &history->entries[(history->nr - 1) % EXIT_HISTORY_SIZE];
	*port = last->address;
	return last->reason == MINIVMX_EXIT_IO && !last->write && last->times >= POLLS;
}

/* In the words of a trace, which takes them from a run page. */
static void print_entry(const struct exit_entry *entry)
{
	static struct text text;	/* it is large */
	struct {
		struct minivmx_run run;
		__u64 data;
	} page = { .run.exit_reason = entry->reason, .data = entry->value };

	if (entry->reason == MINIVMX_EXIT_IO) {
		page.run.io.direction = entry->write ? MINIVMX_EXIT_IO_OUT : MINIVMX_EXIT_IO_IN;
		page.run.io.size = entry->size;
		page.run.io.port = entry->address;
		page.run.io.count = 1;
		page.run.io.data_offset = offsetof(typeof(page), data);
	} else if (entry->reason == MINIVMX_EXIT_MMIO) {
		page.run.mmio.phys_addr = entry->address;
		page.run.mmio.len = entry->size;
		page.run.mmio.is_write = entry->write;
		memcpy(page.run.mmio.data, &entry->value, sizeof(entry->value));
	}
	text.length = 0;
	if (entry->reason == MINIVMX_EXIT_INTERNAL_ERROR)
		text_add(&text, "INTERNAL_ERROR");
	else
		trace_describe_exit(&text, &page.run);
	if (entry->count > 1)
		text_add(&text, ", the first of %u", entry->count);
	if (entry->times > 1)
		text_add(&text, ", %u times", entry->times);
	fprintf(stderr, "    %s\n", text.data);
}

/** exit_history_print() - the last exits, the oldest first, to standard error */
void exit_history_print(const struct exit_history *history)
{
	unsigned long nr = history->nr, i;

	if (!nr) {
		fputs("  no exit reached vmrun\n", stderr);
		return;
	}
	fputs("  last exits:\n", stderr);
	for (i = nr < EXIT_HISTORY_SIZE ? 0 : nr - EXIT_HISTORY_SIZE; i < nr; i++)
		print_entry(&history->entries[i % EXIT_HISTORY_SIZE]);
}
