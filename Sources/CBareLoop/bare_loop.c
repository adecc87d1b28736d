#define _GNU_SOURCE
#include "include/bare_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, MAX_FRAME_BYTES = 70 * 1024 };

struct state {
    struct bare_loop options;
    int redis;
    int *sockets;
    unsigned char input[READ_BYTES + MAX_FRAME_BYTES];
    size_t filled;
    unsigned char frame[MAX_FRAME_BYTES];
};

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int take_viewers(struct state *state) {
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 4096) < 0) return -1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (int place = 0; place < state->options.viewers; place++) {
        int on = 1, descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (descriptor < 0) return -1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        state->sockets[place] = descriptor;
    }
    return close(listener);
}

static int write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written <= 0) return -1;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

static int subscribe(struct state *state) {
    struct sockaddr_in address = loopback(state->options.redis_port);
    int on = 1, tasks = state->options.tasks;
    state->redis = socket(AF_INET, SOCK_STREAM, 0);
    if (state->redis < 0 || connect(state->redis, (struct sockaddr *)&address, sizeof address) < 0) return -1;
    setsockopt(state->redis, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (int place = 0; place < (tasks ? tasks : 1); place++) {
        char name[256], command[512];
        int length = tasks ? snprintf(name, sizeof name, "%s%d", state->options.channel, place)
                           : snprintf(name, sizeof name, "%s", state->options.channel);
        int size = snprintf(command, sizeof command, "*2\r\n$9\r\nSUBSCRIBE\r\n$%d\r\n%s\r\n", length, name);
        if (write_all(state->redis, command, (size_t)size) < 0) return -1;
    }
    return 0;
}

static void deliver(int descriptor, const unsigned char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes += sent;
            count -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd entry = {.fd = descriptor, .events = POLLOUT};
            poll(&entry, 1, 1000);
        } else {
            return;
        }
    }
}

// RFC 6455 5.2: one unmasked text frame.
static size_t encode(struct state *state, const unsigned char *event, size_t count) {
    size_t body = count, least = (size_t)state->options.frame_bytes;
    size_t header = body < 126 && least < 126 + 2 ? 2 : 4;
    if (body + header < least) body = least - header;
    state->frame[0] = 0x81;
    if (header == 2) {
        state->frame[1] = (unsigned char)body;
    } else {
        state->frame[1] = 126;
        state->frame[2] = (unsigned char)(body >> 8);
        state->frame[3] = (unsigned char)body;
    }
    memcpy(state->frame + header, event, count);
    memset(state->frame + header + count, ' ', body - count);
    return header + body;
}

static void publish(struct state *state, const char *channel, const unsigned char *event, size_t count) {
    size_t size = encode(state, event, count);
    if (state->options.tasks) {
        int viewer = atoi(channel + strlen(state->options.channel));
        if (viewer >= 0 && viewer < state->options.viewers) deliver(state->sockets[viewer], state->frame, size);
        return;
    }
    for (int place = 0; place < state->options.viewers; place++) deliver(state->sockets[place], state->frame, size);
}

// The line at `*at` without its end, or NULL until it is complete.
static char *line(struct state *state, size_t *at) {
    unsigned char *start = state->input + *at, *end = memchr(start, '\n', state->filled - *at);
    if (!end) return NULL;
    *at = (size_t)(end - state->input) + 1;
    return (char *)start;
}

// One bulk string, or NULL until it is complete.
static unsigned char *bulk(struct state *state, size_t *at, size_t *count) {
    char *head = line(state, at);
    if (!head || *head != '$') return NULL;
    *count = (size_t)atol(head + 1);
    unsigned char *start = state->input + *at;
    if (*count > MAX_FRAME_BYTES - 16 || *at + *count + 2 > state->filled) return NULL;
    *at += *count + 2;
    return start;
}

// Handles the push at `*at` and moves past it. Returns 0 until it is complete. Counts confirmations.
static int push(struct state *state, size_t *at, int *confirmed) {
    size_t place = *at, kind_bytes, channel_bytes, event_bytes;
    unsigned char *kind, *channel, *event;
    if (!line(state, &place)) return 0;
    if (!(kind = bulk(state, &place, &kind_bytes)) || !(channel = bulk(state, &place, &channel_bytes))) return 0;
    if (kind_bytes != 7) {  // "subscribe"
        if (!line(state, &place)) return 0;
        *confirmed += 1;
    } else {
        if (!(event = bulk(state, &place, &event_bytes))) return 0;
        publish(state, (char *)channel, event, event_bytes);  // the channel's name ends with \r, where atoi stops
    }
    *at = place;
    return 1;
}

static int serve(struct state *state) {
    int confirmed = 0, wanted = state->options.tasks ? state->options.tasks : 1, is_ready = 0;
    for (;;) {
        ssize_t count = read(state->redis, state->input + state->filled, READ_BYTES);
        if (count <= 0) return (int)count;
        state->filled += (size_t)count;
        size_t at = 0;
        while (push(state, &at, &confirmed)) {}
        memmove(state->input, state->input + at, state->filled - at);
        state->filled -= at;
        if (!is_ready && confirmed == wanted) {
            is_ready = 1;
            puts("ready");
            fflush(stdout);
        }
        if (state->filled > MAX_FRAME_BYTES) {
            errno = EMSGSIZE;
            return -1;
        }
    }
}

int bare_loop_run(struct bare_loop options) {
    struct state *state = calloc(1, sizeof *state);
    if (!state) return -1;
    state->options = options;
    state->sockets = calloc((size_t)options.viewers + 1, sizeof *state->sockets);
    int result = state->sockets && take_viewers(state) == 0 && subscribe(state) == 0 ? serve(state) : -1;
    free(state->sockets);
    free(state);
    return result;
}
