// SPDX-License-Identifier: GPL-2.0-or-later
/* The pipeline around a source that plays a device: what goes in must be accounted for. */
#include "unit.h"
#include "frames.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <time.h>

#include <sense/clock.h>
#include <sense/error.h>
#include "base/error.h"
#include "base/frame-pool.h"
#include "pipeline/pipeline.h"

#define CHANNELS 2
#define BLOCK 100

/* ---- a source that plays a device --------------------------------------- */

struct player {
	struct sense_layout *layout;
	struct sense_frame_pool *pool;
	uint64_t next;
	uint64_t last;		/* scans it has */
	int endless;		/* else it is unplugged then */
	int64_t pace_ns;	/* per frame; 0: as fast as it is read */
	int gaps;		/* scans 10 to 14 of each frame are missing */
	int fails_to_start;
	int stopped;
	int events;
};

static void pause_ns(int64_t ns)
{
	const struct timespec time = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&time, NULL);
}

static int player_start(void *self)
{
	struct player *p = self;

	return p->fails_to_start ? sense_fail(EBUSY, "player", "try later", "the player is busy") :
				   0;
}

static int player_stop(void *self)
{
	((struct player *)self)->stopped = 1;
	return 0;
}

static int player_read(void *self, int64_t timeout_ns, struct sense_frame **result)
{
	struct player *p = self;
	struct sense_frame *frame;

	if (p->stopped)
		return -ENODATA;
	if (p->next >= p->last) {
		if (!p->endless)
			return sense_fail(ENODEV, "player", "plug it in again",
					  "the player is gone");
		pause_ns(timeout_ns);
		return 0;
	}
	frame = sense_frame_pool_get(p->pool);
	if (!frame)
		return sense_fail(ENOBUFS, "player", NULL, "no frame is free");
	if (p->pace_ns)
		pause_ns(p->pace_ns);
	sense_frame_clear(frame, p->next);
	if (p->gaps) {
		frames_put(frame, p->next, p->next + 10);
		frames_put(frame, p->next + 15, p->next + BLOCK);
		frame->gaps[0].cause = SENSE_GAP_KERNEL;
	} else {
		frames_put(frame, p->next, p->next + BLOCK);
	}
	p->next += BLOCK;
	*result = frame;
	return 1;
}

static int player_read_event(void *self, struct sense_event *event)
{
	struct player *p = self;

	if (!p->events)
		return 0;
	p->events--;
	sense_event_init(event, SENSE_EVENT_FAULT, SENSE_SEVERITY_WARNING, "ch0", "a fault");
	return 1;
}

static void player_close(void *self)
{
	struct player *p = self;

	sense_frame_pool_free(p->pool);
	sense_layout_unref(p->layout);
}

static const struct sense_source_ops ops = { player_start, player_stop, player_read,
					     player_read_event, player_close };

static struct sense_pipeline *make(struct player *players, unsigned int count, const char *yaml)
{
	struct sense_config *config = sense_config_parse("test.yaml", yaml, strlen(yaml));
	struct sense_source sources[4] = { 0 };
	struct sense_pipeline *pipeline;

	if (!config)
		printf("\n%s\n", sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(config);
	for (unsigned int i = 0; i < count; i++) {
		players[i].layout = frames_layout(CHANNELS, BLOCK);
		players[i].pool = sense_frame_pool_new(players[i].layout,
						       config->pipeline.ring_frames + 4);
		sources[i] = (struct sense_source){ .ops = &ops, .self = &players[i],
						    .layout = players[i].layout };
	}
	pipeline = sense_pipeline_new_from(config, sources, count);
	sense_config_free(config);
	return pipeline;
}

static const char *yaml(const char *path, const char *more)
{
	static char text[512];

	snprintf(text, sizeof(text), "version: 1\ndevices: [{id: a}]\n%s%s\n%s",
		 path ? "record: {commit_interval_s: 0.02, values: true, path: " : "",
		 path ? path : "", more);
	if (path) {
		char *end = strstr(text, path) + strlen(path);

		memmove(end + 1, end, strlen(end) + 1);
		*end = '}';
	}
	return text;
}

static int64_t ask(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	int64_t result = -1;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK) {
		if (sqlite3_step(s) == SQLITE_ROW)
			result = sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
	} else {
		printf("\n%s: %s\n", sql, sqlite3_errmsg(db));
	}
	sqlite3_close(db);
	return result;
}

