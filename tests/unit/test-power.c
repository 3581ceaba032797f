// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the record acknowledged survives a power failure at any moment, and the
 * test that says so sees it when a disk lies or nothing is synced.
 * SENSE_TEST_COUNT: seeds (20; 200 with SENSE_FULL=1).
 */
#include "unit.h"
#include "frames.h"
#include "power-vfs.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <sense/error.h>
#include "record/writer.h"

#define CHANNELS 2
#define BLOCK 200

static struct sense_layout *layout;
static struct sense_frame *frame;

static unsigned int count(void)
{
	const char *text = getenv("SENSE_TEST_COUNT");

	return text ? (unsigned int)atoi(text) : getenv("SENSE_FULL") ? 200 : 20;
}

struct run {
	int synchronous;
	int lying;
	uint64_t fail_at;	/* 0: never */
	uint64_t capacity;
	/* results */
	int created;
	uint64_t acknowledged;	/* every scan below it */
	uint64_t operations;
};

static struct sense_record *open_record(const struct run *run)
{
	struct sense_record_config *config = sense_record_config_new();
	struct sense_record *record;

	sense_record_config_set_vfs(config, "power");
	sense_record_config_set_synchronous(config, run->synchronous);
	record = sense_record_create(frames_path("power.sense"), config);
	sense_record_config_free(config);
	/* Written back every few commits, so that the power fails in the midst of that too. */
	if (record)
		record->checkpoint_bytes = 20 * 16384;
	return record;
}

/* The same calls for the same seed: frames of all sizes, commits, now and then a new start. */
static void write_until_dark(struct run *run, unsigned int seed)
{
	struct sense_record *record;
	int64_t stream = 0;
	uint64_t next = 0;
	int good = 1;

	srand(seed);
	power_reset();
	power_set_lying(run->lying);
	power_fail_at(run->fail_at);
	record = open_record(run);
	run->created = record != NULL;
	for (int i = 0; record && good && i < 60; i++) {
		uint64_t to = next + 1 + (uint64_t)rand() % (BLOCK - next % BLOCK);

		if (!stream) {
			stream = sense_record_begin_stream(record, layout, NULL, NULL);
			good = stream > 0;
			if (!good)
				break;
		}
		sense_frame_clear(frame, next);
		frames_put(frame, next, to);
		good = !sense_record_append(record, stream, frame);
		next = to;
		if (good && rand() % 3 == 0) {
			good = !sense_record_commit(record);
			if (good)
				run->acknowledged = next;
		}
		if (good && rand() % 25 == 0) {
			good = !sense_record_close(record);
			if (good)
				run->acknowledged = next;
			record = open_record(run);
			stream = 0;
		}
	}
	if (record && !sense_record_close(record) && good)
		run->acknowledged = next;
	run->operations = power_operations();
}

static int text_is(sqlite3 *db, const char *sql, const char *text)
{
	sqlite3_stmt *s;
	int same = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		same = !strcmp((const char *)sqlite3_column_text(s, 0), text);
	sqlite3_finalize(s);
	return same;
}

/* NULL when everything acknowledged is there and whole, else what is wrong. */
static const char *look(const struct run *run, const char *path)
{
	struct sense_record_reader *reader;
	const struct sense_frame *got;
	struct sense_record *again;
	uint64_t next = 0;
	sqlite3 *db;
	int rc, whole;

	if (run->created) {
		reader = sense_record_reader_open(path);
		if (!reader)
			return sense_error_last()->sentence;
		for (unsigned int i = 0; i < sense_record_reader_get_stream_count(reader); i++) {
			sense_record_reader_seek(reader, i + 1, 0);
			while ((rc = sense_record_reader_next(reader, &got))) {
				if (rc < 0 || frames_wrong(got) >= 0 ||
				    got->first_sequence != next) {
					sense_record_reader_close(reader);
					return "a frame is damaged or not the next";
				}
				next += got->count;
			}
		}
		sense_record_reader_close(reader);
		if (next < run->acknowledged)
			return "a frame that was acknowledged is missing";
	}
	/* Whatever happened, the record can be continued. */
	again = sense_record_create(path, NULL);
	if (!again)
		return sense_error_last()->sentence;
	sense_record_begin_stream(again, layout, NULL, NULL);
	if (sense_record_close(again))
		return sense_error_last()->sentence;
	sqlite3_open(path, &db);
	whole = text_is(db, "PRAGMA integrity_check", "ok");
	sqlite3_close(db);
	return whole ? NULL : "integrity_check finds damage";
}

