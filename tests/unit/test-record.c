// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"
#include "frames.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sense/error.h>
#include <sense/record.h>

#define CHANNELS 3
#define BLOCK 100

static struct sense_layout *layout;
static struct sense_frame *frame;

static struct sense_record *create(const char *path, int64_t *stream)
{
	struct sense_record *record = sense_record_create(path, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	*stream = sense_record_begin_stream(record, layout, NULL, "version: 1\n");
	CU_ASSERT_FATAL(*stream > 0);
	return record;
}

/* Append the scans [from, to) of one block, after what was put before. */
static int append(struct sense_record *record, int64_t stream, uint64_t from, uint64_t to)
{
	sense_frame_clear(frame, from);
	CU_ASSERT_EQUAL(frames_put(frame, from, to), 0);
	return sense_record_append(record, stream, frame);
}

static int64_t ask(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	int64_t result = -1;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK) {
		if (sqlite3_step(s) == SQLITE_ROW)
			result = sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
	} else {
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
	}
	sqlite3_close(db);
	return result;
}

static void gives_back_what_it_got(void)
{
	const char *path = frames_path("round.sense");
	const struct sense_record_source source = { "sense-pcie", "0042", "sense_pcie", 1 };
	struct sense_record *record = sense_record_create(path, NULL);
	const struct sense_record_stream *info;
	struct sense_record_reader *reader;
	const struct sense_frame *got;
	int64_t stream;
	uint64_t next = 500;

	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	stream = sense_record_begin_stream(record, layout, &source, NULL);
	for (uint64_t s = 500; s < 1500; s += BLOCK)
		CU_ASSERT_EQUAL(append(record, stream, s, s + BLOCK), 0);
	CU_ASSERT_EQUAL(append(record, stream, 1500, 1533), 0);
	CU_ASSERT_EQUAL(append(record, stream, 1533, 1600), 0);
	CU_ASSERT_EQUAL(sense_record_get_next_sequence(record, stream), 0);
	CU_ASSERT_EQUAL(sense_record_commit(record), 0);
	CU_ASSERT_EQUAL(sense_record_get_next_sequence(record, stream), 1600);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	CU_ASSERT_EQUAL(access(frames_path("round.sense-wal"), F_OK), -1);
	CU_ASSERT_EQUAL(access(frames_path("round.sense-lock"), F_OK), -1);

	reader = sense_record_reader_open(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
	CU_ASSERT_EQUAL_FATAL(sense_record_reader_get_stream_count(reader), 1);
	info = sense_record_reader_get_stream(reader, 0);
	CU_ASSERT_STRING_EQUAL(info->device_id, "test-card-0042");
	CU_ASSERT_STRING_EQUAL(info->device_name, "sense-pcie");
	CU_ASSERT_EQUAL(info->simulated, 1);
	CU_ASSERT_EQUAL(info->frames, 12);
	CU_ASSERT_EQUAL(info->scans, 1100);
	CU_ASSERT_EQUAL(info->missing, 0);
	CU_ASSERT_EQUAL(info->first_sequence, 500);
	CU_ASSERT_EQUAL(info->last_sequence, 1599);
	CU_ASSERT_EQUAL(info->last_time_ns, frames_time(1599));
	CU_ASSERT_EQUAL(sense_layout_get_channel(info->layout, 0)->scale, 0x1p-20 / 3);
	CU_ASSERT_EQUAL(sense_layout_get_channel(info->layout, 1)->kind, SENSE_KIND_CO2);
	CU_ASSERT_EQUAL(sense_layout_get_rate_hz(info->layout), 1000);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), -EINVAL);
	CU_ASSERT_EQUAL(sense_record_reader_seek(reader, stream, 0), 0);
	while (sense_record_reader_next(reader, &got) == 1) {
		CU_ASSERT_EQUAL(sense_frame_get_first_sequence(got), next);
		CU_ASSERT_EQUAL(frames_wrong(got), -1);
		CU_ASSERT_EQUAL(sense_frame_get_gap_count(got), 0);
		CU_ASSERT_PTR_NULL(sense_frame_get_value(got, 0));
		CU_ASSERT(isnan(sense_frame_get_time_u_ns(got)));
		next = got->first_sequence + got->count;
	}
	CU_ASSERT_EQUAL(next, 1600);
	/* Seeking into a frame starts with that frame. */
	CU_ASSERT_EQUAL(sense_record_reader_seek(reader, stream, 777), 0);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->first_sequence, 700);
	CU_ASSERT_EQUAL(sense_record_reader_seek(reader, stream, 1600), 0);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 0);
	CU_ASSERT_EQUAL(sense_record_reader_seek(reader, 9, 0), -ENOENT);
	sense_record_reader_close(reader);
}

