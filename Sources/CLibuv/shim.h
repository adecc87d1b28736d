#include <uv.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

// Swift's Glibc module is built without _GNU_SOURCE, so the declarations of these two are hidden from it.
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

// The socket constants are an enum in C, and three different Swift types; one call, so that every caller gets both flags.
static inline int fantail_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }
static inline int fantail_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// RLIMIT_NOFILE's parameter type differs between the C libraries.
static inline int fantail_open_file_limit(struct rlimit *limit) { return getrlimit(RLIMIT_NOFILE, limit); }
static inline int fantail_set_open_file_limit(const struct rlimit *limit) { return setrlimit(RLIMIT_NOFILE, limit); }
