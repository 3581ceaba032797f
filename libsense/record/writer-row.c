// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/error.h"

struct gap_target {
	struct sense_record *record;
	int64_t stream;
	int code;	/* SQLite's, of the first failure */
};

static int store_gap(void *context, const struct sense_gap *gap)
{
	struct gap_target *target = context;
	sqlite3_stmt *s = target->record->add_gap;

	sqlite3_bind_int64(s, 1, target->stream);
	sqlite3_bind_int64(s, 2, (int64_t)gap->first_sequence);
	sqlite3_bind_int64(s, 3, (int64_t)gap->count);
	sqlite3_bind_text(s, 4, sense_gap_cause_name(gap->cause), -1, SQLITE_STATIC);
	target->code = sense_record_step(s);
	return target->code == SQLITE_OK ? 0 : -EIO;
}

static int store_frame(struct sense_record *record, int64_t stream,
		       const struct sense_frame *frame, int64_t first_ns, int64_t last_ns)
{
	sqlite3_stmt *s = record->add_frame;
	int rc;

	sqlite3_bind_int64(s, 1, stream);
	sqlite3_bind_int64(s, 2, (int64_t)frame->first_sequence);
	sqlite3_bind_int64(s, 3, frame->count);
	sqlite3_bind_int64(s, 4, frame->present_count);
	sqlite3_bind_int64(s, 5, first_ns);
	sqlite3_bind_int64(s, 6, last_ns);
	sqlite3_bind_int64(s, 7, (int64_t)frame->session);
	sqlite3_bind_int64(s, 8, frame->epoch);
	sqlite3_bind_int64(s, 9, frame->flags);
	sqlite3_bind_int64(s, 10, frame->tai_offset_s);
	sqlite3_bind_double(s, 11, frame->time_u_ns);	/* NaN becomes NULL */
	sqlite3_bind_int64(s, 12, record->config.values ? (int64_t)frame->expired : 0);
	rc = sense_blob_bind(s, 13, frame, record->config.values, &record->scratch);
	return rc ? SQLITE_NOMEM : sense_record_step(s);
}

static int check_frame(const struct sense_record *record, const struct sense_record_line *stream,
		       const struct sense_frame *frame)
{
	if (frame->layout != stream->layout &&
	    (frame->layout->channel_count != stream->layout->channel_count ||
	     frame->layout->block_scans != stream->layout->block_scans))
		return sense_fail(EINVAL, record->path, "begin a stream with the frame's layout",
				  "the frame is not of the layout that stream %" PRId64
				  " was begun with", stream->number);
	if (frame->first_sequence > (uint64_t)INT64_MAX - frame->count)
		return sense_fail(ERANGE, record->path, NULL,
				  "sequence number %" PRIu64 " is beyond 2^63",
				  frame->first_sequence);
	return 0;
}

/* The record did not take it: if it does not come again, it is missing from here on. */
static void refuse(struct sense_record_line *stream, const struct sense_frame *frame)
{
	uint64_t end = frame->first_sequence + frame->count;

	if (!stream->refused_to)
		stream->refused_from = frame->first_sequence;
	if (end > stream->refused_to)
		stream->refused_to = end;
}

/* Where nothing is stored yet but something was refused, the account begins with that. */
static struct sense_tally tally_of(const struct sense_record_line *stream)
{
	struct sense_tally tally = stream->now;

	if (!tally.started && stream->refused_to) {
		tally.started = true;
		tally.first_sequence = stream->refused_from;
		tally.next = stream->refused_from;
	}
	return tally;
}

