#ifndef BARE_LOOP_H
#define BARE_LOOP_H

// The least that a fan-out server can do, as what others are measured against: it reads events from Redis' pub/sub and
// sends each, in a WebSocket frame, to its viewers, one send(2) a viewer and event, from one thread that blocks in read(2).
// It keeps no state, checks nothing and looks nothing up.

struct bare_loop {
    int redis_port;       // a Redis on 127.0.0.1
    const char *channel;  // what to subscribe to: this name, or with tasks the name followed by 0 to tasks - 1
    int tasks;            // 0: every event goes to every viewer; else viewer number i gets the events of channel i
    int viewers;          // sockets to accept before subscribing
    int frame_bytes;      // bytes of a frame in all: shorter events are padded with blanks
};

// Prints "port N", takes its viewers, prints "ready" once it is subscribed, and serves until Redis closes the connection.
// Returns 0 then, else -1 with errno set.
int bare_loop_run(struct bare_loop options);

#endif