/* One failure at a moment drawn by the seed. NULL, or what was lost. */
static const char *fail_once(struct run *run, unsigned int seed, uint64_t operations)
{
	char directory[160], path[200], command[256];
	const char *wrong;

	run->fail_at = 1 + (seed * UINT64_C(2654435761) >> 7) % operations;
	write_until_dark(run, seed);
	CU_ASSERT(power_is_off());
	snprintf(directory, sizeof(directory), "%s/left", frames_directory());
	mkdir(directory, 0755);
	CU_ASSERT_EQUAL(power_leave(directory, seed), 0);
	snprintf(path, sizeof(path), "%s/power.sense", directory);
	wrong = look(run, path);
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	CU_ASSERT_EQUAL(system(command), 0);
	return wrong;
}

/* How many of the seeds lost something that was acknowledged. */
static unsigned int losses(int synchronous, int lying, int show)
{
	unsigned int lost = 0, n = count(), first = unit_seed();

	for (unsigned int i = 0; i < n; i++) {
		struct run dry = { .synchronous = synchronous, .lying = lying };
		struct run run = dry;
		const char *wrong;

		write_until_dark(&dry, first + i);
		CU_ASSERT(dry.acknowledged > 1000);
		wrong = fail_once(&run, first + i, dry.operations);
		if (!wrong)
			continue;
		lost++;
		if (show)
			printf("\nseed %u, operation %" PRIu64 " of %" PRIu64 ", %" PRIu64
			       " scans acknowledged: %s\n", first + i, run.fail_at, dry.operations,
			       run.acknowledged, wrong);
	}
	return lost;
}

static void keeps_what_it_acknowledged(void)
{
	unsigned int lost;

	layout = frames_layout(CHANNELS, BLOCK);
	frame = sense_frame_new(layout);
	lost = losses(1, 0, 1);
	CU_ASSERT_EQUAL(lost, 0);
	printf("\n= power failures with synchronous=FULL: %u of %u lost something\n", lost,
	       count());
}

static void sees_what_is_lost_without_sync(void)
{
	unsigned int lost = losses(0, 0, 0);

	CU_ASSERT(lost > 0);
	printf("\n= power failures with synchronous=OFF: %u of %u lost something\n", lost, count());
}

static void sees_what_a_lying_disk_loses(void)
{
	unsigned int lost = losses(1, 1, 0);

	CU_ASSERT(lost > 0);
	printf("\n= power failures with a disk that lies about fsync: %u of %u lost something\n",
	       lost, count());
}

static void goes_on_after_the_disk_was_full(void)
{
	const struct sense_record_stream *info;
	struct sense_record_reader *reader;
	struct run run = { .synchronous = 1 };
	struct sense_record *record;
	uint64_t next = 0, acknowledged = 0;
	char directory[160];
	int64_t stream;
	int rc = 0, told = 0;

	power_reset();
	record = open_record(&run);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	stream = sense_record_begin_stream(record, layout, NULL, NULL);
	power_set_capacity(1 << 20);
	for (int i = 0; i < 1000; i++) {
		sense_frame_clear(frame, next);
		frames_put(frame, next, next + BLOCK);
		next += BLOCK;
		rc = sense_record_append(record, stream, frame);
		if (!rc && i % 3 == 2)
			rc = sense_record_commit(record);
		if (!rc && i % 3 == 2)
			acknowledged = next;
		if (rc) {
			CU_ASSERT_EQUAL(rc, -ENOSPC);
			CU_ASSERT(strlen(sense_error_last()->remedy) > 0);
			told++;
		}
		if (told == 5)
			power_set_capacity(0);	/* somebody made room */
	}
	CU_ASSERT(told >= 5);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	CU_ASSERT(acknowledged > 0);
	snprintf(directory, sizeof(directory), "%s/left", frames_directory());
	mkdir(directory, 0755);
	CU_ASSERT_EQUAL(power_leave(directory, 4), 0);
	snprintf(directory, sizeof(directory), "%s/left/power.sense", frames_directory());
	reader = sense_record_reader_open(directory);
	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
	info = sense_record_reader_get_stream(reader, 0);
	CU_ASSERT_EQUAL(info->scans + info->missing, next);
	CU_ASSERT(info->missing > 0);
	CU_ASSERT(info->gaps >= 1);
	CU_ASSERT_EQUAL(info->last_sequence, next - 1);
	sense_record_reader_close(reader);
	power_reset();
	sense_frame_release(frame);
	sense_layout_unref(layout);
	frames_clean_up();
}

UNIT_TESTS = { UNIT(keeps_what_it_acknowledged), UNIT(sees_what_is_lost_without_sync),
	       UNIT(sees_what_a_lying_disk_loses), UNIT(goes_on_after_the_disk_was_full),
	       UNIT_END };
UNIT_MAIN("power")
