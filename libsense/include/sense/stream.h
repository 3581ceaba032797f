/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * stream.h - frames from a device's kernel buffer, with every gap located.
 *
 * A stream reads through io_uring, or poll(2) and read(2) where that is not to
 * be had, into frames allocated when it was opened; after start nothing is
 * allocated. One thread drives a stream (sense_stream_read()); any thread may
 * ask for the latest value.
 */
#ifndef SENSE_STREAM_H
#define SENSE_STREAM_H

#include <sense/api.h>
#include <sense/device.h>
#include <sense/event.h>
#include <sense/frame.h>

SENSE_BEGIN_DECLS

/* ---- config ------------------------------------------------------------------------ */

struct sense_stream_config;

/** sense_stream_config_new() - all streamable channels, the device's present rate. Owned; _free(). */
SENSE_API struct sense_stream_config *sense_stream_config_new(void);
SENSE_API void sense_stream_config_free(struct sense_stream_config *config);

/** Add one channel by name or IIO id; the first call replaces "all". 0, or -EEXIST. */
SENSE_API int sense_stream_config_add_channel(struct sense_stream_config *config, const char *name);
/** Scans per second; must be one the device offers. 0 keeps the present rate. */
SENSE_API void sense_stream_config_set_rate_hz(struct sense_stream_config *config, double rate_hz);
/** N, scans per block. Default: a tenth of a second of scans, at least 1. */
SENSE_API void sense_stream_config_set_block_scans(struct sense_stream_config *config, uint32_t scans);
/** Frames in the pool; default 16. */
SENSE_API void sense_stream_config_set_pool_frames(struct sense_stream_config *config, uint32_t frames);
/** Which kernel buffer: 0 (default, long, for the record) or 1 (short, for the loop). */
SENSE_API void sense_stream_config_set_buffer(struct sense_stream_config *config, unsigned int buffer);
/**
 * Kernel buffer length in scans. Default: two seconds of scans, at least 4096 (loop: 64), or as
 * much of that as the kernel can give (a stock kfifo: 4 MiB); one set here is given or refused.
 */
SENSE_API void sense_stream_config_set_buffer_scans(struct sense_stream_config *config, uint32_t scans);
/** Scans that wake the reader; default a block or a 50th of a second, whichever is less (loop: 1). */
SENSE_API void sense_stream_config_set_watermark(struct sense_stream_config *config, uint32_t scans);

enum sense_reader { SENSE_READER_AUTO = 0, SENSE_READER_IO_URING, SENSE_READER_POLL };
SENSE_API void sense_stream_config_set_reader(struct sense_stream_config *config,
					      enum sense_reader reader);

/* ---- stream ------------------------------------------------------------------------- */

struct sense_stream;

/**
 * sense_stream_open() - open and configure a stream; it does not run yet.
 * @device: may be closed afterwards; @config: copied, NULL for the defaults
 *
 * A buffer that a dead process left enabled is disabled and used, and an event
 * says so. Owned; sense_stream_close(). Errors: -EBUSY (somebody else has the
 * buffer), -EACCES (the remedy names the group), -ENOENT (no such channel),
 * -EINVAL (rate not offered), -ENOTSUP (device has no buffer).
 */
SENSE_API struct sense_stream *sense_stream_open(struct sense_device *device,
						 const struct sense_stream_config *config);
/** sense_stream_close() - stop if running, free. Frames still held stay valid until released. */
SENSE_API void sense_stream_close(struct sense_stream *stream);

SENSE_API int sense_stream_start(struct sense_stream *stream);
/** sense_stream_stop() - stop the buffer. What it still held can be read until -ENODATA. */
SENSE_API int sense_stream_stop(struct sense_stream *stream);

/** Borrowed from the stream. */
SENSE_API struct sense_layout *sense_stream_get_layout(const struct sense_stream *stream);
SENSE_API struct sense_device_info *sense_stream_get_info(const struct sense_stream *stream);
/** Which reader is in use: SENSE_READER_IO_URING or SENSE_READER_POLL. */
SENSE_API enum sense_reader sense_stream_get_reader(const struct sense_stream *stream);

