// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Column by column, a run of scans at a time: every loop does one thing with a
 * fixed stride, so that a scan costs little more than touching its bytes. The
 * caller hands in runs short enough to stay in the first-level cache.
 */
#include "acquire/demux.h"

#include <endian.h>
#include <string.h>

void sense_scan_plan_init(struct sense_scan_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->sequence = plan->counter = plan->timestamp = SENSE_NO_ELEMENT;
	plan->fault = plan->saturation = plan->scan_flags = SENSE_NO_ELEMENT;
}

/* 32-bit storage in the processor's byte order, the number in its low bits. */
static bool is_word(const struct sense_scan_type *type)
{
	return type->storage == 32 && !type->shift && type->is_signed && type->repeat == 1 &&
	       type->big_endian == (BYTE_ORDER == BIG_ENDIAN);
}

static bool is_plain_s32(const struct sense_scan_type *type)
{
	return is_word(type) && type->bits == 32;
}

void sense_scan_plan_finish(struct sense_scan_plan *plan)
{
	unsigned int i;

	plan->same_bits = true;
	plan->card_mask = 0;
	for (i = 0; i < plan->channel_count; i++) {
		plan->same_bits &= plan->channels[i].card_index == i;
		if (plan->channels[i].card_index < 64)
			plan->card_mask |= UINT64_C(1) << plan->channels[i].card_index;
	}
	plan->pairs = 0;
	for (i = 0; BYTE_ORDER == LITTLE_ENDIAN && i + 1 < plan->channel_count; i += 2) {
		if (!is_word(&plan->channels[i].type) || !is_word(&plan->channels[i + 1].type) ||
		    plan->channels[i + 1].offset != plan->channels[i].offset + 4)
			break;
		plan->pairs++;
	}
}

uint64_t sense_scan_plan_map(const struct sense_scan_plan *plan, uint64_t word)
{
	uint64_t mapped = 0;

	word &= plan->card_mask;
	if (plan->same_bits || !word)
		return word;
	for (unsigned int i = 0; i < plan->channel_count; i++)
		if (plan->channels[i].card_index < 64)
			mapped |= (word >> plan->channels[i].card_index & 1) << i;
	return mapped;
}

size_t sense_demux_contiguous(const struct sense_scan_plan *plan, const unsigned char *scans,
			      size_t count, uint64_t next)
{
	const unsigned char *at = scans + plan->sequence;
	uint64_t difference = 0;
	size_t i;

	/* Every number is looked at; where the first one is wrong is asked only if one is. */
	for (i = 0; i < count; i++, at += plan->scan_size)
		difference |= sense_scan_u64(at, 0) ^ (next + i);
	if (!difference)
		return count;
	at = scans + plan->sequence;
	for (i = 0; sense_scan_u64(at, 0) == next + i; i++)
		at += plan->scan_size;
	return i;
}

static void copy_u64(uint64_t *to, const unsigned char *from, size_t stride, size_t count)
{
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++, from += stride)
		to[i] = sense_scan_u64(from, 0);
}

static void copy_time(int64_t *to, const unsigned char *from, size_t stride, size_t count,
		      int64_t offset)
{
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++, from += stride)
		to[i] = (int64_t)sense_scan_u64(from, 0) + offset;
}

static uint64_t copy_flags(uint64_t *to, const unsigned char *from, size_t stride, size_t count)
{
	uint64_t all = 0;

#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++, from += stride) {
		to[i] = sense_scan_u64(from, 0);
		all |= to[i];
	}
	return all;
}

static void copy_s32(int32_t *to, const unsigned char *from, size_t stride, size_t count)
{
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++, from += stride)
		memcpy(&to[i], from, sizeof(to[i]));
}

static void copy_pair(int32_t *even, int32_t *odd, const unsigned char *from, size_t stride,
		      size_t count)
{
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++, from += stride) {
		uint64_t both = sense_scan_u64(from, 0);

		even[i] = (int32_t)both;
		odd[i] = (int32_t)(both >> 32);
	}
}

