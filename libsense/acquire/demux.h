/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * demux.h - from scans as the kernel delivers them, one after another, to the
 * columns of a frame.
 */
#ifndef SENSE_ACQUIRE_DEMUX_H
#define SENSE_ACQUIRE_DEMUX_H

#include "acquire/scan-format.h"
#include "base/frame.h"

#define SENSE_NO_ELEMENT SIZE_MAX

/* Where everything stands in a scan. Offsets are in bytes, SENSE_NO_ELEMENT where there is none. */
struct sense_scan_plan {
	size_t scan_size;
	/* 64-bit elements in the machine's own byte order */
	size_t sequence;
	size_t counter;
	size_t fault;
	size_t saturation;
	size_t scan_flags;
	size_t timestamp;
	/* measurements, in the order of the frame's channels */
	unsigned int channel_count;
	struct sense_scan_channel {
		size_t offset;
		struct sense_scan_type type;
		unsigned int card_index;	/* its bit in the device's status words */
	} channels[SENSE_FRAME_MAX_CHANNELS];
	/* set by sense_scan_plan_finish() */
	unsigned int pairs;	/* leading pairs of neighbouring 32-bit channels: read as one word */
	bool same_bits;			/* the device's status bits are the frame's */
	uint64_t card_mask;		/* status bits of the channels enabled */
};

/* An empty plan; and what follows from the elements once they are all in. */
void sense_scan_plan_init(struct sense_scan_plan *plan);
void sense_scan_plan_finish(struct sense_scan_plan *plan);

/* Status words as the frame numbers channels, from the device's own numbering. */
uint64_t sense_scan_plan_map(const struct sense_scan_plan *plan, uint64_t word);

/* What a run of scans had in it besides values. */
struct sense_demux_result {
	uint64_t fault_changes;		/* bits in which a fault word differs from the last before */
	uint64_t saturation_changes;
	uint64_t flags;			/* all scan flags met */
};

/*
 * Unpack @count scans at @scans into slots [@slot, @slot + @count) of @frame:
 * times (plus @clock_offset_ns; left alone where scans carry none), counter,
 * status words (in the frame's numbering) and raw values. @fault and
 * @saturation are the last words before, in the frame's numbering.
 */
void sense_demux(const struct sense_scan_plan *plan, const unsigned char *scans, size_t count,
		 struct sense_frame *frame, uint32_t slot, int64_t clock_offset_ns,
		 uint64_t fault, uint64_t saturation, struct sense_demux_result *result);

/*
 * How many of the @count scans carry the sequence numbers @next, @next + 1,
 * and so on without exception.
 */
size_t sense_demux_contiguous(const struct sense_scan_plan *plan, const unsigned char *scans,
			      size_t count, uint64_t next);

static inline uint64_t sense_scan_u64(const unsigned char *scan, size_t offset)
{
	uint64_t value;

	__builtin_memcpy(&value, scan + offset, sizeof(value));
	return value;
}

#endif