/**
 * sense_stream_get_fd() - for poll(2) or epoll, POLLIN. Borrowed.
 *
 * It becomes readable when there is something new to read: call sense_stream_read(.., 0, ..)
 * until it returns 0 before polling again. It also becomes readable some times a second without
 * anything new, because Linux up to at least 6.12 wakes no poller when a device is removed:
 * reading is what finds out. A program that polls it thus hears of a removal within a second.
 */
SENSE_API int sense_stream_get_fd(const struct sense_stream *stream);

/**
 * sense_stream_read() - the next frame.
 * @timeout_ns: how long to wait for a full one; when it passes, the scans there
 *              are come as a partial frame, if there are any. 0 takes a full one if it is
 *              there and cuts nothing; negative waits for a full one for ever
 * @frame: set on success; sense_frame_release() it
 *
 * Returns 1 with a frame, 0 on timeout without one and when a signal handler ran, or
 *   -ENODEV   the device is gone (reported within a second, once everything read before is delivered)
 *   -ENODATA  stopped, and everything is delivered; or never started
 *   -ENOBUFS  all frames of the pool are held: release some; nothing is lost meanwhile
 *             but what the kernel buffer cannot hold
 *   -EPROTO   the device's sequence numbers went back
 *   -EIO, ... what the kernel says
 *
 * When the device says that scans are missing after the last one delivered, the frame that ends
 * the stream covers them, even if it holds nothing else.
 *
 * A foreign device does not number its scans. They are counted then, and a distance in time of
 * more than 1.5 nominal periods is a gap of cause SENSE_GAP_TIME; its frames carry
 * SENSE_FRAME_SEQUENCE_ESTIMATED and _TIME_ESTIMATED. Without a timestamp, or without a known
 * rate, no gap can be found.
 */
SENSE_API int sense_stream_read(struct sense_stream *stream, int64_t timeout_ns,
				struct sense_frame **frame);

/**
 * sense_stream_wait() - wait for any of several streams.
 * Returns a bit mask of the streams to read (bit i: streams[i]), 0 on timeout and when a signal
 * handler ran, or -errno. @count is at most 30. Read those named with timeout 0; one may still
 * have no full frame.
 */
SENSE_API int sense_stream_wait(struct sense_stream *const *streams, unsigned int count,
				int64_t timeout_ns);

/**
 * sense_stream_read_event() - next event of the stream (gap, fault, reclaimed, ...): 1, or 0 when
 * none. One thread, not necessarily the reading one. The queue holds 256; when it is full, an
 * event of type SENSE_EVENT_EVENTS_LOST says how many there was no room for.
 */
SENSE_API int sense_stream_read_event(struct sense_stream *stream, struct sense_event *event);

/* ---- latest value, for loops --------------------------------------------------------- */

struct sense_latest {
	double value;		/**< scaled, in the channel's unit; NaN with a fault */
	int32_t raw;
	uint32_t quality;	/**< SENSE_QUALITY_* */
	uint64_t sequence;
	int64_t time_ns;	/**< TAI of the sample */
	int64_t age_ns;		/**< now - time_ns, by the same clock */
};

/**
 * sense_stream_get_latest() - newest sample of a channel that the reading thread has seen.
 * Wait-free, any thread, no system call but the clock's (vDSO). 0, -EAGAIN before
 * the first scan, -ENOENT for a channel out of range, -ENODEV once the device is gone.
 */
SENSE_API int sense_stream_get_latest(const struct sense_stream *stream, unsigned int channel,
				      struct sense_latest *latest);

/* ---- counts ----------------------------------------------------------------------------- */

struct sense_stream_counts {
	uint64_t scans;		/**< delivered in frames */
	uint64_t bytes;		/**< read from the kernel */
	uint64_t frames;
	uint64_t gaps;		/**< runs of missing scans */
	uint64_t lost[8];	/**< missing scans by enum sense_gap_cause; exact */
	uint64_t reads;		/**< system calls or completions */
	uint32_t fill;		/**< scans waiting in the kernel buffer now; 0 if unknown */
	uint32_t buffer_scans;	/**< its length */
};
/**
 * Any thread; the counters are each exact, together as of slightly different moments. Asks the
 * kernel for the fill: a system call, so not for a control loop.
 */
SENSE_API void sense_stream_get_counts(const struct sense_stream *stream,
				       struct sense_stream_counts *counts);

SENSE_END_DECLS

#endif
