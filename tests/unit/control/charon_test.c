/* SPDX-License-Identifier: BSD-3-Clause */
/* Supervision, of shell scripts in charon's place. Time is the test's; that a process has ended is waited
 * for, never slept for. */
#include "control/charon.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];
static struct config_ike config;
static struct mono_time now;

static int
start(void **state)
{
	snprintf(directory, sizeof(directory), "/tmp/homeport-charon.XXXXXX");
	assert_non_null(mkdtemp(directory));
	config = (struct config_ike){.supervise = true};
	snprintf(config.charon, sizeof(config.charon), "%s/charon", directory);
	snprintf(config.strongswan_conf, sizeof(config.strongswan_conf), "%s/strongswan.conf",
		 directory);
	now = mono_add_sec((struct mono_time){0}, 1000);
	return 0;
}

static int
stop(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

/* The file of this name in the directory, as a path that stays until the next call. */
static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

/* A script; "DIR" in it is the directory. */
static void
script_write(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "we");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\nDIR=%s\n%s\n", directory, text);
	fclose(file);
	assert_int_equal(chmod(path_of(name), 0755), 0);
}

static void
file_read(const char *name, char *text, size_t size)
{
	FILE *file = fopen(path_of(name), "re");

	assert_non_null(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

static struct charon_view
look(const struct charon *charon)
{
	struct charon_view view;

	charon_look(charon, &view);
	return view;
}

/* Until charon has ended; it is still to be reaped. */
static void
await_end(const struct charon *charon)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)look(charon).pid, &info, WEXITED | WNOWAIT), 0);
}

static void
tick_after_ms(struct charon *charon, unsigned ms)
{
	now = mono_add_ms(now, ms);
	charon_tick(charon, 0, now);
}

static void
charon_that_ends_is_started_again_after_growing_pauses(void **state)
{
	static const unsigned pauses_ms[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct charon *charon;

	script_write("charon", "exit 3");
	charon = charon_create(&config);
	charon_tick(charon, 0, now);
	for (unsigned i = 0; i < ARRAY_COUNT(pauses_ms); i++) {
		assert_true(charon_is_running(charon));
		await_end(charon);
		tick_after_ms(charon, 0);
		assert_false(charon_is_running(charon));
		tick_after_ms(charon, pauses_ms[i] - 1);
		assert_false(charon_is_running(charon));
		tick_after_ms(charon, 1);
		assert_int_equal(look(charon).starts, i + 2);
	}
	charon_destroy(charon);
}

static void
charon_that_ran_long_is_started_again_soon(void **state)
{
	struct charon *charon;

	script_write("charon", "exec sleep 1000");
	charon = charon_create(&config);
	charon_tick(charon, 0, now);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(charon_is_running(charon));
		kill(look(charon).pid, SIGKILL);
		await_end(charon);
		tick_after_ms(charon, 60000);
		assert_false(charon_is_running(charon));
		tick_after_ms(charon, 1000);
	}
	assert_int_equal(look(charon).starts, 4);
	charon_destroy(charon);
}

static void
missing_charon_is_tried_again(void **state)
{
	struct charon *charon = charon_create(&config);

	charon_tick(charon, 0, now);
	assert_false(charon_is_running(charon));
	script_write("charon", "exec sleep 1000");
	tick_after_ms(charon, 999);
	assert_false(charon_is_running(charon));
	tick_after_ms(charon, 1);
	assert_true(charon_is_running(charon));
	charon_destroy(charon);
}

static void
charon_inherits_nothing(void **state)
{
	struct charon *charon;
	char text[4096];
	unsigned long blocked_mask, ignored_mask;
	sigset_t blocked;
	int secret;

	script_write("charon", "echo /proc/self/fd/* >$DIR/fds; env >$DIR/env\n"
			       "grep -E 'SigBlk|SigIgn' /proc/self/status >$DIR/signals");
	secret = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as libraries do it */
	assert_true(secret >= 0);
	assert_int_equal(dup2(secret, 77), 77);
	setenv("SECRET", "key", 1);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&blocked);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	charon = charon_create(&config);
	charon_tick(charon, 0, now);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	signal(SIGHUP, SIG_DFL);
	await_end(charon);
	close(secret);
	close(77);

	file_read("fds", text, sizeof(text));
	assert_null(strstr(text, "/77"));
	file_read("env", text, sizeof(text));
	assert_null(strstr(text, "SECRET"));
	assert_non_null(strstr(text, "STRONGSWAN_CONF=/tmp/homeport-charon."));
	file_read("signals", text, sizeof(text));
	assert_int_equal(sscanf(text, "SigBlk: %lx SigIgn: %lx", &blocked_mask, &ignored_mask), 2);
	assert_int_equal(blocked_mask, 0);
	assert_int_equal(ignored_mask & 0x7fffffff, 0); /* the rest are the C library's own */
	charon_destroy(charon);
}

