// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <sense/error.h>
#include "record/writer.h"

#define NS_PER_S INT64_C(1000000000)
/* Idle this long between looks at the rings: far below what they hold. */
#define PAUSE_NS (5 * INT64_C(1000000))
/* Another program may hold the file for a moment; each try waits two seconds already. */
#define BUSY_TRIES 3

struct world {
	struct sense_pipeline *pipeline;
	int64_t committed_ns;
	bool pending;		/* something was appended since */
	bool failed;		/* the record refused something: winding up */
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void tell_durable(struct sense_pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->line_count; i++) {
		struct sense_line *line = &pipeline->lines[i];
		uint64_t next = sense_record_get_next_sequence(pipeline->record,
							       line->record_stream);

		if (next == line->told_durable)
			continue;
		line->told_durable = next;
		if (pipeline->observer.durable)
			pipeline->observer.durable(pipeline->observer_context, i,
						   line->record_stream, next);
	}
}

static int commit(struct world *world)
{
	struct sense_pipeline *pipeline = world->pipeline;
	int rc = pipeline->record && world->pending ? sense_record_commit(pipeline->record) : 0;

	world->committed_ns = now_ns();
	world->pending = false;
	if (rc || !pipeline->record)
		return rc;
	tell_durable(pipeline);
	pthread_mutex_lock(&pipeline->lock);
	sense_record_get_counts(pipeline->record, &pipeline->counts);
	pthread_mutex_unlock(&pipeline->lock);
	return 0;
}

/* The record takes no more: keep why, say so in it if it takes that, and wind up. */
static void fail(struct world *world)
{
	struct sense_pipeline *pipeline = world->pipeline;
	struct sense_event event;

	sense_pipeline_end(pipeline);
	if (world->failed)
		return;
	world->failed = true;
	sense_event_init(&event, SENSE_EVENT_STORAGE, SENSE_SEVERITY_CRITICAL,
			 sense_record_get_path(pipeline->record), "%s",
			 sense_error_last()->sentence);
	event.sequence = SENSE_SEQUENCE_NONE;
	if (pipeline->observer.event)
		pipeline->observer.event(pipeline->observer_context, &event);
	/* What was appended before and this fit into the reserve, or nothing does. */
	if (!sense_record_append_event(pipeline->record, 0, &event)) {
		world->pending = true;
		commit(world);
	}
}

static int append_frame(struct world *world, struct sense_line *line,
			const struct sense_frame *frame)
{
	int rc = -EBUSY;

	for (int i = 0; i < (world->failed ? 1 : BUSY_TRIES) && rc == -EBUSY; i++)
		rc = sense_record_append(world->pipeline->record, line->record_stream, frame);
	return rc;
}

static void take_frame(struct world *world, struct sense_line *line, struct sense_frame *frame)
{
	struct sense_pipeline *pipeline = world->pipeline;

	if (pipeline->observer.frame)
		pipeline->observer.frame(pipeline->observer_context, line->index, frame);
	/* Also when winding up after a failure: what is refused is known to the record as a gap. */
	if (pipeline->record) {
		if (append_frame(world, line, frame))
			fail(world);
		else
			world->pending = true;
	}
	sense_frame_release(frame);
	atomic_fetch_sub(&line->frames_waiting, 1);
}

static int take_event(struct sense_pipeline *pipeline, const struct sense_line *line,
		      const struct sense_event *event)
{
	atomic_fetch_add(&pipeline->events, 1);
	if (pipeline->observer.event)
		pipeline->observer.event(pipeline->observer_context, event);
	return pipeline->record ?
	       sense_record_append_event(pipeline->record, line->record_stream, event) : 0;
}

/* Frames that found no room in the ring. Of other gaps the source has told already. */
static int take_gap(struct sense_pipeline *pipeline, const struct sense_line *line,
		    const struct sense_gap *gap)
{
	struct sense_event event;
	int rc = 0;

	if (pipeline->record)
		rc = sense_record_append_gap(pipeline->record, line->record_stream, gap);
	if (rc || gap->cause != SENSE_GAP_READER)
		return rc;
	sense_event_init(&event, SENSE_EVENT_GAP, SENSE_SEVERITY_WARNING,
			 line->source.layout->device_id,
			 "%" PRIu64 " scans from sequence number %" PRIu64
			 " on found no room in the ring to the record", gap->count,
			 gap->first_sequence);
	event.sequence = gap->first_sequence;
	event.count = gap->count;
	event.cause = gap->cause;
	event.stream = line->index;
	return take_event(pipeline, line, &event);
}

static void take_item(struct world *world, struct sense_line *line, struct sense_item *item)
{
	struct sense_pipeline *pipeline = world->pipeline;
	int rc = 0;

	switch (item->type) {
	case SENSE_ITEM_FRAME:
		take_frame(world, line, item->frame);
		return;
	case SENSE_ITEM_GAP:
		rc = take_gap(pipeline, line, &item->gap);
		break;
	case SENSE_ITEM_EVENT:
		rc = take_event(pipeline, line, &item->event);
		break;
	}
	if (rc)
		fail(world);
	else if (pipeline->record)
		world->pending = true;
}

/* Whether anything was there. At most a ring's worth per line, so that all get their turn. */
static bool drain(struct world *world)
{
	struct sense_pipeline *pipeline = world->pipeline;
	int64_t interval_ns = (int64_t)(pipeline->config.record.commit_interval_s * NS_PER_S);
	struct sense_item item;
	bool any = false;

	for (unsigned int i = 0; i < pipeline->line_count; i++) {
		struct sense_line *line = &pipeline->lines[i];
		unsigned int most = sense_ring_size(line->ring);

		while (most-- && sense_ring_pop(line->ring, &item)) {
			any = true;
			take_item(world, line, &item);
			if (world->pending && now_ns() - world->committed_ns >= interval_ns &&
			    commit(world))
				fail(world);
		}
	}
	if (world->pending && now_ns() - world->committed_ns >= interval_ns && commit(world))
		fail(world);
	return any;
}

static bool all_ended(const struct sense_pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->line_count; i++)
		if (!atomic_load(&pipeline->lines[i].ended))
			return false;
	return true;
}

void *sense_world_run(void *argument)
{
	struct sense_pipeline *pipeline = argument;
	struct world world = { .pipeline = pipeline, .committed_ns = now_ns() };
	const struct timespec pause = { 0, PAUSE_NS };
	bool last;

	do {
		/* Asked before draining: what was pushed until then is drained below. */
		last = all_ended(pipeline);
		if (!drain(&world) && !last)
			nanosleep(&pause, NULL);
	} while (!last);
	if (pipeline->record && !sense_record_settle(pipeline->record))
		world.pending = true;
	if (commit(&world))
		fail(&world);
	pthread_mutex_lock(&pipeline->lock);
	pipeline->ended = true;
	pthread_cond_broadcast(&pipeline->changed);
	pthread_mutex_unlock(&pipeline->lock);
	return NULL;
}
