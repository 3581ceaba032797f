/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * pipeline.h - the stages run together: acquire, calibrate, and on the world
 * side record. The only place that joins the two sides.
 *
 * The real-time side and the world side are a thread each, joined by one
 * bounded lock-free ring. When it is full, the frame becomes a counted, located
 * gap with cause "reader"; the real-time side never waits. Commands come back
 * through one bounded ring, are taken at a frame's edge, and are echoed into
 * the record with the sequence number at which they took effect.
 */
#ifndef SENSE_PIPELINE_H
#define SENSE_PIPELINE_H

#include <sense/api.h>
#include <sense/calibrator.h>
#include <sense/config.h>
#include <sense/event.h>
#include <sense/record.h>
#include <sense/stream.h>

SENSE_BEGIN_DECLS

struct sense_pipeline;

/** sense_pipeline_new() - open the devices and the record a configuration names. Owned; _free(). */
SENSE_API struct sense_pipeline *sense_pipeline_new(const struct sense_config *config);
/** Stops if running. */
SENSE_API void sense_pipeline_free(struct sense_pipeline *pipeline);

/**
 * Somebody who watches what goes into the record: `sense record` does, for its table, its progress
 * line and its acknowledgements. Called in the world thread, in the order of the record, one call
 * at a time; any of them may be NULL. A slow observer fills the ring like a slow disk does.
 */
struct sense_pipeline_observer {
	/** A frame, calibrated, before it is appended; borrowed during the call. */
	void (*frame)(void *context, unsigned int stream, const struct sense_frame *frame);
	/** An event, before it is appended; borrowed during the call. */
	void (*event)(void *context, const struct sense_event *event);
	/**
	 * A commit is durable: of @stream, whose number in the record is @record_stream, every
	 * scan below @next_sequence is in the file or in a gap there. Once per stream and commit.
	 */
	void (*durable)(void *context, unsigned int stream, int64_t record_stream,
			uint64_t next_sequence);
};

/** Watch; @observer is copied, NULL ends it. Before start: 0, or -EBUSY once the pipeline runs. */
SENSE_API int sense_pipeline_set_observer(struct sense_pipeline *pipeline,
					  const struct sense_pipeline_observer *observer,
					  void *context);

/** Start both threads. 0 or -errno; nothing runs on failure. */
SENSE_API int sense_pipeline_start(struct sense_pipeline *pipeline);
/** Stop acquiring, hand on what was read, commit. 0 or the first error that either side met. */
SENSE_API int sense_pipeline_stop(struct sense_pipeline *pipeline);
/**
 * Wait until the pipeline ends by itself (device gone, disk full) or @timeout_ns passes.
 * 1 when it has ended (sense_pipeline_stop() then says why), 0 on timeout.
 */
SENSE_API int sense_pipeline_wait(struct sense_pipeline *pipeline, int64_t timeout_ns);

/** What a command asks for. New ones are appended. */
enum sense_command_type {
	SENSE_COMMAND_NOTE = 1,		/**< an operator's remark: text */
	SENSE_COMMAND_SET_RTD = 2,	/**< new coefficients for a channel: stream, channel, rtd */
	SENSE_COMMAND_SET_SENSOR = 3	/**< another calibration: stream, channel, sensor, auxiliary_* */
};

struct sense_command {
	uint32_t type;		/**< enum sense_command_type */
	uint32_t stream;	/**< index of the device in the configuration */
	uint32_t channel;
	uint32_t reserved;
	struct sense_rtd rtd;
	char author[32];
	char text[128];
	struct sense_sensor *sensor;	/**< borrowed during the call; NULL: the linear scale alone */
	int32_t auxiliary_channel;	/**< as for sense_calibration_new(); -1: auxiliary_degC */
	uint32_t reserved_2;
	double auxiliary_degC;
};

/**
 * Queue a command; any thread, does not wait for the pipeline. 0, -EAGAIN when the ring is full,
 * -EINVAL. A sensor is made ready here, in up to a fifth of a second, so what it is refused for is
 * returned at once, as by sense_calibration_new(). What changed the calibration is followed in the
 * record by an event with the SHA-256 of the set now in force.
 */
SENSE_API int sense_pipeline_command(struct sense_pipeline *pipeline,
				     const struct sense_command *command);

struct sense_pipeline_status {
	int32_t running;
	int32_t real_time;		/**< 1 when SCHED_FIFO and mlockall() were permitted */
	uint64_t frames;		/**< made by the real-time side */
	uint64_t frames_dropped;	/**< of these, for want of room in the ring */
	uint64_t scans_dropped;
	uint64_t commands;
	uint64_t events;
	uint32_t ring_fill;
	uint32_t ring_size;
	struct sense_record_counts record;
};
/** Any thread. */
SENSE_API void sense_pipeline_get_status(const struct sense_pipeline *pipeline,
					 struct sense_pipeline_status *status);

/** Streams of the pipeline, in the configuration's order. Borrowed: for info, counts, latest. */
SENSE_API unsigned int sense_pipeline_get_stream_count(const struct sense_pipeline *pipeline);
SENSE_API const struct sense_stream *
sense_pipeline_get_stream(const struct sense_pipeline *pipeline, unsigned int index);

/** Newest calibrated value of a channel. Wait-free, any thread. As sense_stream_get_latest(). */
SENSE_API int sense_pipeline_get_latest(const struct sense_pipeline *pipeline, unsigned int stream,
					unsigned int channel, struct sense_latest *latest);
/** Unit of that value. Borrowed. */
SENSE_API const char *sense_pipeline_get_unit(const struct sense_pipeline *pipeline,
					      unsigned int stream, unsigned int channel);

/**
 * sense_pipeline_get_calibration_digest() - SHA-256 of a stream's calibration set, 64 hexadecimal
 * digits, as sense_calibrator_get_digest(): as configured, and as of the last command queued.
 * The record has an event with it and the sequence number from which on it holds.
 * 0, or -ENOENT for no such stream. Any thread.
 */
SENSE_API int sense_pipeline_get_calibration_digest(const struct sense_pipeline *pipeline,
						    unsigned int stream, char digest[65]);

SENSE_END_DECLS

#endif
