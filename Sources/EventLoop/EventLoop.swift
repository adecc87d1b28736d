internal import CLibuv
internal import Glibc
internal import Synchronization
internal import Threads

/// One thread with its own libuv loop: sockets, timers, signals, and the executor of the actors that live on it.
///
/// A *turn* is what happens between two sleeps of the thread, in this order: the sockets' callbacks, timers that are
/// due, jobs and bodies queued from anywhere, then what ``beforeSleep(_:)`` was given. An actor lives on the loop when
/// its `unownedExecutor` is the loop's `asUnownedSerialExecutor()`; callbacks then reach it by `assumeIsolated`.
///
/// What is marked *loop only* traps on any other thread.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    // Sendable: `inbox`, `thread` and `threadID` are locked or atomic, `name`, `uv` and `receiveBuffer` never change;
    // all the rest is touched on the loop's thread only, or before that starts and after it has ended.

    /// The thread's name, of which the system shows the first 15 bytes.
    public let name: String

    let uv: UnsafeMutablePointer<uv_loop_t>
    let internals: LoopInternals
    /// What every stream of the loop reads into.
    let receiveBuffer: UnsafeMutableRawBufferPointer
    /// Where streams that speak TLS put what they have decrypted, and gather what they encrypt. Nil before the first.
    var recordBuffers: RecordBuffers?

    let inbox = Inbox()
    private let thread = Locked<pthread_t?>(nil)
    private let threadID = Atomic<UInt>(0)
    private let wasStarted = Atomic<Bool>(false)

    /// Queued on the loop's own thread, for this turn.
    var localWork: ContiguousArray<Work> = []
    /// Being run. Kept for its memory.
    var runningWork: ContiguousArray<Work> = []
    /// What runs last in every turn, in this order.
    var sleepHooks: [TurnHook] = []
    var wheel: TimerWheel<Timer>
    /// When the one uv_timer goes off, while it is set.
    var alarmTime: UInt64?

    /// Streams, listening sockets and signals whose memory libuv still uses.
    var openHandles = 0
    /// Connections being made, name lookups included.
    var connectAttempts: [ObjectIdentifier: ConnectAttempt] = [:]
    /// Name lookups that libuv's threads have not given back yet.
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
        // Nobody joins it any more.
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

    /// Ends the loop, from any thread, once or often: every stream, listener and signal source is closed (and says so),
    /// connections being made fail with `ECANCELED`, queued jobs still run, then the thread ends. A name lookup under
    /// way is waited for, since libuv cannot take it back. Timers fire no more; jobs that come after the end never run.
    public func stop() {
        inbox.requestStop(waking: internals.wakeup)
    }

    /// Blocks until the thread has ended. From any thread but the loop's own.
    public func join() {
        precondition(!isCurrent, "EventLoop \(name): joined by its own thread")
        thread.withLock { thread in
            guard let identifier = thread.take() else { return }
            pthread_join(identifier, nil)
        }
    }

    /// Whether the caller is on this loop's thread.
    public var isCurrent: Bool { threadID.load(ordering: .relaxed) == pthread_self() }

    /// Milliseconds on a clock that only goes forward, the same throughout a turn. Loop only.
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
        // A closure may own the loop: both would stay for ever.
        for hook in sleepHooks { hook.forget() }
        sleepHooks = []
        wheel = TimerWheel(now: 0)
        let code = uv_loop_close(uv)
        precondition(code == 0, "EventLoop \(name): handles are open at the end")
        threadID.store(0, ordering: .relaxed)
    }
}
