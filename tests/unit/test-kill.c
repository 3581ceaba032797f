// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A recorder killed with SIGKILL at a random moment: every frame it had
 * acknowledged is readable. SENSE_TEST_COUNT: kills (5; 50 with SENSE_FULL=1).
 */
#include "unit.h"
#include "frames.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>

#include <sense/error.h>
#include "record/writer.h"

#define CHANNELS 8
#define BLOCK 500

struct acknowledgement {
	int64_t stream;
	uint64_t next;
};

static unsigned int count(void)
{
	const char *text = getenv("SENSE_TEST_COUNT");

	return text ? (unsigned int)atoi(text) : getenv("SENSE_FULL") ? 50 : 5;
}

static void record_for_ever(const char *path, int out)
{
	struct sense_layout *layout = frames_layout(CHANNELS, BLOCK);
	struct sense_frame *frame = sense_frame_new(layout);
	struct sense_record *record = sense_record_create(path, NULL);
	struct acknowledgement told = { 0 };
	uint64_t next = 0;

	if (!record) {
		fprintf(stderr, "%s\n", sense_error_last()->sentence);
		_exit(1);
	}
	record->checkpoint_bytes = 4 << 20;
	told.stream = sense_record_begin_stream(record, layout, NULL, NULL);
	for (unsigned int i = 1;; i++) {
		sense_frame_clear(frame, next);
		frames_put(frame, next, next + BLOCK);
		next += BLOCK;
		if (sense_record_append(record, told.stream, frame))
			_exit(2);
		if (i % 10)
			continue;
		if (sense_record_commit(record))
			_exit(3);
		told.next = next;
		if (write(out, &told, sizeof(told)) != sizeof(told))
			_exit(4);
	}
}

/* Frames of a stream without a hole from 0 on: the sequence number behind the last. */
static uint64_t readable(struct sense_record_reader *reader, int64_t stream)
{
	const struct sense_frame *frame;
	uint64_t next = 0;

	if (sense_record_reader_seek(reader, stream, 0))
		return 0;
	while (sense_record_reader_next(reader, &frame) == 1 && frame->first_sequence == next &&
	       frames_wrong(frame) < 0)
		next += frame->count;
	return next;
}

static int is_whole(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	int whole = 0;

	sqlite3_open(path, &db);
	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		whole = !strcmp((const char *)sqlite3_column_text(s, 0), "ok");
	sqlite3_finalize(s);
	sqlite3_close(db);
	return whole;
}

/* The recorder runs for @ms after its first acknowledgement. */
static struct acknowledgement kill_once(const char *path, unsigned int ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };
	struct acknowledgement told = { 0 };
	int ends[2], status;
	pid_t child;

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	child = fork();
	if (!child) {
		close(ends[0]);
		record_for_ever(path, ends[1]);
	}
	close(ends[1]);
	CU_ASSERT_EQUAL(read(ends[0], &told, sizeof(told)), (ssize_t)sizeof(told));
	nanosleep(&time, NULL);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	CU_ASSERT(WIFSIGNALED(status));
	while (read(ends[0], &told, sizeof(told)) == sizeof(told))
		;
	close(ends[0]);
	return told;
}

static void keeps_what_it_acknowledged(void)
{
	unsigned int kills = count();
	uint64_t scans = 0, more = 0;

	srand(unit_seed());
	for (unsigned int i = 0; i < kills; i++) {
		/* Every other time a new file, else the one of the recorder killed before. */
		const char *path = frames_path("kill.sense");
		struct sense_record_reader *reader;
		struct acknowledgement told;
		uint64_t next;

		if (i % 2 == 0) {
			unlink(path);
			unlink(frames_path("kill.sense-wal"));
			unlink(frames_path("kill.sense-shm"));
		}
		told = kill_once(path, (unsigned int)rand() % 300);
		reader = sense_record_reader_open(path);
		CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
		next = readable(reader, told.stream);
		if (next < told.next)
			printf("\nkill %u: %" PRIu64 " scans acknowledged, %" PRIu64 " readable\n",
			       i, told.next, next);
		CU_ASSERT(next >= told.next);
		CU_ASSERT(told.next > 0);
		scans += told.next;
		more += next - told.next;
		sense_record_reader_close(reader);
		CU_ASSERT(is_whole(path));
	}
	printf("\n= killed %u times: %" PRIu64 " scans acknowledged, all readable, and %" PRIu64
	       " more\n", kills, scans, more);
	frames_clean_up();
}

UNIT_TESTS = { UNIT(keeps_what_it_acknowledged), UNIT_END };
UNIT_MAIN("kill")
