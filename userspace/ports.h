/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PORTS_H
#define VMRUN_PORTS_H

#include "minivmx.h"
#include "options.h"
#include "serial.h"
#include "timer.h"

/**
 * enum port_result - what became of a port access
 * @PORT_CLAIMED: a device took it, or a part of its bytes
 * @PORT_UNCLAIMED: no device took it
 * @PORT_END: the run ends, with struct ports.status
 */
enum port_result {
	PORT_CLAIMED,
	PORT_UNCLAIMED,
	PORT_END,
};

/**
 * struct ports - the devices of the machine, by their ports
 * @serial: 0x3f8 to 0x3ff
 * @timer: 0x50, 16 bits wide
 * @exit_code: meaning of what is written to 0xf4
 * @status: exit status of vmrun, after PORT_END
 */
struct ports {
	struct serial serial;
	struct timer timer;
	enum exit_code exit_code;
	int status;
};

enum port_result ports_access(struct ports *ports, struct minivmx_run *run);

#endif /* VMRUN_PORTS_H */
