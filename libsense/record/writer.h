/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * writer.h - the inside of a record that is being written: writer.c opens,
 * commits and closes it, writer-stream.c begins streams, writer-row.c appends.
 */
#ifndef SENSE_RECORD_WRITER_H
#define SENSE_RECORD_WRITER_H

#include <sense/record.h>
#include "record/blob.h"
#include "record/database.h"
#include "record/tally.h"

struct sense_record_config {
	int values;
	int synchronous;
	uint64_t reserve_bytes;
	char vfs[64];
};

/* One stream of this writer. */
struct sense_record_line {
	int64_t number;
	struct sense_layout *layout;
	struct sense_tally now;
	struct sense_tally durable;
	uint64_t refused_from;
	uint64_t refused_to;	/* below it, a hole is this record's own refusal; 0: none */
};

struct sense_record {
	struct sense_record_config config;
	char *path;
	char *directory;
	int lock;
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *rollback;
	sqlite3_stmt *add_frame, *add_gap, *add_event, *set_total;
	struct sense_blob_scratch scratch;
	struct sense_record_line *streams;
	unsigned int stream_count;
	struct sense_record_counts counts;	/* durable */
	uint64_t pending_events;
	int wal_pages;
	uint64_t checkpoint_bytes;	/* a log of this size is written back */
	int checkpoint_failed;	/* SQLite's code, to be told at the next append */
};

/* Run a prepared statement to its end. SQLite's code, SQLITE_OK when well. */
int sense_record_step(sqlite3_stmt *statement);

/*
 * See to a transaction with room for @bytes more beside the reserve; 0 for
 * little things, gaps and events, that may use it. 0 or -errno with an error.
 */
int sense_record_begin(struct sense_record *record, uint64_t bytes);

/*
 * A statement failed with SQLite's @code: everything since the last commit
 * goes, SQLite may have taken it back already. What was acknowledged is
 * untouched. Returns -errno.
 */
int sense_record_abandon(struct sense_record *record, int code, const char *doing);

/* Write the totals of a stream into the open transaction. SQLite's code. */
int sense_record_store_total(struct sense_record *record, const struct sense_record_line *stream);

/* The stream of that number, or NULL with an error. */
struct sense_record_line *sense_record_find(const struct sense_record *record, int64_t number);

/*
 * What was refused and not tried again becomes a gap with cause "storage", so
 * that the account of each stream reaches to its end. 0 or -errno.
 */
int sense_record_settle(struct sense_record *record);

static inline void sense_record_bind_known(sqlite3_stmt *statement, int column, int64_t value,
					   int known)
{
	if (known)
		sqlite3_bind_int64(statement, column, value);
	else
		sqlite3_bind_null(statement, column);
}

#endif