static void keeps_values_when_asked(void)
{
	const char *path = frames_path("values.sense");
	struct sense_record_config *config = sense_record_config_new();
	struct sense_record_reader *reader;
	struct sense_record *record;
	const struct sense_frame *got;
	int64_t stream;

	sense_record_config_set_values(config, 1);
	record = sense_record_create(path, config);
	sense_record_config_free(config);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	stream = sense_record_begin_stream(record, layout, NULL, NULL);
	sense_frame_clear(frame, 0);
	frames_put(frame, 0, 50);
	for (unsigned int c = 0; c < CHANNELS; c++) {
		frame->value_unit[c] = c ? "" : "Cel";
		for (unsigned int i = 0; i < 50; i++) {
			frame->value[c][i] = i % 7 ? i / 3.0 + c : NAN;
			frame->value_u[c][i] = c == 1 ? 0.01 * i : NAN;
		}
	}
	memset(frame->outside, 0, BLOCK * sizeof(*frame->outside));
	frame->outside[17] = 2;
	frame->expired = 4;
	CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	reader = sense_record_reader_open(path);
	sense_record_reader_seek(reader, stream, 0);
	CU_ASSERT_EQUAL_FATAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_STRING_EQUAL(sense_frame_get_value_unit(got, 0), "Cel");
	CU_ASSERT_STRING_EQUAL(sense_frame_get_value_unit(got, 2), "");
	CU_ASSERT_EQUAL(sense_frame_get_quality(got, 1, 17) & SENSE_QUALITY_OUTSIDE,
			SENSE_QUALITY_OUTSIDE);
	CU_ASSERT_EQUAL(sense_frame_get_quality(got, 1, 16) & SENSE_QUALITY_OUTSIDE, 0);
	CU_ASSERT_EQUAL(sense_frame_get_quality(got, 2, 16) & SENSE_QUALITY_EXPIRED,
			SENSE_QUALITY_EXPIRED);
	for (unsigned int i = 0; i < 50; i++) {
		CU_ASSERT(i % 7 ? got->value[2][i] == i / 3.0 + 2 : isnan(got->value[2][i]));
		CU_ASSERT_EQUAL(got->value_u[1][i], 0.01 * i);
		CU_ASSERT(isnan(got->value_u[0][i]));
	}
	sense_record_reader_close(reader);
}

static const char *gap_text(const char *path)
{
	static char text[512];
	sqlite3 *db;
	sqlite3_stmt *s;
	size_t used = 0;

	text[0] = '\0';
	sqlite3_open(path, &db);
	sqlite3_prepare_v2(db, "SELECT first_sequence || '+' || count || cause FROM gap", -1, &s,
			   NULL);
	while (sqlite3_step(s) == SQLITE_ROW)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s ",
					 sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return text;
}

