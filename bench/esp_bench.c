/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ESP: what sealing and opening a packet costs by suite, payload and number of keys, in bursts of 32; and
 * beside it, in the same run, the bare call of the library on the same bytes, which is the floor. Packets
 * lie in memory as a mempool has them: 2 kbyte apart.
 */
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_shim.h"
#include "lib/esp.h"
#include "lib/imb_manager.h"

#define BURST 32u
#define PACKET_STRIDE 2304u
#define KEYS_MAX 10000u
#define KEYS_SMOKE_MAX 100u
#define BARE_KEY_SIZE 16

enum way {
	SEAL,
	OPEN,
};

struct subject {
	enum esp_suite suite;
	enum way way;
	uint32_t len;
	uint32_t key_count;
	char name[64];
};

static uint8_t packets[BURST][PACKET_STRIDE] __attribute__((aligned(64)));
static uint64_t next_seq;

static void
destroy_keys(struct esp_key **keys, uint32_t count)
{
	for (uint32_t i = 0; keys != NULL && i < count; i++)
		free(keys[i]);
	free(keys);
}

static struct esp_key **
make_keys(enum esp_suite suite, uint32_t count)
{
	const struct esp_suite_info *info = esp_suite_info(suite);
	struct esp_key **keys = calloc(count, sizeof(struct esp_key *));
	uint8_t secret[64];

	for (uint32_t i = 0; keys != NULL && i < count; i++) {
		for (unsigned at = 0; at < sizeof(secret); at++)
			secret[at] = (uint8_t)rte_rand();
		keys[i] = aligned_alloc(64, esp_key_size(suite));
		if (keys[i] == NULL ||
		    !esp_key_init(keys[i], suite, secret, info->encryption_key_size, secret,
				  info->authentication_key_size)) {
			destroy_keys(keys, count);
			return NULL;
		}
	}
	return keys;
}

static void
make_ops(const struct subject *subject, struct esp_key *const *keys, struct esp_op *ops)
{
	for (unsigned i = 0; i < BURST; i++) {
		ops[i] = (struct esp_op){
			.key = keys[rte_rand_max(subject->key_count)],
			.esp = packets[i],
			.len = subject->len,
			.seq = ++next_seq,
			.next_header = 4,
		};
	}
}

/* Turns sealed packets into ones to open; the memory is as after reception. */
static void
turn_to_open(struct esp_engine *engine, struct esp_op *ops)
{
	esp_seal(engine, ops, BURST);
	for (unsigned i = 0; i < BURST; i++)
		ops[i].len = ops[i].result_len;
}

static bool
all_right(const struct subject *subject, const struct esp_op *ops)
{
	for (unsigned i = 0; i < BURST; i++) {
		if (subject->way == SEAL ? ops[i].result_len <= subject->len : !ops[i].is_right)
			return false;
	}
	return true;
}

/* What the rounds of a benchmark took. */
struct tally {
	uint64_t cycles, rounds;
};

static void
tally_add(struct tally *tally, struct bench *bench, uint64_t took)
{
	tally->cycles += took;
	tally->rounds++;
	bench_took(bench, (double)took / (double)rte_get_tsc_hz());
}

static void
tally_report(const struct tally *tally, struct bench *bench)
{
	if (tally->rounds > 0)
		bench_report(bench, "cycles/packet",
			     (double)tally->cycles / (double)(tally->rounds * BURST));
}

static uint64_t
time_round(const struct subject *subject, struct esp_engine *engine, struct esp_op *ops)
{
	uint64_t begin = rte_rdtsc_precise();

	if (subject->key_count > 1) {
		for (unsigned i = 0; i < BURST; i++)
			esp_key_prefetch(ops[i].key, subject->suite, subject->len);
	}
	if (subject->way == SEAL)
		esp_seal(engine, ops, BURST);
	else
		esp_open(engine, ops, BURST);
	return rte_rdtsc_precise() - begin;
}

static void
run(struct bench *bench, void *argument)
{
	const struct subject *subject = argument;
	struct esp_key **keys = make_keys(subject->suite, subject->key_count);
	struct esp_engine *engine = esp_engine_create();
	struct tally tally = {0};

	if (keys == NULL || engine == NULL) {
		bench_fail(bench, "no memory for keys and engine");
		goto out;
	}
	while (bench_next(bench)) {
		struct esp_op ops[BURST];
		uint64_t took;

		make_ops(subject, keys, ops);
		if (subject->way == OPEN)
			turn_to_open(engine, ops);
		took = time_round(subject, engine, ops);
		if (!all_right(subject, ops)) {
			bench_fail(bench, "a packet was not sealed or not right");
			break;
		}
		tally_add(&tally, bench, took);
	}
	tally_report(&tally, bench);
out:
	esp_engine_destroy(engine);
	destroy_keys(keys, keys != NULL ? subject->key_count : 0);
}

/* The floor of AES-GCM: the direct call, one key, the length with padding and trailer. */
static void
run_bare_gcm(struct bench *bench, void *argument)
{
	const struct subject *subject = argument;
	uint32_t len = subject->len + esp_tail_len(subject->len, 4, 0);
	IMB_MGR *manager = imb_manager_create();
	struct gcm_key_data *key = aligned_alloc(64, sizeof(*key));
	uint8_t secret[BARE_KEY_SIZE] = {1}, nonce[16] = {2}, aad[16] = {3};
	struct gcm_context_data context;
	struct tally tally = {0};

	if (manager == NULL || key == NULL) {
		bench_fail(bench, "no key or no manager");
		goto out;
	}
	IMB_AES128_GCM_PRE(manager, secret, key);
	while (bench_next(bench)) {
		uint64_t begin = rte_rdtsc_precise(), took;

		for (unsigned i = 0; i < BURST; i++)
			IMB_AES128_GCM_ENC(manager, key, &context, packets[i] + 16, packets[i] + 16,
					   len, nonce, aad, 8, packets[i] + 16 + len, 16);
		took = rte_rdtsc_precise() - begin;
		tally_add(&tally, bench, took);
	}
	tally_report(&tally, bench);
out:
	free(key);
	if (manager != NULL)
		free_mb_mgr(manager);
}

