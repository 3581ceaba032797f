// SPDX-License-Identifier: GPL-2.0-or-later
/* Driver, udev rule and group, devices and who may open them. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <sense/device.h>
#include <sense/error.h>

#include "describe.h"
#include "doctor.h"
#include "read-text.h"

/* Whether modprobe would find the module. */
static int installed(const char *module)
{
	struct utsname name;
	char path[200], line[512];
	FILE *file;
	int found = 0;

	uname(&name);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", name.release);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, ":")] = 0;
		found = strstr(line, module) != NULL;
	}
	fclose(file);
	return found;
}

void doctor_driver(struct doctor *doctor)
{
	char version[64], srcversion[64];

	if (access("/sys/module/sense_pcie", F_OK) == 0) {
		read_line("/sys/module/sense_pcie/version", version, sizeof(version));
		read_line("/sys/module/sense_pcie/srcversion", srcversion, sizeof(srcversion));
		doctor_find(doctor, GRADE_OK, "driver", NULL, "sense_pcie is loaded%s%s%s%s",
			    *version ? ", version " : "", version,
			    *srcversion ? ", source " : "", srcversion);
	} else if (installed("sense-pcie") || installed("sense_pcie")) {
		doctor_find(doctor, GRADE_NOTE, "driver", "modprobe sense_pcie",
			    "sense_pcie is installed but not loaded");
	} else {
		doctor_find(doctor, GRADE_NOTE, "driver",
			    "for a Sense card: make modules && make modules_install && depmod && "
			    "modprobe sense_pcie",
			    "sense_pcie is not installed for this kernel; other IIO drivers work "
			    "without it");
	}
}

static int rule_installed(void)
{
	static const char *const folders[] = { "/etc/udev/rules.d", "/run/udev/rules.d",
					       "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
					       "/lib/udev/rules.d" };
	char path[128];

	for (unsigned int i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/60-sense.rules", folders[i]);
		if (access(path, F_OK) == 0)
			return 1;
	}
	return 0;
}

static int member(gid_t gid)
{
	int count = getgroups(0, NULL);
	gid_t *groups = count > 0 ? calloc((size_t)count, sizeof(*groups)) : NULL;
	int found = getegid() == gid;

	if (groups) {
		count = getgroups(count, groups);
		for (int i = 0; i < count; i++)
			found |= groups[i] == gid;
		free(groups);
	}
	return found;
}

void doctor_udev(struct doctor *doctor)
{
	const struct group *group = getgrnam("sense");

	if (rule_installed())
		doctor_find(doctor, GRADE_OK, "udev.rule", NULL, "60-sense.rules is installed");
	else
		doctor_find(doctor, GRADE_WARNING, "udev.rule",
			    "make install, then udevadm control --reload && udevadm trigger -s iio",
			    "60-sense.rules is not installed: devices belong to root alone and have "
			    "no name that stays");
	if (!group)
		doctor_find(doctor, GRADE_WARNING, "group",
			    "make install, then systemd-sysusers; or groupadd --system sense",
			    "there is no group 'sense'");
	else if (geteuid() == 0 || member(group->gr_gid))
		doctor_find(doctor, GRADE_OK, "group", NULL, "this user may use devices of the group 'sense'");
	else
		doctor_find(doctor, GRADE_WARNING, "group",
			    "usermod -aG sense YOU, and log in again",
			    "this user is not in the group 'sense'");
}

static void examine(struct doctor *doctor, const struct sense_device_info *info)
{
	const char *id = sense_device_info_get_id(info), *node = sense_device_info_get_node(info);
	uint32_t features = sense_device_info_get_features(info);
	char text[128];

	if (!*node) {
		doctor_find(doctor, GRADE_NOTE, "device", NULL,
			    "%s has no buffer: single readings only", id);
		return;
	}
	if (access(node, R_OK | W_OK) != 0 && errno == ENOENT)
		doctor_find(doctor, GRADE_ERROR, "device.node",
			    "start udevd, or mount devtmpfs on /dev", "%s: there is no %s", id, node);
	else if (access(node, R_OK | W_OK) != 0)
		doctor_find(doctor, GRADE_ERROR, "device.node",
			    "join the group 'sense' (usermod -aG sense YOU, then log in again)",
			    "%s: this user may not open %s", id, node);
	else
		doctor_find(doctor, GRADE_OK, "device", NULL, "%s on %s%s", id, node,
			    features & SENSE_FEATURE_SIMULATED ? ", simulated" : "");
	if (!(features & SENSE_FEATURE_SEQUENCE))
		doctor_find(doctor, GRADE_NOTE, "device.sequence", NULL,
			    "%s numbers no scans: lost ones are judged by time", id);
	describe_attribute(info, "current_timestamp_clock", text, sizeof(text));
	if (*text && strcmp(text, "tai") != 0 && strcmp(text, "realtime") != 0)
		doctor_find(doctor, GRADE_NOTE, "device.clock", NULL,
			    "%s stamps by the clock '%s' now; sense sets it when it opens the device",
			    id, text);
}

void doctor_devices(struct doctor *doctor)
{
	struct sense_device_list *list;
	unsigned int count;

	if (access("/sys/bus/iio", F_OK) != 0) {
		doctor_find(doctor, GRADE_ERROR, "iio",
			    "modprobe industrialio, or load the driver of your card",
			    "the kernel's IIO subsystem is not loaded: there can be no device");
		return;
	}
	list = sense_device_list_new();
	if (!list) {
		doctor_find(doctor, GRADE_ERROR, "iio", sense_error_last()->remedy, "%s",
			    sense_error_last()->sentence);
		return;
	}
	count = sense_device_list_get_count(list);
	if (!count)
		doctor_find(doctor, GRADE_ERROR, "device",
			    "see that the card is seated (lspci) and its driver loaded; 'make run' "
			    "starts a simulated card",
			    "there is no IIO device");
	for (unsigned int i = 0; i < count; i++)
		examine(doctor, sense_device_list_get(list, i));
	sense_device_list_free(list);
}
