/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine with a port for tests of INS and OUTS. How many items an exit has
 * is the hypervisor's choice: KVM gives those of OUTS one by one, minivmx
 * several at once. So the items are one flat sequence here.
 */
#ifndef SELFTESTS_STRING_IO_H
#define SELFTESTS_STRING_IO_H

#include "mmio_vm.h"

#define PORT		0x123
#define MAX_ITEMS	3000

/**
 * struct port_vm - the machine
 * @m: its processor and memory
 * @regs: registers at the end of a run
 * @items: what came out
 * @nr_items: how many came out, or went in
 */
struct port_vm {
	struct mmio_vm m;
	struct minivmx_regs regs;
	uint32_t items[MAX_ITEMS];
	uint32_t nr_items;
};

/** port_answer() - what the port answers: no two neighbours are alike */
static inline uint32_t port_answer(uint32_t i)
{
	return 0x01010101 * (uint8_t)(0x35 + i * 7) ^ 0x00102030;
}

/**
 * port_run() - run to HLT, and play the port
 * @p: the machine
 * @size: bytes of an item
 * @in: INS
 *
 * Return: 0; a negative errno; -EPROTO: an exit that cannot be right.
 */
static inline int port_run(struct port_vm *p, uint32_t size, bool in)
{
	struct minivmx_run *run = p->m.vm.run;
	uint32_t i;
	int ret;

	for (p->nr_items = 0; ; ) {
		ret = vm_run(p->m.vm.vcpu);
		if (ret)
			return ret;
		if (run->exit_reason == MINIVMX_EXIT_HLT)
			return vm_get_regs(p->m.vm.vcpu, &p->regs);
		if (run->exit_reason != MINIVMX_EXIT_IO || run->io.port != PORT ||
		    run->io.size != size || !run->io.count ||
		    run->io.direction != (in ? MINIVMX_EXIT_IO_IN : MINIVMX_EXIT_IO_OUT) ||
		    run->io.count > MAX_ITEMS - p->nr_items ||
		    run->io.data_offset + size * run->io.count > p->m.vm.run_size)
			return -EPROTO;
		for (i = 0; i < run->io.count; i++, p->nr_items++) {
			uint8_t *data = (uint8_t *)vm_io_data(run) + i * size;
			uint32_t item = port_answer(p->nr_items);

			if (in)
				memcpy(data, &item, size);
			else
				memcpy(&p->items[p->nr_items], data, size);
		}
	}
}

#endif /* SELFTESTS_STRING_IO_H */
