/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/ctl/fake_box.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/run.h"

#define REQUEST_SIZE 512
#define ARGUMENTS_MAX 16

static void
send_text(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* False: hang up. */
static bool
answer_request(const struct fake_box *box, int fd, const char *request)
{
	char nothing[REQUEST_SIZE + 16];

	for (const struct fake_answer *a = box->answers; a->request != NULL; a++) {
		if (strcmp(a->request, request) != 0)
			continue;
		if (a->answer != NULL)
			send_text(fd, a->answer);
		return a->answer != NULL;
	}
	snprintf(nothing, sizeof(nothing), "{\"%.*s\":null}", (int)strcspn(request, ","), request);
	send_text(fd, nothing);
	return true;
}

static void *
serve(void *argument)
{
	const struct fake_box *box = argument;
	char request[REQUEST_SIZE];
	int fd = accept(box->listener, NULL, NULL);
	bool is_open = fd >= 0 && box->greeting != NULL;

	if (is_open)
		send_text(fd, box->greeting);
	while (is_open) {
		ssize_t len = recv(fd, request, sizeof(request) - 1, 0);

		if (len <= 0)
			break;
		request[len] = '\0';
		is_open = answer_request(box, fd, request);
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

void
fake_box_start(struct fake_box *box, const char *greeting, const struct fake_answer *answers)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*box = (struct fake_box){.greeting = greeting, .answers = answers};
	strcpy(box->dir, "/tmp/fake_box.XXXXXX");
	assert_non_null(mkdtemp(box->dir));
	snprintf(box->prefix_dir, sizeof(box->prefix_dir), "%s/dpdk", box->dir);
	assert_int_equal(mkdir(box->prefix_dir, 0700), 0);
	strcat(box->prefix_dir, "/homeport");
	assert_int_equal(mkdir(box->prefix_dir, 0700), 0);
	snprintf(box->path, sizeof(box->path), "%s/dpdk_telemetry.v2:1", box->prefix_dir);
	strcpy(address.sun_path, box->path);
	box->listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(box->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(box->listener, 4), 0);
	assert_int_equal(pthread_create(&box->thread, NULL, serve, box), 0);
}

void
fake_box_stop(struct fake_box *box)
{
	/* Wakes the thread if no client ever came. */
	shutdown(box->listener, SHUT_RDWR);
	pthread_join(box->thread, NULL);
	close(box->listener);
	unlink(box->path);
	rmdir(box->prefix_dir);
	*strrchr(box->prefix_dir, '/') = '\0';
	rmdir(box->prefix_dir);
	rmdir(box->dir);
}

struct ctl_output
run_ctl(const char *words)
{
	char *line = strdup(words), *next = line;
	char *argv[ARGUMENTS_MAX] = {"homeportctl"};
	size_t out_size, err_size;
	struct ctl_output output;
	FILE *out, *err;
	int argc = 1;

	for (char *word; (word = strsep(&next, " ")) != NULL && argc < ARGUMENTS_MAX - 1;)
		argv[argc++] = word;
	out = open_memstream(&output.out, &out_size);
	err = open_memstream(&output.err, &err_size);
	output.status = ctl_run(argc, argv, out, err);
	fclose(out);
	fclose(err);
	free(line);
	return output;
}

struct ctl_output
run_ctl_against(const struct fake_answer *answers, const char *words)
{
	struct ctl_output output;
	struct fake_box box;
	char line[256];

	fake_box_start(&box, FAKE_GREETING, answers);
	snprintf(line, sizeof(line), "-s %s %s", box.path, words);
	output = run_ctl(line);
	fake_box_stop(&box);
	return output;
}

void
ctl_output_fini(struct ctl_output *output)
{
	free(output->out);
	free(output->err);
}
