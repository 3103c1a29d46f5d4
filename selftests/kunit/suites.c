// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites for the parts of minivmx that need no VT-x.
 */
#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&ept_bits_suite, &l1d_flush_suite, &vmx_caps_suite, &vmcs_fields_suite,
		  &exit_decode_suite, &decode_suite, &decode_operand_suite,
		  &exit_times_suite, &quantum_suite);

MODULE_DESCRIPTION("Tests of minivmx that need no VT-x");
MODULE_AUTHOR("The minivmx authors");
MODULE_LICENSE("GPL");
