internal import CLibuv
internal import Threads

/// Work for the loop.
enum Work: Sendable {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// The work that other threads queue for a loop: the only place where threads meet.
///
/// A thread signals libuv's handle under the lock, so that no other thread closes it meanwhile, and only once until the
/// loop looks: each signal is a system call.
struct Inbox {
    private struct State {
        var work: ContiguousArray<Work> = []
        var wantsStop = false
        var isAwaited = false
        var isOpen = true

        /// uv_async_send is the only function of libuv that other threads may call.
        mutating func wake(_ handle: UnsafeMutablePointer<uv_async_t>) {
            guard !isAwaited else { return }
            isAwaited = true
            uv_async_send(handle)
        }
    }

    private let state = Locked(State())

    /// Queues work. Drops it after the loop's end.
    func post(_ work: Work, waking handle: UnsafeMutablePointer<uv_async_t>) {
        state.withLock { state in
            guard state.isOpen else { return }
            state.work.append(work)
            state.wake(handle)
        }
    }

    /// Asks for the loop's end.
    func requestStop(waking handle: UnsafeMutablePointer<uv_async_t>) {
        state.withLock { state in
            guard state.isOpen else { return }
            state.wantsStop = true
            state.wake(handle)
        }
    }

    /// Moves the queued work into `target`, in order; returns whether the loop must end.
    func take(into target: inout ContiguousArray<Work>) -> Bool {
        let (work, wantsStop) = state.withLock { state in
            state.isAwaited = false
            guard !state.work.isEmpty else { return (ContiguousArray<Work>(), state.wantsStop) }
            let work = state.work
            state.work = []
            return (work, state.wantsStop)
        }
        if !work.isEmpty { target.append(contentsOf: work) }
        return wantsStop
    }

    /// Refuses work from now on, unless work has come: then nothing changes and this returns false.
    func closeIfEmpty() -> Bool {
        state.withLock { state in
            guard state.work.isEmpty else { return false }
            state.isOpen = false
            return true
        }
    }
}
