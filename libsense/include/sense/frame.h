/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * frame.h - the noun that flows: a block of scans of one device.
 *
 * A *scan* is one sample of every enabled channel with one time and one
 * sequence number. Blocks are cut by sequence number, never by how a read
 * happened to return: block k holds the sequence numbers [kN, (k+1)N), N being
 * the layout's block size. A frame is one block, or, when a timeout published
 * it early, a run of scans inside one block; the rest of the block follows in
 * the next frame. So frame.first_sequence / N is the block, and no frame
 * crosses a block's edge.
 *
 * Slot i of a frame is the scan first_sequence + i. Arrays run per channel
 * (structure of arrays), one element per slot. A missing scan keeps its slot:
 * its bit in the presence map is 0, its raw value 0, its time interpolated.
 *
 * A frame of a stream is borrowed from the stream's pool until released. A
 * frame is written by one stage at a time and read-only once handed on.
 * Getters are plain loads; any thread may read a frame nobody writes.
 */
#ifndef SENSE_FRAME_H
#define SENSE_FRAME_H

#include <sense/api.h>
#include <sense/channel.h>
#include <sense/event.h>

SENSE_BEGIN_DECLS

/** Most channels a frame can have: the masks are 64 bits wide. */
#define SENSE_FRAME_MAX_CHANNELS 64

/* ---- layout: what the slots and columns of a stream's frames mean ---------- */

/** Immutable description shared by all frames of a stream. Reference-counted, any thread. */
struct sense_layout;

/**
 * sense_layout_new() - a layout for frames that come from no device (an OEM's own source).
 * @device_id: stable name of the source, e.g. "my-card-0042"
 * @block_scans: N, scans per block, 1 to 1 048 576
 *
 * Owned; sense_layout_unref(). Add channels before the first frame is made of it.
 */
SENSE_API struct sense_layout *sense_layout_new(const char *device_id, uint32_t block_scans);

/**
 * sense_layout_add_channel() - append a channel; value = (raw + offset) * scale.
 * Returns its index, -EEXIST for a name in use, -ENOSPC after 64, -EBUSY once frames exist.
 */
SENSE_API int sense_layout_add_channel(struct sense_layout *layout, const char *name,
				       enum sense_kind kind, double scale, double offset);

SENSE_API struct sense_layout *sense_layout_ref(struct sense_layout *layout);
SENSE_API void sense_layout_unref(struct sense_layout *layout);

SENSE_API const char *sense_layout_get_device_id(const struct sense_layout *layout);
SENSE_API uint32_t sense_layout_get_block_scans(const struct sense_layout *layout);
SENSE_API unsigned int sense_layout_get_channel_count(const struct sense_layout *layout);
/** Borrowed from the layout; NULL when @index is out of range. */
SENSE_API const struct sense_channel_info *
sense_layout_get_channel(const struct sense_layout *layout, unsigned int index);
/** Index of the channel named, or -ENOENT (the error says which names there are). */
SENSE_API int sense_layout_find_channel(const struct sense_layout *layout, const char *name);
/** Nominal scans per second; 0 when unknown. */
SENSE_API double sense_layout_get_rate_hz(const struct sense_layout *layout);
SENSE_API void sense_layout_set_rate_hz(struct sense_layout *layout, double rate_hz);

/* ---- frame ------------------------------------------------------------------ */

struct sense_frame;

/** sense_frame_new() - an empty frame of a layout, for sources of one's own. Owned; sense_frame_release(). */
SENSE_API struct sense_frame *sense_frame_new(struct sense_layout *layout);

/**
 * sense_frame_release() - give the frame back to the pool it came from, or free it.
 * NULL is accepted. May be called from another thread than the one that got it.
 */
SENSE_API void sense_frame_release(struct sense_frame *frame);

/**
 * sense_frame_clear() - make it an empty run starting at @first_sequence, and note the state of
 * the clock (one system call). For sources of one's own.
 */
SENSE_API void sense_frame_clear(struct sense_frame *frame, uint64_t first_sequence);

/** One scan as a source hands it in. */
struct sense_scan {
	uint64_t sequence;
	uint64_t counter;	/**< device counter, ns; 0 if the device has none */
	int64_t time_ns;	/**< TAI */
	uint64_t fault;		/**< bit i: channel i of the layout has no valid reading */
	uint64_t saturation;	/**< bit i: channel i is outside its range */
	uint64_t flags;		/**< SENSE_SCAN_* */
	const int32_t *raw;	/**< one per channel */
};

/**
 * sense_frame_put() - append one scan; slots jumped over become missing, a gap with cause unknown.
 * 0, -EINVAL when the sequence number does not rise, or -ERANGE when the scan belongs to another
 * block or would be one gap more than a frame holds (64): publish this frame, clear the next one
 * at the first sequence number not yet put, and put again. An empty frame moves to the scan's block.
 */
SENSE_API int sense_frame_put(struct sense_frame *frame, const struct sense_scan *scan);

SENSE_API struct sense_layout *sense_frame_get_layout(const struct sense_frame *frame);

/** Session: one run of one stream; epoch: one configuration within it, counted from 0. */
SENSE_API uint64_t sense_frame_get_session(const struct sense_frame *frame);
SENSE_API uint32_t sense_frame_get_epoch(const struct sense_frame *frame);

