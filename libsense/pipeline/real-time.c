// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sense/clock.h>
#include <sense/error.h>

#define MS INT64_C(1000000)

/*
 * How long a read waits for a full frame: half as long again as a block lasts,
 * so that blocks stay whole, but never so long that the record, and who stops
 * the pipeline, would notice.
 */
static int64_t read_timeout_ns(const struct sense_layout *layout)
{
	double block_ns = layout->rate_hz > 0 ? 1.5e9 * layout->block_scans / layout->rate_hz : 0;

	return block_ns < 200e6 ? 200 * MS : block_ns > 1000e6 ? 1000 * MS : (int64_t)block_ns;
}

/* ---- handing on: never waits, and what finds no room is counted and located  */

static bool push_event(struct sense_line *line, struct sense_event *event)
{
	struct sense_item item = { .type = SENSE_ITEM_EVENT };

	event->stream = line->index;
	item.event = *event;
	if (!sense_ring_push(line->ring, &item)) {
		line->events_refused++;
		return false;
	}
	return true;
}

static void keep_gap(struct sense_line *line, uint64_t from, uint64_t to, uint32_t cause)
{
	struct sense_gap *last = line->gap_count ? &line->gaps[line->gap_count - 1] : NULL;

	if (from == to)
		return;
	if (last && (last->cause == cause || line->gap_count == SENSE_LINE_GAPS)) {
		/* No room for one more: still located, with the ring as its cause. */
		if (last->cause != cause)
			last->cause = SENSE_GAP_READER;
		last->count = to - last->first_sequence;
		return;
	}
	line->gaps[line->gap_count++] = (struct sense_gap){ from, to - from, cause, 0 };
}

/* A frame that finds no room becomes gaps: its own keep their cause, its scans are the ring's. */
static void drop(struct sense_line *line, struct sense_frame *frame)
{
	struct sense_pipeline *pipeline = line->pipeline;
	uint64_t end = frame->first_sequence + frame->count, from = frame->first_sequence;

	if (line->has_sequence)
		from = line->next_sequence;
	else if (frame->gap_count && frame->gaps[0].first_sequence < from)
		from = frame->gaps[0].first_sequence;
	for (unsigned int i = 0; i < frame->gap_count; i++) {
		const struct sense_gap *gap = &frame->gaps[i];
		uint64_t gap_end = gap->first_sequence + gap->count;

		if (gap_end <= from)
			continue;
		if (gap->first_sequence > from) {
			keep_gap(line, from, gap->first_sequence, SENSE_GAP_READER);
			from = gap->first_sequence;
		}
		keep_gap(line, from, gap_end, gap->cause);
		from = gap_end;
	}
	if (end > from)
		keep_gap(line, from, end, SENSE_GAP_READER);
	atomic_fetch_add(&pipeline->frames_dropped, 1);
	atomic_fetch_add(&pipeline->scans_dropped, frame->present_count);
	sense_frame_release(frame);
}

/* The gaps kept, and the number of events refused, once there is room again. */
static bool push_gaps(struct sense_line *line)
{
	const char *device = line->source.layout->device_id;
	struct sense_event event;
	unsigned int done = 0;

	while (done < line->gap_count) {
		struct sense_item item = { .type = SENSE_ITEM_GAP };

		item.gap = line->gaps[done];
		if (!sense_ring_push(line->ring, &item))
			break;
		done++;
	}
	memmove(line->gaps, line->gaps + done, (line->gap_count - done) * sizeof(line->gaps[0]));
	line->gap_count -= done;
	if (line->events_refused && !line->gap_count) {
		uint64_t refused = line->events_refused;

		sense_event_init(&event, SENSE_EVENT_EVENTS_LOST, SENSE_SEVERITY_WARNING, device,
				 "%llu events found no room in the ring to the record",
				 (unsigned long long)refused);
		event.sequence = SENSE_SEQUENCE_NONE;
		event.count = refused;
		line->events_refused = 0;
		if (!push_event(line, &event))
			line->events_refused = refused;
	}
	return !line->gap_count;
}

static bool has_room(const struct sense_line *line)
{
	return atomic_load(&line->frames_waiting) < line->pipeline->config.pipeline.ring_frames;
}

