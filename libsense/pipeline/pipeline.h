/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pipeline.h - the inside of a pipeline: one real-time thread per device
 * (real-time.c), one world thread (world.c), a ring from each of the former to
 * the latter, a ring of commands back to each.
 *
 *	pipeline.c	what is called from outside
 *	real-time.c	acquire, calibrate, publish, hand on; never waits for the world
 *	world.c		drain the rings, record, commit, tell the observer
 */
#ifndef SENSE_PIPELINE_PIPELINE_H
#define SENSE_PIPELINE_PIPELINE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sense/pipeline.h>

#include "base/frame.h"
#include "base/ring.h"
#include "pipeline/config.h"
#include "pipeline/latest.h"
#include "pipeline/source.h"

/* Events and gaps that may wait for the world thread beside the frames, per device. */
#define SENSE_LINE_EVENTS 256
/* Gaps that wait for room in the ring; when more come, the last two become one. */
#define SENSE_LINE_GAPS 256
#define SENSE_LINE_COMMANDS 64

enum sense_item_type { SENSE_ITEM_FRAME, SENSE_ITEM_GAP, SENSE_ITEM_EVENT };

struct sense_item {
	enum sense_item_type type;
	union {
		struct sense_frame *frame;
		struct sense_gap gap;
		struct sense_event event;
	};
};

/* A command on its way, with what was made ready for it and what the set is known by after it. */
struct sense_line_command {
	struct sense_command command;
	struct sense_calibration *calibration;	/* NULL: none, or the linear scale */
	char digest[65];			/* "" when the set stays as it is */
};

/* One device's way through the pipeline. */
struct sense_line {
	struct sense_pipeline *pipeline;
	unsigned int index;
	struct sense_source source;
	struct sense_calibrator *calibrator;
	char digest[65];	/* of its set; of the real-time thread once that runs */
	struct sense_latest_values *latest;
	_Atomic(const char *) units[SENSE_FRAME_MAX_CHANNELS];

	pthread_t thread;
	bool threaded;		/* the thread is to be joined */
	sem_t started;
	int start_code;		/* of the source, once started is posted */
	atomic_bool ended;	/* nothing more will be pushed */

	struct sense_ring *ring;
	atomic_uint frames_waiting;
	struct sense_ring *commands;
	struct sense_ring *retired;	/* calibrations no longer in force, back to be freed */
	pthread_mutex_t command_lock;	/* between those who push commands; and the two below */
	struct sense_calibrator *queued;	/* the set once all commands queued are taken */
	char queued_digest[65];

	/* Of the real-time thread alone. */
	struct sense_gap gaps[SENSE_LINE_GAPS];
	unsigned int gap_count;
	uint64_t events_refused;
	uint64_t next_sequence;
	bool has_sequence;

	/* Of the world thread alone. */
	int64_t record_stream;
	uint64_t told_durable;
};

/* The error that ended the pipeline, kept across threads. */
struct sense_ending {
	int code;
	char sentence[512];
	char object[256];
	char remedy[384];
};

struct sense_pipeline {
	struct sense_config config;	/* a copy; name and text are the pipeline's own */
	struct sense_line lines[SENSE_CONFIG_DEVICES];
	unsigned int line_count;
	struct sense_record *record;	/* NULL: none */
	struct sense_pipeline_observer observer;
	void *observer_context;

	bool running;			/* of the thread that starts and stops */
	bool locked;			/* memory, by us */
	pthread_t world;
	atomic_bool stop;		/* wind up */
	atomic_bool real_time;

	pthread_mutex_t lock;		/* ending, ended, counts */
	pthread_cond_t changed;
	struct sense_ending ending;
	bool ended;			/* the world thread is done */
	struct sense_record_counts counts;

	atomic_ullong frames, frames_dropped, scans_dropped, commands, events;
};

/* As sense_pipeline_new(), with sources that are open already; they are taken over in any case. */
struct sense_pipeline *sense_pipeline_new_from(const struct sense_config *config,
					       const struct sense_source *sources,
					       unsigned int count);

/* Keep the calling thread's last error as what ended the pipeline, the first wins; wind up. */
void sense_pipeline_end(struct sense_pipeline *pipeline);

/* The threads. */
void *sense_real_time_run(void *line);
void *sense_world_run(void *pipeline);

#endif
