/* The first process of the emulated board. Runs `turns` once for each folder of /cases,
 * with the variables of its file `environment` (a line each) and the arguments in its file
 * `programs` (a line each), then switches the board off.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 100

/* Appends the lines of a file to a list. */
static void lines(const char *folder, const char *name, char **list, int count)
{
	char path[300], line[1000];

	snprintf(path, sizeof path, "/cases/%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	while (file && count < MOST && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		list[count++] = strdup(line);
	}
	list[count] = NULL;
	if (file)
		fclose(file);
}

/* Seeds the random number generator, as on a board that has been up for a while. Otherwise
 * each program that starts waits for the kernel to gather entropy. */
static void seed(void)
{
	struct {
		int bits, length;
		unsigned words[16];
	} pool = { 512, sizeof pool.words, { 1, 2, 3, 4, 5, 6, 7, 8 } };
	int random = open("/dev/urandom", O_WRONLY);

	ioctl(random, RNDADDENTROPY, &pool);
	close(random);
}

int main(void)
{
	struct dirent **folders;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	seed();
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mkdir("/tmp", 01777);
	mount("tmpfs", "/tmp", "tmpfs", 0, "size=8m");
	int count = scandir("/cases", &folders, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char *arguments[MOST + 1] = { "/bin/turns" }, *variables[MOST + 1];
		if (folders[i]->d_name[0] == '.')
			continue;
		lines(folders[i]->d_name, "programs", arguments, 1);
		lines(folders[i]->d_name, "environment", variables, 0);
		printf("@%s\n", folders[i]->d_name);
		fflush(stdout);
		if (!fork()) {
			execve(arguments[0], arguments, variables);
			_exit(127);
		}
		wait(NULL);
	}
	printf("@@\n");
	fflush(stdout);
	sleep(1);
	reboot(RB_AUTOBOOT);
	return 0;
}
