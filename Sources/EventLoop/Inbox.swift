internal import CLibuv
internal import Threads

/// Something to run on the loop.
enum Work: Sendable {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// What other threads want of a loop: the one place where threads meet.
///
/// libuv's handle is signalled under the lock, so that it cannot be closed meanwhile, and once for all that is queued
/// until the loop looks: each signal is a system call.
struct Inbox {
    private struct State {
        var work: ContiguousArray<Work> = []
        var wantsStop = false
        var isAwaited = false
        var isOpen = true

        /// uv_async_send is the one function of libuv that other threads may call.
        mutating func wake(_ handle: UnsafeMutablePointer<uv_async_t>) {
            guard !isAwaited else { return }
            isAwaited = true
            uv_async_send(handle)
        }
    }

    private let state = Locked(State())

    /// Queues work. After the loop's end it is dropped.
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

    /// Moves what is queued into `target`, in order; answers whether the loop is to end.
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

    /// Refuses work from now on, unless some has come: then nothing changes and the answer is false.
    func closeIfEmpty() -> Bool {
        state.withLock { state in
            guard state.work.isEmpty else { return false }
            state.isOpen = false
            return true
        }
    }
}