/* Every sequence number of [0, end) is present once, or in one gap: by reading all of it. */
static void accounts_for_all(const char *path, uint64_t end)
{
	unsigned char *seen = calloc(1, end);
	struct sense_record_reader *reader = sense_record_reader_open(path);
	const struct sense_frame *frame;
	sqlite3 *db;
	sqlite3_stmt *s;
	uint64_t wrong = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
	sense_record_reader_seek(reader, 1, 0);
	while (sense_record_reader_next(reader, &frame) == 1) {
		CU_ASSERT_EQUAL(frames_wrong(frame), -1);
		for (uint32_t i = 0; i < frame->count; i++)
			if (sense_frame_is_present(frame, i))
				seen[frame->first_sequence + i]++;
	}
	sense_record_reader_close(reader);
	sqlite3_open(path, &db);
	sqlite3_prepare_v2(db, "SELECT first_sequence, count FROM gap WHERE stream = 1", -1, &s,
			   NULL);
	while (sqlite3_step(s) == SQLITE_ROW)
		for (int64_t i = 0; i < sqlite3_column_int64(s, 1); i++)
			seen[sqlite3_column_int64(s, 0) + i]++;
	sqlite3_finalize(s);
	sqlite3_close(db);
	for (uint64_t i = 0; i < end; i++)
		wrong += seen[i] != 1;
	CU_ASSERT_EQUAL(wrong, 0);
	free(seen);
}

/* ---- tests -------------------------------------------------------------- */

struct watch {
	unsigned int frames, events, durables;
	uint64_t next;
	int64_t slow_ns;
	uint64_t first_cel;	/* first sequence number seen in degC */
	uint64_t last_ohm;
	struct sense_event command;
	unsigned int commands;
};

static void watch_frame(void *context, unsigned int stream, const struct sense_frame *frame)
{
	struct watch *watch = context;
	const char *unit = sense_frame_get_value_unit(frame, 0);

	watch->frames++;
	if (watch->slow_ns)
		pause_ns(watch->slow_ns);
	if (!unit)
		return;
	if (!strcmp(unit, "Ohm"))
		watch->last_ohm = frame->first_sequence;
	else if (!watch->first_cel)
		watch->first_cel = frame->first_sequence;
}

static void watch_event(void *context, const struct sense_event *event)
{
	struct watch *watch = context;

	watch->events++;
	if (event->type == SENSE_EVENT_COMMAND && !watch->commands++)
		watch->command = *event;
}

static void watch_durable(void *context, unsigned int stream, int64_t record_stream, uint64_t next)
{
	struct watch *watch = context;

	CU_ASSERT(next > watch->next);
	CU_ASSERT_EQUAL(record_stream, 1);
	watch->next = next;
	watch->durables++;
}

static const struct sense_pipeline_observer observer = { watch_frame, watch_event, watch_durable };

static void records_everything(void)
{
	const char *path = frames_path("all.sense");
	struct player player = { .last = 30000, .gaps = 1, .pace_ns = 1000000, .events = 7 };
	struct sense_pipeline *pipeline = make(&player, 1, yaml(path, ""));
	struct sense_pipeline_status status;
	struct sense_latest latest;
	struct watch watch = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(pipeline);
	sense_pipeline_set_observer(pipeline, &observer, &watch);
	CU_ASSERT_EQUAL(sense_pipeline_get_latest(pipeline, 0, 0, &latest), -EAGAIN);
	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	CU_ASSERT_EQUAL(sense_pipeline_set_observer(pipeline, NULL, NULL), -EBUSY);
	CU_ASSERT_EQUAL(sense_pipeline_start(pipeline), -EBUSY);
	pause_ns(100000000);
	CU_ASSERT_EQUAL(sense_pipeline_get_latest(pipeline, 0, 1, &latest), 0);
	CU_ASSERT_EQUAL(latest.raw, frames_raw(latest.sequence, 1));
	CU_ASSERT_EQUAL(latest.value, (latest.raw + 17.0) * (0x1p-20 / 3));
	CU_ASSERT_EQUAL(latest.time_ns, frames_time(latest.sequence));
	CU_ASSERT_EQUAL(sense_pipeline_get_latest(pipeline, 0, CHANNELS, &latest), -ENOENT);
	CU_ASSERT_EQUAL(sense_pipeline_get_latest(pipeline, 9, 0, &latest), -ENOENT);
	CU_ASSERT_STRING_EQUAL(sense_pipeline_get_unit(pipeline, 0, 0), "Ohm");
	CU_ASSERT_EQUAL(sense_pipeline_wait(pipeline, 20 * INT64_C(1000000000)), 1);
	CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), -ENODEV);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, "the player is gone");
	CU_ASSERT_STRING_EQUAL(sense_error_last()->remedy, "plug it in again");
	sense_pipeline_get_status(pipeline, &status);
	CU_ASSERT_EQUAL(status.running, 0);
	CU_ASSERT_EQUAL(status.frames, 300);
	CU_ASSERT_EQUAL(status.frames_dropped, 0);
	CU_ASSERT_EQUAL(status.record.frames, 300);
	CU_ASSERT_EQUAL(status.record.scans, 300 * 95);
	CU_ASSERT(status.record.commits > 5);
	CU_ASSERT_EQUAL(watch.frames, 300);
	CU_ASSERT_EQUAL(watch.next, 30000);
	CU_ASSERT(watch.durables > 5);
	sense_pipeline_free(pipeline);
	accounts_for_all(path, 30000);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM gap WHERE cause = 'kernel' AND count = 5"),
			300);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM event WHERE type = 'fault'"), 7);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM event WHERE type = 'device-removed'"), 1);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM event WHERE type = 'stream-started'"), 1);
}

