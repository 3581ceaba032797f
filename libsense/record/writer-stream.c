// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include <sense/clock.h>
#include <sense/version.h>
#include "base/error.h"
#include "record/schema.h"

/* RFC 9562, version 4. */
static int make_uuid(char text[37])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return sense_fail(errno, "getrandom", NULL, "the system gave no random numbers");
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(text, 37,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
	return 0;
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
	sqlite3_bind_text(statement, column, text ? text : "", -1, SQLITE_TRANSIENT);
}

static int store_stream(struct sense_record *record, const struct sense_layout *layout,
			const struct sense_record_source *source, const char *configuration)
{
	struct sense_clock_state clock = { 0 };
	int64_t now = sense_clock_now_ns();
	char uuid[37], started[32];
	struct utsname host;
	sqlite3_stmt *s;
	int rc = make_uuid(uuid);

	if (!rc)
		rc = sense_database_prepare(record->db, record->path,
					    "INSERT INTO stream VALUES"
					    " (NULL,?,?,?,?,?,?,?,?,?,?,'TAI',?,?,?,?,?)", &s);
	if (rc)
		return rc;
	sense_clock_get_state(&clock);
	uname(&host);
	sqlite3_bind_text(s, 1, uuid, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 2, layout->device_id, -1, SQLITE_TRANSIENT);
	bind_text(s, 3, source ? source->device_name : NULL);
	bind_text(s, 4, source ? source->serial : NULL);
	bind_text(s, 5, source ? source->driver : NULL);
	sqlite3_bind_int64(s, 6, source && source->simulated);
	sqlite3_bind_int64(s, 7, layout->block_scans);
	sqlite3_bind_double(s, 8, layout->rate_hz);
	sqlite3_bind_text(s, 9, sense_clock_format(now, clock.tai_offset_s, started), -1,
			  SQLITE_TRANSIENT);
	sqlite3_bind_int64(s, 10, now);
	sqlite3_bind_int64(s, 11, clock.tai_offset_s);
	sqlite3_bind_text(s, 12, host.nodename, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 13, host.release, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 14, SENSE_VERSION, -1, SQLITE_STATIC);
	bind_text(s, 15, configuration);
	rc = sqlite3_step(s);
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : sense_record_abandon(record, rc, "begin a stream in");
}

static int store_channel(struct sense_record *record, int64_t stream, unsigned int index,
			 const struct sense_channel_info *info)
{
	sqlite3_stmt *s;
	int rc = sense_database_prepare(record->db, record->path,
					"INSERT INTO channel VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
					&s);

	if (rc)
		return rc;
	sqlite3_bind_int64(s, 1, stream);
	sqlite3_bind_int64(s, 2, index);
	sqlite3_bind_text(s, 3, info->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 4, info->iio_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 5, sense_kind_name(info->kind), -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 6, sense_channel_info_get_unit(info), -1, SQLITE_STATIC);
	sqlite3_bind_double(s, 7, info->scale);
	sqlite3_bind_double(s, 8, info->offset);
	sqlite3_bind_int64(s, 9, info->bits);
	sense_record_bind_known(s, 10, info->range_min, info->has_range);
	sense_record_bind_known(s, 11, info->range_max, info->has_range);
	sqlite3_bind_int64(s, 12, info->group);
	sqlite3_bind_int64(s, 13, info->card_index);
	rc = sqlite3_step(s);
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : sense_record_abandon(record, rc, "begin a stream in");
}

int64_t sense_record_begin_stream(struct sense_record *record, const struct sense_layout *layout,
				  const struct sense_record_source *source,
				  const char *configuration)
{
	struct sense_record_line *streams;
	int64_t number;
	int rc;

	if (sense_blob_bound(layout->block_scans, layout->channel_count, record->config.values) >
	    SENSE_RECORD_ROW_BYTES)
		return sense_fail(EFBIG, layout->device_id, "choose a smaller block_scans",
				  "a frame of %u scans of %u channels is too large for one row",
				  layout->block_scans, layout->channel_count);
	/* What came before is committed first: a failure below must not take it along. */
	rc = sense_record_commit(record);
	if (rc)
		return rc;
	streams = realloc(record->streams, (record->stream_count + 1) * sizeof(*streams));
	if (!streams)
		return sense_fail(ENOMEM, record->path, NULL, "out of memory");
	record->streams = streams;
	rc = sense_record_begin(record, SENSE_RECORD_PAGE_BYTES);
	if (!rc)
		rc = store_stream(record, layout, source, configuration);
	if (rc)
		return rc;
	number = sqlite3_last_insert_rowid(record->db);
	for (unsigned int c = 0; c < layout->channel_count; c++) {
		rc = store_channel(record, number, c, &layout->channels[c]);
		if (rc)
			return rc;
	}
	streams[record->stream_count++] = (struct sense_record_line){
		.number = number,
		.layout = sense_layout_ref((struct sense_layout *)layout),
	};
	rc = sense_record_store_total(record, &streams[record->stream_count - 1]);
	rc = rc == SQLITE_OK ? sense_record_commit(record) :
			       sense_record_abandon(record, rc, "begin a stream in");
	if (rc) {
		sense_layout_unref(streams[--record->stream_count].layout);
		return rc;
	}
	return number;
}
