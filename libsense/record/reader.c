// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/frame.h"
#include "record/blob.h"
#include "record/database.h"

struct stream {
	struct sense_record_stream public;
	char *device_id, *device_name, *started, *host;
	int simulated;
	struct sense_frame *frame;	/* made when the first row is read */
	char units[SENSE_FRAME_MAX_CHANNELS][16];
};

struct sense_record_reader {
	char *path;
	sqlite3 *db;
	sqlite3_stmt *next_frame, *next_row, *gaps, *holder;
	struct stream **streams;	/* each stays where it is */
	unsigned int stream_count;
	struct stream *current;
	uint64_t position;		/* next frame is the first from here on */
	int patience;			/* see on_progress() */
};

/*
 * A file made to harm can lead SQLite round in circles. What one call of ours
 * asks for takes thousands of its steps, a million where a stream has very
 * many rows; after a hundred million it is stopped.
 */
#define STEPS 1000000
#define PATIENCE 100

static int on_progress(void *context)
{
	return --((struct sense_record_reader *)context)->patience < 0;
}

const char *sense_record_reader_path(const struct sense_record_reader *reader)
{
	return reader->path;
}

/* ---- opening ------------------------------------------------------------ */

static int log_has_content(const char *path)
{
	char log[PATH_MAX];
	struct stat st;

	return snprintf(log, sizeof(log), "%s-wal", path) < (int)sizeof(log) && !stat(log, &st) &&
	       st.st_size > 0;
}

/*
 * A closed record on a medium that cannot be written has no log, and SQLite
 * cannot make one: say that nothing will change. With a log this would read
 * past what it holds, so it is refused.
 */
static sqlite3 *open_immutable(const char *path)
{
	sqlite3 *db;
	char *uri, *to;

	if (log_has_content(path))
		return sense_fail_null(EROFS, path,
				       "copy it with its -wal file to a place that can be written",
				       "%s was not closed and what its log holds cannot be read in "
				       "a place that cannot be written", path);
	uri = malloc(3 * strlen(path) + 32);
	if (!uri)
		return sense_fail_null(ENOMEM, path, NULL, "out of memory");
	to = uri + sprintf(uri, "file:");
	for (const char *c = path; *c; c++)
		to += sprintf(to, strchr("%?#", *c) ? "%%%02x" : "%c", (unsigned char)*c);
	sprintf(to, "?immutable=1");
	db = sense_database_open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	free(uri);
	return db;
}

static int open_database(struct sense_record_reader *reader)
{
	const char *path = reader->path;
	struct stat st;
	int kind;

	if (stat(path, &st))
		return sense_fail(errno, path, "see that the path is right: ls -l",
				  "cannot open %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return sense_fail(S_ISDIR(st.st_mode) ? EISDIR : EMEDIUMTYPE, path,
				  "give the path of a record", "%s is not a file", path);
	reader->db = sense_database_open(path, SQLITE_OPEN_READONLY, NULL);
	if (!reader->db)
		return -sense_error_last()->code;
	sqlite3_progress_handler(reader->db, STEPS, on_progress, reader);
	kind = sense_database_recognise(reader->db, path);
	if (kind == -EACCES || kind == -EROFS) {
		sqlite3_close(reader->db);
		reader->db = open_immutable(path);
		if (!reader->db)
			return -sense_error_last()->code;
		sqlite3_progress_handler(reader->db, STEPS, on_progress, reader);
		kind = sense_database_recognise(reader->db, path);
	}
	if (kind == SENSE_DATABASE_EMPTY)
		return sense_fail(EMEDIUMTYPE, path, "give the path of a record that sense wrote",
				  "%s is no record: it is empty", path);
	return kind < 0 ? kind : 0;
}

#define FRAME_COLUMNS								\
	"frame, first_sequence, count, present_count, session, epoch, flags,"	\
	" tai_offset_s, time_u_ns, expired, value_unit, present, fault,"	\
	" saturation, scan_flags, counter, time_ns, raw, value, value_u, outside"
