// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration from anywhere. */
#include <stddef.h>

#include <sense/config.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	sense_config_free(sense_config_parse("fuzz", (const char *)data, size));
	return 0;
}
