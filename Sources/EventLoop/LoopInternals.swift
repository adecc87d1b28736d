internal import CLibuv

/// The loop's own four libuv handles. C remembers their addresses, so each is a separate allocation.
///
/// Their `data` is nil, unlike that of the handles of streams, listening sockets and signals.
struct LoopInternals {
    /// Wakes the loop, from any thread.
    let wakeup: UnsafeMutablePointer<uv_async_t>
    /// Runs just before the loop polls.
    let turnEnd: UnsafeMutablePointer<uv_prepare_t>
    /// While active, the loop polls without sleeping.
    let stayAwake: UnsafeMutablePointer<uv_idle_t>
    /// Fires for all timers.
    let alarm: UnsafeMutablePointer<uv_timer_t>

    /// Throws where the process has no descriptor for the eventfd of `wakeup`; the other handles cannot fail.
    init(_ uv: UnsafeMutablePointer<uv_loop_t>) throws(SystemError) {
        wakeup = .allocate(capacity: 1)
        turnEnd = .allocate(capacity: 1)
        stayAwake = .allocate(capacity: 1)
        alarm = .allocate(capacity: 1)
        let code = uv_async_init(uv, wakeup) { _ in }
        guard code == 0 else {
            deallocate()
            throw SystemError(.start, code: code)
        }
        uv_prepare_init(uv, turnEnd)
        uv_prepare_start(turnEnd) { EventLoop.owner(of: $0!.pointee.loop).endTurn() }
        uv_idle_init(uv, stayAwake)
        uv_timer_init(uv, alarm)
        for handle in all { uv_handle_set_data(handle, nil) }
    }

    var isClosing: Bool { uv_is_closing(all[0]) != 0 }

    func close() {
        for handle in all { uv_close(handle, nil) }
    }

    func deallocate() {
        wakeup.deallocate()
        turnEnd.deallocate()
        stayAwake.deallocate()
        alarm.deallocate()
    }

    private var all: [UnsafeMutablePointer<uv_handle_t>] {
        let pointers: [UnsafeMutableRawPointer] = [.init(wakeup), .init(turnEnd), .init(stayAwake), .init(alarm)]
        return pointers.map { $0.assumingMemoryBound(to: uv_handle_t.self) }
    }
}

extension EventLoop {
    /// The loop of a C callback.
    static func owner(of uv: UnsafeMutablePointer<uv_loop_t>) -> EventLoop {
        Unmanaged<EventLoop>.fromOpaque(uv_loop_get_data(uv)).takeUnretainedValue()
    }
}
