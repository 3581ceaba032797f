/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * record.h - the durable record: one SQLite file that the sqlite3 command opens.
 * Documentation/record.md describes its tables.
 *
 * Appending is acknowledged only when durable: what sense_record_commit() has
 * returned for survives kill -9 and power loss.
 */
#ifndef SENSE_RECORD_H
#define SENSE_RECORD_H

#include <stdio.h>
#include <sense/api.h>
#include <sense/event.h>
#include <sense/frame.h>

SENSE_BEGIN_DECLS

/** SQLite application_id ("SENS") and user_version of a record. */
#define SENSE_RECORD_APPLICATION_ID 0x53454e53
#define SENSE_RECORD_SCHEMA 1

/* ---- writing ------------------------------------------------------------------------ */

struct sense_record_config;

SENSE_API struct sense_record_config *sense_record_config_new(void);
SENSE_API void sense_record_config_free(struct sense_record_config *config);
/** Store calibrated values and uncertainties too; they can be recomputed. Default 0. */
SENSE_API void sense_record_config_set_values(struct sense_record_config *config, int store);
/** Keep at least this much of the file system free; default 64 MiB. */
SENSE_API void sense_record_config_set_reserve_bytes(struct sense_record_config *config,
						     uint64_t bytes);
/** SQLite VFS to use, NULL for the default: how tests stand between the record and the disk. */
SENSE_API void sense_record_config_set_vfs(struct sense_record_config *config, const char *name);
/** For tests that show what it costs: 0 sets synchronous=OFF. Default 1, FULL. */
SENSE_API void sense_record_config_set_synchronous(struct sense_record_config *config, int full);

struct sense_record;

/**
 * sense_record_create() - a new record, or an existing one continued.
 * @path: of the file; -wal, -shm and -lock stand beside it while it is open
 * @config: copied; NULL for the defaults
 *
 * Owned; sense_record_close(). One writer at a time: -EBUSY for a second.
 * -EPROTO for a record of a newer version, -EMEDIUMTYPE for a file that is no
 * record, -EROFS, -ENOSPC, -EACCES.
 */
SENSE_API struct sense_record *sense_record_create(const char *path,
						   const struct sense_record_config *config);
/** sense_record_close() - commit and close. 0 or -errno; the record is gone either way. */
SENSE_API int sense_record_close(struct sense_record *record);

/** Where a stream's frames come from, as the record keeps it. NULL strings are stored as "". */
struct sense_record_source {
	const char *device_name;
	const char *serial;
	const char *driver;
	int32_t simulated;	/**< 1: a model, not hardware */
};

/**
 * sense_record_begin_stream() - name the stream that frames of this layout belong to.
 * @source: NULL where nothing is known
 * @configuration: in force, as text; may be NULL
 *
 * Commits what was appended before, and the stream. Returns the stream's number in the record
 * (> 0), or -errno.
 */
SENSE_API int64_t sense_record_begin_stream(struct sense_record *record,
					    const struct sense_layout *layout,
					    const struct sense_record_source *source,
					    const char *configuration);

/**
 * sense_record_append() - frame into the open transaction. Not yet durable.
 *
 * Every missing sequence number between the stream's scans is stored as a gap: with the cause
 * that the frame's gaps give, else as "unknown", or "storage" when this record refused it.
 * 0, -EINVAL for a frame of another layout or whose scans are stored already, -EBUSY while
 * another program holds the file, -ENOSPC, -EIO. A failure with -ENOSPC from the disk itself or
 * -EIO takes back everything since the last commit; the frame may be tried again, or left out.
 */
SENSE_API int sense_record_append(struct sense_record *record, int64_t stream,
				  const struct sense_frame *frame);
/**
 * sense_record_append_gap() - scans that are known to be missing before the next frame comes, or
 * that no frame will follow. As sense_record_append(); -EINVAL when part of it is stored already.
 */
SENSE_API int sense_record_append_gap(struct sense_record *record, int64_t stream,
				      const struct sense_gap *gap);
