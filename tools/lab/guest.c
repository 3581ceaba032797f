// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest.c - the guest's initramfs: the part common to all runs on a kernel, made once by
 * guest-image, and what belongs to this run: the driver, an /etc of our own, run.conf.
 *
 * The guest's /etc is made up, and only what programs need to find libraries and data is copied,
 * so that no key, password or home of the host's comes along.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpio.h"
#include "lab.h"

static const char passwd[] =
	"root:x:0:0:root:/root:/bin/bash\n"
	"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
	"guest:x:1000:1000:guest:/home/guest:/bin/bash\n";
static const char group[] =
	"root:x:0:\ntty:x:5:\ndisk:x:6:\nkmem:x:15:\ndialout:x:20:\naudio:x:29:\nvideo:x:44:\n"
	"sense:x:990:\ninput:x:991:\nsgx:x:992:\nkvm:x:993:\nrender:x:994:\nlp:x:7:\ncdrom:x:24:\n"
	"tape:x:26:\nnogroup:x:65534:\nguest:x:1000:\n";

/* What is public in the host's /etc and needed to run its programs. */
static const char * const etc[] = {
	"alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "terminfo", "mke2fs.conf",
	"os-release", "debian_version", "protocols", "services", "inputrc", "octave.conf",
	"localtime", "timezone", "mime.types", "fonts", "libaudit.conf", "bash_completion",
	"bash_completion.d", "udev/udev.conf", "gss",
};

static int build_base(const struct lab_options *options, const char *image)
{
	char script[2200], agent[2200];
	int status;
	pid_t pid;

	snprintf(script, sizeof(script), "%s/tools/lab/guest-image", options->root);
	snprintf(agent, sizeof(agent), "%s/build/lab/agent", options->root);
	pid = fork();
	if (pid == 0) {
		execl(script, script, options->kernel_dir, agent, image, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) {
		lab_say("the guest's initramfs cannot be built by %s", script);
		return -1;
	}
	return 0;
}

static bool newer(const char *a, const char *b)
{
	struct stat one, two;

	return !stat(a, &one) && (stat(b, &two) || one.st_mtime > two.st_mtime);
}

static int copy(int to, const char *path)
{
	char buffer[1 << 16];
	ssize_t n = -1;
	int from = open(path, O_RDONLY | O_CLOEXEC);

	while (from >= 0 && (n = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)n) != n)
			break;
	if (from >= 0)
		close(from);
	return n == 0 ? 0 : -1;
}

static void add_drivers(struct lab_cpio *cpio, const char *directory)
{
	struct dirent **list;
	int count = scandir(directory, &list, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *dot = strrchr(list[i]->d_name, '.');
		char name[300], path[2600];

		if (dot && !strcmp(dot, ".ko")) {
			snprintf(name, sizeof(name), "lab/driver/%s", list[i]->d_name);
			snprintf(path, sizeof(path), "%s/%s", directory, list[i]->d_name);
			lab_cpio_file(cpio, name, path);
		}
		free(list[i]);
	}
	if (count >= 0)
		free(list);
}

int lab_guest_image(const struct lab_options *options)
{
	char image[2300], source[2300], text[5000];
	struct lab_cpio cpio;
	int fd;

	snprintf(image, sizeof(image), "%s/build/lab/initramfs-%s.cpio", options->root,
		 options->kernel);
	snprintf(source, sizeof(source), "%s/build/lab/agent", options->root);
	snprintf(text, sizeof(text), "%s/tools/lab/guest/init", options->root);
	if (newer(source, image) || newer(text, image)) {
		if (build_base(options, image))
			return -1;
	} else {
		snprintf(text, sizeof(text), "%s/tools/lab/guest-image", options->root);
		snprintf(source, sizeof(source), "%s/release", options->kernel_dir);
		if ((newer(text, image) || newer(source, image)) && build_base(options, image))
			return -1;
	}

	fd = memfd_create("initramfs", MFD_CLOEXEC);
	if (fd < 0 || copy(fd, image)) {
		lab_say("%s cannot be read: %s", image, strerror(errno));
		return -1;
	}
	lab_cpio_start(&cpio, fd);
	lab_cpio_text(&cpio, "etc/passwd", 0644, passwd);
	lab_cpio_text(&cpio, "etc/group", 0644, group);
	lab_cpio_text(&cpio, "etc/hostname", 0644, "sense-lab\n");
	lab_cpio_text(&cpio, "etc/hosts", 0644, "127.0.0.1 localhost sense-lab\n::1 localhost\n");
	lab_cpio_text(&cpio, "etc/nsswitch.conf", 0644,
		      "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n");
	if (options->network)
		lab_cpio_text(&cpio, "etc/resolv.conf", 0644, "nameserver 10.0.2.3\n");
	lab_cpio_directory(&cpio, "etc/udev");
	lab_cpio_directory(&cpio, "etc/ssl");
	lab_cpio_tree(&cpio, "etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf");
	for (size_t i = 0; i < sizeof(etc) / sizeof(etc[0]); i++) {
		char name[128], path[128];

		snprintf(name, sizeof(name), "etc/%s", etc[i]);
		snprintf(path, sizeof(path), "/etc/%s", etc[i]);
		lab_cpio_tree(&cpio, name, path);
	}
	if (options->load_driver)
		add_drivers(&cpio, options->modules);
	snprintf(text, sizeof(text), "lab_project='%s'\nlab_disk='%s'\nlab_share='%s'\n"
		 "lab_udev=%s\nlab_network=%s\n", options->root,
		 options->disk[0] ? options->disk_mount : "", options->share,
		 options->udev ? "1" : "", options->network ? "1" : "");
	lab_cpio_text(&cpio, "lab/run.conf", 0644, text);
	if (lab_cpio_end(&cpio)) {
		lab_say("the guest's initramfs cannot be written: %s", strerror(-cpio.error));
		close(fd);
		return -1;
	}
	return fd;
}
