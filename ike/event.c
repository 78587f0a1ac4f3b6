/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/address.h"
#include "ike/event.h"
#include "ike/sa_list.h"

static void
queue_job(callback_job_cb_t callback, void *data, callback_job_cleanup_t cleanup)
{
	callback_job_t *job = callback_job_create(callback, data, cleanup, NULL);

	lib->processor->queue_job(lib->processor, &job->job);
}

static void
expire_sa(be32 spi_be, be32 dst, bool is_hard)
{
	host_t *host = address_to_host(dst, 0);

	charon->kernel->expire(charon->kernel, IPPROTO_ESP, spi_be, host, is_hard);
	host->destroy(host);
}

static job_requeue_t
run_expire(void *data)
{
	const struct ike_expire *expire = data;

	expire_sa(expire->spi_be, expire->dst, expire->is_hard != 0);
	return JOB_REQUEUE_NONE;
}

void
event_expire(const struct ike_expire *expire, void *unused)
{
	struct ike_expire *copy = malloc(sizeof(*copy));

	*copy = *expire;
	queue_job(run_expire, copy, free);
}

static job_requeue_t
run_mapping(void *data)
{
	const struct ike_mapping *mapping = data;
	host_t *dst = address_to_host(mapping->dst, 0);
	host_t *src = address_to_host(mapping->new_src, mapping->new_src_port_be);

	charon->kernel->mapping(charon->kernel, IPPROTO_ESP, mapping->spi_be, dst, src);
	dst->destroy(dst);
	src->destroy(src);
	return JOB_REQUEUE_NONE;
}

void
event_mapping(const struct ike_mapping *mapping, void *unused)
{
	struct ike_mapping *copy = malloc(sizeof(*copy));

	*copy = *mapping;
	queue_job(run_mapping, copy, free);
}

static job_requeue_t
run_expire_lost(void *data)
{
	struct ike_sa_id ids[EVENT_LOST_MAX];
	unsigned count = sa_list_take_lost(data, ids, EVENT_LOST_MAX);

	for (unsigned i = 0; i < count; i++)
		expire_sa(ids[i].spi_be, ids[i].dst, false);
	if (count < EVENT_LOST_MAX)
		return JOB_REQUEUE_NONE;
	return (job_requeue_t)JOB_RESCHEDULE_MS(EVENT_LOST_MS);
}

void
event_expire_lost(struct sa_list *list)
{
	queue_job(run_expire_lost, list, NULL);
}
