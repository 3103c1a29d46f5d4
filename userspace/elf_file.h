/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_ELF_FILE_H
#define VMRUN_ELF_FILE_H

#include "image.h"

int elf_load(const struct image *image, const struct vm *vm, const struct range *reserved,
	     const __u64 *entry, struct loaded *loaded);
int elf_refuse_program(const struct image *image);

#endif /* VMRUN_ELF_FILE_H */
