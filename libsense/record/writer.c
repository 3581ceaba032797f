// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <sense/clock.h>
#include <sense/version.h>
#include "base/error.h"
#include "record/lock.h"
#include "record/schema.h"

/* The write-ahead log is written back once it holds this much. */
#define CHECKPOINT_BYTES (32u << 20)
/* Pages of an open transaction kept in memory, KiB; more spill into the log early. */
#define CACHE_KIB 8192

static const struct sense_record_config defaults = {
	.synchronous = 1,
	.reserve_bytes = 64u << 20,
};

/* ---- config ------------------------------------------------------------- */

struct sense_record_config *sense_record_config_new(void)
{
	struct sense_record_config *config = malloc(sizeof(*config));

	if (!config)
		return sense_fail_null(ENOMEM, NULL, NULL, "out of memory");
	*config = defaults;
	return config;
}

void sense_record_config_free(struct sense_record_config *config)
{
	free(config);
}

void sense_record_config_set_values(struct sense_record_config *config, int store)
{
	config->values = !!store;
}

void sense_record_config_set_reserve_bytes(struct sense_record_config *config, uint64_t bytes)
{
	config->reserve_bytes = bytes;
}

void sense_record_config_set_vfs(struct sense_record_config *config, const char *name)
{
	snprintf(config->vfs, sizeof(config->vfs), "%s", name ? name : "");
}

void sense_record_config_set_synchronous(struct sense_record_config *config, int full)
{
	config->synchronous = !!full;
}

/* ---- opening and closing ------------------------------------------------ */

static int split_path(struct sense_record *record, const char *path)
{
	const char *slash = strrchr(path, '/');

	record->path = strdup(path);
	if (!slash)
		record->directory = strdup(".");
	else
		record->directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!record->path || !record->directory)
		return sense_fail(ENOMEM, path, NULL, "out of memory");
	return 0;
}

/* SQLite syncs the directory when it makes a log; this does not rely on it. */
static int sync_directory(const struct sense_record *record)
{
	int fd = open(record->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int code = fd < 0 || fsync(fd) ? errno : 0;

	if (fd >= 0)
		close(fd);
	/* EINVAL: a file system whose directories need and know no fsync(). */
	if (!code || code == EINVAL)
		return 0;
	return sense_fail(code, record->path, "record to a local file system",
			  "cannot make the directory %s durable: %s", record->directory,
			  strerror(code));
}

static int check_path(const char *path)
{
	struct stat st;

	if (!path || !*path)
		return sense_fail(EINVAL, "record", "give a path, for example session.sense",
				  "a record needs a path");
	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	return sense_fail(S_ISDIR(st.st_mode) ? EISDIR : EMEDIUMTYPE, path,
			  "give the path of a regular file", "%s is %s, not a file", path,
			  S_ISDIR(st.st_mode) ? "a directory" : "a device or a pipe");
}

static int on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
	((struct sense_record *)context)->wal_pages = pages;
	return SQLITE_OK;
}

/* Write-ahead log, asked for and seen to be in force. */
static int use_log(struct sense_record *record)
{
	sqlite3_stmt *statement;
	int rc = sense_database_prepare(record->db, record->path, "PRAGMA journal_mode=WAL",
					&statement);

	if (rc)
		return rc;
	rc = sqlite3_step(statement);
	if (rc != SQLITE_ROW)
		rc = sense_database_fail(record->db, rc, record->path, "write");
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal"))
		rc = sense_fail(ENOTSUP, record->path, "record to a local file system",
				"the file system of %s does not offer what a write-ahead log needs",
				record->path);
	else
		rc = 0;
	sqlite3_finalize(statement);
	return rc;
}

static int make_tables(struct sense_record *record)
{
	char now[32], *sql;
	int rc;

	sense_clock_format(sense_clock_now_ns(), 0, now);
	sql = sqlite3_mprintf("BEGIN IMMEDIATE;" SENSE_RECORD_TABLES
			      "INSERT INTO meta VALUES ('format', 'sense record'),"
			      " ('documentation', 'Documentation/record.md of the sense project'),"
			      " ('library', %Q), ('created', %Q);"
			      "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
			      SENSE_VERSION, now, SENSE_RECORD_APPLICATION_ID, SENSE_RECORD_SCHEMA);
	if (!sql)
		return sense_fail(ENOMEM, record->path, NULL, "out of memory");
	rc = sense_database_run(record->db, record->path, sql, "make the tables of");
	sqlite3_free(sql);
	return rc ? rc : sync_directory(record);
}