#define FRAME_BLOBS 10	/* index of the first of those that blob.c reads */

static int prepare(struct sense_record_reader *reader)
{
	const struct {
		const char *sql;
		sqlite3_stmt **statement;
	} all[] = {
		{ "SELECT " FRAME_COLUMNS " FROM frame WHERE stream = ? AND first_sequence >= ?"
		  " ORDER BY first_sequence LIMIT 1",
		  &reader->next_frame },
		/* Read from the index alone: finds a row even where its page is damaged. */
		{ "SELECT frame, first_sequence FROM frame WHERE stream = ? AND"
		  " first_sequence >= ? ORDER BY first_sequence LIMIT 1",
		  &reader->next_row },
		{ "SELECT first_sequence, count, cause FROM gap WHERE stream = ? AND"
		  " first_sequence < ? ORDER BY first_sequence DESC",
		  &reader->gaps },
		/* No frame is longer than a block, which bounds the search. */
		{ "SELECT first_sequence FROM frame WHERE stream = ?1 AND first_sequence <= ?2"
		  " AND first_sequence > ?2 - ?3 AND first_sequence + count > ?2"
		  " ORDER BY first_sequence DESC LIMIT 1",
		  &reader->holder },
	};
	int rc = 0;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]) && !rc; i++)
		rc = sense_database_prepare(reader->db, reader->path, all[i].sql, all[i].statement);
	return rc;
}

/* ---- streams ------------------------------------------------------------ */

static int damaged(const struct sense_record_reader *reader, const char *table, int64_t row,
		   const char *what)
{
	return sense_fail(EILSEQ, reader->path,
			  "leave it out, or look at it: sqlite3 FILE 'select * from ...'",
			  "row %" PRId64 " of table %s in %s is damaged: %s", row, table,
			  reader->path, what);
}

static char *text_of(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return strdup(text ? text : "");
}

static void copy_text(char *to, size_t size, sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	snprintf(to, size, "%s", text ? text : "");
}

static void free_stream(struct stream *stream)
{
	if (!stream)
		return;
	sense_frame_release(stream->frame);
	sense_layout_unref(stream->public.layout);
	free(stream->device_id);
	free(stream->device_name);
	free(stream->started);
	free(stream->host);
	free(stream);
}

static int load_channels(struct sense_record_reader *reader, struct stream *stream)
{
	sqlite3_stmt *s;
	unsigned int count = 0;
	int rc = sense_database_prepare(
		reader->db, reader->path,
		"SELECT channel, name, iio_id, kind, scale, offset, bits,"
		" range_min, range_max, sample_group, card_index FROM channel"
		" WHERE stream = ? ORDER BY channel",
		&s);

	if (rc)
		return rc;
	sqlite3_bind_int64(s, 1, stream->public.stream);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct sense_channel_info info = { .direction = SENSE_INPUT, .streamable = true };

		copy_text(info.name, sizeof(info.name), s, 1);
		copy_text(info.iio_id, sizeof(info.iio_id), s, 2);
		info.kind = sense_kind_from_name(sqlite3_column_text(s, 3) ?
						 (const char *)sqlite3_column_text(s, 3) : "");
		info.scale = sqlite3_column_double(s, 4);
		info.offset = sqlite3_column_double(s, 5);
		info.bits = (unsigned int)sqlite3_column_int64(s, 6);
		info.has_range = sqlite3_column_type(s, 7) != SQLITE_NULL;
		info.range_min = sqlite3_column_int64(s, 7);
		info.range_max = sqlite3_column_int64(s, 8);
		info.group = (unsigned int)sqlite3_column_int64(s, 9);
		info.card_index = (unsigned int)sqlite3_column_int64(s, 10);
		if (sqlite3_column_int64(s, 0) != count++ ||
		    sense_layout_add_info(stream->public.layout, &info) < 0) {
			rc = damaged(
				reader, "stream", stream->public.stream,
				"its channels are not numbered from 0, with names of their own");
			break;
		}
	}
	if (rc > 0)
		rc = rc == SQLITE_DONE ? 0 :
					 sense_database_fail(reader->db, rc, reader->path, "read");
	sqlite3_finalize(s);
	return rc;
}

