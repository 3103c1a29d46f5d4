/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_CONSOLES_H
#define VMRUN_CONSOLES_H

#include "console.h"
#include "options.h"

#define MAX_CONSOLES	(MAX_SERIAL + 1)

/**
 * struct consoles - all ends of serial lines
 * @standard: standard output, and standard input where a port has it
 * @own: of ports that lead elsewhere
 * @ports: of each port: one of these
 * @nr_ports: how many there are
 * @names: for messages
 */
struct consoles {
	struct console standard, own[MAX_SERIAL];
	struct console *ports[MAX_SERIAL];
	unsigned int nr_ports;
	char names[MAX_SERIAL][128];
};

int consoles_open(struct consoles *consoles, const struct options *opt);
unsigned int consoles_keep(const struct consoles *consoles, int *keep);
void consoles_flush(struct consoles *consoles);
void consoles_give_up(struct consoles *consoles, bool (*gives_up)(void *arg), void *arg);
int consoles_status(const struct consoles *consoles);
void consoles_close(struct consoles *consoles);

#endif /* VMRUN_CONSOLES_H */
