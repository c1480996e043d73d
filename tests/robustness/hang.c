/* Preloaded (LD_PRELOAD), it makes what is asked of one name never come back, as a dead disk or share does:
   HANG_NAME is a part of the path, HANG_WHAT what hangs: open, read, list or stat. HANG_AFTER lets so many bytes be read first. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int meant(const char *path, const char *what)
{
    const char *name = getenv("HANG_NAME"), *wanted = getenv("HANG_WHAT");
    return name && wanted && path && !strcmp(what, wanted) && strstr(path, name);
}

static void hang(void)
{
    for (;;)
        pause();
}

static int is_of(int fd, const char *what)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return meant(path, what);
}

int open64(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    if (!real)
        real = dlsym(RTLD_NEXT, "open64");
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    if (meant(path, flags & O_DIRECTORY ? "list" : "open"))
        hang();
    return real(path, flags, mode);
}

ssize_t read(int fd, void *buffer, size_t count)
{
    static ssize_t (*real)(int, void *, size_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "read");
    if (is_of(fd, "read")) {
        const char *text = getenv("HANG_AFTER");
        off_t after = text ? atoll(text) : 0, at = lseek(fd, 0, SEEK_CUR);
        if (at >= after)
            hang();
        if ((off_t)count > after - at)
            count = (size_t)(after - at);
    }
    return real(fd, buffer, count);
}

DIR *opendir(const char *path)
{
    static DIR *(*real)(const char *);
    if (!real)
        real = dlsym(RTLD_NEXT, "opendir");
    if (meant(path, "list"))
        hang();
    return real(path);
}

int lstat64(const char *path, struct stat64 *buffer)
{
    static int (*real)(const char *, struct stat64 *);
    if (!real)
        real = dlsym(RTLD_NEXT, "lstat64");
    if (meant(path, "stat"))
        hang();
    return real(path, buffer);
}
