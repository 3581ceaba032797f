// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scan type a driver prints, and decoding by whatever it says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "acquire/scan-format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[64];
	struct sense_scan_type type;
	size_t length = size < sizeof(text) - 1 ? size : sizeof(text) - 1, end = 0, align = 1;
	int32_t value;

	memcpy(text, data, length);
	text[length] = 0;
	if (sense_scan_type_parse(text, &type) < 0)
		return 0;
	if (!type.bits || type.bits + type.shift > type.storage || !type.repeat ||
	    sense_scan_type_size(&type) > 8u * 255)
		abort();
	if (sense_scan_append(&type, &end, &align) != 0 || sense_scan_size(end, align) < end)
		abort();
	if (sense_scan_type_fits_s32(&type)) {
		unsigned char *bytes = malloc(type.storage / 8u);

		for (unsigned int i = 0; i < type.storage / 8u; i++)
			bytes[i] = (unsigned char)(size * 31 + i * 77);
		sense_scan_decode_s32(&type, bytes, type.storage / 8u, &value, 1);
		if ((int32_t)sense_scan_decode_u64(&type, bytes) != value)
			abort();
		free(bytes);
	}
	return 0;
}
