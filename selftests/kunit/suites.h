/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIVMX_KUNIT_SUITES_H
#define MINIVMX_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite ept_bits_suite;
extern struct kunit_suite l1d_flush_suite;
extern struct kunit_suite vmx_caps_suite;
extern struct kunit_suite vmcs_fields_suite;
extern struct kunit_suite exit_decode_suite;
extern struct kunit_suite decode_suite;
extern struct kunit_suite decode_operand_suite;
extern struct kunit_suite exit_times_suite;
extern struct kunit_suite quantum_suite;

#endif /* MINIVMX_KUNIT_SUITES_H */