SENSE_API uint64_t sense_frame_get_first_sequence(const struct sense_frame *frame);
/** Slots in use, missing scans included. */
SENSE_API uint32_t sense_frame_get_count(const struct sense_frame *frame);
/** Scans present: count less the missing ones. */
SENSE_API uint32_t sense_frame_get_present_count(const struct sense_frame *frame);

/** Frame flags. */
enum {
	SENSE_FRAME_PARTIAL		= 1 << 0, /**< cut before the block's end: timeout, stop, or too many gaps */
	SENSE_FRAME_TIME_ESTIMATED	= 1 << 1, /**< no hardware time: stamped by the kernel or estimated */
	SENSE_FRAME_CLOCK_UNSYNCHRONISED = 1 << 2,
	SENSE_FRAME_TAI_OFFSET_UNKNOWN	= 1 << 3, /**< TAI - UTC was 0: nobody set it */
	SENSE_FRAME_SEQUENCE_ESTIMATED	= 1 << 4, /**< no sequence numbers: counted and judged by time */
	SENSE_FRAME_SIMULATED		= 1 << 5  /**< the card is a model, not hardware */
};
SENSE_API uint32_t sense_frame_get_flags(const struct sense_frame *frame);

/** Per scan, count elements each; borrowed. */
SENSE_API const int64_t *sense_frame_get_time_ns(const struct sense_frame *frame);
SENSE_API const uint64_t *sense_frame_get_counter(const struct sense_frame *frame);
SENSE_API const uint64_t *sense_frame_get_fault(const struct sense_frame *frame);
SENSE_API const uint64_t *sense_frame_get_saturation(const struct sense_frame *frame);
SENSE_API const uint64_t *sense_frame_get_scan_flags(const struct sense_frame *frame);

/** Bits of the three status words' third, per scan. */
#define SENSE_SCAN_OVERRUN		(UINT64_C(1) << 0) /**< scans were lost on the card just before */
#define SENSE_SCAN_TEST_DATA		(UINT64_C(1) << 1)
#define SENSE_SCAN_CLOCK_UNLOCKED	(UINT64_C(1) << 2)
#define SENSE_SCAN_OUTPUT_SAFE		(UINT64_C(1) << 3)
#define SENSE_SCAN_SIMULATED		(UINT64_C(1) << 4)

/** Presence map: bit (i % 64) of word (i / 64) is 1 when slot i holds a scan. */
SENSE_API const uint64_t *sense_frame_get_present(const struct sense_frame *frame);
SENSE_API int sense_frame_is_present(const struct sense_frame *frame, uint32_t slot);

/** Standard uncertainty of the times of this frame against the clock they are on, ns; NaN if unknown. */
SENSE_API double sense_frame_get_time_u_ns(const struct sense_frame *frame);
/** TAI - UTC in seconds when the frame was made; 0 when unknown. */
SENSE_API int32_t sense_frame_get_tai_offset_s(const struct sense_frame *frame);

/** Raw counts of a channel, count elements; borrowed. NULL when @channel is out of range. */
SENSE_API const int32_t *sense_frame_get_raw(const struct sense_frame *frame, unsigned int channel);

/**
 * Calibrated value and its standard uncertainty, count elements each, in the
 * unit sense_frame_get_value_unit() names; NULL before the calibrate stage ran.
 * A value that cannot be had (missing, fault) is NaN.
 */
SENSE_API const double *sense_frame_get_value(const struct sense_frame *frame, unsigned int channel);
SENSE_API const double *sense_frame_get_value_u(const struct sense_frame *frame, unsigned int channel);
SENSE_API const char *sense_frame_get_value_unit(const struct sense_frame *frame, unsigned int channel);

/** Quality of one sample: a set of bits, 0 is good. */
enum {
	SENSE_QUALITY_MISSING		= 1 << 0,
	SENSE_QUALITY_FAULT		= 1 << 1,
	SENSE_QUALITY_SATURATED		= 1 << 2,
	SENSE_QUALITY_AFTER_GAP		= 1 << 3, /**< the scan before it is missing */
	SENSE_QUALITY_TEST_DATA		= 1 << 4,
	SENSE_QUALITY_TIME_UNCERTAIN	= 1 << 5, /**< clock unlocked, unsynchronised or estimated */
	SENSE_QUALITY_UNCALIBRATED	= 1 << 6, /**< no calibration in force for this channel */
	SENSE_QUALITY_SIMULATED		= 1 << 7,
	SENSE_QUALITY_OUTSIDE		= 1 << 8, /**< outside the calibrated range, or what the equation can give */
	SENSE_QUALITY_EXPIRED		= 1 << 9  /**< the calibration's validity has ended */
};
SENSE_API uint32_t sense_frame_get_quality(const struct sense_frame *frame, unsigned int channel,
					   uint32_t slot);

/**
 * Gaps that end in this frame: each run of missing scans before or between the
 * scans present, with its cause; a run with several causes is several gaps. A
 * run longer than a block is still one; blocks that are missing whole make no
 * frame. Where a run ends in a later block, the frame it begins in has its
 * slots to the block's end marked missing, and the gap is told in the frame in
 * which the next scan stands.
 */
SENSE_API unsigned int sense_frame_get_gap_count(const struct sense_frame *frame);
SENSE_API const struct sense_gap *sense_frame_get_gap(const struct sense_frame *frame,
						      unsigned int index);

SENSE_END_DECLS

#endif
