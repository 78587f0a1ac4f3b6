/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_BENCH_SHIM_H
#define BENCH_BENCH_SHIM_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Google Benchmark for C. A benchmark measures what it wants measured itself (so that preparing the next
 * round does not count) and says what a round took. */
struct bench;

/* Adds a benchmark; `argument` is handed to it. */
void bench_add(const char *name, void (*run)(struct bench *bench, void *argument), void *argument);

/* True while another round is wanted: until the clock says enough, or as many as HOMEPORT_BENCH_ROUNDS in the
 * environment says. */
bool bench_next(struct bench *bench);

/* What this round took. */
void bench_took(struct bench *bench, double seconds);

/* A figure to report beside the time. */
void bench_report(struct bench *bench, const char *name, double value);

/* Ends the benchmark with an error. */
void bench_fail(struct bench *bench, const char *why);

/* Runs all that were added; arguments as `--help` tells. Returns the exit status. */
int bench_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