static void counts_what_the_ring_cannot_hold(void)
{
	const char *path = frames_path("full.sense");
	struct player player = { .last = 100000, .gaps = 1, .pace_ns = 100000 };
	struct sense_pipeline *pipeline =
		make(&player, 1, yaml(path, "pipeline: {ring_frames: 4}"));
	struct sense_pipeline_status status;
	struct watch watch = { .slow_ns = 5000000 };

	sense_pipeline_set_observer(pipeline, &observer, &watch);
	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	CU_ASSERT_EQUAL(sense_pipeline_wait(pipeline, 60 * INT64_C(1000000000)), 1);
	CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), -ENODEV);
	sense_pipeline_get_status(pipeline, &status);
	sense_pipeline_free(pipeline);
	CU_ASSERT_EQUAL(status.frames, 1000);
	CU_ASSERT(status.frames_dropped > 100);
	CU_ASSERT_EQUAL(status.record.frames + status.frames_dropped, 1000);
	CU_ASSERT_EQUAL(status.scans_dropped, status.frames_dropped * 95);
	accounts_for_all(path, 100000);
	CU_ASSERT_EQUAL(ask(path, "SELECT sum(count) FROM gap WHERE cause = 'unknown'"), 0);
	CU_ASSERT_EQUAL((uint64_t)ask(path, "SELECT sum(count) FROM gap WHERE cause = 'kernel'") +
			(uint64_t)ask(path, "SELECT sum(count) FROM gap WHERE cause = 'reader'"),
			5000 + status.scans_dropped);
	/* Each gap that the ring made is an event too. */
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM gap g WHERE cause = 'reader' AND NOT EXISTS"
			    " (SELECT 1 FROM event e WHERE e.type = 'gap' AND"
			    " e.sequence = g.first_sequence AND e.count = g.count)"), 0);
	printf("\n= ring of 4 frames, record 50 times too slow: %llu of 1000 lost, all located\n",
	       (unsigned long long)status.frames_dropped);
}