/* The scripts' way to say that they are there. */
static int
fifo_open(const char *name)
{
	int fd;

	assert_int_equal(mkfifo(path_of(name), 0600), 0);
	fd = open(path_of(name), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void
charon_that_does_not_end_is_killed(void **state)
{
	struct charon *charon;
	int ready, hold;
	char byte;

	script_write("charon", "trap 'echo t >$DIR/ready' TERM\necho r >$DIR/ready\n"
			       "while :; do read x <$DIR/hold; done");
	ready = fifo_open("ready");
	hold = fifo_open("hold");
	charon = charon_create(&config);
	charon_tick(charon, 0, now);
	assert_int_equal(read(ready, &byte, 1), 1);
	assert_int_equal(byte, 'r');
	charon_stop(charon, now);
	while (read(ready, &byte, 1) == 1 && byte != 't') /* it was told */
		continue;
	tick_after_ms(charon, 4999);
	assert_true(charon_is_running(charon));
	tick_after_ms(charon, 1);
	await_end(charon);
	tick_after_ms(charon, 0);
	assert_false(charon_is_running(charon));
	tick_after_ms(charon, 100000); /* and stays away */
	assert_false(charon_is_running(charon));
	close(ready);
	close(hold);
	charon_destroy(charon);
}

static void
charon_ends_when_asked(void **state)
{
	struct charon *charon;

	script_write("charon", "exec sleep 1000");
	charon = charon_create(&config);
	charon_tick(charon, 0, now);
	charon_stop(charon, now);
	await_end(charon);
	tick_after_ms(charon, 0);
	assert_false(charon_is_running(charon));
	charon_destroy(charon);
}

/* Lets swanctl run to its end after so many hellos. */
static void
run_swanctl(struct charon *charon, uint64_t hellos)
{
	siginfo_t info;

	charon_tick(charon, hellos, now);
	now = mono_add_ms(now, 500);
	charon_tick(charon, hellos, now);
	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	charon_tick(charon, hellos, now); /* takes note of the end */
}

static void
swanctl_loads_after_each_hello_once_charon_listens(void **state)
{
	struct charon *charon;
	char path[128], text[512];

	script_write("charon", "exec sleep 1000");
	/* the first time charon does not listen yet; the third time the configuration is wrong */
	script_write("swanctl", "echo $SWANCTL_DIR $STRONGSWAN_CONF $* >>$DIR/calls\n"
				"set -- $(wc -l <$DIR/calls)\n"
				"case $1 in 1) exit 2;; 3) exit 22;; esac");
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", directory);
	setenv("PATH", path, 1);
	strcpy(config.swanctl_directory, "/etc/there");
	strcpy(config.strongswan_conf, "/etc/conf");
	charon = charon_create(&config);
	charon_tick(charon, 0, now);
	tick_after_ms(charon, 10000); /* no hello, no swanctl */
	assert_int_equal(access(path_of("calls"), F_OK), -1);
	run_swanctl(charon, 1);
	run_swanctl(charon, 1);
	run_swanctl(charon, 2);
	for (unsigned i = 0; i < 10; i++) {
		now = mono_add_ms(now, 10000);
		charon_tick(charon, 2, now);
	}
	file_read("calls", text, sizeof(text));
	assert_string_equal(text, "/etc/there /etc/conf --load-all --noprompt\n"
				  "/etc/there /etc/conf --load-all --noprompt\n"
				  "/etc/there /etc/conf --load-all --noprompt\n");
	assert_true(charon_is_running(charon));
	charon_destroy(charon);
}

/* A homeport that starts charon and then dies of SIGKILL. */
static void
short_life(int pid_writer)
{
	struct charon *charon = charon_create(&config);
	int pid;

	charon_tick(charon, 0, now);
	pid = look(charon).pid;
	if (write(pid_writer, &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	for (;;)
		pause();
}

static void
charon_does_not_outlive_homeport(void **state)
{
	struct pollfd end = {.events = POLLIN};
	int pids[2], ready, pid;
	pid_t homeport;
	char byte;

	if (access("/usr/bin/setpriv", X_OK) != 0)
		skip();
	script_write("charon", "echo r >$DIR/ready\nexec sleep 1000");
	ready = fifo_open("ready");
	assert_int_equal(pipe(pids), 0);
	homeport = fork();
	if (homeport == 0)
		short_life(pids[1]);
	assert_int_equal(read(pids[0], &pid, sizeof(pid)), sizeof(pid));
	assert_int_equal(read(ready, &byte, 1), 1);
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(end.fd >= 0);
	kill(homeport, SIGKILL);
	assert_int_equal(poll(&end, 1, 60000), 1);
	waitpid(homeport, NULL, 0);
	close(end.fd);
	close(ready);
	close(pids[0]);
	close(pids[1]);
}

int
main(void)
{
#define CHARON_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		CHARON_TEST(charon_that_ends_is_started_again_after_growing_pauses),
		CHARON_TEST(charon_that_ran_long_is_started_again_soon),
		CHARON_TEST(missing_charon_is_tried_again),
		CHARON_TEST(charon_inherits_nothing),
		CHARON_TEST(charon_that_does_not_end_is_killed),
		CHARON_TEST(charon_ends_when_asked),
		CHARON_TEST(swanctl_loads_after_each_hello_once_charon_listens),
		CHARON_TEST(charon_does_not_outlive_homeport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