static void hand_on(struct sense_line *line, struct sense_frame *frame)
{
	struct sense_item item = { .type = SENSE_ITEM_FRAME, .frame = frame };
	uint64_t end = frame->first_sequence + frame->count;

	for (unsigned int i = 0; i < frame->gap_count; i++)
		if (frame->gaps[i].first_sequence + frame->gaps[i].count > end)
			end = frame->gaps[i].first_sequence + frame->gaps[i].count;
	atomic_fetch_add(&line->pipeline->frames, 1);
	/* Gaps go with the frame that follows them, so that a run of dropped frames is one gap. */
	if (has_room(line) && push_gaps(line)) {
		atomic_fetch_add(&line->frames_waiting, 1);
		if (!sense_ring_push(line->ring, &item)) {
			atomic_fetch_sub(&line->frames_waiting, 1);
			drop(line, frame);
		}
	} else {
		drop(line, frame);
	}
	line->next_sequence = end;
	line->has_sequence = true;
}

/* What the record's values are traced by: from this scan on this set of calibrations holds. */
static void tell_calibration(struct sense_line *line, uint64_t sequence)
{
	struct sense_event event;

	sense_event_init(&event, SENSE_EVENT_CONFIGURATION, SENSE_SEVERITY_INFO,
			 line->source.layout->device_id, "calibration in force: sha256 %s", line->digest);
	event.sequence = sequence;
	push_event(line, &event);
}

/* ---- commands ----------------------------------------------------------- */

static void set_unit(struct sense_line *line, unsigned int channel)
{
	atomic_store(&line->units[channel], sense_calibrator_get_unit(line->calibrator, channel));
}

/* It was made for this channel, and there is room for every calibration that can come back. */
static void swap(struct sense_line *line, const struct sense_line_command *item,
		 struct sense_event *event)
{
	const struct sense_command *command = &item->command;
	struct sense_calibration *former =
		sense_calibrator_swap(line->calibrator, command->channel, item->calibration);
	const struct sense_sensor *sensor =
		item->calibration ? sense_calibration_get_sensor(item->calibration) : NULL;

	if (former)
		sense_ring_push(line->retired, &former);
	set_unit(line, command->channel);
	sense_event_init(event, SENSE_EVENT_COMMAND, SENSE_SEVERITY_NOTICE,
			 line->source.layout->channels[command->channel].name,
			 "set-sensor done: %.90s%s%.60s",
			 sensor ? sense_sensor_get_name(sensor) : "none, the linear scale",
			 command->text[0] ? "; " : "", command->text);
}

static int take(struct sense_line *line, const struct sense_line_command *item,
		struct sense_event *event)
{
	const struct sense_command *command = &item->command;
	const struct sense_layout *layout = line->source.layout;
	const char *name;
	int rc;

	if (command->type == SENSE_COMMAND_NOTE) {
		sense_event_init(event, SENSE_EVENT_COMMAND, SENSE_SEVERITY_NOTICE,
				 layout->device_id, "note: %.127s", command->text);
		return 0;
	}
	if (command->type == SENSE_COMMAND_SET_SENSOR) {
		swap(line, item, event);
		return 0;
	}
	rc = sense_calibrator_set_rtd(line->calibrator, command->channel, &command->rtd);
	name = command->channel < layout->channel_count ? layout->channels[command->channel].name :
	       layout->device_id;
	if (rc) {
		sense_event_init(event, SENSE_EVENT_COMMAND, SENSE_SEVERITY_ERROR, name,
				 "set-rtd refused: %s", sense_error_last()->sentence);
		return rc;
	}
	set_unit(line, command->channel);
	sense_event_init(event, SENSE_EVENT_COMMAND, SENSE_SEVERITY_NOTICE, name,
			 "set-rtd done: R0 %.10g ohm, A %.10g, B %.10g, C %.10g%s%.60s",
			 command->rtd.r0_ohm, command->rtd.a, command->rtd.b, command->rtd.c,
			 command->text[0] ? "; " : "", command->text);
	return 0;
}

/* At a frame's edge: they are in force from @sequence on. */
static void take_commands(struct sense_line *line, uint64_t sequence)
{
	struct sense_line_command item;
	struct sense_event event;

	while (sense_ring_pop(line->commands, &item)) {
		take(line, &item, &event);
		event.sequence = sequence;
		snprintf(event.author, sizeof(event.author), "%.31s", item.command.author);
		push_event(line, &event);
		if (item.digest[0]) {
			memcpy(line->digest, item.digest, sizeof(line->digest));
			/* Before the first frame, that frame tells. */
			if (line->has_sequence)
				tell_calibration(line, sequence);
		}
		atomic_fetch_add(&line->pipeline->commands, 1);
	}
}

/* ---- the loop ----------------------------------------------------------- */

static void pass_events(struct sense_line *line)
{
	struct sense_event event;

	while (line->source.ops->read_event(line->source.self, &event) == 1)
		push_event(line, &event);
}

