// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel, clock, real-time limits, io_uring. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <linux/io_uring.h>

#include <sense/clock.h>
#include <sense/version.h>

#include "doctor.h"
#include "read-text.h"
#include "text.h"

/* y, m, n, or 0 where the kernel's configuration is not to be had as a plain file. */
static int configured(const char *release, const char *option)
{
	char path[160], line[256];
	size_t length = strlen(option);
	int answer = 'n';
	FILE *file;

	snprintf(path, sizeof(path), "/boot/config-%s", release);
	file = fopen(path, "re");
	if (!file) {
		snprintf(path, sizeof(path), "/lib/modules/%s/config", release);
		file = fopen(path, "re");
	}
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, option, length) == 0 && line[length] == '=')
			answer = line[length + 1];
	fclose(file);
	return answer;
}

void doctor_kernel(struct doctor *doctor)
{
	static const char *const options[] = { "CONFIG_IIO", "CONFIG_IIO_BUFFER",
					       "CONFIG_IIO_KFIFO_BUF" };
	struct utsname name;
	unsigned int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	if (major > 5 || (major == 5 && minor >= 11))
		doctor_find(doctor, GRADE_OK, "kernel", NULL, "Linux %s; sense %s", name.release,
			    SENSE_VERSION);
	else
		doctor_find(doctor, GRADE_ERROR, "kernel", "install Linux 6.1 or newer",
			    "Linux %s has one buffer per IIO device; 5.11 brought more",
			    name.release);
	for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (configured(name.release, options[i]) == 'n')
			doctor_find(doctor, GRADE_ERROR, "kernel.config",
				    "use your distribution's stock kernel, or build with it set to m",
				    "this kernel is built without %s", options[i]);
}

static void clock_source(struct doctor *doctor)
{
	char source[64];

	read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source,
		  sizeof(source));
	if (!*source)
		doctor_find(doctor, GRADE_NOTE, "clock.source", NULL,
			    "the kernel does not say which clock source it uses");
	else if (strcmp(source, "hpet") == 0 || strcmp(source, "acpi_pm") == 0 ||
		 strcmp(source, "jiffies") == 0)
		doctor_find(doctor, GRADE_NOTE, "clock.source",
			    "on real hardware see why the kernel gave the TSC up: dmesg | grep -i tsc",
			    "clock source is %s: reading the time costs a microsecond or more",
			    source);
	else
		doctor_find(doctor, GRADE_OK, "clock.source", NULL, "clock source is %s", source);
}

void doctor_clock(struct doctor *doctor)
{
	struct sense_clock_state state;
	char bound[64];

	clock_source(doctor);
	if (sense_clock_get_state(&state)) {
		doctor_find(doctor, GRADE_ERROR, "clock",
			    "see whether a security policy forbids adjtimex(2)",
			    "the kernel does not tell the state of its clock");
		return;
	}
	if (state.tai_offset_s)
		doctor_find(doctor, GRADE_OK, "clock.tai", NULL, "TAI - UTC is %d s",
			    state.tai_offset_s);
	else
		doctor_find(doctor, GRADE_WARNING, "clock.tai",
			    "chrony sets it with 'leapsectz right/UTC' in chrony.conf, "
			    "ptp4l with phc2sys; without, times are UTC and marked so",
			    "TAI - UTC is 0: nobody has told the kernel (it has been 37 s since 2017)");
	snprintf(bound, sizeof(bound), "%.3g ms", 1e-6 * (double)state.max_error_ns);
	if (state.synchronised)
		doctor_find(doctor, GRADE_OK, "clock.sync", NULL,
			    "the clock is disciplined, error at most %s", bound);
	else
		doctor_find(doctor, GRADE_WARNING, "clock.sync",
			    "install chrony (apt install chrony) and wait until 'chronyc tracking' "
			    "says Normal",
			    "nothing keeps the clock right: every time is marked as uncertain");
}

void doctor_limits(struct doctor *doctor)
{
	struct rlimit priority, memory;
	char runtime[32], text[32];
	int root = geteuid() == 0;

	getrlimit(RLIMIT_RTPRIO, &priority);
	getrlimit(RLIMIT_MEMLOCK, &memory);
	if (root || priority.rlim_cur >= 1)
		doctor_find(doctor, GRADE_OK, "limits.rtprio", NULL,
			    "real-time priority is permitted");
	else
		doctor_find(doctor, GRADE_WARNING, "limits.rtprio",
			    "put '@sense - rtprio 50' into /etc/security/limits.d/60-sense.conf and log "
			    "in again",
			    "no real-time priority for this user: the reader may come late under load");
	if (root || memory.rlim_cur == RLIM_INFINITY || memory.rlim_cur >= 256UL << 20)
		doctor_find(doctor, GRADE_OK, "limits.memlock", NULL, "memory can be locked");
	else
		doctor_find(doctor, GRADE_WARNING, "limits.memlock",
			    "put '@sense - memlock unlimited' into /etc/security/limits.d/60-sense.conf "
			    "and log in again",
			    "only %s of memory may be locked: paging may delay the reader",
			    text_bytes((double)memory.rlim_cur, text, sizeof(text)));
	read_line("/proc/sys/kernel/sched_rt_runtime_us", runtime, sizeof(runtime));
	if (*runtime && atoi(runtime) > 0)
		doctor_find(doctor, GRADE_OK, "limits.rt", NULL,
			    "real-time threads may use %d %% of a second",
			    atoi(runtime) / 10000);
	else if (*runtime && atoi(runtime) == 0)
		doctor_find(doctor, GRADE_ERROR, "limits.rt",
			    "sysctl kernel.sched_rt_runtime_us=950000",
			    "real-time scheduling is switched off");
}

void doctor_io_uring(struct doctor *doctor)
{
	struct io_uring_params params = { .flags = 0 };
	long fd = syscall(__NR_io_uring_setup, 4, &params);
	char disabled[16];

	if (fd >= 0) {
		close((int)fd);
		doctor_find(doctor, GRADE_OK, "io_uring", NULL, "io_uring can be used");
		return;
	}
	read_line("/proc/sys/kernel/io_uring_disabled", disabled, sizeof(disabled));
	doctor_find(doctor, GRADE_NOTE, "io_uring",
		    *disabled && *disabled != '0' ? "sysctl kernel.io_uring_disabled=0 allows it" :
						    "in a container, its seccomp profile forbids it",
		    "io_uring cannot be used (%s): poll and read serve instead, with more CPU time",
		    strerror(errno));
}
