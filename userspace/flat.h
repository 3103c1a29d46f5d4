/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_FLAT_H
#define VMRUN_FLAT_H

#include "image.h"
#include "vcpu.h"

int flat_load(const struct image *image, const struct vm *vm,
	      const struct options *opt, struct start *start);

#endif /* VMRUN_FLAT_H */