static void process(struct sense_line *line, struct sense_frame *frame)
{
	/* Before the calibration: the sequence number echoed is the first it holds for. */
	take_commands(line, frame->first_sequence);
	if (!line->has_sequence)
		tell_calibration(line, frame->first_sequence);
	sense_calibrator_apply(line->calibrator, frame);
	sense_latest_values_publish(line->latest, frame);
	/* Events first: the record tells why before it shows what. */
	pass_events(line);
	hand_on(line, frame);
}

/* 0 when told to stop, else what ended it. */
static int loop(struct sense_line *line)
{
	int64_t timeout_ns = read_timeout_ns(line->source.layout);
	struct sense_frame *frame;

	while (!atomic_load(&line->pipeline->stop)) {
		int rc = line->source.ops->read(line->source.self, timeout_ns, &frame);

		if (rc == 1) {
			process(line, frame);
			continue;
		}
		if (rc < 0)
			return rc;
		take_commands(line, line->has_sequence ? line->next_sequence : SENSE_SEQUENCE_NONE);
		pass_events(line);
		if (has_room(line))
			push_gaps(line);
	}
	return 0;
}

static void pause_1ms(void)
{
	const struct timespec pause = { 0, MS };

	nanosleep(&pause, NULL);
}

/*
 * What the kernel's buffer still holds is handed on too. Nothing is late any
 * more, so here the ring may make it wait.
 */
static void drain(struct sense_line *line)
{
	struct sense_frame *frame;
	int rc;

	line->source.ops->stop(line->source.self);
	do {
		while (!has_room(line))
			pause_1ms();
		rc = line->source.ops->read(line->source.self, 0, &frame);
		if (rc == 1)
			process(line, frame);
	} while (rc == 1);
}

/*
 * Nothing more will come, so nothing is late any more: the last gaps and
 * events may wait for the world thread, which drains until this one has ended.
 */
static void push_last(struct sense_line *line, struct sense_event *event)
{
	struct sense_item item = { .type = SENSE_ITEM_EVENT };

	while (!push_gaps(line))
		pause_1ms();
	event->stream = line->index;
	item.event = *event;
	while (!sense_ring_push(line->ring, &item))
		pause_1ms();
}

static void tell_start(struct sense_line *line)
{
	const struct sense_layout *layout = line->source.layout;
	struct sched_param param;
	struct sense_event event;
	int policy = SCHED_OTHER;

	sense_event_init(&event, SENSE_EVENT_STREAM_STARTED, SENSE_SEVERITY_INFO, layout->device_id,
			 "%u channels at %g scans/s in blocks of %u", layout->channel_count,
			 layout->rate_hz, layout->block_scans);
	event.sequence = SENSE_SEQUENCE_NONE;
	push_event(line, &event);
	pthread_getschedparam(pthread_self(), &policy, &param);
	sense_event_init(&event, SENSE_EVENT_CONFIGURATION, SENSE_SEVERITY_INFO,
			 line->pipeline->config.name, "the thread of %.40s runs %s",
			 layout->device_id, policy == SCHED_FIFO ?
			 "under SCHED_FIFO, with memory locked" :
			 "without real-time priority: switched off, or not permitted");
	event.sequence = SENSE_SEQUENCE_NONE;
	push_event(line, &event);
}

void *sense_real_time_run(void *argument)
{
	struct sense_line *line = argument;
	const char *device = line->source.layout->device_id;
	struct sense_event event;
	int rc;

	rc = line->source.ops->start(line->source.self);
	line->start_code = rc;
	if (rc)
		sense_pipeline_end(line->pipeline);
	sem_post(&line->started);
	if (rc) {
		atomic_store(&line->ended, true);
		return NULL;
	}
	tell_start(line);
	rc = loop(line);
	if (rc) {
		sense_event_init(&event, rc == -ENODEV ? SENSE_EVENT_DEVICE_REMOVED :
				 SENSE_EVENT_STREAM_STOPPED, SENSE_SEVERITY_ERROR, device, "%s",
				 sense_error_last()->sentence);
		sense_pipeline_end(line->pipeline);
	} else {
		sense_event_init(&event, SENSE_EVENT_STREAM_STOPPED, SENSE_SEVERITY_INFO, device,
				 "the stream was stopped");
	}
	drain(line);
	pass_events(line);
	event.sequence = line->has_sequence ? line->next_sequence : SENSE_SEQUENCE_NONE;
	push_last(line, &event);
	atomic_store(&line->ended, true);
	return NULL;
}
