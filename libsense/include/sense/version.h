/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * version.h - which libsense this is.
 */
#ifndef SENSE_VERSION_H
#define SENSE_VERSION_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Project version at compile time; the shared object's ABI version is apart from it. */
#define SENSE_VERSION "0.1.0"

/** sense_version() - project version of the library in use, static string. */
SENSE_API const char *sense_version(void);

/** sense_build_id() - the linker's build id of the library in use, hex; "" if it has none. */
SENSE_API const char *sense_build_id(void);

SENSE_END_DECLS

#endif
