internal import CLibuv

extension EventLoop {
    /// Runs `body` on the loop, from any thread; from the loop's own thread later in the same turn. Keeps the order of
    /// all work that the same thread queues.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        post(.body(body))
    }

    /// Takes a job of an actor on this loop. A job queued on the loop's thread costs no lock and no system call.
    public func enqueue(_ job: consuming ExecutorJob) {
        post(.job(UnownedJob(job)))
    }

    /// Answers `assumeIsolated` and `preconditionIsolated` where Swift does not know the executor, as in a callback.
    public func checkIsolated() {
        precondition(isCurrent, "EventLoop \(name): not on the loop's thread")
    }

    /// Whether the caller is on the loop's thread, in an actor's job or not.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `body` later in this turn, outside the call that caused it. Loop only.
    func runLater(_ body: @escaping () -> Void) {
        assertCurrent()
        // Sendable: queued and run by this thread.
        nonisolated(unsafe) let body = body
        localWork.append(.body { body() })
    }

    private func post(_ work: Work) {
        if isCurrent {
            localWork.append(work)
        } else {
            inbox.post(work, waking: internals.wakeup)
        }
    }
}