static int prepare(struct sense_record *record)
{
	const struct {
		const char *sql;
		sqlite3_stmt **statement;
	} all[] = {
		{ "BEGIN IMMEDIATE", &record->begin },
		{ "COMMIT", &record->commit },
		{ "ROLLBACK", &record->rollback },
		{ "INSERT INTO frame (stream, first_sequence, count, present_count, first_time_ns,"
		  " last_time_ns, session, epoch, flags, tai_offset_s, time_u_ns, expired,"
		  " value_unit, present, fault, saturation, scan_flags, counter, time_ns, raw,"
		  " value, value_u, outside)"
		  " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", &record->add_frame },
		{ "INSERT INTO gap VALUES (?,?,?,?)", &record->add_gap },
		{ "INSERT INTO event (stream, time_ns, sequence, count, type, severity, cause,"
		  " object, author, message) VALUES (?,?,?,?,?,?,?,?,?,?)", &record->add_event },
		{ "REPLACE INTO total VALUES (?,?,?,?,?,?,?,?,?,?)", &record->set_total },
	};
	int rc = 0;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]) && !rc; i++)
		rc = sense_database_prepare(record->db, record->path, all[i].sql, all[i].statement);
	return rc;
}

static int open_database(struct sense_record *record)
{
	const char *vfs = record->config.vfs[0] ? record->config.vfs : NULL;
	char sql[256];
	int rc, kind;

	record->db = sense_database_open(record->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
					 vfs);
	if (!record->db)
		return -sense_error_last()->code;
	if (sqlite3_db_readonly(record->db, "main") == 1)
		return sense_database_fail(NULL, SQLITE_READONLY, record->path, "write");
	kind = sense_database_recognise(record->db, record->path);
	if (kind < 0)
		return kind;
	snprintf(sql, sizeof(sql),
		 "PRAGMA page_size=%d; PRAGMA synchronous=%s; PRAGMA cache_size=-%d;"
		 "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=%u",
		 SENSE_RECORD_PAGE_BYTES, record->config.synchronous ? "FULL" : "OFF", CACHE_KIB,
		 2 * CHECKPOINT_BYTES);
	rc = sense_database_run(record->db, record->path, sql, "open");
	if (!rc)
		rc = use_log(record);
	if (!rc && kind == SENSE_DATABASE_EMPTY)
		rc = make_tables(record);
	sqlite3_wal_hook(record->db, on_commit, record);
	return rc ? rc : prepare(record);
}

static void destroy(struct sense_record *record)
{
	sqlite3_stmt *all[] = { record->begin, record->commit, record->rollback,
				record->add_frame, record->add_gap, record->add_event,
				record->set_total };

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sqlite3_finalize(all[i]);
	sqlite3_close(record->db);
	if (record->path)
		sense_record_unlock(record->path, record->lock);
	for (unsigned int i = 0; i < record->stream_count; i++)
		sense_layout_unref(record->streams[i].layout);
	free(record->streams);
	sense_blob_scratch_free(&record->scratch);
	free(record->path);
	free(record->directory);
	free(record);
}

struct sense_record *sense_record_create(const char *path, const struct sense_record_config *config)
{
	struct sense_record *record;

	if (check_path(path))
		return NULL;
	record = calloc(1, sizeof(*record));
	if (!record)
		return sense_fail_null(ENOMEM, path, NULL, "out of memory");
	record->config = config ? *config : defaults;
	record->lock = -1;
	record->checkpoint_bytes = CHECKPOINT_BYTES;
	if (split_path(record, path))
		goto fail;
	record->lock = sense_record_lock(path);
	if (record->lock < 0 || open_database(record))
		goto fail;
	return record;
fail:
	destroy(record);
	return NULL;
}

int sense_record_close(struct sense_record *record)
{
	int rc;

	if (!record)
		return 0;
	sense_record_settle(record);
	rc = sense_record_commit(record);
	destroy(record);
	return rc;
}

/* ---- transactions ------------------------------------------------------- */

int sense_record_step(sqlite3_stmt *statement)
{
	int rc = sqlite3_step(statement);

	/* Reset repeats the error of the step; once is enough. */
	sqlite3_reset(statement);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int sense_record_abandon(struct sense_record *record, int code, const char *doing)
{
	int rc = sense_database_fail(record->db, code, record->path, doing);

	if (!sqlite3_get_autocommit(record->db))
		sense_record_step(record->rollback);
	for (unsigned int i = 0; i < record->stream_count; i++) {
		struct sense_record_line *stream = &record->streams[i];

		if (!stream->refused_to)
			stream->refused_from = stream->now.first_sequence;
		if (stream->now.next > stream->refused_to)
			stream->refused_to = stream->now.next;
		stream->now = stream->durable;
	}
	record->pending_events = 0;
	return rc;
}

/* Before the file system is full in earnest, while a commit is still certain to fit. */
static int check_room(struct sense_record *record, uint64_t bytes)
{
	struct statvfs fs;
	uint64_t room;

	if (statvfs(record->directory, &fs) || !fs.f_blocks)
		return 0;
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room >= record->config.reserve_bytes && room - record->config.reserve_bytes >= bytes)
		return 0;
	return sense_fail(ENOSPC, record->path,
			  "free space there, then go on: nothing stored is lost",
			  "the file system of %s has %" PRIu64 " MiB left, of which %" PRIu64
			  " MiB are kept in reserve",
			  record->path, room >> 20, record->config.reserve_bytes >> 20);
}