static void takes_commands_at_a_frame_edge(void)
{
	const char *path = frames_path("command.sense");
	struct player player = { .last = 1000000, .pace_ns = 2000000 };
	struct sense_pipeline *pipeline = make(&player, 1, yaml(path, ""));
	struct sense_command command = { .type = SENSE_COMMAND_SET_RTD, .author = "somebody",
					 .text = "new certificate" };
	struct watch watch = { 0 };
	char sql[256];

	command.rtd = sense_rtd_iec60751(100);
	sense_pipeline_set_observer(pipeline, &observer, &watch);
	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	pause_ns(50000000);
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), 0);
	pause_ns(50000000);
	CU_ASSERT_STRING_EQUAL(sense_pipeline_get_unit(pipeline, 0, 0), "Cel");
	command.channel = 1;	/* carbon dioxide is in no ohm */
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), 0);
	command.type = SENSE_COMMAND_NOTE;
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), 0);
	command.type = 77;
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), -EINVAL);
	command.type = SENSE_COMMAND_NOTE;
	command.stream = 1;
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), -EINVAL);
	pause_ns(50000000);
	CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), 0);
	sense_pipeline_free(pipeline);
	CU_ASSERT_EQUAL(watch.commands, 3);
	CU_ASSERT(watch.first_cel > 0);
	CU_ASSERT_EQUAL(watch.command.sequence, watch.first_cel);
	CU_ASSERT_EQUAL(watch.last_ohm + BLOCK, watch.first_cel);
	CU_ASSERT_STRING_EQUAL(watch.command.author, "somebody");
	CU_ASSERT(strstr(watch.command.message, "done") != NULL);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM event WHERE type = 'command' AND"
		 " sequence = %llu AND author = 'somebody'", (unsigned long long)watch.first_cel);
	CU_ASSERT_EQUAL(ask(path, sql), 1);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM event WHERE message LIKE 'set-rtd refused%'"
			    " AND severity = 'error'"), 1);
	CU_ASSERT_EQUAL(
		ask(path, "SELECT count(*) FROM event WHERE message = 'note: new certificate'"), 1);
	snprintf(sql, sizeof(sql), "SELECT sum((value_unit = 'Cel 1') != (first_sequence >= %llu))"
		 " FROM frame", (unsigned long long)watch.first_cel);
	CU_ASSERT_EQUAL(ask(path, sql), 0);
}

