/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_EXITS_H
#define VMRUN_EXITS_H

#include "machine.h"

/**
 * enum next - what follows an exit; up to NEXT_WAIT, the vCPU goes on
 * @NEXT_RESUME: back into the guest
 * @NEXT_YIELD: the same, when it is its turn again
 * @NEXT_WAIT: the same, after the next interrupt
 * @NEXT_STOP: this vCPU stops, the others run on
 * @NEXT_END: the run ends, with a status
 * @NEXT_REPORT: the guest cannot go on
 */
enum next {
	NEXT_RESUME,
	NEXT_YIELD,
	NEXT_WAIT,
	NEXT_STOP,
	NEXT_END,
	NEXT_REPORT,
};

enum next exits_handle(struct machine *machine, struct vcpu *vcpu);

#endif /* VMRUN_EXITS_H */
