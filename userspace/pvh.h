/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_PVH_H
#define VMRUN_PVH_H

#include "image.h"
#include "vcpu.h"

int pvh_load(const struct image *image, const struct vm *vm,
	     const struct options *opt, struct start *start);

#endif /* VMRUN_PVH_H */
