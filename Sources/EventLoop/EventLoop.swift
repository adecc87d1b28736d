internal import CLibuv
internal import Glibc
internal import Synchronization
internal import Threads

/// One thread with its own libuv loop: sockets, timers, signals, and the executor of the actors that live on it.
///
/// A *turn* is the work between two sleeps of the thread, in this order: the sockets' callbacks, due timers, jobs and
/// bodies queued from any thread, then the hooks of ``beforeSleep(_:)``. An actor lives on the loop when its
/// `unownedExecutor` is the loop's `asUnownedSerialExecutor()`; callbacks then reach it by `assumeIsolated`.
///
/// Members marked *loop only* trap on any other thread.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    // Sendable: `inbox`, `thread` and `threadID` are locked or atomic, `name`, `uv` and `receiveBuffer` never change;
    // only the loop's thread uses the rest, or other threads before its start and after its end.

    /// The thread's name, of which the system shows the first 15 bytes.
    public let name: String

    let uv: UnsafeMutablePointer<uv_loop_t>
    let internals: LoopInternals
    /// The receive buffer of all streams of the loop.
    let receiveBuffer: UnsafeMutableRawBufferPointer
    /// The buffers of TLS streams for decrypted and for gathered bytes. Nil before the first TLS stream.
    var recordBuffers: RecordBuffers?

    let inbox = Inbox()
    private let thread = Locked<pthread_t?>(nil)
    private let threadID = Atomic<UInt>(0)
    private let wasStarted = Atomic<Bool>(false)

    /// Work that the loop's own thread queued for this turn.
    var localWork: ContiguousArray<Work> = []
    /// The work that runs now. Kept for its memory.
    var runningWork: ContiguousArray<Work> = []
    /// The hooks at the end of every turn, in this order.
    var sleepHooks: [TurnHook] = []
    var wheel: TimerWheel<Timer>
    /// The deadline of the one uv_timer, while it is set.
    var alarmTime: UInt64?

    /// Streams, listening sockets and signals whose memory libuv still uses.
    var openHandles = 0
    /// Connection attempts, name lookups included.
    var connectAttempts: [ObjectIdentifier: ConnectAttempt] = [:]
    /// Name lookups that libuv's threads have not returned yet.
    var lookups = 0
    var isStopping = false

    /// Sets up a loop; nothing runs before ``start()``.
    public init(name: String) throws(SystemError) {
        self.name = name
        uv = .allocate(capacity: 1)
        let code = uv_loop_init(uv)
        guard code == 0 else {
            uv.deallocate()
            throw SystemError(.start, code: code)
        }
        do {
            internals = try LoopInternals(uv)
        } catch {
            uv_loop_close(uv)
            uv.deallocate()
            throw error
        }
        receiveBuffer = .allocate(byteCount: EventLoopLimits.receiveBufferBytes, alignment: 16)
        wheel = TimerWheel(now: uv_now(uv))
        uv_loop_set_data(uv, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        if !wasStarted.load(ordering: .relaxed) {
            internals.close()
            uv_run(uv, UV_RUN_DEFAULT)
            uv_loop_close(uv)
        }
        // No thread will join the thread any more.
        if let identifier = thread.withLock({ $0.take() }) { pthread_detach(identifier) }
        internals.deallocate()
        receiveBuffer.deallocate()
        uv.deallocate()
    }

    /// Starts the thread, once.
    public func start() throws(SystemError) {
        let isFirst = !wasStarted.exchange(true, ordering: .relaxed)
        precondition(isFirst, "EventLoop \(name): started twice")
        let retained = Unmanaged.passRetained(self)
        let code = thread.withLock { thread in
            var identifier = pthread_t()
            let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
                Unmanaged<EventLoop>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }
            let code = pthread_create(&identifier, nil, main, retained.toOpaque())
            if code == 0 { thread = identifier }
            return code
        }
        guard code == 0 else {
            retained.release()
            wasStarted.store(false, ordering: .relaxed)
            throw SystemError(.start, code: code)
        }
    }

    /// Ends the loop, from any thread, once or often: closes every stream, listener and signal source (and tells them),
    /// fails connection attempts with `ECANCELED`, runs queued jobs, then ends the thread. It waits for a name lookup
    /// under way, which libuv cannot cancel. Timers fire no more; jobs queued after the end never run.
    public func stop() {
        inbox.requestStop(waking: internals.wakeup)
    }

    /// Blocks until the thread has ended. From any other thread.
    public func join() {
        precondition(!isCurrent, "EventLoop \(name): joined by its own thread")
        thread.withLock { thread in
            guard let identifier = thread.take() else { return }
            pthread_join(identifier, nil)
        }
    }

    /// Whether the caller is on this loop's thread.
    public var isCurrent: Bool { threadID.load(ordering: .relaxed) == pthread_self() }

    /// Milliseconds on a monotonic clock, the same throughout a turn. Loop only.
    public var now: UInt64 {
        assertCurrent()
        return uv_now(uv)
    }

    func assertCurrent(_ function: StaticString = #function) {
        precondition(isCurrent, "EventLoop \(name): \(function) is for the loop's own thread")
    }

    private func run() {
        pthread_setname_np(pthread_self(), String(name.prefix(15)))
        threadID.store(pthread_self(), ordering: .relaxed)
        uv_run(uv, UV_RUN_DEFAULT)
        // A closure may own the loop: both would leak.
        for hook in sleepHooks { hook.forget() }
        sleepHooks = []
        wheel = TimerWheel(now: 0)
        let code = uv_loop_close(uv)
        precondition(code == 0, "EventLoop \(name): handles are open at the end")
        threadID.store(0, ordering: .relaxed)
    }
}