static void keeps_what_a_failing_disk_took(void)
{
	const char *path = frames_path("limit.sense");
	const struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct player player = { .last = 10000000, .pace_ns = 100000 };
	struct sense_pipeline *pipeline = make(&player, 1, yaml(path, ""));
	struct watch watch = { 0 };
	uint64_t read;
	int rc;

	sense_pipeline_set_observer(pipeline, &observer, &watch);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	CU_ASSERT_EQUAL(sense_pipeline_wait(pipeline, 20 * INT64_C(1000000000)), 1);
	rc = sense_pipeline_stop(pipeline);
	CU_ASSERT(rc == -EIO || rc == -ENOSPC || rc == -EFBIG);
	CU_ASSERT(strstr(sense_error_last()->sentence, path) != NULL);
	/* The disk is well again before the record is closed: what is missing is then known. */
	setrlimit(RLIMIT_FSIZE, &none);
	read = player.next;
	sense_pipeline_free(pipeline);
	CU_ASSERT(watch.next > 0);
	CU_ASSERT(ask(path, "SELECT max((SELECT max(first_sequence + count) FROM frame),"
		      " (SELECT max(first_sequence + count) FROM gap))") >=
		  (int64_t)watch.next);
	CU_ASSERT_EQUAL(ask(path, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
	accounts_for_all(path, read);
	CU_ASSERT(ask(path, "SELECT sum(count) FROM gap WHERE cause = 'storage'") > 0);
	CU_ASSERT_EQUAL(
		ask(path, "SELECT count(*) FROM gap WHERE cause NOT IN ('storage', 'reader')"), 0);
}

static void puts_sensors_in_force(void)
{
	struct player player = { 0 };
	struct sense_pipeline *pipeline =
		make(&player, 1, yaml(NULL, "calibration: [{channel: ch0, sensor: "
					    "'rtd:Documentation/examples/sensors/rtd.yaml'}]"));

	CU_ASSERT_PTR_NOT_NULL_FATAL(pipeline);
	CU_ASSERT_STRING_EQUAL(sense_pipeline_get_unit(pipeline, 0, 0), "Cel");
	CU_ASSERT_PTR_NOT_NULL(sense_calibrator_get_calibration(pipeline->lines[0].calibrator, 0));
	sense_pipeline_free(pipeline);
	/* carbon dioxide is in no volts */
	player = (struct player){ 0 };
	pipeline = make(&player, 1, yaml(NULL, "calibration: [{channel: ch1, sensor: tc-K}]"));
	CU_ASSERT_PTR_NULL(pipeline);
	CU_ASSERT_EQUAL(sense_error_last()->code, EINVAL);
}

struct judged {
	unsigned int frames, refused;
};

static void judge_frame(void *context, unsigned int stream, const struct sense_frame *frame)
{
	struct judged *judged = context;

	judged->frames++;
	judged->refused += isnan(sense_frame_get_value(frame, 1)[0]) &&
			   sense_frame_get_quality(frame, 1, 0) & SENSE_QUALITY_UNCALIBRATED;
}

/* The set in force, its digest and from where on; what has no calibration refused by policy. */
static void says_which_calibration_is_in_force(void)
{
	const struct sense_pipeline_observer watcher = { .frame = judge_frame };
	const char *path = frames_path("force.sense");
	struct player player = { .next = 300, .last = 1000 };
	struct sense_pipeline *pipeline =
		make(&player, 1, yaml(path, "pipeline: {calibration_policy: refuse}\n"
					    "calibration: [{channel: ch0, sensor: "
					    "'rtd:Documentation/examples/sensors/rtd.yaml'}]"));
	struct judged judged = { 0 };
	char digest[65] = "", sql[256];

	CU_ASSERT_PTR_NOT_NULL_FATAL(pipeline);
	sense_pipeline_set_observer(pipeline, &watcher, &judged);
	CU_ASSERT_EQUAL(sense_pipeline_get_calibration_digest(pipeline, 0, digest), 0);
	CU_ASSERT_EQUAL(strlen(digest), 64);
	CU_ASSERT_EQUAL(sense_pipeline_get_calibration_digest(pipeline, 1, digest), -ENOENT);
	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	CU_ASSERT_EQUAL(sense_pipeline_wait(pipeline, 10 * INT64_C(1000000000)), 1);
	sense_pipeline_stop(pipeline);
	sense_pipeline_free(pipeline);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM event WHERE type = 'configuration' AND"
		 " sequence = 300 AND message = 'calibration in force: sha256 %s'", digest);
	CU_ASSERT_EQUAL(ask(path, sql), 1);
	CU_ASSERT_EQUAL(judged.frames, 7);
	CU_ASSERT_EQUAL(judged.refused, 7);
}

/* One sensor after another, more than the rings hold: each echoed, each set told from its scan on. */
static void swaps_calibrations_at_a_frame_edge(void)
{
	const char *path = frames_path("swap.sense");
	struct player player = { .last = 1000000, .pace_ns = 1000000 };
	struct sense_pipeline *pipeline = make(&player, 1, yaml(path, ""));
	struct sense_command command = { .type = SENSE_COMMAND_SET_SENSOR, .author = "somebody",
					 .text = "new certificate", .auxiliary_channel = -1 };
	struct sense_sensor *sensors[2] = {
		sense_sensor_open("rtd:Documentation/examples/sensors/rtd.yaml"),
		sense_sensor_open("pt100") };
	struct watch watch = { 0 };
	char before[65], after[65], sql[256];
	unsigned int done = 0;

	sense_pipeline_set_observer(pipeline, &observer, &watch);
	CU_ASSERT_EQUAL(sense_pipeline_get_calibration_digest(pipeline, 0, before), 0);
	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	pause_ns(30000000);
	command.sensor = sensors[0];
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), 0);
	CU_ASSERT_EQUAL(sense_pipeline_get_calibration_digest(pipeline, 0, after), 0);
	CU_ASSERT_STRING_NOT_EQUAL(before, after);
	command.channel = 1;	/* carbon dioxide is in no ohm */
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), -EINVAL);
	command.channel = CHANNELS;
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), -ENOENT);
	command.sensor = NULL;
	CU_ASSERT_EQUAL(sense_pipeline_command(pipeline, &command), -ENOENT);
	command.channel = 0;
	pause_ns(30000000);
	CU_ASSERT_STRING_EQUAL(sense_pipeline_get_unit(pipeline, 0, 0), "Cel");
	while (done < 2 * SENSE_LINE_COMMANDS) {
		command.sensor = done % 3 < 2 ? sensors[done % 3] : NULL;
		if (sense_pipeline_command(pipeline, &command) == 0)
			done++;
		else
			pause_ns(1000000);
	}
	command.sensor = NULL;
	while (sense_pipeline_command(pipeline, &command))
		pause_ns(1000000);
	pause_ns(50000000);
	CU_ASSERT_STRING_EQUAL(sense_pipeline_get_unit(pipeline, 0, 0), "Ohm");
	CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), 0);
	sense_pipeline_free(pipeline);
	sense_sensor_unref(sensors[0]);
	sense_sensor_unref(sensors[1]);
	CU_ASSERT_EQUAL(watch.commands, 2 + done);
	CU_ASSERT_EQUAL(watch.command.sequence, watch.first_cel);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM event WHERE type = 'configuration' AND"
		 " sequence = %llu AND message = 'calibration in force: sha256 %s'",
		 (unsigned long long)watch.first_cel, after);
	CU_ASSERT_EQUAL(ask(path, sql), 1);
	CU_ASSERT_EQUAL((unsigned int)ask(path, "SELECT count(*) FROM event WHERE message LIKE"
					  " 'set-sensor done:%new certificate'"), 2 + done);
	snprintf(sql, sizeof(sql), "SELECT (SELECT message FROM event WHERE message LIKE"
		 " 'calibration in force%%' ORDER BY rowid DESC LIMIT 1) ="
		 " 'calibration in force: sha256 %s'", before);
	CU_ASSERT_EQUAL(ask(path, sql), 1);
}

