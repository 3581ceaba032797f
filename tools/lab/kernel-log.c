// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lab.h"

/* What a sound kernel never says. Beginnings of reports, as the kernel words them. */
static const char * const troubles[] = {
	"WARNING: ", "BUG: ", "BUG ", "Oops: ", "kernel BUG at", "Kernel panic", "general protection fault",
	"unable to handle", "INFO: task ", "INFO: rcu", "INFO: possible", "INFO: trying to register",
	"rcu: INFO:", "possible circular locking", "possible recursive locking", "inconsistent lock state",
	"suspicious RCU usage", "sleeping function called", "scheduling while atomic",
	"DMA-API: ", "UBSAN: ", "KASAN: ", "KCSAN: ", "kmemleak: ", "refcount_t: ",
	"list_add corruption", "list_del corruption", "soft lockup", "hard LOCKUP",
	"ODEBUG: ", "double fault", "stack-protector", "irq event stamp", "nobody cared",
	"Call Trace:", "sense-lab: ",
};

bool lab_kernel_trouble(const char *line)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (strstr(line, troubles[i]))
			return true;
	return false;
}