/** sense_record_append_event() - likewise. @stream: 0 for none. */
SENSE_API int sense_record_append_event(struct sense_record *record, int64_t stream,
					const struct sense_event *event);

/**
 * sense_record_commit() - make everything appended durable. On return of 0 it is.
 * -ENOSPC and -EIO lose nothing that was acknowledged before.
 */
SENSE_API int sense_record_commit(struct sense_record *record);

struct sense_record_counts {
	uint64_t frames;	/**< durable, by this writer */
	uint64_t scans;
	uint64_t events;
	uint64_t bytes;		/**< size of the file and its log */
	uint64_t commits;
	int64_t commit_max_ns;	/**< longest commit */
};
SENSE_API void sense_record_get_counts(const struct sense_record *record,
				       struct sense_record_counts *counts);
SENSE_API const char *sense_record_get_path(const struct sense_record *record);
/** First sequence number of @stream that is neither durable in a frame nor in a gap; 0 at first. */
SENSE_API uint64_t sense_record_get_next_sequence(const struct sense_record *record,
						  int64_t stream);

/* ---- reading ------------------------------------------------------------------------- */

/** A record opened for reading: while somebody writes it, or long after. */
struct sense_record_reader;

SENSE_API struct sense_record_reader *sense_record_reader_open(const char *path);
SENSE_API void sense_record_reader_close(struct sense_record_reader *reader);

/** One stream in a record; borrowed strings and layout. */
struct sense_record_stream {
	int64_t stream;
	const char *device_id;
	const char *device_name;
	const char *started;	/**< UTC, ISO 8601 */
	const char *host;
	struct sense_layout *layout;
	uint64_t frames;
	uint64_t scans;		/**< present */
	uint64_t missing;
	uint64_t gaps;
	uint64_t first_sequence;
	uint64_t last_sequence;
	int64_t first_time_ns;
	int64_t last_time_ns;
	int32_t tai_offset_s;
	int32_t simulated;
};
SENSE_API unsigned int
sense_record_reader_get_stream_count(const struct sense_record_reader *reader);
SENSE_API const struct sense_record_stream *
sense_record_reader_get_stream(const struct sense_record_reader *reader, unsigned int index);

/**
 * sense_record_reader_seek() - next frames come from @stream, from @first_sequence on.
 * sense_record_reader_next() - the next frame: 1 with one (borrowed until the next call), 0 at the
 * end (more may come while a writer is at work), or -errno. -EILSEQ: a row is damaged; the error
 * names it, and the next call goes on behind it. -EIO: it cannot be read on.
 */
SENSE_API int sense_record_reader_seek(struct sense_record_reader *reader, int64_t stream,
				       uint64_t first_sequence);
SENSE_API int sense_record_reader_next(struct sense_record_reader *reader,
				       const struct sense_frame **frame);

/**
 * sense_record_reader_each_event() - call @function for each event in time order; a non-zero
 * return ends it and is returned. @stream: 0 for all.
 */
SENSE_API int sense_record_reader_each_event(struct sense_record_reader *reader, int64_t stream,
					     int (*function)(void *context, int64_t stream,
							     const struct sense_event *event),
					     void *context);

/* ---- writing out ----------------------------------------------------------------------- */

enum sense_dump_format { SENSE_DUMP_CSV = 1, SENSE_DUMP_JSON = 2 };

struct sense_dump_options {
	enum sense_dump_format format;
	int64_t stream;			/**< 0: the only one, or the first */
	uint64_t first_sequence;
	uint64_t last_sequence;		/**< UINT64_MAX: to the end */
	int raw;			/**< raw counts instead of values */
};

/**
 * sense_record_dump() - CSV or JSON lines to @file, one line per scan, in SI units or degC.
 * CSV has one header line of "name [unit]" columns: pandas.read_csv() and Octave read it in one
 * call. A missing scan is a line without values, so that nothing is silently left out.
 * Returns the lines written or -errno.
 */
SENSE_API int64_t sense_record_dump(struct sense_record_reader *reader,
				    const struct sense_dump_options *options, FILE *file);

SENSE_END_DECLS

#endif