static struct stream *find_stream(const struct sense_record_reader *reader, int64_t number)
{
	for (unsigned int i = 0; i < reader->stream_count; i++)
		if (reader->streams[i]->public.stream == number)
			return reader->streams[i];
	return NULL;
}

static int add_stream(struct sense_record_reader *reader, sqlite3_stmt *s, struct stream **result)
{
	struct stream **streams = realloc(reader->streams,
					  (reader->stream_count + 1) * sizeof(*streams));
	struct stream *stream = calloc(1, sizeof(*stream));
	int64_t block = sqlite3_column_int64(s, 5);
	int rc;

	if (streams)
		reader->streams = streams;
	if (!streams || !stream) {
		free(stream);
		return sense_fail(ENOMEM, reader->path, NULL, "out of memory");
	}
	stream->public.stream = sqlite3_column_int64(s, 0);
	stream->device_id = text_of(s, 1);
	stream->device_name = text_of(s, 2);
	stream->started = text_of(s, 3);
	stream->host = text_of(s, 4);
	stream->simulated = !!sqlite3_column_int64(s, 7);
	stream->public.device_id = stream->device_id;
	stream->public.device_name = stream->device_name;
	stream->public.started = stream->started;
	stream->public.host = stream->host;
	stream->public.tai_offset_s = sqlite3_column_int(s, 8);
	if (block < 1 || block > UINT32_MAX) {
		rc = damaged(reader, "stream", stream->public.stream, "its block size is absurd");
		free_stream(stream);
		return rc;
	}
	stream->public.layout = sense_layout_new(stream->device_id, (uint32_t)block);
	rc = stream->public.layout ? load_channels(reader, stream) : -sense_error_last()->code;
	if (rc) {
		free_stream(stream);
		return rc;
	}
	sense_layout_set_rate_hz(stream->public.layout, sqlite3_column_double(s, 6));
	reader->streams[reader->stream_count++] = stream;
	*result = stream;
	return 0;
}

/* Streams begun since, and everybody's totals. */
static int refresh(struct sense_record_reader *reader)
{
	sqlite3_stmt *s;
	int rc = sense_database_prepare(reader->db, reader->path,
					"SELECT s.stream, s.device_id, s.device_name, s.started,"
					" s.host, s.block_scans, s.rate_hz, s.simulated,"
					" s.tai_offset_s, t.frames, t.scans, t.missing, t.gaps,"
					" t.first_sequence, t.last_sequence, t.first_time_ns,"
					" t.last_time_ns, t.flags FROM stream s LEFT JOIN total t"
					" ON t.stream = s.stream ORDER BY s.stream", &s);

	if (rc)
		return rc;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct stream *stream = find_stream(reader, sqlite3_column_int64(s, 0));
		struct sense_record_stream *public;

		rc = stream ? 0 : add_stream(reader, s, &stream);
		if (rc)
			break;
		public = &stream->public;
		public->frames = (uint64_t)sqlite3_column_int64(s, 9);
		public->scans = (uint64_t)sqlite3_column_int64(s, 10);
		public->missing = (uint64_t)sqlite3_column_int64(s, 11);
		public->gaps = (uint64_t)sqlite3_column_int64(s, 12);
		public->first_sequence = (uint64_t)sqlite3_column_int64(s, 13);
		public->last_sequence = (uint64_t)sqlite3_column_int64(s, 14);
		public->first_time_ns = sqlite3_column_int64(s, 15);
		public->last_time_ns = sqlite3_column_int64(s, 16);
		public->simulated = stream->simulated ||
				    sqlite3_column_int64(s, 17) & SENSE_FRAME_SIMULATED;
	}
	if (rc > 0)
		rc = rc == SQLITE_DONE ? 0 :
					 sense_database_fail(reader->db, rc, reader->path, "read");
	sqlite3_finalize(s);
	return rc;
}

