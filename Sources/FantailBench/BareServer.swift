import CBareLoop
import Glibc

/// The baseline of the benchmarks, as a process: the least that a fan-out server must do, in C (`bare_loop.h`).
enum BareServer {
    static func run(_ options: Options) {
        let channel = options.text("channel") ?? Bed.channel
        let result = channel.withCString {
            bare_loop_run(
                bare_loop(
                    redis_port: Int32(options.number("redis-port", 6379)), channel: $0,
                    tasks: Int32(options.number("tasks", 0)), viewers: Int32(options.number("count", 1)),
                    frame_bytes: Int32(options.number("bytes", 0))))
        }
        if result != 0 { FantailBench.fail("the bare loop has failed: \(String(cString: strerror(errno)))") }
    }
}
