internal import CLibuv
internal import Glibc
internal import Synchronization

/// One thread with one libuv loop, and the serial executor of the actor that lives on it.
///
/// A turn is: timers, sockets, jobs of the actor, then the hooks of ``beforeSleep(_:)``, then sleep. Everything but
/// ``start()``, ``stop()``, ``join()``, ``isCurrent``, ``execute(_:)`` and `enqueue` may only be called on the loop's thread.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    // Sendable: `queue` and `threadID` are synchronised; the rest is touched on the loop's thread only, or before it starts.

    /// What other threads ask the loop to do.
    enum Work {
        case job(UnownedJob)
        case body(@Sendable () -> Void)
    }

    /// The thread's name, at most 15 bytes (PR_SET_NAME).
    public let name: String
    let uv: UnsafeMutablePointer<uv_loop_t>
    /// Where every stream of this loop reads to. One is enough: reads are handled before the next one.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    private let queue = Mutex<[Work]>([])
    private let threadID = Atomic<UInt>(0)
    private var thread = pthread_t()
    private let wakeup = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
    private let prepare = UnsafeMutablePointer<uv_prepare_t>.allocate(capacity: 1)
    private let timer = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
    private var wheel: TimerWheel
    private var armedFor = UInt64.max
    private var hooks: [() -> Void] = []
    private var isStopping = false

    /// Jobs may queue further jobs; after so many rounds sockets get their turn again.
    private static let maxRounds = 16

    /// A loop whose thread does not run yet.
    public init(name: String) throws(SystemError) {
        self.name = name
        uv = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
        try SystemError.check(uv_loop_init(uv), "uv_loop_init")
        wheel = TimerWheel(now: uv_now(uv))
        uv_async_init(uv, wakeup) { EventLoop.from($0!.pointee.loop).drainIsDue() }
        uv_prepare_init(uv, prepare)
        uv_timer_init(uv, timer)
        uv.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        for handle in ownHandles { handle.pointee.data = nil }
        uv_prepare_start(prepare) { EventLoop.from($0!.pointee.loop).finishTurn() }
    }

    deinit {
        uv_loop_close(uv)
        uv.deallocate()
        wakeup.deallocate()
        prepare.deallocate()
        timer.deallocate()
        receiveBuffer.deallocate()
    }

    private static func from(_ uv: UnsafeMutablePointer<uv_loop_t>?) -> EventLoop {
        Unmanaged<EventLoop>.fromOpaque(uv!.pointee.data).takeUnretainedValue()
    }

    private var ownHandles: [UnsafeMutablePointer<uv_handle_t>] {
        [UnsafeMutableRawPointer(wakeup), UnsafeMutableRawPointer(prepare), UnsafeMutableRawPointer(timer)]
            .map { $0.assumingMemoryBound(to: uv_handle_t.self) }
    }

    // MARK: The thread

    /// Starts the thread. Call it once.
    public func start() {
        let this = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&thread, nil, { Unmanaged<EventLoop>.fromOpaque($0!).takeRetainedValue().run() }, this)
        precondition(status == 0, "EventLoop: pthread_create failed with \(status)")
    }

    private func run() -> UnsafeMutableRawPointer? {
        fantail_name_thread(String(name.prefix(15)))
        threadID.store(UInt(pthread_self()), ordering: .releasing)
        uv_run(uv, UV_RUN_DEFAULT)
        threadID.store(0, ordering: .releasing)
        return nil
    }

    /// Closes everything that is open on the loop and ends its thread. Any thread may call it.
    public func stop() { execute { self.closeAll() } }

    /// Waits until the thread has ended.
    public func join() { pthread_join(thread, nil) }

    /// Whether this is the loop's thread.
    public var isCurrent: Bool { threadID.load(ordering: .acquiring) == UInt(pthread_self()) }

    private func closeAll() {
        guard !isStopping else { return }
        isStopping = true
        // The handles of streams and listeners first: their owners may still want to schedule something.
        uv_walk(
            uv,
            { handle, _ in
                guard let data = handle!.pointee.data, uv_is_closing(handle) == 0 else { return }
                Unmanaged<LoopHandle>.fromOpaque(data).takeUnretainedValue().loopWillStop()
            }, nil)
        for handle in ownHandles { uv_close(handle, nil) }
    }

    // MARK: Executor

    /// Runs `body` on the loop, soon. Any thread may call it.
    public func execute(_ body: @escaping @Sendable () -> Void) { push(.body(body)) }

    /// Runs a job of the loop's actor.
    public func enqueue(_ job: consuming ExecutorJob) { push(.job(UnownedJob(job))) }

    /// Lets `assumeIsolated` and the compiler's checks pass on the loop's thread.
    public func checkIsolated() { precondition(isCurrent, "EventLoop \(name): not on its thread") }

    /// Whether the caller runs on this executor.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func push(_ work: Work) {
        let wasEmpty = queue.withLock { queue in
            queue.append(work)
            return queue.count == 1
        }
        // On the loop's own thread the turn's end will find it; elsewhere one wake-up is enough for all that is queued.
        if wasEmpty, !isCurrent { uv_async_send(wakeup) }
    }

    private func drainIsDue() {}  // The wake-up has ended the sleep; the work is done at the end of the turn.

    private func drain() {
        let work = queue.withLock { queue in
            defer { queue = [] }
            return queue
        }
        for item in work {
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .body(let body): body()
            }
        }
    }

    // MARK: Turns

    /// Runs `body` last in every turn, before the loop sleeps.
    public func beforeSleep(_ body: @escaping () -> Void) { hooks.append(body) }

    /// libuv's prepare phase: the last thing before it polls.
    private func finishTurn() {
        for _ in 0..<Self.maxRounds {
            drain()
            for hook in hooks { hook() }
            if queue.withLock({ $0.isEmpty }) { return arm() }
        }
        uv_async_send(wakeup)
        arm()
    }

    // MARK: Timers

    /// Milliseconds on a clock that never jumps, the same during a turn.
    public var now: UInt64 { uv_now(uv) }

    /// Runs `body` once, after so many milliseconds.
    @discardableResult
    public func schedule(after milliseconds: UInt64, _ body: @escaping () -> Void) -> Timer {
        let timer = Timer(deadline: now &+ milliseconds, loop: self, body: body)
        wheel.insert(timer)
        return timer
    }

    func forget(_ timer: Timer) { wheel.remove(timer) }

    /// Sets libuv's one timer to the next deadline. Called once a turn, so starting and cancelling touch only the wheel.
    private func arm() {
        guard !isStopping, let wait = wheel.wait(now: now) else { return }
        guard now + wait != armedFor || uv_is_active(timer.handle) == 0 else { return }
        armedFor = now + wait
        uv_timer_start(timer, { EventLoop.from($0!.pointee.loop).fireTimers() }, wait, 0)
    }

    private func fireTimers() {
        for timer in wheel.advance(to: now) { timer.fire() }
    }
}

extension UnsafeMutablePointer<uv_timer_t> {
    fileprivate var handle: UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: uv_handle_t.self)
    }
}
