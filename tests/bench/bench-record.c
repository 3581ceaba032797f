// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record against a plain SQLite insert of the same bytes: both in WAL mode
 * with synchronous=FULL, on the same disk, a commit per second of data at
 * 200 k scans/s of 8 channels, alternating, median of 5. Unsynchronised parts
 * of a file would flatter both; each round ends with everything durable.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/record.h>
#include "../unit/frames.h"

#define CHANNELS 8
#define BLOCK 20000
#define FRAMES 100		/* 10 s of data */
#define PER_COMMIT 10
#define ROUNDS 5

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void clean(const char *path)
{
	char name[200];

	unlink(path);
	snprintf(name, sizeof(name), "%s-wal", path);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", path);
	unlink(name);
	sync();
}

struct took {
	double wall, cpu;
};

static struct took record_round(const char *path, struct sense_frame *frame)
{
	struct took start, end;
	struct sense_record *record;
	int64_t stream;

	clean(path);
	start = (struct took){ now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID) };
	record = sense_record_create(path, NULL);
	stream = sense_record_begin_stream(record, frame->layout, NULL, NULL);
	for (int i = 0; i < FRAMES; i++) {
		frame->first_sequence = (uint64_t)i * BLOCK;
		if (sense_record_append(record, stream, frame) ||
		    (i % PER_COMMIT == PER_COMMIT - 1 && sense_record_commit(record))) {
			fprintf(stderr, "%s\n", sense_error_last()->sentence);
			exit(4);
		}
	}
	sense_record_close(record);
	end = (struct took){ now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID) };
	return (struct took){ end.wall - start.wall, end.cpu - start.cpu };
}

static struct took plain_round(const char *path, const void *bytes, size_t size, int page)
{
	struct took start, end;
	char sql[160];
	sqlite3_stmt *insert;
	sqlite3 *db;

	clean(path);
	start = (struct took){ now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID) };
	sqlite3_open(path, &db);
	snprintf(sql, sizeof(sql),
		 "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		 "CREATE TABLE t (k INTEGER PRIMARY KEY, b BLOB)",
		 page);
	sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO t (b) VALUES (?)", -1, &insert, NULL);
	for (int i = 0; i < FRAMES; i++) {
		if (i % PER_COMMIT == 0)
			sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		sqlite3_bind_blob64(insert, 1, bytes, size, SQLITE_STATIC);
		if (sqlite3_step(insert) != SQLITE_DONE)
			exit(4);
		sqlite3_reset(insert);
		if (i % PER_COMMIT == PER_COMMIT - 1 &&
		    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
			exit(4);
	}
	sqlite3_finalize(insert);
	sqlite3_close(db);
	end = (struct took){ now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID) };
	return (struct took){ end.wall - start.wall, end.cpu - start.cpu };
}

static int ascending(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 :
							 *(const double *)a > *(const double *)b;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), ascending);
	return values[ROUNDS / 2];
}

int main(void)
{
	struct sense_layout *layout = frames_layout(CHANNELS, BLOCK);
	struct sense_frame *frame = sense_frame_new(layout);
	/* Time and counter, a count per channel, and one word of flags. */
	size_t size = BLOCK * (16 + 4 * CHANNELS) + 8;
	double megabytes = (double)size * FRAMES / 1e6;
	double wall[3][ROUNDS], cpu[3][ROUNDS];
	static const char *const names[3] = { "sense_record", "plain, 16 KiB pages",
					      "plain, 4 KiB pages (SQLite's default)" };
	void *bytes = malloc(size);
	char path[200];

	snprintf(path, sizeof(path), "%s/bench.sqlite", frames_directory());
	frames_put(frame, 0, BLOCK);
	memset(frame->fault, 0, BLOCK * sizeof(*frame->fault));
	for (size_t i = 0; i < size; i++)
		((unsigned char *)bytes)[i] = (unsigned char)(i * 2654435761u >> 13);
	for (int i = 0; i < ROUNDS; i++) {
		struct took took[3] = { record_round(path, frame),
					plain_round(path, bytes, size, 16384),
					plain_round(path, bytes, size, 4096) };

		for (int k = 0; k < 3; k++) {
			wall[k][i] = took[k].wall;
			cpu[k][i] = took[k].cpu;
		}
	}
	for (int k = 0; k < 3; k++)
		printf("%-40s %7.1f MB/s  %6.0f ns CPU/scan\n", names[k],
		       megabytes / median(wall[k]),
		       1e9 * median(cpu[k]) / ((double)BLOCK * FRAMES));
	printf("record against plain inserts of the same bytes: %.2f of the rate (16 KiB pages), "
	       "%.2f (4 KiB)\n",
	       median(wall[1]) / median(wall[0]), median(wall[2]) / median(wall[0]));
	frames_clean_up();
	free(bytes);
	sense_frame_release(frame);
	sense_layout_unref(layout);
	return 0;
}