static void does_not_start_in_vain(void)
{
	struct player player = { .fails_to_start = 1 };
	struct sense_pipeline *pipeline = make(&player, 1, yaml(NULL, ""));
	struct sense_pipeline_status status;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pipeline);
	CU_ASSERT_EQUAL(sense_pipeline_start(pipeline), -EBUSY);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, "the player is busy");
	sense_pipeline_get_status(pipeline, &status);
	CU_ASSERT_EQUAL(status.running, 0);
	CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), 0);
	sense_pipeline_free(pipeline);

	player = (struct player){ 0 };
	pipeline = make(&player, 1, yaml(frames_path("no.sense"),
					 "calibration: [{channel: ch9, sensor: pt100}]"));
	CU_ASSERT_PTR_NULL(pipeline);
	CU_ASSERT_EQUAL(sense_error_last()->code, ENOENT);
	player = (struct player){ 0 };
	pipeline = make(&player, 1, yaml("/nonexistent/no.sense", ""));
	CU_ASSERT_PTR_NULL(pipeline);
	CU_ASSERT_EQUAL(sense_error_last()->code, ENOENT);
}

static void ends_all_when_one_ends(void)
{
	const char *path = frames_path("two.sense");
	struct player players[2] = { { .last = 2000, .pace_ns = 1000000 },
				     { .last = 10000000, .pace_ns = 1000000 } };
	struct sense_pipeline *pipeline = make(players, 2, yaml(path, ""));

	CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
	CU_ASSERT_EQUAL(sense_pipeline_wait(pipeline, 10 * INT64_C(1000000000)), 1);
	CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), -ENODEV);
	sense_pipeline_free(pipeline);
	CU_ASSERT_EQUAL(ask(path, "SELECT scans FROM total WHERE stream = 1"), 2000);
	CU_ASSERT_EQUAL((uint64_t)ask(path, "SELECT scans FROM total WHERE stream = 2"),
			players[1].next);
}

static void runs_twice_and_stops_at_once(void)
{
	const char *path = frames_path("twice.sense");
	struct player player = { .last = 1000, .endless = 1 };
	struct sense_pipeline *pipeline =
		make(&player, 1, yaml(path, "pipeline: {real_time: off}"));
	struct sense_pipeline_status status;
	int64_t before;

	for (int i = 1; i <= 2; i++) {
		player.next = 0;
		player.stopped = 0;
		CU_ASSERT_EQUAL_FATAL(sense_pipeline_start(pipeline), 0);
		CU_ASSERT_EQUAL(sense_pipeline_wait(pipeline, 50000000), 0);
		before = sense_clock_now_ns();
		CU_ASSERT_EQUAL(sense_pipeline_stop(pipeline), 0);
		CU_ASSERT(sense_clock_now_ns() - before < 1000000000);
		sense_pipeline_get_status(pipeline, &status);
		CU_ASSERT_EQUAL(status.real_time, 0);
		CU_ASSERT_EQUAL(status.record.scans, (uint64_t)i * 1000);
	}
	sense_pipeline_free(pipeline);
	CU_ASSERT_EQUAL(ask(path, "SELECT count(*) FROM stream"), 2);
	frames_clean_up();
}

UNIT_TESTS = { UNIT(records_everything), UNIT(counts_what_the_ring_cannot_hold),
	       UNIT(takes_commands_at_a_frame_edge), UNIT(keeps_what_a_failing_disk_took),
	       UNIT(puts_sensors_in_force), UNIT(says_which_calibration_is_in_force),
	       UNIT(swaps_calibrations_at_a_frame_edge),
	       UNIT(does_not_start_in_vain), UNIT(ends_all_when_one_ends),
	       UNIT(runs_twice_and_stops_at_once), UNIT_END };
UNIT_MAIN("pipeline")
