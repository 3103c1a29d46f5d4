/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each test runs on minivmx and on KVM, with the same expectations: KVM says
 * whether the test itself is right.
 *
 *	DEVICE_FIXTURE(exits) { struct vm vm; };
 *	DEVICE_FIXTURE_SETUP(exits)
 *	{
 *		ASSERT_EQ(0, vm_open(&self->vm, variant->path));
 *	}
 *
 * Where the two differ on purpose, a test asks variant->minivmx and says why.
 */
#ifndef SELFTESTS_DEVICES_H
#define SELFTESTS_DEVICES_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#define MINIVMX_PATH	"/dev/minivmx"
#define KVM_PATH	"/dev/kvm"

/*
 * Waiting for KVM to take a VM apart is cheap, but the emulated clock runs far
 * ahead of it: this guards against a hang and decides nothing else.
 */
#define TIMEOUT		600

/**
 * device_need() - skip the test if the device is not there
 * @_metadata: the test
 * @path: the device
 *
 * With MINIVMX_REQUIRE_KVM=1 in the environment its absence is a failure. With
 * MINIVMX_SKIP_KVM set, KVM is not asked: the value says why.
 */
static inline void device_need(struct __test_metadata *_metadata,
			       const char *path)
{
	const char *require = getenv("MINIVMX_REQUIRE_KVM");
	const char *skip = getenv("MINIVMX_SKIP_KVM");

	/* A plain return from a fixture's setup would start the test. */
	if (skip && !strcmp(path, KVM_PATH))
		SKIP(longjmp(_metadata->env, 1), "%s", skip);
	if (!access(path, R_OK | W_OK))
		return;
	if (require && !strcmp(require, "1")) {
		TH_LOG("%s: %s, and MINIVMX_REQUIRE_KVM=1", path, strerror(errno));
		ASSERT_TRUE(false);
	}
	SKIP(longjmp(_metadata->env, 1), "%s: %s", path, strerror(errno));
}

/** DEVICE_FIXTURE() - FIXTURE() with a variant for each device. */
#define DEVICE_FIXTURE(name)						\
	FIXTURE_VARIANT(name) {						\
		const char *path;					\
		bool minivmx;						\
	};								\
	FIXTURE(name)

/** DEVICE_FIXTURE_SETUP() - FIXTURE_SETUP(), run if the device is there. */
#define DEVICE_FIXTURE_SETUP(name)					\
	static void name##_setup_vm(struct __test_metadata *_metadata,	\
		FIXTURE_DATA(name) *self,				\
		const FIXTURE_VARIANT(name) *variant);			\
	FIXTURE_VARIANT_ADD(name, minivmx) {				\
		.path = MINIVMX_PATH, .minivmx = true,			\
	};								\
	FIXTURE_VARIANT_ADD(name, kvm) {				\
		.path = KVM_PATH,					\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		device_need(_metadata, variant->path);			\
		name##_setup_vm(_metadata, self, variant);		\
	}								\
	static void name##_setup_vm(					\
		struct __test_metadata *_metadata,			\
		FIXTURE_DATA(name) *self,				\
		const FIXTURE_VARIANT(name) *variant)

/** TEST_DEVICE() - TEST_F() that waits long enough for emulated machines. */
#define TEST_DEVICE(fixture, name)	TEST_F_TIMEOUT(fixture, name, TIMEOUT)

#endif /* SELFTESTS_DEVICES_H */