struct sense_record_reader *sense_record_reader_open(const char *path)
{
	struct sense_record_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->path = strdup(path);
	if (!reader || !reader->path) {
		free(reader);
		return sense_fail_null(ENOMEM, path, NULL, "out of memory");
	}
	reader->patience = PATIENCE;
	if (open_database(reader) || prepare(reader) || refresh(reader)) {
		sense_record_reader_close(reader);
		return NULL;
	}
	return reader;
}

void sense_record_reader_close(struct sense_record_reader *reader)
{
	if (!reader)
		return;
	sqlite3_finalize(reader->next_frame);
	sqlite3_finalize(reader->next_row);
	sqlite3_finalize(reader->gaps);
	sqlite3_finalize(reader->holder);
	sqlite3_close(reader->db);
	for (unsigned int i = 0; i < reader->stream_count; i++)
		free_stream(reader->streams[i]);
	free(reader->streams);
	free(reader->path);
	free(reader);
}

unsigned int sense_record_reader_get_stream_count(const struct sense_record_reader *reader)
{
	return reader->stream_count;
}

const struct sense_record_stream *
sense_record_reader_get_stream(const struct sense_record_reader *reader, unsigned int index)
{
	return index < reader->stream_count ? &reader->streams[index]->public : NULL;
}

/* ---- frames ------------------------------------------------------------- */

static int64_t clip(uint64_t sequence)
{
	return sequence > INT64_MAX ? INT64_MAX : (int64_t)sequence;
}

int sense_record_reader_seek(struct sense_record_reader *reader, int64_t number,
			     uint64_t first_sequence)
{
	struct stream *stream;
	sqlite3_stmt *s = reader->holder;
	int rc;

	reader->patience = PATIENCE;
	rc = refresh(reader);
	if (rc)
		return rc;
	stream = find_stream(reader, number);
	if (!stream)
		return sense_fail(ENOENT, reader->path, "list the streams: sense record info FILE",
				  "there is no stream %" PRId64 " in %s, which has %u", number,
				  reader->path, reader->stream_count);
	reader->current = stream;
	reader->position = first_sequence;
	sqlite3_bind_int64(s, 1, number);
	sqlite3_bind_int64(s, 2, clip(first_sequence));
	sqlite3_bind_int64(s, 3, stream->public.layout->block_scans);
	if (sqlite3_step(s) == SQLITE_ROW)
		reader->position = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return 0;
}

/* The gaps that end in the frame, in rising order. */
static int read_gaps(struct sense_record_reader *reader, struct sense_frame *frame)
{
	sqlite3_stmt *s = reader->gaps;
	struct sense_gap gaps[SENSE_FRAME_GAPS];
	unsigned int count = 0;
	int rc;

	sqlite3_bind_int64(s, 1, reader->current->public.stream);
	sqlite3_bind_int64(s, 2, clip(frame->first_sequence + frame->count));
	while (count < SENSE_FRAME_GAPS && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct sense_gap *gap = &gaps[count];

		gap->first_sequence = (uint64_t)sqlite3_column_int64(s, 0);
		gap->count = (uint64_t)sqlite3_column_int64(s, 1);
		gap->cause = sense_gap_cause_from_name(
			sqlite3_column_text(s, 2) ? (const char *)sqlite3_column_text(s, 2) : "");
		gap->reserved = 0;
		if (gap->first_sequence + gap->count < frame->first_sequence)
			break;
		count++;
	}
	sqlite3_reset(s);
	frame->gap_count = 0;
	while (count)
		frame->gaps[frame->gap_count++] = gaps[--count];
	return 0;
}