static void closes_the_account(void)
{
	const char *path = frames_path("gaps.sense");
	const struct sense_gap dropped = { 250, 150, SENSE_GAP_READER, 0 };
	const struct sense_record_stream *info;
	struct sense_record_reader *reader;
	const struct sense_frame *got;
	struct sense_record *record;
	int64_t stream;

	record = create(path, &stream);
	/* 0..19, 25..99 present; the frame says why 20 and 21 are missing, not the rest. */
	sense_frame_clear(frame, 0);
	frames_put(frame, 0, 20);
	frames_put(frame, 25, 100);
	frame->gaps[0] = (struct sense_gap){ 20, 2, SENSE_GAP_CARD, 0 };
	CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	/* 100..199 never comes and nobody says so. */
	CU_ASSERT_EQUAL(append(record, stream, 200, 250), 0);
	CU_ASSERT_EQUAL(sense_record_append_gap(record, stream, &dropped), 0);
	CU_ASSERT_EQUAL(sense_record_append_gap(record, stream, &dropped), -EINVAL);
	/* A gap that began in an earlier block. */
	sense_frame_clear(frame, 410);
	frame->expected = 400;
	frames_put(frame, 410, 420);
	frame->gaps[0].cause = SENSE_GAP_KERNEL;
	CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	CU_ASSERT_EQUAL(append(record, stream, 415, 430), -EINVAL);
	CU_ASSERT(strstr(sense_error_last()->sentence, "419") != NULL);
	/* The stream's last frame tells of what is missing behind it; another has gaps alone. */
	sense_frame_clear(frame, 420);
	frames_put(frame, 420, 430);
	frame->gaps[frame->gap_count++] = (struct sense_gap){ 432, 8, SENSE_GAP_CARD, 0 };
	CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	sense_frame_clear(frame, 440);
	frame->gaps[frame->gap_count++] = (struct sense_gap){ 440, 60, SENSE_GAP_KERNEL, 0 };
	CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	CU_ASSERT_STRING_EQUAL(gap_text(path), "20+2card 22+3unknown 100+100unknown 250+150reader "
					       "400+10kernel 430+2unknown 432+8card 440+60kernel ");
	CU_ASSERT_EQUAL(ask(path,
			    "SELECT sum(present_count) + (SELECT sum(count) FROM gap) FROM frame"),
			500);

	reader = sense_record_reader_open(path);
	info = sense_record_reader_get_stream(reader, 0);
	CU_ASSERT_EQUAL(info->missing, 335);
	CU_ASSERT_EQUAL(info->first_sequence, 0);
	CU_ASSERT_EQUAL(info->gaps, 8);
	CU_ASSERT_EQUAL(info->scans, 165);
	sense_record_reader_seek(reader, stream, 0);
	CU_ASSERT_EQUAL_FATAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->present_count, 95);
	CU_ASSERT_EQUAL(frames_wrong(got), -1);
	CU_ASSERT_FALSE(sense_frame_is_present(got, 22));
	CU_ASSERT_EQUAL(got->gap_count, 2);
	CU_ASSERT_EQUAL(got->gaps[0].first_sequence, 20);
	CU_ASSERT_EQUAL(got->gaps[0].cause, SENSE_GAP_CARD);
	CU_ASSERT_EQUAL_FATAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->gap_count, 1);
	CU_ASSERT_EQUAL(got->gaps[0].count, 100);
	CU_ASSERT_EQUAL_FATAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->gaps[got->gap_count - 1].cause, SENSE_GAP_KERNEL);
	sense_record_reader_close(reader);
}

static void lets_readers_in_while_it_writes(void)
{
	const char *path = frames_path("live.sense");
	struct sense_record_reader *reader;
	const struct sense_frame *got;
	struct sense_record *record;
	int64_t stream;

	record = create(path, &stream);
	append(record, stream, 0, 100);
	reader = sense_record_reader_open(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
	sense_record_reader_seek(reader, stream, 0);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 0);	/* not committed */
	sense_record_commit(record);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 0);
	append(record, stream, 100, 200);
	sense_record_commit(record);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->first_sequence, 100);
	sense_record_reader_close(reader);
	sense_record_close(record);
}

static void has_one_writer(void)
{
	const char *path = frames_path("busy.sense");
	struct sense_record *record;
	int64_t stream, again;

	record = create(path, &stream);
	append(record, stream, 0, 100);
	CU_ASSERT_PTR_NULL(sense_record_create(path, NULL));
	CU_ASSERT_EQUAL(sense_error_last()->code, EBUSY);
	sense_record_close(record);
	record = create(path, &again);
	CU_ASSERT_EQUAL(again, stream + 1);
	append(record, again, 0, 100);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM frame"), 2);
}