/* What the jobs of the bare CBC-SHA256 run share. */
struct bare_jobs {
	IMB_MGR *manager;
	uint8_t encrypt[240] __attribute__((aligned(64)));
	uint8_t decrypt[240], inner[64], outer[64], iv[16];
};

static void
submit_bare_jobs(struct bare_jobs *bare, uint32_t len)
{
	IMB_JOB *jobs[BURST];
	uint32_t left = BURST;

	if (IMB_GET_NEXT_BURST(bare->manager, BURST, jobs) != BURST)
		abort();
	for (unsigned i = 0; i < BURST; i++) {
		IMB_JOB *job = jobs[i];

		job->enc_keys = bare->encrypt;
		job->dec_keys = bare->decrypt;
		job->key_len_in_bytes = BARE_KEY_SIZE;
		job->iv = bare->iv;
		job->iv_len_in_bytes = 16;
		job->src = packets[i];
		job->dst = packets[i] + 24;
		job->cipher_start_src_offset_in_bytes = 24;
		job->msg_len_to_cipher_in_bytes = len;
		job->hash_start_src_offset_in_bytes = 0;
		job->msg_len_to_hash_in_bytes = 24 + len;
		job->auth_tag_output = packets[i] + 24 + len;
		job->auth_tag_output_len_in_bytes = 16;
		job->u.HMAC._hashed_auth_key_xor_ipad = bare->inner;
		job->u.HMAC._hashed_auth_key_xor_opad = bare->outer;
		job->cipher_mode = IMB_CIPHER_CBC;
		job->hash_alg = IMB_AUTH_HMAC_SHA_256;
		job->cipher_direction = IMB_DIR_ENCRYPT;
		job->chain_order = IMB_ORDER_CIPHER_HASH;
	}
	left -= IMB_SUBMIT_BURST_NOCHECK(bare->manager, BURST, jobs);
	while (left > 0)
		left -= IMB_FLUSH_BURST(bare->manager, left, jobs);
}

static void
run_bare_cbc(struct bench *bench, void *argument)
{
	const struct subject *subject = argument;
	uint32_t len = subject->len + esp_tail_len(subject->len, 16, 0);
	struct bare_jobs *bare = aligned_alloc(64, sizeof(*bare));
	struct tally tally = {0};

	if (bare == NULL) {
		bench_fail(bench, "no memory for keys");
		return;
	}
	memset(bare, 1, sizeof(*bare));
	bare->manager = imb_manager_create();
	if (bare->manager == NULL) {
		bench_fail(bench, "no manager");
		goto out;
	}
	while (bench_next(bench)) {
		uint64_t begin = rte_rdtsc_precise(), took;

		submit_bare_jobs(bare, len);
		took = rte_rdtsc_precise() - begin;
		tally_add(&tally, bench, took);
	}
	tally_report(&tally, bench);
	free_mb_mgr(bare->manager);
out:
	free(bare);
}

static void
add_suite(enum esp_suite suite, enum way way, uint32_t len)
{
	static struct subject subjects[ESP_SUITE_COUNT * 2 * 3 * 2];
	static const uint32_t key_counts[] = {1, KEYS_MAX};
	static unsigned count;

	for (unsigned i = 0; i < ARRAY_COUNT(key_counts); i++) {
		struct subject *subject = &subjects[count];

		/* what is opened was sealed just before: its key cannot be cold */
		if (key_counts[i] > 1 && way == OPEN)
			continue;
		if (key_counts[i] > KEYS_SMOKE_MAX && getenv("HOMEPORT_BENCH_SMOKE") != NULL)
			continue;
		*subject = (struct subject){
			.suite = suite, .way = way, .len = len, .key_count = key_counts[i]};
		snprintf(subject->name, sizeof(subject->name), "%s/%s/%u/%u-keys",
			 way == SEAL ? "seal" : "open", esp_suite_info(suite)->name, len,
			 key_counts[i]);
		bench_add(subject->name, run, subject);
		count++;
	}
}

int
main(int argc, char **argv)
{
	static const uint32_t lens[] = {64, 512, 1400};
	static struct subject bare[ARRAY_COUNT(lens)];
	char *eal[] = {argv[0],		 "--no-shconf", "--no-huge",	"--no-pci",
		       "--no-telemetry", "-l0",		"--log-level=3"};

	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0) { /* for the clock */
		fprintf(stderr, "esp_bench: cannot start EAL\n");
		return 1;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(lens); i++) {
		char name[64];

		bare[i].len = lens[i];
		snprintf(name, sizeof(name), "bare/aes128gcm16/%u", lens[i]);
		bench_add(name, run_bare_gcm, &bare[i]);
		snprintf(name, sizeof(name), "bare/aes128-sha256/%u", lens[i]);
		bench_add(name, run_bare_cbc, &bare[i]);
		for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
			add_suite(suite, SEAL, lens[i]);
			add_suite(suite, OPEN, lens[i]);
		}
	}
	return bench_main(argc, argv);
}