static int read_row(struct sense_record_reader *reader, sqlite3_stmt *s)
{
	struct stream *stream = reader->current;
	struct sense_layout *layout = stream->public.layout;
	int64_t row = sqlite3_column_int64(s, 0), first = sqlite3_column_int64(s, 1);
	int64_t count = sqlite3_column_int64(s, 2), present = sqlite3_column_int64(s, 3);
	struct sense_frame *frame = stream->frame;
	const char *wrong;

	/* Behind a damaged row the reading goes on. */
	reader->position = (uint64_t)first + 1;
	if (count < 1 || present < 1 || present > count || first < 0 ||
	    first % layout->block_scans + count > layout->block_scans)
		return damaged(reader, "frame", row, "its counts are not those of a block");
	/* Before memory is had for what the row may only claim. */
	if ((uint64_t)sqlite3_column_bytes(s, FRAME_BLOBS + 7) !=
	    4 * (uint64_t)count * layout->channel_count)
		return damaged(reader, "frame", row,
			       "its raw counts are not one per scan and channel");
	if (!frame) {
		frame = stream->frame = sense_frame_new(layout);
		if (!frame)
			return -sense_error_last()->code;
	}
	frame->first_sequence = (uint64_t)first;
	frame->count = (uint32_t)count;
	frame->present_count = (uint32_t)present;
	frame->expected = (uint64_t)first + (uint64_t)count;
	frame->session = (uint64_t)sqlite3_column_int64(s, 4);
	frame->epoch = (uint32_t)sqlite3_column_int64(s, 5);
	frame->flags = (uint32_t)sqlite3_column_int64(s, 6);
	frame->tai_offset_s = sqlite3_column_int(s, 7);
	frame->time_u_ns = sqlite3_column_type(s, 8) == SQLITE_NULL ? __builtin_nan("") :
			   sqlite3_column_double(s, 8);
	frame->expired = (uint64_t)sqlite3_column_int64(s, 9);
	wrong = sense_blob_read(s, FRAME_BLOBS, frame, stream->units);
	if (wrong)
		return damaged(reader, "frame", row, wrong);
	return read_gaps(reader, frame);
}

static int cannot_go_on(const struct sense_record_reader *reader)
{
	return sense_fail(EIO, reader->path, "copy what is readable with sqlite3 FILE .recover",
			  "%s is damaged and cannot be read on from sequence number %" PRIu64,
			  reader->path, reader->position);
}

/* A row cannot be read. Name it by the index, and go on behind it; never at the same place again. */
static int skip_row(struct sense_record_reader *reader, const char *why)
{
	sqlite3_stmt *s = reader->next_row;
	int64_t row, first;
	int rc;

	sqlite3_bind_int64(s, 1, reader->current->public.stream);
	sqlite3_bind_int64(s, 2, clip(reader->position));
	rc = sqlite3_step(s);
	row = sqlite3_column_int64(s, 0);
	first = sqlite3_column_int64(s, 1);
	sqlite3_reset(s);
	if (rc != SQLITE_ROW || first < 0 || (uint64_t)first < reader->position)
		return cannot_go_on(reader);
	reader->position = (uint64_t)first + 1;
	return damaged(reader, "frame", row, why);
}

/* SQLite could not read the row. */
static int unreadable(struct sense_record_reader *reader, int code)
{
	if ((code & 0xff) == SQLITE_INTERRUPT)
		return cannot_go_on(reader);
	if ((code & 0xff) != SQLITE_CORRUPT)
		return sense_database_fail(reader->db, code, reader->path, "read");
	return skip_row(reader, "its pages are not readable");
}

int sense_record_reader_next(struct sense_record_reader *reader, const struct sense_frame **frame)
{
	sqlite3_stmt *s = reader->next_frame;
	int rc;

	if (!reader->current)
		return sense_fail(EINVAL, reader->path, "call sense_record_reader_seek() first",
				  "no stream of %s was chosen", reader->path);
	if (reader->position > INT64_MAX)
		return 0;
	sqlite3_bind_int64(s, 1, reader->current->public.stream);
	sqlite3_bind_int64(s, 2, (int64_t)reader->position);
	reader->patience = PATIENCE;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && sqlite3_column_int64(s, 1) < (int64_t)reader->position) {
		sqlite3_reset(s);
		return skip_row(reader, "the index has another sequence number than the row");
	}
	if (rc == SQLITE_ROW) {
		rc = read_row(reader, s);
		if (!rc) {
			*frame = reader->current->frame;
			rc = 1;
		}
	} else {
		rc = rc == SQLITE_DONE ? 0 : unreadable(reader, rc);
	}
	/* Ends the read transaction: the writer's log is not held up by a slow reader. */
	sqlite3_reset(s);
	return rc;
}