/* The same for numbers of fewer bits: what stands above them is not to be trusted. */
static void copy_short_pair(const struct sense_scan_channel *channels, int32_t *even, int32_t *odd,
			    const unsigned char *from, size_t stride, size_t count)
{
	const uint32_t sign0 = UINT32_C(1) << (channels[0].type.bits - 1);
	const uint32_t sign1 = UINT32_C(1) << (channels[1].type.bits - 1);
	const uint32_t mask0 = sign0 | (sign0 - 1), mask1 = sign1 | (sign1 - 1);

	for (size_t i = 0; i < count; i++, from += stride) {
		uint64_t both = sense_scan_u64(from, 0);

		even[i] = (int32_t)((((uint32_t)both & mask0) ^ sign0) - sign0);
		odd[i] = (int32_t)((((uint32_t)(both >> 32) & mask1) ^ sign1) - sign1);
	}
}

/* Returns the bits in which any word differs from the one before it. */
static uint64_t copy_status(const struct sense_scan_plan *plan, uint64_t *to,
			    const unsigned char *from, size_t count, uint64_t before)
{
	uint64_t any = copy_flags(to, from, plan->scan_size, count);
	uint64_t changes = 0;

	/* As good as always there is nothing to tell and nothing to renumber. */
	if (!any)
		return before;
	for (size_t i = 0; i < count; i++) {
		to[i] = sense_scan_plan_map(plan, to[i]);
		changes |= to[i] ^ before;
		before = to[i];
	}
	return changes;
}

static void copy_channels(const struct sense_scan_plan *plan, const unsigned char *scans,
			  size_t count, struct sense_frame *frame, uint32_t slot)
{
	unsigned int c;

	for (c = 0; c < 2 * plan->pairs; c += 2) {
		const struct sense_scan_channel *pair = &plan->channels[c];

		if (pair[0].type.bits == 32 && pair[1].type.bits == 32)
			copy_pair(frame->raw[c] + slot, frame->raw[c + 1] + slot,
				  scans + pair->offset, plan->scan_size, count);
		else
			copy_short_pair(pair, frame->raw[c] + slot, frame->raw[c + 1] + slot,
					scans + pair->offset, plan->scan_size, count);
	}
	for (; c < plan->channel_count; c++) {
		const struct sense_scan_channel *channel = &plan->channels[c];

		if (is_plain_s32(&channel->type))
			copy_s32(frame->raw[c] + slot, scans + channel->offset, plan->scan_size,
				 count);
		else
			sense_scan_decode_s32(&channel->type, scans + channel->offset,
					      plan->scan_size, frame->raw[c] + slot, count);
	}
}

void sense_demux(const struct sense_scan_plan *plan, const unsigned char *scans, size_t count,
		 struct sense_frame *frame, uint32_t slot, int64_t clock_offset_ns,
		 uint64_t fault, uint64_t saturation, struct sense_demux_result *result)
{
	size_t stride = plan->scan_size;
	size_t column = count * sizeof(uint64_t);

	*result = (struct sense_demux_result){ 0 };
	if (plan->timestamp != SENSE_NO_ELEMENT)
		copy_time(frame->time_ns + slot, scans + plan->timestamp, stride, count,
			  clock_offset_ns);
	if (plan->counter != SENSE_NO_ELEMENT)
		copy_u64(frame->counter + slot, scans + plan->counter, stride, count);
	else
		memset(frame->counter + slot, 0, column);
	if (plan->fault != SENSE_NO_ELEMENT)
		result->fault_changes = copy_status(plan, frame->fault + slot, scans + plan->fault,
						    count, fault);
	else
		memset(frame->fault + slot, 0, column);
	if (plan->saturation != SENSE_NO_ELEMENT)
		result->saturation_changes = copy_status(plan, frame->saturation + slot,
							 scans + plan->saturation, count,
							 saturation);
	else
		memset(frame->saturation + slot, 0, column);
	if (plan->scan_flags != SENSE_NO_ELEMENT)
		result->flags = copy_flags(frame->scan_flags + slot, scans + plan->scan_flags,
					   stride, count);
	else
		memset(frame->scan_flags + slot, 0, column);
	copy_channels(plan, scans, count, frame, slot);
}