int sense_record_append(struct sense_record *record, int64_t number,
			const struct sense_frame *frame)
{
	struct sense_record_line *stream = sense_record_find(record, number);
	struct gap_target target = { record, number, SQLITE_OK };
	uint64_t bytes;
	struct sense_tally tally;
	uint32_t first = 0;
	int rc;

	if (!stream)
		return -EINVAL;
	rc = check_frame(record, stream, frame);
	if (rc)
		return rc;
	bytes = sense_blob_bound(frame->count, frame->layout->channel_count, record->config.values);
	rc = sense_record_begin(record, bytes);
	if (rc) {
		refuse(stream, frame);
		return rc;
	}
	/* A frame without a scan is no row: its gaps are all there is to store. */
	if (!frame->present_count) {
		for (unsigned int i = 0; i < frame->gap_count && !rc; i++)
			rc = sense_record_append_gap(record, number, &frame->gaps[i]);
		return rc;
	}
	tally = tally_of(stream);
	rc = sense_tally_add_frame(&tally, frame, stream->refused_to, store_gap, &target);
	if (rc == -EINVAL)
		return sense_fail(EINVAL, record->path, "append each scan once, in order",
				  "stream %" PRId64 " has sequence numbers up to %" PRIu64
				  " already, and a frame begins at %" PRIu64, number,
				  tally.next - 1, frame->first_sequence);
	if (!rc) {
		while (!sense_frame_is_present(frame, first))
			first++;
		target.code = store_frame(record, number, frame, frame->time_ns[first],
					  tally.last_time_ns);
	}
	if (target.code != SQLITE_OK) {
		refuse(stream, frame);
		return sense_record_abandon(record, target.code, "write");
	}
	stream->now = tally;
	return 0;
}

int sense_record_append_gap(struct sense_record *record, int64_t number,
			    const struct sense_gap *gap)
{
	struct sense_record_line *stream = sense_record_find(record, number);
	struct gap_target target = { record, number, SQLITE_OK };
	struct sense_tally tally;
	int rc;

	if (!stream)
		return -EINVAL;
	rc = sense_record_begin(record, 0);
	if (rc)
		return rc;
	tally = tally_of(stream);
	rc = sense_tally_add_gap(&tally, gap, stream->refused_to, store_gap, &target);
	if (rc == -EINVAL)
		return sense_fail(EINVAL, record->path, "append gaps and frames in order",
				  "a gap of %" PRIu64 " scans at %" PRIu64
				  " is accounted for already in stream %" PRId64, gap->count,
				  gap->first_sequence, number);
	if (target.code != SQLITE_OK)
		return sense_record_abandon(record, target.code, "write");
	stream->now = tally;
	return 0;
}

int sense_record_settle(struct sense_record *record)
{
	int rc = 0;

	for (unsigned int i = 0; i < record->stream_count && !rc; i++) {
		struct sense_record_line *stream = &record->streams[i];
		uint64_t from = tally_of(stream).next;
		const struct sense_gap gap = { from, stream->refused_to - from, SENSE_GAP_STORAGE,
					       0 };

		if (stream->refused_to > from)
			rc = sense_record_append_gap(record, stream->number, &gap);
	}
	return rc;
}

int sense_record_append_event(struct sense_record *record, int64_t stream,
			      const struct sense_event *event)
{
	sqlite3_stmt *s = record->add_event;
	int rc;

	if (stream && !sense_record_find(record, stream))
		return -EINVAL;
	rc = sense_record_begin(record, 0);
	if (rc)
		return rc;
	sense_record_bind_known(s, 1, stream, stream != 0);
	sqlite3_bind_int64(s, 2, event->time_ns);
	sense_record_bind_known(s, 3, (int64_t)event->sequence,
				event->sequence != SENSE_SEQUENCE_NONE);
	sqlite3_bind_int64(s, 4, (int64_t)event->count);
	sqlite3_bind_text(s, 5, sense_event_type_name(event->type), -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 6, sense_severity_name(event->severity), -1, SQLITE_STATIC);
	if (event->type == SENSE_EVENT_GAP)
		sqlite3_bind_text(s, 7, sense_gap_cause_name(event->cause), -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(s, 7);
	sqlite3_bind_text(s, 8, event->object, (int)strnlen(event->object, sizeof(event->object)),
			  SQLITE_STATIC);
	sqlite3_bind_text(s, 9, event->author, (int)strnlen(event->author, sizeof(event->author)),
			  SQLITE_STATIC);
	sqlite3_bind_text(s, 10, event->message,
			  (int)strnlen(event->message, sizeof(event->message)), SQLITE_STATIC);
	rc = sense_record_step(s);
	if (rc != SQLITE_OK)
		return sense_record_abandon(record, rc, "write");
	record->pending_events++;
	return 0;
}
