// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/scan-format.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

/* A decimal of at most three digits. */
static bool number(const char **text, unsigned int *value)
{
	unsigned int digits = 0;

	*value = 0;
	while (**text >= '0' && **text <= '9' && digits < 4) {
		*value = *value * 10 + (unsigned int)(*(*text)++ - '0');
		digits++;
	}
	return digits >= 1 && digits <= 3;
}

int sense_scan_type_parse(const char *text, struct sense_scan_type *type)
{
	unsigned int bits, storage, repeat = 1, shift = 0;
	bool be, sign;

	if (!strncmp(text, "be:", 3))
		be = true;
	else if (!strncmp(text, "le:", 3))
		be = false;
	else
		return -EINVAL;
	text += 3;
	/* The kernel writes the driver's own letter: some say 'S' or 'U'. */
	if (*text == 's' || *text == 'S')
		sign = true;
	else if (*text == 'u' || *text == 'U')
		sign = false;
	else
		return -EINVAL;
	text++;
	if (!number(&text, &bits) || *text++ != '/' || !number(&text, &storage))
		return -EINVAL;
	if (*text == 'X') {
		text++;
		if (!number(&text, &repeat))
			return -EINVAL;
	}
	if (text[0] == '>' && text[1] == '>') {
		text += 2;
		if (!number(&text, &shift))
			return -EINVAL;
	}
	if (*text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	if (storage != 8 && storage != 16 && storage != 32 && storage != 64)
		return -EINVAL;
	if (!bits || bits + shift > storage || !repeat || repeat > 255)
		return -EINVAL;
	*type = (struct sense_scan_type){ .big_endian = be, .is_signed = sign,
					  .bits = (uint8_t)bits, .storage = (uint8_t)storage,
					  .shift = (uint8_t)shift, .repeat = (uint8_t)repeat };
	return 0;
}

bool sense_scan_type_fits_s32(const struct sense_scan_type *type)
{
	return type->repeat == 1 && type->bits <= (type->is_signed ? 32 : 31);
}

size_t sense_scan_type_size(const struct sense_scan_type *type)
{
	return (size_t)type->storage / 8 * type->repeat;
}

size_t sense_scan_append(const struct sense_scan_type *type, size_t *size, size_t *align)
{
	size_t bytes = sense_scan_type_size(type);
	size_t offset;

	/* The kernel aligns to the whole element, repeats included (iio_compute_scan_bytes()). */
	offset = (*size + bytes - 1) / bytes * bytes;
	*size = offset + bytes;
	if (bytes > *align)
		*align = bytes;
	return offset;
}

size_t sense_scan_size(size_t size, size_t align)
{
	return (size + align - 1) / align * align;
}

static uint64_t load(const struct sense_scan_type *type, const unsigned char *from)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	switch (type->storage) {
	case 8:
		return *from;
	case 16:
		memcpy(&v16, from, sizeof(v16));
		return type->big_endian ? be16toh(v16) : le16toh(v16);
	case 32:
		memcpy(&v32, from, sizeof(v32));
		return type->big_endian ? be32toh(v32) : le32toh(v32);
	default:
		memcpy(&v64, from, sizeof(v64));
		return type->big_endian ? be64toh(v64) : le64toh(v64);
	}
}

uint64_t sense_scan_decode_u64(const struct sense_scan_type *type, const unsigned char *from)
{
	unsigned int unused = 64u - type->bits;
	uint64_t value = load(type, from) >> type->shift << unused;

	return type->is_signed ? (uint64_t)((int64_t)value >> unused) : value >> unused;
}

/* One loop per way of storing, so that nothing is decided inside it. */
#define DECODE(width, to_host)							\
	for (size_t i = 0; i < count; i++, from += stride) {			\
		uint##width##_t v;						\
										\
		memcpy(&v, from, sizeof(v));					\
		value = (uint64_t)to_host(v) >> type->shift << unused;		\
		to[i] = (int32_t)(sign ? (uint64_t)((int64_t)value >> unused) :	\
				  value >> unused);				\
	}
#define AS_IT_IS(v) (v)

void sense_scan_decode_s32(const struct sense_scan_type *type, const unsigned char *from,
			   size_t stride, int32_t *to, size_t count)
{
	const unsigned int unused = 64u - type->bits;
	const bool sign = type->is_signed;
	uint64_t value;

	switch (type->storage) {
	case 8:
		DECODE(8, AS_IT_IS)
		break;
	case 16:
		if (type->big_endian)
			DECODE(16, be16toh)
		else
			DECODE(16, le16toh)
		break;
	case 32:
		if (type->big_endian)
			DECODE(32, be32toh)
		else
			DECODE(32, le32toh)
		break;
	default:
		if (type->big_endian)
			DECODE(64, be64toh)
		else
			DECODE(64, le64toh)
		break;
	}
}