int sense_record_begin(struct sense_record *record, uint64_t bytes)
{
	int rc = bytes ? check_room(record, bytes) : 0;

	if (rc)
		return rc;
	if (!sqlite3_get_autocommit(record->db))
		return 0;
	if (record->checkpoint_failed) {
		rc = record->checkpoint_failed;
		record->checkpoint_failed = 0;
		return sense_database_fail(NULL, rc, record->path, "write back the log of");
	}
	rc = sense_record_step(record->begin);
	return rc == SQLITE_OK ? 0 : sense_database_fail(record->db, rc, record->path, "write");
}

/*
 * In this thread, between transactions: only then does a checkpoint catch up
 * with the log, so that the next commit starts it over and it stays bounded.
 * PASSIVE never waits for a reader; what one still needs is written back next
 * time. The log is durable already, so a failure here loses nothing.
 */
static void checkpoint(struct sense_record *record)
{
	int rc;

	if ((uint64_t)record->wal_pages * SENSE_RECORD_PAGE_BYTES < record->checkpoint_bytes)
		return;
	rc = sqlite3_wal_checkpoint_v2(record->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED)
		record->checkpoint_failed = rc;
}

int sense_record_store_total(struct sense_record *record, const struct sense_record_line *stream)
{
	const struct sense_tally *t = &stream->now;
	sqlite3_stmt *s = record->set_total;

	sqlite3_bind_int64(s, 1, stream->number);
	sqlite3_bind_int64(s, 2, (int64_t)t->frames);
	sqlite3_bind_int64(s, 3, (int64_t)t->scans);
	sqlite3_bind_int64(s, 4, (int64_t)t->missing);
	sqlite3_bind_int64(s, 5, (int64_t)t->gaps);
	sense_record_bind_known(s, 6, (int64_t)t->first_sequence, t->started);
	sense_record_bind_known(s, 7, (int64_t)t->last_sequence, t->frames > 0);
	sense_record_bind_known(s, 8, t->first_time_ns, t->frames > 0);
	sense_record_bind_known(s, 9, t->last_time_ns, t->frames > 0);
	sqlite3_bind_int64(s, 10, t->flags);
	return sense_record_step(s);
}

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int changed(const struct sense_record_line *stream)
{
	return stream->now.frames != stream->durable.frames ||
	       stream->now.gaps != stream->durable.gaps;
}

int sense_record_commit(struct sense_record *record)
{
	int64_t start = monotonic_ns(), took;
	int rc = SQLITE_OK;

	if (sqlite3_get_autocommit(record->db))
		return 0;
	for (unsigned int i = 0; i < record->stream_count && rc == SQLITE_OK; i++)
		if (changed(&record->streams[i]))
			rc = sense_record_store_total(record, &record->streams[i]);
	if (rc == SQLITE_OK)
		rc = sense_record_step(record->commit);
	if (rc != SQLITE_OK)
		return sense_record_abandon(record, rc, "commit to");
	for (unsigned int i = 0; i < record->stream_count; i++) {
		struct sense_record_line *stream = &record->streams[i];

		record->counts.frames += stream->now.frames - stream->durable.frames;
		record->counts.scans += stream->now.scans - stream->durable.scans;
		stream->durable = stream->now;
	}
	record->counts.events += record->pending_events;
	record->pending_events = 0;
	record->counts.commits++;
	checkpoint(record);
	took = monotonic_ns() - start;
	if (took > record->counts.commit_max_ns)
		record->counts.commit_max_ns = took;
	return 0;
}

/* ---- what there is ------------------------------------------------------ */

struct sense_record_line *sense_record_find(const struct sense_record *record, int64_t number)
{
	for (unsigned int i = 0; i < record->stream_count; i++)
		if (record->streams[i].number == number)
			return &record->streams[i];
	sense_fail(EINVAL, record->path, "begin the stream first",
		   "stream %" PRId64 " was not begun by this writer", number);
	return NULL;
}

void sense_record_get_counts(const struct sense_record *record, struct sense_record_counts *counts)
{
	char log[PATH_MAX];
	struct stat st;

	*counts = record->counts;
	counts->bytes = stat(record->path, &st) ? 0 : (uint64_t)st.st_size;
	if (snprintf(log, sizeof(log), "%s-wal", record->path) < (int)sizeof(log) &&
	    !stat(log, &st))
		counts->bytes += (uint64_t)st.st_size;
}

const char *sense_record_get_path(const struct sense_record *record)
{
	return record->path;
}

uint64_t sense_record_get_next_sequence(const struct sense_record *record, int64_t stream)
{
	const struct sense_record_line *s = sense_record_find(record, stream);

	return s && s->durable.started ? s->durable.next : 0;
}