static void copy(const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof(command), "cp '%s' '%s'", from, to);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

static void refuses(const char *path, int code)
{
	struct sense_record_reader *reader = sense_record_reader_open(path);

	CU_ASSERT_PTR_NULL(reader);
	CU_ASSERT_EQUAL(sense_error_last()->code, code);
	CU_ASSERT(strlen(sense_error_last()->remedy) > 0);
	CU_ASSERT_PTR_NULL(sense_record_create(path, NULL));
	CU_ASSERT_EQUAL(sense_error_last()->code, code);
	CU_ASSERT(strlen(sense_error_last()->remedy) > 0);
}

static void refuses_what_is_no_record(void)
{
	const char *path = frames_path("other");
	FILE *file = fopen(path, "w");

	for (int i = 0; i < 1000; i++)
		fputs("not a database\n", file);
	fclose(file);
	refuses(path, EMEDIUMTYPE);
	unlink(path);
	ask(frames_path("round.sense"), "PRAGMA wal_checkpoint");
	copy(frames_path("round.sense"), path);
	ask(path, "PRAGMA user_version = 2");
	refuses(path, EPROTO);
	ask(path, "PRAGMA application_id = 7");
	refuses(path, EMEDIUMTYPE);
	refuses(frames_directory(), EISDIR);
	CU_ASSERT_PTR_NULL(sense_record_reader_open("/nonexistent/x.sense"));
	CU_ASSERT_EQUAL(sense_error_last()->code, ENOENT);
	CU_ASSERT_PTR_NULL(sense_record_create("/nonexistent/x.sense", NULL));
	CU_ASSERT_EQUAL(sense_error_last()->code, ENOENT);
	/* An empty file is as good as none. */
	path = frames_path("empty");
	fclose(fopen(path, "w"));
	CU_ASSERT_PTR_NULL(sense_record_reader_open(path));
	CU_ASSERT_EQUAL(sense_error_last()->code, EMEDIUMTYPE);
	CU_ASSERT_EQUAL(sense_record_close(sense_record_create(path, NULL)), 0);
	CU_ASSERT_EQUAL(ask(path, "PRAGMA user_version"), SENSE_RECORD_SCHEMA);
}

/* As somebody who may not write: root may everything, so a child becomes nobody. */
static int opens_as_nobody(const char *path)
{
	pid_t child = fork();
	int status;

	if (!child) {
		struct sense_record_reader *reader;
		const struct sense_frame *got;

		if (!geteuid() && (setgid(65534) || setuid(65534)))
			_exit(3);
		reader = sense_record_reader_open(path);
		if (!reader)
			_exit(2);
		_exit(sense_record_reader_seek(reader, 1, 0) ||
		      sense_record_reader_next(reader, &got) != 1);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void reads_where_nobody_may_write(void)
{
	const char *path = frames_path("ro/closed.sense");
	struct sense_record *record;
	int64_t stream;

	mkdir(frames_path("ro"), 0755);
	chmod(frames_directory(), 0755);
	record = create(path, &stream);
	append(record, stream, 0, 100);
	sense_record_close(record);
	chmod(frames_path("ro"), 0555);
	CU_ASSERT_EQUAL(opens_as_nobody(path), 0);
	/* With a log that cannot be read there, it must not be read past. */
	chmod(frames_path("ro"), 0755);
	record = create(path, &stream);
	append(record, stream, 0, 100);
	sense_record_commit(record);
	CU_ASSERT_EQUAL(chmod(frames_path("ro/closed.sense-shm"), 0), 0);
	CU_ASSERT_EQUAL(opens_as_nobody(path), 2);
	sense_record_close(record);
}

static void names_a_damaged_row(void)
{
	const char *path = frames_path("damaged.sense");
	struct sense_record_reader *reader;
	const struct sense_frame *got;
	struct sense_record *record;
	int64_t stream;

	record = create(path, &stream);
	for (uint64_t s = 0; s < 500; s += 100)
		append(record, stream, s, s + 100);
	sense_record_close(record);
	ask(path, "UPDATE frame SET raw = x'00' WHERE frame = 2");
	ask(path, "UPDATE frame SET count = 1000000000 WHERE frame = 4");
	reader = sense_record_reader_open(path);
	sense_record_reader_seek(reader, stream, 0);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), -EILSEQ);
	CU_ASSERT(strstr(sense_error_last()->sentence, "row 2 of table frame") != NULL);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->first_sequence, 200);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), -EILSEQ);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 1);
	CU_ASSERT_EQUAL(got->first_sequence, 400);
	CU_ASSERT_EQUAL(sense_record_reader_next(reader, &got), 0);
	sense_record_reader_close(reader);
}

