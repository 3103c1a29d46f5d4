/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BZIMAGE_H
#define VMRUN_BZIMAGE_H

#include <stdbool.h>

#include "image.h"
#include "vcpu.h"

bool bzimage_is(const struct image *image);
int bzimage_load(const struct image *image, const struct vm *vm,
		 const struct options *opt, struct start *start);

#endif /* VMRUN_BZIMAGE_H */
