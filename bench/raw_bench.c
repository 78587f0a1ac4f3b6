/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What ciphers cost at the least: IPsec-MB's fastest calls on the bytes of an ESP tunnel packet, by the length
 * of the IP packet inside, in the cache, under one key, and nothing else. AES-GCM by the direct API, AES-CBC
 * with HMAC by jobs that stream: nothing is flushed. Median round; cycles are those of the time stamp counter.
 */
#include <rte_cycles.h>
#include <rte_eal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_shim.h"
#include "lib/esp.h"
#include "lib/imb_manager.h"

#define BURST 32u
#define PACKETS 64u /* jobs stay in flight from one round to the next */
#define PACKET_STRIDE 2304u
#define ROUNDS_KEPT 65536u

struct subject {
	bool is_gcm, seals;
	uint16_t len;
	char name[64];
};

struct ciphers {
	IMB_MGR *manager;
	struct gcm_key_data gcm __attribute__((aligned(64)));
	uint8_t encrypt[240] __attribute__((aligned(64)));
	uint8_t decrypt[240] __attribute__((aligned(64)));
	uint8_t inner[64], outer[64], iv[16], tags[PACKETS][16];
	uint8_t packets[PACKETS][PACKET_STRIDE];
	unsigned next;
	uint32_t round_count;
	uint64_t rounds[ROUNDS_KEPT];
};

static void
gcm_round(struct ciphers *ciphers, const struct subject *subject, uint32_t len)
{
	struct gcm_context_data context;

	for (unsigned i = 0; i < BURST; i++) {
		uint8_t *at = ciphers->packets[i] + 16;

		if (subject->seals)
			IMB_AES128_GCM_ENC(ciphers->manager, &ciphers->gcm, &context, at, at, len,
					   ciphers->iv, at - 16, 8, at + len, 16);
		else
			IMB_AES128_GCM_DEC(ciphers->manager, &ciphers->gcm, &context, at, at, len,
					   ciphers->iv, at - 16, 8, ciphers->tags[i], 16);
	}
}

static void
cbc_submit(struct ciphers *ciphers, bool seals, uint32_t len)
{
	unsigned i = ciphers->next++ % PACKETS;
	IMB_JOB *job = IMB_GET_NEXT_JOB(ciphers->manager);
	uint8_t *at = ciphers->packets[i];

	job->enc_keys = ciphers->encrypt;
	job->dec_keys = ciphers->decrypt;
	job->key_len_in_bytes = 16;
	job->iv = ciphers->iv;
	job->iv_len_in_bytes = 16;
	job->src = at;
	job->dst = at + 24;
	job->cipher_start_src_offset_in_bytes = 24;
	job->msg_len_to_cipher_in_bytes = len;
	job->hash_start_src_offset_in_bytes = 0;
	job->msg_len_to_hash_in_bytes = 24 + len;
	job->auth_tag_output = ciphers->tags[i];
	job->auth_tag_output_len_in_bytes = 12;
	job->u.HMAC._hashed_auth_key_xor_ipad = ciphers->inner;
	job->u.HMAC._hashed_auth_key_xor_opad = ciphers->outer;
	job->cipher_mode = IMB_CIPHER_CBC;
	job->hash_alg = IMB_AUTH_HMAC_SHA_1;
	job->cipher_direction = seals ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
	job->chain_order = seals ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
	IMB_SUBMIT_JOB_NOCHECK(ciphers->manager);
}

static void
cbc_round(struct ciphers *ciphers, const struct subject *subject, uint32_t len)
{
	for (unsigned i = 0; i < BURST; i++)
		cbc_submit(ciphers, subject->seals, len);
}

static struct ciphers *
ciphers_create(void)
{
	struct ciphers *ciphers = aligned_alloc(64, (sizeof(*ciphers) + 63) / 64 * 64);
	uint8_t secret[16] = {1};

	if (ciphers == NULL)
		return NULL;
	memset(ciphers, 0, sizeof(*ciphers));
	ciphers->manager = imb_manager_create();
	if (ciphers->manager == NULL) {
		free(ciphers);
		return NULL;
	}
	IMB_AES128_GCM_PRE(ciphers->manager, secret, &ciphers->gcm);
	IMB_AES_KEYEXP_128(ciphers->manager, secret, ciphers->encrypt, ciphers->decrypt);
	return ciphers;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
report(struct ciphers *ciphers, struct bench *bench)
{
	uint32_t count = RTE_MIN(ciphers->round_count, ROUNDS_KEPT);
	uint64_t median;

	if (count == 0)
		return;
	qsort(ciphers->rounds, count, sizeof(ciphers->rounds[0]), compare);
	median = ciphers->rounds[count / 2];
	bench_report(bench, "cycles/packet", (double)median / BURST);
	bench_report(bench, "tsc_hz", (double)rte_get_tsc_hz());
}

static void
run(struct bench *bench, void *argument)
{
	const struct subject *subject = argument;
	struct ciphers *ciphers = ciphers_create();
	uint32_t len = subject->len + esp_tail_len(subject->len, subject->is_gcm ? 4 : 16, 0);

	if (ciphers == NULL) {
		bench_fail(bench, "no memory for the ciphers");
		return;
	}
	while (bench_next(bench)) {
		uint64_t begin = rte_rdtsc_precise(), took;

		if (subject->is_gcm)
			gcm_round(ciphers, subject, len);
		else
			cbc_round(ciphers, subject, len);
		took = rte_rdtsc_precise() - begin;
		ciphers->rounds[ciphers->round_count++ % ROUNDS_KEPT] = took;
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	while (IMB_FLUSH_JOB(ciphers->manager) != NULL)
		;
	report(ciphers, bench);
	free_mb_mgr(ciphers->manager);
	free(ciphers);
}

int
main(int argc, char **argv)
{
	static const uint16_t lens[] = {64, 512, 1400};
	static struct subject subjects[2 * 2 * ARRAY_COUNT(lens)];
	char lcore[32];
	char *eal[] = {argv[0],		 "--no-shconf", "--no-huge",	"--no-pci",
		       "--no-telemetry", lcore,		"--log-level=3"};

	/* where it is: taskset can place it */
	snprintf(lcore, sizeof(lcore), "--lcores=0@%d", RTE_MAX(sched_getcpu(), 0));
	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0) { /* for the clock */
		fprintf(stderr, "raw_bench: cannot start EAL\n");
		return 1;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(subjects); i++) {
		struct subject *subject = &subjects[i];

		*subject = (struct subject){
			.len = lens[i % 3], .seals = i / 3 % 2 == 0, .is_gcm = i < 6};
		snprintf(subject->name, sizeof(subject->name), "%s/%s/%u",
			 subject->seals ? "seal" : "open",
			 subject->is_gcm ? "aes128gcm16" : "aes128-sha1", subject->len);
		bench_add(subject->name, run, subject);
	}
	return bench_main(argc, argv);
}