static void names_a_row_on_a_broken_page(void)
{
	const char *path = frames_path("broken.sense");
	struct sense_layout *large = frames_layout(CHANNELS, 10000);
	struct sense_frame *big = sense_frame_new(large);
	struct sense_record *record = sense_record_create(path, NULL);
	int64_t stream = sense_record_begin_stream(record, large, NULL, NULL);
	struct sense_record_reader *reader;
	const struct sense_frame *got;
	unsigned int good = 0, bad = 0;
	char zeros[16384];
	int fd, rc;

	for (uint64_t s = 0; s < 200000; s += 10000) {
		sense_frame_clear(big, s);
		frames_put(big, s, s + 10000);
		CU_ASSERT_EQUAL(sense_record_append(record, stream, big), 0);
	}
	sense_record_close(record);
	/* Pages in the middle of the overflow chains become a medium's bad blocks. */
	memset(zeros, 0xff, sizeof(zeros));
	fd = open(path, O_WRONLY);
	CU_ASSERT_EQUAL(pwrite(fd, zeros, sizeof(zeros), 100 * 16384L), (ssize_t)sizeof(zeros));
	CU_ASSERT_EQUAL(pwrite(fd, zeros, sizeof(zeros), 300 * 16384L), (ssize_t)sizeof(zeros));
	close(fd);
	reader = sense_record_reader_open(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
	sense_record_reader_seek(reader, stream, 0);
	while ((rc = sense_record_reader_next(reader, &got))) {
		if (rc == 1) {
			good++;
			CU_ASSERT_EQUAL(frames_wrong(got), -1);
		} else {
			bad++;
			CU_ASSERT_EQUAL_FATAL(rc, -EILSEQ);
			CU_ASSERT(strstr(sense_error_last()->sentence, "row ") != NULL);
		}
	}
	CU_ASSERT_EQUAL(good, 18);
	CU_ASSERT_EQUAL(bad, 2);
	sense_record_reader_close(reader);
	sense_frame_release(big);
	sense_layout_unref(large);
}

struct seen {
	unsigned int count;
	int64_t last;
	struct sense_event first;
};

static int see(void *context, int64_t stream, const struct sense_event *event)
{
	struct seen *seen = context;

	if (!seen->count++)
		seen->first = *event;
	CU_ASSERT(event->time_ns >= seen->last);
	seen->last = event->time_ns;
	return 0;
}

static void keeps_events_in_order(void)
{
	const char *path = frames_path("events.sense");
	struct sense_record_reader *reader;
	struct seen seen = { .last = INT64_MIN };
	struct sense_record *record;
	struct sense_event event;
	int64_t stream;

	record = create(path, &stream);
	sense_event_init(&event, SENSE_EVENT_GAP, SENSE_SEVERITY_WARNING, "card \"1\"",
			 "7 scans, lost");
	event.cause = SENSE_GAP_CARD;
	event.count = 7;
	event.sequence = 1234;
	snprintf(event.author, sizeof(event.author), "somebody");
	/* Two at each time, the later ones first: order is by time, nothing is left out. */
	for (int i = 999; i >= 0; i--) {
		event.time_ns = 1000 + i / 2;
		CU_ASSERT_EQUAL(sense_record_append_event(record, i % 3 ? stream : 0, &event), 0);
	}
	event.sequence = SENSE_SEQUENCE_NONE;
	event.time_ns = 0;
	CU_ASSERT_EQUAL(sense_record_append_event(record, stream, &event), 0);
	CU_ASSERT_EQUAL(sense_record_append_event(record, 77, &event), -EINVAL);
	sense_record_close(record);
	reader = sense_record_reader_open(path);
	CU_ASSERT_EQUAL(sense_record_reader_each_event(reader, 0, see, &seen), 0);
	CU_ASSERT_EQUAL(seen.count, 1001);
	CU_ASSERT_EQUAL(seen.first.sequence, SENSE_SEQUENCE_NONE);
	CU_ASSERT_EQUAL(seen.first.type, SENSE_EVENT_GAP);
	CU_ASSERT_EQUAL(seen.first.cause, SENSE_GAP_CARD);
	CU_ASSERT_EQUAL(seen.first.severity, SENSE_SEVERITY_WARNING);
	CU_ASSERT_STRING_EQUAL(seen.first.object, "card \"1\"");
	CU_ASSERT_STRING_EQUAL(seen.first.message, "7 scans, lost");
	CU_ASSERT_STRING_EQUAL(seen.first.author, "somebody");
	seen = (struct seen){ .last = INT64_MIN };
	CU_ASSERT_EQUAL(sense_record_reader_each_event(reader, stream, see, &seen), 0);
	CU_ASSERT_EQUAL(seen.count, 667);
	sense_record_reader_close(reader);
}

static void keeps_a_reserve(void)
{
	const char *path = frames_path("reserve.sense");
	struct sense_record_config *config = sense_record_config_new();
	struct sense_record *record;

	sense_record_config_set_reserve_bytes(config, UINT64_C(1) << 60);
	record = sense_record_create(path, config);
	sense_record_config_free(config);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	CU_ASSERT_EQUAL(sense_record_begin_stream(record, layout, NULL, NULL), -ENOSPC);
	CU_ASSERT(strstr(sense_error_last()->sentence, "MiB") != NULL);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
}

/* A week of frames passes through a log of bounded size. */
static void bounds_its_log(void)
{
	const char *path = frames_path("log.sense");
	struct sense_layout *large = frames_layout(8, 20000);
	struct sense_frame *big = sense_frame_new(large);
	struct sense_record *record = sense_record_create(path, NULL);
	int64_t stream = sense_record_begin_stream(record, large, NULL, NULL);
	off_t most = 0;
	struct stat st;

	for (uint64_t s = 0; s < 150 * 20000; s += 20000) {
		sense_frame_clear(big, s);
		frames_put(big, s, s + 20000);
		CU_ASSERT_EQUAL(sense_record_append(record, stream, big), 0);
		if (s % 200000 == 0)
			CU_ASSERT_EQUAL(sense_record_commit(record), 0);
		if (!stat(frames_path("log.sense-wal"), &st) && st.st_size > most)
			most = st.st_size;
	}
	CU_ASSERT(most > 16 << 20);
	CU_ASSERT(most < 64 << 20);
	printf("\n= largest write-ahead log %.0f MiB in a record of 144 MB\n",
	       (double)most / 1048576);
	sense_record_close(record);
	sense_frame_release(big);
	sense_layout_unref(large);
}

static void set_up(void)
{
	layout = frames_layout(CHANNELS, BLOCK);
	frame = sense_frame_new(layout);
	CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
}

static void clean_up(void)
{
	sense_frame_release(frame);
	sense_layout_unref(layout);
	frames_clean_up();
}

UNIT_TESTS = { UNIT(set_up), UNIT(gives_back_what_it_got), UNIT(keeps_values_when_asked),
	       UNIT(closes_the_account), UNIT(lets_readers_in_while_it_writes),
	       UNIT(has_one_writer), UNIT(refuses_what_is_no_record),
	       UNIT(reads_where_nobody_may_write), UNIT(names_a_damaged_row),
	       UNIT(names_a_row_on_a_broken_page), UNIT(keeps_events_in_order),
	       UNIT(keeps_a_reserve), UNIT(bounds_its_log), UNIT(clean_up), UNIT_END };
UNIT_MAIN("record")
