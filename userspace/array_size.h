/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_ARRAY_SIZE_H
#define VMRUN_ARRAY_SIZE_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif /* VMRUN_ARRAY_SIZE_H */