/* ---- events ------------------------------------------------------------- */

#define EVENTS_AT_ONCE 256

static void read_event(sqlite3_stmt *s, struct sense_event *event)
{
	const char *type = (const char *)sqlite3_column_text(s, 5);
	const char *severity = (const char *)sqlite3_column_text(s, 6);
	const char *cause = (const char *)sqlite3_column_text(s, 7);

	memset(event, 0, sizeof(*event));
	event->time_ns = sqlite3_column_int64(s, 2);
	event->sequence = sqlite3_column_type(s, 3) == SQLITE_NULL ? SENSE_SEQUENCE_NONE :
			  (uint64_t)sqlite3_column_int64(s, 3);
	event->count = (uint64_t)sqlite3_column_int64(s, 4);
	event->type = sense_event_type_from_name(type ? type : "");
	event->severity = sense_severity_from_name(severity ? severity : "");
	event->cause = sense_gap_cause_from_name(cause ? cause : "");
	copy_text(event->object, sizeof(event->object), s, 8);
	copy_text(event->author, sizeof(event->author), s, 9);
	copy_text(event->message, sizeof(event->message), s, 10);
}

struct batch {
	unsigned int count;
	int64_t last_time, last_event;
	int64_t streams[EVENTS_AT_ONCE];
	struct sense_event events[EVENTS_AT_ONCE];
};

/* The next events behind the batch's last, read at once so that no transaction stays open. */
static int read_batch(struct sense_record_reader *reader, sqlite3_stmt *s, int64_t stream,
		      struct batch *batch)
{
	int rc;

	sqlite3_bind_int64(s, 1, batch->last_time);
	sqlite3_bind_int64(s, 2, batch->last_event);
	sqlite3_bind_int64(s, 3, stream);
	sqlite3_bind_int(s, 4, EVENTS_AT_ONCE);
	batch->count = 0;
	reader->patience = PATIENCE;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW && batch->count < EVENTS_AT_ONCE) {
		int64_t event = sqlite3_column_int64(s, 0), time = sqlite3_column_int64(s, 2);

		if (time < batch->last_time ||
		    (time == batch->last_time && event <= batch->last_event)) {
			sqlite3_reset(s);
			return damaged(reader, "event", event, "the index has another time for it");
		}
		batch->last_event = event;
		batch->streams[batch->count] = sqlite3_column_int64(s, 1);
		batch->last_time = time;
		read_event(s, &batch->events[batch->count++]);
	}
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 :
	       sense_database_fail(reader->db, rc, reader->path, "read the events of");
}

int sense_record_reader_each_event(struct sense_record_reader *reader, int64_t stream,
				   int (*function)(void *context, int64_t stream,
						   const struct sense_event *event),
				   void *context)
{
	struct batch *batch = malloc(sizeof(*batch));
	sqlite3_stmt *s = NULL;
	int rc;

	if (!batch)
		return sense_fail(ENOMEM, reader->path, NULL, "out of memory");
	batch->last_time = INT64_MIN;
	batch->last_event = INT64_MIN;
	rc = sense_database_prepare(
		reader->db, reader->path,
		"SELECT event, stream, time_ns, sequence, count, type, severity,"
		" cause, object, author, message FROM event"
		" WHERE (time_ns, event) > (?1, ?2) AND (?3 = 0 OR stream = ?3)"
		" ORDER BY time_ns, event LIMIT ?4",
		&s);
	do {
		if (!rc)
			rc = read_batch(reader, s, stream, batch);
		for (unsigned int i = 0; i < batch->count && !rc; i++)
			rc = function(context, batch->streams[i], &batch->events[i]);
	} while (!rc && batch->count == EVENTS_AT_ONCE);
	sqlite3_finalize(s);
	free(batch);
	return rc;
}
