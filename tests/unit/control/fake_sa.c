/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/fake_sa.h"

struct fake_sa fake_sa;

static enum ike_status
called(const char *function)
{
	fake_sa.calls++;
	fake_sa.function = function;
	return fake_sa.status;
}

enum ike_status
sa_get_spi(struct sa_table *table, const struct ike_get_spi *ask, uint64_t epoch, be32 *spi_be)
{
	fake_sa.get_spi = *ask;
	fake_sa.epoch = epoch;
	*spi_be = FAKE_SPI;
	return called("sa_get_spi");
}

enum ike_status
sa_add(struct sa_table *table, const struct ike_add_sa *ask, uint64_t epoch, struct mono_time now)
{
	fake_sa.add = *ask;
	fake_sa.epoch = epoch;
	return called("sa_add");
}

enum ike_status
sa_update(struct sa_table *table, const struct ike_update_sa *ask, struct mono_time now)
{
	fake_sa.update = *ask;
	return called("sa_update");
}

enum ike_status
sa_query(const struct sa_table *table, const struct ike_sa_id *id, struct ike_use *use)
{
	fake_sa.id = *id;
	use->bytes = FAKE_BYTES;
	return called("sa_query");
}

enum ike_status
sa_remove(struct sa_table *table, const struct ike_sa_id *id, struct mono_time now)
{
	fake_sa.id = *id;
	return called("sa_remove");
}

void
sa_flush(struct sa_table *table, struct mono_time now)
{
	called("sa_flush");
}

enum ike_status
sa_policy_add(struct sa_table *table, const struct ike_policy *policy, struct mono_time now)
{
	fake_sa.policy = *policy;
	return called("sa_policy_add");
}

enum ike_status
sa_policy_remove(struct sa_table *table, const struct ike_policy *policy, struct mono_time now)
{
	fake_sa.policy = *policy;
	return called("sa_policy_remove");
}

enum ike_status
sa_policy_query(const struct sa_table *table, const struct ike_policy *policy, struct ike_use *use)
{
	fake_sa.policy = *policy;
	use->bytes = FAKE_BYTES;
	return called("sa_policy_query");
}

void
sa_policy_flush(struct sa_table *table, struct mono_time now)
{
	called("sa_policy_flush");
}

void
sa_charon_came(struct sa_table *table, uint64_t epoch, struct mono_time now)
{
	fake_sa.epoch = epoch;
	fake_sa.came++;
	called("sa_charon_came");
}

void
sa_charon_left(struct sa_table *table, struct mono_time now)
{
	fake_sa.left++;
	called("sa_charon_left");
}

void
sa_sync_begin(struct sa_table *table)
{
	called("sa_sync_begin");
}

enum ike_status
sa_sync_one(struct sa_table *table, const struct ike_sa_id *id)
{
	fake_sa.id = *id;
	return called("sa_sync_one");
}

void
sa_sync_end(struct sa_table *table, uint64_t epoch, struct mono_time now)
{
	fake_sa.epoch = epoch;
	called("sa_sync_end");
}
