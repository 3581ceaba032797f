/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scan-format.h - where in a scan's bytes each element stands and how it is
 * coded (Documentation/ABI/testing/sysfs-bus-iio of the kernel, *_type):
 * "[be|le]:[s|u]bits/storagebits[Xrepeat][>>shift]". Elements follow each
 * other by index, each aligned to its own size, the scan to its largest.
 */
#ifndef SENSE_ACQUIRE_SCAN_FORMAT_H
#define SENSE_ACQUIRE_SCAN_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sense_scan_type {
	bool big_endian;
	bool is_signed;
	uint8_t bits;
	uint8_t storage;	/* bits: 8, 16, 32 or 64 */
	uint8_t shift;
	uint8_t repeat;		/* at least 1 */
};

/* 0, or -EINVAL for what is no such string or contradicts itself. */
int sense_scan_type_parse(const char *text, struct sense_scan_type *type);

/* Whether every value fits s32 and is one number: what a frame can hold. */
bool sense_scan_type_fits_s32(const struct sense_scan_type *type);

/* Bytes of one element, repeats included. */
size_t sense_scan_type_size(const struct sense_scan_type *type);

/*
 * Append an element to a scan of *@size bytes so far, *@align being the
 * largest alignment met: returns its offset. Start with 0 and 1; the whole
 * scan is sense_scan_size().
 */
size_t sense_scan_append(const struct sense_scan_type *type, size_t *size, size_t *align);
size_t sense_scan_size(size_t size, size_t align);

/*
 * Decode @count values that stand @stride bytes apart from @from on into
 * @to. The type must fit s32.
 */
void sense_scan_decode_s32(const struct sense_scan_type *type, const unsigned char *from,
			   size_t stride, int32_t *to, size_t count);

/* One 64-bit value of any type: timestamps, counters. Sign-extended when signed. */
uint64_t sense_scan_decode_u64(const struct sense_scan_type *type, const unsigned char *from);

#endif
